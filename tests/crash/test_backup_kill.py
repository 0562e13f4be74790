"""Killed in the middle of a backup or a restore, the last good backup is there and the books are whole."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest

from bookwish_desk.actions import backing_up
from bookwish_desk.db import engine as engines
from tests.crash.books import after_a_crash
from tests.crash.nest import Nest

KILLS = 20


@pytest.mark.slow
@pytest.mark.capability("BW+14")
def test_killed_while_backing_up_the_last_good_backup_restores(
    nest: Nest, shop: Path, tmp_path: Path
) -> None:
    file = tmp_path / "usb" / "books.db"
    file.parent.mkdir()
    chance = random.Random(1)
    parts = 0
    for number in range(KILLS):
        child = nest.start("back_up", folder=str(shop), file=str(file))
        child.read_first()
        child.read(chance.uniform(0.0, 0.08))
        assert child.kill() == signal.SIGKILL
        parts += len(list(file.parent.glob(".books.db.*.part")))
        _, told = child.said("made")[-1]
        done, _ = backing_up.put_back(tmp_path / f"new-{number}", file)
        assert done.sales >= told
        assert after_a_crash(tmp_path / f"new-{number}", [])["sales"] == done.sales
        after_a_crash(shop, [])
    assert parts > 0, "no backup was killed in the middle: nothing was tried here"


@pytest.mark.slow
@pytest.mark.capability("BW+14")
@pytest.mark.parametrize("present", ["sound", "damaged"])
def test_killed_at_any_step_of_a_restore_the_books_are_the_old_or_the_new_ones(
    nest: Nest, shop: Path, tmp_path: Path, present: str
) -> None:
    file = tmp_path / "books.db"
    backing_up.backup(shop, file)
    nest.run("prepare", folder=str(shop), scene="close_of_the_till")
    if present == "damaged":
        (shop / engines.SHOP_FILE).write_bytes(b"noise" * 20_000)
        earlier = None
    else:
        earlier = receipts(shop)
        assert len(earlier) == 3
    outcomes = []
    at = 0
    while True:
        folder = Path(shutil.copytree(shop, tmp_path / f"shop-{at}"))
        child = nest.start("restore", folder=str(folder), file=str(file), at=at)
        status = child.wait()
        outcomes.append(look(folder, earlier))
        # Whatever was left half done, the same restore goes through now and keeps what was there.
        backing_up.put_back(folder, file, force=True)
        assert receipts(folder) == []
        kept = [p.stat().st_ino for p in folder.glob("shop-before-restore-*.db")]
        assert len(kept) >= 1
        shutil.rmtree(folder)
        if status == 0:
            break
        assert status == signal.SIGKILL
        at += 1
    assert at > 10
    assert outcomes == sorted(outcomes), "old until the one step that makes them new"
    assert {outcomes[0], outcomes[-1]} == {"1 earlier", "2 restored"}


def receipts(folder: Path) -> list[str]:
    raw = engines.connect(folder / engines.SHOP_FILE, writes=False)
    found = [row[0] for row in raw.execute("SELECT receipt FROM sales ORDER BY number")]
    raw.close()
    return found


def look(folder: Path, earlier: list[str] | None) -> str:
    """Say which books lie in the folder; anything in between is an error."""
    if earlier is None and (folder / engines.SHOP_FILE).read_bytes()[:5] == b"noise":
        return "1 earlier"
    after_a_crash(folder, [])
    found = receipts(folder)
    assert found in ([], earlier)
    return "2 restored" if found == [] else "1 earlier"
