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


def kept_slips(person: Person, device: str) -> list[Printed]:
    """Return what a simulated printer put on paper."""
    return [decode(job) for job in person.jobs(device)]


def add_simulated(person: Person, what: str, name: str) -> None:
    """Add a simulated device without a test."""
    person.key("F11")
    person.sheet()
    person.choose_row("What is there", what)
    person.press("Set it up")
    person.type(name, into="Name")
    person.press("Add without a test")
    person.no_sheet()
    person.wait(lambda: any(row.startswith(f"{name}, ") for row in person.rows("Devices")))


def test_a_second_printer_takes_the_receipts_when_one_says_so(selling: Person) -> None:
    selling.key("Ctrl+6")
    add_simulated(selling, "Simulated receipt printer", "Back room")
    sell(selling, KITE)
    assert kept_slips(selling, "back-room") == [], "a second one takes nothing by itself"
    selling.key("Ctrl+6")
    selling.choose_row("Devices", "Back room")
    selling.see("Now: Receipt printer")
    selling.press("Use it for receipts")
    selling.see("Back room is used for receipts now.")
    before = len(selling.jobs())
    second = sell(selling, NORRELL)
    selling.wait(lambda: len(kept_slips(selling, "back-room")) == 1)
    assert second in [code for code, _kind in kept_slips(selling, "back-room")[0].barcodes]
    assert len(selling.jobs()) == before


def test_what_waits_for_a_printer_that_is_removed_is_printed_on_another(selling: Person) -> None:
    selling.flip("Paper out")
    selling.sell(KITE)
    selling.key("F12")
    selling.see("To pay")
    selling.key("F5")
    receipt = selling.find(r"Receipt (\S+) waits for")
    selling.key("Ctrl+6")
    selling.see("Paper out. Put in a new roll")
    add_simulated(selling, "Simulated receipt printer", "Spare")
    selling.choose_row("Devices", "Receipt printer, ")
    selling.key("Ctrl+D")
    selling.see("Remove Receipt printer?", "What waits for it is not printed")
    selling.press("Remove device")
    selling.no_sheet()
    selling.see("Receipt printer was removed. No printer is used for receipts now.", "No printer")
    selling.wait(lambda: selling.rows("Devices")[0].startswith("Spare, "))
    selling.press("Use it for receipts")
    selling.see("Spare is used for receipts now.", "1 not printed")
    assert kept_slips(selling, "spare") == [], "nothing is printed by itself on another printer"

    selling.key("Ctrl+2")
    selling.key("F10")
    selling.see(f"Receipt {receipt}", "Not printed")
    selling.key("F5")
    selling.see("No print job is open", "Devices ready")
    (slip,) = kept_slips(selling, "spare")
    assert receipt in [code for code, _kind in slip.barcodes]
    assert "COPY" not in "\n".join(slip.lines), "it is the first on paper"


def test_a_clerk_tests_devices_and_asks_before_changing_them(clerk: Person) -> None:
    clerk.key("Ctrl+6")
    clerk.see("The printer is ready.")
    clerk.key("F5")
    clerk.see("The test was printed.")
    clerk.key("Ctrl+D")
    clerk.press("Remove device")
    clerk.see("A manager must approve this: edit settings")
    clerk.key("Escape")
    clerk.no_sheet()
    assert clerk.rows("Devices")[0].startswith("Receipt printer, ")
    clerk.choose("Paper", "58 mm wide")
    clerk.key("F12")
    clerk.see("A manager must approve this: edit settings")
    clerk.press("Maya R.")
    clerk.type("4071\n")
    clerk.no_sheet()
    clerk.see("Paper: 58 mm wide", "Saved")
    clerk.key("F5")
    clerk.see("The test was printed.")
    assert len(clerk.jobs()) == 2
