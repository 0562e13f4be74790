"""The register is killed while it sells: what it said is there once, all else whole or not there."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.books import after_a_crash
from tests.crash.conftest import KEY
from tests.crash.nest import Ack, Nest
from tests.crash.till_work import PREPARED

BATCHES = 10


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.capability("BW+01")
@pytest.mark.slow
def test_killed_at_random_it_loses_nothing_it_said(
    batch: int,
    pytestconfig: pytest.Config,
    nest: Nest,
    made_shop: Callable[[str | None], Path],
    tmp_path: Path,
) -> None:
    key = KEY if batch == 0 else None
    shop = shutil.copytree(made_shop(key), tmp_path / "shop")
    chance = random.Random(batch)
    acks: list[Ack] = []
    for number in range(pytestconfig.getoption("--kills") // BATCHES):
        child = nest.start("sell", folder=str(shop), seed=1_000 * batch + number, key=key)
        # However slow the computer, every second register has sold something before it is killed.
        child.read_first(("sale", "")[number % 2])
        child.read(chance.uniform(0.0, 0.15))
        assert child.kill() == signal.SIGKILL, "it was to be killed, not to end by itself"
        acks += child.acks
        after_a_crash(Path(shop), acks, key)
    assert any(ack[0] == "sale" for ack in acks)


def scenes() -> list[str]:
    return list(PREPARED)


@pytest.mark.parametrize("scene", scenes())
@pytest.mark.slow
def test_killed_before_any_statement_it_did_all_or_nothing(
    scene: str, nest: Nest, made_shop: Callable[[str | None], Path], tmp_path: Path
) -> None:
    rows: list[tuple[int, ...]] = []
    at = 0
    while True:
        shop = shutil.copytree(made_shop(None), tmp_path / f"shop-{at}")
        child = nest.start("die_in", folder=str(shop), scene=scene, at=at)
        status = child.wait()
        assert child.acks[0] == ["ready"]
        after_a_crash(Path(shop), [])
        rows.append(rows_in(Path(shop)))
        shutil.rmtree(shop)
        if status == 0:
            break
        assert status == signal.SIGKILL
        at += 1
    (statements,) = child.said("through")[0]
    # BEGIN, the statements, COMMIT; then once more after the commit, with nobody told.
    assert len(rows) == statements + 2
    before, after = rows[0], rows[-1]
    assert before != after
    assert rows[-2:] == [after, after], "what was committed before the kill is there"
    assert set(rows[:-2]) == {before}, "before COMMIT nothing of it is there"


def rows_in(shop: Path) -> tuple[int, ...]:
    """Return how many rows each table holds, and how much is in the drafts."""
    from bookwish_desk.db import engine as engines

    raw = engines.connect(shop / engines.SHOP_FILE)
    names = [
        "sales", "sale_lines", "tenders", "sale_taxes", "stock_moves", "till_entries", "till_closings",
        "journal", "outbox", "drafts", "items",
    ]  # fmt: skip
    counts = [raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    counts.append(raw.execute("SELECT coalesce(sum(length(body)), 0) FROM drafts").fetchone()[0])
    raw.close()
    return tuple(counts)
