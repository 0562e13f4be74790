"""From the list of devices to drivers: what dispatch sends jobs through, and what else is attached."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from bookwish_desk.dispatch import Door
from bookwish_desk.hardware.displays.line_display import OnShow, nobody_looks, open_line_display
from bookwish_desk.hardware.links.spooler import pick_up
from bookwish_desk.hardware.model import LineDisplay, Outcome, ReceiptPrinter, Scale
from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer
from bookwish_desk.hardware.simulation import OnJob, nobody
from bookwish_desk.shop.address import Queue, read_address
from bookwish_desk.shop.device import Device, DeviceState, LineDisplaySetup, ReceiptPrinterSetup, Setup
from bookwish_desk.shop.errors import ShopError

log = logging.getLogger(__name__)

T = TypeVar("T")

PICK_UP_SECONDS = 5.0
"""How long the system may take for what it was given before a crash; then it is taken back."""


class Heard(msgspec.Struct, frozen=True):
    """Who hears of simulated devices: of their jobs, and of what line displays show; on their lanes."""

    job: OnJob = nobody
    shown: OnShow = nobody_looks


class Equipment(msgspec.Struct, frozen=True):
    """The drivers of a register by the id of their device, connected to nothing yet.

    `faults` says how those are that could not even be made.
    """

    devices: Mapping[str, Device] = {}
    doors: Mapping[str, Door] = {}
    displays: Mapping[str, LineDisplay] = {}
    scales: Mapping[str, Scale] = {}
    faults: Mapping[str, DeviceState] = {}


def equip(
    devices: tuple[Device, ...], folder: Path, heard: Heard | None = None, before: Equipment | None = None
) -> Equipment:
    """Return the drivers of devices. One that cannot be driven spoils no other.

    Drivers of `before` go on where nothing changed in how their device is driven: a name does not matter to
    a job under way. Scanners are `listening`'s, second screens `showing`'s.
    """
    maker = _Maker(folder, heard or Heard(), before or Equipment())
    # Displays last: they may hang on a printer.
    for device in sorted(devices, key=lambda d: d.role == "line_display"):
        maker.make(device)
    return Equipment({d.id: d for d in devices}, maker.doors, maker.displays, maker.scales, maker.faults)


class _Maker:
    """Makes drivers, or keeps those that there were."""

    def __init__(self, folder: Path, heard: Heard, before: Equipment) -> None:
        self.doors: dict[str, Door] = {}
        self.displays: dict[str, LineDisplay] = {}
        self.scales: dict[str, Scale] = {}
        self.faults: dict[str, DeviceState] = {}
        self._folder = folder
        self._heard = heard
        self._before = before

    def make(self, device: Device) -> None:
        """Make the driver of one device, or note why there is none."""
        try:
            self._make(device)
        except ShopError as error:
            log.warning("event=device_refused device=%s code=%s", device.id, error.code)
            self.faults[device.id] = DeviceState("error", error.message)

    def _make(self, device: Device) -> None:
        before = self._before
        match device.role:
            case "receipt_printer" | "label_printer" | "document_printer":
                self.doors[device.id] = self._kept(device, before.doors) or self._door(device)
            case "line_display":
                behind = self._behind(device)
                same = behind is self._behind(device, before.doors)
                kept = self._kept(device, before.displays) if same else None
                self.displays[device.id] = kept or open_line_display(
                    device, behind, self._folder, self._heard.shown
                )
            case "scale":
                self.scales[device.id] = self._kept(device, before.scales) or self._scale(device)

    def _kept(self, device: Device, drivers: Mapping[str, T]) -> T | None:
        old = self._before.devices.get(device.id)
        return drivers.get(device.id) if old is not None and _driven(old) == _driven(device) else None

    def _behind(self, device: Device, doors: Mapping[str, Door] | None = None) -> ReceiptPrinter | None:
        """Return the driver of the printer that a display hangs on."""
        setup = device.setup
        name = setup.behind if isinstance(setup, LineDisplaySetup) else ""
        door = (self.doors if doors is None else doors).get(name)
        return door.printer if door is not None else None  # type: ignore[return-value]

    def _door(self, device: Device) -> Door:
        folder, job = self._folder, self._heard.job
        if device.role == "receipt_printer":
            printer = open_receipt_printer(device, folder, job)
            drawer = open_drawer(device, printer, folder, job)
            return Door(device.id, "paper", printer, printer.render, drawer, _finder(device))
        if device.role == "label_printer":
            from bookwish_desk.hardware.labels import open_label_printer

            labels = open_label_printer(device, folder, job)
            return Door(device.id, "label", labels, labels.render, find=_finder(device))
        from bookwish_desk.hardware.pages.documents import open_document_printer

        pages = open_document_printer(device, folder, job)
        return Door(device.id, "page", pages, pages.render, find=_finder(device))

    def _scale(self, device: Device) -> Scale:
        from bookwish_desk.hardware.scanning.scale import open_scale

        return open_scale(device, self._folder)


def _driven(device: Device) -> tuple[str, Setup]:
    """Return what a driver depends on: how a printer confirms, it has found out itself."""
    setup: Any = device.setup
    if isinstance(setup, ReceiptPrinterSetup):
        setup = replace(setup, confirms="")
    return device.address, setup


def _finder(device: Device) -> Callable[[str], Outcome | None] | None:
    """Return what asks a queue of the system for a job by its title; None for printers without a queue."""
    address = read_address(device.address)
    if not isinstance(address, Queue):
        return None

    def find(title: str) -> Outcome | None:
        seconds = PICK_UP_SECONDS if title else 0.0  # a drawer opens at once or not at all
        found = pick_up(address.name, title, time.monotonic() + seconds)
        if found == "done":
            return Outcome("sent", 0, f"The system printer {address.name} had taken it.")
        if found == "taken_back":
            return Outcome("failed", 0, f"The system printer {address.name} had not begun it.")
        return None

    return find
