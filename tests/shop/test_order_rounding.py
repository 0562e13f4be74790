"""Cents of an order that comes apart: however copies leave it or come back, nothing is lost or made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_line import OrderLine, without
from bookwish_desk.shop.order_payment import value_of
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step

AT = 1_790_000_000_000


@st.composite
def lines(draw: st.DrawFn, name: str = "a") -> OrderLine:
    """Return a line with any discount and any tax."""
    copies, price = draw(st.integers(1, 9)), draw(st.integers(0, 5_000))
    off = draw(st.integers(0, copies * price))
    tax = draw(st.integers(0, 1_500))
    return OrderLine(name, f"SKU-{name}", name, copies, price, discount_cents=off, tax_cents=tax)


def parts(draw: st.DataObject, copies: int) -> list[int]:
    """Return any way of taking so many copies in turns."""
    taken: list[int] = []
    while sum(taken) < copies:
        taken.append(draw.draw(st.integers(1, copies - sum(taken))))
    return taken


@given(line=lines(), tax_included=st.booleans(), draw=st.data())
def test_copies_that_come_back_in_turns_are_worth_what_all_of_them_are(
    line: OrderLine, tax_included: bool, draw: st.DataObject
) -> None:
    gone = replace(
        line, **dict.fromkeys(("allocated", "picked", "checked", "packed", "shipped"), line.ordered)
    )
    whole, given_back = value_of(gone, gone.live, tax_included), 0
    for copies in parts(draw, gone.live):
        cents = value_of(gone, copies, tax_included)
        assert cents >= 0
        given_back += cents
        gone = replace(gone, returned=gone.returned + copies)
    assert given_back == whole == line.net_cents + (0 if tax_included else line.tax_cents)


@given(line=lines(), draw=st.data())
def test_copies_cancelled_in_turns_leave_nothing_behind(line: OrderLine, draw: st.DataObject) -> None:
    for copies in parts(draw, line.live):
        less = without(line, copies)
        assert not less.fault()
        assert less.net_cents <= line.net_cents
        assert less.tax_cents <= line.tax_cents
        line = less
    assert (line.net_cents, line.discount_cents, line.tax_cents) == (0, 0, 0)


@given(made=st.tuples(lines("a"), lines("b"), lines("c")), draw=st.data(), tax_included=st.booleans())
def test_a_paid_order_taken_apart_owes_back_what_was_paid_to_the_cent(
    made: tuple[OrderLine, ...], draw: st.DataObject, tax_included: bool
) -> None:
    order = Order(
        id="1", number="1", source="counter", kind="ship", placed_at=AT, lines=made, shipping_cents=399,
        shipping_tax_cents=35, tax_included=tax_included,
    )  # fmt: skip
    paid = order.worth_cents
    order = replace(order, payment=Payment(captured_cents=paid))
    back = 0
    for place in draw.draw(st.permutations(range(3))):
        copies = order.lines[place].live
        for some in parts(draw, copies):
            order = apply(
                order, Step("cancel_copies", copies=((order.lines[place].id, some),), reason="r"), AT
            )
            assert order.payment.held_cents == order.worth_cents + order.refund_due_cents
            if order.refund_due_cents:
                back += order.refund_due_cents
                order = apply(order, Step("refund"), AT)
    assert order.state == "cancelled"
    assert back == paid == order.payment.refunded_cents


@given(made=st.tuples(lines("a"), lines("b"), lines("c")), draw=st.data())
def test_a_discount_is_shared_out_to_the_cent(made: tuple[OrderLine, ...], draw: st.DataObject) -> None:
    order = Order(id="1", number="1", source="counter", kind="pickup", placed_at=AT, lines=made)
    cents = draw.draw(st.integers(0, order.subtotal_cents))
    after = edits.set_discount(order, cents)
    assert after.discount_cents == cents
    assert all(0 <= x.discount_cents <= x.gross_cents for x in after.lines)
