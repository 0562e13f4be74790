"""The rows that need a screen: a scan until its line is painted, and how long the GUI is ever busy."""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget
from sqlalchemy import delete

from bookwish_desk.actions.importing import Plan, run_import
from bookwish_desk.db import tables
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import sell
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme
from tests.benchmarks import catalogue
from tests.benchmarks.measure import Call, Limit, Row, Times, in_turn, row
from tests.benchmarks.rows import Bench

_SIZE = (1280, 744)
_PATIENCE_MS = 20_000
_LINES = 12
_IMPORTED = 4_000
_BEAT_MS = 2


class Register:
    """The real sell screen on real lanes, shown, with somebody signed in."""

    def __init__(self, bench: Bench) -> None:
        app = QApplication.instance() or QApplication(["bench"])
        assert isinstance(app, QApplication)
        self.app = app
        qInstallMessageHandler(_say)
        apply_theme(app, "light")
        self.store = bench.store
        self.lanes = Lanes(bench.store)
        self.station = Station(self.lanes, 1, bench.store.settings)
        self.station.person = Person(bench.actor.staff, "Olive Owner", "owner")
        self.lanes.changed.connect(self.station.changed)
        self.screen, self.presenter, self.paying = sell.build(self.station)
        self.screen.resize(*_SIZE)
        self.screen.show()
        self.presenter.shown()
        self.lines = self.screen.cart.lines
        # Waiting for events ends only when one comes.
        self._waker = QTimer()
        self._waker.start(500)
        self.wait(lambda: bool(self.presenter.state.total))

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the program run until something is so."""
        ends = time.monotonic() + _PATIENCE_MS / 1000
        while not until():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > ends:
                raise TimeoutError("the screen never showed it")

    def new_sale(self) -> None:
        """Take the sale away, as if it had been paid; not measured."""
        with self.store.write() as tx:
            tx.conn.execute(delete(tables.drafts))
        self.presenter.hidden()
        self.presenter.shown()
        self.wait(lambda: not self.presenter.state.cart)
        self.lanes.lane("search").submit(lambda: None).result()
        self.app.processEvents()

    def scan(self, code: str) -> None:
        """Scan a code that is not in the sale yet and wait until its line has been painted."""
        painted = Painted(self.lines.viewport())
        before = len(self.lines.rows())
        self.station.scanned(code)
        self.wait(lambda: painted.seen and len(self.lines.rows()) > before)
        painted.end()

    def close(self) -> None:
        """Put the screen away."""
        self.presenter.hidden()
        self.lanes.close()
        self.screen.close()
        self.screen.deleteLater()
        self.app.processEvents()


def _say(_kind: QtMsgType, _where: QMessageLogContext, sentence: str) -> None:
    """Pass Qt's words on, but for what it says of every window that has no screen."""
    if "propagateSizeHints" not in sentence:
        print(sentence, file=sys.stderr)


class Painted(QObject):
    """Notes that a widget was painted since it held something new."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Let it be painted first: what is timed ends after the painting.
        if event.type() == QEvent.Type.Paint and not self.seen:
            self._widget.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            self._widget.installEventFilter(self)
            self.seen = True
            return True
        return False

    def end(self) -> None:
        """Stop noting."""
        self._widget.removeEventFilter(self)


def scan_to_line(bench: Bench) -> Row:
    """Scan until the line stands painted in the cart, against painting that list once more.

    The processor's time is that of the whole program, so it holds both lanes and the screen; the wall's
    holds the sync of the draft as well.
    """
    register = Register(bench)

    def pairs(seed: int) -> Iterator[tuple[Call, Call]]:
        eans = random.Random(seed).sample(bench.eans, min(len(bench.eans), bench.times(240)))
        for place, ean in enumerate(eans):
            if place % _LINES == 0:
                register.new_sale()
                bench.store.checkpoint()
            yield partial(register.scan, str(ean)), register.lines.viewport().repaint

    try:
        for ours, floor in islice(pairs(bench.rounds), _LINES):  # so that all is there that is made but once
            ours()
            floor()
        timed = in_turn([pairs(seed) for seed in range(bench.rounds)], time.process_time_ns)
    finally:
        register.close()
    gate, aim = Limit("p99_ms", 16.7), Limit("ratio", 1.5)
    return row("line", "scan to line painted", timed, gate=gate, aim=aim, note="12 lines a sale, 1280 x 744")


def busy(bench: Bench, scratch: Path) -> Row:
    """Note the gaps between turns of the GUI's event loop in a shift: scans, searches, sales, an import.

    Judged is what this program itself used of a gap, in all its threads: a lane that keeps the
    interpreter counts, another program that keeps the processor does not.
    """
    register = Register(bench)
    beat = _Heartbeat()
    shift = _Shift(bench, register)
    goods = _goods(scratch / "goods.csv")
    imported: list[object] = []
    try:
        register.lanes.work(
            lambda: run_import(bench.store, Plan(goods), act=register.lanes.write_now), then=imported.append
        )
        register.new_sale()
        beat.begin()
        for number in range(bench.times(60)):
            shift.sell_one(number)
        register.wait(lambda: bool(imported))
        beat.end()
    finally:
        register.close()
    even = [[_BEAT_MS * 1_000_000] * len(beat.gaps)]
    timed = Times([beat.gaps], [beat.used]), Times(even, even)
    note = f"beside an import of {_IMPORTED} rows; by the wall worst {max(beat.gaps) / 1e6:.0f} ms"
    return row("busy", "gap between GUI turns", timed, gate=Limit("worst_ms", 100), note=note)


class _Heartbeat:
    """Notes how far apart the turns of the event loop are, and what this program used in between."""

    def __init__(self) -> None:
        self.gaps: list[int] = []
        self.used: list[int] = []
        self._last = self._last_used = 0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def begin(self) -> None:
        self._last, self._last_used = time.perf_counter_ns(), time.process_time_ns()
        self._timer.start()

    def _beat(self) -> None:
        now, used = time.perf_counter_ns(), time.process_time_ns()
        self.gaps.append(now - self._last)
        self.used.append(min(now - self._last, used - self._last_used))
        self._last, self._last_used = now, used

    def end(self) -> None:
        self._timer.stop()


class _Shift:
    """What a clerk does again and again: type a search, sell what it finds, scan more, take cash."""

    def __init__(self, bench: Bench, register: Register) -> None:
        self._rnd = random.Random(catalogue.SEED)
        self._eans = bench.eans
        self._register = register

    def sell_one(self, number: int) -> None:
        """Make one sale through the screen's own signals."""
        register, state = self._register, self._register.presenter
        typed = ("the", "harv", "william", "guide to", "smith pub")[number % 5]
        for end in range(1, len(typed) + 1):
            register.screen.typed.emit(typed[:end])
        register.wait(lambda: bool(state.state.found))
        register.screen.chosen.emit(state.state.found[0].sku)
        register.wait(lambda: len(state.state.cart) == 1)
        for ean in self._rnd.sample(self._eans, 4):
            register.station.scanned(str(ean))
        register.wait(lambda: sum(int(line.quantity) for line in state.state.cart) == 5)
        register.wait(lambda: state.state.till_open)
        register.screen.pay_asked.emit()
        register.wait(lambda: state.state.mode == "pay")
        register.paying.cash("5000")
        register.wait(lambda: state.state.mode == "done")
        register.paying.next_sale()
        register.wait(lambda: state.state.mode == "sell")


def _goods(path: Path) -> Path:
    """Write a list of titles that the catalogue has, with other prices and stock."""
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(("isbn", "title", "author", "price", "stock"))
        for place, title in enumerate(catalogue.made_up(_IMPORTED)):
            lines.writerow((title.ean, title.title, title.authors, f"{place % 40 + 5}.50", place % 4))
    return path
