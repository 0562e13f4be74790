"""A small program for the outside test of the scanner filter: one of each thing a scan must not touch.

It writes a line of JSON for each scan and, on F9, what its fields hold. F2 to F8 move the focus, F3 away from
everything; F10 has it stand still for 300 ms again and again, or no longer; F12 opens and closes a sheet.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.wedge import Wedge
from bookwish_desk.ui.widgets import Button, Sheet

STALL_S = 0.3
BETWEEN_MS = 50
LOOK_MS = 10


def tell(**facts: object) -> None:
    """Write one line for the test to read."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


class Gaps(QObject):
    """Remembers the widest pause between two keys, as the display server stamped them."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._last = self._widest = 0
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        key = event if isinstance(watched, QWindow) and isinstance(event, QKeyEvent) else None
        if key is not None and key.type() == QEvent.Type.KeyPress and key.text():
            self._widest = max(self._widest, key.timestamp() - self._last if self._last else 0)
            self._last = key.timestamp()
        return False

    def take(self) -> int:
        """Return the widest pause in milliseconds, and begin anew."""
        widest, self._last, self._widest = self._widest, 0, 0
        return widest


class Counter(QWidget):
    """The window, what the fields in it hold, and the keys that tell and change it."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._gaps = Gaps(app)
        self._presses = 0
        column = QVBoxLayout(self)
        self.line, self.text, self.spin, self.button = (
            QLineEdit(),
            QPlainTextEdit(),
            QSpinBox(),
            Button("Pay"),
        )
        self.combo, self.list = QComboBox(), QListWidget()
        self.spin.setMaximum(2_000_000_000)
        for choices in (self.combo, self.list):
            choices.addItems([str(n) for n in range(10)])
        self.list.setCurrentRow(0)
        self.button.clicked.connect(self._press)
        for widget in (self.line, self.text, self.spin, self.combo, self.list, self.button):
            column.addWidget(widget)
        self._stall = QTimer(self)
        self._stall.setInterval(BETWEEN_MS)
        self._stall.timeout.connect(lambda: time.sleep(STALL_S))
        self._sheet = Sheet(self, "Quantity")
        self.edit = QLineEdit()
        self._sheet.body.addWidget(self.edit)
        self._sheet.add_button("Save").clicked.connect(self._press)
        self._sheet.focus_on(self.edit)
        self._tie()

    def _tie(self) -> None:
        targets = {"F2": self.combo, "F4": self.list, "F5": self.line, "F6": self.text}
        for keys, target in {**targets, "F7": self.spin, "F8": self.button}.items():
            self._on(keys, self, lambda at=target: self._go_to(at))
        self._on("F3", self, self._go_nowhere)
        self._on("F12", self, self._open)
        self._on("F12", self._sheet, self._close)
        for window in (self, self._sheet):
            self._on("F9", window, self._tell)
            self._on("F10", window, self._stand_still)

    def _on(self, keys: str, window: QWidget, act: object) -> None:
        QShortcut(QKeySequence(keys), window).activated.connect(act)

    def _press(self) -> None:
        self._presses += 1

    def _go_to(self, widget: QWidget) -> None:
        widget.setFocus()
        tell(focus=next(name for name, value in vars(self).items() if value is widget))

    def _go_nowhere(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None:
            focused.clearFocus()
        tell(focus="nothing")

    def _open(self) -> None:
        self._sheet.open()
        self._tell_once(self._sheet, "sheet")

    def _close(self) -> None:
        self._sheet.reject()
        self._tell_once(self, "window")

    def _tell_once(self, window: QWidget, name: str) -> None:
        """Tell that a window is in front once it gets the keys: until then they go to the one behind it."""
        if window.isActiveWindow():
            tell(focus=name)
        else:
            QTimer.singleShot(LOOK_MS, lambda: self._tell_once(window, name))

    def _stand_still(self) -> None:
        if self._stall.isActive():
            self._stall.stop()
        else:
            self._stall.start()
        tell(stalls=self._stall.isActive())

    def _tell(self) -> None:
        fields = {"line": self.line.text(), "text": self.text.toPlainText(), "spin": self.spin.value()}
        chosen = {"combo": self.combo.currentIndex(), "list": self.list.currentRow()}
        sheet = {"edit": self.edit.text(), "open": self._sheet.isVisible()}
        tell(**fields, **chosen, **sheet, presses=self._presses, widest=self._gaps.take())
        for field in (self.line, self.text, self.edit):
            field.clear()
        self.spin.setValue(0)


def main() -> int:
    """Run until Ctrl+Q."""
    app = QApplication(sys.argv)
    apply_theme(app, "light")
    window = Counter(app)
    wedge = Wedge(app)
    wedge.scanned.connect(lambda code: tell(scan=code))
    QShortcut(QKeySequence("Ctrl+Q"), window).activated.connect(app.quit)

    def on_state(state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            tell(active=True)

    app.applicationStateChanged.connect(on_state)
    window.resize(600, 700)
    window.show()
    window.activateWindow()
    if app.applicationState() == Qt.ApplicationState.ApplicationActive:
        tell(active=True)
    app.exec()
    wedge.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
