"""From the printer setting to devices: the receipt printer and drawer that dispatch works with."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from bookwish_desk.hardware.devices import DeviceSpec, open_drawer, open_printer
from bookwish_desk.hardware.model import PAPER_58, PAPER_80, Drawer, ReceiptPrinter
from bookwish_desk.hardware.simulated import OnJob, nobody
from bookwish_desk.settings import PrinterSetting

PRINTER = "receipt-printer"


def equip(
    setting: PrinterSetting, folder: Path, on_job: OnJob = nobody
) -> tuple[ReceiptPrinter | None, Drawer | None]:
    """Return the devices of a register, connected to nothing yet; (None, None) where there are none.

    `on_job` hears of the jobs of simulated devices, on their lane. Raises Refused for a bad address.
    """
    if setting.kind == "none":
        return None, None
    paper = PAPER_80 if setting.paper_mm == 80 else PAPER_58
    profile = replace(
        paper,
        code_page=setting.code_page,
        cut=setting.cutter,
        kick_pin=setting.drawer_pin,
        raster_only=setting.raster_only,
        answers=setting.kind == "simulated",
    )
    spec = DeviceSpec(setting.kind, PRINTER, setting.address, profile)
    printer = open_printer(spec, folder, on_job)
    return printer, open_drawer(spec, printer, folder, on_job)
