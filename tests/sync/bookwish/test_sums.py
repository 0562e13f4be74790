"""What the store adds up of a sale is what was paid for it here, to the cent, however it came about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import sold
from bookwish_desk.shop.online import KEY_KEPT_MS, OnlineSale, OnlineSaleLine
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Line, totals
from bookwish_desk.shop.sold import Sale, SoldTender
from bookwish_desk.shop.tax import TaxRules
from bookwish_desk.shop.upload import RefundUpload, SaleUpload
from bookwish_desk.sync.bookwish import decoding, sales
from bookwish_desk.sync.bookwish.fitting import sale_fits
from bookwish_desk.sync.bookwish.sale_bodies import refund_body, sale_body, sent_lines
from tests.support.days import CLASSES
from tests.sync.bookwish import contract
from tests.sync.bookwish.sold_here import line, sale

_discounts = st.none() | st.builds(
    Discount, st.sampled_from(["percent"]), st.integers(0, 1_000_000)
) | st.builds(Discount, st.sampled_from(["amount"]), st.integers(0, 5_000))  # fmt: skip
_lines = st.builds(
    Line,
    id=st.just("x"),
    sku=st.sampled_from(["A", "OPEN-general", "9780156701600"]),
    title=st.sampled_from(["Orlando", "", "Tab\tand\x07bell", "x" * 900]),
    quantity=st.integers(1, 40),
    price_cents=st.sampled_from([0, 1, 99, 1_699]) | st.integers(0, 100_000),
    tax_class=st.sampled_from(["book", "general", "none"]),
    discount=_discounts,
    of_order=st.sampled_from(["", "", "order-1"]),
)


def _sold(
    lines: list[Line], mode: Any, basis: Any, whole: Discount | None = None, exempt: bool = False
) -> Sale:
    rules = TaxRules(mode=mode, basis=basis, classes=CLASSES)
    numbered = tuple(replace(x, id=str(n)) for n, x in enumerate(lines))
    draft = Draft(
        "d", 1, 1, "ines", 0, numbered, discount=whole, exempt=Exemption("EX-1") if exempt else None
    )
    priced = totals(draft, rules)
    made = sold.sold_lines(draft, priced)
    return sale(*made, tax_mode=mode, tax_basis=basis, total_cents=priced.total_cents)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(_lines, min_size=1, max_size=6),
    st.sampled_from(["exclusive", "inclusive"]),
    st.sampled_from(["item", "invoice"]),
    _discounts,
    st.booleans(),
)
def test_lines_times_prices_and_tax_are_what_was_paid(
    lines: list[Line], mode: str, basis: str, whole: Discount | None, exempt: bool
) -> None:
    made = _sold(lines, mode, basis, whole, exempt)
    body = sale_body(SaleUpload(made), "st-1", lambda _: None, True)
    assert body is not None
    told = json.loads(body)
    contract.holds("SaleCreate", told)
    goods = sum(x["quantity"] * x["unitPriceCents"] for x in told["items"])
    tax = sum(t.tax_cents for x in made.lines for t in x.taxes)
    assert goods == told["clientTotals"]["subtotalCents"]
    assert goods + tax == made.total_cents == told["clientTotals"]["totalCents"]
    assert sum(x["quantity"] for x in told["items"]) == sum(x.quantity for x in lines)
    assert sum(x["amountCents"] for x in told.get("payments", ())) == made.total_cents


@settings(max_examples=30, deadline=None)
@given(st.lists(_lines, min_size=1, max_size=4), st.sampled_from(["exclusive", "inclusive"]))
def test_a_sale_is_found_again_by_what_the_store_reads_back(lines: list[Line], mode: str) -> None:
    made = _sold(lines, mode, "item")
    body = sale_body(SaleUpload(made), "st-1", lambda _: None, False)
    assert body is not None
    told = json.loads(body)
    there = {
        "id": "sa-1",
        "paymentMethod": told["paymentMethod"],
        "items": [
            {
                "id": f"sl-{n}",
                "quantity": x["quantity"],
                "unitPriceCents": x["unitPriceCents"],
                "book": {"title": x["customItem"]["title"]},
            }
            for n, x in enumerate(told["items"])
        ],
    }
    far = sales.sale(there)
    assert isinstance(far, OnlineSale)
    assert sale_fits(body, far)


def test_three_hundred_lines_go_up_in_one() -> None:
    made = _sold([Line("x", f"S{n}", f"Title {n}", 3, 1_000 + n, tax_class="book") for n in range(300)],
                 "inclusive", "invoice", Discount("percent", 333_333))  # fmt: skip
    body = sale_body(SaleUpload(made), "st-1", lambda sku: (f"inv-{sku}", f"bk-{sku}"), True)
    assert body is not None
    told = json.loads(body)
    assert sum(x["quantity"] * x["unitPriceCents"] for x in told["items"]) == sum(
        x.net_cents - sum(t.tax_cents for t in x.taxes) for x in made.lines
    )
    assert len(told["items"]) <= 600


# ---- returns in parts ----


def _far(made: Sale, total_cents: int | None = None) -> OnlineSale:
    lines = [
        OnlineSaleLine(f"sl-{n}", x.quantity, price_cents=x.price_cents)
        for n, x in enumerate(sent_lines(made), 1)
    ]
    return OnlineSale("sa-1", total_cents=total_cents, lines=tuple(lines))


def _back(made: Sale, no: int, quantity: int, returned: int) -> RefundUpload:
    mine = next(x for x in sold.returnable(made, {no: returned}) if x.line.no == no)
    back = sold.return_line(made, mine, quantity, "restock", "unwanted", mode=made.tax_mode)
    lines = sold.sold_lines(
        Draft("d", 1, 1, "ines", 0, returns=(back,)), totals(Draft("e", 1, 1, "i", 0), TaxRules())
    )
    return RefundUpload(sale(*lines, kind="return", receipt=f"R1-{returned}"), made.id)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(0, 5_000), st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_a_line_that_comes_back_in_parts_never_names_a_copy_twice(
    copies: int, net_cents: int, parts: list[int]
) -> None:
    made = sale(line(1, copies, net_cents), line(2, 1, 500))
    far = _far(made)
    room = {x.id: x.quantity for x in far.lines}
    earlier: list[RefundUpload] = []
    returned = paid = 0
    for part in parts:
        if returned + part > copies:
            continue
        upload = _back(made, 1, part, returned)
        body = refund_body(upload, made, far, earlier)
        returned += part
        if body is None:
            assert upload.sale.total_cents == 0, "only what was free cannot be told"
            earlier.append(upload)
            continue
        told = json.loads(body)
        contract.holds("SaleRefundCreate", told)
        for x in told["lines"]:
            room[x["saleItemId"]] -= x["quantity"]
            assert room[x["saleItemId"]] >= 0
        assert sum(x["quantity"] for x in told["lines"]) == part
        paid += told["payouts"][0]["amountCents"]
        earlier.append(upload)
    if returned == copies:
        assert paid == made.lines[0].total_cents


def test_no_more_goes_back_than_the_store_has_of_the_sale() -> None:
    made = sale(line(1, 2, 1_000))  # 1060 with tax; the store reckoned 1059
    first, second = _back(made, 1, 1, 0), _back(made, 1, 1, 1)
    far = _far(made, 1_059)
    body = refund_body(first, made, far)
    assert body is not None and json.loads(body)["payouts"][0]["amountCents"] == 530
    body = refund_body(second, made, far, (first,))
    assert body is not None and json.loads(body)["payouts"][0]["amountCents"] == 529


def test_card_money_of_an_exchange_stays_whole() -> None:
    lines = (line(1, 1, 1_000), line(2, -1, -2_000, of_sale="other", of_line=1))
    made = sale(*lines, kind="exchange", tenders=(SoldTender("cash", -1_060),))
    body = sale_body(SaleUpload(made), "st-1", lambda _: None, True)
    assert body is not None
    assert json.loads(body)["payments"] == [{"method": "other", "amountCents": 1_060}]


# ---- how long keys are kept ----


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (1_209_600, 2 * KEY_KEPT_MS),
        (604_800, KEY_KEPT_MS),
        (60, KEY_KEPT_MS),
        (None, KEY_KEPT_MS),
        (True, KEY_KEPT_MS),
        ("9" * 40, KEY_KEPT_MS),
        (10**30, 10 * 366 * 86_400_000),
    ],
)
def test_a_server_keeps_keys_for_as_long_as_it_says_and_never_less_than_was_promised(
    told: object, kept: int
) -> None:
    body = {"version": 1, "extensions": ["idempotency-key"], "idempotencyRetentionSeconds": told}
    assert decoding.key_kept_ms(body) == kept
