"""A carrier's label and its packing slip as one job, read back from what printers get."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops
from zebrafy.zebrafy_zpl import ZebrafyZPL

from bookwish_desk.demo.carriers.drawing import LabelWords, as_pdf, as_png, as_zpl
from bookwish_desk.hardware.labels import make, preview
from bookwish_desk.hardware.labels.drawing import page_of
from bookwish_desk.hardware.labels.zpl import encode
from bookwish_desk.paper.packing_slip import packing_slips
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.packing import PackedLine, PackingSlip
from bookwish_desk.shop.receipt import Letterhead
from tests.hardware.label_readers import codes, read_tspl
from tests.hardware.test_labels import CARRIED, carrier, png

NUMBER = "BW-20261122-AB12"
HEAD = Letterhead("Alder Falls Books", "27 Quarry Street")


def slip(lines: int = 3) -> bytes:
    packed = tuple(PackedLine(1, f"Żółć 東京 {n} ^XZ~JR", "Author", "9780156701600") for n in range(lines))
    return packing_slips([PackingSlip(HEAD, NUMBER, "Ada Byron\n1 Main Street", packed)], "4x6")


def printer(language: str = "zpl", dpi: int = 203) -> LabelPrinterSetup:
    return LabelPrinterSetup(language=language, dpi=dpi, width_mm=101.6, height_mm=152.4)  # type: ignore[arg-type]


def job(data: bytes, form: str, papers: bytes, copies: int = 1) -> LabelJob:
    return LabelJob(ShippingLabel(data, form, NUMBER, slip=papers), copies)  # type: ignore[arg-type]


def pages(made: bytes) -> list[Image.Image]:
    return list(ZebrafyZPL(made.decode("ascii")).to_images())


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.capability("OMG-14", "OMG-19")
def test_a_picture_and_its_slip_are_two_pages_of_one_job_and_both_read(dpi: int) -> None:
    made = make(job(png(carrier(dpi)), "png", slip()), printer(dpi=dpi))
    label, paper = pages(made)
    size = page_of(printer(dpi=dpi))
    assert not ImageChops.difference(
        label.crop((0, 0, size.width, size.height)).convert("L"), carrier(dpi).convert("L")
    ).getbbox()
    assert codes(label) == CARRIED
    assert codes(paper) == [NUMBER]


def test_a_carriers_own_zpl_goes_through_byte_for_byte_before_its_slip() -> None:
    own = encode([carrier().convert("1")], 1)
    made = make(job(own, "zpl", slip()), printer())
    assert made.startswith(own)
    label, paper = pages(made)
    assert codes(label) == CARRIED and codes(paper) == [NUMBER]


def test_copies_come_out_in_pairs() -> None:
    made = make(job(encode([carrier().convert("1")], 1), "zpl", slip(), copies=2), printer())
    assert [codes(page) for page in pages(made)] == [CARRIED, [NUMBER]] * 2


@pytest.mark.parametrize("dpi", [203, 300])
def test_printers_of_other_languages_get_both_too(dpi: int) -> None:
    made = make(job(png(carrier(dpi)), "png", slip()), printer("tspl", dpi))
    assert [codes(one.image) for one in read_tspl(made, dpi)] == [CARRIED, [NUMBER]]


def test_a_long_slip_goes_on_to_further_labels() -> None:
    made = make(job(png(carrier()), "png", slip(lines=30)), printer())
    label, first, *more = pages(made)
    assert more and codes(label) == CARRIED and codes(first) == [NUMBER]


def test_a_damaged_slip_is_said_and_nothing_is_made() -> None:
    with pytest.raises(Refused):
        make(job(png(carrier()), "png", b"%PDF-1.4 cut"), printer())


def test_the_preview_of_a_carriers_own_shows_the_slip_as_well() -> None:
    alone = Image.open(io.BytesIO(preview(job(b"^XA^XZ", "zpl", b""), printer())))
    both = Image.open(io.BytesIO(preview(job(b"^XA^XZ", "zpl", slip()), printer())))
    assert both.height > 1.9 * alone.height and codes(both) == [NUMBER]


WORDS = LabelWords(
    "USPS", "MediaMail", "9400110200881234567890", ("Alder Falls Books", "27 Quarry Street"),
    ("Clara ^XZ Lindqvist", "8 Mill Road", "BRISTOL CT 06010"), 15.4, "2026-11-22", (NUMBER,), media=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("form", "dpi"), [("png", 203), ("png", 300), ("pdf", 203), ("pdf", 300), ("zpl", 203)]
)
@pytest.mark.capability("BW-11", "OMG-19")
def test_a_label_of_the_broker_is_read_from_what_the_printer_gets(form: str, dpi: int) -> None:
    drawn = {"png": as_png, "pdf": as_pdf, "zpl": as_zpl}[form](WORDS)
    label, paper = pages(make(job(drawn, form, slip()), printer(dpi=dpi)))
    assert [found.removeprefix("420") for found in codes(label)] == [WORDS.tracking]
    assert codes(paper) == [NUMBER]
