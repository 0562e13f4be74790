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
from tests.support.starting import until_painted, until_scanned

_BADGE = badge_code(bytes(8))

# What a program used of the processor, in all its threads and from its very beginning.
_SAY = "import time; print(time.process_time_ns(), flush=True)"
_FLOOR = f"""
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
{_SAY}
"""
_NOTE = "floor: a window with a line and a table"


def paint(bench: Bench, scratch: Path) -> Row:
    """Time whole processes up to their first painted window, in turn, everything in the disk's cache."""
    folder = _folder(bench, scratch / "paint")
    return _timed(bench, "paint", "start to first window", (until_painted(_SAY), str(folder)), 1.6, 1.3)


def start(bench: Bench, scratch: Path) -> Row:
    """Time whole processes up to the first line of the first sale.

    As soon as the window can be seen a badge is scanned on it and then a book, both by keys: the row ends
    when the book's line is painted in the cart of whose badge it is.
    """
    folder = _folder(bench, scratch / "start")
    program = (until_scanned(_SAY), str(folder), _BADGE, str(bench.own[0]))
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
