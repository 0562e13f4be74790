"""What the work with each far side shares: one runner at a time on a lane, and a state that others watch.

It knows neither the store nor the carriers, and no settings.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.errors import ShopError

R = TypeVar("R")
S = TypeVar("S")

Wanted = Callable[[], bool]
"""Says whether what is being made is still wanted: nothing was stopped or begun since. For any thread."""


class Watched(Generic[S]):
    """The last state of something, and who is told of each new one. For the GUI thread."""

    def __init__(self, state: S) -> None:
        self.state = state
        self._watching: list[Callable[[S], None]] = []

    def watch(self, told: Callable[[S], None]) -> Callable[[], None]:
        """Call `told` with each new state; return what ends that."""
        self._watching.append(told)

        def end() -> None:
            if told in self._watching:
                self._watching.remove(told)

        return end

    def show(self, state: S) -> None:
        """Take a state and tell it where it is another one."""
        if state == self.state:
            return
        self.state = state
        for told in tuple(self._watching):
            told(state)


class Driven(Generic[R]):
    """The runner that works now, or none. It is made and run on a lane; only the newest one stays."""

    def __init__(self, lanes: Lanes, lane: str) -> None:
        self._lanes, self._lane = lanes, lane
        self._ticket = 0
        self._lock = threading.Lock()
        self.runner: R | None = None

    def stop(self) -> R | None:
        """Let go of the runner, also of one that is being made; return it for its end."""
        with self._lock:
            self._ticket += 1
            runner, self.runner = self.runner, None
        return runner

    def begin(
        self,
        make: Callable[[Wanted], R],
        run: Callable[[R], None],
        leave: Callable[[R], None],
        failed: Callable[[ShopError, Wanted], None],
    ) -> None:
        """Make a runner on the lane and run it there, or leave it where it is not wanted any more by then."""
        ticket = self._ticket

        def wanted() -> bool:
            return ticket == self._ticket

        def drive() -> None:
            if not wanted():
                return
            runner = make(wanted)
            # Not by way of the GUI thread: that may be closing the desk just now.
            with self._lock:
                stays = wanted()
                if stays:
                    self.runner = runner
            (run if stays else leave)(runner)

        self._lanes.work(drive, failed=lambda error: failed(error, wanted), lane=self._lane)
