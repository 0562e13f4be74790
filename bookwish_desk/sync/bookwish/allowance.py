"""How many requests the store still lets through, as its answers say. Only its own clock counts.

How long a window lasts is reckoned when it is heard of: a store whose clock is put back holds nothing up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from bookwish_desk.sync.port import Budget

LONGEST_WAIT_MS = 3_600_000
_MILLISECONDS_FROM = 100_000_000_000
_MOST = 10**15


class Allowance:
    """The rate limits of a store. Different paths may have different ones, told apart by their size.

    A quarter of each window is left to the person at the counter: background requests wait for the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limit_of: dict[str, int] = {}
        self._windows: dict[int, tuple[Budget, float]] = {}  # by size, and until when by time.monotonic()
        self._server_at = 0
        self._heard = 0.0
        self._last = Budget()

    @property
    def budget(self) -> Budget:
        """Return what is left of the window that was last heard of."""
        with self._lock:
            return self._last

    def wait_ms(self, family: str, background: bool) -> int:
        """Take one request of a family of paths; return 0, or how long it has to wait instead."""
        with self._lock:
            known = self._windows.get(self._limit_of.get(family, 0))
            if known is None:
                return 0
            window, until = known
            left = round((until - time.monotonic()) * 1000)
            if left <= 0:
                return 0
            if background and window.remaining < window.limit / 4:
                return left
            self._keep(family, Budget(window.limit, max(0, window.remaining - 1), window.resets_at), until)
            return 0

    def hear(self, family: str, headers: Mapping[str, str], server_at: int) -> None:
        """Note what an answer says of the limit."""
        with self._lock:
            if server_at:
                self._server_at, self._heard = server_at, time.monotonic()
            limit = _number(headers.get("x-ratelimit-limit"))
            remaining = _number(headers.get("x-ratelimit-remaining"))
            resets = reset_at(headers)
            if not limit or remaining is None or not resets or not self._server_at:
                return
            now = self._now()
            resets = min(resets, now + LONGEST_WAIT_MS)
            known = self._windows.get(limit)
            if known is not None and known[0].resets_at == resets:
                remaining = min(remaining, known[0].remaining)  # answers overtake each other
            self._keep(family, Budget(limit, remaining, resets), time.monotonic() + (resets - now) / 1000)

    def _keep(self, family: str, budget: Budget, until: float) -> None:
        if len(self._windows) > 32:
            self._windows.clear()
            self._limit_of.clear()
        self._limit_of[family] = budget.limit
        self._windows[budget.limit], self._last = (budget, until), budget

    def _now(self) -> int:
        """Return the store's clock, as it was last heard of and moved on since."""
        return self._server_at + int((time.monotonic() - self._heard) * 1000)


def reset_at(headers: Mapping[str, str]) -> int:
    """Return when the window ends, ms of the store's clock; large numbers are ms, small ones seconds."""
    reset = _number(headers.get("x-ratelimit-reset")) or 0
    return reset if reset > _MILLISECONDS_FROM else reset * 1000


def asked_to_wait(headers: Mapping[str, str], server_at: int) -> int:
    """Return how long an answer asks to wait, ms, at most an hour; 0 where it says nothing."""
    seconds = _number(headers.get("retry-after"))
    if seconds is not None:
        return min(seconds * 1000, LONGEST_WAIT_MS)
    resets = reset_at(headers)
    if not resets or not server_at:
        return 0
    return min(max(0, resets - server_at), LONGEST_WAIT_MS)


def _number(text: str | None) -> int | None:
    """Return a header that is a whole number from 0 on."""
    if text is None or not text.isascii() or not text.strip().isdigit() or len(text) > 18:
        return None
    return min(int(text), _MOST)
