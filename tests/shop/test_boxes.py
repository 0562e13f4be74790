"""Boxes on the pack table: where copies lie, and which orders may share one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.shop import boxes
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Parcel
from tests.support.orders import ADA, EMMA, HOME, line, made


def checked(number: str = "A", copies: int = 2, **more: object) -> Order:
    """Return an order to ship with one line, every copy checked."""
    row = line(copies=copies, allocated=copies, picked=copies, checked=copies)
    return made(number, row, kind="ship", state="processing", **more)


def test_checked_copies_go_into_the_current_box_and_can_be_moved_to_another() -> None:
    order = checked()
    row = order.lines[0]
    table = boxes.follow(boxes.boxes_of([order]), [order])
    first = table.ids[0]
    assert boxes.lying(table, order, row) == {first: 2}
    table = boxes.moved(boxes.another(table), (order.id, row.id))
    second = table.current
    assert boxes.lying(table, order, row) == {first: 1, second: 1}
    assert [(b.id, b.contents, b.weight_grams) for b in boxes.filled(table, {second: 300})] == [
        (first, ((order.id, row.id, 1),), 0),
        (second, ((order.id, row.id, 1),), 300),
    ]
    assert (table.number(first), table.number(second)) == (1, 2)
    table = boxes.moved(table, (order.id, row.id))
    assert boxes.moved(table, (order.id, row.id)) == table
    assert boxes.lying(table, order, row) == {second: 2}


def test_a_plan_follows_what_became_of_the_copies() -> None:
    order = checked(copies=3)
    table = boxes.follow(boxes.boxes_of([order]), [order])
    fewer = replace(order, lines=(replace(order.lines[0], checked=1),))
    assert boxes.follow(table, [fewer]).planned == ((order.id, order.lines[0].id, table.ids[0], 1),)
    parcel = Parcel("P", ((order.lines[0].id, 3),))
    packed = replace(order, lines=(replace(order.lines[0], packed=3),), parcels=(parcel,))
    after = boxes.follow(table, [packed])
    assert after.planned == () and after.ids == (table.ids[0], "P")
    assert boxes.lying(after, packed, packed.lines[0]) == {"P": 3}
    assert boxes.boxes_of([packed]).ids == ("P",)


@pytest.mark.parametrize(
    ("changes", "together"),
    [
        ({}, True),
        ({"address": replace(HOME, line1="12  elm street.", city="SPRINGFIELD")}, True),
        ({"address": replace(HOME, line1="13 Elm Street")}, False),
        ({"address": replace(HOME, name="Charles")}, False),
        ({"customer": Customer("", "Ada E.", "ADA@example.com")}, True),
        ({"customer": Customer("", "Ada Example", "other@example.com")}, False),
        ({"customer": Customer("", "ada example")}, True),
        ({"customer": None}, False),
        ({"hold": "Wait"}, False),
        ({"state": "cancelled"}, False),
        ({"kind": "pickup"}, False),
    ],
)
def test_orders_of_one_customer_to_one_address_go_together(changes: dict, together: bool) -> None:
    one = checked("A", placed_at=1)
    other = replace(checked("B", placed_at=2), **changes)
    assert bool(boxes.same_way(one, [one, other])) is together


def test_customers_of_the_shop_are_told_apart_by_its_own_records() -> None:
    one, other = (checked(n, customer=replace(ADA, id=i)) for n, i in (("A", "1"), ("B", "2")))
    assert boxes.same_way(one, [other]) == ()
    same = replace(other, customer=replace(ADA, id="1", email="new@example.com"))
    assert boxes.same_way(one, [same]) == (same,)


def test_an_order_with_nothing_in_the_shop_goes_with_no_other() -> None:
    one = checked("A")
    waiting = made("B", line(EMMA), kind="ship", state="processing")
    assert boxes.same_way(one, [waiting]) == ()
    assert boxes.same_way(replace(one, address=None), [checked("C")]) == ()


def test_orders_in_one_box_are_found_until_it_is_shipped() -> None:
    def boxed(number: str, shipped_at: int = 0) -> Order:
        order = checked(number)
        parcel = Parcel("P", ((order.lines[0].id, 2),), shipped_at=shipped_at)
        return replace(order, parcels=(parcel,))

    one, other, gone = boxed("A"), boxed("B"), boxed("C", shipped_at=9)
    assert boxes.boxed_with(one, [one, other, gone, checked("D")]) == (other,)
    assert boxes.boxed_with(gone, [one]) == ()
    away = [replace(boxed(n, shipped_at=9), placed_at=i) for i, n in enumerate("EF")]
    assert boxes.boxed_with(away[0], [*away, one], away=True) == (away[1],)
    elsewhere = replace(other, address=replace(HOME, line1="13 Elm Street"))
    assert boxes.boxed_with(one, [elsewhere]) == ()
