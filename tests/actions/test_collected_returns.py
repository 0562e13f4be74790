"""Books of an order collected at the register that come back there: money, copies and the order agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import collecting, order_editing, paying, returning
from bookwish_desk.db import checks, order_checks, orders, sale_checks
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.new_order import NewLine
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sold import Sale
from tests.actions.test_pickup import UNPAID, all_of, draft_of, events, in_sale, ready
from tests.support.counter import Counter
from tests.support.orders import EMMA, ORLANDO, line, now, shelved, stepped


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def sound(counter: Counter) -> None:
    with counter.store.read() as conn:
        faults = checks.stock(conn) + checks.tills(conn) + sale_checks.sales(conn)
        assert faults + order_checks.everything(conn) == []


def collected(counter: Counter, order: Order) -> Sale:
    """Sell an order that is paid at the counter, with all its books."""
    sale = paying.pay_cash(counter.store, counter.actor, in_sale(counter, order), 50_000).value.sale
    assert sale is not None
    return sale


def bring_back(counter: Counter, sale: Sale, no: int, copies: int = 1) -> Sale:
    back = returning.add(counter.store, counter.actor, "", sale.id, no, copies).value
    done = paying.pay_cash(counter.store, counter.actor, draft_of(back).id, 0).value.sale
    assert done is not None
    return done


def test_what_the_register_gave_back_is_not_due_a_second_time(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO, 2), line(EMMA), number="O1-000042", source="phone", payment=UNPAID)
    sale = collected(counter, order)
    back = bring_back(counter, sale, 1)
    after = now(counter.store, order)
    assert after.state == "completed" and [x.returned for x in after.lines] == [1, 0]
    assert after.payment.refunded_cents == after.granted_cents == -back.total_cents == 1850
    assert after.refund_due_cents == after.to_collect_cents == 0 and not after.owed_since
    assert [e["reason"] for e in events(counter, order, "take_back")] == [f"Receipt {back.receipt}"]
    assert [e["cents"] for e in events(counter, order, "refund")] == [1850]
    assert counter.on_hand(ORLANDO.sku) == 1
    bring_back(counter, sale, 1)
    bring_back(counter, sale, 2)
    after = now(counter.store, order)
    assert after.payment.refunded_cents == after.payment.captured_cents == sale.total_cents
    with pytest.raises(Refused, match="No copy is with the customer"):
        stepped(counter.store, counter.actor, after, Step("take_back", reason="Again", cents=1850))
    sound(counter)


def test_what_was_given_back_at_the_order_is_not_given_back_at_the_register(counter: Counter) -> None:
    order = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    sale = collected(counter, order)
    waits = draft_of(returning.add(counter.store, counter.actor, "", sale.id, 1, 1).value)
    stepped(counter.store, counter.actor, order, Step("take_back", reason="Unwanted", cents=1850), "refund")
    with pytest.raises(Refused, match="no copies are with the customer"):
        paying.pay_cash(counter.store, counter.actor, waits.id, 0)
    with pytest.raises(Refused, match="no copies are with the customer"):
        returning.add(counter.store, counter.actor, "", sale.id, 1, 1)
    assert counter.on_hand(ORLANDO.sku) == 0
    sound(counter)


def test_a_copy_still_on_the_hold_shelf_cannot_be_brought_back(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO, 2), number="O1-000042", source="phone", payment=UNPAID)
    part = ((order.lines[0].id, 1),)
    draft = draft_of(collecting.add_order(counter.store, counter.actor, order.id, part, "Photo ID").value)
    sale = paying.pay_cash(counter.store, counter.actor, draft.id, 50_000).value.sale
    assert sale is not None
    with pytest.raises(Refused, match="1 copy is with the customer by order O1-000042") as refused:
        returning.add(counter.store, counter.actor, "", sale.id, 1, 2)
    assert refused.value.facts["left"] == 1
    bring_back(counter, sale, 1)
    assert counter.on_hand(ORLANDO.sku) == 2
    sound(counter)


def test_books_ordered_later_are_not_paid_by_what_came_back(counter: Counter) -> None:
    order = ready(counter, line(ORLANDO, 2), number="O1-000042", source="phone", payment=UNPAID)
    part = ((order.lines[0].id, 1),)
    draft = draft_of(collecting.add_order(counter.store, counter.actor, order.id, part, "Photo ID").value)
    sale = paying.pay_cash(counter.store, counter.actor, draft.id, 50_000).value.sale
    assert sale is not None
    shelved(counter.store, counter.actor, EMMA)
    more = NewLine(title="Emma", sku=EMMA.sku, ean=EMMA.ean, price_cents=1050)
    grown = order_editing.add_line(counter.store, counter.actor, order.id, more).value
    due = grown.to_collect_cents
    bring_back(counter, sale, 1)
    after = now(counter.store, order)
    assert after.to_collect_cents == due > 0 and after.payment.held_cents == sale.total_cents - 1850
    sound(counter)


def test_a_rest_that_was_paid_is_given_back_at_the_order(counter: Counter) -> None:
    order = ready(counter, number="WSM-7", source="wsm", payment=Payment(captured_cents=1699))
    with counter.store.write() as tx:
        orders.save(tx, order, replace(order, adjustment_cents=500))
    sale = collected(counter, now(counter.store, order))
    assert sale.lines[0].title == "Order WSM-7: rest to pay"
    with pytest.raises(Refused, match="paid for order WSM-7 as a whole"):
        returning.add(counter.store, counter.actor, "", sale.id, 1, 1)
    sound(counter)


def test_an_exchange_tells_the_old_order_and_collects_the_new_one(counter: Counter) -> None:
    old = ready(counter, number="O1-000042", source="phone", payment=UNPAID)
    sale = collected(counter, old)
    new = ready(counter, line(EMMA), number="O1-000043", source="phone", payment=UNPAID)
    draft = in_sale(counter, new)
    returning.add(counter.store, counter.actor, draft, sale.id, 1, 1)
    done = paying.pay_cash(counter.store, counter.actor, draft, 0).value.sale
    assert done is not None and done.kind == "exchange" and done.paid_cents == 1143 - 1850
    assert now(counter.store, old).payment.refunded_cents == 1850
    assert now(counter.store, new).state == "completed" and not all_of(now(counter.store, new))
    sound(counter)
