"""The outbox grows with every sale: nothing that dispatch or a screen asks of it reads all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.db import outbox
from bookwish_desk.db.link import driver_of
from bookwish_desk.db.store import Tx
from tests.support.shops import found_shop

ASKED: dict[str, Callable[[Tx], Any]] = {
    "expire": lambda tx: outbox.expire(tx, 1),
    "abandon": lambda tx: outbox.abandon(tx, "printer", "gone"),
    "abandon_others": lambda tx: outbox.abandon_others(tx, 1, ["printer"], "gone"),
    "stop": lambda tx: outbox.stop(tx, 1, "stopped"),
    "next_due": lambda tx: outbox.next_due(tx.conn, "printer", "paper", tx.at),
    "next_moment": lambda tx: outbox.next_moment(tx.conn, "printer", "paper"),
    "try_now": lambda tx: outbox.try_now(tx, "printer"),
    "by_id": lambda tx: outbox.by_id(tx.conn, "x"),
    "latest": lambda tx: outbox.latest(tx.conn, "R1-000001", "receipt"),
    "jobs_about": lambda tx: outbox.jobs_about(tx.conn, "R1-000001", "receipt"),
    "about": lambda tx: outbox.about(tx.conn, "R1-000001", "receipt"),
    "unfinished": lambda tx: outbox.unfinished(tx.conn, 1),
    "set_state": lambda tx: outbox.set_state(tx, "x", "printed", "Printed.", was="sending"),
}


@pytest.mark.parametrize("what", ASKED)
def test_nothing_reads_all_of_the_outbox(what: str, tmp_path: Path) -> None:
    store, _actor = found_shop(tmp_path)
    statements: list[str] = []
    with store.write() as tx:
        raw = driver_of(tx.conn)
        raw.set_trace_callback(statements.append)
        ASKED[what](tx)
        raw.set_trace_callback(None)
        asked = [sql for sql in statements if "outbox" in sql]
        assert asked
        for sql in asked:
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]
            assert any(step.startswith("SEARCH outbox") for step in plan), (sql, plan)
            assert not any(step.startswith("SCAN outbox") for step in plan), (sql, plan)
    store.close()
