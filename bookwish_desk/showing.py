"""What faces the customer: a second screen and line displays, fed with each change of the sale.

A display never holds a sale up: the newest view wins, what it missed is forgotten, and a display that is
gone is tried again by itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.device_words import sentence

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from bookwish_desk.hardware.model import LineDisplay
    from bookwish_desk.shop.customer_view import CustomerView
    from bookwish_desk.ui.customer import CustomerWindow, Loose, Placing
    from bookwish_desk.ui.station import Station, Work

log = logging.getLogger(__name__)

SHOW_SECONDS = 1.0
BUSY_MS = 500
"""How soon a display is tried again whose printer was printing."""
TROUBLE_MS = 5_000
"""How soon a display is tried again that did not take its text."""

TEST_MS = 4_000
"""How long a test is shown before the sale comes back."""

Told = Callable[[str, DeviceState], None]


class Showing:
    """The displays of one register. `told` hears on the GUI thread how a device is, by its id."""

    def __init__(self, lanes: Work, station: Station, told: Told) -> None:
        self._lanes = lanes
        self._station = station
        self._told = told
        self._feeds: dict[str, Feed] = {}
        self._windows: dict[str, tuple[CustomerWindow, Placing | Loose]] = {}
        self._addresses: dict[str, str] = {}
        self._stop: Callable[[], None] | None = None

    def equip(
        self, devices: Sequence[Device], displays: Mapping[str, LineDisplay], register: QWidget
    ) -> None:
        """Use these devices from now on: `displays` are the drivers of line displays by the device's id.

        A customer screen never covers the window `register`.
        """
        own = [d for d in devices if d.register == self._station.register]
        facing = {d.id: d for d in own if d.role == "customer_screen"}
        self._retire({d.id for d in own if d.id in displays}, {(d.id, d.address) for d in facing.values()})
        self._feeds = {
            d.id: Feed(self._lanes, d.id, displays[d.id], self._told) for d in own if d.id in displays
        }
        for device in facing.values():
            if device.id not in self._windows:
                self._face(device, register)
        if self._feeds or self._windows:
            self._stop = self._station.on_customer(self._show)

    def wake(self) -> None:
        """Write to the line displays again: one that was plugged in shows nothing yet."""
        for feed in self._feeds.values():
            feed.show(self._station.customer_view())

    def show_test(self, device: Device, then: Callable[[DeviceState], None]) -> None:
        """Show a test on a display for a moment; `then` hears how it went."""
        from bookwish_desk.shop.customer_view import sample_view

        view = sample_view(device.name, self._station.settings.money)
        if device.id in self._feeds:
            self._feeds[device.id].test(view, then)
        elif device.id in self._windows:
            window, placing = self._windows[device.id]
            window.show_view(view)
            placing.front()
            self._lanes.later(TEST_MS, lambda: self._show_again(device.id))
            then(placing.state)
        else:
            then(DeviceState("error", sentence(device.role, "error")))

    def _show_again(self, device: str) -> None:
        if device in self._windows:
            self._windows[device][0].show_view(self._station.customer_view())

    def close(self) -> None:
        """Take the windows away and leave the line displays blank."""
        self._retire(set(), set())
        self._feeds = {}

    def _retire(self, lines: set[str], screens: set[tuple[str, str]]) -> None:
        """End all but these line displays and these screens, which are named by id and address."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        for name, feed in self._feeds.items():
            feed.close(blank=name not in lines)
        for name, (_window, placing) in tuple(self._windows.items()):
            if (name, self._addresses[name]) not in screens:
                placing.close()
                del self._windows[name]

    def _face(self, device: Device, register: QWidget) -> None:
        from bookwish_desk.ui.customer import CustomerWindow, Loose, Placing

        def told(state: DeviceState) -> None:
            self._told(device.id, state)

        window, name = CustomerWindow(), device.address.partition(":")[2]
        placing = Loose(window, register, told) if device.simulated else Placing(name, window, register, told)
        self._windows[device.id] = (window, placing)
        self._addresses[device.id] = device.address

    def _show(self, view: CustomerView) -> None:
        for window, _placing in self._windows.values():
            window.set_logo(self._station.settings.logo)
            window.show_view(view)
        for feed in self._feeds.values():
            feed.show(view)


class Feed:
    """Keeps one line display up to date, on the lane of its device."""

    def __init__(self, lanes: Work, device: str, display: LineDisplay, told: Told) -> None:
        self._lanes = lanes
        self._device = device
        self._display = display
        self._told = told
        self._newest: CustomerView | None = None
        self._state: DeviceState | None = None
        self._writing = self._closed = False
        self._alarm = 0

    def show(self, view: CustomerView) -> None:
        """Show a view as soon as the display can take it, unless a newer one comes first."""
        self._newest = view
        self._write()

    def test(self, view: CustomerView, then: Callable[[DeviceState], None]) -> None:
        """Show a test, and after a moment what was shown before."""

        def shown(state: DeviceState) -> None:
            self._lanes.later(TEST_MS, self._write)
            then(state)

        self._lanes.work(lambda: self._put(*_lines(view)), then=shown, lane=self._lane)

    def close(self, *, blank: bool) -> None:
        """Show nothing more; leave the display `blank` or with what it shows."""
        self._closed = True
        if blank:
            self._lanes.work(lambda: self._put("", ""), lane=self._lane)

    @property
    def _lane(self) -> str:
        return f"device-{self._device}"

    def _write(self) -> None:
        if self._writing or self._closed or self._newest is None:
            return
        self._writing = True
        self._alarm += 1
        view = self._newest
        self._lanes.work(
            lambda: self._put(*_lines(view)), then=lambda state: self._wrote(view, state), lane=self._lane
        )

    def _wrote(self, view: CustomerView, state: DeviceState) -> None:
        self._writing = False
        if self._closed:
            return
        if state.condition != "busy" and state != self._state:
            self._state = state
            self._told(self._device, state)
        if self._newest is not view:
            self._write()
        elif state.condition == "busy" or not state.good:
            self._alarm += 1
            alarm = self._alarm
            wait = BUSY_MS if state.condition == "busy" else TROUBLE_MS
            self._lanes.later(wait, lambda: self._ring(alarm))

    def _ring(self, alarm: int) -> None:
        if alarm == self._alarm:
            self._write()

    def _put(self, upper: str, lower: str) -> DeviceState:
        """Write two lines (device lane)."""
        try:
            return self._display.show(upper, lower, time.monotonic() + SHOW_SECONDS)
        except Exception:
            log.exception("event=bug display=%s", self._device)
            return DeviceState("error", "Something went wrong with the customer display.")


def _lines(view: CustomerView) -> tuple[str, str]:
    from bookwish_desk.hardware.receipts.layout import fold
    from bookwish_desk.shop.customer_view import two_lines

    return two_lines(view, plain=fold)
