"""The doctor over orders: each thing that must be true of them, broken by hand and found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import checking, rerouting, stocking
from bookwish_desk.db import checks, order_checks
from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.orders import EMMA, ORLANDO, line, made, received, shelved, stepped
from tests.support.shops import found_shop

PICKED_UP = ("confirm", "pick", "ready", "check", "hand_over")
CHECKS = ("orders", "promises", "stock", "search", "history")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    """Give a shop with an order that is done, one that holds copies, one that waits and one cancelled."""
    store, owner = found_shop(tmp_path)
    shelved(store, owner, copies=3)
    stepped(store, owner, received(store, owner, made("B-1")), *PICKED_UP)
    stepped(store, owner, received(store, owner, made("B-2", line(copies=2))), "confirm")
    received(store, owner, made("B-3", line(EMMA)))
    stepped(store, owner, received(store, owner, made("B-4")), Step("cancel", reason="asked to"))
    yield store, owner
    store.close()


def found(store: Store) -> dict[str, list[str]]:
    with store.read() as conn:
        told = {name: getattr(order_checks, name)(conn) for name in CHECKS}
    return {name: faults for name, faults in told.items() if faults}


def break_it(store: Store, sql: str) -> None:
    with store.write() as tx:
        for (trigger,) in tx.conn.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'order_events'"
        ).all():
            tx.conn.exec_driver_sql(f"DROP TRIGGER {trigger}")
        tx.conn.exec_driver_sql("PRAGMA defer_foreign_keys = 1")
        tx.conn.exec_driver_sql(sql)


def test_sound_orders_pass(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    assert found(store) == {}
    with store.read() as conn:
        assert order_checks.everything(conn) == []


BODY = "UPDATE orders SET body = json_set(body, {}) WHERE number = 'B-2'"


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("UPDATE orders SET state = 'completed' WHERE number = 'B-2'", "orders"),
        ("UPDATE orders SET open = 0 WHERE number = 'B-2'", "orders"),
        ("UPDATE orders SET open = 1 WHERE number = 'B-1'", "orders"),
        ("UPDATE orders SET source = 'wsm' WHERE number = 'B-3'", "orders"),
        ("UPDATE orders SET placed_at = placed_at + 1 WHERE number = 'B-3'", "orders"),
        ("UPDATE orders SET number = 'B-9' WHERE number = 'B-3'", "orders"),
        (BODY.format("'$.lines[0].picked', 3"), "orders"),
        (BODY.format("'$.payment.refunded_cents', 9999"), "orders"),
        (BODY.format("'$.lines[0].price_cents', -1"), "orders"),
        ("UPDATE allocations SET copies = copies - 1 WHERE copies = 2", "promises"),
        ("UPDATE allocations SET wanted = 7 WHERE wanted > 0", "promises"),
        ("DELETE FROM allocations WHERE wanted > 0", "promises"),
        (
            "INSERT INTO allocations(order_id, sku, copies, wanted) "
            "SELECT id, 'UFO', 1, 0 FROM orders WHERE number = 'B-1'",
            "promises",
        ),
        ("DELETE FROM order_search WHERE rowid = (SELECT no FROM orders WHERE number = 'B-2')", "search"),
        ("INSERT INTO order_search(rowid, words) VALUES (77, 'ufo')", "search"),
        ("DELETE FROM order_events WHERE kind = 'placed'", "history"),
        ("DELETE FROM order_events WHERE kind = 'hand_over'", "history"),
    ],
)
def test_what_was_broken_is_found_in_words(shop: tuple[Store, Actor], sql: str, check: str) -> None:
    store, _owner = shop
    break_it(store, sql)
    told = found(store)
    assert check in told
    assert all(sentence.endswith(".") for faults in told.values() for sentence in faults)
    with store.read() as conn:
        assert order_checks.everything(conn)
        finding = dict(checking.BOOKS)["orders"](store, conn)
    assert finding.state == "fault"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE stock_moves SET quantity = -2 WHERE cause = 'order'",
        "UPDATE stock_moves SET ref = 'B-2' WHERE cause = 'order'",
        "DELETE FROM stock_moves WHERE cause = 'order'",
        "INSERT INTO stock_moves(sku, quantity, cause, at, staff, ref, reason) "
        "VALUES ('9780156701600', -1, 'order', 1, '', 'B-77', '')",
    ],
)
def test_stock_that_moved_otherwise_is_found(shop: tuple[Store, Actor], sql: str) -> None:
    store, _owner = shop
    with store.write() as tx:
        for (trigger,) in tx.conn.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'stock_moves'"
        ).all():
            tx.conn.exec_driver_sql(f"DROP TRIGGER {trigger}")
        tx.conn.exec_driver_sql(sql)
    assert "stock" in found(store)


def test_an_order_that_cannot_be_read_is_all_that_is_said(shop: tuple[Store, Actor]) -> None:
    store, _owner = shop
    break_it(store, "UPDATE orders SET body = substr(body, 1, 60) WHERE number = 'B-2'")
    with store.read() as conn:
        assert order_checks.everything(conn) == ["Order B-2 cannot be read."]


def test_what_no_stock_is_kept_of_moves_none_and_is_no_fault_when_it_is_stocked_later(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    workshop = Item("TALK-1", "An evening with the author", price_cents=500, stocked=False)
    stocking.new_item(store, owner, "TALK-1", stocking.ItemEdit(workshop.title, stocked=False))
    stepped(store, owner, received(store, owner, made("B-7", line(workshop))), *PICKED_UP)
    assert found(store) == {}
    stocking.edit_item(store, owner, workshop, stocking.ItemEdit(workshop.title, stocked=True))
    assert found(store) == {}


def test_a_re_route_leaves_sound_orders(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with store.read() as conn:
        (order_id,) = conn.exec_driver_sql("SELECT id FROM orders WHERE number = 'B-2'").one()
    rerouting.reroute(store, owner, order_id, ORLANDO.sku, 1)
    assert found(store) == {}


def test_no_more_than_some_faults_are_told(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    for n in range(checks.MOST + 5):
        received(store, owner, made(f"C-{n}"))
    break_it(store, "UPDATE orders SET state = 'completed'")
    with store.read() as conn:
        assert len(order_checks.everything(conn)) == checks.MOST
