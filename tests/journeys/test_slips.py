"""Slips of paper that are scanned: the one of a held sale, and a receipt."""

from __future__ import annotations

import pytest

from tests.journeys.person import Person

KITE = "9781594480003"


@pytest.mark.capability("BW+01")
def test_a_held_sale_comes_back_by_its_slip_once(selling: Person) -> None:
    selling.sell(KITE)
    selling.key("F6")
    selling.see("Hold this sale")
    selling.type("For Ann\n")
    selling.no_sheet()
    selling.miss("The Kite Runner")
    code = selling.find(r"Held as (\S+)\.")
    assert code in [barcode for barcode, _ in selling.printed("For Ann", "Not paid.").barcodes]
    selling.scan(code)
    selling.see("The Kite Runner", "Qty 1")
    selling.pay_cash()
    selling.key("F12")
    selling.scan(code)
    selling.see(f"{code} is not held any more.")


@pytest.mark.capability("BW+01")
def test_a_scanned_receipt_opens_its_sale(selling: Person) -> None:
    selling.sell(KITE)
    receipt = selling.pay_cash()
    selling.key("F12")
    selling.scan(receipt)
    selling.miss("Scan ISBN, or type title, author, SKU")
    selling.see(receipt, "The Kite Runner")
