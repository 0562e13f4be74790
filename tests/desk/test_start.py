"""The way to an open desk where there is none: the window says why and opens nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from bookwish_desk.db import folder as place
from bookwish_desk.start import Start
from tests.support.shops import found_shop


@pytest.mark.capability("BW+12")
def test_a_second_desk_on_the_same_folder_says_so_in_its_window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    store, _owner = found_shop(tmp_path / "shop")
    store.close()
    with place.claim(tmp_path / "shop"):
        start = Start(qapp, tmp_path / "shop", demo=False)
        start.begin()
        qtbot.waitUntil(lambda: bool(start.failure))
        shown = [label.text() for label in start.window.findChildren(QLabel) if label.isVisible()]
        assert any("already open on this data folder" in text for text in shown), shown
        assert start.desk is None
        start.window.close()
        start.close()
        start.window.deleteLater()
        start.deleteLater()
