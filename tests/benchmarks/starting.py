"""From the start of the process to its first window and to its first scan, against Qt's smallest window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bookwish_desk.actions.pins import badge_hash
from bookwish_desk.db import engine
from bookwish_desk.shop.barcode import badge_code
from tests.benchmarks.measure import Call, Limit, Row, in_turn, row
from tests.benchmarks.rows import Bench

_BADGE = badge_code(bytes(8))

# The real program, told by `_watch` when its window is shown; it says what it used of the processor when
# it gets to where this row ends, in all its threads and from its very beginning.
_DESK = """
import sys, time
from bookwish_desk import __main__ as command

def ready(*_):
    print(time.process_time_ns(), flush=True)

load = command.load_desk

def watched():
    start = load()
    begin = start.Start.begin

    def begun(self):
        watch(self)
        begin(self)

    start.Start.begin = begun
    return start

command.load_desk = watched
"""
_RUN = """
command.main(["--data", sys.argv[1]])
"""
_PAINT = f"""{_DESK}
def watch(start):
    start._cover.painted.connect(ready)
{_RUN}"""
_SCAN = f"""{_DESK}
def watch(start):
    start._cover.painted.connect(lambda: type_codes(start))
    build = start._build

    def built(books):
        build(books)
        start.desk.station.on_change(lambda nouns: "draft" in nouns and look(start))

    start._build = built

def type_codes(start):
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    none, at = Qt.KeyboardModifier.NoModifier, 1_000
    for code in sys.argv[2:]:
        at += 300
        for letter in code + "\\r":
            at += 5
            key = Qt.Key.Key_Return if letter == "\\r" else ord(letter)
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, none, letter)
                event.setTimestamp(at)
                QCoreApplication.postEvent(start.window.windowHandle(), event)

def look(start):
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    lines = start.desk.screens._screen("sell")[0].cart.lines
    if not lines.rows():
        return

    class Painted(QObject):
        def eventFilter(self, watched, event):
            if event.type() != QEvent.Type.Paint:
                return False
            watched.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            ready()
            return True

    start.painted = Painted()
    lines.viewport().installEventFilter(start.painted)
    lines.viewport().update()
{_RUN}"""
_FLOOR = """
import time
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QTableWidget, QVBoxLayout, QWidget

app = QApplication(["floor"])
window, page = QMainWindow(), QWidget()
column = QVBoxLayout(page)
column.addWidget(QLineEdit())
column.addWidget(QTableWidget(20, 4))
window.setCentralWidget(page)
window.resize(1280, 800)
window.show()
app.processEvents()
window.repaint()
print(time.process_time_ns(), flush=True)
"""
_NOTE = "floor: a window with a line and a table"


def paint(bench: Bench, scratch: Path) -> Row:
    """Time whole processes up to their first painted window, in turn, everything in the disk's cache."""
    folder = _folder(bench, scratch / "paint")
    return _timed(bench, "paint", "start to first window", (_PAINT, str(folder)), 1.6, 1.3)


def start(bench: Bench, scratch: Path) -> Row:
    """Time whole processes up to the first line of the first sale.

    As soon as the window can be seen a badge is scanned on it and then a book, both by keys: the row ends
    when the book's line is painted in the cart of whose badge it is.
    """
    folder = _folder(bench, scratch / "start")
    program = (_SCAN, str(folder), _BADGE, str(bench.own[0]))
    return _timed(bench, "start", "start to first scan answered", program, 3.0, 2.5)


def _folder(bench: Bench, folder: Path) -> Path:
    """Return a shop of its own whose owner has a badge, and no sale begun."""
    shutil.copytree(bench.made, folder)
    raw = engine.connect(folder / engine.SHOP_FILE)
    raw.execute("UPDATE staff SET badge_hash = ?", (badge_hash(_BADGE),))
    raw.close()
    return folder


def _timed(bench: Bench, key: str, name: str, ours: tuple[str, ...], gate: float, aim: float) -> Row:
    clock = _Clock()

    def pairs() -> Iterator[tuple[Call, Call]]:
        for _ in range(9 if bench.quick else 5):
            yield partial(clock.run, *ours), partial(clock.run, _FLOOR)

    clock.run(*ours)
    clock.run(_FLOOR)
    timed = in_turn([pairs() for _ in range(bench.rounds)], clock.read)
    return row(
        key, name, timed, gate=Limit("ratio", gate), aim=Limit("ratio", aim), note=_NOTE
    )  # fmt: skip


class _Clock:
    """The processor time of the programs that were run, as each said it of itself."""

    def __init__(self) -> None:
        self._used = 0

    def read(self) -> int:
        """Return what all of them used until they were ready, in nanoseconds."""
        return self._used

    def run(self, program: str, *arguments: str) -> None:
        """Start a program, wait for its word, and end it."""
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        # As ./desk has it: without compiled bytecode every start takes twice as long.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", program, *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment, text=True) as process:
            assert process.stdout is not None and process.stderr is not None
            said = process.stdout.readline().strip()
            process.kill()
            if not said.isdigit():
                raise RuntimeError(f"the program never got ready: {said} {process.stderr.read()}")
            self._used += int(said)
