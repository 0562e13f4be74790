"""Differences as rows: one open for each thing, brought up to date, and a fact once closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.db import conflicts
from bookwish_desk.db.store import Store
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import ShopError
from tests.support.books import new_store
from tests.support.shops import FrozenClock

ONE = Conflict(id="", kind="stock", subject="MUG", sentence="Other counts.", ours="3", theirs="4")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path, clock=FrozenClock())
    yield opened
    opened.close()


def put(store: Store, conflict: Conflict) -> tuple[str, set[str]]:
    with store.write() as tx:
        return conflicts.open_conflict(tx, conflict), tx.touched


def open_(store: Store) -> tuple[Conflict, ...]:
    with store.read() as conn:
        return conflicts.all_open(conn)


def test_a_difference_is_open_once_and_brought_up_to_date(store: Store) -> None:
    first, touched = put(store, ONE)
    assert touched == {conflicts.NOUN} and open_(store) == (replace(ONE, id=first),)
    assert put(store, ONE) == (first, set()), "no screen reloads for nothing"
    again, _ = put(store, replace(ONE, theirs="5", order_id="o1"))
    assert again == first and open_(store) == (replace(ONE, id=first, theirs="5", order_id="o1"),)
    other, _ = put(store, replace(ONE, subject="PEN"))
    assert other != first and [x.subject for x in open_(store)] == ["MUG", "PEN"]
    with store.read() as conn:
        assert conflicts.count(conn) == 2
        assert [x.id for x in conflicts.of_order(conn, "o1")] == [first]
        assert conflicts.open_subjects(conn, "stock") == ("MUG", "PEN")
        assert conflicts.of_kind(conn, "edit") == ()


def test_what_went_by_itself_has_nobody_who_decided_it(store: Store) -> None:
    put(store, ONE)
    with store.write() as tx:
        assert conflicts.close_conflict(tx, "stock", "MUG")
        assert not conflicts.close_conflict(tx, "stock", "MUG")
    with store.read() as conn:
        (gone,) = conflicts.closed(conn)
        assert conflicts.find(conn, "stock", "MUG") is None
    assert (gone.staff, gone.choice) == ("", "") and gone.closed_at > gone.opened_at
    again, _ = put(store, ONE)
    assert [x.id for x in open_(store)] == [again] and again != gone.conflict.id, "another one, later"


def test_what_was_decided_stays(store: Store) -> None:
    first, _ = put(store, replace(ONE, order_id="o1"))
    with store.write() as tx:
        assert conflicts.close_decided(tx, first, choice="noted", staff="s1", reason="Sold")
        assert not conflicts.close_decided(tx, first, choice="send", staff="s2", reason="")
    with store.read() as conn:
        (done,) = conflicts.closed(conn, "o1")
        assert conflicts.closed(conn, "o2") == () and conflicts.by_id(conn, first) is None
    assert (done.choice, done.staff, done.reason) == ("noted", "s1", "Sold")


@pytest.mark.parametrize("sql", ["UPDATE conflicts SET choice = 'send'", "DELETE FROM conflicts"])
def test_no_statement_changes_what_is_closed(store: Store, sql: str) -> None:
    put(store, ONE)
    with store.write() as tx:
        conflicts.close_conflict(tx, "stock", "MUG")
    with pytest.raises((ShopError, Exception), match="what was decided stays") as stopped:
        change(store, sql)
    assert stopped.value is not None


def change(store: Store, sql: str) -> Any:
    with store.write() as tx:
        tx.conn.exec_driver_sql(sql)
