"""Runs the sales screen: finding past sales, looking at one, printing it again, taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import reprinting
from bookwish_desk.actions.people import name_of, register_name
from bookwish_desk.db import outbox, people, sales
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.sales import SaleRow
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.sold import Sale, returnable
from bookwish_desk.ui.sales.state import (
    KINDS,
    GiftLine,
    ListRow,
    Page,
    SaleDetail,
    SalesState,
    paper,
)

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_NOT_PRINTED = ("failed", "expired", "unknown")


class SalesPresenter:
    """Shows past sales. `render` gets each state; `on_return` a receipt of which something comes back.

    `on_email` gets a receipt that is to go out by e-mail, and to which address by the look of it.

    `on_page` is told which page is in front: "" when the screen is left.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = SalesState()
        self.render: Callable[[SalesState], None] = lambda _state: None
        self.on_return: Callable[[str], None] = lambda _receipt: None
        self.on_email: Callable[[str, str], None] = lambda _receipt, _address: None
        self.on_page: Callable[[Page | None], None] = lambda _page: None
        self._shown = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()
        self.on_page(self.state.page)

    def hidden(self) -> None:
        """Stop taking scans, and go back to the list for the next person."""
        self._shown = False
        self.station.release_scans(self)
        self.state = replace(self.state, page="list", notice="")
        self.render(self.state)
        self.on_page(None)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"sale", "outbox"}:
            self._load()

    def show_page(self, page: Page) -> None:
        """Go to the list of sales, the print jobs or the activity log."""
        self._show(page=page, notice="")
        self.on_page(page)

    def count_jobs(self, count: int) -> None:
        """Show how many print jobs are open."""
        if count != self.state.jobs:
            self._show(jobs=count)

    # The list

    def typed(self, words: str) -> None:
        """Look for sales as it is typed; an empty line lists the latest."""
        self._show(words=words, notice="")
        self._load()

    def entered(self, words: str) -> None:
        """Enter in the search line: open a typed receipt number, else look for the words."""
        if barcode.parse(words).kind == "receipt":
            self.open(barcode.parse(words).code)
        else:
            self.typed(words)

    def scanned(self, code: str) -> None:
        """Open a scanned receipt, or list the sales of a scanned book."""
        scan = barcode.parse(code)
        if scan.kind in ("card", "invalid", "badge", "held"):
            self._show(notice=scan.reason or "Scan a receipt or a book.", tone="warn")
        elif scan.kind == "receipt":
            self.open(scan.code)
        else:
            self._show(page="list")
            self.on_page("list")
            self.typed(scan.code)

    def open(self, receipt: str) -> None:
        """Show one sale by its receipt number, whatever was listed before."""
        self.state = replace(self.state, page="list", words=receipt, selected=receipt, notice="")
        self.on_page("list")
        self._load(missing=f"Receipt {receipt} is not in this shop's books.")

    def _load(self, missing: str = "") -> None:
        words, settings = self.state.words, self.station.settings
        register = self.station.register

        def reading(store: Store) -> tuple[ListRow, ...]:
            with store.read() as conn:
                names = {p.id: p.name for p in people.staff(conn, left=True)}
                jobs = outbox.unfinished(conn, register)
                receipts = (j for j in jobs if j.kind == "receipt" and j.state in _NOT_PRINTED)
                wrong = {j.ref: reprinting.job_badge(j) for j in receipts}
                found = sales.recent(conn, words)
                return tuple(_row(r, names, wrong, settings) for r in found)

        self.station.lanes.read(reading, then=lambda rows: self._listed(words, rows, missing), latest="sales")

    def _listed(self, words: str, rows: tuple[ListRow, ...], missing: str) -> None:
        if words != self.state.words:
            return
        kept = any(r.receipt == self.state.selected for r in rows)
        selected = self.state.selected if kept else rows[0].receipt if rows else ""
        notice = missing if missing and not rows else self.state.notice
        self._show(rows=rows, selected=selected, notice=notice)
        self._load_detail()

    # One sale

    def choose(self, receipt: str) -> None:
        """Look at one of the listed sales."""
        if receipt != self.state.selected:
            self._show(selected=receipt, notice="")
            self._load_detail()

    def _load_detail(self) -> None:
        receipt = self.state.selected
        if not receipt:
            self._show(detail=None)
            return
        self.station.lanes.read(
            lambda store: self._read_detail(store, receipt), then=self._detailed, latest="sale"
        )

    def _read_detail(self, store: Store, receipt: str) -> SaleDetail | None:
        settings = store.settings
        with store.read() as conn:
            sale = sales.by_receipt(conn, receipt)
            if sale is None:
                return None
            returned = sales.returned(conn, sale.id)
            job = outbox.latest(conn, receipt, "receipt")
            clerk, register = name_of(conn, sale.staff), register_name(conn, sale.register)
        return SaleDetail(
            receipt=receipt,
            heading=f"{KINDS[sale.kind]} {receipt}",
            paper=paper(sale, returned, clerk, register, settings.money, settings.zone),
            gifts=_gifts(sale),
            can_return=any(b.left for b in returnable(sale, returned)),
            printing=_printing(job, settings.devices),
            can_email=bool(settings.mail.host),
            email=sale.customer.email if sale.customer else "",
        )

    def _detailed(self, detail: SaleDetail | None) -> None:
        if detail is None or detail.receipt == self.state.selected:
            self._show(detail=detail)

    # What is done with it

    def reprint(self) -> None:
        """Print the receipt of the chosen sale again."""
        receipt = self.state.selected
        if receipt:
            self.station.act(
                lambda store, actor: reprinting.reprint(store, actor, receipt),
                then=lambda _job: self.station.say(f"Receipt {receipt} is being printed."),
                failed=self._refused,
            )

    def gift(self, lines: tuple[int, ...] = ()) -> None:
        """Print a gift receipt of the chosen sale: for these lines, or for all of them."""
        receipt = self.state.selected
        if receipt:
            self.station.act(
                lambda store, actor: reprinting.gift(store, actor, receipt, lines or None),
                then=lambda _job: self.station.say(f"Gift receipt {receipt} is being printed."),
                failed=self._refused,
            )

    def ask_email(self) -> None:
        """Ask to which address the receipt of the chosen sale goes; the customer's is proposed."""
        detail = self.state.detail
        if detail is not None and detail.can_email:
            self.on_email(detail.receipt, detail.email)

    def ask_return(self) -> None:
        """Take something of the chosen sale back."""
        if self.state.detail is not None and self.state.detail.can_return:
            self.on_return(self.state.selected)

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="warn")


def _row(row: SaleRow, names: Mapping[str, str], unprinted: Mapping[str, str], settings: Settings) -> ListRow:
    copies = f"{abs(row.units)} {'copy' if abs(row.units) == 1 else 'copies'}" if row.units else ""
    when = moment(row.completed_at, settings.zone, settings.locale)
    wrong = unprinted.get(row.receipt, "")
    return ListRow(
        receipt=row.receipt,
        title=row.first_title,
        details=" · ".join(f for f in (when, names.get(row.staff, ""), copies, row.customer) if f),
        amount=settings.money.show(row.paid_cents),
        badge=wrong or ("" if row.kind == "sale" else KINDS[row.kind]),
        wrong=bool(wrong),
    )


def _printing(job: Job | None, devices: tuple[Device, ...]) -> str:
    return reprinting.job_words(job, devices) if job is not None and job.state in _NOT_PRINTED else ""


def _gifts(sale: Sale) -> tuple[GiftLine, ...]:
    return tuple(
        GiftLine(x.no, x.title if x.quantity == 1 else f"{x.quantity} x {x.title}")
        for x in sale.lines
        if x.quantity > 0
    )
