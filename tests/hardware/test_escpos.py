"""Slips as printer bytes, read back by a strict decoder: right text, right dots, no stray command."""

from __future__ import annotations

import io
import re
import string
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import msgspec
import pytest
import zxingcpp
from anyascii import anyascii
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bookwish_desk.hardware.model import PAPER_80, CodePage, PrinterProfile
from bookwish_desk.hardware.receipts.drawing import Pen, checked_logo, draw, picture, read_logo
from bookwish_desk.hardware.receipts.escpos import harmless, kick_pulse, pulse_at_once, render
from bookwish_desk.hardware.receipts.layout import TextLine, lay_out
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.slip import Code, Logo, Pair, Slip, Words
from tests.hardware.decoder import Printed, decode
from tests.hardware.engine import Engine
from tests.hardware.slips import PAPER_58, logo_png, receipt, slips

RASTER_80 = PrinterProfile(raster_only=True)
RASTER_58 = PrinterProfile(columns=32, dots=384, cut=False, raster_only=True)
PROFILES = [
    PAPER_80,
    PAPER_58,
    RASTER_80,
    RASTER_58,
    PrinterProfile(columns=42, dots=512, code_page="cp437"),
    PrinterProfile(code_page="cp1252"),
]


def slip_of(*elements: Words | Pair | Code | Logo) -> Slip:
    return Slip("test", "t", elements)


def printed(slip: Slip, profile: PrinterProfile = PAPER_80) -> Printed:
    return decode(render(slip, profile))


def codes_in(image: Image.Image) -> list[str]:
    """Read the barcodes of a picture, with the white of the paper's edge around it."""
    paper = Image.new("L", (image.width + 80, image.height + 80), 255)
    paper.paste(image.convert("L"), (40, 40))
    return [found.text for found in zxingcpp.read_barcodes(paper)]


@pytest.mark.capability("BW+03")
@pytest.mark.parametrize("profile", [PAPER_80, PAPER_58], ids=["80 mm", "58 mm"])
def test_a_receipt_comes_out_line_by_line(profile: PrinterProfile) -> None:
    slip = receipt(logo=True)
    out = printed(slip, profile)
    drawn = {"東京ブックガイド 村上春樹", "Łódź: a city"}
    texts = [x for x in lay_out(slip, profile.columns) if isinstance(x, TextLine) and x.text not in drawn]
    rule = "─" * profile.columns
    assert [line for line in out.lines if line != rule] == [x.padded() for x in texts]
    assert out.lines.count(rule) == 2
    assert len(out.images) == 4, "the logo in two pieces, and two lines that no code page has"
    assert out.barcodes == [("R1-000042", 3 if profile is PAPER_80 else 2)]
    assert out.cuts == (1 if profile.cut else 0)
    assert out.order[0] == "reset" and out.code_page == 19 and out.kicks == []


def test_total_is_large_and_bold() -> None:
    out = printed(receipt())
    total = next(i for i, line in enumerate(out.lines) if line.startswith("Total"))
    assert out.styles[total] == (True, 0x11)
    assert out.styles[total - 1] == (False, 0) and out.styles[total + 1] == (False, 0)
    assert len(out.lines[total]) == 24 and out.lines[total].endswith("$111.46")


@pytest.mark.parametrize(
    ("number", "mark"), [(0, "*** COPY ***"), (1, "*** COPY 1 ***"), (12, "*** COPY 12 ***")]
)
def test_a_copy_is_marked_before_everything(number: int, mark: str) -> None:
    for profile in (PAPER_80, PAPER_58):
        slip = msgspec.structs.replace(receipt(copy=True, logo=True), copy_number=number)
        out = printed(slip, profile)
        assert out.lines[0].strip() == mark and out.styles[0] == (True, 0x11)
        assert out.order[:3] == ["reset", "code page", "line"]


def test_an_original_has_no_mark() -> None:
    slip = msgspec.structs.replace(receipt(), copy_number=3)
    assert not any("COPY" in line for line in printed(slip).lines)


@pytest.mark.capability("BW+03")
@pytest.mark.parametrize(
    ("code_page", "as_text", "as_dots"),
    [
        ("cp858", ["Ærø", "ÅÆØåæø ñ ç ß", "12,50 €", "Émile"], ["Łódź", "東京", "Œuvre", "Привет"]),
        ("cp437", ["Émile Zola", "señor ½ £"], ["Ærø", "12,50 €", "Łódź", "東京"]),
        ("cp1252", ["Ærø", "Œuvre", "Š ž", "12,50 €"], ["Łódź", "東京", "Ελλάδα"]),
    ],
)
def test_letters_by_code_page_where_there_is_one_and_dots_where_not(
    code_page: CodePage, as_text: list[str], as_dots: list[str]
) -> None:
    profile = PrinterProfile(code_page=code_page)
    for text in as_text:
        out = printed(slip_of(Pair(text, "1.00")), profile)
        assert out.lines == [text + " " * (48 - len(text) - 4) + "1.00"] and not out.images
    for text in as_dots:
        out = printed(slip_of(Pair(text, "1.00")), profile)
        assert out.lines == [] and len(out.images) == 1
        assert out.images[0].size == (576, 30)
        drawn = Pen(profile).draw(TextLine(text, 48, right="1.00"))
        assert out.images[0].tobytes() == drawn.tobytes()


def test_drawn_letters_are_the_right_ones() -> None:
    """Each has ink of its own, differs from what a poor fallback would draw, and no box stands for it."""
    pen = Pen(PAPER_80)

    def ink(text: str) -> bytes:
        return pen.draw(TextLine(text, 48)).tobytes()

    for text, poor in [("Łódź", "Lodz"), ("Ærø", "Aro"), ("東京", "□□"), ("東京", "京東"), ("村上", "東京")]:
        assert ink(text) != ink(poor)
    assert ink("שלום") == ink(anyascii("שלום")), "what no bundled font has is written in Latin letters"
    assert ink("😀") == ink(":grinning:")


def test_a_decomposed_accent_prints_as_its_letter() -> None:
    assert printed(slip_of(Words("Cafe\u0301"))).lines == ["Café"]


def test_drawn_lines_stay_on_the_paper() -> None:
    for profile in (PAPER_80, PAPER_58):
        wide = "W" * (profile.columns - 10) + "Ł"
        image = Pen(profile).draw(TextLine(wide, profile.columns, right="99.99"))
        assert image.size == (profile.dots, 30)
        gap = image.crop((int(profile.dots - 5 * 12 - 10), 0, int(profile.dots - 5 * 12), 30))
        assert gap.getextrema() == (1, 1) or gap.getextrema() == (255, 255), "text and figure stay apart"


@pytest.mark.parametrize("profile", PROFILES, ids=str)
@pytest.mark.parametrize(
    "code", ["R1-000042", "S-ABCDEFGHIJ23", "H12-1234567", "A" * 24, "R9999-999999999999"]
)
def test_barcodes_can_be_scanned_from_paper(profile: PrinterProfile, code: str) -> None:
    out = printed(slip_of(Code(code)), profile)
    if out.barcodes:
        ((text, module),) = out.barcodes
        assert text == code
        assert (11 * (len(code) + 3) + 2) * module <= profile.dots
    else:
        assert codes_in(out.paper()) == [code]
    assert codes_in(draw(slip_of(Code(code)), profile)) == [code]


def test_raster_only_sends_no_text() -> None:
    out = printed(receipt(copy=True, logo=True), RASTER_80)
    assert out.lines == [] and out.code_page is None and out.barcodes == []
    assert codes_in(out.paper()) == ["R1-000042"]
    assert out.paper().tobytes() == harmless(draw(receipt(copy=True, logo=True), RASTER_80)).tobytes()
    longest = max(len(image.tobytes()) for image in out.images)
    assert longest < 8192, "what frees a printer that was left in a picture is longer than any"


# DLE EOT, DLE ENQ and DLE DC4 act at once wherever a printer meets them.
REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")


@pytest.mark.parametrize(
    "command", [b"\x10\x14\x01\x00\x01", b"\x10\x05\x02", b"\x10\x10\x04\x01", b"\x10\x14\x02\x01\x08"]
)
def test_dots_that_read_like_a_command_get_one_dot_more(command: bytes) -> None:
    """A logo could open the drawer, empty the printer's buffer or switch it off."""
    dots = (bytes(3) + command + bytes(72))[:72] * 40
    image = Image.frombytes("1", (576, 40), bytes(byte ^ 0xFF for byte in dots))
    mended = harmless(image)
    after = bytes(byte ^ 0xFF for byte in mended.tobytes())
    assert REAL_TIME.search(dots) and not REAL_TIME.search(after)
    changed = [(a, b) for a, b in zip(dots, after, strict=True) if a != b]
    assert changed and set(changed) == {(0x10, 0x18)}
    file = io.BytesIO()
    image.save(file, "PNG")
    for profile in (PAPER_80, RASTER_80):
        engine = Engine()
        for byte in render(slip_of(Logo(file.getvalue())), profile):
            engine.feed(bytes([byte]))
        assert engine.pulses == [] and engine.powered and engine.cuts == 1


def test_a_picture_without_commands_stays_as_it_is() -> None:
    image = draw(receipt(logo=True), PAPER_80)
    assert harmless(image) is image or harmless(image).tobytes() != image.tobytes()


@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_is_a_job_of_its_own(pin: int) -> None:
    data = kick_pulse(msgspec.structs.replace(PAPER_80, kick_pin=pin))
    assert decode(data).kicks == [pin] and decode(data).order == ["kick"]
    engine = Engine(paper_out=True)
    engine.feed(pulse_at_once(msgspec.structs.replace(PAPER_80, kick_pin=pin)))
    assert engine.pulses == [(pin, "at once")]


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(receipt(logo=True), PAPER_80) == render(receipt(logo=True), PAPER_80)


@pytest.mark.parametrize(
    "attack",
    [
        "Ann\x1bp\x00\x19\xfa",
        "\x10\x14\x01\x00\x08",
        "x\x1b@",
        "\x1dVA\x00",
        "\x1b{1",
        "Ann\nREFUND -99.00",
        "\x1d(L\x06\x00",
        "a\x7f\x80\x9b b",
        "\u202egnihton",
        "⌂ \ufdd0",
    ],
)
def test_text_from_outside_is_never_a_command(attack: str) -> None:
    for profile in PROFILES:
        out = printed(
            slip_of(Words(attack), Pair(attack, attack), Words(attack, large=True, bold=True)), profile
        )
        assert out.kicks == [] and out.cuts == int(profile.cut)
        assert not any(line.startswith("REFUND") for line in out.lines)


@given(slips, st.sampled_from(PROFILES))
def test_any_slip_gives_only_what_a_slip_may_hold(slip: Slip, profile: PrinterProfile) -> None:
    job = render(slip, profile)
    out = decode(job)
    assert out.kicks == [] and not REAL_TIME.search(job)
    assert out.cuts == int(profile.cut) and out.order[0] == "reset"
    assert out.status_asked == 0
    assert all(image.width == -(-profile.dots // 8) * 8 for image in out.images)
    assert all(set(text) <= set(string.ascii_uppercase + string.digits + "-") for text, _ in out.barcodes)
    expected = [x for x in lay_out(slip, profile.columns) if isinstance(x, TextLine)]
    if not profile.raster_only and slip.copy:
        assert expected[0].text == "*** COPY ***" and out.lines[0].strip() == "*** COPY ***"


# ---- logos ----


def png(width: int, height: int, mode: str = "L", fill: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), fill).save(file, "PNG")
    return file.getvalue()


def bomb() -> bytes:
    """Return a PNG of a few bytes that claims 60,000 x 60,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


def test_a_logo_is_made_smaller_but_never_larger() -> None:
    assert read_logo(png(1200, 300), 576).size == (576, 144)
    assert read_logo(png(1200, 300), 384).size == (384, 96)
    assert read_logo(png(100, 50), 576).size == (100, 50)
    assert read_logo(png(100, 1000), 576).size == (32, 320)
    assert read_logo(png(1900, 1), 576).size == (576, 1)


def test_a_see_through_logo_is_black_on_white() -> None:
    logo = read_logo(png(10, 10, "RGBA", 0), 576)
    assert logo.getextrema() == (255, 255)


def test_a_photograph_keeps_its_greys_as_dots() -> None:
    grey = read_logo(png(80, 80, "L", 128), 576)
    black = grey.histogram()[0] / 6400
    assert 0.3 < black < 0.7


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a png",
        logo_png()[:60],
        logo_png()[:-30],
        bomb(),
        png(2001, 2000),
        b"\x89PNG" + b"\0" * 1_000_001,
    ],
    ids=["empty", "text", "head only", "cut off", "bomb", "too many pixels", "too many bytes"],
)
def test_a_bad_logo_is_refused_and_never_stops_a_receipt(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        checked_logo(data)
    assert refusal.value.code in ("logo.too_big", "logo.unreadable")
    out = printed(slip_of(Logo(data), Words("Hello")))
    assert out.lines == ["Hello"] and out.images == []


def test_other_kinds_of_picture_are_refused() -> None:
    file = io.BytesIO()
    Image.new("L", (10, 10)).save(file, "GIF")
    with pytest.raises(Refused):
        checked_logo(file.getvalue())


def test_a_checked_logo_is_a_small_png_and_stays_the_same() -> None:
    checked = checked_logo(logo_png(1200, 480))
    assert checked.startswith(b"\x89PNG") and len(checked) < 20_000
    assert checked_logo(checked) == checked
    assert printed(slip_of(Logo(checked))).images[0].width == 576


def test_the_picture_of_the_paper_is_a_png_that_scans() -> None:
    for profile in (PAPER_80, PAPER_58):
        with Image.open(io.BytesIO(picture(receipt(copy=True, logo=True), profile))) as image:
            assert image.format == "PNG" and image.width > profile.dots
            assert codes_in(image) == ["R1-000042"]


def test_the_printing_library_leaves_nothing_behind(tmp_path: Path) -> None:
    """Its import makes a temporary folder and a log handler, and it talks on the standard output."""
    program = (
        "import logging; from bookwish_desk.hardware.receipts.escpos import render;"
        "from bookwish_desk.hardware.model import PAPER_80; from tests.hardware.slips import receipt;"
        "render(receipt(logo=True), PAPER_80); assert logging.root.handlers == []"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys, bookwish_desk.hardware.receipts, bookwish_desk.shop.barcode;"
        "sys.exit([m for m in ('escpos', 'PIL', 'barcode', 'stdnum', 'anyascii') if m in sys.modules] or 0)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
