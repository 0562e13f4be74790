"""The way to an open desk, and what its window says: why there is none, and which register it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import configuring
from bookwish_desk.db import folder as place
from bookwish_desk.start import Start
from bookwish_desk.ui.heading import Header
from tests.support.shops import found_shop


@pytest.fixture
def start(qapp: QApplication, tmp_path: Path) -> Iterator[Start]:
    """Give the start of a desk on a folder with a founded shop, not begun yet."""
    store, owner = found_shop(tmp_path / "shop")
    configuring.rename_register(store, owner, "Front <b>counter</b>")
    store.close()
    start = Start(qapp, tmp_path / "shop", demo=False)
    yield start
    start.window.close()
    start.close()
    if start.desk is not None:
        start.desk.deleteLater()
    start.window.deleteLater()
    start.deleteLater()


@pytest.mark.capability("BW+12")
def test_a_second_desk_on_the_same_folder_says_so_in_its_window(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    with place.claim(tmp_path / "shop"):
        start.begin()
        qtbot.waitUntil(lambda: bool(start.failure))
        shown = [label.text() for label in start.window.findChildren(QLabel) if label.isVisible()]
    assert any("already open on this data folder" in text for text in shown), shown
    assert start.desk is None


def test_the_header_names_the_register_as_the_shop_does(qtbot: QtBot, start: Start) -> None:
    start.begin()
    qtbot.waitUntil(lambda: start.window.findChild(Header) is not None)
    header = start.window.findChild(Header)
    assert header is not None
    qtbot.waitUntil(lambda: header.register.text() == "Front <b>counter</b>")
