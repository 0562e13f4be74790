"""What a start imports: nothing heavy before the register can be used, by name and not by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions.pins import badge_hash
from bookwish_desk.settings import Settings
from bookwish_desk.shop.barcode import badge_code
from tests.support.equipment import EIGHT
from tests.support.shops import found_shop, printer, put_titles
from tests.support.starting import until_equipped, until_painted, until_scanned

ORLANDO, BADGE = 9780156701600, badge_code(bytes(8))

HEAVY = (
    *("sqlalchemy", "alembic", "keyring", "argon2", "anyascii", "stdnum", "babel", "lxml"),
    *("escpos", "PIL", "barcode", "reportlab", "easypost", "requests", "numpy", "pandas"),
    *("asyncio", "email", "ssl", "importlib.metadata", "sqlite3"),
    *("PySide6.QtTest", "PySide6.QtNetwork", "PySide6.QtPrintSupport", "PySide6.QtSql"),
    *(f"bookwish_desk.ui.{name}" for name in ("pay", "sales", "stock", "till", "settings", "importing")),
)
"""Modules that belong to a device, a page, a set-up, a search or another screen: none is needed to scan."""

NOT_TO_PAINT = (*HEAVY, "sqlcipher3", "msgspec", "bookwish_desk.db.store", "bookwish_desk.ui.sell")
"""What the first window is painted without."""

FOREIGN = ("QtWidgets.QWizard", "QtWidgets.QMdiArea", "QtCore.QProcess", "QtCore.QSharedMemory")
"""Classes of Qt that nothing here uses.

PySide brings a class to Python when it is first named. Hand it an object that Qt made itself, as a filter
on the whole application does with each of them, and it looks through every class there is for what that is.
"""

SAY = (
    "print(*sys.modules, *(f'{m}.{n}' for m in ('QtCore', 'QtWidgets') "
    "for n in vars(sys.modules['PySide6.' + m])), flush=True); import os; os._exit(0)"
)
NOTHING_LATER = "sys.modules['bookwish_desk.desk'].READY_MS = 600_000"
"""On a machine that stutters, what is imported for later could come before the scan is answered."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a shop with a printer, whose owner has a badge, and a book in its catalogue."""
    devices = (printer("tcp:127.0.0.1:9"),)
    store, _owner = found_shop(tmp_path / "shop", Settings(shop_name="Test Books", devices=devices))
    put_titles(store, [(ORLANDO, "Orlando", "Virginia Woolf", 1_699)])
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE staff SET badge_hash = ?", (badge_hash(BADGE),))
    store.close()
    return tmp_path / "shop"


def there(program: str, *arguments: str) -> set[str]:
    """Return the modules, and the classes of Qt, that a program holds when it is ready."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_first_window_is_painted_with_nothing_but_qt(shop: Path) -> None:
    held = there(until_painted(SAY), str(shop))
    assert "PySide6.QtWidgets" in held
    assert [name for name in NOT_TO_PAINT if name in held] == []


def test_the_first_scan_is_answered_with_nothing_heavy(shop: Path) -> None:
    # Typed before the books were even begun to be opened: not a key of it is lost.
    held = there(until_scanned(SAY, NOTHING_LATER), str(shop), BADGE, str(ORLANDO))
    for needed in ("sqlcipher3", "bookwish_desk.ui.sell.screen", "QtWidgets.QListView"):
        assert needed in held
    assert [name for name in (*HEAVY, *FOREIGN) if name in held] == []


def test_nobody_waits_for_what_the_devices_need(tmp_path: Path) -> None:
    devices = (
        *(replace(d, id=f"device-{n}", address=d.address.replace("192.168.1.50", "127.0.0.1:9"))
          for n, d in enumerate(EIGHT)),
        *(replace(d, id=f"simulated-{d.role}", address="sim:", uses=()) for d in EIGHT),
    )  # fmt: skip
    store, _owner = found_shop(tmp_path, Settings(shop_name="Test Books", devices=devices))
    store.close()
    say = "print('equipped', *watch.imported, flush=True); import os; os._exit(0)"
    assert there(until_equipped(say), str(tmp_path)) == {"equipped"}
