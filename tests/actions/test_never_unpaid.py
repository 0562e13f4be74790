"""Every way on which a book could leave the shop unpaid: closed, or open to a manager and in the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import (
    collecting,
    order_editing,
    ordering,
    paying,
    pickup,
    placing,
    problems,
    rerouting,
    selling,
)
from bookwish_desk.db import checks, order_checks, sale_checks
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import Discount
from bookwish_desk.shop.staff import Actor
from tests.actions.test_pickup import UNPAID, all_of, draft_of, in_sale, ready
from tests.support.counter import Counter
from tests.support.orders import ADA, EMMA, HOME, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import hire

PHONE: dict[str, Any] = {"number": "O1-000042", "source": "phone", "payment": UNPAID}
CHEAP = NewLine(title="Orlando", sku=ORLANDO.sku, ean=ORLANDO.ean, price_cents=0)


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


@pytest.fixture
def clerk(counter: Counter) -> Actor:
    return hire(counter.store, "staff")


def sound(counter: Counter) -> None:
    with counter.store.read() as conn:
        faults = checks.stock(conn) + checks.tills(conn) + sale_checks.sales(conn)
        assert faults + order_checks.everything(conn) == []


def missing(order: Order) -> Problem:
    """Return the problem of a book that is not there, and for which another is given away."""
    copies = ((order.lines[0].id, 1),)
    return Problem(kind="out_of_stock", answer="swap", swap=CHEAP, copies=copies)


def stays(counter: Counter, order: Order) -> None:
    """Nothing of the order has left, and the books are sound."""
    assert now(counter.store, order).gone == 0
    sound(counter)


# ---- prices and discounts ----


@pytest.mark.capability("OMG-34")
@pytest.mark.parametrize(
    "cheaper",
    [
        lambda s, who, o: order_editing.set_price(s, who, o.id, o.lines[0].id, 0),
        lambda s, who, o: order_editing.add_line(s, who, o.id, CHEAP),
        lambda s, who, o: order_editing.swap_line(s, who, o.id, o.lines[0].id, CHEAP),
        lambda s, who, o: problems.report(s, who, o.id, missing(o)),
        lambda s, who, o: placing.enter(
            s, who, NewOrder(lines=(CHEAP,), source="phone", customer=ADA, paid="at_pickup")
        ),
    ],
    ids=["price", "add", "swap", "problem", "enter"],
)
def test_a_clerk_sells_no_order_under_its_price_without_a_manager(
    counter: Counter, clerk: Actor, cheaper: Callable
) -> None:
    order = ready(counter, line(EMMA), **PHONE)
    shelved(counter.store, counter.actor, ORLANDO)
    with pytest.raises(NeedsApproval) as needs:
        cheaper(counter.store, clerk, order)
    assert needs.value.facts["permission"] == "sale.price"
    approved = counter.approved(clerk, "sale.price", str(needs.value.facts["ref"]))
    cheaper(counter.store, approved, order)
    used = {"permission": "sale.price", "approved_by": counter.actor.staff}
    assert used in counter.journal("approval.used")
    sound(counter)


def test_the_price_of_another_store_and_the_usual_price_need_nobody(counter: Counter, clerk: Actor) -> None:
    order = ready(counter, line(EMMA), **PHONE)
    usual = replace(CHEAP, price_cents=1699)
    order_editing.add_line(counter.store, clerk, order.id, usual)
    placing.enter(counter.store, clerk, NewOrder(lines=(usual,), source="phone", customer=ADA))
    web = NewOrder(lines=(replace(CHEAP, price_cents=1500),), source="wsm", number="W-1", customer=ADA)
    placing.enter(counter.store, clerk, web)
    sound(counter)


def test_a_discount_on_an_order_needs_who_may_give_one(counter: Counter, clerk: Actor) -> None:
    order = ready(counter, **PHONE)
    with counter.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission = 'sale.discount'")
    dear = replace(CHEAP, price_cents=1699, discount_cents=1699)
    full = replace(dear, discount_cents=0)
    new = NewOrder(lines=(full,), source="phone", customer=ADA, discount_cents=1699)
    for give in (
        lambda who: order_editing.set_discount(counter.store, who, order.id, 1699),
        lambda who: order_editing.add_line(counter.store, who, order.id, dear),
        lambda who: placing.enter(counter.store, who, new),
    ):
        with pytest.raises(NeedsApproval) as needs:
            give(clerk)
        assert needs.value.facts["permission"] == "sale.discount"
        assert give(counter.actor).value.id


def test_the_register_takes_nothing_off_an_order(counter: Counter) -> None:
    order = ready(counter, **PHONE)
    draft = in_sale(counter, order)
    mine = selling.current(counter.store, 1).draft
    assert mine is not None
    free = Discount("percent", 1_000_000, "Friend")
    with pytest.raises(Refused, match="paid as a whole"):
        selling.discount_line(counter.store, counter.actor, draft, mine.lines[0].id, free)
    ringing = selling.discount_sale(counter.store, counter.actor, draft, free).value
    assert ringing.due_cents == 1850
    with pytest.raises(Refused, match="still open"):
        paying.complete(counter.store, counter.actor, draft)
    stays(counter, order)


# ---- steps ----


@pytest.mark.parametrize("verb", ["capture", "settle", "void", "grant", "refund", "cancel", "take_back"])
def test_who_only_packs_moves_no_money(counter: Counter, clerk: Actor, verb: str) -> None:
    order = ready(counter, **PHONE)
    with counter.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions WHERE permission LIKE 'order.p%'")
    with pytest.raises(NeedsApproval):
        ordering.take(counter.store, clerk, order.id, Step(verb, cents=1, reason="Nice"))  # type: ignore[arg-type]
    stays(counter, order)


@pytest.mark.parametrize("verb", ["hand_over", "complete", "ship", "deliver"])
def test_no_step_lets_an_unpaid_pickup_go(counter: Counter, verb: str) -> None:
    order = stepped(counter.store, counter.actor, ready(counter, **PHONE), "check")
    for step in (Step(verb), Step(verb, override=" "), Step(verb, partly=True)):  # type: ignore[arg-type]
        with pytest.raises(Refused):
            ordering.take(counter.store, counter.actor, order.id, step)
    stays(counter, order)


def test_holding_and_taking_it_off_the_shelf_make_no_order_paid(counter: Counter) -> None:
    order = ready(counter, **PHONE)
    stepped(counter.store, counter.actor, order, Step("hold", reason="Police"), "release_hold")
    stepped(counter.store, counter.actor, order, "unready", "release", "allocate", "pick", "check", "ready")
    with pytest.raises(Refused) as refused:
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(now(counter.store, order)), "ID")
    assert refused.value.code == "unpaid"
    stays(counter, order)


def test_a_part_that_is_paid_is_not_the_rest(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA), **PHONE)
    stepped(counter.store, counter.actor, order, Step("capture", cents=1699))
    for copies in (all_of(order)[:1], all_of(order)):
        with pytest.raises(Refused) as refused:
            pickup.hand_over(counter.store, counter.actor, order.id, copies, "Photo ID", partly=True)
        assert refused.value.code == "unpaid"
    stays(counter, order)


def test_what_is_added_after_payment_is_paid_too(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=Payment(captured_cents=1699))
    shelved(counter.store, counter.actor, EMMA)
    more = NewLine(title="Emma", sku=EMMA.sku, ean=EMMA.ean, price_cents=1050)
    grown = order_editing.add_line(counter.store, counter.actor, order.id, more).value
    assert grown.to_collect_cents and not grown.ready_at
    assert grown.lines[1].allocated == 0
    with pytest.raises(Refused) as refused:
        pickup.make_ready(counter.store, counter.actor, order.id, "EXA", partly=True)
    assert refused.value.code == "unpaid"
    stays(counter, order)


def test_to_be_paid_at_pickup_is_no_promise_for_a_parcel(counter: Counter) -> None:
    order = stepped(counter.store, counter.actor, ready(counter, **PHONE), "unready")
    order_editing.set_address(counter.store, counter.actor, order.id, HOME)
    sent = order_editing.set_shipping(counter.store, counter.actor, order.id, "ship", "Post", 500).value
    assert sent.kind == "ship" and not sent.secured(counter.clock.at)
    stepped(counter.store, counter.actor, order, "check", "pack")
    with pytest.raises(Refused) as refused:
        ordering.take(counter.store, counter.actor, order.id, Step("ship", reason="By hand"))
    assert refused.value.code == "unpaid"
    with pytest.raises(Refused):
        stepped(counter.store, counter.actor, order, "send_to_wholesaler")
    stays(counter, order)


def test_an_override_for_the_shelf_is_none_for_the_counter(counter: Counter, clerk: Actor) -> None:
    shelved(counter.store, counter.actor, ORLANDO)
    order = received(counter.store, counter.actor, made("W-1", source="wsm", payment=UNPAID))
    order = stepped(counter.store, counter.actor, order, "start", "pick")
    order = stepped(counter.store, counter.actor, order, Step("await_outside"))
    with pytest.raises(NeedsApproval):
        pickup.make_ready(counter.store, clerk, order.id, "EXA", override="Comes at once")
    order = pickup.make_ready(counter.store, counter.actor, order.id, "EXA", override="Comes at once").value
    with pytest.raises(Refused) as refused:
        pickup.hand_over(counter.store, clerk, order.id, all_of(order), "Photo ID")
    assert refused.value.code == "unpaid"
    assert [x["override"] for x in counter.journal("order.ready")] == ["Comes at once"]
    stays(counter, order)


# ---- problems, re-routes, and what is owed ----


@pytest.mark.parametrize(
    "problem",
    [
        Problem(kind="damaged", answer="replace"),
        Problem(kind="out_of_stock", answer="wait"),
        Problem(kind="payment", answer="hold", reason="Card declined"),
        Problem(kind="out_of_stock", answer="swap", swap=replace(CHEAP, price_cents=1699)),
    ],
    ids=lambda p: f"{p.kind} {p.answer}",
)
def test_no_problem_makes_an_unpaid_order_paid(counter: Counter, problem: Problem) -> None:
    order = ready(counter, **PHONE)
    shelved(counter.store, counter.actor, ORLANDO, 2)
    if problem.kind != "payment":
        problem = replace(problem, copies=((order.lines[0].id, 1),))
    after = problems.report(counter.store, counter.actor, order.id, problem).value
    assert after.to_collect_cents > 0
    with pytest.raises(Refused):
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order) or all_of(after), "Photo ID")
    stays(counter, order)


def test_a_copy_taken_from_an_order_leaves_only_through_a_sale(counter: Counter, clerk: Actor) -> None:
    order = ready(counter, number="BW-1")
    selling.add(counter.store, clerk, ORLANDO)
    rerouting.reroute(counter.store, clerk, order.id, ORLANDO.sku, 1)
    after = now(counter.store, order)
    assert after.lines[0].short == 1 and not after.ready_at
    with pytest.raises(Refused):
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), "Photo ID")
    assert counter.on_hand(ORLANDO.sku) == 1
    stays(counter, order)


def test_trade_credit_pays_only_what_it_is_worth(counter: Counter) -> None:
    paid = Payment(promise="at_pickup", credit_cents=1000)
    order = ready(counter, number="W-1", source="wsm", payment=paid)
    assert order.to_collect_cents == 699
    with pytest.raises(Refused) as refused:
        pickup.hand_over(counter.store, counter.actor, order.id, all_of(order), "Photo ID")
    assert refused.value.code == "unpaid"
    sale = paying.pay_cash(counter.store, counter.actor, in_sale(counter, order), 699).value.sale
    assert sale is not None and sale.total_cents == 699
    assert now(counter.store, order).state == "completed"
    sound(counter)


def test_a_part_collected_in_a_sale_pays_for_the_whole_order_first(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO), line(EMMA), **PHONE)
    part = all_of(order)[:1]
    draft = draft_of(collecting.add_order(counter.store, counter.actor, order.id, part, "Photo ID").value)
    sale = paying.pay_cash(counter.store, counter.actor, draft.id, 50_000).value.sale
    assert sale is not None and sale.total_cents == 2993
    rest = now(counter.store, order)
    assert rest.paid and rest.ready_at and rest.gone == 1 and rest.state == "processing"
    done = pickup.hand_over(counter.store, counter.actor, order.id, all_of(rest), "Photo ID").value
    assert done.state == "completed"
    sound(counter)
