"""Killed while orders are collected and brought back: never a sale without what it means for the order."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions.checking import BOOKS
from bookwish_desk.db import orders
from bookwish_desk.db.store import open_store
from tests.crash.nest import Ack, Nest

BATCHES = 2
_TAKEN = "SELECT of_order, sum(total_cents) FROM sale_lines WHERE of_order != '' GROUP BY of_order"
_BACK = (
    "SELECT was.of_order, -sum(back.total_cents) FROM sale_lines AS back JOIN sale_lines AS was"
    " ON was.sale = back.of_sale AND was.no = back.of_line WHERE was.of_order != '' GROUP BY was.of_order"
)


@pytest.fixture(scope="module")
def counter() -> Iterator[Nest]:
    with Nest("tests.crash.collect_work") as hatching:
        yield hatching


@pytest.mark.capability("BW-09")
@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.slow
def test_killed_at_random_sale_and_hand_over_are_one(
    batch: int, pytestconfig: pytest.Config, counter: Nest, shop: Path
) -> None:
    chance = random.Random(batch)
    acks: list[Ack] = []
    for number in range(pytestconfig.getoption("--kills") // (8 * BATCHES)):
        child = counter.start("collect", folder=str(shop), seed=1_000 * (batch + 1) + number)
        # However slow the computer, every second register has sold something before it is killed.
        child.read_first(("sold", "ready")[number % 2])
        child.read(chance.uniform(0.05, 0.5))
        assert child.kill() == signal.SIGKILL, "it was to be killed, not to end by itself"
        acks += child.said("sold")
        after(shop, acks)
    assert len(acks) > BATCHES


def after(folder: Path, acks: list[Ack]) -> None:
    """Open the books as a restart does: sound, and each order handed over just where a sale tells of it."""
    store = open_store(folder)
    try:
        with store.read() as conn:
            findings = [(name, check(store, conn)) for name, check in BOOKS]
            assert not [(name, f.details) for name, f in findings if f.state == "fault"]
            told = conn.exec_driver_sql("SELECT of_order FROM sale_lines WHERE quantity = 0").fetchall()
            in_sales = [order for (order,) in told]
            assert len(in_sales) == len(set(in_sales)), "an order was collected twice"
            done = [o.id for o in orders.search(conn, "", limit=10_000).orders if o.gone]
            assert sorted(done) == sorted(in_sales)
            taken: dict[str, int] = dict(conn.exec_driver_sql(_TAKEN).fetchall())
            back: dict[str, int] = dict(conn.exec_driver_sql(_BACK).fetchall())
            for order in orders.by_ids(conn, done):
                assert order.state == "completed" and order.paid
                steps = [e.kind for e in orders.history(conn, order.id)]
                assert steps.count("hand_over") == 1 and steps.count("settle") <= 1
                if order.source == "phone":  # to be paid at the counter: what the register took and gave
                    assert order.payment.captured_cents == taken[order.id]
                    assert order.payment.refunded_cents == back.get(order.id, 0) == order.granted_cents
            for sale, ids in acks:
                found = conn.exec_driver_sql("SELECT 1 FROM sales WHERE id = ?", (sale,)).first()
                assert found is not None and set(ids) <= set(in_sales), f"lost sale {sale}"
    finally:
        store.close()
