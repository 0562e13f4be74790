"""What is done with many parcels one after the other: asking for prices, leaving labels. No Qt here."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.ui.pacing import Pump

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

log = logging.getLogger(__name__)
T = TypeVar("T")


class OneByOne(Generic[T]):
    """Does one action for each key: what fails is told and leaves the others done.

    `did(key, value)` and `failed(key, words)` come for each, `ended()` last.
    """

    def __init__(
        self,
        station: Station,
        did: Callable[[str, T], object],
        failed: Callable[[str, str], object],
        ended: Callable[[], object],
    ) -> None:
        self._station = station
        self._did, self._failed, self._ended = did, failed, ended
        self._waiting: deque[tuple[str, Callable[[Store], Outcome[T]]]] = deque()
        self._pump = Pump(self._begin)
        self.running = False

    @property
    def left(self) -> int:
        """Return how many have not been begun."""
        return len(self._waiting)

    def begin(self, actions: Sequence[tuple[str, Callable[[Store], Outcome[T]]]]) -> None:
        """Do these, in this order."""
        self._waiting = deque(actions)
        self.running = True
        self._pump.go()

    def stop(self) -> None:
        """Begin no further one; those done stay done."""
        self._waiting.clear()

    def _begin(self) -> bool:
        if not self._waiting:
            if self.running:
                self.running = False
                self._ended()
            return False
        key, act = self._waiting.popleft()

        def guarded(store: Store) -> Outcome[T]:
            try:
                return act(store)
            except ShopError:
                raise
            except Exception as fault:  # a fault of the program is this parcel's and not that of all
                log.error("event=bug many_labels=%s", key, exc_info=fault)
                raise Refused("bug", "Something went wrong with this parcel. Nothing was changed.") from fault

        def done(value: T) -> None:
            self._did(key, value)
            self._pump.go()

        def failed(error: ShopError) -> None:
            self._failed(key, error.message)
            self._pump.go()

        self._station.lanes.act(guarded, then=done, failed=failed)
        return True
