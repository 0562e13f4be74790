"""The power is cut while a list is imported: the old catalogue is on the disk or the new one, all of it."""

from __future__ import annotations

import shutil
import signal
from itertools import count
from pathlib import Path

import pytest

from bookwish_desk.actions import importing
from bookwish_desk.db.store import open_store
from tests.crash.books import after_a_crash
from tests.crash.disks import loop_disk, need_disk
from tests.crash.nest import Nest
from tests.crash.test_import_kill import assert_found, catalogue, imported, lists

__all__ = ["lists"]


@pytest.mark.root
@pytest.mark.slow
def test_a_power_cut_at_any_step_leaves_the_old_catalogue_or_the_new_one(
    nest: Nest, shop: Path, lists: tuple[Path, Path], tmp_path: Path
) -> None:
    need_disk(loop=True)
    first, second = lists
    old = imported(shop, first)
    new = imported(Path(shutil.copytree(shop, tmp_path / "new")), second)
    outcomes: list[bool] = []
    with loop_disk() as disk:
        for at in count(0, 2):
            folder = Path(shutil.copytree(shop, disk.mount_point / f"shop-{at}"))
            disk.settle()
            child = nest.start("import_list", folder=str(folder), file=str(second), at=at, waits=True)
            while not child.said("waiting") and child.read(1.0):
                pass
            through = bool(child.said("through"))
            disk.cut_power()
            assert (child.wait() == 0) if through else (child.kill() == signal.SIGKILL)
            disk.unmount()
            disk.mount()
            after_a_crash(folder, [])
            store = open_store(folder)
            now = catalogue(store)
            outcomes.append(now == new)
            assert now in (old, new)
            assert_found(store, now)
            importing.finish_import(store)
            assert_found(store, now)
            store.close()
            assert imported(folder, second) == new
            shutil.rmtree(folder)
            if through:
                break
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert outcomes == sorted(outcomes), "once the new catalogue is in it stays"
    assert len(outcomes) > 5
