"""What a start imports: nothing heavy before the register can be used, by name and not by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bookwish_desk.settings import PrinterSetting, Settings
from tests.support.shops import found_shop

HEAVY = (
    *("sqlalchemy.orm", "alembic", "keyring", "argon2", "anyascii", "stdnum"),
    *("escpos", "PIL", "barcode", "reportlab", "easypost", "requests", "numpy", "pandas"),
    *("PySide6.QtTest", "PySide6.QtNetwork", "PySide6.QtPrintSupport", "PySide6.QtSql"),
)
"""Modules that belong to a device, a page, a set-up or a script: each is imported when it is first used."""

NEEDED = ("sqlalchemy", "sqlcipher3", "PySide6.QtWidgets", "bookwish_desk.ui.sell.screen")

START = """
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
    if start.desk is not None or start.failure:
        start.window.repaint()
        app.quit()

timer = QTimer()
timer.timeout.connect(look)
timer.start(1)
app.exec()
assert not start.failure, start.failure
print(*sorted(sys.modules), sep="\\n")
start.close()
"""


@pytest.fixture
def at_the_register(tmp_path: Path) -> set[str]:
    """Give the modules that a fresh process holds when the sign-in over the open register was painted."""
    printer = PrinterSetting(kind="network", address="127.0.0.1:9")
    store, _owner = found_shop(tmp_path / "shop", Settings(shop_name="Test Books", printer=printer))
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path / "shop")],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_nothing_heavy_is_imported_before_the_register_can_be_used(at_the_register: set[str]) -> None:
    assert [name for name in NEEDED if name not in at_the_register] == []
    assert [name for name in HEAVY if name in at_the_register] == []
