"""How orders are looked for: by index however many there are, and the newest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.db import orders
from bookwish_desk.db.link import driver_of
from bookwish_desk.shop.errors import Refused
from tests.support.orders import made
from tests.support.shops import found_shop

ASKED: dict[str, Callable[[Any], Any]] = {
    "by number": lambda conn: orders.by_number(conn, "bw-1"),
    "open": orders.open_orders,
    "new": orders.fresh,
    "counts": orders.count_closed,
    "history": lambda conn: orders.closed(conn, carts=False),
    "newest": lambda conn: orders.search(conn, "", before=9),
}


@pytest.mark.parametrize("what", ASKED)
def test_nothing_reads_every_order_that_was_ever_placed(what: str, tmp_path: Path) -> None:
    store, _actor = found_shop(tmp_path)
    statements: list[str] = []
    with store.write() as tx:
        raw = driver_of(tx.conn)
        raw.set_trace_callback(statements.append)
        ASKED[what](tx.conn)
        raw.set_trace_callback(None)
        asked = [sql for sql in statements if "orders" in sql]
        assert asked
        for sql in asked:
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]
            assert any(step.startswith("SEARCH orders USING") for step in plan), (sql, plan)
            assert not any(step.startswith("SCAN orders") for step in plan), (sql, plan)
    store.close()


def test_what_is_found_comes_newest_first_page_by_page_and_is_not_sorted_for_it(tmp_path: Path) -> None:
    store, _actor = found_shop(tmp_path)
    statements: list[str] = []
    with store.write() as tx:
        for n in range(7):
            orders.insert(tx, made(f"N-{n}", memo="zebra" if n != 3 else ""))
        raw = driver_of(tx.conn)
        raw.set_trace_callback(statements.append)
        first = orders.search(tx.conn, "zebra", limit=4)
        second = orders.search(tx.conn, "zebra", limit=4, before=first.more)
        raw.set_trace_callback(None)
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statements[0]}")]
    assert [o.number for o in first.orders] == ["N-6", "N-5", "N-4", "N-2"]
    assert ([o.number for o in second.orders], second.more) == (["N-1", "N-0"], 0)
    assert not any("TEMP B-TREE" in step for step in plan), plan
    store.close()


def test_a_number_is_one_however_it_is_written(tmp_path: Path) -> None:
    store, _actor = found_shop(tmp_path)
    order = made("BW-Ab-1")
    with store.write() as tx:
        orders.insert(tx, order)
        orders.insert(tx, replace(made("BW-AB-1"), source="wsm"))
        assert [o.source for o in orders.by_number(tx.conn, " bw-aB-1 ")] == ["wsm", "bookwish"]
        with pytest.raises(Refused):
            orders.insert(tx, made("bw-ab-1"))
    store.close()
