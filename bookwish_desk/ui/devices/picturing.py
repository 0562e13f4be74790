"""What simulated printers printed, as pictures: slips, labels and pages. Slow: never on the GUI thread."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtGui import QImage

from bookwish_desk.hardware.labels import preview
from bookwish_desk.hardware.pages.pdf_pages import each_page
from bookwish_desk.hardware.receipts.drawing import as_png, picture
from bookwish_desk.hardware.receipts.layout import plain_text
from bookwish_desk.hardware.simulation import DeviceJob
from bookwish_desk.shop.device import Device, LabelPrinterSetup
from bookwish_desk.shop.label import LabelJob
from bookwish_desk.shop.slip import Slip, SlipKind
from bookwish_desk.ui.devices.state import Paper

_NAMES: dict[SlipKind, str] = {
    "receipt": "Receipt",
    "gift": "Gift receipt",
    "hold": "Held sale",
    "order": "Pickup slip",
    "report": "Report",
    "test": "Printer test",
}
_PAGE_DPI = 90
_MOST_PAGES = 20


class Stand(msgspec.Struct, frozen=True):
    """A device: what the settings say of it, its driver, and the drawer behind a printer."""

    device: Device
    driver: Any
    drawer: Any = None


class Came(msgspec.Struct, frozen=True):
    """What came out of a printer, not numbered yet; `slip` is what the sender knew of it."""

    device: str
    papers: tuple[Paper, ...]
    slip: Slip | LabelJob | None


def came_out_of(stand: Stand, job: DeviceJob) -> Came:
    """Draw what a job put on paper. Raises Refused for what cannot be drawn."""
    if job.kind == "page":
        images = [QImage.fromData(as_png(page)) for page in each_page(job.data, _PAGE_DPI, _MOST_PAGES)]
        papers = tuple(Paper(0, each, f"Page {no}", torn=False) for no, each in enumerate(images, 1))
    elif isinstance(job.slip, Slip):
        papers = (_slip(stand, job.slip),)
    elif isinstance(job.slip, LabelJob):
        papers = (_label(stand, job.slip),)
    else:
        papers = ()
    return Came(stand.device.id, papers, job.slip)


def _slip(stand: Stand, slip: Slip) -> Paper:
    profile = stand.driver.profile
    name = f"{_NAMES.get(slip.kind, '')} {slip.ref}{', copy' if slip.copy else ''}".strip()
    return Paper(0, QImage.fromData(picture(slip, profile)), name, plain_text(slip, profile.columns))


def _label(stand: Stand, job: LabelJob) -> Paper:
    setup = stand.device.setup if isinstance(stand.device.setup, LabelPrinterSetup) else LabelPrinterSetup()
    copies = f", {job.copies} copies" if job.copies > 1 else ""
    name = f"Label {job.ref}{copies}".strip()
    words = str(getattr(job.label, "title", ""))
    return Paper(0, QImage.fromData(preview(job, setup)), name, words, torn=False)
