"""Printing through the operating system's own drivers: labels as pictures, documents as pages.

The only file of `hardware` that knows Qt. It is for printers that no language reaches (Dymo, Brother and
others) and for documents. Everything here may run on a device's lane: Qt lets a `QPainter` paint on a
`QPrinter` in any thread ("Thread-Support in Qt Modules"), and one lock keeps two threads out of its look-ups.

What a queue took is sent, never printed.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

from bookwish_desk.hardware.labels.printer import checked_copies, pictures
from bookwish_desk.hardware.links.spooler import find_job, queue_state
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.shop.device import DeviceState, LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel

if TYPE_CHECKING:
    from PIL.Image import Image
    from PySide6.QtCore import QRect, Qt
    from PySide6.QtGui import QImage
    from PySide6.QtPrintSupport import QPrinter

Paper = Literal["letter", "a4"]

_ONE_AT_A_TIME = threading.Lock()
_MOST_DPI = 600  # pages are drawn no finer than this
_NEARLY = 1.01


class PaintedJob(msgspec.Struct, frozen=True, array_like=True):
    """What a job for the system's driver is kept as: a PNG a label, and how often each comes."""

    copies: int
    pages: tuple[bytes, ...]


_read = msgspec.msgpack.Decoder(PaintedJob).decode


class QueueLabelPrinter:
    """A label printer behind a queue of the system, which gets pictures of exactly one label."""

    def __init__(self, name: str, setup: LabelPrinterSetup, queue: str) -> None:
        self.name = name
        self.setup = setup
        self._queue = queue
        self._lock = threading.Lock()

    def render(self, job: LabelJob) -> bytes:
        """Return the job for this printer; see `LabelPrinter.render`."""
        from bookwish_desk.hardware.receipts.drawing import as_png

        if isinstance(job.label, ShippingLabel) and job.label.format in ("zpl", "epl"):
            raise Refused(
                "label.language",
                f"This printer does not take {job.label.format.upper()}. Get the label as PNG or PDF.",
            )
        pages = tuple(as_png(page) for page in pictures(job, self.setup))
        return msgspec.msgpack.encode(PaintedJob(checked_copies(job), pages))

    def state(self, deadline: float) -> DeviceState:
        """Return what the system says of the queue."""
        return queue_state(self._queue, deadline)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Paint one job into the queue; see `Printer.send`."""
        if not self._lock.acquire(timeout=max(0.0, attempt.deadline - time.monotonic())):
            return Outcome("failed", 0, "The printer is still busy with another job.")
        try:
            job = _read(data)
            labels = [_mono(page) for page in job.pages]

            def paint(printer: QPrinter) -> bool:
                lay_out(printer, self.setup)
                every = (label for label in labels for _ in range(job.copies))
                return paint_labels(printer, every, self.setup.dpi)

            return _print(self._queue, attempt, len(data), paint)
        finally:
            self._lock.release()


def print_pdf(queue: str, pdf: bytes, attempt: Attempt, paper: Paper = "letter") -> Outcome:
    """Print a document through the driver of a queue, each page as large as it is where it fits.

    For systems that take no PDF themselves; CUPS does, see `documents`.
    """
    try:
        return _print(queue, attempt, len(pdf), lambda printer: paint_document(printer, pdf, paper))
    except Refused as fault:
        return Outcome("failed", 0, fault.message)


def paint_document(printer: QPrinter, pdf: bytes, paper: Paper) -> bool:
    """Paint a PDF on this paper. Raises Refused where it cannot be read; the printer then prints nothing."""
    from PySide6.QtGui import QPageSize

    from bookwish_desk.hardware.pages.pdf_pages import each_page

    sizes = {"letter": QPageSize.PageSizeId.Letter, "a4": QPageSize.PageSizeId.A4}
    printer.setFullPage(True)
    printer.setPageSize(QPageSize(sizes[paper]))
    dpi = min(printer.resolution(), _MOST_DPI)
    with contextlib.closing(each_page(pdf, dpi)) as pages:
        return _paint_pages(printer, pages, dpi)


def lay_out(printer: QPrinter, setup: LabelPrinterSetup) -> None:
    """Make the page exactly the loaded label, without margins, a dot of ours a dot of the printer."""
    from PySide6.QtCore import QMarginsF, QSizeF
    from PySide6.QtGui import QPageLayout, QPageSize

    size = QPageSize(
        QSizeF(setup.width_mm, setup.height_mm),
        QPageSize.Unit.Millimeter,
        "Label",
        QPageSize.SizeMatchPolicy.ExactMatch,
    )
    printer.setResolution(setup.dpi)
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))


def paint_labels(printer: QPrinter, labels: Iterable[QImage], dpi: int) -> bool:
    """Paint a picture a page from the corner; False where the printer took none or broke off.

    Drivers that keep a density of their own get each dot larger, by whole dots where that fits.
    """
    from PySide6.QtCore import QRect

    def place(image: QImage) -> QRect:
        scale = printer.resolution() / dpi
        return QRect(0, 0, round(image.width() * scale), round(image.height() * scale))

    return _paint(printer, labels, place)


def _paint_pages(printer: QPrinter, pages: Iterable[Image], dpi: int) -> bool:
    """Paint pages in the middle of the paper at 100 %, smaller only where they are larger than the paper."""
    from PySide6.QtCore import QRect

    paper = printer.pageLayout().fullRectPixels(printer.resolution()).size()

    def place(image: QImage) -> QRect:
        scale = printer.resolution() / dpi
        if (
            image.width() * scale > paper.width() * _NEARLY
            or image.height() * scale > paper.height() * _NEARLY
        ):
            scale = min(paper.width() / image.width(), paper.height() / image.height())
        wide, high = round(image.width() * scale), round(image.height() * scale)
        return QRect((paper.width() - wide) // 2, (paper.height() - high) // 2, wide, high)

    return _paint(printer, (_grey(page) for page in pages), place)


def _paint(printer: QPrinter, images: Iterable[QImage], place: Callable[[QImage], QRect]) -> bool:
    from PySide6.QtGui import QPainter
    from PySide6.QtPrintSupport import QPrinter as Printers

    painter = QPainter()
    if not painter.begin(printer):
        return False
    good = True
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering, True)
        for number, image in enumerate(images):
            if number:
                good = good and printer.newPage()
            painter.drawImage(place(image), image)
    except BaseException:
        printer.abort()
        raise
    finally:
        good = painter.end() and good
    return good and printer.printerState() not in (Printers.PrinterState.Error, Printers.PrinterState.Aborted)


def _print(queue: str, attempt: Attempt, size: int, paint: Callable[[QPrinter], bool]) -> Outcome:
    """Paint one job into a queue that is ready, and look whether it is there."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    state = queue_state(queue, attempt.deadline)
    if not state.good:
        attempt.told(state)
        return Outcome("failed", 0, state.message)
    with _ONE_AT_A_TIME:
        found = QPrinterInfo.printerInfo(queue)
        if found.isNull():
            gone = f"This computer has no printer called {queue} any more. Choose another."
            return Outcome("failed", 0, gone)
        printer = QPrinter(found, QPrinter.PrinterMode.HighResolution)
        printer.setDocName(attempt.title or "bookwish-desk")
        painted = paint(printer)
    tells = attempt.title and not _forgets_jobs()
    if painted and not (tells and find_job(queue, attempt.title) == "gone"):
        return Outcome(
            "sent", size, f"The system printer {queue} took the job. It does not confirm printing."
        )
    return Outcome(
        "unknown", size, f"The system printer {queue} may have lost the job. Look at that printer."
    )


def _forgets_jobs() -> bool:
    """Say whether the system drops a job from its list once it went out: that it is gone says nothing."""
    return sys.platform == "win32"


def _mono(png: bytes) -> QImage:
    """Return a picture of black and white dots."""
    from PySide6.QtGui import QImage

    image = QImage.fromData(png)
    return image.convertToFormat(QImage.Format.Format_Mono, _threshold())


def _grey(page: Image) -> QImage:
    from PySide6.QtGui import QImage

    whole = page.convert("L")
    return QImage(
        whole.tobytes(), whole.width, whole.height, whole.width, QImage.Format.Format_Grayscale8
    ).copy()


def _threshold() -> Qt.ImageConversionFlag:
    from PySide6.QtCore import Qt

    return Qt.ImageConversionFlag.ThresholdDither
