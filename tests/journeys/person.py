"""A person at the register: reads what is on the screen, presses, types and scans. Knows no presenter.

Everything waits for what it needs to see. Keys carry time stamps of their own, so that typing is told
from scanning as at a real keyboard, without any pause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtTest import QTest
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
from pytestqt.exceptions import TimeoutError as Unseen
from pytestqt.qtbot import QtBot

from bookwish_desk.demo.shop import BADGE, DEMO_PINS
from bookwish_desk.desk import Desk
from bookwish_desk.start import Start
from tests.hardware.decoder import Printed, decode

PATIENCE_MS = 60_000
"""Long before a slow computer is one that never shows it."""
TYPING_MS, SCANNING_MS = 200, 2
NONE = Qt.KeyboardModifier.NoModifier
W = TypeVar("W", bound=QWidget)
_SEQUENCES = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
}


def words_of(widget: QWidget) -> str:
    """Return what one widget itself says: its text, its rows, or its name where it paints its words."""
    if isinstance(widget, QLabel):
        return widget.accessibleName() or widget.text()
    if isinstance(widget, QLineEdit):
        return f"{widget.accessibleName()}: {widget.displayText()}"
    if isinstance(widget, QPlainTextEdit):
        return f"{widget.accessibleName()}: {widget.toPlainText()}"
    if isinstance(widget, QComboBox):
        return f"{widget.accessibleName()}: {widget.currentText()}"
    if isinstance(widget, QListView):
        model = widget.model()
        return "\n".join(str(model.index(n, 0).data()) for n in range(model.rowCount()))
    return widget.accessibleName()


class Person:
    """One person before one register, which can be switched off and on again over the same folder."""

    def __init__(self, qtbot: QtBot, app: QApplication, folder: Path) -> None:
        self._bot, self._app, self.folder = qtbot, app, folder
        self._now = 1_000_000_000
        self._start: Start | None = None

    # ---- the machine ----

    def switch_on(self, size: tuple[int, int] = (1280, 800)) -> None:
        """Start the demonstration desk on the folder and wait for the sign-in screen."""
        self._start = Start(self._app, self.folder, demo=True)
        self._start.window.resize(*size)
        self._start.begin()
        start = self._start
        self.wait(lambda: start.desk is not None or bool(start.failure))
        assert not start.failure, start.failure
        start.window.activateWindow()
        self.wait(start.window.isActiveWindow)
        self.see("Who is at the register?", DEMO_PINS[0][0])

    def first_start(self) -> None:
        """Start the desk on an empty folder of a real shop: the guided first start."""
        self._start = Start(self._app, self.folder, demo=False)
        self._start.begin()
        self._start.window.activateWindow()
        self.wait(self._start.window.isActiveWindow)

    def switch_off(self) -> None:
        """Close the window and put the desk away; the folder stays."""
        start, self._start = self._start, None
        if start is not None:
            for sheet in self._app.topLevelWidgets():
                if sheet.isModal():
                    sheet.close()
            start.window.close()
            start.close()
            if start.desk is not None:
                start.desk.deleteLater()
            start.window.deleteLater()
            start.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    @property
    def window(self) -> QWidget:
        assert self._start is not None, "the register is off"
        return self._start.window

    @property
    def desk(self) -> Desk:
        """What stands behind the screens: for making trouble and looking into the books, never to act."""
        assert self._start is not None and self._start.desk is not None, "the register is off"
        return self._start.desk

    def wait(self, until: Callable[[], bool]) -> None:
        self._bot.waitUntil(until, timeout=PATIENCE_MS)

    # ---- looking ----

    @property
    def front(self) -> QWidget:
        """What is in front: a sheet, else the window."""
        return self._app.activeModalWidget() or self.window

    def texts(self) -> list[str]:
        """Return everything that can be read now, in front and behind, line by line."""
        roots = [self.window]
        if self.front is not self.window:
            roots.insert(0, self.front)
        return [text for root in roots for w in shown(root) for text in words_of(w).splitlines() if text]

    def sees(self, *wanted: str) -> bool:
        here = "\n".join(self.texts())
        return all(text in here for text in wanted)

    def see(self, *wanted: str) -> None:
        """Wait until all these words are on the screen."""
        try:
            self.wait(lambda: self.sees(*wanted))
        except Unseen:
            missing = [text for text in wanted if not self.sees(text)]
            raise AssertionError(self._not_seen(missing)) from None

    def miss(self, *gone: str) -> None:
        """Wait until none of these words is on the screen."""
        try:
            self.wait(lambda: not any(self.sees(text) for text in gone))
        except Unseen:
            still = [text for text in gone if self.sees(text)]
            raise AssertionError(f"still on the screen: {still}") from None

    def sheet(self) -> None:
        """Wait until a sheet is in front of the window."""
        self.wait(lambda: self.front is not self.window)

    def no_sheet(self) -> None:
        """Wait until no sheet is in front of the window any more."""
        try:
            self.wait(lambda: self.front is self.window)
        except Unseen:
            raise AssertionError(self._not_seen(["the window without a sheet"])) from None

    def _not_seen(self, missing: list[str]) -> str:
        return f"not on the screen: {missing}; there was:\n  " + "\n  ".join(self.texts())

    def find(self, pattern: str) -> str:
        """Return what the group of `pattern` matches in the first line that fits, once there is one."""

        def look() -> re.Match[str] | None:
            return next((m for text in self.texts() if (m := re.search(pattern, text))), None)

        try:
            self.wait(lambda: look() is not None)
        except Unseen:
            raise AssertionError(self._not_seen([pattern])) from None
        found = look()
        assert found is not None
        return found.group(1)

    def rows(self, name: str) -> list[str]:
        """Return the rows of a list, as they are read out."""
        return words_of(self._named(QListView, name)).splitlines()

    # ---- pressing and choosing ----

    def press(self, name: str) -> None:
        """Press the button of this name, wherever it is in front, once it is there and can be pressed."""
        self._click(self._named(QAbstractButton, name, ready=True))

    def can_press(self, name: str) -> bool:
        """Say whether a button of this name is in front and can be pressed now."""
        return any(b.isEnabled() for b in self._all(QAbstractButton, name))

    def choose(self, name: str, option: str) -> None:
        """Choose by the arrow keys in the drop-down of this name."""
        options = self._named(QComboBox, name, ready=True).count()
        tried = []
        for step in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            for _ in range(options):
                # What was chosen may have put a new drop-down in the place of the last.
                combo = self._named(QComboBox, name, ready=True)
                if combo.currentText() == option:
                    return
                tried.append(combo.currentText())
                combo.setFocus(Qt.FocusReason.TabFocusReason)
                self._key(step)
        raise AssertionError(f"no {option!r} in {name!r}; there were {tried}")

    def choose_row(self, name: str, words: str) -> None:
        """Click the row that holds these words in the list of this name."""
        self.see(words)
        rows = self._named(QListView, name)
        place = next(n for n, row in enumerate(self.rows(name)) if words in row)
        area = rows.visualRect(rows.model().index(place, 0))
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, NONE, area.center())

    def _named(self, kind: type[W], name: str, *, ready: bool = False) -> W:
        found: list[W] = []

        def look() -> bool:
            found[:] = [w for w in self._all(kind, name) if w.isEnabled() or not ready]
            return bool(found)

        try:
            self.wait(look)
        except Unseen:
            here = [w.accessibleName() + ("" if w.isEnabled() else " (off)") for w in self._all(kind, "")]
            raise AssertionError(f"no {kind.__name__} {name!r} in front; there are {here}") from None
        return found[0]

    def _all(self, kind: type[W], name: str) -> list[W]:
        """Return what is in front of a kind whose name is, or begins with, `name`: the exact ones first."""
        there = [w for w in shown(self.front) if isinstance(w, kind) and w.accessibleName().startswith(name)]
        return sorted(there, key=lambda w: w.accessibleName() != name)

    def _click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, NONE, QPoint(widget.width() // 2, 12))

    # ---- keys ----

    def key(self, sequence: str) -> None:
        """Press a command key such as F12, Ctrl+1 or Escape, as the window system hands it over."""
        *held, name = sequence.split("+")
        modifiers = NONE
        for modifier in held:
            modifiers |= _SEQUENCES[modifier]
        self._settle()
        QTest.keyClick(self._handle(), getattr(Qt.Key, f"Key_{name}"), modifiers)

    def type(self, text: str, into: str = "") -> None:
        """Type as a person does, into the field of this name or where the focus is; a line feed is Enter."""
        if into:
            field = next(iter(self._fields(into)), None)
            assert field is not None, self._not_seen([f"field {into}"])
            field.setFocus(Qt.FocusReason.MouseFocusReason)
            field.selectAll()
        for character in text:
            self._character(character, TYPING_MS)
        self._settle()

    def _fields(self, name: str) -> list[QLineEdit | QPlainTextEdit]:
        self._named(QWidget, name)
        return [*self._all(QLineEdit, name), *self._all(QPlainTextEdit, name)]

    def scan(self, code: str, end: str = "\n") -> None:
        """Scan: a burst of keys into whatever has the focus."""
        self._now += 5_000
        for character in code + end:
            self._character(character, SCANNING_MS)
        self._now += 5_000
        if not end:
            self._settle()

    def _character(self, character: str, gap: int) -> None:
        if character == "\n":
            self._key(Qt.Key.Key_Return, "\r", gap)
        elif character == "\t":
            self._key(Qt.Key.Key_Tab, "\t", gap)
        else:
            self._key(Qt.Key(ord(character.upper())), character, gap)

    def _key(self, key: Qt.Key, text: str = "", gap: int = TYPING_MS) -> None:
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, NONE, text)
            event.setTimestamp(self._now)
            event.setAccepted(False)
            QCoreApplication.sendEvent(self._handle(), event)
        self._now += gap

    def _handle(self) -> QWindow:
        # Another sheet may come to the front meanwhile.
        self.wait(self._front_is_active)
        return self.front.windowHandle()

    def _front_is_active(self) -> bool:
        return self.front.isActiveWindow()

    def _settle(self) -> None:
        """Wait until the last key reached its field: it is held for a moment, as it may begin a scan."""
        if self._start is not None and self._start.desk is not None:
            wedge = self.desk.wedge
            self.wait(lambda: not wedge._held)

    # ---- things that people do every day ----

    def sign_in(self, name: str = "Maya R.") -> None:
        """Sign in with the PIN that the demonstration shows."""
        pin = dict(DEMO_PINS)[name]
        self.press(name)
        self.type(pin + "\n")
        self.miss("Who is at the register?")

    def sign_out(self) -> None:
        """Lock the register."""
        self.key("Ctrl+L")
        self.see("Who is at the register?")

    def sign_in_by_badge(self) -> None:
        """Sign in as the clerk whose badge lies at the counter."""
        self.scan(BADGE[1])
        self.miss("Who is at the register?")

    def open_till(self, cash: str = "150.00") -> None:
        """Open the till with one amount counted, and go back to selling."""
        self.key("Ctrl+4")
        self.press("Open the till")
        self.see("Count the opening float")
        self.type(cash, "Other cash, or the whole as one amount")
        self.press("Open the till")
        self.see("Till open since", "Drawer movements")
        self.key("Ctrl+1")
        self.see("Scan ISBN, or type title, author, SKU")

    def look_up(self, words: str, title: str) -> None:
        """Look on the stock screen, and wait until what is known of a title lies beside the list."""
        self.key("Ctrl+3")
        self.type(words, "Scan a book, or type title, author, SKU")
        self.find(f"^({re.escape(title)})$")

    def total(self) -> str:
        """Return the total of the sale as it stands beside the cart."""
        return self.find(r"^Total (\S+)$")

    def sell(self, *codes: str) -> None:
        """Scan these and wait until all are in the cart."""
        before = self.copies()
        for code in codes:
            self.scan(code)
        self.wait(lambda: self.copies() == before + len(codes))

    def copies(self) -> int:
        """Return how many copies the cart shows."""
        found = (re.search(r"Qty (-?\d+)", row) for row in self.rows("Sale lines"))
        return sum(int(m.group(1)) for m in found if m)

    def pay_cash(self, cash: str = "") -> str:
        """Pay in cash, all of it or an amount handed over, and return the receipt's number."""
        self.key("F12")
        self.see("To pay")
        if cash:
            self.type(cash, "Amount handed over")
        self.key("F5")
        return self.receipt()

    def pay_card(self, last4: str = "4242", code: str = "00912") -> str:
        """Pay all of it by card, with what the terminal printed, and return the receipt's number."""
        self.key("F12")
        self.see("To pay")
        self.key("F6")
        self.see("Charge the card")
        self.type(last4, "Last four digits")
        self.type(code, "Approval code")
        self.key("F12")
        return self.receipt()

    def receipt(self) -> str:
        """Wait until the receipt of the completed sale was printed, and return its number."""
        return self.find(r"^Receipt (\S+) was printed")

    # ---- the devices ----

    def flip(self, trouble: str) -> None:
        """Flip a switch of the simulated device that is looked at: Paper out, Cover open, Offline."""
        switch = next(w for w in shown(self._simulated()) if w.accessibleName() == trouble)
        self._click(switch)
        self.window.activateWindow()

    def look_at(self, device: str) -> None:
        """Choose a simulated device from the list of them."""
        shelf = next(w for w in shown(self._simulated()) if isinstance(w, QComboBox))
        QTest.keyClick(shelf, Qt.Key.Key_Home)
        for _ in range(shelf.count()):
            if shelf.currentText() != device:
                QTest.keyClick(shelf, Qt.Key.Key_Down)
        self.window.activateWindow()

    def _simulated(self) -> QWidget:
        """Return the window of the simulated devices, opened where it was not."""

        def made() -> QWidget | None:
            titled = (w for w in self._app.topLevelWidgets() if w.windowTitle() == "Simulated devices")
            return next(titled, None)

        devices = made()
        if devices is None or not devices.isVisible():
            # It is made when it is first asked for, or when the desk has settled: whichever is first.
            self.key("Ctrl+Shift+P")
        devices = made()
        assert devices is not None
        return devices

    def jobs(self, device: str = "receipt-printer") -> list[bytes]:
        """Return the bytes of each job that reached a simulated device."""
        return [p.read_bytes() for p in sorted((self.folder / "devices" / device).glob("*.bin"))]

    def slips(self) -> list[Printed]:
        """Return what each job put on the receipt printer's paper, in order."""
        return [decode(job) for job in self.jobs()]

    def kicks(self) -> int:
        """Return how often the drawer was opened."""
        return len(self.jobs("receipt-printer-drawer"))

    def printed(self, *words: str) -> Printed:
        """Wait for the latest slip that holds all these words, and return what it put on paper."""
        found: list[Printed] = []

        def look() -> bool:
            slips = (decode(job) for job in reversed(self.jobs()))
            found[:] = [s for s in slips if all(w in "\n".join(s.lines) for w in words)][:1]
            return bool(found)

        try:
            self.wait(look)
        except Unseen:
            slips = ["\n".join(decode(job).lines) for job in self.jobs()]
            raise AssertionError(f"no slip with {words}; printed:\n" + "\n----\n".join(slips)) from None
        return found[0]


def shown(root: QWidget) -> Iterator[QWidget]:
    """Yield the widgets under `root` that are seen, but for the insides of lists and drop-downs."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisibleTo(root) and not widget.inherits("QComboBoxPrivateContainer"):
            yield widget
