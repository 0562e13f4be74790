"""A printer in trouble holds up nobody: the sale goes on, the badge tells, and the paper comes later."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"


def receipts(person: Person) -> list[str]:
    """Return the barcodes of the slips that came out of the printer, in order."""
    return [text for job in person.slips() for text, _kind in job.barcodes]


@pytest.mark.capability("BW+12")
@pytest.mark.parametrize("trouble", ["Paper out", "Offline"])
def test_receipts_wait_for_the_printer_and_are_printed_once(selling: Person, trouble: str) -> None:
    selling.flip(trouble)
    for code in (KITE, NORRELL):
        selling.sell(code)
        selling.key("F12")
        selling.see("To pay")
        selling.key("F5")
        selling.see("Paid $", "Next sale", "R1-00000", "waits for")
        selling.key("F12")
    selling.see("not printed")
    assert receipts(selling) == []
    selling.flip(trouble)
    selling.see("Devices ready")
    selling.wait(lambda: receipts(selling) == ["R1-000001", "R1-000002"])
    assert not any("COPY" in "\n".join(slip.lines) for slip in selling.slips())


@pytest.mark.capability("BW+12")
def test_an_old_receipt_waits_for_a_person(selling: Person) -> None:
    selling.flip("Paper out")
    selling.sell(KITE)
    selling.key("F12")
    selling.see("To pay")
    selling.key("F5")
    selling.see("Paid $18.08")
    selling.key("F12")
    selling.see("1 not printed")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)):
        selling.flip("Paper out")
        selling.key("Ctrl+2")
        selling.key("F10")
        selling.see("Receipt R1-000001, Receipt R1-000001 was not printed.", "1 not printed")
        assert receipts(selling) == []
        selling.key("F5")
        selling.see("Devices ready", "No print job is open")
        assert receipts(selling) == ["R1-000001"]
        assert "COPY" not in "\n".join(selling.slips()[0].lines)
        selling.switch_off()
