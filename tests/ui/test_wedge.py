"""Scans are told from typing, whatever has the focus: nothing leaks, nothing is lost, nothing is pressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bookwish_desk.ui.wedge import Typed, Wedge
from bookwish_desk.ui.widgets import Button, Sheet

CODE = "9780156701600"
NONE = Qt.KeyboardModifier.NoModifier


class Counter(QWidget):
    """A window with one of each thing that a scan must not touch."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.line, self.text, self.spin = QLineEdit(), QPlainTextEdit(), QSpinBox()
        self.spin.setMaximum(2_000_000_000)
        self.combo = QComboBox()
        self.combo.addItems([str(n) for n in range(10)])
        self.button = Button("Pay")
        self.pressed = 0
        self.button.clicked.connect(self._press)
        for widget in (self.line, self.text, self.spin, self.combo, self.button):
            column.addWidget(widget)

    def _press(self) -> None:
        self.pressed += 1

    def contents(self) -> tuple[str, str, int, int, int]:
        return (
            self.line.text(),
            self.text.toPlainText(),
            self.spin.value(),
            self.combo.currentIndex(),
            self.pressed,
        )


UNTOUCHED = ("", "", 0, 0, 0)


@dataclass
class Bench:
    """The window, the filter, what was scanned, and a keyboard with a clock of its own."""

    window: Counter
    wedge: Wedge
    app: QApplication
    scans: list[str] = field(default_factory=list)
    now: int = 100_000

    def key(self, key: Qt.Key, text: str = "", modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press and release a key at the present time, on the way that a real key takes."""
        handle = (QApplication.activeModalWidget() or self.window).windowHandle()
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self.now)
            event.setAccepted(False)
            QCoreApplication.sendEvent(handle, event)

    def place(self, place: int, text: str, shift: bool = False) -> None:
        """Press the key at a place of the keyboard (Linux counts so), which types `text` here."""
        handle = self.window.windowHandle()
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            modifiers = Qt.KeyboardModifier.ShiftModifier if shift else NONE
            event = QKeyEvent(kind, Qt.Key(ord(text.upper()[0])), modifiers, place + 8, 0, 0, text)
            event.setTimestamp(self.now)
            event.setAccepted(False)
            QCoreApplication.sendEvent(handle, event)

    def type(self, text: str, gap: int, end: str = "") -> None:
        """Type `text` with `gap` ms between keys, by the keys' own time stamps."""
        for character in text + end:
            if character == "\n":
                self.key(Qt.Key.Key_Return, "\r")
            elif character == "\t":
                self.key(Qt.Key.Key_Tab, "\t")
            else:
                self.key(Qt.Key(ord(character.upper())), character)
            self.now += gap

    def pause(self, milliseconds: int = 1_000) -> None:
        self.now += milliseconds


@pytest.fixture
def bench(dressed: QApplication, qtbot: QtBot) -> Iterator[Bench]:
    window = Counter()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    made = Bench(window, Wedge(dressed), dressed)
    made.wedge.scanned.connect(made.scans.append)
    yield made
    made.wedge.close()


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize("focus", ["line", "text", "spin", "combo", "button"])
@pytest.mark.parametrize("gap", [0, 1, 2, 5, 10, 20, 40])
@pytest.mark.parametrize("end", ["\n", "\t"])
def test_a_scan_is_read_and_touches_nothing(bench: Bench, focus: str, gap: int, end: str) -> None:
    getattr(bench.window, focus).setFocus()
    bench.type(CODE, gap, end)
    assert bench.scans == [CODE]
    assert bench.window.contents() == UNTOUCHED
    assert getattr(bench.window, focus).hasFocus()


def test_two_hundred_scans_in_a_row_lose_nothing(bench: Bench) -> None:
    codes = [f"978{n:010d}" for n in range(200)]
    bench.window.line.setFocus()
    for n, code in enumerate(codes):
        bench.type(code, 1 + n % 4, "\n")
    assert bench.scans == codes
    assert bench.window.contents() == UNTOUCHED


@pytest.mark.parametrize("gap", [51, 90, 120, 400])
def test_typing_reaches_the_field_in_order(bench: Bench, qtbot: QtBot, gap: int) -> None:
    # All keys are handed over at once, as after a stall of the program: only their time stamps tell.
    entered: list[str] = []
    bench.window.line.returnPressed.connect(lambda: entered.append(bench.window.line.text()))
    bench.window.line.setFocus()
    bench.type("orlando woolf", gap)
    qtbot.waitUntil(lambda: bench.window.line.text() == "orlando woolf")
    bench.key(Qt.Key.Key_Return, "\r")
    assert entered == ["orlando woolf"]
    assert bench.scans == []


def test_a_short_quick_word_and_enter_are_typing(bench: Bench, qtbot: QtBot) -> None:
    entered: list[str] = []
    bench.window.line.returnPressed.connect(lambda: entered.append(bench.window.line.text()))
    bench.window.line.setFocus()
    bench.type("maya", 8, "\n")
    qtbot.waitUntil(lambda: entered == ["maya"])
    assert bench.scans == []


def test_quick_letters_without_an_end_are_typing(bench: Bench, qtbot: QtBot) -> None:
    bench.window.line.setFocus()
    bench.type("the overstory", 8)
    qtbot.waitUntil(lambda: bench.window.line.text() == "the overstory")
    assert bench.scans == []


@pytest.mark.parametrize("focus", ["spin", "line", "button"])
def test_a_scanner_without_suffix_never_types_a_quantity(bench: Bench, qtbot: QtBot, focus: str) -> None:
    getattr(bench.window, focus).setFocus()
    bench.type(CODE, 8)
    qtbot.waitUntil(lambda: bench.scans == [CODE])
    assert bench.window.contents() == UNTOUCHED


def test_a_pause_ends_a_scan_without_suffix(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type(CODE, 8)
    bench.pause(200)
    bench.type("9780393356687", 8, "\n")
    assert bench.scans == [CODE, "9780393356687"]
    assert bench.window.contents() == UNTOUCHED


def test_a_wireless_scanner_may_stumble(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type(CODE[:7], 8)
    bench.pause(70)
    bench.type(CODE[7:], 8, "\n")
    assert bench.scans == [CODE]
    assert bench.window.line.text() == ""


def test_space_and_release_press_a_button_once(bench: Bench, qtbot: QtBot) -> None:
    bench.window.button.setFocus()
    bench.key(Qt.Key.Key_Space, " ")
    qtbot.waitUntil(lambda: bench.window.pressed == 1)
    assert not bench.window.button.isDown()


def test_a_release_after_the_key_was_given_back_arrives(bench: Bench, qtbot: QtBot) -> None:
    bench.window.button.setFocus()
    handle = bench.window.windowHandle()
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, NONE, " ")
    press.setTimestamp(bench.now)
    QCoreApplication.sendEvent(handle, press)
    qtbot.waitUntil(bench.window.button.isDown)
    release = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, NONE, " ")
    release.setTimestamp(bench.now + 200)
    QCoreApplication.sendEvent(handle, release)
    assert bench.window.pressed == 1


def test_enter_presses_no_button(bench: Bench) -> None:
    bench.window.button.setFocus()
    bench.key(Qt.Key.Key_Return, "\r")
    bench.key(Qt.Key.Key_Enter, "\r", Qt.KeyboardModifier.KeypadModifier)
    assert bench.window.pressed == 0


def test_line_feed_after_carriage_return_is_swallowed(bench: Bench) -> None:
    entered: list[int] = []
    bench.window.line.returnPressed.connect(lambda: entered.append(1))
    bench.window.line.setFocus()
    bench.type(CODE, 5, "\n\n")
    assert bench.scans == [CODE]
    assert entered == []
    bench.pause(300)
    bench.key(Qt.Key.Key_Return, "\r")
    assert entered == [1]


@pytest.mark.parametrize("addon", ["51699", "12"])
@pytest.mark.parametrize("focus", ["line", "spin", "button"])
def test_an_add_on_soon_after_a_book_is_a_scan(bench: Bench, addon: str, focus: str) -> None:
    getattr(bench.window, focus).setFocus()
    bench.type(CODE, 5, "\n")
    bench.pause(400)
    bench.type(addon, 5, "\n")
    assert bench.scans == [CODE, addon]
    assert bench.window.contents() == UNTOUCHED


def test_an_add_on_later_or_typed_is_typing(bench: Bench, qtbot: QtBot) -> None:
    bench.window.line.setFocus()
    bench.type(CODE, 5, "\n")
    bench.pause(1_600)
    bench.type("12", 5, "\n")
    qtbot.waitUntil(lambda: bench.window.line.text() == "12")
    bench.window.line.clear()
    bench.type(CODE, 5, "\n")
    bench.pause(400)
    bench.type("12", 90)
    qtbot.waitUntil(lambda: bench.window.line.text() == "12")
    assert bench.scans == [CODE, CODE]


def test_an_add_on_follows_only_a_book_code(bench: Bench, qtbot: QtBot) -> None:
    bench.window.line.setFocus()
    bench.type("BADGE-77", 5, "\n")
    bench.pause(300)
    bench.type("12", 5, "\n")
    qtbot.waitUntil(lambda: bench.window.line.text() == "12")
    assert bench.scans == ["BADGE-77"]


@pytest.mark.parametrize(
    ("key", "text", "modifiers"),
    [
        (Qt.Key.Key_unknown, "\n", NONE),
        (Qt.Key.Key_J, "\n", Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Enter, "\r", Qt.KeyboardModifier.KeypadModifier),
    ],
)
def test_a_line_feed_ends_a_scan_too(
    bench: Bench, key: Qt.Key, text: str, modifiers: Qt.KeyboardModifier
) -> None:
    bench.window.line.setFocus()
    bench.type("BADGE-77", 5)
    bench.key(key, text, modifiers)
    assert bench.scans == ["BADGE-77"]
    assert bench.window.contents() == UNTOUCHED


def test_a_start_mark_makes_short_codes_scans(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.key(Qt.Key.Key_B, "\x02", Qt.KeyboardModifier.ControlModifier)
    bench.type("A1", 5, "\n")
    assert bench.scans == ["A1"]
    assert bench.window.contents() == UNTOUCHED


@pytest.mark.parametrize("gap", [2, 40, 60])
def test_a_start_mark_or_an_aim_identifier_may_be_slow(bench: Bench, gap: int) -> None:
    bench.window.line.setFocus()
    bench.key(Qt.Key.Key_B, "\x02", Qt.KeyboardModifier.ControlModifier)
    bench.now += gap
    bench.type(CODE, gap, "\n")
    bench.pause()
    bench.type("]E0" + CODE, gap, "\n")
    assert bench.scans == [CODE, "]E0" + CODE]
    assert bench.window.contents() == UNTOUCHED


def test_a_typed_bracket_is_given_back(bench: Bench, qtbot: QtBot) -> None:
    bench.window.line.setFocus()
    bench.type("]", 5)
    qtbot.waitUntil(lambda: bench.window.line.text() == "]")


def test_it_is_told_how_a_scan_came(bench: Bench) -> None:
    told: list[Typed] = []
    bench.wedge.typed.connect(told.append)
    bench.type(CODE, 7, "\n")
    bench.pause()
    bench.key(Qt.Key.Key_B, "\x02", Qt.KeyboardModifier.ControlModifier)
    bench.now += 60
    bench.type("A1", 60, "\t")
    assert told == [Typed(CODE, CODE, 7, True, False), Typed("A1", "A1", 60, True, True)]


AZERTY = dict(zip("1234567890-QWAZM", "&é\"'(-è_çà)AZQW?", strict=True))
QWERTZ = dict(zip("-ZY", "ßYZ", strict=True))
KEYS = {c: 2 + n for n, c in enumerate("1234567890-")} | {c: 16 + n for n, c in enumerate("QWERTYUIOP[]")}
KEYS |= {c: 30 + n for n, c in enumerate("ASDFGHJKL")} | {c: 44 + n for n, c in enumerate("ZXCVBNM")}


@pytest.mark.parametrize("layout", [AZERTY, QWERTZ | {"]": "+"}, {}])
@pytest.mark.parametrize("code", [CODE, "]E0" + CODE, "BW-1042", "S-ABYZ234567QM", CODE + "S"])
def test_a_scanner_set_to_another_keyboard_is_understood(
    bench: Bench, layout: dict[str, str], code: str
) -> None:
    bench.window.line.setFocus()
    told: list[Typed] = []
    bench.wedge.typed.connect(told.append)
    for character in code:
        bench.place(KEYS[character], layout.get(character, character), character.isalpha())
        bench.now += 4
    bench.key(Qt.Key.Key_Return, "\r")
    assert bench.scans == [code]
    assert told[0].letters == "".join(layout.get(c, c) for c in code)
    assert bench.window.contents() == UNTOUCHED


def test_a_scanner_set_to_this_keyboard_is_believed(bench: Bench) -> None:
    # A French scanner holds Shift to type digits on a French keyboard; in the USA that were other signs.
    places = dict(zip("1234567890", range(2, 12), strict=True))
    for character in CODE:
        bench.place(places[character], character, shift=True)
        bench.now += 4
    bench.key(Qt.Key.Key_Return, "\r")
    assert bench.scans == [CODE]


def test_a_scanner_set_to_another_keyboard_may_lack_an_end(bench: Bench, qtbot: QtBot) -> None:
    bench.window.spin.setFocus()
    for character in CODE:
        bench.place(KEYS[character], AZERTY[character])
        bench.now += 4
    qtbot.waitUntil(lambda: bench.scans == [CODE])
    assert bench.window.contents() == UNTOUCHED


def test_quick_typing_on_another_keyboard_is_given_back_as_typed(bench: Bench, qtbot: QtBot) -> None:
    bench.window.line.setFocus()
    for character in "125":
        bench.place(KEYS[character], AZERTY[character])
        bench.now += 4
    qtbot.waitUntil(lambda: bench.window.line.text() == "&é(")
    assert bench.scans == []


def test_keys_inside_a_barcode_do_nothing(bench: Bench) -> None:
    fired: list[str] = []
    for keys in ("F12", "Ctrl+D", "Del"):
        shortcut = QShortcut(QKeySequence(keys), bench.window)
        shortcut.activated.connect(lambda keys=keys: fired.append(keys))
    bench.window.line.setFocus()
    bench.type("978015", 5)
    bench.key(Qt.Key.Key_F12)
    bench.key(Qt.Key.Key_D, "\x04", Qt.KeyboardModifier.ControlModifier)
    bench.key(Qt.Key.Key_Delete, "\x7f")
    bench.key(Qt.Key.Key_Escape, "\x1b")
    bench.type("6701600", 5, "\n")
    assert bench.scans == [CODE]
    assert fired == []
    assert bench.window.contents() == UNTOUCHED


@pytest.mark.parametrize("early", ["12", "123"])
def test_a_tab_inside_a_barcode_does_not_move_the_focus(bench: Bench, early: str) -> None:
    bench.window.line.setFocus()
    bench.type(early, 5, "\t")
    bench.type("3456789", 5, "\n")
    assert bench.scans == [early + "3456789"]
    assert bench.window.line.hasFocus()
    assert bench.window.contents() == UNTOUCHED


def test_a_scan_is_cut_at_its_limit(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type("7" * 5_000, 1, "\n")
    assert bench.scans == ["7" * 160]
    assert bench.window.contents() == UNTOUCHED


def test_a_leaned_on_key_repeats_at_once(bench: Bench) -> None:
    bench.window.line.setFocus()
    for _ in range(9):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, NONE, "a", True)
        event.setTimestamp(bench.now)
        QCoreApplication.sendEvent(bench.window.windowHandle(), event)
        bench.now += 30
    assert bench.window.line.text() == "a" * 9


def test_a_doubled_digit_called_a_repeat_is_part_of_the_scan(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type("97801", 1)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, NONE, "1", True)
    event.setTimestamp(bench.now)
    QCoreApplication.sendEvent(bench.window.windowHandle(), event)
    bench.type("6701600", 1, "\n")
    assert bench.scans == ["9780116701600"]


def test_upper_case_keeps_its_shift(bench: Bench) -> None:
    bench.window.line.setFocus()
    for character in "BW-1042":
        bench.key(Qt.Key.Key_Shift, modifiers=Qt.KeyboardModifier.ShiftModifier)
        bench.key(Qt.Key(ord(character)), character, Qt.KeyboardModifier.ShiftModifier)
        bench.now += 3
    bench.key(Qt.Key.Key_Return, "\r")
    assert bench.scans == ["BW-1042"]


def test_held_text_goes_before_a_command_key(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type("abc", 20)
    bench.key(Qt.Key.Key_Backspace, "\b")
    assert bench.window.line.text() == "ab"


def test_a_scan_behind_a_sheet_reaches_the_owner(bench: Bench, qtbot: QtBot) -> None:
    sheet = Sheet(bench.window, "Quantity")
    edit = QLineEdit()
    sheet.body.addWidget(edit)
    sheet.add_button("Cancel")
    sheet.focus_on(edit)
    sheet.open()
    qtbot.waitUntil(sheet.isActiveWindow)
    bench.type(CODE, 5, "\n")
    assert bench.scans == [CODE]
    assert edit.text() == ""
    assert sheet.isVisible()
    bench.type("3", 5)
    qtbot.waitUntil(lambda: edit.text() == "3")
    sheet.reject()


def test_a_scan_into_an_open_drop_down_chooses_nothing(bench: Bench) -> None:
    bench.window.combo.setFocus()
    bench.window.combo.showPopup()
    bench.type(CODE, 5, "\n")
    bench.window.combo.hidePopup()
    assert bench.scans == [CODE]
    assert bench.window.combo.currentIndex() == 0


def test_keys_sent_to_a_widget_are_not_held(bench: Bench, qtbot: QtBot) -> None:
    # Assistive technology and tests talk to widgets, not to windows.
    qtbot.keyClicks(bench.window.line, "abc")
    assert bench.window.line.text() == "abc"


def test_closing_gives_back_what_is_held(bench: Bench) -> None:
    bench.window.line.setFocus()
    bench.type("ab", 5)
    bench.wedge.close()
    assert bench.window.line.text() == "ab"
    bench.type(CODE, 5, "\n")
    assert bench.scans == []


def test_other_events_pass(bench: Bench, qtbot: QtBot) -> None:
    qtbot.mouseClick(bench.window.button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert bench.window.pressed == 1
    assert not bench.wedge.eventFilter(QObject(), QEvent(QEvent.Type.User))
