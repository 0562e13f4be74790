"""A payment that something comes between: the register is locked, another screen is looked at."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE = "9781594480003"


@pytest.mark.parametrize("between", ["locked", "another screen"])
def test_a_scan_after_an_interrupted_payment_goes_back_to_the_sale(selling: Person, between: str) -> None:
    selling.sell(KITE)
    selling.key("F12")
    selling.see("To pay")
    come_between(selling, between)
    selling.see("To pay")
    selling.scan(KITE)
    selling.see("Qty 2")
    selling.miss("To pay")
    selling.pay_cash()


@pytest.mark.parametrize("between", ["locked", "another screen"])
def test_nothing_is_sold_behind_a_card_payment_that_was_interrupted(selling: Person, between: str) -> None:
    selling.sell(KITE)
    selling.key("F12")
    selling.see("To pay")
    selling.key("F6")
    selling.see("Charge the card")
    come_between(selling, between)
    selling.see("Charge the card")
    selling.scan(KITE)
    selling.see("Finish this payment first.", "Qty 1")


def come_between(person: Person, what: str) -> None:
    if what == "locked":
        person.sign_out()
        person.sign_in_by_badge()
    else:
        person.key("Ctrl+5")
        person.miss("Scan ISBN, or type title, author, SKU", "To pay")
        person.key("Ctrl+1")
