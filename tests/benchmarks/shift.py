"""A shift at the whole desk, by itself: searches, scans, sales, and a list imported beside them."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace
from PySide6.QtCore import QEventLoop, Qt, QTimer

from bookwish_desk.actions.importing import Plan
from bookwish_desk.shop.staff import Person
from bookwish_desk.start import Start
from bookwish_desk.ui.importing.run import ImportRun
from tests.benchmarks import catalogue, lists
from tests.benchmarks.measure import Limit, Row, Times, percentile, row
from tests.benchmarks.rows import Bench
from tests.benchmarks.screens import application

_PATIENCE_S = 60
_BEAT_MS = 2
_PROCESSORS = os.cpu_count() or 1
_IDLE_SALES = 150
_QUICK_LIST = 50_000
_WORDS = ("the", "harv", "william", "guide to", "smith pub")


class Shift:
    """The desk opened on a folder, somebody signed in, and what a clerk does there again and again."""

    def __init__(self, folder: Path, titles: int) -> None:
        self._app = application()
        self._start = Start(self._app, folder, demo=False)
        # Waiting for events ends only when one comes.
        self._waker = QTimer()
        self._waker.start(500)
        self._start.begin()
        self.wait(lambda: self._start.desk is not None or bool(self._start.failure))
        if self._start.desk is None:
            raise RuntimeError(self._start.failure)
        self._desk = desk = self._start.desk
        self.wait(lambda: bool(desk.signin.state.faces))
        who = desk.signin.state.faces[0]
        desk.signin.on_signed_in(Person(who.id, who.name, "owner"))
        self.wait(lambda: desk.sell.state.till_open)
        self._rnd = random.Random(catalogue.SEED)
        self._titles = titles
        self._sold = 0

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the program run until something is so."""
        ends = time.monotonic() + _PATIENCE_S
        while not until():
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > ends:
                raise TimeoutError("the desk never showed it")

    def settle(self) -> None:
        """Let what the desk does by itself after a start come to its end."""
        began = time.monotonic()
        self.wait(lambda: time.monotonic() - began > 4)
        done: list[object] = []
        self._desk.lanes.work(lambda: None, then=done.append)
        self.wait(lambda: bool(done))

    def sell_one(self) -> int:
        """Search, scan and sell; return the nanoseconds from the press to the completed sale."""
        desk, sell = self._desk, self._desk.sell
        typed = _WORDS[self._sold % len(_WORDS)]
        self._sold += 1
        for end in range(1, len(typed) + 1):
            sell.finder.typed(typed[:end])
        self.wait(lambda: bool(sell.state.found))
        sell.choose(sell.state.found[0].sku)
        self.wait(lambda: len(sell.state.cart) == 1)
        for number in self._rnd.sample(range(self._titles), 4):
            desk.station.scanned(str(catalogue.isbn(number)))
        self.wait(lambda: sum(int(line.quantity) for line in sell.state.cart) == 5)
        sell.pay()
        self.wait(lambda: sell.state.mode == "pay")
        began = time.perf_counter_ns()
        desk.paying.cash("50000")
        self.wait(lambda: sell.state.mode == "done")
        took = time.perf_counter_ns() - began
        desk.paying.next_sale()
        self.wait(lambda: sell.state.mode == "sell")
        return took

    def begin_import(self, path: Path) -> Callable[[], bool]:
        """Import a list as the import screen does; the answer says whether it is done."""
        done: list[object] = []
        run = ImportRun(self._desk.station, Plan(path), None)
        run.done, run.failed = done.append, done.append

        def is_done() -> bool:
            if done and not getattr(done[0], "complete", False):
                raise RuntimeError(f"the import failed: {done[0]}")
            return bool(done)

        run.start()
        return is_done

    def close(self) -> None:
        """Close the desk."""
        self._start.close()
        self._start.window.close()
        self._start.window.deleteLater()
        self._app.processEvents()


class Heartbeat:
    """Notes how far apart the turns of the event loop are, and how much of that is this program's doing.

    Not its doing is that the GUI's thread could have run and another program had the processor. Where
    the system does not tell, it is what this program itself used in between, in all its threads.
    """

    def __init__(self) -> None:
        self.gaps: list[int] = []
        self.own: list[int] = []
        self._last = _Moment(0, 0, 0, 0)
        self._waits = _waits_of_this_thread()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def begin(self) -> None:
        self._last = self._now()
        self._timer.start()

    def end(self) -> None:
        self._timer.stop()

    def _now(self) -> _Moment:
        waited = self._waits() if self._waits else 0
        return _Moment(time.perf_counter_ns(), time.process_time_ns(), time.thread_time_ns(), waited)

    def _beat(self) -> None:
        now = self._now()
        gap, used, own, waited = (a - b for a, b in zip(now, self._last, strict=True))
        self._last = now
        # Our other threads may have been in the way only where there are too few processors for them.
        ours = max(0, used - own - (_PROCESSORS - 1) * gap)
        self.gaps.append(gap)
        self.own.append(gap - max(0, min(gap, waited) - ours) if self._waits else min(gap, used))


class _Moment(NamedTuple):
    wall: int
    processor: int
    thread: int
    waited: int


def _waits_of_this_thread() -> Callable[[], int] | None:
    """Return what tells the nanoseconds that this thread has waited for a processor; Linux knows."""
    path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    if not path.exists():
        return None
    file = path.open("rb", buffering=0)
    return lambda: int(os.pread(file.fileno(), 100, 0).split()[1])


def busy(bench: Bench, data: Path, scratch: Path) -> Iterator[Row]:
    """Work a shift beside an import, and note the gaps between turns of the GUI's loop and its sales.

    The floors are the same shift without one, half of it before and half of it afterwards.
    """
    count = min(len(bench.eans), _QUICK_LIST) if bench.quick else len(bench.eans)
    made = lists.made(data, count)
    shift = Shift(shutil.copytree(bench.made, scratch / "shift"), len(bench.eans))
    calm, beat, sync_ms = Heartbeat(), Heartbeat(), bench.sync_ms()
    alone: list[int] = []
    beside: list[int] = []

    def idle() -> None:
        calm.begin()
        alone.extend(shift.sell_one() for _ in range(bench.times(_IDLE_SALES)))
        calm.end()

    try:
        shift.settle()
        idle()
        done = shift.begin_import(made.shift)
        beat.begin()
        while not done():
            beside.append(shift.sell_one())
        beat.end()
        idle()
    finally:
        shift.close()
        shutil.rmtree(scratch / "shift")
    yield _gaps(beat, calm, count, len(beside))
    yield _sales(beside, alone, sync_ms)


def _gaps(beat: Heartbeat, calm: Heartbeat, count: int, sales: int) -> Row:
    timed = Times([beat.gaps], [beat.own]), Times([calm.gaps], [calm.own])
    own, alone, wall = sorted(beat.own), sorted(calm.own), sorted(beat.gaps)
    note = (
        f"{sales} sales beside an import of {count} titles; p99.9 {percentile(own, 99.9):.1f}, "
        f"alone {percentile(alone, 99.9):.1f}, worst alone {alone[-1] / 1e6:.0f} ms; "
        f"by the wall p99.9 {percentile(wall, 99.9):.1f}, worst {wall[-1] / 1e6:.0f} ms"
    )
    gate, aim = Limit("worst_ms", 100), Limit("p999_ms", 33)
    return row("busy", "gap between GUI turns in a shift", timed, gate=gate, aim=aim, note=note)


def _sales(beside: list[int], alone: list[int], sync_ms: float) -> Row:
    timed = Times([beside], [beside]), Times([alone], [alone])
    gate, aim = Limit("p99_ratio", 3), Limit("p99_ratio", 1.5)
    name = "sale completed in that shift"
    done = row("shift", name, timed, "wall", gate=gate, aim=aim, sync_ms=sync_ms)
    note = f"pressed to shown; floor: {len(alone)} sales alone, p99 {done.floor_p99:.1f} ms"
    return replace(done, note=f"{note}; {done.note}")
