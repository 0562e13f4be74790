"""Looks the books up that a misprinted code may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.db import lookup
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.item import Item
from bookwish_desk.ui.misprints.state import Misprint, misprint

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

Found = tuple[tuple[barcode.Scan, ...], tuple[Item, ...]]


class Misprints:
    """Asks which book a code that does not fit is; nothing is taken until a person says so."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._found: dict[str, Item] = {}

    def look_up(self, scan: barcode.Scan, asked: Callable[[Misprint], None]) -> None:
        """Look up what one other digit would make of an invalid code; where that exists, call `asked`."""
        digits = scan.code

        def reading(store: Store) -> Found:
            corrected = barcode.corrections(digits)
            if not corrected:
                return (), ()
            with store.read() as conn:
                return corrected, lookup.by_eans(conn, [c.ean for c in corrected if c.ean is not None])

        def read(answer: Found) -> None:
            corrected, found = answer
            if found:
                self._found = {item.sku: item for item in found}
                asked(misprint(digits, corrected, found, self._station.settings.money.show))

        self._station.lanes.read(reading, then=read, latest="misprint")

    def item(self, sku: str) -> Item | None:
        """Return one of the books that were offered last."""
        return self._found.get(sku)
