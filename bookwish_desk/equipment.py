"""From the list of devices to drivers: what dispatch sends jobs through, and what else is attached."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bookwish_desk.dispatch import Door
from bookwish_desk.hardware.devices import DeviceSpec, open_drawer, open_printer
from bookwish_desk.hardware.model import PAPER_58, PAPER_80
from bookwish_desk.hardware.simulated import OnJob, nobody
from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup
from bookwish_desk.shop.errors import ShopError

log = logging.getLogger(__name__)


class Equipment(msgspec.Struct, frozen=True):
    """What a register has: the doors of its printers, and how those are that could not even be opened."""

    doors: tuple[Door, ...] = ()
    faults: tuple[tuple[str, DeviceState], ...] = ()


def equip(devices: Iterable[Device], folder: Path, on_job: OnJob = nobody) -> Equipment:
    """Return drivers of devices, connected to nothing yet. One that cannot be driven spoils no other.

    `on_job` hears of the jobs of simulated devices, on their lane.
    """
    doors: list[Door] = []
    faults: list[tuple[str, DeviceState]] = []
    for device in devices:
        try:
            door = _door(device, folder, on_job)
        except ShopError as error:
            log.warning("event=device_refused device=%s code=%s", device.id, error.code)
            faults.append((device.id, DeviceState("error", error.message)))
            continue
        if door is not None:
            doors.append(door)
    return Equipment(tuple(doors), tuple(faults))


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
