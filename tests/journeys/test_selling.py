"""From the opened till to the change in the hand: what a clerk does all day."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE, ATONEMENT, NORRELL = "9781594480003", "9780385721790", "9780765356154"


@pytest.mark.capability("BW+01", "BW+02", "BW+03", "BW+06", "BW+12")
def test_one_sale_with_everything_in_it(clerk: Person) -> None:
    clerk.open_till("150.00")
    # A book as ISBN-13 and as ISBN-10, one with its price beside it, a UPC, a label of the shop, a SKU.
    clerk.sell(KITE, "1594480001", f"{ATONEMENT} 51700", "400000010021", "2000000001012", "WRAP-SHEET")
    kite, atonement, mug, used, wrap = clerk.rows("Sale lines")
    assert kite.startswith("The Kite Runner") and "Qty 2" in kite and "Total $34.00" in kite
    assert "Atonement" in atonement and "mug" in mug and "Used copy" in used and "Gift wrap" in wrap

    clerk.choose_row("Sale lines", "Enamel mug")
    clerk.key("F3")
    clerk.type("3\n")
    clerk.see("Qty 3, Price $14.00, Total $42.00")

    # Another price needs a manager, for this line and this once.
    clerk.choose_row("Sale lines", "Atonement")
    clerk.key("F10")
    clerk.type("12.50\n")
    clerk.type("Damaged\n")
    clerk.see("A manager must approve this")
    clerk.press("Theo L.")
    clerk.type("1111\n")
    clerk.see("That is not the right PIN.")
    clerk.type("7319\n")
    clerk.see("was $17.00", "Price $12.50")

    clerk.key("F9")
    clerk.choose("Kind", "Percent")
    clerk.type("10", "Discount")
    clerk.type("Staff pick\n", "Reason")
    clerk.see("10% off", "Total $11.25")
    clerk.choose_row("Sale lines", "The Kite Runner")
    clerk.key("Ctrl+G")
    clerk.see("gift wrapped")
    clerk.key("F5")
    clerk.type("For Ann")
    clerk.press("Keep note")
    clerk.see("For Ann")

    clerk.key("Shift+F9")
    clerk.choose("Kind", "Amount")
    clerk.type("5", "Discount")
    clerk.type("Loyal customer\n", "Reason")
    clerk.see("Discount: Loyal customer")

    clerk.key("F4")
    clerk.type("Ann Reader")
    clerk.press("New customer")
    clerk.press("Keep customer")
    clerk.no_sheet()
    clerk.see("Ann Reader")
    assert clerk.total() == "$105.45"

    clerk.key("Ctrl+T")
    clerk.type("CT-889-1\n")
    clerk.type("Alder Falls School\n")
    clerk.see("A manager must approve this")
    clerk.press("Maya R.")
    clerk.type("4071\n")
    clerk.see("Tax exempt CT-889-1")
    assert clerk.total() == "$99.15"

    # Aside with a slip, somebody else is served, and back by scanning the slip.
    clerk.key("F6")
    clerk.type("under the counter\n")
    clerk.no_sheet()
    code = clerk.find(r"^Held as (\S+)\.$")
    slip = clerk.printed("Held sale", "under the counter", "Ann Reader", "Not paid.")
    assert [text for text, _kind in slip.barcodes] == [code]
    clerk.see("Recall (1)")
    clerk.sell(NORRELL)
    first = clerk.pay_cash("50")
    clerk.see("Change due", "$18.09")
    clerk.scan(code)
    clerk.see("Tax exempt CT-889-1", "Ann Reader", "Total $99.15")

    # A card, a cheque, and more cash than is left.
    kicks = clerk.kicks()
    clerk.key("F12")
    clerk.type("40", "Amount handed over")
    clerk.key("F6")
    clerk.see("Charge the card", "$40.00")
    clerk.type("4242", "Last four digits")
    clerk.type("00912", "Approval code")
    clerk.key("F12")
    clerk.see("To pay $59.15", "Visa 4242")
    clerk.type("30", "Amount handed over")
    clerk.key("F7")
    clerk.type("5512", "Cheque number")
    clerk.press("Take cheque")
    clerk.see("To pay $29.15", "Cheque 5512")
    clerk.type("40", "Amount handed over")
    clerk.key("F5")
    clerk.see("Change due", "$10.85", "Cash $40.00")
    second = clerk.receipt()
    assert int(second[-6:]) == int(first[-6:]) + 1
    paper = " ".join(" ".join(clerk.printed(second, "Ann Reader").lines).split())
    for words in ("was $17.00: Damaged", "Gift wrapped", "For Ann", "Discount Staff pick", "Loyal customer",
                  "Tax exempt, certificate CT-889-1 Alder Falls School", "Visa ending 4242, approval 00912",
                  "$40.00", "$30.00", "Change", "$10.85", "Sam K."):  # fmt: skip
        assert words in paper
    clerk.wait(lambda: clerk.kicks() == kicks + 1)
    clerk.key("F12")
    clerk.see("New sale", "Scan ISBN")


@pytest.mark.capability("BW+01", "BW+02")
@pytest.mark.parametrize(
    ("key", "field", "typed", "wanted"),
    [
        ("F10", "New price", "5\n", "Atonement, was $17.00"),
        ("F9", "Discount", "50", "Atonement, 50% off"),
        ("F3", "Copies", "4", "Atonement, only 2 on hand · Ian McEwan · 9780385721790, Qty 4"),
        ("F5", "Note", "for Ben", "Atonement, for Ben"),
    ],
)
def test_a_form_changes_the_line_it_was_opened_for(
    selling: Person, key: str, field: str, typed: str, wanted: str
) -> None:
    """Somebody scans the next book while the form of another line is still open."""
    selling.sell(ATONEMENT)
    selling.key(key)
    selling.sheet()
    selling.scan(KITE)
    selling.see("The Kite Runner")
    selling.type(typed, field)
    if key == "F10":
        selling.type("Damaged", "Reason")
    selling.press(
        {"F10": "Change price", "F9": "Give discount", "F3": "Set quantity", "F5": "Keep note"}[key]
    )
    selling.no_sheet()
    selling.see(wanted, "The Kite Runner, Khaled Hosseini", "Qty 1, Price $17.00, Total $17.00")
