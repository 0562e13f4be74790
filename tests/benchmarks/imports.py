"""The rows of importing a list: the first one, searchable, the next night's, and beside the selling."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from bookwish_desk.actions import founding, paying
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.importing import Plan, run_import
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.lanes import SWITCH_S, Lane
from bookwish_desk.settings import Settings
from tests.benchmarks import lists
from tests.benchmarks.lists import Lists
from tests.benchmarks.loading import BEST, How, Load, Moment, load
from tests.benchmarks.measure import Limit, Row, Times, row, within, words
from tests.benchmarks.rows import Bench

T = TypeVar("T")
_MB = 1_000_000
_MANY = 1_000_000
"""From so many titles on it makes a difference that the best-selling can be found first."""

_FIRST: tuple[How, ...] = ("ours", "fill", "searchable")
_AGAIN: tuple[How, ...] = ("ours", "upsert")
_IDLE_SALES = 100
_PAUSE_S = 0.02  # between sales: a register has one customer after another


def loads(bench: Bench, data: Path, scratch: Path) -> Iterator[Row]:
    """Import a list into a new shop and the next night's over it, each in turn with what the driver takes.

    Every load is a process of its own; what it used is that of all its threads. The floors are: the list
    in one transaction and then its ISBN index; the same staged in the order of sales, with an index of the
    words of four columns that is merged into one piece; and an upsert of every row of the next night's.
    """
    made = lists.made(data, len(bench.eans))
    taken: dict[str, list[Load]] = {}
    for place in range(bench.rounds):
        folder = scratch / "loads"
        for path, ways in ((made.first, _FIRST), (made.changed, _AGAIN)):
            for how in _rotated(ways, place):
                where = folder / (
                    "searchable" if how == "searchable" else "ours" if how == "ours" else "bare"
                )
                taken.setdefault(f"{how} {path.stem}", []).append(load(how, where, path))
        shutil.rmtree(folder)
    ours, again = taken["ours first"], taken["ours changed"]
    yield _scannable(ours, taken["fill first"])
    yield _searchable(made, ours, taken["searchable first"])
    yield _refreshed(made, again, taken["upsert changed"])
    yield _flat(ours, lists.made(data, max(1_000, made.count // 10)), scratch)


def _rotated(ways: tuple[How, ...], by: int) -> tuple[How, ...]:
    place = by % len(ways)
    return ways[place:] + ways[:place]


def _times(moments: list[Moment]) -> Times:
    return Times([[one.wall] for one in moments], [[one.processor] for one in moments])


def _wall(ours: list[Moment], floor: list[Load]) -> str:
    ratio = statistics.median(mine.wall / load.end.wall for mine, load in zip(ours, floor, strict=True))
    return f"by the wall {ratio:.2f}x"


def _scannable(ours: list[Load], floor: list[Load]) -> Row:
    committed = [load.committed for load in ours]
    timed = _times(committed), _times([load.end for load in floor])
    gate, aim = Limit("ratio", 2), Limit("ratio", 1.5)
    note = f"{_wall(committed, floor)}; floor: one transaction, then the index"
    return row("import", "import: titles in and scannable", timed, gate=gate, aim=aim, note=note)


def _searchable(made: Lists, ours: list[Load], floor: list[Load]) -> Row:
    ends = [load.end for load in ours]
    timed = _times(ends), _times([load.end for load in floor])
    share = statistics.median(load.best.processor / load.end.processor for load in ours)
    note = f"{_wall(ends, floor)}; the {BEST} that sell most after {share:.0%} of it"
    aim = Limit("ratio", 1.2)
    done = row("searchable", "import: titles searchable", timed, gate=Limit("ratio", 1.5), aim=aim, note=note)
    if made.count < _MANY:
        return done
    early = Limit("share", 0.2)
    reached = bool(done.reached) and share <= early.most
    return replace(done, aim=words((aim, early)), reached=reached)


def _refreshed(made: Lists, ours: list[Load], floor: list[Load]) -> Row:
    ends = [load.end for load in ours]
    timed = _times(ends), _times([load.end for load in floor])
    indexed = {load.indexed for load in ours}
    written = " or ".join(map(str, sorted(indexed)))
    note = f"{_wall(ends, floor)}; {made.worded} titles have new words, {written} were written"
    gate, aim = Limit("ratio", 2), Limit("ratio", 1.3)
    done = row("refresh", "refresh, one title in 100 changed", timed, gate=gate, aim=aim, note=note)
    # The index is touched where words have changed and nowhere else.
    return done if indexed == {made.worded} else replace(done, held=False, reached=False)


def _flat(ours: list[Load], tenth: Lists, scratch: Path) -> Row:
    small = load("ours", scratch / "tenth", tenth.first)
    shutil.rmtree(scratch / "tenth")
    most = max(one.peak for one in ours)
    figures = {"ratio": most / small.peak}
    aim = Limit("ratio", 1.5)
    return Row(
        key="flat",
        name="memory of an import",
        measured="memory MB",
        n=len(ours),
        ours=most / _MB,
        floor=small.peak / _MB,
        ratio=figures["ratio"],
        aim=words(aim),
        reached=within(aim, figures),
        note=f"floor: an import of {tenth.count} titles; the catalogue has {ours[0].bytes / _MB:.0f} MB",
    )


def beside(bench: Bench, data: Path, scratch: Path) -> Row:
    """Sell while a list is imported, against the same when nothing is.

    First a shop beside this one gets its first list, then this one gets a list in which every price is
    another one and some titles are new. Both sides are called as the lane of the shop does it.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    made = lists.made(data, len(bench.eans))
    other = open_store(scratch / "beside")
    founding.found(other, Settings(shop_name="Bench Books"), "Register 1", "Olive Owner", "!")
    selling, sync_ms = _Selling(bench), bench.sync_ms()
    ours, idle = Times(), Times()
    try:
        for store, path in ((other, made.first), (bench.store, made.shift)):
            for times in (ours, idle):
                times.begin_round()
            selling.times(idle, bench.times(_IDLE_SALES))
            selling.until_imported(ours, store, path)
            selling.times(idle, bench.times(_IDLE_SALES))
    finally:
        selling.close()
        other.close()
        shutil.rmtree(scratch / "beside")
        sys.setswitchinterval(before)
    gate, aim = Limit("p99_ratio", 3), Limit("p99_ratio", 1.5)
    timed, name = (ours, idle), "sale committed beside an import"
    done = row("beside", name, timed, "wall", gate=gate, aim=aim, sync_ms=sync_ms)
    count = sum(map(len, idle.wall))
    return replace(done, note=f"floor: {count} sales alone, p99 {done.floor_p99:.1f} ms; {done.note}")


class _Selling:
    """Sales of five lines on the lane of the shop."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._rnd = random.Random(1)
        self._shop, self._imports = Lane("shop"), Lane("catalogue")

    def times(self, times: Times, count: int) -> None:
        """Sell when nothing else runs."""
        os.sync()
        self._bench.store.checkpoint()
        for _ in range(count):
            self._sell(times)

    def until_imported(self, times: Times, store: Store, path: Path) -> None:
        """Sell until a list was imported."""

        def act(action: Callable[[Store], Outcome[T]], /) -> T:
            return self._shop.submit(lambda: action(store)).result().value

        running = self._imports.submit(partial(run_import, store, Plan(path), act=act))
        while not running.done():
            self._sell(times)
        running.result()

    def _sell(self, times: Times) -> None:
        bench = self._bench
        draft = bench.draft(self._rnd)
        pay = partial(paying.pay_cash, bench.store, bench.actor, draft.id, 1_000_000)
        times.take(lambda: self._shop.submit(pay).result(), lambda: 0)
        time.sleep(_PAUSE_S)

    def close(self) -> None:
        """End the lanes."""
        for lane in (self._imports, self._shop):
            lane.close(10)
