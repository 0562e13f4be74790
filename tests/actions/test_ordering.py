"""Orders through the books: steps move stock, promise copies to the oldest paid order, and are remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_queue import queue
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.orders import ADA, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, found_shop, hire

PICKUP = ("start", "pick", "ready", "check", "hand_over")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path)
    yield store, owner
    store.close()


def on_hand(store: Store, sku: str = ORLANDO.sku) -> int:
    with store.read() as conn:
        return items.by_skus(conn, [sku])[0].on_hand


@pytest.mark.capability("BW-07", "BW-09", "BW-25")
def test_a_pickup_goes_from_new_to_handed_over_and_takes_its_copy_off_the_stock(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    order = received(store, owner, made())
    assert order.lines[0].allocated == 1
    done = stepped(store, owner, order, *PICKUP)
    assert done.state == "completed"
    assert on_hand(store) == 1
    with store.read() as conn:
        assert orders.promised_copies(conn, ORLANDO.sku) == 0
        kinds = [e.kind for e in orders.history(conn, order.id) if e.kind != "notice"]
    assert kinds == ["placed", "allocate", *PICKUP]


def test_copies_go_to_the_oldest_paid_order_and_what_lacks_is_a_problem(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    later = received(store, owner, made("B-2", placed_at=NOON - 10))
    unpaid = received(store, owner, made("B-0", placed_at=NOON - 30, payment=Payment()))
    first = received(store, owner, made("B-1", placed_at=NOON - 20))
    assert [now(store, o).lines[0].short for o in (first, later, unpaid)] == [1, 1, 0]
    shelved(store, owner, copies=1)
    assert [now(store, o).lines[0].allocated for o in (first, later, unpaid)] == [1, 0, 0]
    assert queue(now(store, later), NOON) == "problems"


def test_cancelling_gives_the_copy_to_who_waits_longest(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    first = received(store, owner, made("B-1", placed_at=NOON - 20))
    second = received(store, owner, made("B-2", placed_at=NOON - 10))
    stepped(store, owner, first, Step("cancel", reason="asked to"))
    assert now(store, second).lines[0].allocated == 1


def test_a_clerk_may_work_and_not_cancel_or_override(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    order = received(store, owner, made())
    clerk = hire(store, "staff")
    assert stepped(store, clerk, order, "confirm").state == "confirmed"
    with pytest.raises(NeedsApproval):
        stepped(store, clerk, order, Step("cancel", reason="asked to"))
    with pytest.raises(NeedsApproval):
        stepped(store, clerk, order, Step("ready", override="she is my aunt"))


def test_a_number_is_taken_in_once_and_found_however_it_is_typed(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    order = received(store, owner, made(memo="call the aunt"))
    with pytest.raises(Refused):
        received(store, owner, made())
    with store.read() as conn:
        for words in ("bw-20260921-ab12", "ada@exam", "orland", "978-0-15-670160-0", "aunt", ADA.phone):
            assert [o.id for o in orders.search(conn, words).orders] == [order.id], words
        assert not orders.search(conn, "nobody").orders
        assert [o.id for o in orders.by_number(conn, "bw-20260921-AB12")] == [order.id]


def test_pages_of_all_orders_follow_one_another(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    made_ones = [received(store, owner, made(f"B-{n}", line(copies=1))) for n in range(5)]
    with store.read() as conn:
        first = orders.search(conn, "", limit=3)
        rest = orders.search(conn, "", before=first.more, limit=3)
    assert [o.number for o in (*first.orders, *rest.orders)] == [o.number for o in reversed(made_ones)]
    assert rest.more == 0
