"""Sheets open in front, fit their words, give the focus back, and Enter presses nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.widgets import Button, Field, SearchLine, Sheet, ask
from bookwish_desk.ui.widgets.sheet import _Scrim
from tests.ui.gallery import the


@pytest.fixture
def desk(dressed: QApplication, qtbot: QtBot) -> Iterator[QWidget]:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(SearchLine("Find", "sell.search"))
    hold = Button("Hold", "sell.hold")
    column.addWidget(hold)
    window.resize(1024, 768)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def opened(sheet: Sheet, qtbot: QtBot) -> Sheet:
    sheet.open()
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet


def test_esc_rejects_and_the_focus_goes_back(desk: QWidget, qtbot: QtBot) -> None:
    search = the(SearchLine, desk)
    search.setFocus()
    sheet = Sheet(desk, "Change the price")
    field = Field("Price")
    sheet.body.addWidget(field)
    sheet.focus_on(field.edit)
    opened(sheet, qtbot)
    assert field.edit.hasFocus()
    assert desk.findChild(_Scrim) is not None
    with qtbot.waitSignal(sheet.rejected):
        qtbot.keyClick(sheet.windowHandle(), Qt.Key.Key_Escape)
    qtbot.waitUntil(search.hasFocus)
    qtbot.waitUntil(lambda: desk.findChild(_Scrim) is None)


def test_enter_in_a_field_presses_no_verb(desk: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(desk, "Refund")
    field = Field("Reason")
    sheet.body.addWidget(field)
    pressed: list[int] = []
    sheet.add_button("Cancel", then=lambda: pressed.append(0))
    sheet.add_button("Refund", "primary", lambda: pressed.append(1))
    sheet.focus_on(field.edit)
    opened(sheet, qtbot)
    with qtbot.waitSignal(field.entered):
        qtbot.keyClick(sheet.windowHandle(), Qt.Key.Key_Return)
    assert pressed == []
    assert sheet.isVisible()
    sheet.reject()


def test_a_busy_sheet_takes_no_second_press(desk: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(desk, "Refund")
    pressed: list[int] = []

    def refund() -> None:
        pressed.append(1)
        sheet.set_busy(True)

    button = sheet.add_button("Refund", "primary", refund)
    opened(sheet, qtbot)
    button.click()
    button.click()
    assert pressed == [1]
    sheet.set_busy(False)
    assert button.isEnabled()
    sheet.reject()


def test_keys_of_the_screen_behind_do_not_work(desk: QWidget, qtbot: QtBot) -> None:
    held: list[int] = []
    the(Button, desk).clicked.connect(lambda: held.append(1))
    sheet = opened(Sheet(desk, "Change the price"), qtbot)
    qtbot.keyClick(sheet.windowHandle(), Qt.Key.Key_F6)
    assert held == []
    sheet.reject()
    qtbot.waitUntil(desk.isActiveWindow)
    qtbot.keyClick(desk.windowHandle(), Qt.Key.Key_F6)
    assert held == [1]


def test_a_sheet_grows_with_its_words_and_stays_in_the_middle(desk: QWidget, qtbot: QtBot) -> None:
    sheet = Sheet(desk, "Change the price", 480)
    field = Field("Price")
    sheet.body.addWidget(field)
    sheet.add_button("Cancel")
    opened(sheet, qtbot)
    before = sheet.height()
    assert sheet.width() == 480
    field.set_error("Write an amount such as 12.50, not a word, and not more than the book has cost. " * 3)
    qtbot.waitUntil(lambda: sheet.height() > before + 30)
    sheet.show_notice("A manager must allow this.", "warn")
    taller = sheet.height()
    qtbot.waitUntil(lambda: sheet.height() > taller)
    middle = desk.mapToGlobal(desk.rect().center())
    assert (sheet.frameGeometry().center() - middle).manhattanLength() <= 2
    assert sheet.height() <= desk.height()
    sheet.reject()


@pytest.mark.parametrize(("press", "answer"), [("Void sale", "void"), ("Keep it", ""), (None, "")])
def test_a_question_answers_with_the_verb(
    desk: QWidget, qtbot: QtBot, press: str | None, answer: str
) -> None:
    answers: list[str] = []
    question = ask(
        desk,
        "Void <b>this</b> sale?",
        "Its 3 lines go.",
        [("", "Keep it", "plain"), ("void", "Void sale", "danger")],
        then=answers.append,
    )
    qtbot.waitUntil(question.isActiveWindow)
    if press is None:
        qtbot.keyClick(question.windowHandle(), Qt.Key.Key_Escape)
    else:
        next(b for b in question.findChildren(Button) if b.text() == press).click()
    assert answers == [answer]


def test_behind_a_sheet_in_front_of_another_one_that_one_goes_on(desk: QWidget, qtbot: QtBot) -> None:
    first = opened(Sheet(desk, "Cancel the order"), qtbot)
    second = opened(Sheet(desk, "A manager must approve"), qtbot)
    with qtbot.waitSignal(second.finished):
        second.reject()
    qtbot.waitUntil(first.isActiveWindow)
    with qtbot.waitSignal(first.finished):
        first.reject()
    qtbot.waitUntil(desk.isActiveWindow)
