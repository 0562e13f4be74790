"""What becomes of orders in the books: in work, delivered, completed, cancelled, filled by the wholesaler."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import order_editing, stocking
from bookwish_desk.db import items, order_checks, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Owner, Payment
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import word
from bookwish_desk.shop.staff import Actor
from tests.support.orders import ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, found_shop

DAY = 86_400_000


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path)
    yield store, owner
    with store.read() as conn:
        assert order_checks.everything(conn) == []
    store.close()


def said(order: Order) -> str:
    found = word(order, "bookwish")
    return found.key if found else ""


@pytest.mark.capability("BW-03")
def test_an_order_that_the_wholesaler_fills_takes_no_copy_of_the_shop_and_can_only_be_read(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    theirs = received(
        store,
        owner,
        made(kind="ship", state="processing", owner=Owner("wholesaler", "pending", NOON)),
    )
    assert theirs.lines[0].allocated == 0
    assert queue(theirs, NOON) == "with_wholesaler"
    for refused in (
        lambda: stepped(store, owner, theirs, "pick"),
        lambda: order_editing.set_quantity(store, owner, theirs.id, theirs.lines[0].id, 2),
    ):
        with pytest.raises(Refused) as told:
            refused()
        assert told.value.code == "owner"
    assert order_editing.set_memo(store, owner, theirs.id, "asked them").value.memo == "asked them"
    with store.read() as conn:
        assert orders.promised_copies(conn, ORLANDO.sku) == 0
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_hand == 2


@pytest.mark.capability("BW-19", "IC-07")
@pytest.mark.parametrize("verb", ["start", "pick"])
def test_any_work_on_an_order_makes_it_processing(shop: tuple[Store, Actor], verb: str) -> None:
    store, owner = shop
    shelved(store, owner)
    some = stepped(store, owner, received(store, owner, made()), "confirm")
    assert said(some) == "confirmed"
    assert said(stepped(store, owner, some, verb)) == "processing"


@pytest.mark.capability("BW-22", "BW-09")
def test_an_order_is_delivered_when_its_parcel_arrived_or_it_was_handed_over(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    way = ("confirm", "pick", "check", "pack", Step("ship", tracking="9400"))
    sent = stepped(store, owner, received(store, owner, made("B-1", kind="ship")), *way)
    assert said(sent) == "shipped"
    arrived = stepped(store, owner, sent, "deliver")
    collected = stepped(
        store, owner, received(store, owner, made("B-2")), "confirm", "pick", "ready", "check", "hand_over"
    )
    assert [said(o) for o in (arrived, collected)] == ["delivered", "delivered"]
    assert [o.state for o in (arrived, collected)] == ["completed", "completed"]


@pytest.mark.capability("IC-13", "IC+11")
def test_an_order_is_completed_only_once_it_is_paid_whatever_else_is_done(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    cod = made("B-1", kind="ship", source="phone", payment=Payment())
    some = stepped(store, owner, received(store, owner, cod), Step("confirm", override="she is my aunt"))
    stocking.receive(store, owner, ORLANDO, 1)
    some = stepped(
        store, owner, some, "start", "allocate", "pick", "check", "pack",
        Step("ship", tracking="9400", override="she is my aunt"), "deliver",
    )  # fmt: skip
    assert some.delivered
    assert some.state == "processing"
    assert [t.kind for t in tasks(some, NOON)] == ["collect"]
    with pytest.raises(Refused) as told:
        stepped(store, owner, some, "complete")
    assert told.value.code == "unpaid"
    assert stepped(store, owner, some, "capture").state == "completed"


@pytest.mark.capability("IC-08", "IC-29")
def test_a_signed_presale_is_paid_long_before_it_can_be_filled(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    coming = line(street_date="2026-12-01")
    pay = Payment(authorised_cents=1_699, expires_at=NOON + 10 * DAY)
    some = received(store, owner, made("B-1", coming, payment=pay))
    assert (some.lines[0].backordered, some.lines[0].expected_on) == (1, "2026-12-01")
    paid = stepped(store, owner, some, "confirm", "capture")
    assert paid.payment.kind == "captured"
    assert paid.lines[0].backordered == 1
    assert queue(stepped(store, owner, paid, "start"), NOON) == "waiting"


@pytest.mark.capability("IC-03", "IC-09", "IC+10", "OMG-28", "BW+11")
def test_a_cancelled_paid_order_frees_its_copy_and_is_a_task_until_the_refund_is_done(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = stepped(store, owner, received(store, owner, made()), "confirm", "pick")
    gone = stepped(store, owner, some, Step("cancel", reason="asked to", by="customer"))
    assert (gone.state, gone.cancelled_by) == ("cancelled", "customer")
    with store.read() as conn:
        assert orders.promised_copies(conn, ORLANDO.sku) == 0
        assert gone.id in {o.id for o in orders.open_orders(conn)}
    assert [(t.kind, t.cents) for t in tasks(gone, NOON)] == [("refund", 1_699)]
    assert queue(gone, NOON) == "problems"
    part = stepped(store, owner, gone, Step("refund", cents=1_000))
    assert [(t.kind, t.cents) for t in tasks(part, NOON)] == [("refund", 699)]
    stepped(store, owner, part, "refund")
    with store.read() as conn:
        assert gone.id not in {o.id for o in orders.open_orders(conn)}
    assert queue(now(store, gone), NOON) == "done"


def test_a_person_cannot_promise_what_the_books_do_not_have(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = received(store, owner, made("B-1", line(copies=2)))
    with pytest.raises(Refused) as told:
        stepped(store, owner, some, "allocate")
    assert told.value.code == "stock"
    shelved(store, owner)
    some = now(store, some)
    assert (some.lines[0].allocated, some.lines[0].short) == (1, 1)
    given_up = stepped(store, owner, some, Step("release", copies=((some.lines[0].id, 1),)))
    assert given_up.lines[0].allocated == 0
    again = stepped(store, owner, given_up, "allocate")
    assert again.lines[0].allocated == 1
