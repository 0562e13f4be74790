"""Runs the stock screen: finding items, adjusting and counting their stock, editing and adding them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import selling
from bookwish_desk.db import items, people, stock
from bookwish_desk.db.stock import StockCounts
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.ui.labels.presenter import Line
from bookwish_desk.ui.misprints.presenter import Misprints
from bookwish_desk.ui.misprints.state import Misprint
from bookwish_desk.ui.searching import look_for
from bookwish_desk.ui.stock.changing import Changing
from bookwish_desk.ui.stock.state import ItemDetail, ItemForm, Listing, StockState, detail, stock_row

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_MOST_FOUND = 100


class StockPresenter:
    """Shows and changes what the shop has. `render` gets each state, `on_title` the SKU to be shown."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = StockState()
        self.render: Callable[[StockState], None] = lambda _state: None
        self.on_title: Callable[[str], None] = lambda _sku: None
        self._shown = False
        self._items: dict[str, Item] = {}
        self._scan: barcode.Scan | None = None
        self._misprints = Misprints(station)
        self._changing = Changing(station, self._item, self._refused, self._added)
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Stop taking scans."""
        self._shown = False
        self.station.release_scans(self)
        self._show(notice="", unknown="", misprint=None)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"stock", "items", "titles", "settings"}:
            self._load()

    # Lists

    def show_list(self, listing: Listing) -> None:
        """List what was found, what is low, what is out, or what waits to be described."""
        self.state = replace(self.state, listing=listing, notice="", unknown="")
        self._load()

    def typed(self, words: str) -> None:
        """Look for items as it is typed; an empty line lists what moved last."""
        self._scan = None
        self.state = replace(self.state, listing="found", words=words, notice="", unknown="")
        self._load()

    def entered(self, words: str) -> None:
        """Enter in the search line: show the item of a typed code, else look for the words."""
        if words.strip() and barcode.parse(words).kind != "other":
            self.scanned(words)
        else:
            self.typed(words)

    def _load(self) -> None:
        listing, words, limit = self.state.listing, self.state.words, self.station.settings.low_stock
        scan, lanes = self._scan, self.station.lanes

        def reading(store: Store) -> tuple[Item, ...]:
            with store.read() as conn:
                if listing == "low":
                    return items.low_stock(conn, limit)
                if listing == "out":
                    return items.out_of_stock(conn)
                if listing == "to_catalogue":
                    return items.to_catalogue(conn)
                if scan is None:
                    return stock.moved_last(conn)
                item = items.find(conn, scan.code, scan.ean)
                return (item,) if item is not None else ()

        def counting(store: Store) -> StockCounts:
            with store.read() as conn:
                return stock.counts(conn, limit)

        def listed(found: tuple[Item, ...]) -> None:
            self._listed(listing, words, found)

        lanes.read(counting, then=self._counted, latest="stock-counts")
        if listing == "found" and scan is None and words.strip():
            look_for(
                lanes, words, lambda f, _: self._listed(listing, words, f), latest="stock", limit=_MOST_FOUND
            )
        else:
            lanes.read(reading, then=listed, latest="stock")

    def _counted(self, counts: StockCounts) -> None:
        self._show(low=counts.low, out=counts.out, to_catalogue=counts.to_catalogue)

    def _listed(self, listing: Listing, words: str, found: tuple[Item, ...]) -> bool:
        if (listing, words) != (self.state.listing, self.state.words):
            return False
        self._items = {i.sku: i for i in found}
        show = self.station.settings.money.show
        selected = self.state.selected
        if selected not in self._items:
            selected = found[0].sku if found else ""
        self._show(
            rows=tuple(stock_row(i, show) for i in found),
            selected=selected,
            classes=tuple((c.code, c.label) for c in self.station.settings.tax.classes),
        )
        self._load_detail()
        return True

    # One item

    def scanned(self, code: str) -> None:
        """Show the item of a scanned code; one that nobody knows can be added."""
        scan = barcode.parse(code)
        if scan.kind in ("card", "invalid", "receipt", "held", "badge"):
            self._show(notice=scan.reason or f"{scan.code} is not the code of an item.", unknown="")
            if scan.kind == "invalid":
                self._misprints.look_up(scan, self._offer)
            return

        def found(item: Item | None) -> None:
            if item is None:
                self._show(notice=f"Nothing is known about {scan.code}.", unknown=scan.code)
            else:
                self._open(scan, item.sku)

        self.station.lanes.read(lambda store: selling.find(store, scan.code, scan.ean), then=found)

    def _offer(self, misprint: Misprint) -> None:
        if self._shown:
            self._show(misprint=misprint)

    def show_corrected(self, sku: str) -> None:
        """Show the book that was chosen for a misprinted code."""
        self.dismiss()
        self._open(barcode.parse(sku), sku)

    def dismiss(self) -> None:
        """Take the question about a misprinted code away."""
        self._show(misprint=None)

    def _open(self, scan: barcode.Scan, sku: str) -> None:
        self._scan = scan
        self.state = replace(
            self.state, listing="found", words=scan.code, selected=sku, notice="", unknown=""
        )
        self._load()

    def choose(self, sku: str) -> None:
        """Look at one of the listed items."""
        if sku != self.state.selected:
            self._show(selected=sku, notice="", unknown="")
            self._load_detail()

    def show_title(self) -> None:
        """Show all that is known of the chosen item."""
        if self.state.selected:
            self.on_title(self.state.selected)

    def label_lines(self) -> tuple[Line, ...]:
        """Return what labels are asked for: the chosen item."""
        item = self._items.get(self.state.selected)
        return ((item, None),) if item is not None else ()

    def _load_detail(self) -> None:
        item, settings = self._items.get(self.state.selected), self.station.settings
        if item is None:
            self._show(detail=None)
            return
        chosen, classes = item, {c.code: c.label for c in settings.tax.classes}

        def reading(store: Store) -> ItemDetail:
            with store.read() as conn:
                names = {p.id: p.name for p in people.staff(conn, left=True)}
                moves = items.stock_history(conn, chosen.sku)
                return detail(chosen, moves, names, classes, settings.money, settings.zone)

        self.station.lanes.read(reading, then=self._detailed, latest="item")

    def _detailed(self, found: ItemDetail) -> None:
        if found.sku == self.state.selected:
            self._show(detail=found)

    # Changes

    def _item(self, sku: str) -> Item | None:
        return self._items.get(sku)

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="warn")

    def _added(self, sku: str) -> None:
        self._open(barcode.parse(sku), sku)

    def adjust(self, by: int, reason: str) -> None:
        """Move the stock of the chosen item."""
        self._show(notice="")
        self._changing.adjust(self.state.selected, by, reason)

    def count(self, counted: int, reason: str) -> None:
        """Set the chosen item to a count."""
        self._show(notice="")
        self._changing.count(self.state.selected, counted, reason)

    def save_item(
        self, form: ItemForm, saved: Callable[[], None], refused: Callable[[str, str], None]
    ) -> None:
        """Write the item of a form, or add a new one; `refused` gets the field that is wrong and why."""
        self._changing.save_item(form, saved, refused)
