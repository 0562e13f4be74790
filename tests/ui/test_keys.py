"""The table of keys holds its rules, and keys work where they should and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.keys import KEYS, Key, clashes, find_key, keys_under, label, work_key
from bookwish_desk.ui.widgets import Button, SearchLine


def combined(key: Key) -> QKeyCombination:
    """Return the first and only stroke of a key."""
    sequence: Any = QKeySequence(key.sequence)
    return sequence[0]


def test_no_two_keys_clash() -> None:
    assert clashes() == []


def test_a_clash_is_found() -> None:
    here = Key("a", "F6", "A", "sell")
    assert clashes((here, Key("b", "F6", "B", "sell"))) == [("a", "b")]
    assert clashes((here, Key("b", "F6", "B"))) == [("a", "b")]
    assert clashes((here, Key("a", "F7", "B", "sell"))) == [("a", "a")]
    assert clashes((here, Key("b", "F6", "B", "pay"))) == []


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_a_key_is_one_that_no_scanner_types(key: Key) -> None:
    sequence = QKeySequence(key.sequence)
    assert sequence.count() == 1
    pressed = combined(key)
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    named = pressed.key() >= Qt.Key.Key_Escape
    assert named or pressed.keyboardModifiers() & command, "a bare character"
    assert pressed.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Space)
    control = pressed.keyboardModifiers() == Qt.KeyboardModifier.ControlModifier
    # Control characters that scanners send: start mark, tab, line feed, carriage return.
    assert not (control and pressed.key() in (Qt.Key.Key_B, Qt.Key.Key_I, Qt.Key.Key_J, Qt.Key.Key_M))


@pytest.mark.parametrize("field", [QLineEdit, QPlainTextEdit])
def test_no_key_is_one_that_text_fields_use(
    dressed: QApplication, qtbot: QtBot, field: type[QWidget]
) -> None:
    edit = field()
    qtbot.addWidget(edit)
    for key in KEYS:
        pressed = combined(key)
        event = QKeyEvent(QEvent.Type.ShortcutOverride, pressed.key(), pressed.keyboardModifiers())
        event.setAccepted(False)
        QCoreApplication.sendEvent(edit, event)
        assert not event.isAccepted(), key.id


def test_verbs_are_sentences_in_sentence_case() -> None:
    for key in KEYS:
        assert key.verb[0].isupper()
        assert not key.verb.endswith(".")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        find_key("nonsense")


def test_labels_are_what_is_on_the_keyboard(dressed: QApplication) -> None:
    assert label("sell.hold") == "F6"
    assert label("screen.sell") == "Ctrl+1"


def test_keys_work_only_where_their_owner_can_be_seen(dressed: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    hold, search, other = Button("Hold", "sell.hold"), SearchLine("Find", "sell.search"), QLineEdit()
    done: list[str] = []
    hold.clicked.connect(lambda: done.append("hold"))
    work_key(window, "sell.more", lambda: done.append("more"))
    for widget in (other, hold, search):
        column.addWidget(widget)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus()
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F6)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F2)
    assert done == ["hold", "more"]
    assert search.hasFocus()
    hold.setEnabled(False)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F6)
    hold.setEnabled(True)
    hold.hide()
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F6)
    assert done == ["hold", "more"]
    assert [key.id for key in keys_under(window)] == ["sell.search", "sell.hold", "sell.more"]
