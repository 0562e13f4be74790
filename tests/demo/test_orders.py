"""The forty-five orders of the demonstration shop: every kind in every state, stock and history that fit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from bookwish_desk.actions import checking
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.demo import shop
from bookwish_desk.demo.tales import TALES
from bookwish_desk.shop.carriage import Box, Consignment
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.order import Order, PostalAddress, source_of
from bookwish_desk.shop.order_queue import QUEUE_NAMES, count_queues, tasks
from bookwish_desk.shop.order_words import word
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost import open_easypost
from tests.support.carriers import KEY, carriers_server


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


# ---- what is ready to be sent, by the port that every parcel goes by ----


def sent_to(demo: Store, number: str) -> Order:
    with demo.read() as conn:
        return next(o for o in orders.search(conn, "").orders if o.number.endswith(number))


@pytest.fixture(scope="module")
def port() -> Iterator[Any]:
    with carriers_server() as far:
        made = open_easypost(far.base, Secret(KEY))
        yield made
        made.close()


def parcel(demo: Store, number: str, **more: Any) -> Consignment:
    order = sent_to(demo, number)
    assert order.address is not None and order.parcels
    box = Box(order.parcels[0].weight_grams or 700, 267, 184, 25)
    sender = demo.settings.shipping.sender
    return Consignment(reference=f"pst-{number}", to=order.address, sender=sender, box=box, **more)


def test_there_are_parcels_of_every_sort_ready_to_be_sent(demo: Store) -> None:
    with demo.read() as conn:
        waiting = [
            o
            for o in orders.search(conn, "").orders
            if any(p.contents and not p.shipped_at for p in o.parcels) and o.state == "processing"
        ]
    assert len(waiting) >= 7
    assert any(o.address and o.address.country != "US" for o in waiting)
    assert any(o.address and o.address.line1.startswith("PO Box") for o in waiting)
    assert any(len(o.parcels) == 2 for o in waiting)
    assert any({x.sku for x in o.lines} & {"NOTE-A5"} and len(o.lines) > 1 for o in waiting)
    assert sum(1 for o in waiting for p in o.parcels if p.weight_grams) >= 7


def test_each_of_them_shows_what_it_is_there_for(demo: Store, port: Any) -> None:
    flat = sent_to(demo, "-SH05").address
    assert isinstance(flat, PostalAddress)
    checked = port.check_address(flat).value
    assert checked.deliverable and checked.warnings and not checked.errors
    box = port.create(parcel(demo, "-SH04")).value
    assert {r.carrier for r in box.rates} == {"USPS"} and len(box.failures) == 2
    plain = port.create(parcel(demo, "-SH02", media_mail=True)).value
    assert "MediaMail" in {r.service for r in plain.rates}
    abroad = port.create(parcel(demo, "100495")).value
    assert not abroad.rates and all("customs" in f.words for f in abroad.failures)


@pytest.mark.capability("BW-11")
def test_a_label_is_bought_and_fetched_with_no_account(demo: Store, port: Any) -> None:
    import zxingcpp
    from PIL import Image

    quoted = port.create(parcel(demo, "-SH02", marks=("BW-SH02",))).value
    cheapest = min(quoted.rates, key=lambda r: r.cents)
    bought = port.buy(quoted.shipment, cheapest.id)
    assert bought.result == "done" and bought.value.cents == cheapest.cents and bought.value.test
    file = port.label(quoted.shipment, "png")
    assert file.result == "done" and file.value.format == "png"
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(file.value.data)).convert("L"))
    assert [each.text for each in found] == [bought.value.tracking]
    again = port.buy(quoted.shipment, cheapest.id)
    assert (again.result, again.code) in {("refused", "exists"), ("unknown", "exists")}
