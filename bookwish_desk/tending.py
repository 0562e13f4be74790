"""How each device is, as far as anybody knows: asked now and then, told by jobs, and remembered here.

No device is driven here: looking happens on each device's own lane.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from bookwish_desk.dispatch import Door, lane_of
from bookwish_desk.shop.device import Device, DeviceState
from bookwish_desk.shop.device_words import sentence

if TYPE_CHECKING:
    from bookwish_desk.hardware.finding.presence import Seen
    from bookwish_desk.lanes import Lanes

log = logging.getLogger(__name__)

PRESENCE_MS = 2_000
TROUBLE_MS = 5_000
CALM_MS = 60_000
"""A device in trouble is asked every five seconds, one that was well once a minute."""
STATE_SECONDS = 2.0

Look = Callable[[Iterable[Device]], "Seen"]


class Tending(QObject):
    """The latest state of every device of a register.

    `told` hears each change: id, before, now. `arrived` is called when something was plugged in again.
    """

    def __init__(
        self,
        lanes: Lanes,
        is_sending: Callable[[str], bool],
        told: Callable[[str, DeviceState | None, DeviceState], None],
        arrived: Callable[[], None] = lambda: None,
        look: Look | None = None,
    ) -> None:
        super().__init__()
        self._lanes = lanes
        self._is_sending = is_sending
        self._told = told
        self._arrived = arrived
        self._look = look
        self._devices: dict[str, Device] = {}
        self._doors: dict[str, Door] = {}
        self._states: dict[str, DeviceState] = {}
        self._asked: dict[str, float] = {}
        self._asking: set[str] = set()
        self._looking = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Return the latest state of each device that was heard of, by its id."""
        return MappingProxyType(self._states)

    def equip(self, devices: Iterable[Device], doors: Iterable[Door]) -> None:
        """Watch over these devices from now on.

        What is known of those that stay is kept; one that was set up otherwise is asked again at once.
        """
        before = self._devices
        self._devices = {d.id: d for d in devices}
        self._doors = {d.device: d for d in doors}
        same = {name for name, d in self._devices.items() if name in before and _same(d, before[name])}
        self._states = {name: state for name, state in self._states.items() if name in same}
        as_before = {name for name in same if self._devices[name] == before[name]}
        self._asked = {name: at for name, at in self._asked.items() if name in as_before}
        for device in self._devices.values():
            if device.role == "scale" and device.simulated:
                self._there(device)
        if self._devices:
            self._timer.start(PRESENCE_MS)
            self._turn()
        else:
            self._timer.stop()

    def hear(self, device: str, state: DeviceState) -> None:
        """Take note of how a device is: a job or a reader found out."""
        if device not in self._devices:
            return
        before = self._states.get(device)
        self._states[device] = state
        if before != state:
            self._told(device, before, state)

    def ask(self, device: str, then: Callable[[DeviceState], None] = lambda _state: None) -> None:
        """Ask a printer how it is, on its lane; `then` hears it here. Of others one hears what is known."""
        door = self._doors.get(device)
        if door is None:
            then(self._states.get(device, DeviceState("unknown", "")))
            return

        def asked(state: DeviceState) -> None:
            self._asking.discard(device)
            self.hear(device, state)
            then(state)

        self._asking.add(device)
        self._asked[device] = time.monotonic()
        printer = door.printer
        self._lanes.work(
            lambda: printer.state(time.monotonic() + STATE_SECONDS),
            then=asked,
            failed=lambda error: asked(DeviceState("error", error.message)),
            lane=lane_of(device, door.channel),
        )

    def _turn(self) -> None:
        self._look_around()
        now = time.monotonic()
        for device, door in self._doors.items():
            state = self._states.get(device)
            rest = CALM_MS if state is not None and state.good else TROUBLE_MS
            due = device not in self._asked or now - self._asked[device] >= rest / 1000
            if due and device not in self._asking and not self._is_sending(door.device):
                self.ask(device)

    def _look_around(self) -> None:
        """See which of the devices on cables are there; cheap, and never on the GUI thread."""
        cabled = tuple(d for d in self._devices.values() if d.scheme in ("usb", "hid", "serial"))
        if not cabled or self._looking:
            return
        self._looking = True

        def look() -> Seen:
            if self._look is None:
                from bookwish_desk.hardware.finding.presence import Presence

                self._look = Presence().look
            return self._look(cabled)

        self._lanes.work(look, then=self._looked, lane="presence")

    def _looked(self, seen: Seen) -> None:
        self._looking = False
        for name, is_there in seen.present.items():
            device, state = self._devices.get(name), self._states.get(name)
            if device is None:
                continue
            was_gone = state is not None and state.condition == "unplugged"
            if is_there is False and not was_gone:
                self.hear(name, DeviceState("unplugged", sentence(device.role, "unplugged", device.name)))
            elif is_there and (was_gone or state is None or name in seen.arrived):
                self._there(device)
        if seen.arrived:
            self._arrived()

    def _there(self, device: Device) -> None:
        """Ask a printer that is there how it is. A scale is asked for each weight; others are listened to."""
        name = device.id
        if device.role == "scale":
            self.hear(name, DeviceState("ready", sentence("scale", "ready")))
        elif name not in self._doors:
            if name in self._states:
                self.hear(name, DeviceState("unknown", ""))
        elif name not in self._asking and not self._is_sending(name):
            self.ask(name)

    def close(self) -> None:
        """Ask nobody any more."""
        self._timer.stop()
        self._devices, self._doors = {}, {}


def _same(one: Device, other: Device) -> bool:
    """Say whether what was heard of one holds for the other: same kind and place."""
    return (one.role, one.address) == (other.role, other.address)
