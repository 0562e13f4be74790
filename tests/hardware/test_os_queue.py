"""The system's own drivers: pages of exactly one label, dot for dot, off the GUI thread, through CUPS."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdf
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from reportlab.pdfgen.canvas import Canvas

from bookwish_desk.hardware import os_queue
from bookwish_desk.hardware.labels import open_label_printer
from bookwish_desk.hardware.labels.drawing import draw
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.hardware.pages.documents import SimulatedDocumentPrinter, open_document_printer
from bookwish_desk.hardware.simulation import DeviceJob, Trouble
from bookwish_desk.shop.device import Device, DocumentPrinterSetup, LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, PriceLabel, ShippingLabel
from bookwish_desk.shop.pages import Pages
from tests.hardware.cups_bed import CupsBed, cups_bed
from tests.hardware.label_engine import LabelEngine, label_engine
from tests.hardware.label_readers import codes

CODE = "9780156701600"
LABEL = PriceLabel("Łódź 東京", CODE, "$16.99", "Virginia Woolf")
SETUP = LabelPrinterSetup("system")
SIZES = [(57.0, 32.0), (38.0, 25.0), (101.6, 152.4), (60.3, 31.7)]


def attempt(title: str = "", seconds: float = 20.0) -> Attempt:
    return Attempt(time.monotonic() + seconds, title=title)


def on_a_lane(work: Callable[[], Outcome]) -> Outcome:
    """Do it on a thread of its own, as a device's lane does."""
    done: list[Outcome] = []
    thread = threading.Thread(target=lambda: done.append(work()))
    thread.start()
    thread.join(timeout=60)
    return done[0]


def to_file(path: Path, paint: Callable[[QPrinter], bool]) -> pypdf.PdfReader:
    """Paint on a thread of its own into a PDF instead of a queue."""

    def work() -> Outcome:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        return Outcome("sent" if paint(printer) else "failed", 0, "")

    assert on_a_lane(work).state == "sent"
    return pypdf.PdfReader(path)


def labels_in(data: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(data)).pages)


def dots_on(page: pypdf.PageObject, dpi: int, size: tuple[int, int]) -> Image.Image:
    """Return the one picture of a page: from the upper left corner, a dot of it a dot of the printer."""
    drawn = page.get_contents()
    assert drawn is not None
    text = drawn.get_data().decode("latin-1")
    scale, height = re.search(r"^([\d.]+) 0 0 -\1 0 (\d+) cm", text, re.MULTILINE).groups()  # type: ignore[union-attr]
    assert abs(float(scale) - 72 / dpi) < 1e-6 and int(height) == page.mediabox.height
    assert f"1 0 0 1 0 0 cm\n{size[0]} 0 0 -{size[1]} 0 {size[1]} cm /Im" in text
    (picture,) = page.images
    assert picture.image is not None and picture.image.size == size
    return picture.image.convert("L")


# ---- labels ----


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("size", SIZES)
def test_a_page_is_exactly_one_label_and_each_dot_is_its_own(
    qapp: QApplication, tmp_path: Path, size: tuple[float, float], dpi: int
) -> None:
    setup = replace(SETUP, dpi=dpi, width_mm=size[0], height_mm=size[1])
    drawn = draw(LABEL, setup)
    job = os_queue._read(os_queue.QueueLabelPrinter("d", setup, "none").render(LabelJob(LABEL, 3)))

    def paint(printer: QPrinter) -> bool:
        os_queue.lay_out(printer, setup)
        every = (os_queue._mono(page) for page in job.pages for _ in range(job.copies))
        return os_queue.paint_labels(printer, every, dpi)

    pages = to_file(tmp_path / "labels.pdf", paint).pages
    assert len(pages) == 3
    for page in pages:
        box = page.mediabox
        assert abs(float(box.width) - size[0] / 25.4 * 72) <= 0.5  # Qt writes whole points
        assert abs(float(box.height) - size[1] / 25.4 * 72) <= 0.5
        dots = dots_on(page, dpi, drawn.size)
        assert dots.convert("1").tobytes() == drawn.tobytes()
        assert codes(dots) == [CODE]


def test_a_driver_with_a_density_of_its_own_gets_larger_dots_of_one_size(
    qapp: QApplication, tmp_path: Path
) -> None:
    drawn = draw(LABEL, SETUP)

    def paint(printer: QPrinter) -> bool:
        os_queue.lay_out(printer, SETUP)
        printer.setResolution(609)  # three times 203, as drivers of 600 dpi do
        (page,) = os_queue._read(os_queue.QueueLabelPrinter("d", SETUP, "none").render(LabelJob(LABEL))).pages
        return os_queue.paint_labels(printer, [os_queue._mono(page)], 203)

    (page,) = to_file(tmp_path / "labels.pdf", paint).pages
    (picture,) = page.images
    assert picture.image is not None and picture.image.size == drawn.size
    contents = page.get_contents()
    assert contents is not None
    assert f"3 0 0 3 0 0 cm\n{drawn.width} 0 0 -{drawn.height}" in contents.get_data().decode("latin-1")


def test_what_a_system_printer_cannot_take_is_refused() -> None:
    printer = os_queue.QueueLabelPrinter("d", SETUP, "none")
    for job in (
        LabelJob(ShippingLabel(b"^XA^XZ", "zpl", "W1")),
        LabelJob(LABEL, 0),
        LabelJob(PriceLabel("", "")),
    ):
        with pytest.raises(Refused):
            printer.render(job)


# ---- through CUPS ----


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[CupsBed, LabelEngine]]:
    """Give a CUPS whose queue `labels` ends in a printer that keeps what it gets."""
    with label_engine() as engine, cups_bed() as bed:
        bed.add_to_port("labels", engine.port)
        monkeypatch.setenv("CUPS_SERVER", bed.server)
        yield bed, engine


def whole_pdf(engine: LabelEngine) -> bytes:
    with engine.changed:
        assert engine.changed.wait_for(lambda: b"%%EOF" in engine.taken, timeout=20)
        return engine.taken


def test_labels_go_through_a_queue(
    qapp: QApplication, cups: tuple[CupsBed, LabelEngine], tmp_path: Path
) -> None:
    _bed, engine = cups
    printer = open_label_printer(Device("dymo", "Dymo", "queue:labels", SETUP), tmp_path)
    data = printer.render(LabelJob(LABEL, 2))
    assert data == printer.render(LabelJob(LABEL, 2))
    outcome = on_a_lane(lambda: printer.send(data, attempt("job-1")))
    assert (outcome.state, outcome.accepted) == ("sent", len(data))
    pages = labels_in(whole_pdf(engine))
    assert len(pages) == 2
    drawn = draw(LABEL, SETUP)
    for page in pages:
        assert (page.mediabox.width, page.mediabox.height) == (162, 91)
        assert dots_on(page, 203, drawn.size).convert("1").tobytes() == drawn.tobytes()
    assert printer.state(time.monotonic() + 5).good


def test_a_paused_or_missing_queue_gets_nothing(
    qapp: QApplication, cups: tuple[CupsBed, LabelEngine], tmp_path: Path
) -> None:
    bed, engine = cups
    bed.run("cupsdisable", "labels")
    for queue, word in (("labels", "paused"), ("other", "no printer called other")):
        printer = open_label_printer(Device("dymo", "Dymo", f"queue:{queue}", SETUP), tmp_path)
        data = printer.render(LabelJob(LABEL))
        outcome = on_a_lane(lambda p=printer, d=data: p.send(d, attempt("job-2")))  # type: ignore[misc]
        assert (outcome.state, outcome.accepted) == ("failed", 0) and word in outcome.message
        assert not printer.state(time.monotonic() + 5).good
    assert engine.taken == b""


def test_a_language_goes_through_a_queue_as_it_is(cups: tuple[CupsBed, LabelEngine], tmp_path: Path) -> None:
    _bed, engine = cups
    zebra = open_label_printer(Device("z", "Z", "queue:labels", replace(SETUP, language="zpl")), tmp_path)
    data = zebra.render(LabelJob(LABEL))
    outcome = zebra.send(data, attempt("job-3"))
    assert outcome.state == "sent"
    assert engine.wait_taken(len(data)) == data
    assert zebra.state(time.monotonic() + 5).good


# ---- documents ----


def document(width: float = 612, height: float = 792, pages: int = 2) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, height))
    for number in range(pages):
        canvas.rect(72, 72, width - 144, height - 144)
        canvas.drawString(100, 100, f"Page {number + 1}")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


LETTER = Device("pages", "Pages", "queue:labels", DocumentPrinterSetup())


def test_a_document_goes_to_cups_as_it_is(cups: tuple[CupsBed, LabelEngine], tmp_path: Path) -> None:
    bed, engine = cups
    printer = open_document_printer(LETTER, tmp_path)
    data = printer.render(Pages(document(), "Z report 12"))
    outcome = printer.send(data, attempt("job-4"))
    assert (outcome.state, outcome.accepted) == ("sent", len(data))
    assert whole_pdf(engine) == data
    bed.run("cupsdisable", "labels")
    outcome = printer.send(data, attempt("job-5", 3))
    assert (outcome.state, outcome.accepted) == ("failed", 0) and "paused" in outcome.message


@pytest.mark.parametrize(("paper", "size"), [("letter", (612, 792)), ("a4", (595, 842))])
def test_where_the_system_takes_no_pdf_pages_are_painted(
    qapp: QApplication, cups: tuple[CupsBed, LabelEngine], paper: str, size: tuple[int, int]
) -> None:
    _bed, engine = cups
    data = document(*size)
    outcome = on_a_lane(
        lambda: os_queue.print_pdf("labels", data, attempt("job-6"), paper)  # type: ignore[arg-type]
    )
    assert (outcome.state, outcome.accepted) == ("sent", len(data))
    pages = labels_in(whole_pdf(engine))
    assert [(page.mediabox.width, page.mediabox.height) for page in pages] == [size, size]


def test_windows_forgets_a_job_that_went_out(
    qapp: QApplication, cups: tuple[CupsBed, LabelEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os_queue, "find_job", lambda _queue, _title: "gone")
    data = document()
    here = on_a_lane(lambda: os_queue.print_pdf("labels", data, attempt("job-8")))
    assert here.state == "unknown"
    monkeypatch.setattr(os_queue, "_forgets_jobs", lambda: True)
    there = on_a_lane(lambda: os_queue.print_pdf("labels", data, attempt("job-9")))
    assert (there.state, there.accepted) == ("sent", len(data))


def painted(tmp_path: Path, data: bytes) -> tuple[float, float, float, float]:
    """Return where the frame of a painted page is, in points from its upper left corner."""
    from bookwish_desk.hardware.pages.pdf_pages import each_page

    def paint(printer: QPrinter) -> bool:
        printer.setResolution(300)
        return os_queue.paint_document(printer, data, "letter")

    reader = to_file(tmp_path / "painted.pdf", paint)
    assert all((page.mediabox.width, page.mediabox.height) == (612, 792) for page in reader.pages)
    drawn, *_more = each_page((tmp_path / "painted.pdf").read_bytes(), 144)
    box = drawn.point(lambda grey: 255 - grey).getbbox()
    assert box is not None
    return tuple(side / 2 for side in box)  # type: ignore[return-value]


def test_painted_pages_are_at_100_percent_and_smaller_only_where_they_must_be(
    qapp: QApplication, tmp_path: Path
) -> None:
    assert painted(tmp_path, document()) == pytest.approx((72, 72, 540, 720), abs=2)
    assert painted(tmp_path, document(306, 396)) == pytest.approx((225, 270, 387, 522), abs=2)
    assert painted(tmp_path, document(1224, 1584)) == pytest.approx((36, 36, 576, 756), abs=2)


def test_a_damaged_document_is_refused_in_words(
    qapp: QApplication, cups: tuple[CupsBed, LabelEngine]
) -> None:
    outcome = on_a_lane(lambda: os_queue.print_pdf("labels", b"%PDF-1.7 rubbish", attempt("job-7")))
    assert outcome == Outcome("failed", 0, "This PDF cannot be read: it is damaged or has a password.")


def test_a_simulated_document_printer_keeps_the_pdf(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = open_document_printer(replace(LETTER, address="sim:"), tmp_path, jobs.append)
    assert isinstance(printer, SimulatedDocumentPrinter)
    data = document()
    assert printer.send(data, attempt()).state == "sent"
    (file,) = (tmp_path / "devices" / "pages").iterdir()
    assert file.read_bytes() == data and [(job.kind, job.path) for job in jobs] == [("page", file)]
    for trouble, condition in (
        (Trouble(paper_out=True), "paper_out"),
        (Trouble(cover_open=True), "cover_open"),
        (Trouble(offline=True), "unplugged"),
    ):
        printer.trouble = trouble
        assert printer.state(0.0).condition == condition
        assert printer.send(data, attempt()) == Outcome("failed", 0, printer.state(0.0).message)


@pytest.mark.parametrize("address", ["tcp:127.0.0.1:9100", "usb:04b8:0e15:"])
def test_a_document_printer_is_one_of_the_system(address: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="this computer's own"):
        open_document_printer(replace(LETTER, address=address), tmp_path)
