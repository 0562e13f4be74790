"""Slips for Star printers, read back by a strict reader of raster mode, written from Star's manual."""

from __future__ import annotations

import re
from typing import Any

import pytest
import zxingcpp
from hypothesis import given
from PIL import Image

from bookwish_desk.hardware.model import PAPER_80, Attempt, Outcome
from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer, profile_of
from bookwish_desk.hardware.receipts.drawing import draw
from bookwish_desk.hardware.receipts.star import FREE, drawer_pulse, render_raster
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup
from bookwish_desk.shop.slip import Slip
from tests.hardware.slips import PAPER_58, receipt, slips
from tests.hardware.tcp_printer import tcp_printer

BEGIN = re.compile(rb"\x1b\*rR\x1b\*rA\x1b\*rP0\0\x1b\*rE(\d+)\0")
EMPTY = re.compile(rb"\x1b\*rY(\d{1,5})\0")
END = b"\x1b\x0c\x04\x1b*rB"


def read(job: bytes, dots: int) -> tuple[Image.Image, int]:
    """Return the picture and the mode of the end; fails on anything that does not belong there."""
    begin = BEGIN.match(job)
    assert begin is not None and job.endswith(END)
    at, rows = begin.end(), bytearray()
    wide = dots // 8
    while job[at:] != END:
        if empty := EMPTY.match(job, at):
            rows += bytes(wide * int(empty[1]))
            at = empty.end()
        else:
            assert job[at : at + 1] == b"b", (at, job[at : at + 8])
            size = int.from_bytes(job[at + 1 : at + 3], "little")
            assert 0 < size <= wide
            row = job[at + 3 : at + 3 + size]
            assert len(row) == size and row[-1] != 0
            rows += row.ljust(wide, b"\0")
            at += 3 + size
    dots_on = bytes(byte ^ 0xFF for byte in rows)
    return Image.frombytes("1", (dots, len(rows) // wide), dots_on), int(begin[1])


@pytest.mark.parametrize("profile", [PAPER_80, PAPER_58], ids=["80 mm", "58 mm"])
def test_a_whole_slip_comes_out_as_dots_and_its_barcode_scans(profile: Any) -> None:
    slip = receipt(logo=True, copy=True)
    image, _ = read(render_raster(slip, profile), profile.dots)
    assert image.tobytes() == draw(slip, profile).tobytes()
    paper = Image.new("L", (image.width + 80, image.height + 80), 255)
    paper.paste(image.convert("L"), (40, 40))
    assert [found.text for found in zxingcpp.read_barcodes(paper)] == ["R1-000042"]


def test_it_cuts_where_there_is_a_cutter_and_else_feeds_to_the_tear_bar() -> None:
    assert read(render_raster(receipt(), PAPER_80), 576)[1] == 13
    assert read(render_raster(receipt(), PAPER_58), 384)[1] == 3


def test_empty_paper_costs_next_to_nothing() -> None:
    job = render_raster(receipt(logo=True), PAPER_80)
    assert len(job) < 576 // 8 * read(job, 576)[0].height * 0.7


@given(slips)
def test_any_slip_is_one_picture(slip: Slip) -> None:
    image, mode = read(render_raster(slip, PAPER_80), 576)
    assert mode == 13 and image.height >= 1


@pytest.mark.parametrize(("pin", "pulse"), [(2, b"\x07"), (5, b"\x1a")])
def test_it_is_never_asked_and_its_jobs_are_sent_at_best(pin: Any, pulse: bytes, tmp_path: Any) -> None:
    with tcp_printer() as far:
        setup = ReceiptPrinterSetup(
            language="star", drawer_pin=pin, confirms="process_id", drawer_sensor=True
        )
        device = Device("star", "Star", f"tcp:127.0.0.1:{far.port}", setup)
        printer = open_receipt_printer(device, tmp_path)
        assert printer.profile == profile_of(setup)
        data = printer.render(receipt())
        assert data == render_raster(receipt(), printer.profile)
        outcome = printer.send(data, Attempt(1e9))
        assert outcome == Outcome(
            "sent", len(data), "The printer took the job. It does not confirm printing."
        )
        assert far.wait_job() == data
        drawer = open_drawer(device, printer, tmp_path)
        assert drawer is not None and drawer.kick(1e9).state == "sent"
        assert far.wait_job() == pulse == drawer_pulse(printer.profile)
        assert printer.state(1e9).condition == "unknown"


def test_a_copy_after_a_restart_first_frees_the_printer(tmp_path: Any) -> None:
    with tcp_printer() as far:
        setup = ReceiptPrinterSetup(language="star")
        printer = open_receipt_printer(Device("star", "Star", f"tcp:127.0.0.1:{far.port}", setup), tmp_path)
        slip = receipt(copy=True)
        data = printer.render(slip)
        for expected in (FREE + data, data):
            assert printer.send(data, Attempt(1e9, slip=slip)).state == "sent"
            assert far.wait_job() == expected
