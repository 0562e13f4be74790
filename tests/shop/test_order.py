"""Orders as values: axes that know nothing of each other, money and counts that add up, queues, tasks."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.order import (
    Owner,
    Parcel,
    Payment,
    PaymentKind,
    fault,
    promised,
    source_of,
    stock_taken,
)
from bookwish_desk.shop.order_line import OrderLine, without
from bookwish_desk.shop.order_queue import QUEUE_NAMES, Queue, count_queues, queue, tasks
from bookwish_desk.shop.order_step import Step
from tests.shop.orders import AT_COUNTER, CAPTURED, DAY, ON_CARD, PLACED, SHIP, TO_PARCEL, TO_SHELF, do, order

NOW = PLACED + DAY


@pytest.mark.parametrize(
    ("payment", "kind"),
    [
        (Payment(), "none"),
        (Payment("outside"), "pending_outside"),
        (AT_COUNTER, "at_pickup"),
        (ON_CARD, "authorised"),
        (CAPTURED, "captured"),
        (Payment(captured_cents=5_500, refunded_cents=1), "part_refunded"),
        (Payment(captured_cents=5_500, refunded_cents=5_500), "refunded"),
    ],
)
def test_the_payment_has_one_word_which_follows_from_its_amounts(payment: Payment, kind: str) -> None:
    assert payment.kind == kind
    assert kind in get_args(PaymentKind)


def test_money_is_certain_when_paid_authorised_in_time_or_due_at_the_counter() -> None:
    assert order().secured(NOW)
    assert order(paid=ON_CARD).secured(ON_CARD.expires_at - 1)
    assert not order(paid=ON_CARD).secured(ON_CARD.expires_at)
    assert not order(paid=replace(ON_CARD, authorised_cents=5_499)).secured(NOW)
    assert order("pickup", paid=AT_COUNTER).secured(NOW)
    assert not order("ship", paid=AT_COUNTER).secured(NOW)
    assert not order(paid=Payment("outside")).secured(NOW)
    assert not order(paid=ON_CARD).paid


def test_the_total_is_copies_less_discount_with_shipping_tax_and_credit() -> None:
    lines = (
        OrderLine("a", "A", "Emma", 3, 1_000, discount_cents=300, tax_cents=240, cancelled=1),
        OrderLine("b", "B", "Persuasion", 1, 500, tax_cents=44),
    )
    some = order(lines=lines, shipping_tax_cents=40, paid=Payment(captured_cents=2_324, credit_cents=500))
    assert (some.subtotal_cents, some.discount_cents, some.tax_cents) == (2_500, 300, 324)
    assert some.worth_cents == 2_500 - 300 + 500 + 324 == 3_024
    assert some.total_cents == 2_524
    assert some.to_collect_cents == 200
    assert replace(some, tax_included=True).worth_cents == 2_700
    assert replace(some, granted_cents=9_999).worth_cents == 0


def test_what_was_paid_too_much_goes_back_to_credit_first() -> None:
    paid = Payment(captured_cents=4_500, credit_cents=1_000)
    less = do(order(paid=paid), Step("cancel_copies", (("a", 1),), reason="Out of stock"))
    assert (less.credit_due_cents, less.refund_due_cents) == (1_000, 500)
    credited = do(less, "return_credit")
    assert (credited.credit_due_cents, credited.refund_due_cents) == (0, 500)
    assert do(credited, "refund").payment.refunded_cents == 500


@given(st.integers(1, 40), st.integers(0, 5_000), st.integers(0, 100), st.integers(0, 5_000), st.data())
def test_discount_and_tax_leave_with_the_copies(
    copies: int, price: int, percent: int, tax: int, data: st.DataObject
) -> None:
    discount = copies * price * percent // 100
    line = OrderLine("a", "A", "Emma", copies, price, discount_cents=discount, tax_cents=tax)
    while line.live:
        line = without(line, data.draw(st.integers(1, line.live)))
        assert line.fault() == ""
    assert (line.discount_cents, line.tax_cents, line.net_cents) == (0, 0, 0)


def test_a_fault_is_found_wherever_counts_do_not_add_up() -> None:
    line = OrderLine("a", "A", "Emma", 2, 1_000)
    for wrong in (
        {"cancelled": 3},
        {"allocated": 3},
        {"allocated": 1, "short": 2},
        {"picked": 1},
        {"allocated": 1, "picked": 1, "checked": 2},
        {"allocated": 2, "picked": 2, "checked": 1, "packed": 1, "handed_over": 1},
        {"shipped": 1, "allocated": 1, "picked": 1, "checked": 1},
        {"returned": 1},
        {"supplied": 3},
        {"short": -1},
        {"discount_cents": 2_001},
    ):
        assert replace(line, **wrong).fault(), wrong
    assert line.fault() == ""
    packed = do(order(), *TO_PARCEL)
    assert fault(packed) == ""
    assert "parcels" in fault(replace(packed, parcels=()))
    assert "parcels" in fault(replace(packed, parcels=(replace(packed.parcels[0], shipped_at=1),)))
    assert "given back" in fault(order(paid=Payment(captured_cents=1, refunded_cents=2)))
    assert "cancelled" in fault(order(state="cancelled"))


def test_stock_is_held_back_from_allocation_and_taken_when_it_leaves() -> None:
    waiting = do(order(), "allocate")
    assert promised(waiting) == {"9780143127741": 2, "9780307476463": 1}
    assert stock_taken(waiting) == {}
    gone = do(waiting, "pick", "check", "pack", SHIP)
    assert promised(gone) == {}
    assert stock_taken(gone) == {"9780143127741": 2, "9780307476463": 1}


def test_a_source_says_what_it_tells_customers_itself() -> None:
    assert source_of(order(source="bookwish")).tells == {"ready", "shipped", "cancelled"}
    assert source_of(order(source="elsewhere")).name == "elsewhere"
    assert not source_of(order(source="elsewhere")).tells


@pytest.mark.capability("IC-01", "IC-02")
def test_active_is_what_is_not_cancelled_in_checkout_or_abandoned() -> None:
    states = ("in_checkout", "abandoned", "pending", "confirmed", "processing", "completed", "cancelled")
    assert [s for s in states if order(state=s).active] == ["pending", "confirmed", "processing", "completed"]


def _queues() -> dict[str, tuple[Queue, object]]:
    pickup = order("pickup")
    picked = do(order(), "allocate", "pick")
    return {
        "just placed": ("new", order()),
        "paid at BookWish": ("new", order(state="confirmed")),
        "on the pick list": ("to_pick", do(order(), "start", "allocate")),
        "picked for pickup, to be made ready": ("to_pick", do(pickup, "allocate", "pick")),
        "picked": ("to_pack", picked),
        "half packed": ("to_pack", do(picked, "check", Step("pack", (("b", 1),)))),
        "set aside": ("ready_for_pickup", do(pickup, *TO_SHELF)),
        "packed": ("ready_to_ship", do(picked, "check", "pack")),
        "on hold": ("waiting", do(order(), Step("hold", reason="Cheque clearing"))),
        "pending at PayPal": ("waiting", order(paid=Payment("outside"))),
        "no stock": ("waiting", do(order(), "start")),
        "on backorder": ("waiting", do(order(), "start", "backorder")),
        "no payment": ("waiting", do(order(paid=Payment()), "allocate", "pick")),
        "a copy missing": ("problems", do(order(), "start", "allocate", Step("short", (("a", 1),)))),
        "expired": ("problems", order(paid=replace(ON_CARD, expires_at=NOW))),
        "total grew": ("problems", order(paid=replace(ON_CARD, authorised_cents=5_000))),
        "paid too little": ("problems", order(paid=Payment(captured_cents=5_000))),
        "cancelled, refund due": ("problems", do(order(), Step("cancel", reason="Changed mind"))),
        "refunded": ("done", do(order(), Step("cancel", reason="Changed mind"), "refund")),
        "at the wholesaler": ("with_wholesaler", do(order(), "send_to_wholesaler")),
        "on its way": ("done", do(picked, "check", "pack", SHIP)),
        "delivered": ("done", do(picked, "check", "pack", SHIP, "deliver")),
        "handed over": ("done", do(pickup, *TO_SHELF, "check", "hand_over")),
        "in checkout": ("carts", order(state="in_checkout", paid=Payment())),
        "abandoned": ("carts", order(state="abandoned", paid=Payment())),
    }


@pytest.mark.parametrize("name", _queues())
@pytest.mark.capability("WSM-01", "WSM+04")
def test_every_order_is_found_in_one_queue(name: str) -> None:
    where, some = _queues()[name]
    assert queue(some, NOW) == where  # type: ignore[arg-type]


def test_all_queues_are_counted_also_empty_ones() -> None:
    counts = count_queues((order(), order(state="confirmed")), NOW)
    assert list(counts) == list(QUEUE_NAMES)
    assert counts["new"] == 2
    assert sum(counts.values()) == 2


def test_an_order_handed_over_unpaid_stays_a_problem_until_it_is_paid() -> None:
    shelf = do(order("pickup", paid=AT_COUNTER), *TO_SHELF, "check")
    gone = do(shelf, Step("hand_over", override="She pays on Friday"))
    assert (queue(gone, NOW), gone.state) == ("problems", "processing")
    assert [(t.kind, t.cents) for t in tasks(gone, NOW)] == [("collect", 5_500)]
    paid = do(gone, "settle")
    assert (queue(paid, NOW), paid.state, tasks(paid, NOW)) == ("done", "completed", ())


@pytest.mark.capability("IC+03")
def test_a_lower_total_leaves_an_authorisation_to_be_voided_only_when_nothing_is_due() -> None:
    held = order(paid=ON_CARD)
    assert tasks(held, NOW) == ()
    cancelled = do(held, Step("cancel", reason="Changed mind"))
    assert [(t.kind, t.blocking) for t in tasks(cancelled, NOW)] == [("void", False)]
    assert tasks(do(cancelled, "void"), NOW) == ()


def test_a_parcel_knows_nothing_of_the_rest() -> None:
    parcel = Parcel("p", (("a", 1),), tracking="1Z")
    assert replace(parcel, delivered_at=5).tracking == "1Z"
    assert order(owner=Owner("wholesaler", "pending", 5)).state == "pending"
