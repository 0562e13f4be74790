"""TSPL jobs, read back strictly, and the status byte of the printers that take them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.hardware.labels import tspl
from bookwish_desk.hardware.labels.drawing import draw
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.label import PriceLabel
from tests.hardware.label_readers import codes, read_tspl

CODE = "9780156701600"


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("size", [(57.0, 32.0), (38.0, 25.0), (101.6, 152.4), (60.3, 31.7)])
def test_a_label_comes_out_dot_for_dot(dpi: int, size: tuple[float, float]) -> None:
    setup = LabelPrinterSetup("tspl", dpi, *size)  # type: ignore[arg-type]
    drawn = draw(PriceLabel("Łódź 東京", CODE, "$16.99"), setup)
    first, second = read_tspl(tspl.encode([drawn, drawn], 4, setup), dpi)
    for read in (first, second):
        assert read.copies == 4
        assert read.image.size == drawn.size and read.image.tobytes() == drawn.tobytes()
        assert codes(read.image) == [CODE]


def test_the_label_and_its_gap_are_said_before_the_memory_is_cleared() -> None:
    setup = LabelPrinterSetup("tspl", 203, 57.5, 32, gap_mm=2.5)
    job = tspl.encode([draw(PriceLabel("", CODE), setup)], 1, setup)
    head = job[: job.index(b"BITMAP")].decode()
    assert head.split("\r\n")[1:] == [
        *("SIZE 57.5 mm,32 mm", "GAP 2.5 mm,0 mm", "DIRECTION 1", "REFERENCE 0,0", "CLS", ""),
    ]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_no_text_becomes_a_command(text: str) -> None:
    setup = LabelPrinterSetup("tspl")
    wanted = text + '"\r\nSELFTEST\r\nPRINT 99\r\n\x1b!R'
    drawn = draw(PriceLabel(wanted, CODE, wanted, wanted, wanted, wanted), setup)
    (read,) = read_tspl(tspl.encode([drawn], 1, setup), 203)
    assert read.copies == 1


@pytest.mark.parametrize(
    ("byte", "condition"),
    [
        (0x00, "ready"),
        (0x01, "cover_open"),
        (0x02, "cutter"),
        (0x04, "paper_out"),
        (0x05, "cover_open"),
        (0x08, "ribbon_out"),
        (0x0C, "paper_out"),
        (0x10, "paused"),
        (0x20, "busy"),
        (0x40, "cover_open"),
        (0x80, "error"),
    ],
)
def test_the_status_byte_is_read(byte: int, condition: str) -> None:
    assert tspl.read_state(bytes([byte])) == condition


def test_no_answer_says_nothing() -> None:
    assert tspl.read_state(b"") is None and tspl.read_state(b"OK") is None
    assert all(tspl.read_state(bytes([byte])) for byte in range(256))
