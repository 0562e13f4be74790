"""What comes back: against a scanned receipt, damaged, in exchange, without a receipt, and never twice."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE, NORRELL, ALCHEMIST = "9781594480003", "9780765356154", "9780061122415"


@pytest.mark.capability("BW+05")
def test_a_return_goes_back_the_way_it_was_paid_and_never_twice(selling: Person) -> None:
    selling.sell(KITE, KITE, NORRELL)
    sold = selling.pay_card("4242", "00912")

    # The receipt is scanned over the finished sale: it opens, and one damaged copy of two comes back.
    selling.scan(sold)
    selling.see(f"Sale {sold}", "Visa ending 4242")
    selling.key("F8")
    selling.choose_row("Lines of the receipt", "The Kite Runner")
    selling.type("1", "Copies that come back")
    selling.choose("They are", "Damaged, not for sale")
    selling.type("Pages missing", "Reason")
    selling.see("To refund $18.08")
    selling.key("F12")
    selling.no_sheet()
    selling.see("Return", f"from {sold} · damaged", "Total -$18.08")

    selling.key("F12")
    selling.see("Return 2", "To refund $18.08")
    selling.press("Refund $18.08 to Visa 4242")
    selling.see("Refund the card Visa 4242", "$18.08")
    selling.type("00913", "Approval code")
    selling.key("F12")
    selling.see("Refunded $18.08")
    back = selling.receipt()
    paper = " ".join(" ".join(selling.printed(back).lines).split())
    for words in ("Return", "The Kite Runner", f"from receipt {sold}", "Refunded: Visa ending 4242"):
        assert words in paper

    # The rest of that receipt, once; after that there is nothing left of it.
    selling.scan(sold)
    selling.see(f"Sale {sold}", "1 came back")
    selling.key("F8")
    selling.see("Sold 2, Left 1")
    selling.press("Return every line")
    selling.see("To refund $49.98")
    selling.key("F12")
    selling.no_sheet()
    selling.see("Total -$49.98")
    selling.key("F12")
    selling.press("Refund $49.98 to Visa 4242")
    selling.see("Refund the card Visa 4242")
    selling.key("F12")
    selling.see("Refunded $49.98")
    selling.receipt()
    selling.scan(sold)
    selling.see(f"Sale {sold}", "Came back")
    selling.wait(lambda: not selling.can_press("Return"))
    selling.key("Ctrl+1")
    selling.key("F8")
    selling.type(sold + "\n", "Scan the receipt")
    selling.see("Everything on this receipt came back.")
    assert not selling.can_press("Take back")


@pytest.mark.capability("BW+05")
def test_an_exchange_pays_only_the_difference(selling: Person) -> None:
    selling.sell(KITE)
    sold = selling.pay_cash("20")
    selling.see("Change due $1.92")
    selling.key("F12")
    selling.key("F8")
    selling.see("Scan the receipt, or type its number")
    selling.scan(sold)
    selling.see(f"Receipt {sold}")
    selling.scan(KITE)
    selling.see("To refund $18.08")
    selling.key("F12")
    selling.no_sheet()
    selling.sell(NORRELL)
    selling.see("Total $13.83")
    receipt = selling.pay_cash("13.83")
    paper = " ".join(" ".join(selling.printed(receipt).lines).split())
    for words in ("Exchange", "Returned", "The Kite Runner", "Jonathan Strange & Mr Norrell", "$13.83"):
        assert words in paper


@pytest.mark.capability("BW+05")
def test_goods_without_a_receipt_need_a_manager_and_a_reason(clerk: Person) -> None:
    clerk.open_till()
    clerk.key("F8")
    clerk.press("Without a receipt")
    clerk.scan(ALCHEMIST)
    clerk.see("The Alchemist", "17.95")
    clerk.press("Take back")
    clerk.see("Say why it is taken back without a receipt.")
    clerk.press("A gift they had")
    clerk.press("Take back")
    clerk.see("A manager must approve this")
    clerk.press("Theo L.")
    clerk.type("7319\n")
    clerk.no_sheet()
    clerk.see("without receipt · back to the shelf", "Total -$19.09")
    kicks = clerk.kicks()
    clerk.key("F12")
    clerk.press("Refund $19.09 in cash")
    clerk.see("Refunded $19.09")
    clerk.receipt()
    clerk.wait(lambda: clerk.kicks() == kicks + 1)


@pytest.mark.capability("BW+05", "BW+12")
def test_gift_receipt_and_a_copy_of_the_receipt(selling: Person) -> None:
    selling.sell(KITE, NORRELL)
    sold = selling.pay_cash()
    assert "COPY" not in "\n".join(selling.printed(sold).lines)
    selling.key("F6")
    gift = selling.printed("Gift receipt")
    assert "$" not in "\n".join(gift.lines) and "The Kite Runner" in "\n".join(gift.lines)
    assert [text for text, _kind in gift.barcodes] == [sold]

    before = len(selling.jobs())
    selling.scan(sold)
    selling.see(f"Sale {sold}")
    selling.key("F5")
    selling.wait(lambda: len(selling.jobs()) == before + 1)
    copy = "\n".join(selling.printed("COPY").lines)
    assert sold in copy and "The Kite Runner" in copy
