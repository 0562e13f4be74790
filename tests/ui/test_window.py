"""The window: screens by key, a cover that hides them, states and messages, and a bar when scans stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.heading import Header
from bookwish_desk.ui.widgets import (
    Button,
    Chip,
    Label,
    PayButton,
    Question,
    RowList,
    Sheet,
    StatusChip,
    Toast,
)
from bookwish_desk.ui.window import MainWindow
from tests.ui.gallery import SellLook, gallery_window, the

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    made = gallery_window()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_keys_change_the_screen(window: MainWindow, qtbot: QtBot) -> None:
    told: list[str] = []
    window.screen_changed.connect(told.append)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_3, CONTROL)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_3, CONTROL)
    window.show_screen("till")
    assert told == ["stock", "till"]
    assert window.current_screen() == "till"
    checked = [
        b.text() for b in window.findChildren(Button) if b.isChecked() and b.key_text().startswith("Ctrl+")
    ]
    assert checked == ["Till"]


def test_what_is_said_while_nobody_is_signed_in_is_read_afterwards(window: MainWindow) -> None:
    window.cover(QWidget())
    window.toast("The store cannot be reached.", "error")
    window.uncover()
    (toast,) = window.findChildren(Toast)
    middle = toast.mapTo(window, toast.rect().center())
    seen = window.childAt(middle)
    assert seen is not None and (seen is toast or toast.isAncestorOf(seen))


def test_an_unknown_screen_is_an_error(window: MainWindow) -> None:
    with pytest.raises(KeyError):
        window.show_screen("nonsense")


def test_a_screen_without_a_title_has_no_tab(window: MainWindow) -> None:
    tabs = len(window.findChildren(Button))
    window.add_screen("pay", "", None, QWidget())
    assert len(window.findChildren(Button)) == tabs
    window.show_screen("pay")
    assert window.current_screen() == "pay"


def test_a_cover_hides_and_stops_everything_behind(window: MainWindow, qtbot: QtBot) -> None:
    told: list[str] = []
    window.screen_changed.connect(told.append)
    paid: list[int] = []
    pay = the(PayButton, window)
    pay.clicked.connect(lambda: paid.append(1))
    sign_in = QWidget()
    column = QVBoxLayout(sign_in)
    pin = QLineEdit()
    column.addWidget(pin)
    window.cover(sign_in)
    pin.setFocus()
    assert window.covered()
    assert not pay.isVisible()
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_3, CONTROL)
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F12)
    for _ in range(4):
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert sign_in.isAncestorOf(focused)
    assert told == []
    assert paid == []
    window.uncover()
    assert not window.covered()
    assert pay.isVisible()
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F12)
    assert paid == [1]
    sign_in.deleteLater()


def test_lock_is_asked_by_key(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.lock_asked):
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_L, CONTROL)


def test_closing_is_told_once(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()


def test_states_are_replaced(window: MainWindow) -> None:
    chips = [Chip("printer", "error", "Printer out of paper"), Chip("net", "ok", "Online")]
    window.status(chips)
    assert window.chips() == tuple(chips)
    assert [c.chip() for c in window.findChildren(StatusChip) if c.isVisible()] == chips
    window.status([])
    assert window.chips() == ()


@pytest.mark.parametrize("size", [(1024, 768), (1280, 800), (1920, 1080)])
def test_the_header_is_not_crowded(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.status(
        [
            Chip("demo", "off", "Demonstration", "Demo"),
            Chip("printer", "warn", "12 receipts not printed", "12 waiting"),
            Chip("net", "warn", "Offline — 3 waiting to send", "Offline, 3"),
        ]
    )
    window.resize(*size)
    header = the(Header, window)
    qtbot.waitUntil(lambda: header.width() == size[0])
    boxes = []
    for widget in (
        *header.findChildren(Button),
        *header.findChildren(StatusChip),
        header.register,
        header.till,
    ):
        if widget.isVisible():
            boxes.append(QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()))
            if isinstance(widget, StatusChip):
                assert widget.width() >= widget.sizeHint().width(), widget.chip()
    assert all(window.rect().contains(box) for box in boxes)
    overlaps = [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if a.intersects(b)]
    assert overlaps == []
    assert header.till.width() >= header.till.fontMetrics().horizontalAdvance("Till open since 9:02")


def test_a_message_never_lies_over_pay_or_the_verbs(window: MainWindow, qtbot: QtBot) -> None:
    window.toast("Receipt 1042 could not be printed: the printer is out of paper.", "error", "Print again")
    toast = the(Toast, window)
    for size in ((1024, 768), (1280, 800)):
        window.resize(*size)
        qtbot.waitUntil(lambda: window.rect().contains(toast.geometry()))
        covered = [the(PayButton, window), *the(SellLook, window).findChildren(Button)]
        for button in covered:
            box = QRect(button.mapTo(window, QPoint(0, 0)), button.size())
            assert not box.intersects(toast.geometry()), button.text()


@pytest.mark.parametrize(
    ("room", "whole"),
    [((1280, 800), True), ((1366, 768), True), ((1920, 800), True), ((1920, 1040), False)],
)
def test_a_window_that_hardly_fits_the_screen_takes_all_of_it(
    dressed: QApplication, room: tuple[int, int], whole: bool
) -> None:
    window = MainWindow()
    window.fit(QSize(*room))
    assert window.isMaximized() is whole
    window.deleteLater()


def test_a_long_message_after_a_short_one_is_seen_whole(window: MainWindow) -> None:
    window.toast("Saved.")
    toast = the(Toast, window)
    window.toast("The printer at the counter was removed, and no printer is used for receipts now.", "warn")
    words = the(Label, toast)
    assert words.height() >= words.heightForWidth(words.width()) > words.fontMetrics().height() * 1.5


def test_an_error_stays_and_its_verb_acts(window: MainWindow, qtbot: QtBot) -> None:
    done: list[int] = []
    window.toast("The printer is out of paper.", "error", "Print again", lambda: done.append(1))
    toast = the(Toast, window)
    assert window.toast_text() == "The printer is out of paper."
    assert not toast._timer.isActive()
    next(b for b in toast.findChildren(Button) if b.text() == "Print again").click()
    assert done == [1]
    assert window.toast_text() == ""
    window.toast("Printed.")
    assert toast._timer.isActive()


def test_a_bar_tells_when_scans_do_not_arrive(window: MainWindow, dressed: QApplication) -> None:
    before = the(PayButton, window).mapTo(window, QPoint(0, 0))
    dressed.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    assert window.paused()
    assert the(PayButton, window).mapTo(window, QPoint(0, 0)) == before
    dressed.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert not window.paused()


def test_scanners_with_a_line_of_their_own_are_never_paused(
    window: MainWindow, dressed: QApplication
) -> None:
    window.set_scans_need_window(False)
    dressed.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    assert not window.paused()
    window.set_scans_need_window(True)
    assert window.paused()
    window.set_scans_need_window(False)
    assert not window.paused()
    dressed.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert not window.paused()


def test_the_keys_sheet_lists_what_works_here(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_F1)
    sheet = the(Sheet, window)
    qtbot.waitUntil(sheet.isActiveWindow)
    listed = {row.cells for row in the(RowList, sheet).rows()}
    assert ("Hold the sale", "F6") in listed
    assert ("Pay", "F12") in listed
    assert ("Lock the register", "Ctrl+L") in listed
    assert not any("Count" in verb for verb, _ in listed - {("Open, count or close the till", "Ctrl+4")})
    sheet.reject()


def test_closing_asks_first_while_something_would_be_lost(window: MainWindow, qtbot: QtBot) -> None:
    window.open_end = lambda: "Changes were not saved."
    window.close()
    assert window.isVisible()
    the(Question, window).reject()
    assert window.isVisible()
    window.close()
    anyway = [b for b in window.findChildren(Button) if b.text() == "Close anyway" and b.isVisible()]
    anyway[0].click()
    qtbot.waitUntil(lambda: not window.isVisible())
