"""From what was found to all that is known of it, and back to the sale that was waiting."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE, ATONEMENT = "9781594480003", "9780385721790"


@pytest.mark.capability("BW+01", "BW-06")
def test_a_title_is_looked_at_in_the_middle_of_a_sale(selling: Person) -> None:
    selling.sell(ATONEMENT)
    selling.type("kite runner", "Scan ISBN, or type title, author, SKU")
    selling.see("The Kite Runner")
    selling.key("Shift+F2")
    selling.see("Khaled Hosseini", "ISBN-13: 978-1-59448-000-3", "on hand")

    # The screen has the scanner now; the sale waits as it was.
    selling.scan(ATONEMENT)
    selling.see("Ian McEwan", "978-0-385-72179-0")
    selling.key("Escape")
    selling.see("Sale 1", "The Kite Runner")
    selling.key("Escape")
    assert len(selling.rows("Sale lines")) == 1

    selling.key("Shift+F2")
    selling.see("Ian McEwan")
    selling.key("F12")
    selling.see("Qty 2")


@pytest.mark.capability("BW+14")
def test_a_used_copy_is_taken_in_sold_and_found_in_the_history(selling: Person) -> None:
    selling.look_up("kite runner", "The Kite Runner")
    selling.key("Shift+F2")
    selling.see("What is known of the title", "New, ")
    selling.key("F3")
    selling.type("6.50\nSpine worn", "Price")
    selling.press("Add copies")
    selling.see(f"Used: Spine worn · {KITE}U1 · $6.50 · 1 on hand")
    selling.key("F12")
    selling.see("Used: Spine worn")
    selling.pay_cash()
    selling.key("F12")
    receipt = "R1-000001"

    selling.key("Ctrl+3")
    selling.find("^(The Kite Runner)$")
    selling.key("Shift+F2")
    selling.see("1 sold in 12 months")
    selling.key("F10")
    selling.see(f"Sold · receipt {receipt}")
    selling.choose("Movements", "Sold −1")
    selling.choose_row("How the stock moved", "Sold")
    selling.key("Ctrl+O")
    selling.see("The sale written out", receipt, "Used: Spine worn")
