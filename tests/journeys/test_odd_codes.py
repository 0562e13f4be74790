"""Codes that nobody knows, and card numbers: the first are sold in one step, the others kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.person import Person

KITE = "9781594480003"
CARD = "4111111111111111"
SPACED = "4111 1111 1111 1111"


@pytest.mark.capability("BW+01", "BW+02")
def test_an_unknown_book_is_sold_in_one_step_and_waits_to_be_described(selling: Person) -> None:
    selling.scan("9780000000002 51250")
    selling.see("Sell an unknown item", "Nothing is known about 9780000000002")
    selling.type("A signed proof\n")
    selling.see("Price: 12.50")
    selling.type("14.50\n")
    selling.no_sheet()
    selling.see("A signed proof", "Qty 1", "$14.50")
    # Known from here on: the second copy is one scan.
    selling.sell("9780000000002")
    selling.see("Qty 2")
    selling.pay_cash()
    selling.key("Ctrl+3")
    selling.see("To describe (1)")
    selling.key("F10")
    selling.see("A signed proof")
    # A damaged barcode is nothing that could be sold.
    selling.key("Ctrl+1")
    selling.scan("9780061120083")
    selling.see("check digit")
    selling.sheet()
    selling.key("Escape")
    selling.no_sheet()
    assert selling.rows("Sale lines") == []


def on_sheet(key: str, field: str, verb: str) -> Callable[[Person], None]:
    """Return how to type a card number into a field of a sheet and press its verb."""

    def go(person: Person) -> None:
        person.key(key)
        person.sheet()
        if field in ("Reason", "Note on the price"):
            for amount in ("New price", "Discount", "Amount"):
                if person.sees(f"{amount}: "):
                    person.type("1", amount)
        person.type(SPACED, field)
        person.press(verb)

    return go


FIELDS: dict[str, Callable[[Person], None]] = {
    "price": on_sheet("F10", "Reason", "Change price"),
    "line discount": on_sheet("F9", "Reason", "Give discount"),
    "sale discount": on_sheet("Shift+F9", "Reason", "Give discount"),
    "line note": on_sheet("F5", "Note", "Keep note"),
    "hold": on_sheet("F6", "Note", "Hold sale"),
    "void": on_sheet("Ctrl+D", "Reason", "Void sale"),
    "no sale": on_sheet("Ctrl+N", "Reason", "Open the drawer"),
}


@pytest.mark.capability("BW+06")
def test_a_card_number_is_refused_wherever_it_is_typed(selling: Person, shop_folder: Path) -> None:
    selling.sell(KITE)
    refused = "card number"
    for code in (CARD, SPACED.replace(" ", "-")):
        selling.scan(code)
        selling.see(refused)
        selling.sell(KITE)
        selling.miss(refused)
    selling.key("F2")
    selling.type(SPACED)
    selling.see(refused, "Scan ISBN, or type title, author, SKU: ")
    selling.miss("1111 1111")
    selling.key("F2")

    for place, go in FIELDS.items():
        go(selling)
        selling.see(refused)
        leave(selling)
        assert any("The Kite Runner" in row for row in selling.rows("Sale lines")), place
        selling.sell(KITE)  # takes the notice away, too

    selling.key("Ctrl+T")
    selling.type(SPACED, "Certificate number")
    selling.press("Charge no tax")
    selling.see(refused)
    leave(selling)
    selling.key("F4")
    selling.press("New customer")
    for field in ("Name", "Telephone"):
        selling.type("Ann", "Name")
        selling.type(SPACED, field)
        selling.press("Keep customer")
        selling.see(refused)
    leave(selling)

    selling.press("Open price")
    selling.type(SPACED, "What is it?")
    selling.type("3", "Price")
    selling.press("Add to sale")
    selling.see(refused)
    leave(selling)

    selling.key("Ctrl+4")
    for key, verb in (("F5", "Pay in"), ("F6", "Pay out"), ("F7", "Drop cash")):
        selling.key(key)
        selling.type("1", "Amount")
        selling.type(SPACED, "Reason")
        selling.press(verb)
        selling.see(refused)
        leave(selling)
    selling.key("Ctrl+1")

    selling.key("F12")
    selling.key("F7")
    selling.type(SPACED, "Cheque number")
    selling.press("Take cheque")
    selling.see(refused)
    leave(selling)
    selling.key("F6")
    selling.see("Charge the card")
    selling.type(CARD, "Last four digits")
    selling.key("F12")
    selling.see(refused)
    selling.type("1111", "Last four digits")
    selling.type(CARD, "Approval code")
    selling.key("F12")
    selling.see(refused)
    selling.type("00912", "Approval code")
    selling.key("F12")
    sold = selling.receipt()
    assert "ending 1111" in "\n".join(selling.printed(sold).lines)
    selling.switch_off()
    for path in shop_folder.rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert CARD.encode() not in kept and SPACED.encode() not in kept, path
    selling.switch_on()


def leave(person: Person) -> None:
    if person.front is not person.window:
        person.key("Escape")
        person.no_sheet()
