"""Killed in the middle of an import there is the old catalogue or the new one, and all of it is found."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from bookwish_desk.actions import importing
from bookwish_desk.db import search, tables
from bookwish_desk.db.store import Store, open_store
from tests.crash.books import after_a_crash
from tests.crash.nest import Nest

ROWS = 600
KILLS = 12
Titles = dict[int, tuple[str, int | None]]


@pytest.fixture
def lists(tmp_path: Path) -> tuple[Path, Path]:
    """Return a list, and a later one: every third title renamed, every fifth repriced, a tenth of it new."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    for path, later in ((first, False), (second, True)):
        lines = ["isbn,title,author,price"]
        for number in range(ROWS + ROWS // 10 * later):
            name = f"{'New' if later and number % 3 == 0 else 'Old'} title {number}"
            price = 5 + number % 7 + (later and number % 5 == 0)
            lines.append(f"{_isbn(number)},{name},Author {number % 13},{price}.00")
        path.write_text("\n".join(lines))
    return first, second


def _isbn(number: int) -> str:
    body = f"97801{number:07d}"
    return body + str(-sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(body)) % 10)


def catalogue(store: Store) -> Titles:
    t = tables.titles.c
    with store.read() as conn:
        return {
            row.ean: (row.title, row.price_cents)
            for row in conn.execute(select(t.ean, t.title, t.price_cents))
        }


def assert_found(store: Store, titles: Titles) -> None:
    """Assert that a sample of the titles is found by its words and codes, finished index or not."""
    with store.read() as conn:
        for ean, (title, _price) in random.Random(1).sample(sorted(titles.items()), min(25, len(titles))):
            for words in (title, str(ean), str(ean)[5:12]):
                assert ean in [item.ean for item in search.search(conn, words, 100)], words


def imported(folder: Path, *paths: Path) -> Titles:
    store = open_store(folder)
    for path in paths:
        importing.run_import(store, importing.Plan(path))
    found = catalogue(store)
    store.close()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("refresh", [False, True], ids=["first", "refresh"])
def test_killed_at_any_step_the_catalogue_is_the_old_or_the_new_one(
    nest: Nest, shop: Path, lists: tuple[Path, Path], tmp_path: Path, refresh: bool
) -> None:
    first, second = lists
    before = imported(shop, *((first,) if refresh else ()))
    file = second if refresh else first
    after = imported(Path(shutil.copytree(shop, tmp_path / "whole")), file)
    outcomes = []
    for at in range(1_000):
        folder = Path(shutil.copytree(shop, tmp_path / f"shop-{at}"))
        child = nest.start("import_list", folder=str(folder), file=str(file), at=at)
        status = child.wait()
        after_a_crash(folder, [])
        store = open_store(folder)
        now = catalogue(store)
        outcomes.append(now == after)
        assert now in (before, after)
        if now:
            assert_found(store, now)
        importing.finish_import(store)
        if now:
            assert_found(store, now)
        importing.run_import(store, importing.Plan(file))
        assert catalogue(store) == after
        assert_found(store, after)
        store.close()
        shutil.rmtree(folder)
        if status == 0:
            break
        assert status == signal.SIGKILL
    assert child.said("through")
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert outcomes == sorted(outcomes), "once the new catalogue is in it stays"
    assert len(outcomes) > 10


@pytest.mark.slow
def test_killed_at_random_an_import_is_healed_by_the_next(
    nest: Nest, shop: Path, lists: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = lists
    old = imported(shop, first)
    new = imported(Path(shutil.copytree(shop, tmp_path / "new")), second)
    chance = random.Random(2)
    killed = 0
    for number in range(KILLS):
        folder = Path(shutil.copytree(shop, tmp_path / f"shop-{number}"))
        # However quick the import and slow the kill, a third of them never come to their end.
        stays = number % 3 == 0
        child = nest.start(
            "import_list", folder=str(folder), file=str(second), at=number if stays else -1, waits=stays
        )
        child.read_first()
        child.read(0.0 if stays else chance.uniform(0.0, 0.05))
        killed += child.kill() == signal.SIGKILL
        after_a_crash(folder, [])
        store = open_store(folder)
        now = catalogue(store)
        assert now in (old, new)
        assert_found(store, now)
        store.close()
        assert imported(folder, second) == new
        shutil.rmtree(folder)
    assert killed > KILLS // 4
