"""Finding something by typing: results as it is typed, and the quick tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bookwish_desk.db import lookup
from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.text import holds_card_number
from bookwish_desk.ui.found import found_row
from bookwish_desk.ui.searching import look_for
from bookwish_desk.ui.sell.state import TileFace

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

CARD = "That looks like a card number. Card numbers are never kept here."


class Searching(Protocol):
    """What a state says of the search that is shown."""

    @property
    def words(self) -> str:
        """Return what was typed."""

    @property
    def searching(self) -> bool:
        """Say whether the answer is still to come."""


class Shows(Protocol):
    """Whoever shows what was found, as `words`, `found` and `searching` of its state."""

    @property
    def state(self) -> Searching:
        """Return what is shown."""

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""


class Finder:
    """The search line and the tiles of the sell screen."""

    def __init__(self, station: Station, screen: Shows) -> None:
        self._station = station
        self._screen = screen
        self._found: tuple[Item, ...] = ()
        self._tiles: tuple[Item, ...] = ()

    def typed(self, words: str) -> None:
        """Search as it is typed; an empty line shows the tiles again. A card number is taken away."""
        if holds_card_number(words):
            self._screen.show(words="", found=(), searching=False, notice=CARD, tone="error")
            return
        if not words.strip():
            self._found = ()
            self._station.lanes.drop("search")
            self._screen.show(words="", found=(), searching=False)
            return
        self._screen.show(words=words, searching=True)
        look_for(
            self._station.lanes,
            words,
            lambda found, whole: self._show_found(words, found, whole),
            latest="search",
        )

    def _show_found(self, words: str, found: tuple[Item, ...], whole: bool) -> bool:
        if self._screen.state.words != words:
            return False
        self._found = found
        store, settings = self._station.lanes.store, self._station.settings
        rows = tuple(found_row(item, store.clock(), settings.money, settings.zone) for item in found)
        self._screen.show(found=rows, searching=not found and not whole)
        return True

    def first(self, words: str) -> Item | None:
        """Return the first result for just these words, if it is there already."""
        shown = self._screen.state.words == words and not self._screen.state.searching
        return self._found[0] if self._found and shown else None

    def result(self, sku: str) -> Item | None:
        """Return a search result."""
        return next((i for i in self._found if i.sku == sku), None)

    def load_tiles(self) -> None:
        """Read the items of the quick tiles."""
        skus = self._station.settings.tiles

        def reading(store: Store) -> tuple[Item, ...]:
            with store.read() as conn:
                return lookup.by_skus(conn, skus)

        self._station.lanes.read(reading, then=self._show_tiles, latest="tiles")

    def _show_tiles(self, found: tuple[Item, ...]) -> None:
        self._tiles = found
        show = self._station.settings.money.show
        faces = (
            TileFace(i.sku, i.title, show(i.price_cents) if i.price_cents is not None else "Open price")
            for i in found
        )
        self._screen.show(tiles=tuple(faces))

    def tile(self, sku: str) -> Item | None:
        """Return the item of a quick tile."""
        return next((i for i in self._tiles if i.sku == sku), None)
