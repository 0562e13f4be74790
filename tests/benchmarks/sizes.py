"""The rows of what the desk takes up: installed, on the disk, and in memory."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import bookwish_desk
from bookwish_desk.db import engine
from bookwish_desk.resource import resource_path
from tests.benchmarks.measure import Limit, Limits, Measured, Row, within, words
from tests.benchmarks.rows import Bench

_ROOT = Path(__file__).resolve().parent.parent.parent
_MB = 1_000_000
_QT = ("pyside6-essentials", "shiboken6")
_PLUGINS = ("platforms", "platformthemes", "platforminputcontexts", "iconengines", "imageformats", "wayland-")
"""What Qt loads by itself, whichever screen it finds."""

_AIM = Limit("ratio", 1.5)
_MANY = 100_000
"""With fewer titles what the file begins with is a good part of it."""

_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")
_SHIFT = """
import sys
from pathlib import Path
from tests.benchmarks.memory import peak_bytes
from tests.benchmarks.shift import Shift

shift = Shift(Path(sys.argv[1]), int(sys.argv[2]))
shift.settle()
for _ in range(int(sys.argv[3])):
    shift.sell_one()
print(peak_bytes())
shift.close()
"""
_WINDOW = """
import sys
from PySide6 import QtSvg
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QTableWidget, QVBoxLayout, QWidget
from tests.benchmarks.memory import mapped_files, peak_bytes

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
print(peak_bytes())
print(*mapped_files(), sep="\\n")
"""


def installed() -> Row:
    """Add up what a shop's computer gets, against the part of Qt that a window needs."""
    packages = _packages("bookwish-desk")
    own = _folder_bytes(Path(bookwish_desk.__file__).parent) + _folder_bytes(resource_path())
    whole = sum(packages.values()) + own
    qt = sum(packages[name] for name in _QT)
    needed = _needed_of_qt() or qt
    note = (
        f"floor: Qt without what no window loads; as installed it has {qt / _MB:.0f} MB of ours, "
        f"without the rest ours would have {(whole - qt + needed) / _MB:.0f} MB"
    )
    return _row("installed", "installed, with all it needs", "disk MB", whole, needed, note)


def _packages(name: str, found: dict[str, int] | None = None) -> dict[str, int]:
    """Return the bytes of a package and of all that it needs, by name."""
    found = {} if found is None else found
    package = importlib.metadata.distribution(name)
    known = package.metadata["Name"].lower().replace("_", "-")
    if known not in found:
        paths = [Path(str(file.locate())) for file in package.files or ()]
        found[known] = sum(path.stat().st_size for path in paths if path.exists())
        for needed in package.requires or ():
            part, _, marker = needed.partition(";")
            if _applies(marker) and (match := _REQUIREMENT.match(part)):
                _packages(match[0], found)
    return found


def _applies(marker: str) -> bool:
    from packaging.markers import Marker

    return not marker or Marker(marker).evaluate({"extra": ""})


def _folder_bytes(folder: Path) -> int:
    return sum(x.stat().st_size for x in folder.rglob("*") if x.is_file() and "__pycache__" not in x.parts)


def _needed_of_qt() -> int:
    """Return the bytes of what a window has loaded of Qt, and of what it would load on another screen."""
    loaded = {Path(name) for name in _run(_WINDOW)[1:] if "PySide6" in name or "shiboken6" in name}
    folders = [folder for path in loaded for folder in path.parents if folder.name == "plugins"]
    kinds = [kind for folder in folders[:1] for kind in folder.iterdir() if kind.name.startswith(_PLUGINS)]
    loaded |= {path for kind in kinds for path in kind.iterdir()}
    return sum(path.stat().st_size for path in loaded)


def catalogue(bench: Bench, scratch: Path) -> Row:
    """Weigh the catalogue with all that search needs, by million titles, against the table alone."""
    whole, alone = bench.made / engine.CATALOGUE_FILE, scratch / "table.db"
    raw = engine.driver().connect(str(alone), isolation_level=None)
    try:
        raw.execute("ATTACH DATABASE ? AS whole", (str(whole),))
        raw.execute("CREATE TABLE titles AS SELECT * FROM whole.titles ORDER BY id")
    finally:
        raw.close()
    ours, table = (path.stat().st_size * 1_000_000 / len(bench.eans) for path in (whole, alone))
    alone.unlink()
    gate, aim = (Limit("mb", 350), Limit("mb", 300)) if len(bench.eans) >= _MANY else (None, None)
    name, note = "catalogue, by million titles", "floor: the table without any index"
    return _row("catalogue", name, "disk MB", ours, table, note, gate=gate, aim=aim)


def memory(bench: Bench, scratch: Path) -> Row:
    """Work a shift without an import in a process of its own, against a window with a line and a table."""
    folder = shutil.copytree(bench.made, scratch / "memory")
    try:
        ours = int(_run(_SHIFT, str(folder), str(len(bench.eans)), str(bench.times(150)))[0])
    finally:
        shutil.rmtree(folder)
    floor = int(_run(_WINDOW)[0])
    return _row("memory", "most memory in a shift", "memory MB", ours, floor, "floor: a bare window")


def _run(program: str, *arguments: str) -> list[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the program failed: {done.stderr}")
    return done.stdout.splitlines()


def _row(
    key: str,
    name: str,
    measured: Measured,
    ours: float,
    floor: float,
    note: str,
    *,
    gate: Limits = None,
    aim: Limits = _AIM,
) -> Row:
    figures = {"ratio": ours / floor, "mb": ours / _MB}
    return Row(
        key=key,
        name=name,
        measured=measured,
        n=1,
        ours=ours / _MB,
        floor=floor / _MB,
        ratio=figures["ratio"],
        gate=words(gate),
        held=within(gate, figures),
        aim=words(aim),
        reached=within(aim, figures),
        note=note,
    )
