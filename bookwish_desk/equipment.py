"""From the list of devices to drivers: what dispatch sends jobs through, and what else is attached."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bookwish_desk.dispatch import Door
from bookwish_desk.hardware.devices import DeviceSpec, open_drawer, open_printer
from bookwish_desk.hardware.model import PAPER_58, PAPER_80
from bookwish_desk.hardware.simulated import OnJob, nobody
from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup, Setup
from bookwish_desk.shop.errors import ShopError

log = logging.getLogger(__name__)


class Equipment(msgspec.Struct, frozen=True):
    """What a register has: the doors of its printers, and how those are that could not even be opened."""

    devices: tuple[Device, ...] = ()
    doors: tuple[Door, ...] = ()
    faults: tuple[tuple[str, DeviceState], ...] = ()

    def door(self, device: str) -> Door | None:
        """Return the door of a printer by its id."""
        return next((d for d in self.doors if d.device == device), None)


def equip(
    devices: tuple[Device, ...], folder: Path, on_job: OnJob = nobody, before: Equipment | None = None
) -> Equipment:
    """Return drivers of devices, connected to nothing yet. One that cannot be driven spoils no other.

    `on_job` hears of the jobs of simulated devices, on their lane. Drivers of `before` go on where nothing
    changed in how their device is driven: a name does not matter to a job under way.
    """
    kept = {d.id: d for d in before.devices} if before else {}
    doors: list[Door] = []
    faults: list[tuple[str, DeviceState]] = []
    for device in devices:
        old = before.door(device.id) if before and _driven_alike(device, kept.get(device.id)) else None
        try:
            door = old or _door(device, folder, on_job)
        except ShopError as error:
            log.warning("event=device_refused device=%s code=%s", device.id, error.code)
            faults.append((device.id, DeviceState("error", error.message)))
            continue
        if door is not None:
            doors.append(door)
    return Equipment(devices, tuple(doors), tuple(faults))


def _driven_alike(device: Device, other: Device | None) -> bool:
    """Say whether one driver does for both: how a printer confirms is what the driver found out itself."""
    return other is not None and _driven(device) == _driven(other)


def _driven(device: Device) -> tuple[str, Setup]:
    setup = device.setup
    if isinstance(setup, ReceiptPrinterSetup):
        setup = replace(setup, confirms="")
    return device.address, setup


def _door(device: Device, folder: Path, on_job: OnJob) -> Door | None:
    match device.setup:
        case ReceiptPrinterSetup() as setup:
            paper = PAPER_80 if setup.paper_mm == 80 else PAPER_58
            profile = replace(
                paper,
                code_page=setup.code_page,
                cut=setup.cutter,
                kick_pin=setup.drawer_pin or 2,
                raster_only=setup.raster_only,
                answers=device.simulated,
            )
            kind = "simulated" if device.simulated else "network"
            spec = DeviceSpec(kind, device.id, device.address.removeprefix("tcp:"), profile)
            printer = open_printer(spec, folder, on_job)
            drawer = open_drawer(spec, printer, folder, on_job) if setup.drawer_pin else None
            return Door(device.id, "paper", printer, printer.render, drawer)
    return None
