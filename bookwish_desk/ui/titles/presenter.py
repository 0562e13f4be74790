"""Runs the title screen: finding a title, showing all that is known of it, and what is done with a copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db import known, people
from bookwish_desk.db.known import Known
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.till import business_date
from bookwish_desk.ui.labels.presenter import Line
from bookwish_desk.ui.misprints.presenter import Misprints
from bookwish_desk.ui.misprints.state import Misprint
from bookwish_desk.ui.sell.finding import Finder
from bookwish_desk.ui.stock.changing import Changing
from bookwish_desk.ui.titles import past, words
from bookwish_desk.ui.titles.state import EVERY, Chosen, HistoryView, Page, SalesView, TitleState, TitleView

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.ui.station import Station

_SHOWN = frozenset({"stock", "items", "titles", "draft", "sale", "settings", "staff"})
"""What the screen shows: it is read anew when a commit touches one of these."""


class _Asked(msgspec.Struct, frozen=True):
    """What is read: the title by its code, and which part of it is looked at."""

    code: str
    page: Page
    cause: str
    of_copy: str


class _Read(msgspec.Struct, frozen=True):
    """A title as it was read: its words, the copies that verbs work on, and which one the code named.

    `cause` and `of_copy` are what was asked for where there is such a thing, else `EVERY`.
    """

    view: TitleView
    copies: dict[str, Item]
    chosen: dict[str, Chosen]
    named: str
    cause: str
    of_copy: str


class TitlesPresenter:
    """Shows one title at a time. `render` gets each state.

    `on_sell` gets the copy that is to be sold, `on_receipt` the receipt to be looked at, `on_labels` what
    labels are wanted of, `on_customer_order` what somebody wants to order. Back goes to the screen that
    opened it.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = TitleState()
        self.render: Callable[[TitleState], None] = lambda _state: None
        self.on_sell: Callable[[Item], None] = lambda _item: None
        self.on_receipt: Callable[[str], None] = lambda _receipt: None
        self.on_labels: Callable[[tuple[Line, ...]], object] = lambda _lines: None
        self.on_customer_order: Callable[[Item], object] = lambda _item: None
        self.finder = Finder(station, self)
        self.forms = Changing(station, self._copy, self._refused, self.pick, self._received)
        self._misprints = Misprints(station)
        self._shown = False
        self._from = "sell"
        self._wanted = ""
        self._page: Page = "copies"
        self._code = ""
        self._read: _Read | None = None
        self._came: dict[str, int] = {}
        station.on_change(self._changed)

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # Coming and going

    def open(self, code: str, came_from: str = "sell") -> None:
        """Show the title of a SKU or an EAN; Back then leads to the screen `came_from`."""
        self._from = came_from
        self._code, self._page, self._read = "", "copies", None
        self.state = TitleState()
        self.pick(code)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Stop taking scans, and leave nothing half typed for the next person."""
        self._shown = False
        self._came = {}
        self.station.release_scans(self)
        self.show(words="", found=(), searching=False, notice="", unknown="", misprint=None)

    def back(self) -> None:
        """Give up a search, else go back to where the title was opened."""
        if self.state.words:
            self.typed("")
        else:
            self.station.show_screen(self._from)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & _SHOWN:
            self._load()

    # Finding

    def typed(self, typed: str) -> None:
        """Look for titles as it is typed; an empty line shows the title again."""
        self.state = replace(self.state, notice="", unknown="")
        self.finder.typed(typed)

    def entered(self, typed: str) -> None:
        """Enter in the search line: show the title of a typed code, else the first that was found."""
        first = self.finder.first(typed)
        if barcode.parse(typed).kind == "other" and first is not None:
            self.pick(first.sku)
        elif typed.strip() and (barcode.parse(typed).kind != "other" or " " not in typed.strip()):
            self.scanned(typed)

    def pick(self, code: str) -> None:
        """Show a title that was found, that a misprinted code meant, or a copy that was added."""
        self._wanted = code
        self.show(words="", found=(), searching=False, notice="", unknown="", misprint=None)
        if self._shown:
            self._load()

    def scanned(self, code: str) -> None:
        """Show the title of a scanned code; one that nobody knows can be added."""
        scan = barcode.parse(code)
        if scan.kind == "receipt":
            self.on_receipt(scan.code)
        elif scan.kind in ("card", "invalid", "held", "badge"):
            said = scan.reason or f"{scan.code} is not the code of a title."
            self.show(notice=said, tone="warn", unknown="")
            if scan.kind == "invalid":
                self._misprints.look_up(scan, self._offer)
        else:
            self.pick(scan.code)

    def _offer(self, misprint: Misprint) -> None:
        if self._shown:
            self.show(misprint=misprint)

    def dismiss(self) -> None:
        """Take the question about a misprinted code away."""
        self.show(misprint=None)

    # Reading

    def _load(self) -> None:
        if not self._wanted:
            return
        state, fresh = self.state, self._wanted != self._code
        part = (EVERY, EVERY) if fresh else (state.cause, state.of_copy)
        asked, settings = _Asked(self._wanted, self._page, *part), self.station.settings
        self.station.lanes.read(
            lambda store: _reading(store, asked, settings),
            then=lambda read: self._arrived(asked, read),
            latest="title",
        )

    def _arrived(self, asked: _Asked, read: _Read | None) -> None:
        if read is None:
            self._nothing(asked.code)
            return
        fresh = asked.code != self._code
        self._code, self._read = asked.code, read
        kept = self.state.chosen.sku if self.state.chosen is not None and not fresh else ""
        self.show(
            view=read.view,
            chosen=read.chosen.get(kept) or read.chosen[read.named],
            page=asked.page,
            cause=read.cause,
            of_copy=read.of_copy,
            classes=tuple((c.code, c.label) for c in self.station.settings.tax.classes),
        )

    def _nothing(self, code: str) -> None:
        """Say that nothing is known; the title that is shown stays, unless it is that one."""
        if code == self._code:
            self._code, self._wanted, self._read = "", "", None
            self.show(view=None, chosen=None, notice="This title is no longer known.", tone="warn")
        else:
            self._wanted = self._code
            self.show(notice=f"Nothing is known about {code}.", tone="warn", unknown=code)

    # What is looked at

    def show_page(self, page: Page) -> None:
        """Go to the copies, the history of the stock, or the sales, once they are read."""
        self._page = page
        self._load()

    def filter_history(self, cause: str, of_copy: str) -> None:
        """List movements of one cause and one copy; `EVERY` leaves nothing out."""
        self.show(cause=cause or EVERY, of_copy=of_copy or EVERY)
        self._load()

    def choose(self, sku: str) -> None:
        """Let the verbs work on this copy."""
        if self._read is not None and sku in self._read.chosen:
            self.show(chosen=self._read.chosen[sku])

    def _copy(self, sku: str) -> Item | None:
        return self._read.copies.get(sku) if self._read is not None else None

    # Verbs

    def sell(self) -> None:
        """Add the chosen copy to the sale."""
        item = self._copy(self.state.chosen.sku) if self.state.chosen is not None else None
        if item is not None:
            self.on_sell(item)

    def order_for_customer(self) -> None:
        """Ask for an order of the chosen copy: for somebody who collects it later or gets it sent."""
        item = self._copy(self.state.chosen.sku) if self.state.chosen is not None else None
        if item is not None:
            self.on_customer_order(item)

    def print_labels(self) -> None:
        """Ask for labels of the chosen copy: of as many as came last, else of all that are on hand."""
        item = self._copy(self.state.chosen.sku) if self.state.chosen is not None else None
        if item is not None:
            self.on_labels(((item, self._came.get(item.sku)),))

    def _received(self, sku: str, copies: int) -> None:
        """Offer labels for the copies that came, where there is a printer for them."""
        self._came[sku] = copies
        if self.station.settings.device_for("labels", self.station.register) is None:
            return

        def found(item: Item | None) -> None:
            if item is not None:
                self.on_labels(((item, copies),))

        def ask() -> None:
            self.station.lanes.read(lambda store: selling.find(store, sku), then=found)

        self.station.offer(f"{words.counted(copies)} received.", "Print labels", ask)

    def open_receipt(self, receipt: str) -> None:
        """Look at the sale of a receipt."""
        if receipt:
            self.on_receipt(receipt)

    def _refused(self, error: ShopError) -> None:
        self.show(notice=error.message, tone="warn", unknown="")


def _reading(store: Store, asked: _Asked, settings: Settings) -> _Read | None:
    with store.read() as conn:
        found = known.about(conn, asked.code, barcode.parse(asked.code).ean)
        if found is None:
            return None
        view = _view(found, store.clock(), settings)
        cause, of_copy = asked.cause, asked.of_copy
        if asked.page == "history":
            cause, of_copy, history = _history(conn, asked, found.copies, settings)
            view = replace(view, history=history)
        elif asked.page == "sales":
            view = replace(view, sales=_sales(conn, store.clock(), found.copies, settings))
    ean = found.item.title_ean
    proposed = stocking.proposed_skus(store, ean) if ean is not None else {}
    several = len(found.copies) > 1
    return _Read(
        view=view,
        copies={c.sku: c for c in found.copies},
        chosen={c.sku: words.chosen(c, several, proposed, settings) for c in found.copies},
        named=found.item.sku,
        cause=cause,
        of_copy=of_copy,
    )


def _view(found: Known, at: int, settings: Settings) -> TitleView:
    on_the_wall = datetime.fromtimestamp(at / 1000, ZoneInfo(settings.zone)).date().isoformat()
    return TitleView(
        head=words.head(found),
        marks=words.marks(found, at, on_the_wall, settings),
        facts=words.facts(found, settings),
        copies=words.copy_rows(found.copies, settings),
        waiting=words.waiting(found, settings),
    )


def _history(
    conn: Connection, asked: _Asked, copies: tuple[Item, ...], settings: Settings
) -> tuple[str, str, HistoryView]:
    """Return movements, and by which cause and copy: a copy that did not move for a cause shows them all."""
    skus = [c.sku for c in copies]
    of_copy = asked.of_copy if asked.of_copy in skus else EVERY
    looked_at = skus if of_copy == EVERY else [of_copy]
    sums = known.sums(conn, looked_at)
    cause = asked.cause if asked.cause in {s.cause for s in sums} else EVERY
    moves = known.movements(conn, looked_at, "" if cause == EVERY else cause)
    return cause, of_copy, past.history(moves, sums, copies, _names(conn), settings)


def _sales(conn: Connection, at: int, copies: tuple[Item, ...], settings: Settings) -> SalesView:
    today, skus = business_date(at, settings.zone, settings.cutoff_hour), [c.sku for c in copies]
    by_day = known.sold_by_day(conn, skus, past.first_day(today))
    return past.sales(by_day, known.last_sold(conn, skus), copies, _names(conn), today, settings)


def _names(conn: Connection) -> dict[str, str]:
    return {p.id: p.name for p in people.staff(conn, left=True)}
