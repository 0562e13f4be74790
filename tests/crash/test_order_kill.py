"""Killed while orders are fulfilled: every step that was said is there once, all else whole or not there."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions.checking import BOOKS
from bookwish_desk.db import orders
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.order import fault
from tests.crash.nest import Ack, Nest

BATCHES = 4
AFTER = ("sold", "kept", "ready")
"""After which word of it the clock of a round starts: however slow the computer, most have done something."""


@pytest.fixture(scope="module")
def fulfilment() -> Iterator[Nest]:
    with Nest("tests.crash.order_work") as hatching:
        yield hatching


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.slow
def test_killed_at_random_no_step_is_lost_or_half_done(
    batch: int, pytestconfig: pytest.Config, fulfilment: Nest, shop: Path
) -> None:
    chance = random.Random(batch)
    acks: list[Ack] = []
    for number in range(pytestconfig.getoption("--kills") // (4 * BATCHES)):
        child = fulfilment.start("fulfil", folder=str(shop), seed=1_000 * batch + number)
        child.read_first(AFTER[number % len(AFTER)])
        child.read(chance.uniform(0.02, 0.3))
        assert child.kill() == signal.SIGKILL, "it was to be killed, not to end by itself"
        acks += child.acks
        after(shop, acks)
    assert sum(ack[0] == "kept" for ack in acks) > BATCHES
    assert any(ack[0] == "sold" for ack in acks)


def after(folder: Path, acks: list[Ack]) -> None:
    """Open the books as a restart does and assert that they are sound and hold what was said."""
    store = open_store(folder)
    try:
        with store.read() as conn:
            findings = [(name, check(store, conn)) for name, check in BOOKS]
            assert not [(name, f.details) for name, f in findings if f.state == "fault"]
            said: dict[str, int] = {}
            for word, *rest in acks:
                if word == "kept":
                    said[rest[0]] = max(said.get(rest[0], 0), rest[1])
                elif word == "sold":
                    sold = conn.exec_driver_sql("SELECT 1 FROM sales WHERE id = ?", (rest[0],))
                    assert sold.first() is not None, f"lost sale {rest}"
            for order_id, events in said.items():
                assert not fault(orders.load(conn, order_id))
                assert len(orders.history(conn, order_id)) >= events, f"lost a step of {order_id}"
    finally:
        store.close()
