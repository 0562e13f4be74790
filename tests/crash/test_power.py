"""The power is cut while the register sells: what it said before the cut is on the disk.

A killed process proves nothing of the kind, its writes live on in the system's memory. So the same
test is run once with a weaker setting, under which it must lose sales: else it would see nothing.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.books import after_a_crash
from tests.crash.conftest import KEY
from tests.crash.disks import LoopDisk, loop_disk, need_disk
from tests.crash.nest import Ack, Nest

BATCHES = 10
MOST_ROUNDS_TO_LOSE = 40


def cut_while_selling(
    nest: Nest, disk: LoopDisk, shop: Path, seed: int, key: str | None, synchronous: str = "FULL"
) -> list[Ack]:
    """Sell, cut the power, start the computer again; return what was said before the cut began."""
    child = nest.start("sell", folder=str(shop), seed=seed, key=key, synchronous=synchronous)
    # However slow the computer, every second register has sold something before the power is cut.
    child.read_first(("sale", "")[seed % 2])
    child.read(random.Random(seed).uniform(0.02, 0.32))
    said = list(child.acks)
    disk.cut_power()
    child.kill()
    disk.unmount()
    disk.mount()
    return said


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.capability("BW+01")
@pytest.mark.slow
@pytest.mark.root
def test_a_power_cut_loses_nothing_it_said(
    batch: int, pytestconfig: pytest.Config, nest: Nest, made_shop: Callable[[str | None], Path]
) -> None:
    need_disk(loop=True)
    key = KEY if batch == 0 else None
    acks: list[Ack] = []
    with loop_disk() as disk:
        shop = Path(shutil.copytree(made_shop(key), disk.mount_point / "shop"))
        disk.settle()
        for number in range(pytestconfig.getoption("--cuts") // BATCHES):
            acks += cut_while_selling(nest, disk, shop, 1_000 * batch + number, key)
            after_a_crash(shop, acks, key)
    assert any(ack[0] == "sale" for ack in acks)


@pytest.mark.slow
@pytest.mark.root
def test_the_power_cut_does_lose_sales_when_commits_are_not_synced(
    nest: Nest, made_shop: Callable[[str | None], Path]
) -> None:
    need_disk(loop=True)
    with loop_disk() as disk:
        for number in range(MOST_ROUNDS_TO_LOSE):
            shop = Path(shutil.copytree(made_shop(None), disk.mount_point / f"shop-{number}"))
            disk.settle()
            acks = cut_while_selling(nest, disk, shop, number, None, synchronous="NORMAL")
            try:
                after_a_crash(shop, acks)
            except AssertionError as lost:
                assert "lost" in str(lost), lost
                return
            shutil.rmtree(shop)
    pytest.fail("nothing was lost: this test does not cut the power of anything")
