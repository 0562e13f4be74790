"""The forty-five orders of the demonstration shop: every kind in every state, stock and history that fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bookwish_desk.actions import checking
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.demo import shop
from bookwish_desk.demo.tales import TALES
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.order import Order, source_of
from bookwish_desk.shop.order_queue import QUEUE_NAMES, count_queues, tasks
from bookwish_desk.shop.order_words import word


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("demo"))
    shop.build_demo(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def all_orders(demo: Store) -> tuple[Order, ...]:
    with demo.read() as conn:
        return orders.search(conn, "").orders


def test_there_are_forty_five_and_every_queue_has_some(demo: Store, all_orders: tuple[Order, ...]) -> None:
    assert len(all_orders) == len(TALES) == 45
    counts = count_queues(all_orders, demo.clock())
    assert set(counts) == set(QUEUE_NAMES)
    assert all(counts.values()), counts


def test_every_state_kind_source_payment_and_owner_is_among_them(all_orders: tuple[Order, ...]) -> None:
    def seen(of: str) -> set[str]:
        return {str(getattr(order, of)) for order in all_orders}

    assert seen("state") == {
        "in_checkout", "abandoned", "pending", "confirmed", "processing", "completed", "cancelled",
    }  # fmt: skip
    assert seen("kind") == {"pickup", "ship"}
    assert seen("source") == {
        "bookwish", "wsm", "indiecommerce", "marketplace", "counter", "phone", "email",
    }  # fmt: skip
    assert {o.payment.kind for o in all_orders} >= {
        "none", "pending_outside", "authorised", "captured", "refunded", "at_pickup",
    }  # fmt: skip
    assert {(o.owner.name, o.owner.state) for o in all_orders} == {
        ("store", ""), ("wholesaler", "pending"), ("wholesaler", "shipped"),
    }  # fmt: skip
    assert {t.kind for o in all_orders for t in tasks(o, o.placed_at)} >= {"refund", "missing"}
    assert any(o.gift_message for o in all_orders) and any(o.hold for o in all_orders)
    assert any(o.fraud for o in all_orders) and any(o.exempt for o in all_orders)
    assert any(len(o.parcels) > 1 for o in all_orders)
    assert any(x.backordered for o in all_orders for x in o.lines)
    assert any(x.returned for o in all_orders for x in o.lines)


@pytest.mark.capability("BW-17", "WSM-03", "IC-02", "OMG-02")
def test_each_is_called_what_its_own_system_calls_it(all_orders: tuple[Order, ...]) -> None:
    labels = {o.source: set[str]() for o in all_orders}
    for order in all_orders:
        found = word(order, source_of(order).vocabulary)
        assert found is not None or order.state in ("in_checkout", "abandoned")
        labels[order.source].add(found.label if found else "")
    assert labels["bookwish"] >= {
        "Pending", "Confirmed", "Processing", "Ready for pickup", "Shipped", "Delivered", "Cancelled",
    }  # fmt: skip
    assert labels["wsm"] >= {"New", "Held", "Return"}
    assert labels["indiecommerce"] >= {
        "In Checkout", "Abandoned", "PayPal Pending", "Pending Warehouse", "Shipped via Warehouse",
        "Canceled–Fraud", "Processing",
    }  # fmt: skip


def test_each_has_a_history_in_the_order_of_time(demo: Store, all_orders: tuple[Order, ...]) -> None:
    with demo.read() as conn:
        for order in all_orders:
            past = orders.history(conn, order.id)
            assert past[0].kind == "placed"
            assert [e.at for e in past] == sorted(e.at for e in past)
            assert past[-1].at <= demo.clock()


def test_the_books_are_sound_with_them(demo: Store) -> None:
    found = checking.examine(demo, how_is=lambda _device: DeviceState("ready", ""), access=lambda: None)
    assert [f for f in found if f.state == "fault"] == []


def test_a_shop_that_is_built_again_gets_no_order_twice(demo: Store) -> None:
    shop.build_demo(demo)
    with demo.read() as conn:
        assert len(orders.search(conn, "").orders) == 45
