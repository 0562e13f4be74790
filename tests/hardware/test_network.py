"""What answers at an address is found out, and nothing of the asking comes out on any printer's paper."""

from __future__ import annotations

import itertools
import socket
import time

import pytest

from bookwish_desk.hardware.finding import network, snmp
from bookwish_desk.hardware.finding.network import FOR_PAGES, NO_PRINTER, SILENT, look_at
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.shop.device import LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import DeviceError, Refused
from bookwish_desk.shop.found import Found
from tests.hardware.network_printers import Banner, Kind, Lines, Pages, Receipts, Zebra, at_port, snmp_agent

DEVICE_ID = bytes([1, 2, 1, 2, 1, 1, 3, 1])
DESCRIPTION = bytes([25, 3, 2, 1, 3, 1])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait hardly at all, for printers that never say anything."""
    monkeypatch.setattr(network, "_ANSWER_SECONDS", 0.02)


def unused_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def look(kind: Kind, told: dict[bytes, bytes] | None = None) -> Found:
    """Look at a printer of a kind and return what is found; it must have printed nothing."""
    with snmp_agent(told or {}) as port, at_port(kind) as address:
        found = look_at(address, time.monotonic() + 20, snmp_port=port if told is not None else unused_port())
        assert found.address == f"tcp:{address}"
        assert found.detail == address
    assert bytes(kind.printed) == b""
    return found


def test_a_receipt_printer_says_its_maker_and_model() -> None:
    found = look(Receipts())
    assert (found.role, found.name, found.note, found.usable) == (
        "receipt_printer",
        "EPSON TM-T20III",
        "",
        True,
    )
    assert found.setup == ReceiptPrinterSetup()


def test_a_clone_that_does_not_know_its_name_keeps_nothing_for_the_next_receipt() -> None:
    printer = Receipts(model=None)
    found = look(printer)
    assert (found.role, found.name, found.usable) == ("receipt_printer", "Printer in the network", True)
    assert printer.seen.endswith(b"\x1b@")


def test_a_receipt_printer_that_is_a_label_printer_by_name_is_one() -> None:
    found = look(Receipts(model=b"XP-420B", maker=b"Xprinter"))
    assert found.role == "label_printer"
    assert found.setup == LabelPrinterSetup(language="tspl")


def test_a_narrow_printer_is_set_up_narrow() -> None:
    assert look(Receipts(model=b"POS-58", maker=b"ZJ")).setup == ReceiptPrinterSetup(
        paper_mm=58, cutter=False
    )


@pytest.mark.parametrize(("dots", "dpi"), [(b"8", 203), (b"12", 300)])
def test_a_zebra_says_its_model_and_its_dots(dots: bytes, dpi: int) -> None:
    found = look(Zebra(b"\x02ZD421,V92.21.39Z," + dots + b",8192KB,X\x03\r\n"))
    assert (found.role, found.name) == ("label_printer", "ZD421")
    assert found.setup == LabelPrinterSetup(language="zpl", dpi=dpi)  # type: ignore[arg-type]


def test_a_tspl_printer_answers_its_own_question() -> None:
    found = look(Lines(status=b"\0"))
    assert (found.role, found.name) == ("label_printer", "TSPL label printer")
    assert found.setup == LabelPrinterSetup(language="tspl")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", [Receipts(answers=False), Lines(), Zebra(b"")], ids=["escpos", "epl", "zpl"])
def test_a_printer_that_says_nothing_is_left_to_the_person(kind: Kind) -> None:
    found = look(kind)
    assert (found.role, found.note, found.usable) == ("receipt_printer", SILENT, True)


def test_another_service_is_no_printer_and_is_asked_nothing() -> None:
    found = look(Banner())
    assert (found.name, found.note, found.usable) == ("SSH-2.0-OpenSSH_9.2", NO_PRINTER, False)


def test_whatever_is_asked_nothing_is_printed_by_anybody() -> None:
    """The order is for the sake of those that are not modelled here; these print nothing in any order."""
    questions = (network._escpos, network._tspl, network._zpl)
    for order in itertools.permutations(questions):
        for kind in (Receipts(answers=False), Receipts(answers=False, model=None), Zebra(b""), Lines()):
            with at_port(kind) as address:
                host, _, port = address.partition(":")
                deadline = time.monotonic() + 20
                link = TcpTransport(host, int(port)).open(deadline)
                for question in order:
                    question(link, time.monotonic() + 0.01)
                link.write(network._FORGET, deadline)
                link.settle(deadline)
                link.close(deadline)
            assert bytes(kind.printed) == b"", (order, kind)


# ---- SNMP ----


def test_a_page_printer_is_known_by_snmp_and_gets_no_byte() -> None:
    found = look(Pages(), {DEVICE_ID: b"MFG:HP;CMD:PCL,PJL,POSTSCRIPT;MDL:LaserJet 400;CLS:PRINTER;"})
    assert (found.role, found.name, found.note, found.usable) == (
        "document_printer", "HP LaserJet 400", FOR_PAGES, False,
    )  # fmt: skip


def test_a_printer_that_tells_its_language_by_snmp_is_asked_no_more() -> None:
    printer = Receipts(model=b"never asked")
    found = look(printer, {DEVICE_ID: b"MFG:EPSON;CMD:ESC/POS;MDL:TM-m30;"})
    assert found.name == "EPSON TM-m30"
    assert printer.seen == b""


def test_a_description_says_which_question_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("_escpos", "_tspl", "_zpl"):
        monkeypatch.setattr(network, name, lambda _link, _deadline, name=name: asked.append(name))
    silent = look(Zebra(b""), {DESCRIPTION: b"ZebraNet PrintServer"})
    assert asked == ["_zpl", "_tspl", "_escpos"]
    assert (silent.role, silent.name, silent.note) == ("label_printer", "ZebraNet PrintServer", SILENT)


@pytest.mark.usefixtures("impatient")
def test_what_a_device_tells_is_cleaned() -> None:
    found = look(Receipts(answers=False), {DESCRIPTION: b"Printer\x1b[31m\r\n\xe2\x80\xaeevil" + b"x" * 500})
    assert found.name.isprintable()
    assert len(found.name) <= 80


def test_long_answers_are_read_whole() -> None:
    with snmp_agent({DEVICE_ID: b"MFG:HP;MDL:" + b"x" * 300 + b";"}) as port:
        told = snmp.ask("127.0.0.1", time.monotonic() + 10, port)
    assert told.device_id.endswith("x;")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x30",
        b"\x30\x05\x02\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80\x00",
        b"\xff" * 40,
        b"\x30\x02\x05\x00",
    ],
)
def test_rubbish_is_no_answer(answer: bytes) -> None:
    assert snmp._answer(answer) == (-1, "")


# ---- what is no printer at all ----


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(DeviceError) as fault:
        look_at(f"127.0.0.1:{unused_port()}", time.monotonic() + 5)
    assert "127.0.0.1" in fault.value.message


@pytest.mark.parametrize("typed", ["", "not an address!", "192.168.1.50:99999", "a/b"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        look_at(typed, time.monotonic() + 5)
