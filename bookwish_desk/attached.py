"""What is attached to the register: its devices, what feeds them and watches them, and the simulated ones.

None of it is imported or opened before it is needed: the first scan of a day needs no device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING

from bookwish_desk.shop.errors import DeviceError

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.dispatch import Dispatch
    from bookwish_desk.equipment import Equipment, Heard
    from bookwish_desk.handling import Handling
    from bookwish_desk.hardware.model import Scale
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.listening import Listening
    from bookwish_desk.shop.device import Confirms, Device, DeviceState, Role
    from bookwish_desk.showing import Showing
    from bookwish_desk.tending import Tending
    from bookwish_desk.ui.devices.presenter import DevicesPresenter
    from bookwish_desk.ui.devices.screen import DevicesWindow
    from bookwish_desk.ui.station import Station
    from bookwish_desk.ui.window import MainWindow

ROOM_FOR_DEVICES = 1700
"""On a screen this wide (pixels) the simulated devices lie beside the register from the start."""

_ALWAYS = ("bookwish_desk.equipment", "bookwish_desk.tending")
_FOR_ROLE: dict[Role, tuple[str, ...]] = {
    "label_printer": ("bookwish_desk.hardware.labels", "bookwish_desk.hardware.os_queue"),
    "document_printer": ("bookwish_desk.hardware.pages.documents",),
    "scale": ("bookwish_desk.hardware.scanning.scale",),
    "scanner": ("bookwish_desk.listening",),
    "line_display": ("bookwish_desk.showing",),
    "customer_screen": ("bookwish_desk.showing", "bookwish_desk.ui.customer"),
}
_FOR_SIMULATED = ("bookwish_desk.demo.codes", "bookwish_desk.demo.shop", "bookwish_desk.ui.devices")


class Attached:
    """The devices of one register.

    `changed` is called when one is in another state than before, `said` with a sentence about a job that
    did not go out as it should, `scanned` with what the simulated scanner reads.
    """

    def __init__(
        self,
        window: MainWindow,
        lanes: Lanes,
        store: Store,
        station: Station,
        changed: Callable[[], None],
        said: Callable[[str], None],
        scanned: Callable[[str], None],
    ) -> None:
        self._window = window
        self._lanes = lanes
        self._store = store
        self._station = station
        self._state_changed = changed
        self._said = said
        self._scanned = scanned
        self._equipment: Equipment | None = None
        self._offered = self._beginning = False

    @property
    def devices(self) -> tuple[Device, ...]:
        """Return the devices of this register."""
        register = self._station.register
        return tuple(d for d in self._station.settings.devices if d.register == register)

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """Return how each device was found lately, by its id."""
        return self._tending.states if "_tending" in self.__dict__ else {}

    @cached_property
    def dispatch(self) -> Dispatch:
        """What sends jobs to the devices; what a crash left is looked through before anything is sent."""
        from bookwish_desk.dispatch import Dispatch

        made = Dispatch(self._lanes, self._station.register, self._hear, self._learned)
        made.recover()
        return made

    @cached_property
    def _tending(self) -> Tending:
        from bookwish_desk.tending import Tending

        return Tending(self._lanes, self.dispatch.is_sending, self._turned, self._arrived)

    @cached_property
    def _listening(self) -> Listening:
        from bookwish_desk.listening import Listening

        return Listening(self._lanes, self._scanned, self._tending.hear)

    @cached_property
    def _showing(self) -> Showing:
        from bookwish_desk.showing import Showing

        return Showing(self._lanes, self._station, self._tending.hear)

    @cached_property
    def handling(self) -> Handling:
        """What the device screen does with the devices."""
        from bookwish_desk.handling import Handling

        self._begin_now()
        return Handling(self._lanes, self._tending, self._scale, self._show_test)

    def _scale(self, device: Device) -> Scale:
        scale = self._equipment.scales.get(device.id) if self._equipment is not None else None
        if scale is None:
            raise DeviceError("scale.error", "This scale is not in use at this register.", accepted=0)
        return scale

    def _show_test(self, device: Device, then: Callable[[DeviceState], None]) -> None:
        self._showing.show_test(device, then)

    def _arrived(self) -> None:
        if "_listening" in self.__dict__:
            self._listening.wake()
        if "_showing" in self.__dict__:
            self._showing.wake()

    def begin(self) -> None:
        """Use the devices soon, and send what is to be sent from then on: a lane imports drivers first."""
        if self._equipment is not None or self._beginning:
            return
        self._beginning = True
        names = _modules(self.devices)
        self._lanes.work(lambda: [import_module(name) for name in names], then=lambda _: self._begin_now())

    def _begin_now(self) -> None:
        if self._equipment is None:
            self.equip()
            self._get_ready()

    def _get_ready(self) -> None:
        """Draw an empty slip for each receipt printer: the day's first receipt waits for no import."""
        from bookwish_desk.dispatch import lane_of
        from bookwish_desk.shop.slip import Slip

        for door in self._equipment.doors.values() if self._equipment is not None else ():
            if door.channel == "paper":
                drawn = partial(door.render, Slip("test", "", ()))
                self._lanes.work(drawn, lane=lane_of(door.device, door.channel))

    def refresh(self) -> None:
        """Use other devices where the settings name others than are used; nothing before there are any."""
        if self._equipment is not None and tuple(self._equipment.devices.values()) != self.devices:
            self.equip()

    def equip(self) -> None:
        """Use the devices of the settings from now on."""
        from bookwish_desk.equipment import equip

        devices = self.devices
        heard = self._simulated_heard() if any(d.simulated for d in devices) else None
        made = self._equipment = equip(devices, self._store.folder, heard, self._equipment)
        if "_simulated" in self.__dict__:
            self._equip_simulated(made)
        self._offer()
        needs_window = not any(d.role == "scanner" and d.scheme in ("hid", "serial") for d in devices)
        self._window.set_scans_need_window(needs_window)
        self.dispatch.equip(made.doors.values())
        self._tending.equip(devices, made.doors.values())
        for device, state in made.faults.items():
            self._tending.hear(device, state)
        if any(d.role == "scanner" for d in devices) or "_listening" in self.__dict__:
            self._listening.equip(devices)
        if made.displays or any(d.role == "customer_screen" for d in devices) or "_showing" in self.__dict__:
            self._showing.equip(devices, made.displays, self._window)

    def _simulated_heard(self) -> Heard:
        from bookwish_desk.equipment import Heard

        _window, presenter = self._simulated
        return Heard(presenter.heard, presenter.shown)

    def _equip_simulated(self, made: Equipment) -> None:
        from bookwish_desk.ui.devices import Stand

        printers = {name: door.printer for name, door in made.doors.items()}
        drawers = {name: door.drawer for name, door in made.doors.items()}
        drivers = {**printers, **made.displays, **made.scales}
        self._simulated[1].equip(
            [Stand(made.devices[name], driver, drawers.get(name)) for name, driver in drivers.items()]
        )

    def _hear(self, device: str, state: DeviceState | None, sentence: str) -> None:
        if state is not None:
            self._tending.hear(device, state)
        if sentence:
            names = [d.name for d in self.devices if d.id == device and len(self.devices) > 1]
            self._said(": ".join((*names, sentence)))

    def _turned(self, device: str, before: DeviceState | None, now: DeviceState) -> None:
        """Send at once what waits for a device that has come back, and say how it is."""
        if now.good and before is not None and not before.good:
            self.dispatch.retry(device)
        if "handling" in self.__dict__:
            self.handling.turned()
        self._state_changed()

    def _learned(self, device: str, confirms: Confirms) -> None:
        from bookwish_desk.actions import equipping

        self._lanes.act(lambda store: equipping.learned(store, device, confirms))

    # ---- the simulated ones ----

    @cached_property
    def _simulated(self) -> tuple[DevicesWindow, DevicesPresenter]:
        """The window of the simulated devices and what runs it."""
        from bookwish_desk.demo import codes, shop
        from bookwish_desk.ui import devices

        window, presenter = devices.build(self._lanes)
        presenter.on_scan = self._scan
        presenter.on_switch = self._switched
        presenter.load(shop.goods, codes.codes_to_try)
        self._station.on_change(presenter.changed)
        return window, presenter

    def offer(self) -> None:
        """Let the simulated devices be shown, where the register has such; beside it where there is room."""
        if self._offer() and self._window.screen().availableGeometry().width() >= ROOM_FOR_DEVICES:
            self._show()

    def _offer(self) -> bool:
        """Put the tool that shows them into the window once there is one; say if it was put there now."""
        if self._offered or not any(d.simulated for d in self.devices):
            return False
        self._offered = True
        self._window.add_tool("Simulation", "devices", self._show)
        return True

    def _show(self) -> None:
        window, _presenter = self._simulated
        if window.isVisible():
            window.hide()
            return
        self._begin_now()
        room = self._window.screen().availableGeometry()
        register = self._window.frameGeometry()
        missing = register.right() + 1 + window.width() - room.right()
        if 0 < missing <= register.left() - room.left():
            # Both fit side by side: the register gives way.
            self._window.move(register.left() - missing, register.top())
        place = self._window.frameGeometry().topRight()
        left = min(place.x() + 1, room.right() - window.width())
        top = max(room.top(), place.y())
        title = self._window.frameGeometry().height() - self._window.height()
        window.resize(window.width(), min(window.height(), room.bottom() + 1 - top - title))
        window.move(left, top)
        window.show()

    def _scan(self, code: str) -> None:
        self._scanned(code)
        self._window.activateWindow()

    def _switched(self) -> None:
        for device in self.devices:
            if device.simulated:
                self._tending.ask(device.id)
        self.dispatch.wake()

    def close(self) -> None:
        """Send nothing more and put the window away; jobs stay in the outbox."""
        for part in ("_listening", "_showing", "_tending"):
            if part in self.__dict__:
                getattr(self, part).close()
        if "dispatch" in self.__dict__:
            self.dispatch.close()
        if "_simulated" in self.__dict__:
            self._simulated[0].close()
            self._simulated[0].deleteLater()


def _modules(devices: Iterable[Device]) -> tuple[str, ...]:
    """Return what is imported to use these devices; on the GUI thread that would be felt."""
    names = [*_ALWAYS]
    for device in devices:
        names += _FOR_ROLE.get(device.role, ())
        names += _FOR_SIMULATED if device.simulated else ()
    return tuple(dict.fromkeys(names))
