"""Notices orders that come in, whichever screen is shown: how many are new, and a sound for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.ui.station import Stale, Station

LANE = "orders"
"""Hundreds of orders take longer to read than a frame: titles are looked for on a lane beside it."""

ENTERED_HERE = frozenset({"counter", "phone", "email"})
"""Orders of these sources are typed in by staff: nobody needs a sound for them."""

SOON_MS = 250
"""After a change of an order it is looked this much later: work on hundreds of orders reads them seldom."""

Fresh = tuple[frozenset[str], frozenset[str]]


class Arrivals:
    """Counts orders that nobody has begun: `tell` gets their number, `sound` is made when one comes."""

    def __init__(self, station: Station, tell: Callable[[int], None], sound: Callable[[], None]) -> None:
        self._station = station
        self._tell = tell
        self._sound = sound
        self._known: frozenset[str] | None = None
        self._awaited = False
        station.on_change(self._changed)

    def begin(self) -> None:
        """Count what is there; that makes no sound."""
        self._read()

    def _changed(self, nouns: frozenset[str]) -> None:
        if "orders" in nouns and self._known is not None and not self._awaited:
            self._awaited = True
            self._station.lanes.later(SOON_MS, self._read)

    def _read(self) -> None:
        self._awaited = False
        self._station.lanes.search(_fresh, then=self._counted, latest="arrivals", lane=LANE)

    def _counted(self, fresh: Fresh) -> None:
        new, sounding = fresh
        before, self._known = self._known, (self._known or frozenset()) | new
        self._tell(len(new))
        if before is not None and sounding - before and self._station.settings.order_sound:
            self._sound()


def _fresh(store: Store, stale: Stale) -> Fresh:
    """Return the ids of the new orders, and of those among them that came from outside."""
    from bookwish_desk.db import orders
    from bookwish_desk.shop.order_queue import queue

    at = store.clock()
    with store.read(stale) as conn:
        new = [o for o in orders.fresh(conn) if queue(o, at) == "new"]
    return frozenset(o.id for o in new), frozenset(o.id for o in new if o.source not in ENTERED_HERE)
