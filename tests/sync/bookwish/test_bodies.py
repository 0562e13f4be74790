"""What is sent of a sale or a return is what the description calls one; stock is subtracted once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.online import OnlineSale, OnlineSaleLine
from bookwish_desk.shop.sold import Sale, SoldTender
from bookwish_desk.shop.tax import TaxPart
from bookwish_desk.shop.upload import RefundUpload, SaleUpload, reference
from bookwish_desk.sync.bookwish.sale_bodies import refund_body, sale_body, sent_lines, written
from tests.sync.bookwish import contract
from tests.sync.bookwish.sold_here import SOLD_AT, line, sale


def _sent(sold: Sale, extended: bool = False, **known: tuple[str, str]) -> dict[str, Any]:
    body = sale_body(SaleUpload(sold), "st-1", known.get, extended)
    assert body is not None
    told: dict[str, Any] = json.loads(body)
    contract.holds("SaleCreate", told)
    return told


def test_a_title_of_the_store_goes_with_its_ids_anything_else_by_name() -> None:
    sold = sale(
        line(1, 1, 1850),
        line(2, 3, 900, title="Gift wrap", ean=None, detail="", stocked=False),
        line(3, 1, 500, ean=None, detail="Used: spine worn · Odo Finch"),
        line(4, 1, 700, title=""),
    )
    told = _sent(sold, SKU1=("inv-1", "bk-1"), SKU4=("inv-4", ""))
    assert told == {
        "storeId": "st-1",
        "paymentMethod": "cash",
        "items": [
            {
                "bookId": "bk-1",
                "inventoryId": "inv-1",
                "quantity": 1,
                "unitPriceCents": 1850,
                "isUsed": False,
            },
            {"customItem": {"title": "Gift wrap"}, "quantity": 3, "unitPriceCents": 300, "isUsed": False},
            {
                "customItem": {"title": "Title 3", "authors": ["Odo Finch"]},
                "quantity": 1,
                "unitPriceCents": 500,
                "isUsed": True,
            },
            {
                "customItem": {"title": "SKU4", "authors": ["Mirela Quist"]},
                "inventoryId": "inv-4",
                "quantity": 1,
                "unitPriceCents": 700,
                "isUsed": False,
            },
        ],
    }


def test_copies_of_an_order_are_not_subtracted_twice() -> None:
    told = _sent(sale(line(1, 1, 1850, of_order="order-7")), SKU1=("inv-1", "bk-1"))
    assert told["items"] == [{"bookId": "bk-1", "quantity": 1, "unitPriceCents": 1850, "isUsed": False}]


@given(st.integers(1, 60), st.integers(0, 100_000))
def test_a_line_is_sent_to_the_cent_however_it_divides(quantity: int, net_cents: int) -> None:
    lines = sent_lines(sale(line(1, quantity, net_cents)))
    assert sum(x.quantity * x.price_cents for x in lines) == net_cents
    assert sum(x.quantity for x in lines) == quantity
    assert len(lines) <= 2 and all(x.quantity > 0 for x in lines)


def test_where_prices_hold_the_tax_it_is_taken_out() -> None:
    book = line(1, 2, 2120, taxes=(TaxPart("Tax", 60_000, 2000, 120),), total_cents=2120)
    sold = sale(book, tax_mode="inclusive")
    told = _sent(sold, extended=True)
    assert told["items"][0]["unitPriceCents"] == 1000
    assert told["clientTotals"] == {
        "subtotalCents": 2000, "discountCents": 0, "taxCents": 120, "totalCents": 2120,
    }  # fmt: skip


def test_mere_notes_and_returns_are_not_for_the_store() -> None:
    note = line(2, 0, 0)
    back = line(3, -1, -700, of_sale="other", of_line=1)
    assert sale_body(SaleUpload(sale(note, back, kind="exchange")), "st-1", lambda _: None, True) is None
    told = _sent(sale(line(1, 1, 1000), note, back, kind="exchange"), extended=True)
    assert len(told["items"]) == 1
    assert told["clientTotals"]["totalCents"] == 1060
    assert told["paymentMethod"] == "cash"


def test_a_store_that_takes_it_gets_our_number_time_register_totals_and_tenders() -> None:
    paid = (SoldTender("cash", 2000), SoldTender("cash", -37, change=True))
    sold = sale(
        line(1, 1, 1850, gross_cents=2000, tax_cents=111), tenders=paid, rounding_cents=2, discount_cents=150
    )
    told = _sent(sold, extended=True)
    assert told["clientReference"] == reference(sold) == "R1-000042-4e5f6071"
    assert told["occurredAt"] == "2025-03-04T16:20:05.000Z" == written(SOLD_AT)
    assert told["registerId"] == "R1"
    assert told["clientTotals"] == {
        "subtotalCents": 1850, "discountCents": 150, "taxCents": 111, "totalCents": 1963,
    }  # fmt: skip
    assert told["payments"] == [
        {"method": "cash", "amountCents": 1963, "tenderedCents": 2000, "changeCents": 37}
    ]


@pytest.mark.parametrize(
    ("tenders", "word", "methods"),
    [
        ((SoldTender("card", 1060),), "card", ["card"]),
        ((SoldTender("card", 60), SoldTender("cash", 1000)), "mixed", ["cash", "card"]),
        ((SoldTender("cheque", 1060),), "cash", ["other"]),
    ],
)
def test_how_it_was_paid(tenders: tuple[SoldTender, ...], word: str, methods: list[str]) -> None:
    told = _sent(sale(line(1, 1, 1000), tenders=tenders), extended=True)
    assert told["paymentMethod"] == word
    assert [x["method"] for x in told["payments"]] == methods


def test_an_exchange_is_paid_by_what_came_back_too() -> None:
    lines = (line(1, 1, 1000), line(2, -1, -700, of_sale="other", of_line=1))
    told = _sent(sale(*lines, kind="exchange", tenders=(SoldTender("card", 318),)), extended=True)
    assert told["payments"] == [
        {"method": "card", "amountCents": 318},
        {"method": "other", "amountCents": 742},
    ]
    free = _sent(sale(line(1, 1, 0), tenders=()), extended=True)
    assert free["paymentMethod"] == "cash" and "payments" not in free


# ---- returns ----


def _far(sold: Sale, reverse: bool = False) -> OnlineSale:
    lines = [
        OnlineSaleLine(f"sl-{n}", x.quantity, price_cents=x.price_cents)
        for n, x in enumerate(sent_lines(sold), 1)
    ]
    return OnlineSale("sa-1", lines=tuple(reversed(lines) if reverse else lines))


def _back(sold: Sale, *lines: tuple[int, int, int], **more: Any) -> RefundUpload:
    facts = {"of_sale": sold.id, "of_receipt": sold.receipt, "disposition": "restock", "reason": "unwanted"}
    back = [line(n, -q, -c, of_line=no, **facts) for n, (no, q, c) in enumerate(lines, 1)]
    return RefundUpload(sale(*back, kind="return", receipt="R2-000007", **more), sold.id)


def _refund(upload: RefundUpload, sold: Sale, far: OnlineSale) -> dict[str, Any] | None:
    body = refund_body(upload, sold, far)
    if body is None:
        return None
    told: dict[str, Any] = json.loads(body)
    contract.holds("SaleRefundCreate", told)
    return told


@pytest.mark.parametrize("reverse", [False, True])
def test_a_return_names_the_lines_that_the_store_has(reverse: bool) -> None:
    sold = sale(line(1, 3, 1999), line(2, 0, 0), line(3, 1, 500))
    told = _refund(_back(sold, (1, 3, 1999), (3, 1, 500)), sold, _far(sold, reverse))
    assert told is not None
    assert sorted((x["saleItemId"], x["quantity"]) for x in told["lines"]) == [
        ("sl-1", 1),
        ("sl-2", 2),
        ("sl-3", 1),
    ]
    assert all(x["restock"] for x in told["lines"])
    assert told["payouts"] == [{"method": "cash", "amountCents": 1999 + 120 + 500 + 30}]
    assert told["reason"] == "unwanted"
    assert told["clientReference"] == "R2-000007-4e5f6071-R1-000042"


def test_a_return_that_cannot_be_said_is_not_sent() -> None:
    sold = sale(line(1, 2, 1000), line(2, 2, 1000))
    upload = _back(sold, (1, 1, 500))
    assert _refund(upload, sold, OnlineSale("sa-1")) is None
    assert _refund(upload, sold, OnlineSale("sa-1", lines=_far(sold).lines[:1])) is None
    odd = OnlineSale("sa-1", lines=(OnlineSaleLine("x", 1), OnlineSaleLine("y", 2, price_cents=500)))
    assert _refund(upload, sold, odd) is None
    assert _refund(_back(sold, (1, 3, 1500)), sold, _far(sold)) is None
    assert _refund(_back(sold, (9, 1, 500)), sold, _far(sold)) is None
    assert _refund(_back(sold, (1, 1, 0)), sold, _far(sold)) is None
    assert _refund(RefundUpload(upload.sale, "another sale"), sold, _far(sold)) is None
    assert _refund(upload, sold, _far(sold)) is not None


def test_money_goes_back_as_it_was_given() -> None:
    sold = sale(line(1, 1, 1000))
    card = _refund(_back(sold, (1, 1, 1000), tenders=(SoldTender("card", -1060),)), sold, _far(sold))
    assert card is not None and card["payouts"] == [{"method": "card", "amountCents": 1060}]
