"""Closed in the middle of something and opened again: everything is there, and money moves once."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE, NORRELL = "9781594480003", "9780765356154"


@pytest.mark.capability("BW+02")
def test_a_sale_in_the_middle_is_there_after_a_restart(selling: Person) -> None:
    selling.sell(KITE)
    selling.key("F6")
    selling.type("for Ben\n")
    selling.see("Recall (1)")
    selling.sell(NORRELL, NORRELL)
    selling.key("F5")
    selling.type("A present")
    selling.press("Keep note")
    selling.see("A present")
    selling.key("F9")
    selling.type("50", "Discount")
    selling.switch_off()

    selling.switch_on()
    selling.sign_in("Theo L.")
    selling.see("Jonathan Strange & Mr Norrell, A present", "Qty 2", "Total $63.81", "Recall (1)")
    selling.key("F7")
    selling.see("for Ben", "The Kite Runner")
    selling.press("Cancel")
    selling.no_sheet()
    assert selling.pay_cash("70") == "R1-000001"
    selling.see("Change due $6.19")


@pytest.mark.capability("BW+06")
def test_a_card_payment_in_the_middle_goes_on_where_it_was(selling: Person) -> None:
    selling.sell(KITE)
    selling.key("F12")
    selling.type("8.08", "Amount handed over")
    selling.key("F5")
    selling.see("To pay $10.00")
    selling.key("F6")
    selling.see("On the terminal $10.00")
    selling.switch_off()

    selling.switch_on()
    selling.sign_in()
    selling.see("The Kite Runner")
    selling.key("F12")
    selling.see("Charge the card", "On the terminal $10.00")
    selling.type("77120", "Approval code")
    selling.key("F12")
    receipt = selling.receipt()
    paper = " ".join(" ".join(selling.printed(receipt).lines).split())
    assert "Cash $8.08" in paper and "approval 77120 $10.00" in paper
    selling.key("F12")
    selling.see("New sale")
    selling.key("Ctrl+2")
    selling.see(receipt)
    assert len(selling.rows("Past sales")) == 1
