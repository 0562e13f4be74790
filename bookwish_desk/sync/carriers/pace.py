"""How often the work after buying asks carriers: it rests where they cannot be reached, or ask for rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bookwish_desk.sync.port import Reply

RESTS_MS = (5_000, 30_000, 120_000, 600_000)
"""How long to rest after one failure after the other; the last holds for all further ones."""
LOOKS_MS = (2_000, 5_000, 15_000, 60_000, 60_000, 120_000, 300_000, 900_000)
"""The pauses before one reading after the other of what is in doubt; the last holds for all further ones."""
SIGNED_OUT_MS = 900_000
MOST_WAIT_MS = 3_600_000

SURE_MS = 120_000
"""So long after something was asked for a slow broker may still do it: it ends an operation after 90 s."""
APART_MS = 60_000
"""So far apart are two readings that together say that nothing was done."""


class Pace:
    """When to ask next. `resting` is for how long nothing is asked at all; it belongs to one thread."""

    def __init__(self, clock: Callable[[], int], chance: Callable[[], float]) -> None:
        self._clock = clock
        self._chance = chance
        self._until = 0
        self._in_vain = 0

    def resting(self) -> int:
        """Return for how many more milliseconds nothing is asked, 0 to go on."""
        at = self._clock()
        # One that was begun before the clock was put back must not last.
        return self._until - at if at < self._until <= at + MOST_WAIT_MS * 2 else 0

    def wake(self) -> None:
        """Rest no more: somebody wants to know."""
        self._until = self._in_vain = 0

    def heard(self, reply: Reply[Any]) -> None:
        """Go by how a call ended."""
        if reply.result in ("not_sent", "limited", "unknown"):
            self._until = self.later(self._in_vain, reply, RESTS_MS)
            self._in_vain += 1
        elif reply.result == "signed_out":
            self._until = self._clock() + SIGNED_OUT_MS
        else:
            self._in_vain = 0

    def later(self, tries: int, reply: Reply[Any] | None = None, pauses: tuple[int, ...] = RESTS_MS) -> int:
        """Return the moment (ms UTC) after a pause, a little longer by chance, or after the server's."""
        pause = pauses[min(tries, len(pauses) - 1)]
        pause += int(pause * 0.2 * self._chance())
        asked = reply.wait_ms if reply is not None else 0
        return self._clock() + max(pause, min(asked, MOST_WAIT_MS))


def until(moment: int | None, at: int) -> int | None:
    """Return how many milliseconds there are to a moment, None where there is none."""
    return None if moment is None else min(max(50, moment - at), MOST_WAIT_MS)
