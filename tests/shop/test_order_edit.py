"""Editing what was ordered: the worth changes, what was charged does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bookwish_desk.shop import order_edit as editing
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_rules import edit
from bookwish_desk.shop.order_step import Step
from tests.shop.orders import HOME, HOUR, ON_CARD, PLACED, SHIP, TO_PARCEL, TO_SHELF, do, order

NOW = PLACED + HOUR
EMMA = OrderLine("c", "9780141439587", "Emma", 1, 900, tax_cents=80)


def refusal(start: Order, change: Callable[[Order], Order]) -> str:
    with pytest.raises(Refused) as refused:
        edit(start, change, NOW)
    return refused.value.code


@pytest.mark.capability("WSM-23", "WSM+02")
def test_a_line_added_to_a_paid_order_is_to_be_collected_and_nothing_is_charged() -> None:
    some = edit(order(), lambda o: editing.add_line(o, EMMA), NOW)
    assert some.payment == order().payment
    assert (some.worth_cents, some.to_collect_cents) == (6_480, 980)
    assert [(t.kind, t.cents) for t in tasks(some, NOW) if t.blocking] == [("collect", 980)]
    assert queue(some, NOW) == "problems"
    card = edit(order(paid=ON_CARD), lambda o: editing.add_line(o, EMMA), NOW)
    assert [t.kind for t in tasks(card, NOW) if t.blocking] == ["reauthorise"]


@pytest.mark.capability("WSM+02")
def test_a_line_taken_out_of_a_paid_order_is_due_back() -> None:
    some = edit(order(), lambda o: editing.remove_line(o, "b"), NOW)
    assert (some.lines[1].cancelled, some.refund_due_cents, some.payment.captured_cents) == (1, 2_000, 5_500)
    assert [t.kind for t in tasks(some, NOW)] == ["refund", "requote"]


@pytest.mark.capability("WSM-24")
def test_a_line_is_swapped_for_another_title() -> None:
    some = edit(do(order(), "allocate"), lambda o: editing.swap_line(o, "a", EMMA), NOW)
    assert [(x.title, x.live, x.allocated) for x in some.lines] == [
        ("The Night Watch", 0, 0),
        ("Beloved", 1, 1),
        ("Emma", 1, 0),
    ]
    only = replace(order(), lines=order().lines[:1])
    assert edit(only, lambda o: editing.swap_line(o, "a", EMMA), NOW).live == 1


@pytest.mark.capability("WSM+01")
def test_quantity_price_and_discount_keep_the_rate_of_tax() -> None:
    line = OrderLine("a", "A", "Emma", 2, 1_000, discount_cents=200, tax_cents=160)
    some = replace(order(), lines=(line, *order().lines[1:]))
    more = edit(some, lambda o: editing.set_quantity(o, "a", 3), NOW).lines[0]
    assert (more.live, more.discount_cents, more.tax_cents) == (3, 300, 240)
    less = edit(some, lambda o: editing.set_quantity(o, "a", 1), NOW).lines[0]
    assert (less.live, less.discount_cents, less.tax_cents) == (1, 100, 80)
    assert edit(some, lambda o: editing.set_quantity(o, "a", 2), NOW).lines == some.lines
    cheap = edit(some, lambda o: editing.set_price(o, "a", 600), NOW).lines[0]
    assert (cheap.net_cents, cheap.tax_cents) == (1_000, 89)
    free = edit(some, lambda o: editing.set_price(o, "a", 0), NOW).lines[0]
    assert (free.net_cents, free.discount_cents, free.tax_cents) == (0, 0, 0)
    named = edit(some, lambda o: editing.set_price(o, "a", 600, 90), NOW).lines[0]
    assert named.tax_cents == 90
    off = edit(some, lambda o: editing.set_discount(o, 400), NOW)
    assert ([x.discount_cents for x in off.lines], off.lines[0].tax_cents) == ([200, 200], 160)
    assert edit(off, lambda o: editing.set_discount(o, 0), NOW).discount_cents == 0


@pytest.mark.capability("IC+02", "WSM+01")
def test_other_copies_ask_for_the_shipping_cost_again() -> None:
    some = edit(order(), lambda o: editing.set_quantity(o, "a", 1), NOW)
    assert some.requote
    quoted = edit(some, lambda o: editing.set_shipping(o, "ship", "Media Mail", 400, 20), NOW)
    assert (quoted.requote, quoted.method, quoted.shipping_cents, quoted.tax_cents) == (
        False,
        "Media Mail",
        400,
        20,
    )
    assert not edit(order("pickup"), lambda o: editing.set_quantity(o, "a", 1), NOW).requote


@pytest.mark.capability("IC+02", "IC-16")
def test_only_the_stores_own_orders_are_edited_and_only_before_they_are_done() -> None:
    theirs = do(order(), "send_to_wholesaler")
    done = do(order(), *TO_PARCEL, SHIP, "deliver")
    for fixed, code in ((theirs, "owner"), (done, "state"), (order(state="in_checkout"), "state")):
        assert refusal(fixed, lambda o: editing.add_line(o, EMMA)) == code
        assert refusal(fixed, lambda o: editing.set_price(o, "a", 1)) == code
        assert refusal(fixed, lambda o: editing.set_address(o, HOME)) == code
        assert refusal(fixed, lambda o: editing.attach_customer(o, None)) == code
        assert editing.set_memo(fixed, "Ask Ada").memo == "Ask Ada"


def test_what_is_packed_or_gone_stays_as_it_is() -> None:
    packed = do(order(), *TO_PARCEL)
    assert refusal(packed, lambda o: editing.remove_line(o, "a")) == "gone"
    assert refusal(packed, lambda o: editing.set_address(o, HOME)) == "packed"
    assert refusal(packed, lambda o: editing.set_shipping(o, "ship", "UPS", 1)) == "packed"
    assert refusal(order(), lambda o: editing.set_address(o, None)) == "address"
    shelf = do(order("pickup"), *TO_SHELF)
    assert refusal(shelf, lambda o: editing.set_shipping(o, "ship", "UPS", 1)) == "ready"
    assert refusal(do(shelf, "unready"), lambda o: editing.set_shipping(o, "ship", "UPS", 1)) == "address"
    sent = edit(
        do(shelf, "unready"),
        lambda o: editing.set_shipping(editing.set_address(o, HOME), "ship", "UPS", 500),
        NOW,
    )
    assert (sent.kind, sent.to_collect_cents) == ("ship", 500)


def test_taking_out_what_has_not_gone_finishes_the_order() -> None:
    part = do(order(), "allocate", "pick", "check", Step("pack", (("a", 2),)), SHIP, "deliver")
    done = edit(part, lambda o: editing.remove_line(o, "b"), NOW)
    assert (done.state, done.refund_due_cents) == ("completed", 2_000)


def test_an_order_is_never_edited_empty() -> None:
    one = edit(order(), lambda o: editing.remove_line(o, "b"), NOW)
    assert refusal(one, lambda o: editing.remove_line(o, "a")) == "last"
    assert refusal(one, lambda o: editing.set_quantity(o, "b", 1)) == "cancelled"


def test_amounts_out_of_bounds_are_refused() -> None:
    assert refusal(order(), lambda o: editing.set_price(o, "a", -1)) == "amount"
    assert refusal(order(), lambda o: editing.set_discount(o, 5_001)) == "discount"
    assert refusal(order(), lambda o: editing.set_quantity(o, "a", 1_000)) == "quantity"
    assert refusal(order(), lambda o: editing.add_line(o, order().lines[0])) == "line"
    assert refusal(order(), lambda o: editing.add_line(o, replace(EMMA, discount_cents=901))) == "discount"
    assert refusal(order(), lambda o: editing.set_quantity(o, "z", 1)) == "no_line"


def test_an_added_line_begins_at_the_beginning() -> None:
    sly = replace(EMMA, allocated=1, picked=1, checked=1)
    assert edit(order(), lambda o: editing.add_line(o, sly), NOW).lines[2] == EMMA


@pytest.mark.capability("WSM-22")
def test_a_customer_is_attached() -> None:
    some = edit(order(), lambda o: editing.attach_customer(o, Customer("c2", "Mary Shelley")), NOW)
    assert some.customer == Customer("c2", "Mary Shelley")


@pytest.mark.capability("IC+05")
def test_tax_is_put_back_where_an_exemption_did_not_hold() -> None:
    claimed = order(exempt="School 123")
    taxed = edit(claimed, lambda o: editing.set_taxes(o, {"a": 240, "b": 160}, 40), NOW)
    assert (taxed.exempt, taxed.tax_cents, taxed.to_collect_cents) == ("", 440, 440)


@pytest.mark.capability("BW+10")
def test_a_gift_has_a_message() -> None:
    gift = edit(order(), lambda o: editing.set_gift(o, True, "Happy birthday!"), NOW)
    assert (gift.gift, gift.gift_message) == (True, "Happy birthday!")
    assert edit(gift, lambda o: editing.set_gift(o, False, "x"), NOW).gift_message == ""


def test_the_day_told_is_a_day() -> None:
    assert editing.promise_day(order(), "2026-12-01").expected_on == "2026-12-01"
    with pytest.raises(Refused):
        editing.promise_day(order(), "soon")
