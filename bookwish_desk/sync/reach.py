"""How the online store can be reached just now: what its answers say, and how long to leave it alone.

Nothing is sent here and nothing kept in the books. Several threads may tell it of their replies.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from bookwish_desk.sync.port import Reply

T = TypeVar("T")

FIRST_WAIT_MS = 2_000
MOST_WAIT_MS = 5 * 60_000
LEAST_WAIT_MS = 500
MOST_LIMITED_MS = 60 * 60_000
"""Whatever a server or a jump of the clock says: the store is asked again after an hour."""
FRESH_MS = 5 * 60_000
"""The store's clock is known for so long after it was heard."""
DAY_MS = 24 * 3_600_000
MOST_IN_A_ROW = 3
"""So many different requests that fail one after the other are a fault of the way, not of what was asked."""


def jittered(tries: int, chance: Callable[[], float], most: int = MOST_WAIT_MS) -> int:
    """Return how long to wait (ms) before another try: at random within a span that doubles each time."""
    return LEAST_WAIT_MS + int(min(most, FIRST_WAIT_MS << min(tries, 16)) * chance())


class Reach:
    """What is known of the way to the store. `heard_at` is ms UTC by our clock, 0 for never.

    `off_ms` is the store's clock less ours, `far_at` what it showed when it was last heard, 0 for never.
    `words` say what is wrong, if anything is.
    """

    def __init__(self, clock: Callable[[], int], chance: Callable[[], float]) -> None:
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._tries = 0
        self._failing: set[str] = set()
        self._rests_since = self._rests_ms = 0
        self._far_heard_at = 0
        self._far_fresh = False
        self.heard_at = 0
        self.far_at = 0
        self.off_ms = 0
        self.away_since = 0
        self.limited = False
        self.signed_out = False
        self.words = ""

    def hear(self, what: str, reply: Reply[T]) -> Reply[T]:
        """Take note of a reply and hand it back.

        `what` tells requests apart of which one alone may fail again and again; "" is none like that.
        """
        with self._lock:
            self._note(what, reply)
        return reply

    def _note(self, what: str, reply: Reply[Any]) -> None:
        now = self._clock()
        if reply.server_at:
            self.off_ms = reply.server_at - now
            self.far_at, self._far_heard_at, self._far_fresh = reply.server_at, now, True
        elif reply.result in ("not_sent", "unknown"):
            self._far_fresh = False  # however long it stays away, and whatever becomes of our clock
        if reply.result == "not_sent":
            self._lost(now, reply.words)
            return
        if reply.result == "unknown":
            self._failing.add(what or f"{len(self._failing)} more")
            if len(self._failing) >= MOST_IN_A_ROW:
                self._lost(now, reply.words)
            return
        if reply.status or reply.server_at:
            self.heard_at, self.away_since, self.words = now, 0, ""
            self._tries = 0
            self._failing.clear()
            self.limited = False
        # What the adapter says by itself was not heard from the store.
        if reply.result == "limited":
            wait = reply.wait_ms or jittered(2, self._chance)
            self._rest(now, min(wait, MOST_LIMITED_MS))
            self.limited, self.words = True, reply.words
        elif reply.result == "signed_out":
            self.signed_out = True
            self.words = reply.words

    def _lost(self, now: int, words: str) -> None:
        self.away_since = self.away_since or now
        self.words = words
        if not self._rest_left(now):
            self._rest(now, jittered(self._tries, self._chance))
            self._tries += 1

    def _rest(self, now: int, wait_ms: int) -> None:
        if wait_ms > self._rest_left(now):
            self._rests_since, self._rests_ms = now, wait_ms

    def _rest_left(self, now: int) -> int:
        passed = now - self._rests_since
        # A clock that was put back is no reason to wait longer.
        return self._rests_ms - passed if 0 <= passed < self._rests_ms else 0

    @property
    def knows_far_clock(self) -> bool:
        """Say whether the store's clock was heard a moment ago; a clock of ours that was put forgets it."""
        with self._lock:
            return self._far_elapsed() is not None

    def certain(self, maybe_at: int, kept_ms: int) -> bool:
        """Say whether the store still knows a key of `maybe_at`, by its own clock, that it keeps `kept_ms`.

        A day of it is left unused: no clock is off by more.
        """
        with self._lock:
            elapsed = self._far_elapsed()
            if elapsed is None or maybe_at <= 1:
                return False
            return 0 <= self.far_at + elapsed - maybe_at < kept_ms - DAY_MS

    def _far_elapsed(self) -> int | None:
        elapsed = self._clock() - self._far_heard_at
        return elapsed if self._far_fresh and 0 <= elapsed < FRESH_MS else None

    @property
    def rests_ms(self) -> int:
        """Return how long (ms) to ask nothing; 0: the store may be asked."""
        with self._lock:
            return self._rest_left(self._clock())

    @property
    def holds(self) -> bool:
        """Say whether nothing is to be asked now."""
        return self.signed_out or self.rests_ms > 0

    def try_now(self) -> None:
        """Forget why nothing was asked: a person wants it tried."""
        with self._lock:
            self._rests_ms = 0
            self._tries = 0
            self._failing.clear()
            self.limited = False

    def sign_in(self) -> None:
        """Go on: somebody has signed in."""
        self.signed_out = False
        self.words = ""
        self.try_now()
