"""Killed while its schema is brought up to date, a database is old or new, and the next start goes on."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.db import backup, migrate
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import open_store
from tests.crash.nest import Nest
from tests.crash.test_kill import rows_in
from tests.db.revisions import NEWER, OLDER, write_scripts

POINTS = 50


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("newer") / "scripts"
    write_scripts(path)
    return path


@pytest.fixture
def traded(nest: Nest, shop: Path) -> Path:
    """Return a shop that has closed a day, so that every table has rows to be carried over."""
    nest.run("prepare", folder=str(shop), scene="close_of_the_till")
    return shop


@pytest.mark.slow
def test_killed_at_any_step_of_an_upgrade_it_is_old_or_new(
    nest: Nest, traded: Path, scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(at: int) -> tuple[Path, int, list[list[int]]]:
        folder = Path(shutil.copytree(traded, tmp_path / f"shop-{at}"))
        child = nest.start("upgrade", folder=str(folder), scripts=str(scripts), newer=NEWER, at=at)
        return folder, child.wait(), child.said("through")

    whole, status, through = upgrade(10_000)
    assert status == 0
    statements = through[0][0]
    assert statements > 30
    rows, old = rows_in(whole), rows_in(traded)
    assert rows == old
    monkeypatch.setattr(migrate, "SCRIPTS", scripts)
    monkeypatch.setitem(migrate.HEADS, "shop", NEWER)
    seen = set()
    step = max(1, statements // POINTS)
    # The last statements hold the COMMIT and what follows it: each of them counts.
    for at in sorted({*range(0, statements, step), *range(statements - 12, statements)}):
        folder, status, _ = upgrade(at)
        assert status == signal.SIGKILL
        version = migrate.version_of(folder / engines.SHOP_FILE, None)
        seen.add(version)
        assert version in (OLDER, NEWER)
        tables = tables_in(folder)
        assert ("extras" in tables) == (version == NEWER)
        assert not [name for name in tables if name.startswith("_alembic")]
        assert rows_in(folder) == rows
        open_store(folder).close()
        assert migrate.version_of(folder / engines.SHOP_FILE, None) == NEWER
        assert rows_in(folder) == rows
        with backup.opened(folder / "backups" / f"shop-before-{NEWER}.db", None) as raw:
            assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (OLDER,)
        shutil.rmtree(folder)
    assert seen == {OLDER, NEWER}, "the steps before and after the commit were both tried"


def tables_in(folder: Path) -> set[str]:
    raw = engines.connect(folder / engines.SHOP_FILE, writes=False)
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    raw.close()
    return names


@pytest.mark.slow
def test_killed_at_any_step_of_the_first_start_the_next_one_goes_on(
    nest: Nest, tmp_path: Path, made_shop: Callable[[str | None], Path]
) -> None:
    def begin(at: int) -> tuple[Path, int, list[list[int]]]:
        folder = tmp_path / f"shop-{at}"
        child = nest.start("upgrade", folder=str(folder), scripts=str(migrate.SCRIPTS), newer="0001", at=at)
        return folder, child.wait(), child.said("through")

    whole, status, through = begin(10_000)
    assert status == 0
    statements = through[0][0]
    for at in range(0, statements, max(1, statements // 24)):
        folder, status, _ = begin(at)
        assert status == signal.SIGKILL
        open_store(folder).close()
        assert tables_in(folder) == tables_in(whole)
        shutil.rmtree(folder)
