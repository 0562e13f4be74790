"""What is kept of the online store: links, stock lines, sales and marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.db import online
from bookwish_desk.db.store import Store
from bookwish_desk.shop.online import OnlineItem, OnlineSale
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.far import far, open_shop
from tests.support.orders import ORLANDO, made, received, shelved


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = open_shop(tmp_path)
    yield store, owner
    store.close()


def test_an_order_here_is_one_of_the_stores_for_good_and_its_last_state_is_kept(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    first, second = received(store, owner, made("BW-1")), received(store, owner, made("BW-2"))
    with store.read() as conn:
        assert online.unlinked(conn, "bookwish", " bw-1 ") == first.id
        assert online.unlinked(conn, "phone", "BW-1") == ""
    there = far("BW-1", "confirmed")
    with store.write() as tx:
        online.link(tx, "bookwish", first.id, there)
        online.link(tx, "bookwish", second.id, replace(there, id="far-2", status="delivered"))
    moved = replace(there, status="shipped", updated="later")
    with store.write() as tx:
        online.link(tx, "bookwish", second.id, moved)
    with store.read() as conn:
        found = online.order_link(conn, "bookwish", there.id)
        assert found is not None
        assert (found.order_id, found.far) == (first.id, moved)
        assert online.far_of(conn, first.id) == (there.id, moved)
        assert online.order_link(conn, "wsm", there.id) is None
        assert online.far_of(conn, "nobody") is None
        assert online.unlinked(conn, "bookwish", "BW-1") == ""
        assert online.seen(conn, "bookwish", [there.id, "far-9"]) == {there.id: ("later", "shipped")}


def test_orders_open_on_either_side_are_read_again(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    orders = [received(store, owner, made(f"BW-{n}")) for n in range(3)]
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE orders SET open = 0 WHERE number IN ('BW-1', 'BW-2')")
        for order, status in zip(orders, ("delivered", "shipped", "delivered"), strict=True):
            online.link(tx, "bookwish", order.id, far(order.number, status))
    with store.read() as conn:
        final = {"delivered", "cancelled"}
        assert set(online.open_far_ids(conn, "bookwish", final)) == {"far-BW-0", "far-BW-1"}
        assert online.open_far_ids(conn, "wsm", final) == ()


def test_stock_lines_are_observations_and_only_the_store_says_that_one_is_gone(
    shop: tuple[Store, Actor],
) -> None:
    store, _ = shop
    rows = [OnlineItem("a", 2), OnlineItem("b", 5), OnlineItem("c", 1)]
    with store.write() as tx:
        online.keep_items(tx, [(rows[0], "S1"), (rows[1], "S1"), (rows[2], "")])
    with store.read() as conn:
        assert online.items_by_sku(conn, ["S1", "S2"]) == {"S1": rows[1]}
        assert online.skus_of(conn, ["a", "c", "z"]) == {"a": "S1"}
        assert online.item(conn, "c") == rows[2]
        assert online.item(conn, "z") is None
    with store.write() as tx:
        assert online.remove_items(tx, ["b", "z"]) == 1
        assert online.remove_items(tx, []) == 0
    with store.read() as conn:
        assert online.items_by_sku(conn, ["S1"]) == {"S1": rows[0]}
        assert online.known_items(conn, ["b"])["b"][1]
        assert online.item(conn, "b") == rows[1], "what it was is still known"
    with store.write() as tx:
        online.keep_items(tx, [(rows[1], "S1")])
    with store.read() as conn:
        assert online.items_by_sku(conn, ["S1"]) == {"S1": rows[1]}, "it came back"


def test_a_sale_is_there_once(tmp_path: Path) -> None:
    store, owner = open_shop(tmp_path)
    shelved(store, owner)
    days.open_till(store, owner)
    sale = days.pay(store, owner, days.ring(store, owner, [(ORLANDO, 1)]), "cash")
    there = OnlineSale("far-1", "S-1", total_cents=1807)
    with store.write() as tx:
        online.keep_sale(tx, sale.id, there)
        online.keep_sale(tx, sale.id, replace(there, id="far-2"))
    with store.read() as conn:
        assert online.sale_link(conn, sale.id) == there
        assert online.sale_of(conn, "far-1") == sale.id
        assert online.sale_of(conn, "far-2") == ""
        assert online.linked_sales(conn, ["far-1", "far-2"]) == {"far-1": sale.id}
    store.close()


def test_a_mark_is_kept_with_what_was_read(shop: tuple[Store, Actor]) -> None:
    store, _ = shop
    with pytest.raises(RuntimeError), store.write() as tx:
        online.set_mark(tx, "orders", "1")
        raise RuntimeError
    with store.read() as conn:
        assert online.mark(conn, "orders") == ""
    for value in ("1", "2"):
        with store.write() as tx:
            online.set_mark(tx, "orders", value)
    with store.read() as conn:
        assert online.mark(conn, "orders") == "2"
