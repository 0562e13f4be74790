"""All widgets at once: named for everyone, reached by keys, plain text only, and pictures to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import SIZES, THEMES
from bookwish_desk.ui.window import MainWindow
from tests.ui.gallery import gallery_sheet, gallery_window

CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QListView)
SCREENS = ("sell", "settings")


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    made = gallery_window()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def controls(root: QWidget) -> list[QWidget]:
    found = [widget for kind in CONTROLS for widget in root.findChildren(kind)]
    # The drop-down of a combo box is Qt's own list, named by its combo box.
    return [w for w in found if w.isVisible() and not w.inherits("QComboBoxListView")]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_control_has_a_name(window: MainWindow, screen: str) -> None:
    window.show_screen(screen)
    seen = controls(window)
    assert len(seen) > 20
    for widget in seen:
        name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        assert name.strip(), widget


@pytest.mark.parametrize("screen", SCREENS)
def test_every_control_is_a_generous_target(window: MainWindow, screen: str) -> None:
    window.show_screen(screen)
    for widget in controls(window):
        assert widget.height() >= SIZES.target, widget
        assert widget.width() >= SIZES.target, widget


@pytest.mark.parametrize("screen", SCREENS)
def test_tab_reaches_every_control(window: MainWindow, qtbot: QtBot, screen: str) -> None:
    window.show_screen(screen)
    wanted = {w for w in controls(window) if w.isEnabled() and w.focusPolicy() != Qt.FocusPolicy.NoFocus}
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted)):
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        if (focused := QApplication.focusWidget()) is not None:
            reached.add(focused)
    assert {w.accessibleName() for w in wanted - reached} == set()


def test_the_keypad_alone_stays_out_of_the_tab_order(window: MainWindow) -> None:
    window.show_screen("settings")
    skipped = [w for w in controls(window) if w.focusPolicy() == Qt.FocusPolicy.NoFocus]
    names = {w.accessibleName() for w in skipped}
    assert names == {*"0123456789", "00", "Erase the last digit"}


def test_every_label_is_plain_text(window: MainWindow, qtbot: QtBot) -> None:
    sheet = gallery_sheet(window)
    qtbot.waitUntil(sheet.isActiveWindow)
    labels = window.findChildren(QLabel)
    assert len(labels) > 20
    for label in labels:
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()
    for widget in window.findChildren(QWidget):
        assert not widget.toolTip(), widget
    sheet.reject()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    window: MainWindow, dressed: QApplication, qtbot: QtBot, pictures: Path, theme: str, size: tuple[int, int]
) -> None:
    apply_theme(dressed, theme)
    window.resize(*size)
    for screen in SCREENS:
        window.show_screen(screen)
        picture = window.grab()
        assert picture.size().toTuple() == size
        assert picture.toImage().pixelColor(4, size[1] - 4).name() == THEMES[theme].paper
        assert picture.save(str(pictures / f"widgets-{screen}-{theme}-{size[0]}.png"))
    sheet = gallery_sheet(window)
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.grab().save(str(pictures / f"widgets-sheet-{theme}-{size[0]}.png"))
    sheet.reject()
