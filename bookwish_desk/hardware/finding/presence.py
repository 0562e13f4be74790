"""Which of a register's devices are plugged in now: one cheap look, every two seconds, on a lane.

Only what hangs on a cable can be seen from here; whether a printer in the network or behind a queue is
there, its own lane finds out.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

import msgspec

from bookwish_desk.hardware.finding.usb_bus import Plugged, plugged
from bookwish_desk.hardware.links.ports import adapter_named
from bookwish_desk.hardware.scanning.hid import hid_entries
from bookwish_desk.shop.address import Hid, Serial, Usb, read_address
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import ShopError

log = logging.getLogger(__name__)

Numbers = tuple[int, int]


class Seen(msgspec.Struct, frozen=True):
    """What one look saw: by device id whether it is plugged in, None where that cannot be known.

    `arrived` and `left` are the ids that changed since the look before; one that was plugged in again
    meanwhile, at whichever socket, is in both. The first look tells of no change.
    """

    present: dict[str, bool | None]
    arrived: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Presence:
    """Looks who is plugged in and remembers it for the next look. One thread at a time."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int] | bool | None] = {}
        self._serials: dict[tuple[int, int, Numbers], str] = {}
        self._told = False

    def look(self, devices: Iterable[Device]) -> Seen:
        """Return who is plugged in now. Never raises; without libusb nothing is known of USB devices."""
        bus = self._bus()
        places = {device.id: self._place(device, bus) for device in devices}
        before = self._places
        # What cannot be known now is as it was: the change is told when it is known again.
        self._places = {i: before.get(i) if place is None else place for i, place in places.items()}
        changed = [i for i, place in self._places.items() if before.get(i) not in (None, place)]
        return Seen(
            present={i: None if place is None else place is not False for i, place in places.items()},
            arrived=tuple(i for i in changed if self._places[i] is not False),
            left=tuple(i for i in changed if before[i] is not False),
        )

    def _bus(self) -> list[Plugged] | None:
        try:
            devices = list(plugged())
        except Exception as fault:  # whatever libusb does, the register goes on
            if not self._told:
                log.warning("event=presence fault=%s", type(fault).__name__, exc_info=True)
            self._told = True
            return None
        here = {(*d.place, (d.vendor, d.product)) for d in devices}
        self._serials = {key: serial for key, serial in self._serials.items() if key in here}
        return devices

    def _place(self, device: Device, bus: list[Plugged] | None) -> tuple[int, int] | bool | None:
        """Return where a device is plugged in; True where only that is known, False: not, None: not known."""
        try:
            address = read_address(device.address)
        except ShopError:
            return None
        if isinstance(address, Usb | Hid):
            place = self._at(bus, (address.vendor, address.product), address.serial)
            return place or _listed(address) if isinstance(address, Hid) else place
        if isinstance(address, Serial):
            if wanted := adapter_named(address.port):
                return self._at(bus, wanted[:2], wanted[2])
            if os.name == "posix":
                return os.path.exists(address.port)  # noqa: PTH110 - Path raises where a folder is closed to us
        return None

    def _at(self, bus: list[Plugged] | None, numbers: Numbers, serial: str) -> tuple[int, int] | bool | None:
        if bus is None:
            return None
        alike = [d for d in bus if (d.vendor, d.product) == numbers]
        mine = alike if not serial else [d for d in alike if self._serial(d) in (serial, "")]
        return mine[0].place if mine else False

    def _serial(self, device: Plugged) -> str:
        """Return a serial number, asked once for each time a device is plugged in."""
        key = (*device.place, (device.vendor, device.product))
        if key not in self._serials:
            self._serials[key] = device.word("serial")
        return self._serials[key]


def _listed(address: Hid) -> bool | None:
    """Say whether the system has a HID device that is on no USB: by radio. None where it does not tell."""
    try:
        return any(
            (entry.vendor, entry.product) == (address.vendor, address.product)
            and address.serial in ("", entry.serial)
            for entry in hid_entries()
        )
    except Exception as fault:  # as with libusb
        log.debug("event=presence part=hid fault=%s", type(fault).__name__)
        return None
