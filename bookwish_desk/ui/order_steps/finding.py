"""Finds a title for an order: by words, by a scan, or among what is like another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import selling
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.ui.found import found_row
from bookwish_desk.ui.order_steps.state import Finding
from bookwish_desk.ui.searching import look_for

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Stale, Station

NO_ITEM = ("card", "invalid", "receipt", "held", "badge")


class TitleSearch:
    """The search inside a form. `changed` is called with each answer, `picked` with what was taken.

    `latest` is the name of its reads: a newer one makes older ones moot.
    """

    def __init__(
        self, station: Station, changed: Callable[[], None], picked: Callable[[Item], None], latest: str
    ) -> None:
        self._latest = latest
        self._station = station
        self._changed = changed
        self._on_picked = picked
        self._like = ""
        self._items: dict[str, Item] = {}
        self.item: Item | None = None
        self.state = Finding()

    def propose(self, line: OrderLine | None) -> None:
        """Propose other copies of a line's title, and titles of its author, series and subject (BW-31)."""
        if line is None or self._like == line.sku:
            return
        self._like = line.sku
        wanted = line

        def near(store: Store, stale: Stale) -> tuple[Item, ...]:
            from bookwish_desk.db import lookup, similar

            with store.read(stale) as conn:
                item = lookup.find(conn, wanted.sku, wanted.ean)
                like = item or Item(wanted.sku, wanted.title, ean=wanted.ean, authors=wanted.detail)
                return similar.near(conn, like)

        def further(store: Store, stale: Stale) -> tuple[Item, ...]:
            from bookwish_desk.db import lookup, similar

            with store.read(stale) as conn:
                item = lookup.find(conn, wanted.sku, wanted.ean)
                return similar.of_subject(conn, item) if item else ()

        def more(found: tuple[Item, ...]) -> None:
            if not self.state.words and self._like == wanted.sku:
                have = tuple(self._items.values())
                self._show(have + tuple(i for i in found if i.sku not in self._items))

        def first(found: tuple[Item, ...]) -> None:
            if not self.state.words and self._like == wanted.sku:
                self._show(found)
                self._station.lanes.search(further, then=more, latest=self._latest, lane="deep")

        self._station.lanes.search(near, then=first, latest=self._latest, lane="deep")

    def typed(self, words: str) -> None:
        """Look for a title as it is typed; an empty line proposes again."""
        self.state = replace(self.state, words=words, searching=bool(words.strip()))
        if not words.strip():
            self._like = ""
            self._changed()
            return
        self._changed()

        def found(items: tuple[Item, ...], whole: bool) -> bool:
            if self.state.words != words:
                return False
            self.state = replace(self.state, searching=not items and not whole)
            self._show(items)
            return True

        look_for(self._station.lanes, words, found, latest=self._latest)

    def _show(self, items: tuple[Item, ...]) -> None:
        at, settings = self._station.lanes.store.clock(), self._station.settings
        self._items = {i.sku: i for i in items}
        rows = tuple(found_row(i, at, settings.money, settings.zone) for i in items)
        self.state = replace(self.state, rows=rows)
        self._changed()

    def pick(self, sku: str) -> None:
        """Take one of those found."""
        item = self._items.get(sku)
        if item is not None:
            self._take(item)

    def first(self, words: str) -> Item | None:
        """Return the first of what was found for just these words, if it is there already."""
        there = self.state.words == words and not self.state.searching
        return next(iter(self._items.values()), None) if there and words.strip() else None

    def clear(self) -> None:
        """Forget what was typed and found."""
        self._station.lanes.drop(self._latest)
        self._items, self._like = {}, ""
        self.state = Finding()

    def entered(self, words: str) -> None:
        """Take a typed code at once; words only look."""
        if words.strip() and barcode.parse(words).kind != "other":
            self.scanned(words, lambda _sentence: None)

    def scanned(self, code: str, unknown: Callable[[str], None]) -> None:
        """Take what a code names; `unknown` gets a sentence where that is nothing."""
        scan = barcode.parse(code)
        if scan.kind in NO_ITEM:
            unknown(scan.reason or f"{scan.code} is not the code of an item.")
            return

        def found(item: Item | None) -> None:
            if item is None:
                unknown(f"Nothing is known about {scan.code}.")
            else:
                self._take(item)

        self._station.lanes.read(lambda store: selling.find(store, scan.code, scan.ean), then=found)

    def _take(self, item: Item) -> None:
        self.item = item
        words = item.copy_words
        self.state = replace(self.state, picked=f"{item.title} ({words})" if words else item.title)
        self._on_picked(item)
