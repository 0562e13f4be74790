"""One list taken in by a process of its own: as the desk does it, or as little as the driver can do.

`python -m tests.benchmarks.loading HOW FOLDER LIST` prints what it took. The bare ones keep the columns
that the list has and nothing else; what is not the list itself, such as a new shop, is not counted.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from bookwish_desk.actions import founding
from bookwish_desk.actions.importing import Plan, Progress, run_import
from bookwish_desk.db import engine
from bookwish_desk.db.store import open_store
from bookwish_desk.lanes import SWITCH_S
from bookwish_desk.settings import Settings
from tests.benchmarks.memory import peak_bytes

How = Literal["ours", "fill", "searchable", "upsert"]

BEST = 50_000
"""When so many titles can be searched for, what most customers ask for is found."""

_ROOT = Path(__file__).resolve().parent.parent.parent
_COLUMNS = "ean, title, authors, publisher, series, published, year, price_cents, format"
_KINDS = (
    "ean INTEGER NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, publisher TEXT NOT NULL, "
    "series TEXT NOT NULL, published TEXT NOT NULL, year INTEGER, price_cents INTEGER, format TEXT NOT NULL"
)
_TABLE = f"CREATE TABLE titles(id INTEGER PRIMARY KEY, {_KINDS})"
_INDEX = "CREATE UNIQUE INDEX title_ean ON titles(ean)"
_INSERT = f"INSERT INTO titles({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WORDS = "title, authors, publisher, series"
_SEARCH = f"CREATE VIRTUAL TABLE words USING fts5({_WORDS}, content='', detail=column, prefix='1 2 3 4 5')"
_HASH_BYTES = 64 << 20
_FACTS = [name.strip() for name in _COLUMNS.split(",")[1:]]
_UPSERT = (
    f"{_INSERT} ON CONFLICT(ean) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _FACTS)} "
    f"WHERE {' OR '.join(f'{name} IS NOT excluded.{name}' for name in _FACTS)}"
)


class Moment(msgspec.Struct, frozen=True):
    """What was spent up to a moment, in nanoseconds: by the processor in all threads, and by the clock."""

    processor: int
    wall: int


class Load(msgspec.Struct):
    """What a load took up to its end, and when the catalogue was committed and the best were searchable.

    `indexed` counts titles whose search words were written, `peak` and `bytes` are memory and disk.
    """

    end: Moment
    committed: Moment
    best: Moment
    indexed: int = 0
    updated: int = 0
    peak: int = 0
    bytes: int = 0


def load(how: How, folder: Path, path: Path) -> Load:
    """Take a list in by a process of its own. Raises RuntimeError with its words when it fails."""
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "tests.benchmarks.loading", how, str(folder), str(path)]
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{how} failed: {done.stderr.decode(errors='replace')}")
    return msgspec.json.decode(done.stdout, type=Load)


class _Watch:
    def __init__(self) -> None:
        self._processor, self._wall = time.process_time_ns(), time.perf_counter_ns()

    def now(self) -> Moment:
        return Moment(time.process_time_ns() - self._processor, time.perf_counter_ns() - self._wall)


def _ours(folder: Path, path: Path) -> Load:
    """Import as the desk does; a new shop is founded where there is none."""
    # As beside a register: whatever else runs gets its turn.
    sys.setswitchinterval(SWITCH_S)
    is_new = not (folder / engine.SHOP_FILE).exists()
    store = open_store(folder)
    try:
        if is_new:
            founding.found(store, Settings(shop_name="Bench Books"), "Register 1", "Olive Owner", "!")
        watch = _Watch()
        moments: dict[str, Moment] = {}
        indexed = [0]

        def progress(so_far: Progress) -> None:
            if so_far.phase == "items":
                moments.setdefault("committed", watch.now())
            elif so_far.phase == "indexing":
                indexed[0] = so_far.rows
                if so_far.rows >= BEST:
                    moments.setdefault("best", watch.now())

        report = run_import(store, Plan(path), progress=progress)
        end = watch.now()
    finally:
        store.close()
    return Load(
        end,
        moments["committed"],
        moments.get("best", end),
        indexed=indexed[0],
        updated=report.updated,
        bytes=(folder / engine.CATALOGUE_FILE).stat().st_size,
    )


def _bare(work: Callable[[Any, Path], None]) -> Callable[[Path, Path], Load]:
    def done(folder: Path, path: Path) -> Load:
        folder.mkdir(parents=True, exist_ok=True)
        raw = engine.driver().connect(str(folder / "bare.db"), isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -131072"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        watch = _Watch()
        work(raw, path)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        raw.close()
        end = watch.now()
        return Load(end, end, end)

    return done


def _rows_with_sales(path: Path) -> Iterator[tuple[object, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        for code, title, authors, publisher, series, published, price, form, sold in lines:
            year, cents = int(published[:4]), int(price.replace(".", ""))
            yield int(code), title, authors, publisher, series, published, year, cents, form, int(sold)


def _plain_rows(path: Path) -> Iterator[tuple[object, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        for code, title, authors, publisher, series, published, price, form, _sold in lines:
            cents = int(price.replace(".", ""))
            yield int(code), title, authors, publisher, series, published, int(published[:4]), cents, form


def _fill(raw: Any, path: Path) -> None:
    raw.execute("BEGIN")
    raw.execute(_TABLE)
    raw.executemany(_INSERT, _plain_rows(path))
    raw.execute(_INDEX)
    raw.execute("COMMIT")


def _upsert(raw: Any, path: Path) -> None:
    raw.execute("BEGIN")
    raw.executemany(_UPSERT, _plain_rows(path))
    raw.execute("COMMIT")


def _searchable(raw: Any, path: Path) -> None:
    raw.execute(f"CREATE TEMP TABLE stage({_KINDS}, sold INTEGER)")
    raw.execute("BEGIN")
    raw.execute(_TABLE)
    raw.executemany("INSERT INTO stage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows_with_sales(path))
    raw.execute(f"INSERT INTO titles({_COLUMNS}) SELECT {_COLUMNS} FROM stage ORDER BY sold DESC, rowid")
    raw.execute(_INDEX)
    raw.execute("COMMIT")
    raw.execute(_SEARCH)
    raw.execute("INSERT INTO words(words, rank) VALUES ('hashsize', ?)", (_HASH_BYTES,))
    raw.execute("BEGIN")
    raw.execute(f"INSERT INTO words(rowid, {_WORDS}) SELECT id, {_WORDS} FROM titles ORDER BY id")
    raw.execute("INSERT INTO words(words) VALUES ('optimize')")
    raw.execute("COMMIT")


_WAYS: dict[str, Callable[[Path, Path], Load]] = {
    "ours": _ours,
    "fill": _bare(_fill),
    "searchable": _bare(_searchable),
    "upsert": _bare(_upsert),
}


def main() -> None:
    """Take one list in and print what it took."""
    how, folder, path = sys.argv[1:]
    taken = _WAYS[how](Path(folder), Path(path))
    taken.peak = peak_bytes()
    sys.stdout.buffer.write(msgspec.json.encode(taken))


if __name__ == "__main__":
    main()
