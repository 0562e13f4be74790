"""The till: money in and out, a look into it, the blind count, the Z report, and the next morning."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from pypdf import PdfReader

from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"


def move(person: Person, key: str, amount: str, reason: str) -> None:
    person.key(key)
    if amount:
        person.type(amount + "\n")
    person.type(reason + "\n")
    person.no_sheet()
    person.see(reason)


@pytest.mark.capability("BW+06", "BW+12", "BW+14")
def test_a_day_at_the_till_from_float_to_z_report(selling: Person) -> None:
    selling.sell(KITE)
    selling.pay_cash("20")
    selling.sell(NORRELL)
    selling.pay_card()
    selling.key("Ctrl+4")
    kicks = selling.kicks()
    move(selling, "F5", "20", "Change from the bank")
    move(selling, "F6", "7.50", "Stamps")
    move(selling, "F7", "30", "Midday drop")
    move(selling, "Ctrl+N", "", "Change for a customer")
    selling.wait(lambda: selling.kicks() == kicks + 4)
    moves = selling.rows("Drawer movements")
    assert ["No sale" in moves[0], "Drop" in moves[1], "Paid out" in moves[2]] == [True] * 3

    # 150.00 float + 18.08 sale + 20.00 in - 7.50 out - 30.00 dropped
    selling.key("F8")
    selling.see("A look into the open till.", "Should be in the drawer", "$150.58")
    selling.key("F4")
    assert "$150.58" in " ".join(selling.printed("X report").lines)
    selling.key("Escape")

    # The count is blind: nothing on the screen says what should be there.
    selling.key("F10")
    selling.see("Count the drawer")
    selling.miss("150.58", "Should be")
    selling.key("F10")
    selling.see("Count the cash first.")
    selling.type("1\n", "Pieces of $100.00")
    selling.type("2", "Pieces of $20.00")
    selling.type("1", "Pieces of $10.00")
    selling.see("Counted $150.00")
    selling.key("F10")
    selling.see("You counted $150.00.")
    selling.type("100", "Stays in the drawer as the next float")
    selling.see("$50.00 is taken out for the bank or the safe.")
    selling.miss("150.58", "short")
    selling.press("Close the till")
    selling.see("Z report 1", "The drawer is $0.58 short.", "Should be in the drawer", "Stamps", "Saved as")

    slip = " ".join(" ".join(selling.printed("Z report").lines).split())
    path = selling.find(r"^Saved as (.+\.pdf)$")
    page = " ".join("".join(p.extract_text() for p in PdfReader(path).pages).split())
    for words in ("$150.58", "$150.00", "$0.58", "Stamps", "Midday drop", "Visa", "$31.91"):
        assert words in slip
        assert words in page
    selling.key("Escape")
    selling.see("The till is closed", "The drawer was $0.58 short at the last close.")
    assert "Short" in selling.rows("Past tills")[0]


@pytest.mark.capability("BW+14")
def test_the_next_morning_begins_with_what_stayed_in_the_drawer(selling: Person) -> None:
    selling.key("Ctrl+4")
    selling.press("Count and close")
    selling.type("150", "Other cash, or the whole as one amount")
    selling.key("F10")
    selling.see("You counted $150.00.")
    selling.type("120", "Stays in the drawer as the next float")
    selling.key("F12")
    selling.see("Z report 1", "The drawer is right to the cent.")
    selling.switch_off()

    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with time_machine.travel(tomorrow):
        selling.switch_on()
        selling.sign_in("Theo L.")
        selling.see("Open the till")
        selling.key("Ctrl+4")
        selling.see("The till is closed", "Left in the drawer", "$120.00")
        selling.press("Open the till")
        selling.see("$120.00 was left at the last close.")
        selling.type("115", "Other cash, or the whole as one amount")
        selling.see("$5.00 less than the $120.00 that was left at the last close.")
        selling.type("120", "Other cash, or the whole as one amount")
        selling.press("Open the till")
        selling.see("Till open since", "Opened by", "Theo L.")
        selling.key("Ctrl+1")
        selling.sell(KITE)
        assert selling.pay_cash() == "R1-000001"
        selling.key("Ctrl+4")
        selling.press("Count and close")
        selling.type("138.08", "Other cash, or the whole as one amount")
        selling.key("F10")
        selling.key("F12")
        selling.see("Z report 2", "The drawer is right to the cent.")
        selling.switch_off()


@pytest.mark.capability("BW+14")
def test_staff_may_not_look_into_the_till_without_a_manager(clerk: Person) -> None:
    clerk.open_till()
    clerk.key("Ctrl+4")
    clerk.key("F8")
    clerk.see("A manager must approve this: see the X report")
    clerk.key("Escape")
    clerk.no_sheet()
    assert not clerk.sees("Should be in the drawer")
    clerk.key("Ctrl+N")
    clerk.type("Check the drawer\n")
    clerk.see("A manager must approve this: open the drawer")
    clerk.press("Theo L.")
    clerk.type("7319\n")
    clerk.no_sheet()
    clerk.see("No sale: Check the drawer")
