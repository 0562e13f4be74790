"""A signed copy, a title that is not out yet and a misprinted ISBN, through the window."""

from __future__ import annotations

import pytest

from bookwish_desk.actions import selling as register
from bookwish_desk.actions import stocking
from tests.journeys.person import Person

KITE, ATONEMENT = "9781594480003", "9780385721790"
MISPRINTED = "9781594480703"  # the Kite Runner's but for the 11th digit


@pytest.mark.capability("BW+01", "BW+12")
def test_a_signed_copy_a_street_date_and_a_misprinted_isbn(selling: Person) -> None:
    # A signed copy has a code of its own, which sells it.
    store, owner = selling.desk.books.store, selling.desk.station.actor
    kite = register.find(store, KITE, int(KITE))
    assert kite is not None
    signed = stocking.add_copy(store, owner, kite, "signed", "", 4_500, "first edition", 1).value
    assert signed == f"{KITE}S"
    selling.sell(signed)
    selling.see("Signed: first edition", "Price $45.00")
    printed = selling.printed(selling.pay_cash("50"))
    assert any("Signed: first edition" in line for line in printed.lines)

    # A title that is not out: the clerk is warned, Enter does not sell, a manager lets it through.
    selling.look_up("atonement", "Atonement")
    selling.key("F4")
    selling.sheet()
    selling.type("2099-12-31\n", "Street date")
    selling.no_sheet()
    selling.see("Not before Thursday, December 31, 2099")
    selling.sign_out()
    selling.sign_in_by_badge()
    selling.key("Ctrl+1")
    selling.scan(ATONEMENT)
    selling.see("Atonement may not be sold before Thursday, December 31, 2099.")
    selling.type("\n")
    selling.no_sheet()
    assert selling.rows("Sale lines") == []
    selling.scan(ATONEMENT)
    selling.press("Sell anyway")
    selling.see("A manager must approve this: sell before the street date")
    selling.press("Theo L.")
    selling.type("7319\n")
    selling.see("Qty 1")
    selling.no_sheet()
    # Once is enough for this sale.
    selling.sell(ATONEMENT)
    selling.see("Qty 2")

    # A misprinted ISBN, typed: nothing is taken before somebody chose it.
    selling.key("F2")
    selling.type(f"{MISPRINTED}\n")
    selling.see("The check digit of 9781594480703 does not fit.", "11th digit 0, not 7")
    assert not selling.can_press("Add to sale")
    selling.type("\n")
    assert not selling.can_press("Add to sale")
    selling.key("Down")
    selling.press("Add to sale")
    selling.no_sheet()
    selling.see("The Kite Runner")
    assert selling.copies() == 3
    # Scanned: none of these.
    selling.scan(MISPRINTED)
    selling.see("Misprinted ISBN", "11th digit 0, not 7")
    selling.key("Escape")
    selling.no_sheet()
    assert selling.copies() == 3
