"""From a device of the shop to the driver of its receipt printer and of the drawer behind it."""

from __future__ import annotations

from pathlib import Path

from bookwish_desk.hardware.links import link_to
from bookwish_desk.hardware.model import Drawer, PrinterProfile, ReceiptPrinter
from bookwish_desk.hardware.receipts.printer import ESC_POS, EscPosPrinter, Language
from bookwish_desk.hardware.receipts.simulated import SimulatedDrawer, SimulatedPrinter
from bookwish_desk.hardware.receipts.star import FREE, drawer_pulse, render_raster
from bookwish_desk.hardware.simulation import OnJob, nobody
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup
from bookwish_desk.shop.errors import Refused

STAR = Language(render_raster, drawer_pulse, None, FREE)

_BITS_A_BYTE = 10


def profile_of(setup: ReceiptPrinterSetup) -> PrinterProfile:
    """Return what a printer that is set up like this can do on paper."""
    wide = setup.paper_mm == 80
    return PrinterProfile(
        columns=48 if wide else 32,
        dots=576 if wide else 384,
        code_page=setup.code_page,
        cut=setup.cutter,
        kick_pin=5 if setup.drawer_pin == 5 else 2,
        raster_only=setup.raster_only or setup.language == "star",
    )


def open_receipt_printer(device: Device, folder: Path, on_job: OnJob = nobody) -> ReceiptPrinter:
    """Return the driver of a receipt printer; connects to nothing yet.

    `on_job` hears of the jobs of a simulated one, which writes them under `folder`/devices/<id>. Raises
    Refused for a device that is none, or an address where no printer can be.
    """
    setup = _setup(device)
    profile = profile_of(setup)
    if device.simulated:
        return SimulatedPrinter(device.id, profile, folder / "devices" / device.id, on_job, setup.confirms)
    star = setup.language == "star"
    serial = device.scheme == "serial"
    return EscPosPrinter(
        device.id,
        profile,
        link_to(device.address, baud=setup.baud),
        language=STAR if star else ESC_POS,
        # A queue of the system passes nothing back; of Star's printers no answer is read.
        asks=setup.asks and not star and device.scheme != "queue",
        confirms=setup.confirms,
        sensor=setup.drawer_sensor,
        bytes_a_second=setup.baud // _BITS_A_BYTE if serial else 0,
        passes_on=not star and device.scheme != "queue",
    )


def open_drawer(
    device: Device, printer: ReceiptPrinter, folder: Path, on_job: OnJob = nobody
) -> Drawer | None:
    """Return the drawer on the socket of `printer`, whose device this is; None where none hangs on it.

    That of a simulated printer writes its pulses under `folder`/devices/<id>-drawer. Raises Refused for a
    device that is no receipt printer.
    """
    setup = _setup(device)
    if not setup.drawer_pin:
        return None
    if isinstance(printer, EscPosPrinter):
        return printer
    name = f"{device.id}-drawer"
    return SimulatedDrawer(
        name, profile_of(setup), folder / "devices" / name, on_job, sensor=setup.drawer_sensor
    )


def _setup(device: Device) -> ReceiptPrinterSetup:
    if not isinstance(device.setup, ReceiptPrinterSetup):
        raise Refused("device.role", f"{device.name} is no receipt printer.")
    return device.setup
