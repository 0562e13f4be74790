"""Whose turn it is at a device: one holder at a time, who runs short errands for others meanwhile.

A receipt may wait for paper for an hour while it holds the printer; the drawer must open all the same.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from bookwish_desk.shop.errors import DeviceError

T = TypeVar("T")


class _Errand(Generic[T]):
    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.begun = False
        self.done: list[T] = []
        self.broken = False

    def ended(self) -> bool:
        return bool(self.done) or self.broken


class Turns(Generic[T]):
    """The one lock of a device, with errands whose result is a `T`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held = False
        self._errands: deque[_Errand[T]] = deque()

    @contextmanager
    def hold(self, deadline: float) -> Iterator[None]:
        """Have the device for the block. Raises DeviceError when another has it until the deadline."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._held, timeout=_left(deadline)):
                raise DeviceError(
                    "printer.busy",
                    "The printer is still busy with another job.",
                    accepted=0,
                    condition="busy",
                )
            self._held = True
        try:
            yield
        finally:
            self._release()

    def send_or_hold(self, deadline: float, alone: Callable[[], T]) -> T | None:
        """Run an errand: by whoever holds the device now, else `alone`; None when neither came to it in time.

        Once begun it is waited for to its end, so that it never happens after this returned.
        """
        errand = _Errand[T](deadline)
        with self._changed:
            self._errands.append(errand)
            self._changed.wait_for(lambda: errand.ended() or not self._held, timeout=_left(deadline))
            if errand.begun:
                self._changed.wait_for(errand.ended)
                return errand.done[0] if errand.done else None
            self._errands.remove(errand)
            if self._held or time.monotonic() >= deadline:
                return None
            self._held = True
        try:
            return alone()
        finally:
            self._release()

    def is_wanted(self) -> bool:
        """Say whether an errand waits for the holder."""
        with self._changed:
            return bool(self._errands)

    def run_errands(self, run: Callable[[float], T]) -> None:
        """Run what others asked the holder for; `run` gets the deadline of each."""
        while True:
            with self._changed:
                if not self._errands:
                    return
                errand = self._errands.popleft()
                errand.begun = True
            try:
                errand.done.append(run(errand.deadline))
            finally:
                with self._changed:
                    errand.broken = not errand.done
                    self._changed.notify_all()

    def _release(self) -> None:
        with self._changed:
            self._held = False
            self._changed.notify_all()


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
