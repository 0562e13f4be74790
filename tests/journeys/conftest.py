"""What journeys have: a demonstration shop of their own, and a person before it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.opening import begin_demo
from bookwish_desk.ui.theme import apply_theme
from tests.journeys.person import Person


@pytest.fixture(scope="session")
def demo_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demonstration shop once; each journey gets a copy of this folder."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    folder.mkdir(mode=0o700)
    begin_demo(folder).close()
    return folder


@pytest.fixture
def shop_folder(demo_shop: Path, tmp_path: Path) -> Path:
    """Give a fresh copy of the demonstration shop."""
    return Path(shutil.copytree(demo_shop, tmp_path / "shop"))


@pytest.fixture
def at_the_register(
    qtbot: QtBot, qapp: QApplication, shop_folder: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Person]:
    """Give a person before a register that shows its sign-in screen; no journey may meet a bug."""
    apply_theme(qapp, "light")
    person = Person(qtbot, qapp, shop_folder)
    person.switch_on()
    yield person
    person.switch_off()
    bugs = [r.getMessage() for when in ("setup", "call") for r in caplog.get_records(when)
            if r.levelno >= logging.ERROR]  # fmt: skip
    assert not bugs


@pytest.fixture
def clerk(at_the_register: Person) -> Person:
    """Give a clerk of the role staff, signed in by badge."""
    at_the_register.sign_in_by_badge()
    return at_the_register


@pytest.fixture
def selling(at_the_register: Person) -> Person:
    """Give the owner, signed in, with an open till."""
    at_the_register.sign_in()
    at_the_register.open_till()
    return at_the_register
