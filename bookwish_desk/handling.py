"""What the device screen does with devices: look for new ones, ask, weigh, show a test. Each on a lane."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.found import Found, Search

if TYPE_CHECKING:
    from bookwish_desk.hardware.model import Scale, Weight
    from bookwish_desk.lanes import Lanes

LOOK_SECONDS = 3.0
"""Between two looks around, while somebody wants to see what is plugged in."""
LOOK_UP_SECONDS = 6.0
WEIGH_SECONDS = 5.0

ShowTest = Callable[[Device, Callable[[DeviceState], None]], None]


class Knows(Protocol):
    """What knows how each device is; see `tending.Tending`."""

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Return the latest state of each device, by its id."""

    def ask(self, device: str) -> None:
        """Ask a device how it is."""


ScaleOf = Callable[[Device], "Scale"]


class Handling:
    """The devices of a register as the device screen uses them; see `ui.equipment.state.Equipment`.

    `tending` says how each is, `scale_of` gives the driver of a scale, `show_test` shows something on a
    customer's display.
    """

    def __init__(
        self,
        lanes: Lanes,
        tending: Knows,
        scale_of: ScaleOf,
        show_test: ShowTest,
    ) -> None:
        self._lanes = lanes
        self._tending = tending
        self._scale_of = scale_of
        self._show_test = show_test
        self._listeners: list[Callable[[], None]] = []

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Return how each device was found lately, by its id."""
        return self._tending.states

    def on_state(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a device is in another state."""
        self._listeners.append(listener)

    def turned(self) -> None:
        """Tell the listeners that a device is in another state."""
        for listener in tuple(self._listeners):
            listener()

    def check(self, device_id: str) -> None:
        """Ask a device now how it is; `on_state` tells."""
        self._tending.ask(device_id)

    def look(self, then: Callable[[Search, bool], None]) -> Callable[[], None]:
        """Look for devices, again and again, until the function that is returned is called.

        `then` gets all that is there now, and whether one whole look is over.
        """
        stopped: list[bool] = []

        def again() -> None:
            if stopped:
                return
            self._lanes.work(lambda: _look(lambda: bool(stopped)), then=looked, lane="discovery")

        def looked(search: Search) -> None:
            if stopped:
                return
            then(search, True)
            self._lanes.later(int(LOOK_SECONDS * 1000), again)

        again()
        return lambda: stopped.append(True)

    def look_up(self, typed: str, then: Callable[[Found], None], failed: Callable[[ShopError], None]) -> None:
        """Ask what is at an address of the network, as a person typed it."""

        def look() -> Found:
            from bookwish_desk.hardware.finding.network import look_at

            return look_at(typed, time.monotonic() + LOOK_UP_SECONDS)

        self._lanes.work(look, then=then, failed=failed, lane="look-up")

    def weigh(
        self, device: Device, then: Callable[[Weight], None], failed: Callable[[ShopError], None]
    ) -> None:
        """Read a scale."""

        def read() -> Weight:
            return self._scale_of(device).read(time.monotonic() + WEIGH_SECONDS)

        self._lanes.work(read, then=then, failed=failed, lane=f"device-{device.id}")

    def show_test(self, device: Device, then: Callable[[DeviceState], None]) -> None:
        """Show a test on a customer display for a moment."""
        self._show_test(device, then)


def _look(stopped: Callable[[], bool]) -> Search:
    from bookwish_desk.hardware.finding.discovery import find

    return find(stopped=stopped)
