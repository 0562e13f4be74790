"""Runs the part of the return sheet that takes goods back without a receipt: find the item, then its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import returning, selling
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sold import Disposition
from bookwish_desk.ui.returns.state import ReturnState, found_item
from bookwish_desk.ui.searching import look_for

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class LooseReturn:
    """Finds an item and takes copies of it back at a typed price.

    `state` gives the sheet's state, `show` changes it; `added` gets the sale, `refused` a refusal.
    """

    def __init__(
        self,
        station: Station,
        state: Callable[[], ReturnState],
        show: Callable[..., None],
        added: Callable[[Ringing], None],
        refused: Callable[[ShopError], None],
    ) -> None:
        self.station = station
        self._state = state
        self._show = show
        self._added = added
        self._refused = refused
        self._found: tuple[Item, ...] = ()
        self._item: Item | None = None
        self._line = ""

    def clear(self) -> None:
        """Forget what was found and chosen."""
        self._found, self._item = (), None

    def typed(self, words: str) -> None:
        """Look for items as it is typed."""
        if not words.strip():
            self._found = ()
            self._show(words="", found=())
            return
        self._show(words=words, notice="")
        look_for(
            self.station.lanes,
            words,
            lambda found, _whole: self._show_found(words, found),
            latest="return-search",
        )

    def _show_found(self, words: str, found: tuple[Item, ...]) -> bool:
        if self._state().step != "loose" or self._state().words != words:
            return False
        self._found = found
        show = self.station.settings.money.show
        self._show(found=tuple(found_item(i, show) for i in found))
        return True

    def choose_first(self, words: str) -> bool:
        """Choose the first item found for these words; say whether there was one."""
        if self._found and self._state().words == words:
            self._take(self._found[0])
            return True
        return False

    def choose(self, sku: str) -> None:
        """Choose an item that was found."""
        item = next((i for i in self._found if i.sku == sku), None)
        if item is not None:
            self._take(item)

    def look_up(self, scan: barcode.Scan) -> None:
        """Choose the item of a scanned or typed code."""

        def found(item: Item | None) -> None:
            if self._state().step != "loose":
                return
            if item is None:
                self._show(notice=f"Nothing is known about {scan.code}.", tone="warn")
            else:
                self._take(item)

        self.station.lanes.read(
            lambda store: selling.find(store, scan.code, scan.ean), then=found, latest="return-search"
        )

    def _take(self, item: Item) -> None:
        # The line has its identity from here on: a double click adds it once.
        self._item, self._line = item, new_id()
        self._show(item=found_item(item, self.station.settings.money.plain), words="", found=(), notice="")

    def add_loose(self, price: str, quantity: int, disposition: Disposition, reason: str) -> None:
        """Put the chosen item into the sale as taken back without a receipt. Raises Refused for no amount."""
        if self._item is None:
            return
        cents = self.station.settings.money.read(price)
        item, line = self._item, self._line
        self.station.act(
            lambda store, actor: returning.add_unreceipted(
                store, actor, "", item, quantity, cents, disposition, reason, line
            ),
            then=self._added,
            failed=self._refused,
        )
