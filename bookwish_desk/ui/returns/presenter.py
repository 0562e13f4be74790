"""Runs the return sheet: a receipt or none, what comes back of it, and into the sale with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import returning
from bookwish_desk.actions.returning import Part, Returning
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.shop import barcode, sold
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.sold import Disposition, Returnable
from bookwish_desk.ui.returns.loose import LooseReturn
from bookwish_desk.ui.returns.state import Coming, LineRow, ReturnState, Step

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ReturnPresenter:
    """Takes goods back into the sale on this register.

    `render` gets each state, `on_added` the sale with what came back in it: show that and its refund.
    `loose` runs what has no receipt.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ReturnState()
        self.render: Callable[[ReturnState], None] = lambda _state: None
        self.on_added: Callable[[Ringing], None] = lambda _ringing: None
        self._receipt: Returning | None = None
        self.loose = LooseReturn(station, lambda: self.state, self._show, self._added, self._refused)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def _refused(self, error: ShopError) -> None:
        if self.state.step == "closed":
            self.station.say(error.message, "error")
        else:
            self._show(notice=error.message, tone="error")

    # Opening and closing

    def open(self, receipt: str = "") -> None:
        """Ask for a receipt, or show the one that was scanned or chosen already."""
        self.station.own_scans(self)
        self._begin("receipt")
        if receipt:
            self.find(receipt)

    def close(self) -> None:
        """Put the sheet away; nothing that was chosen but not taken back is kept."""
        self.station.release_scans(self)
        if self.state.step != "closed":
            self.state = ReturnState()
            self.render(self.state)

    def scanned(self, code: str) -> None:
        """Take a scanned receipt, or count a scanned book of the open receipt as one copy back."""
        scan = barcode.parse(code)
        if scan.kind == "receipt":
            self.find(scan.code)
        elif scan.kind in ("card", "invalid", "badge", "held"):
            self._show(notice=scan.reason or "Scan a receipt or a book.", tone="warn")
        elif self.state.step == "lines":
            self._count_up(scan.code)
        elif self.state.step == "loose":
            self.loose.look_up(scan)
        else:
            self._show(notice="Scan the receipt first, or take it back without one.", tone="warn")

    def _count_up(self, code: str) -> None:
        backs = self._receipt.lines if self._receipt else ()
        same = [b.line.no for b in backs if code in (b.line.sku, str(b.line.ean))]
        rows = [x for x in self.state.lines if x.no in same]
        if not rows:
            self._show(notice="That was not sold on this receipt.", tone="warn")
            return
        row = next((x for x in rows if x.coming.quantity < x.left), rows[0])
        self.choose_line(row.no)
        if row.coming.quantity < row.left:
            self.set_copies(row.coming.quantity + 1)
        else:
            self._show(notice=f"No more copies of {row.title} can come back.", tone="warn")

    # Against a receipt

    def find(self, receipt: str) -> None:
        """Open a receipt by what was typed or scanned."""
        actor = self.station.actor
        self.station.lanes.read(
            lambda store: returning.start(store, actor, receipt),
            then=self._opened,
            failed=self._not_found,
            latest="return",
        )

    def _not_found(self, error: ShopError) -> None:
        if self.state.step != "closed":
            self._show(step="receipt", lines=(), notice=error.message, tone="warn")

    def _opened(self, found: Returning) -> None:
        if self.state.step == "closed":
            return
        self._receipt = found
        sale, settings = found.sale, self.station.settings
        when = moment(sale.completed_at, settings.zone, settings.locale)
        customer = sale.customer.name if sale.customer else ""
        late = f"This receipt is {found.days} days old. Returns are for {settings.return_days} days."
        before = {r.of_line: Coming(r.quantity, r.disposition, r.reason) for r in found.chosen}
        rows = tuple(_row(b, before.get(b.line.no, Coming())) for b in found.lines)
        first = next((x.no for x in rows if x.left), rows[0].no)
        self.state = ReturnState(
            step="lines",
            heading=f"Receipt {sale.receipt}",
            details=" · ".join(
                w
                for w in (when, found.clerk, customer, self.station.settings.money.show(sale.paid_cents))
                if w
            ),
            late=late if found.late else "",
            lines=rows,
            selected=first,
        )
        if not any(x.left for x in rows):
            self.state = replace(self.state, notice="Everything on this receipt came back.", tone="warn")
        self._weigh()

    def _weigh(self, **changes: object) -> None:
        """Show what the chosen copies are worth, line by line and together."""
        total, rows = 0, []
        for row in self.state.lines:
            worth = self._worth(row)
            total += worth
            rows.append(
                replace(row, worth=self.station.settings.money.show(worth) if row.coming.quantity else "")
            )
        chosen = any(r.coming.quantity for r in rows)
        self._show(
            lines=tuple(rows), refund=self.station.settings.money.show(total) if chosen else "", **changes
        )

    def _worth(self, row: LineRow) -> int:
        if self._receipt is None or not row.coming.quantity:
            return 0
        back = next(b for b in self._receipt.lines if b.line.no == row.no)
        mode = self.station.settings.tax.mode
        return sold.return_line(
            self._receipt.sale, back, row.coming.quantity, "restock", "", mode=mode
        ).total_cents

    def choose_line(self, no: int) -> None:
        """Choose the line that the controls below work on."""
        if no != self.state.selected:
            self._show(selected=no)

    def set_copies(self, quantity: int) -> None:
        """Say how many copies of the chosen line come back."""
        row = self.state.line
        if row is not None:
            kept = min(max(0, quantity), row.left)
            self._change(row.no, replace(row.coming, quantity=kept))

    def set_disposition(self, disposition: Disposition) -> None:
        """Say whether the chosen line goes back to the shelf or is damaged."""
        row = self.state.line
        if row is not None:
            self._change(row.no, replace(row.coming, disposition=disposition))

    def set_reason(self, reason: str) -> None:
        """Write down why the chosen line comes back."""
        row = self.state.line
        if row is not None and reason != row.coming.reason:
            self._change(row.no, replace(row.coming, reason=reason))

    def return_all(self) -> None:
        """Choose every copy that is left."""
        rows = tuple(replace(x, coming=replace(x.coming, quantity=x.left)) for x in self.state.lines)
        self.state = replace(self.state, lines=rows)
        self._weigh(notice="")

    def _change(self, no: int, coming: Coming) -> None:
        rows = tuple(replace(x, coming=coming) if x.no == no else x for x in self.state.lines)
        self.state = replace(self.state, lines=rows)
        self._weigh(notice="")

    def take_back(self) -> None:
        """Put what was chosen into the sale on the register; lines set to none are taken out of it."""
        found = self._receipt
        if found is None or not (self.state.refund or found.chosen):
            return
        parts = tuple(
            Part(x.no, x.coming.quantity, x.coming.disposition, x.coming.reason)
            for x in self.state.lines
            if x.coming.quantity or any(r.of_line == x.no for r in found.chosen)
        )
        self.station.act(
            lambda store, actor: returning.add_all(store, actor, "", found.sale.id, parts),
            then=self._added,
            failed=self._refused,
        )

    def _added(self, ringing: Ringing) -> None:
        self.close()
        self.on_added(ringing)

    # Without a receipt

    def go_loose(self) -> None:
        """Take goods back without a receipt: find the item first."""
        self._begin("loose")

    def back_to_receipt(self) -> None:
        """Ask for a receipt after all, or for another one."""
        self._begin("receipt")

    def _begin(self, step: Step) -> None:
        self._receipt = None
        self.loose.clear()
        self.state = ReturnState(step=step)
        self.render(self.state)

    def entered(self, words: str) -> None:
        """Enter in the search line: open a typed receipt, take a typed code or the first item found."""
        scan = barcode.parse(words)
        if scan.kind == "receipt":
            self.find(scan.code)
        elif words.strip() and not self.loose.choose_first(words):
            self.loose.look_up(scan)


def _row(back: Returnable, coming: Coming) -> LineRow:
    x = back.line
    facts = [x.detail, f"{back.returned} came back before" if back.returned else ""]
    return LineRow(
        no=x.no,
        title=x.title,
        details=" · ".join(f for f in facts if f),
        sold=x.quantity,
        left=back.left,
        worth="",
        coming=replace(coming, quantity=min(coming.quantity, back.left)),
    )
