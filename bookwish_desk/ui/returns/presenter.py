"""Runs the return sheet: a receipt or none, what comes back of it, and into the sale with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import returning, selling
from bookwish_desk.actions.returning import Part, Returning
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import items
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode, sold
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.sold import Disposition, Returnable
from bookwish_desk.ui.returns.state import Coming, LineRow, ReturnState, found_item

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ReturnPresenter:
    """Takes goods back into the sale on this register.

    `render` gets each state, `on_added` the sale with what came back in it: show that and its refund.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ReturnState()
        self.render: Callable[[ReturnState], None] = lambda _state: None
        self.on_added: Callable[[Ringing], None] = lambda _ringing: None
        self._receipt: Returning | None = None
        self._found: tuple[Item, ...] = ()
        self._item: Item | None = None
        self._line = ""

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def _money(self, cents: int) -> str:
        return self.station.settings.money.show(cents)

    def _refused(self, error: ShopError) -> None:
        if self.state.step == "closed":
            self.station.say(error.message, "error")
        else:
            self._show(notice=error.message, tone="error")

    # Opening and closing

    def open(self, receipt: str = "") -> None:
        """Ask for a receipt, or show the one that was scanned or chosen already."""
        self._receipt, self._item, self._found = None, None, ()
        self.state = ReturnState(step="receipt")
        self.station.own_scans(self)
        if receipt:
            self.find(receipt)
        else:
            self.render(self.state)

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
            self._look_up(scan)
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
        rows = tuple(self._row(b, before.get(b.line.no, Coming())) for b in found.lines)
        first = next((x.no for x in rows if x.left), rows[0].no)
        self.state = ReturnState(
            step="lines",
            heading=f"Receipt {sale.receipt}",
            details=" · ".join(w for w in (when, found.clerk, customer, self._money(sale.paid_cents)) if w),
            late=late if found.late else "",
            lines=rows,
            selected=first,
        )
        if not any(x.left for x in rows):
            self.state = replace(self.state, notice="Everything on this receipt came back.", tone="warn")
        self._weigh()

    def _row(self, back: Returnable, coming: Coming) -> LineRow:
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

    def _weigh(self, **changes: object) -> None:
        """Show what the chosen copies are worth, line by line and together."""
        total, rows = 0, []
        for row in self.state.lines:
            worth = self._worth(row)
            total += worth
            rows.append(replace(row, worth=self._money(worth) if row.coming.quantity else ""))
        chosen = any(r.coming.quantity for r in rows)
        self._show(lines=tuple(rows), refund=self._money(total) if chosen else "", **changes)

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
        self._receipt, self._item, self._found = None, None, ()
        self.state = ReturnState(step="loose")
        self.render(self.state)

    def back_to_receipt(self) -> None:
        """Ask for the receipt after all."""
        self._receipt = None
        self.state = ReturnState(step="receipt")
        self.render(self.state)

    def typed(self, words: str) -> None:
        """Look for items as it is typed."""
        if not words.strip():
            self._found = ()
            self._show(words="", found=())
            return
        self._show(words=words, notice="")

        def reading(store: Store) -> tuple[Item, ...]:
            with store.read() as conn:
                return items.search(conn, words)

        self.station.lanes.read(reading, then=lambda f: self._show_found(words, f), latest="return-search")

    def _show_found(self, words: str, found: tuple[Item, ...]) -> None:
        if self.state.step == "loose" and self.state.words == words:
            self._found = found
            self._show(found=tuple(found_item(i, self._money) for i in found))

    def entered(self, words: str) -> None:
        """Enter in the search line: take the typed code, or the first result."""
        scan = barcode.parse(words)
        if scan.kind == "receipt":
            self.find(scan.code)
        elif self._found and self.state.words == words:
            self.choose_item(self._found[0].sku)
        elif words.strip():
            self._look_up(scan)

    def _look_up(self, scan: barcode.Scan) -> None:
        self.station.lanes.read(
            lambda store: selling.find(store, scan.code, scan.ean),
            then=lambda item: self._looked_up(scan.code, item),
            latest="return-search",
        )

    def _looked_up(self, code: str, item: Item | None) -> None:
        if self.state.step != "loose":
            return
        if item is None:
            self._show(notice=f"Nothing is known about {code}.", tone="warn")
        else:
            self._take(item)

    def choose_item(self, sku: str) -> None:
        """Choose an item that was found."""
        item = next((i for i in self._found if i.sku == sku), None)
        if item is not None:
            self._take(item)

    def _take(self, item: Item) -> None:
        # The line has its identity from here on: a double click adds it once.
        self._item, self._line = item, new_id()
        self._show(item=found_item(item, self.station.settings.money.plain), words="", found=(), notice="")

    def add_loose(self, price: str, quantity: int, disposition: Disposition, reason: str) -> None:
        """Put the chosen item into the sale as taken back without a receipt. Raises Refused for no amount."""
        item = self._item
        if item is None:
            return
        cents = self.station.settings.money.read(price)
        chosen, line = item, self._line
        self.station.act(
            lambda store, actor: returning.add_unreceipted(
                store, actor, "", chosen, quantity, cents, disposition, reason, line
            ),
            then=self._added,
            failed=self._refused,
        )
