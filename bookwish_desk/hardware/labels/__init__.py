"""Label printers: labels to dots, dots to the languages of printers, jobs to their doors."""

from __future__ import annotations

from pathlib import Path

from bookwish_desk.hardware.labels.printer import RawLabelPrinter, make, pictures
from bookwish_desk.hardware.labels.setting import Setter, Type
from bookwish_desk.hardware.labels.shipping import draw_slip
from bookwish_desk.hardware.labels.simulated import SimulatedLabelPrinter
from bookwish_desk.hardware.links import link_to
from bookwish_desk.hardware.model import LabelPrinter
from bookwish_desk.hardware.simulation import OnJob, nobody
from bookwish_desk.shop.address import Queue, read_address
from bookwish_desk.shop.device import Device, LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel

__all__ = ["SimulatedLabelPrinter", "make", "open_label_printer", "pictures", "preview"]

_BITS_A_BYTE = 10


def open_label_printer(device: Device, folder: Path, on_job: OnJob = nobody) -> LabelPrinter:
    """Return the driver of a label printer; connects to nothing yet.

    `on_job` hears of the jobs of a simulated one, which writes them under `folder`/devices/<id>. Raises
    Refused for a device that is none, or an address where no printer can be.
    """
    setup = device.setup
    if not isinstance(setup, LabelPrinterSetup):
        raise Refused("device.role", "This device is no label printer.")
    if device.simulated:
        return SimulatedLabelPrinter(device.id, setup, folder / "devices" / device.id, on_job)
    address = read_address(device.address)
    queue = address.name if isinstance(address, Queue) else ""
    if setup.language == "system":
        if not queue:
            raise Refused(
                "device.address",
                "The system's own driver prints through a printer of this computer. Choose one of those, or"
                " choose the language that this printer takes.",
            )
        from bookwish_desk.hardware.os_queue import QueueLabelPrinter

        return QueueLabelPrinter(device.id, setup, queue)
    slow = setup.baud // _BITS_A_BYTE if device.scheme == "serial" else 0
    return RawLabelPrinter(device.id, setup, link_to(device.address, baud=setup.baud), slow, queue)


def preview(job: LabelJob, setup: LabelPrinterSetup) -> bytes:
    """Return a PNG of the labels of a job, one below the other, a pixel a dot; copies are not repeated.

    A carrier's own ZPL or EPL is not read here: the picture says so. Raises Refused for what cannot be drawn.
    """
    from PIL import Image

    from bookwish_desk.hardware.labels.drawing import page_of
    from bookwish_desk.hardware.receipts.drawing import as_png

    label = job.label
    if isinstance(label, ShippingLabel) and label.format in ("zpl", "epl"):
        page = page_of(setup)
        blank = Image.new("1", (page.width, page.height), 1)
        setter, how = Setter(), Type("Regular", page.dots(3))
        words = f"The carrier's own {label.format.upper()} for {label.ref}: it is printed as it came."
        for number, line in enumerate(setter.lines(words, how, page.width - 2 * how.size, 6)):
            setter.put(blank, line, how, (how.size, 2 * how.size + number * how.line))
        labels = [blank, *draw_slip(label, setup)]
    else:
        labels = pictures(job, setup)
    between = max(8, labels[0].height // 40)
    whole = Image.new("L", (labels[0].width, sum(each.height + between for each in labels) - between), 208)
    top = 0
    for each in labels:
        whole.paste(each.convert("L"), (0, top))
        top += each.height + between
    return as_png(whole)
