"""What an order costs in a sale: to the cent what is to collect, in the register's way of reckoning tax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import collecting, sale
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.sale import Draft, totals
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules

UNTAXED = TaxRules(classes=(TaxClass("book", "Books"),))
TAXED = TaxRules(classes=(TaxClass("book", "Books", (TaxRate("Sales tax", 88_750),)),))
NOTHING = Draft("d", 1, 1, "s", 0)


@st.composite
def orders(draw: st.DrawFn, taxed: bool = False) -> Order:
    """Orders that nobody paid anything for yet."""
    lines = []
    for no in range(draw(st.integers(1, 4))):
        copies, price = draw(st.integers(1, 5)), draw(st.integers(0, 9_999))
        discount = draw(st.integers(0, copies * price))
        tax = draw(st.integers(0, copies * price - discount)) if taxed else 0
        lines.append(OrderLine(f"{no}", f"S{no}", f"Book {no}", copies, price,
                               discount_cents=discount, tax_cents=tax))  # fmt: skip
    return Order(
        id="o", number="O1-000001", source="phone", kind="pickup", placed_at=0, lines=tuple(lines),
        shipping_cents=draw(st.integers(0, 999)), adjustment_cents=draw(st.integers(-2_000, 2_000)),
        tax_included=draw(st.booleans()),
    )  # fmt: skip


def drafted(order: Order, rules: TaxRules) -> Draft:
    return replace(NOTHING, lines=collecting.order_lines(order, {}, rules.mode))


@given(orders(), st.sampled_from(("exclusive", "inclusive")))
def test_without_tax_it_is_what_is_to_collect_to_the_cent(order: Order, mode: str) -> None:
    rules = replace(UNTAXED, mode=mode)
    draft = drafted(order, rules)
    assert collecting.paid_in(totals(draft, rules), order.id) == order.to_collect_cents
    assert all(x.price_cents >= 0 and x.of_order == order.id for x in draft.lines)
    assert collecting.still_the_same(draft, order, {}, rules.mode) or not order.to_collect_cents


@given(orders(taxed=True), st.sampled_from(("exclusive", "inclusive")))
def test_prices_are_said_in_the_registers_way(order: Order, mode: str) -> None:
    order = replace(order, adjustment_cents=0, shipping_cents=0)
    rules = replace(TAXED, mode=mode)
    for line, sold in zip(order.lines, collecting.order_lines(order, {}, rules.mode), strict=False):
        net = sold.quantity * sold.price_cents - (sold.discount.value if sold.discount else 0)
        gross = line.net_cents + (0 if order.tax_included else line.tax_cents)
        assert net == (gross if mode == "inclusive" else gross - line.tax_cents)


@given(orders(), st.integers(1, 50_000))
def test_of_a_partly_paid_order_the_rest_is_one_line_without_tax(order: Order, paid: int) -> None:
    order = replace(order, payment=Payment(captured_cents=paid))
    priced = totals(drafted(order, TAXED), TAXED)
    assert priced.total_cents == order.to_collect_cents and priced.taxes == ()
    assert len(priced.lines) == (1 if order.to_collect_cents else 0)


def test_each_book_has_the_tax_class_of_its_item() -> None:
    order = Order(
        id="o", number="O1-1", source="phone", kind="pickup", placed_at=0,
        lines=(OrderLine("1", "A", "Atlas", 1, 500), OrderLine("2", "B", "Bag", 1, 700)),
    )  # fmt: skip
    known = {"B": Item("B", "Bag", tax_class="general", stocked=False)}
    atlas, bag = collecting.order_lines(order, known, "exclusive")
    assert (atlas.tax_class, atlas.stocked, bag.tax_class, bag.stocked) == ("book", True, "general", False)


def test_a_discount_on_the_sale_leaves_the_order_alone_and_its_lines_too() -> None:
    order = Order(
        id="o", number="O1-1", source="phone", kind="pickup", placed_at=0, state="processing", ready_at=1,
        payment=Payment(promise="at_pickup"),
        lines=(OrderLine("1", "A", "Atlas", 1, 500, allocated=1, picked=1),),
    )  # fmt: skip
    draft = sale.add_item(NOTHING, Item("X", "Extra", price_cents=1000))
    draft = collecting.collect(draft, order, (("1", 1),), "Photo ID", {}, "exclusive", 5)
    draft = sale.discount_sale(draft, sale.Discount("amount", 99_999))
    assert [p.net_cents for p in totals(draft, UNTAXED).lines] == [0, 500]
    twice = collecting.collect(draft, order, (("1", 1),), "Known customer", {}, "exclusive", 5)
    assert len(twice.collects) == 1 and len(twice.lines) == 2
    with pytest.raises(Refused, match="at most 1"):
        collecting.collect(draft, order, (("1", 2),), "Photo ID", {}, "exclusive", 5)
    begun = replace(draft, tenders=(sale.Tender("t", "cash", 100),))
    with pytest.raises(Refused, match="payment has been started"):
        sale.remove_line(begun, "o")
