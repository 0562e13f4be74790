"""Counts the orders that have broken a promise, whichever screen is shown, so that the header can say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.ui.station import Stale, Station

EVERY_MS = 5 * 60_000
"""Promises break by the clock: it is looked so often, with no e-mail and no order coming in (IC-25)."""

SOON_MS = 3_000
"""After a change of an order it is looked this much later: work on many orders counts them once."""


class Lateness:
    """Counts late orders by the clock and after changes; `tell` gets their number."""

    def __init__(self, station: Station, tell: Callable[[int], None]) -> None:
        self._station = station
        self._tell = tell
        self._awaited = False
        station.on_change(self._changed)

    def begin(self) -> None:
        """Count now, and again and again."""
        self._read()
        self._station.lanes.later(EVERY_MS, self.begin)

    def _changed(self, nouns: frozenset[str]) -> None:
        if nouns & {"orders", "settings"} and not self._awaited:
            self._awaited = True
            self._station.lanes.later(SOON_MS, self.count)

    def count(self) -> None:
        """Count once more: something has changed a moment ago."""
        self._awaited = False
        self._read()

    def _read(self) -> None:
        self._station.lanes.search(_late, then=self._tell, latest="lateness", lane="figures")


def _late(store: Store, stale: Stale) -> int:
    from bookwish_desk.db import orders
    from bookwish_desk.shop.promises import late_orders

    settings = store.settings
    with store.read(stale) as conn:
        waiting = orders.open_orders(conn)
    return late_orders(waiting, settings.opening, settings.promises, store.clock())
