"""The rows that need the sell screen: a scan until its line is painted."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget
from sqlalchemy import delete

from bookwish_desk.db import tables
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import sell
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme
from tests.benchmarks.measure import Call, Limit, Row, in_turn, row
from tests.benchmarks.rows import Bench

_SIZE = (1280, 744)
_PATIENCE_MS = 20_000
_LINES = 12


def application() -> QApplication:
    """Return the one application of this process, making it the first time."""
    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    qInstallMessageHandler(_say)
    apply_theme(app, "light")
    return app


class Register:
    """The real sell screen on real lanes, shown, with somebody signed in."""

    def __init__(self, bench: Bench) -> None:
        self.app = application()
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
        eans = random.Random(seed).sample(bench.eans, min(len(bench.eans), bench.times(340)))
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
    gate, aim = Limit("p99_ms", 16.7), (Limit("ratio", 1.5), Limit("worst_ms", 33))
    return row("line", "scan to line painted", timed, gate=gate, aim=aim, note="12 lines a sale, 1280 x 744")
