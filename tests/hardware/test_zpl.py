"""ZPL jobs, decoded by a reader that this project did not write; carriers' own; what Zebra printers say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zebrafy.zebrafy_zpl import ZebrafyZPL

from bookwish_desk.hardware.labels import zpl
from bookwish_desk.hardware.labels.drawing import draw
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import PriceLabel
from tests.hardware.label_readers import codes

CODE = "9780156701600"
CARRIER = b"^XA^PW812^LL1218^FO50,50^A0N,40,40^FDSHIP TO: MADE UP^FS^BY3^BCN,120^FD940553610615^FS^PQ1^XZ"


def label(title: str = "Orlando") -> PriceLabel:
    return PriceLabel(title, CODE, "$16.99", title, title, title)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("size", [(57.0, 32.0), (38.0, 25.0), (101.6, 152.4), (60.3, 31.7)])
@pytest.mark.parametrize("compressed", [True, False], ids=["z64", "hex"])
def test_a_label_comes_out_dot_for_dot(dpi: int, size: tuple[float, float], compressed: bool) -> None:
    setup = LabelPrinterSetup(dpi=dpi, width_mm=size[0], height_mm=size[1])  # type: ignore[arg-type]
    drawn = draw(label("Żółć 東京"), setup)
    job = zpl.encode([drawn], 3, compressed)
    (read,) = ZebrafyZPL(job.decode("ascii")).to_images()
    assert read.crop((0, 0, *drawn.size)).convert("1").tobytes() == drawn.tobytes()
    behind = read.crop((drawn.width, 0, read.width, read.height))
    assert behind.width < 8 and (behind.width == 0 or behind.convert("L").getextrema() == (255, 255))
    assert codes(read) == [CODE]
    assert (f"^PW{drawn.width}^LL{drawn.height}^LH0,0".encode() in job) and b"^PQ3^XZ" in job
    assert (b":Z64:" in job) is compressed


def test_pages_are_formats_of_their_own_and_z64_is_small() -> None:
    drawn = draw(label(), LabelPrinterSetup(width_mm=101.6, height_mm=152.4))
    job = zpl.encode([drawn, drawn], 1)
    assert job.count(b"^XA") == job.count(b"^XZ") == 2
    assert len(job) < 20_000 < len(zpl.encode([drawn, drawn], 1, compressed=False))


ORDERS = st.text(st.sampled_from("^~XAZFDSJRHGN\x1b\x02\"'\\\r\n{}%,:09é東"), max_size=60)


@settings(max_examples=80, deadline=None)
@given(ORDERS | st.text(max_size=60))
def test_no_text_becomes_a_command(text: str) -> None:
    wanted = text + '^XA~JR^FS^XZ"\x1b!?'
    drawn = draw(PriceLabel(wanted, CODE, wanted, wanted, wanted, wanted), LabelPrinterSetup())
    for compressed in (True, False):
        job = zpl.encode([drawn], 1, compressed)
        assert re.fullmatch(
            rb"\^XA\^PW456\^LL256\^LH0,0\^FO0,0\^GFA,14592,14592,57,"
            rb"(:Z64:[A-Za-z0-9+/=]+:[0-9A-F]{4}|[0-9A-F]{29184})\^FS\^PQ1\^XZ\r\n",
            job,
        )


# ---- carriers' own ----


@pytest.mark.parametrize("copies", [1, 3])
def test_a_carriers_label_goes_through_as_it_is(copies: int) -> None:
    assert zpl.pass_on(CARRIER, copies, 203) == (CARRIER + b"\r\n") * copies


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf\r\n" + CARRIER + b"\n\n",
        b"CT~~CD,~CC^~CT~\r\n^XA~TA000~JSN^LT0^MNW^MTT^PON^PMN^LH0,0^JMA^PR5,5~SD15^JUS^LRN^CI0^XZ\r\n"
        + CARRIER,
        b"~DGR:LOGO.GRF,00080,010,FFFFFFFF\r\n" + CARRIER,
        CARRIER.lower().replace(b"^fd", b"^FD"),
        CARRIER * 3,
    ],
)
def test_what_carriers_write_around_their_labels_is_let_through(data: bytes) -> None:
    assert zpl.pass_on(data, 1, 203).strip() == data.removeprefix(b"\xef\xbb\xbf").strip()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        b"<html>Your session has expired</html>",
        CARRIER[:-3],
        CARRIER[3:],
        CARRIER[: len(CARRIER) // 2],
        CARRIER + b"^XA^FDcut off",
        b"HELLO" + CARRIER,
        b"^XA" + CARRIER,
        b"^XA^JUS^XZ" + bytes(3_000_001) + b"^XZ",
        b"~DG" + b" " * 500_000 + b"^FO" + CARRIER,  # read in every possible way it would take for ever
    ],
)
def test_what_is_no_zpl_or_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        zpl.pass_on(data, 1, 203)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "order",
    [
        b"~JR",
        b"^KP1234",
        b"^NS1,10.0.0.9",
        b"~NR",
        b"^WX01",
        b"~HS",
        b"^HH",
        b"^JBE",
        b"~JA",
        b"^EF",
        b"^SX",
        b"~WC",
    ],
)
def test_orders_that_change_the_printer_are_refused(order: bytes) -> None:
    with pytest.raises(Refused, match="change the printer"):
        zpl.pass_on(CARRIER.replace(b"^PQ1", order + b"^PQ1"), 1, 203)


def test_a_label_made_for_203_dpi_is_not_printed_small_at_300() -> None:
    with pytest.raises(Refused, match="203 dpi"):
        zpl.pass_on(CARRIER, 1, 300)
    large = CARRIER.replace(b"^PW812", b"^PW1200")
    assert zpl.pass_on(large, 1, 300).strip() == large


# ---- what printers say ----


def host_status(
    paper: int = 0, pause: int = 0, formats: int = 0, partial: int = 0, hot: int = 0, **more: int
) -> bytes:
    """Return an answer to ~HS as the guide gives it."""
    head, ribbon, labels = more.get("head", 0), more.get("ribbon", 0), more.get("labels", 0)
    return (
        f"\x02030,{paper},{pause},1218,{formats:03d},0,0,{partial},000,0,0,{hot}\x03\r\n"
        f"\x02000,0,{head},{ribbon},1,2,6,0,{labels:08d},1,000\x03\r\n\x021234,0\x03\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ({}, "ready"),
        ({"paper": 1}, "paper_out"),
        ({"paper": 1, "head": 1}, "cover_open"),
        ({"ribbon": 1}, "ribbon_out"),
        ({"pause": 1}, "paused"),
        ({"hot": 1}, "hot"),
        ({"formats": 2}, "busy"),
        ({"labels": 7}, "busy"),
    ],
)
def test_host_status_is_read(said: dict[str, int], condition: str) -> None:
    status = zpl.read_host_status(host_status(**said))
    assert status is not None and status.condition == condition
    assert status.idle is (condition == "ready")


def test_a_format_that_is_coming_in_is_not_idle() -> None:
    status = zpl.read_host_status(host_status(partial=1))
    assert status is not None and not status.idle and status.condition == "ready"


@pytest.mark.parametrize(
    "answer", [b"", b"\x02", b"\x02a,b\x03\r\n\x02c\x03\r\n", host_status()[:40], b"OK\r\n"]
)
def test_no_answer_and_a_part_of_one_say_nothing(answer: bytes) -> None:
    assert zpl.read_host_status(answer) is None


def errors(flag: int, first: str, second: str) -> bytes:
    return (
        f"\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         {flag} {first} {second}\r\n"
        "   WARNINGS:       0 00000000 00000000\r\n\x03"
    ).encode()


@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        (errors(0, "00000000", "00000000"), "ready"),
        (errors(1, "00000000", "00000001"), "paper_out"),
        (errors(1, "00000000", "00000002"), "ribbon_out"),
        (errors(1, "00000000", "00000005"), "cover_open"),
        (errors(1, "00000000", "00000008"), "cutter"),
        (errors(1, "00000000", "00000010"), "hot"),
        (errors(1, "00000000", "00010000"), "paused"),
        (errors(1, "00000000", "00000100"), "error"),
        (errors(1, "00000001", "00000000"), "error"),
        (b"", None),
        (b"PRINTER STATUS ERRORS: 1", None),
    ],
)
def test_error_flags_are_read(answer: bytes, condition: str | None) -> None:
    assert zpl.read_errors(answer) == condition


@given(st.binary(max_size=300))
def test_any_answer_can_be_read(answer: bytes) -> None:
    zpl.read_host_status(b"\x02" + answer + b"\x03\x02" + answer + b"\x03")
    zpl.read_errors(b"ERRORS: " + answer)
