"""Statements handed to the driver do what Core does: the same rows, one transaction, faults in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import StorageError
from tests.support.shops import found_shop

_c = tables.counters.c
ADD = Prepared(insert(tables.counters))
RAISE = Prepared(
    update(tables.counters)
    .where(_c.name == bindparam("counter"))
    .values(value=_c.value + 10)
    .returning(_c.value)
)
VALUE = Prepared(select(_c.value).where(_c.name == bindparam("counter")))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened, _owner = found_shop(tmp_path / "shop")
    yield opened
    opened.close()


def value(store: Store, name: str) -> int | None:
    with store.read() as conn:
        row = VALUE.run(conn, {"counter": name}).fetchone()
    return row[0] if row else None


def test_rows_are_written_changed_and_read(store: Store) -> None:
    with store.write() as tx:
        ADD.run(tx.conn, {"name": "one", "value": 1})
        ADD.run_many(tx.conn, [{"value": n, "name": f"n{n}"} for n in (2, 3)])
        ADD.run_many(tx.conn, [])
        assert RAISE.run(tx.conn, {"counter": "n2"}).fetchone() == (12,)
    assert [value(store, name) for name in ("one", "n2", "n3", "none")] == [1, 12, 3, None]


def test_what_fails_undoes_all_of_it(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        ADD.run(tx.conn, {"name": "one", "value": 1})
        raise ZeroDivisionError
    assert value(store, "one") is None


def test_a_read_sees_one_moment_from_its_first_statement_on(store: Store) -> None:
    with store.write() as tx:
        ADD.run(tx.conn, {"name": "one", "value": 1})
    with store.read() as conn:
        assert VALUE.run(conn, {"counter": "one"}).fetchone() == (1,)
        with store.write() as tx:
            RAISE.run(tx.conn, {"counter": "one"})
        assert VALUE.run(conn, {"counter": "one"}).fetchone() == (1,)
    assert value(store, "one") == 11


def test_a_fault_of_the_driver_is_told_in_words(store: Store) -> None:
    with pytest.raises(StorageError) as caught, store.read() as conn:
        ADD.run(conn, {"name": "one", "value": 1})
    assert caught.value.code == "no_access"
