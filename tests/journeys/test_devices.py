"""Devices set up at the counter: a printer in the network is added, tried, used, lost and found again."""

from __future__ import annotations

import contextlib

import pytest

from tests.hardware.decoder import Printed, Unexpected, decode
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer
from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"
_RESET = b"\x1b@"


def slips(printer: TcpPrinter) -> list[Printed]:
    """Return what came out on the printer's paper, slip by slip, but for one that is just being printed."""
    found = []
    for job in bytes(printer.engine.paper).split(_RESET):
        with contextlib.suppress(Unexpected):
            found += [decode(_RESET + job)] if job else []
    return found


def on_paper(printer: TcpPrinter, words: str) -> bool:
    return any(words in line for slip in slips(printer) for line in slip.lines)


def receipts(printer: TcpPrinter) -> list[str]:
    """Return the numbers of the receipts on the paper, by their barcodes."""
    return [text for slip in slips(printer) for text, _kind in slip.barcodes]


def add_printer(person: Person, printer: TcpPrinter, name: str) -> None:
    """Add the printer by its address, as the register's receipt printer, with a test page."""
    person.key("Ctrl+6")
    person.see("Receipt printer", "Add a device")
    person.key("F11")
    person.sheet()
    person.type(f"127.0.0.1:{printer.port}", into="Address of a network printer")
    person.press("Look at this address")
    person.see("Name")
    person.type(name, into="Name")
    person.press("Add and test")
    person.no_sheet()


def sell(person: Person, code: str) -> str:
    """Sell a book for cash and return the receipt's number."""
    person.key("Ctrl+1")
    person.sell(code)
    return person.pay_cash()


@pytest.mark.slow
def test_a_network_printer_is_added_in_a_minute_and_used_from_then_on(selling: Person) -> None:
    with tcp_printer() as printer:
        add_printer(selling, printer, "Counter printer")
        selling.see("Counter printer")
        selling.wait(lambda: on_paper(printer, "Printer test"))
        receipt = sell(selling, KITE)
        selling.wait(lambda: receipt in receipts(printer))
        assert len(printer.engine.pulses) == 1, "the drawer hangs on it now"
        selling.see("Devices ready")
        printer.order("power off")
        selling.sell(NORRELL)
        selling.key("F12")
        selling.see("To pay")
        selling.key("F5")
        late = selling.find(r"Receipt (\S+) waits for Counter printer")
        selling.see("1 not printed", "Counter printer: no answer")
        printer.order("power on")
        selling.wait(lambda: late in receipts(printer))
        selling.see("Devices ready")
        assert receipts(printer) == ["TEST-1234", receipt, late]
        selling.switch_off()
