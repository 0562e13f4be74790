"""What every test has: a home of its own, no real screen, and no window left behind.

Fixtures of one floor live in that floor's own conftest, not here.
"""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

_HOMES = Path(tempfile.mkdtemp(prefix="bookwish-tests-"))
_PROVEN = pytest.StashKey[dict[str, list[str]]]()

# The same examples at every run; a search for new ones is asked for with --hypothesis-profile=explore.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, max_examples=5_000)
settings.load_profile("suite")


def _point_home_at(home: Path) -> dict[str, str]:
    """Return the environment under which programs take `home` for the user's own folders."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home / "runtime"),
    }


def pytest_configure(config: pytest.Config) -> None:
    # Qt reads these once, when the application object is made, so they stand before any test.
    os.environ.update(_point_home_at(_HOMES / "session"))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["TZ"] = "UTC"
    # No test may reach the user's keyring or session bus; one that needs a keyring brings its own.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    (_HOMES / "session" / "runtime").mkdir(parents=True, mode=0o700)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(_HOMES, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test empty user folders that no other test has seen."""
    home = Path(tempfile.mkdtemp(dir=_HOMES))
    (home / "runtime").mkdir(mode=0o700)
    for name, value in _point_home_at(home).items():
        monkeypatch.setenv(name, value)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_umask() -> Iterator[None]:
    """Give the test the usual umask: the command line narrows it for its whole process."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def no_window_left(own_home: Path) -> Iterator[None]:
    """Fail a test that leaves a window, shown or hidden, behind; `qtbot.addWidget` closes one."""
    before = set(_windows())
    yield
    left = _windows_left(before)
    names = [f"{type(x).__name__} {x.objectName()!r} {x.windowTitle()!r}" for x in left]
    for window in left:
        window.close()
        window.deleteLater()
    if names:
        _windows_left(before)
        pytest.fail("windows left behind: " + ", ".join(names), pytrace=False)


def _windows() -> list[Any]:
    """Return the windows that are open, or that are hidden and belong to nobody."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    found = widgets.QApplication.topLevelWidgets()
    return [x for x in found if x.isVisible() or (x.parent() is None and not x.inherits("QTipLabel"))]


def _windows_left(before: set[Any]) -> list[Any]:
    """Return the windows that are new since `before`, after those on their way out have gone."""
    if not set(_windows()) - before:
        return []
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if not set(_windows()) - before:
        return []
    gc.collect()
    return [x for x in _windows() if x not in before]


# ---- which capability is proven where ----


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--capabilities",
        action="store_true",
        help="list each capability id with the tests that prove it, and run nothing",
    )
    parser.addoption("--kills", type=int, default=100, help="how often the selling register is killed")
    parser.addoption("--cuts", type=int, default=100, help="how often its power is cut (needs root)")
    parser.addoption(
        "--every-byte", action="store_true", help="cut a printer off after every byte of a receipt"
    )
    parser.addoption(
        "--simulations", type=int, default=300, help="how many fixed seeds of syncing are simulated"
    )
    parser.addoption("--simulation-seed", type=int, help="simulate this one seed, and say all that happens")
    parser.addoption(
        "--store-sales", type=int, default=0, help="sales made while desk and online store are killed"
    )
    parser.addoption("--pictures", metavar="DIR", help="keep the pictures that tests take of screens here")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if config.getoption("--capabilities"):
        config.option.numprocesses = 0  # one process, which sees all the tests


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--capabilities"):
        return
    proven: dict[str, list[str]] = {}
    for item in items:
        for marker in item.iter_markers("capability"):
            for capability in marker.args:
                tests = proven.setdefault(capability, [])
                test = item.nodeid.partition("[")[0]
                if test not in tests:
                    tests.append(test)
    config.stash[_PROVEN] = proven
    items.clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _PROVEN in session.config.stash:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for capability, tests in sorted(config.stash.get(_PROVEN, {}).items()):
        terminalreporter.write_line(capability)
        for test in sorted(tests):
            terminalreporter.write_line(f"  {test}")
