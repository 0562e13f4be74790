"""How presenters do things over and over: not too often, or one after another. No Qt here."""

from __future__ import annotations

from collections.abc import Callable

Later = Callable[[int, Callable[[], None]], object]
"""Calls something at home after so many milliseconds."""


class Rests:
    """Does something at once when it is asked for, then rests: what is asked meanwhile is done once after.

    Only while `wanted` says so.
    """

    def __init__(
        self, later: Later, rest_ms: int, do: Callable[[], None], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        self._later, self._rest_ms = later, rest_ms
        self._do, self._wanted = do, wanted
        self._resting = self._again = False

    def soon(self) -> bool:
        """Ask for it; say whether it was done at once."""
        if not self._wanted():
            return False
        if self._resting:
            self._again = True
            return False
        self._resting = True
        self._do()
        self._later(self._rest_ms, self.rested)
        return True

    def rested(self) -> None:
        """Do what was asked for meanwhile: a moment has passed since the last time."""
        self._resting = False
        if self._again:
            self._again = False
            self.soon()


class Pump:
    """Begins one thing after another: on lanes that answer later, and on those that answer at once.

    `begin` begins the next one and says whether there was one; each calls `go` when it is done.
    """

    def __init__(self, begin: Callable[[], bool]) -> None:
        self._begin = begin
        self._pumping = self._again = False

    def go(self) -> None:
        """Begin the next one; where one answers while it is begun, go on here and not inside of it."""
        if self._pumping:
            self._again = True
            return
        self._pumping = True
        try:
            while True:
                self._again = False
                if not self._begin() or not self._again:
                    break
        finally:
            self._pumping = False
