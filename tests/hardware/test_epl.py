"""EPL jobs, read back strictly; carriers' own; and what printers that take EPL say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.hardware.labels import epl
from bookwish_desk.hardware.labels.drawing import draw
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import PriceLabel
from tests.hardware.label_readers import codes, read_epl

CODE = "9780156701600"
CARRIER = (
    b'\nN\nq812\nQ1218,24\nA50,50,0,4,1,1,N,"SHIP TO: MADE UP"\nB50,200,0,1,3,3,120,B,"940553610615"\n'
    b"LO50,400,700,3\nGW0,500,2,3,\r\nP1\n\xff\nP1\n"
)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("size", [(57.0, 32.0), (38.0, 25.0), (101.6, 152.4), (60.3, 31.7)])
def test_a_label_comes_out_dot_for_dot(dpi: int, size: tuple[float, float]) -> None:
    setup = LabelPrinterSetup("epl", dpi, *size)  # type: ignore[arg-type]
    drawn = draw(PriceLabel("Łódź 東京", CODE, "$16.99"), setup)
    for read in read_epl(epl.encode([drawn, drawn], 4, setup)):
        assert read.copies == 4
        assert read.image.size == drawn.size and read.image.tobytes() == drawn.tobytes()
        assert codes(read.image) == [CODE]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_no_text_becomes_a_command(text: str) -> None:
    setup = LabelPrinterSetup("epl")
    wanted = text + '"\r\nP99\r\n^default\r\nU'
    drawn = draw(PriceLabel(wanted, CODE, wanted, wanted, wanted, wanted), setup)
    (read,) = read_epl(epl.encode([drawn], 1, setup))
    assert read.copies == 1


def test_a_carriers_label_goes_through_as_it_is() -> None:
    assert epl.pass_on(CARRIER, 2) == (b"\r\n" + CARRIER.strip(b"\n") + b"\r\n") * 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"^XA^XZ",
        b"%PDF-1.7\n",
        CARRIER[:-3],
        CARRIER[: CARRIER.index(b"GW") + 14],
        CARRIER.replace(b"GW0,500,2,3", b"GW0,500,99999,99999"),
        CARRIER.replace(b"\nN\n", b"\n"),
        bytes(3_000_001),
    ],
)
def test_what_is_no_epl_or_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        epl.pass_on(data, 1)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "order", [b"^default", b"dump", b"U", b"Y96,N,8,1", b"M0,0,0", b'FK"X"', b"^@", b"AUTOFR"]
)
def test_orders_that_do_not_print_are_refused(order: bytes) -> None:
    with pytest.raises(Refused, match="not for printing"):
        epl.pass_on(CARRIER.replace(b"LO50", order + b"\nLO50"), 1)


@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        (b"00\r\n", "ready"),
        (b"01\r\n", "ready"),
        (b"07\r\n", "paper_out"),
        (b"11\r\n", "cover_open"),
        (b"07,11\r\n", "cover_open"),
        (b"12\r\n", "paused"),
        (b"81\r\n", "error"),
        (b"", None),
        (b"7\r\n", None),
        (b"\x13", None),
    ],
)
def test_error_codes_are_read(answer: bytes, condition: str | None) -> None:
    assert epl.read_state(answer) == condition


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_passed_on_or_refused(data: bytes) -> None:
    try:
        passed = epl.pass_on(b"N\n" + data + b"\nP1\n", 1)
    except Refused:
        return
    assert data.strip(b"\r\n") in passed
