"""From the start of the process to a desk that can be used, against the smallest window that Qt can show."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measure import Call, Limit, Row, in_turn, row
from tests.benchmarks.rows import Bench

_OURS = """
import sys
from pathlib import Path
from bookwish_desk.__main__ import load_desk

begin = load_desk()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from bookwish_desk.ui.theme import apply_theme

app = QApplication(["bookwish-desk"])
apply_theme(app, "light")
start = begin.Start(app, Path(sys.argv[1]), demo=False)
start.begin()

def look():
    if start.failure:
        sys.exit(start.failure)
    if start.desk is not None:
        start.window.repaint()
        app.quit()

timer = QTimer()
timer.timeout.connect(look)
timer.start(1)
app.exec()
print("ready", flush=True)
start.close()
"""
_FLOOR = """
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
print("ready", flush=True)
"""


def start(bench: Bench, scratch: Path) -> Row:
    """Time whole processes up to the word that they are ready, in turn, everything in the disk's cache.

    The desk is ready when its screens are built over the open books and the sign-in is painted.
    """
    folder = shutil.copytree(bench.made, scratch / "start")

    def pairs() -> Iterator[tuple[Call, Call]]:
        for _ in range(4 if bench.quick else 5):
            yield partial(_ready, _OURS, str(folder)), partial(_ready, _FLOOR)

    _ready(_OURS, str(folder))
    _ready(_FLOOR)
    timed = in_turn([pairs() for _ in range(bench.rounds)], _children)
    return row(
        "start",
        "start to a desk that is open",
        timed,
        gate=Limit("ratio", 1.6),
        aim=Limit("ratio", 1.3),
        note="floor: a window with a line and a table",
    )


def _children() -> int:
    """Return the processor time of the processes that have ended, in nanoseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((used.ru_utime + used.ru_stime) * 1e9)


def _ready(program: str, *arguments: str) -> None:
    """Start a program, wait for the word, and end it."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    # As ./desk has it: without compiled bytecode every start takes twice as long.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        ready = process.stdout.readline() == "ready\n"
        process.kill()
        if not ready:
            raise RuntimeError(f"the program never got ready: {process.stderr.read()}")
