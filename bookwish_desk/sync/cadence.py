"""How often the online store is read: each kind of pass at its own pace, which the opening hours set.

Knows when passes ended, not what they do. Every wait is counted from when it began and never longer than it
was: a clock that is put to another time holds nothing up.
"""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.db import passes
from bookwish_desk.db.store import Store
from bookwish_desk.shop.opening_hours import local, open_between
from bookwish_desk.shop.sync_state import PassKind
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.reach import jittered

OPEN_MS = 15_000
CLOSED_MS = 60_000
LIST_MS = 60_000
"""A store that only has lists is not asked for them more often."""
AGAIN_MS = 15 * 60_000
"""Open orders, and the stock, are read anew so often."""
COMPARE_MS = 20 * 3_600_000
COMPARE_LATE_MS = 36 * 3_600_000
"""Everything is compared at night; in the day only when no night came for so long."""
SOON_MS = 2_000
"""What follows a push comes no sooner after the last time."""
RENEW_MS = 10_000
"""With nothing due it is looked so often."""
JITTER = 0.2
DAY_BEGINS, DAY_ENDS = 7, 22
"""Hours between which a shop that told no opening hours counts as open."""


class Cadence:
    """When each kind of pass is due. `lists_only` says that the store has nothing but whole lists."""

    def __init__(
        self,
        books: Books,
        clock: Callable[[], int],
        chance: Callable[[], float],
        lists_only: Callable[[], bool],
    ) -> None:
        self._books = books
        self._clock = clock
        self._chance = chance
        self._lists_only = lists_only
        self._last: dict[str, tuple[int, int]] = {}
        """When each kind ended last, and how long until the next (ms)."""

    def forget(self) -> None:
        """Let everything be due at once."""
        self._last.clear()

    def knows(self, kind: PassKind) -> bool:
        """Say whether a pass of this kind has ended since everything was forgotten."""
        return kind in self._last

    def bring_forward(self, kind: PassKind) -> None:
        """Let a pass be due soon: what was sent may have changed something there."""
        last = self._last.get(kind)
        if last is not None and not self._lists_only():
            self._last[kind] = (last[0], min(last[1], SOON_MS))

    def until(self, kind: PassKind) -> int:
        """Return how long (ms) until a pass is due; a clock that was put back makes it due."""
        now = self._clock()
        if kind == "compare":
            return self._until_compare(now)
        last = self._last.get(kind)
        if last is None:
            return 0
        passed = now - last[0]
        return last[1] - passed if 0 <= passed < last[1] else 0

    def _until_compare(self, now: int) -> int:
        tried = self._last.get("compare")
        if tried is not None and 0 <= now - tried[0] < tried[1]:
            return tried[1] - (now - tried[0])
        last = self._books.read(lambda s: max(_last_of(s, "compare"), _last_of(s, "first")))
        if last > now and tried is not None:
            last = tried[0]  # the clock was put back since
        passed = now - last
        if not 0 <= passed < COMPARE_LATE_MS or (passed >= COMPARE_MS and not self._shop_open()):
            return 0
        return RENEW_MS

    def _shop_open(self) -> bool:
        hours = self._books.read(lambda s: s.settings.opening)
        now = self._clock()
        if not hours.known:
            return DAY_BEGINS <= local(hours, now).hour < DAY_ENDS
        return open_between(hours, now - 1, now) > 0

    def put_off(self, kind: PassKind, *, broken: bool, stopped: bool = False) -> None:
        """Note that a pass has ended, and let the next of its kind wait; one brings others with it.

        `broken` off, it is tried again soon; a first one that a person `stopped` is left to later passes.
        """
        now = self._clock()
        if broken:
            self._last[kind] = (now, jittered(3 if kind == "orders" else 5, self._chance))
            if kind == "first" and stopped:
                self._last["orders"] = self._last["stock"] = (now, self._pace("orders"))
            return
        self._last[kind] = (now, self._pace(kind))
        if kind == "first":
            self._last["orders"] = (now, self._pace("orders"))
            self._last["stock"] = self._last["open"] = (now, self._pace("stock"))
        elif kind == "compare":
            self._last["stock"] = (now, self._pace("stock"))

    def _pace(self, kind: PassKind) -> int:
        if kind == "orders":
            every = OPEN_MS if self._shop_open() else CLOSED_MS
            every = max(every, LIST_MS) if self._lists_only() else every
        elif kind == "first":
            every = LIST_MS
        else:
            every = AGAIN_MS
        return int(every * (1 + JITTER * (2 * self._chance() - 1)))


def _last_of(store: Store, kind: str) -> int:
    with store.read() as conn:
        return passes.last_of(conn, kind)
