"""A small program for the outside test of the scanner filter: one of each thing a scan must not touch.

It writes a line of JSON for each scan and, on F9, what its fields hold; F5 to F8 move the focus.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.wedge import Wedge
from bookwish_desk.ui.widgets import Button


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


def main() -> int:
    """Run until Ctrl+Q."""
    app = QApplication(sys.argv)
    apply_theme(app, "light")
    window = QWidget()
    column = QVBoxLayout(window)
    line, text, spin, button = QLineEdit(), QPlainTextEdit(), QSpinBox(), Button("Pay")
    spin.setMaximum(2_000_000_000)
    presses: list[int] = []
    button.clicked.connect(lambda: presses.append(1))
    for widget in (line, text, spin, button):
        column.addWidget(widget)
    wedge = Wedge(app)
    wedge.scanned.connect(lambda code: tell(scan=code))
    gaps = Gaps(app)

    def go_to(widget: QWidget, name: str) -> None:
        widget.setFocus()
        tell(focus=name)

    def contents() -> None:
        fields = {"line": line.text(), "text": text.toPlainText(), "spin": spin.value()}
        tell(**fields, presses=len(presses), widest=gaps.take())
        for field in (line, text):
            field.clear()
        spin.setValue(0)

    targets: dict[str, tuple[QWidget, str]] = {
        "F5": (line, "line"),
        "F6": (text, "text"),
        "F7": (spin, "spin"),
        "F8": (button, "button"),
    }
    for keys, target in targets.items():
        QShortcut(QKeySequence(keys), window).activated.connect(lambda at=target: go_to(*at))
    QShortcut(QKeySequence("F9"), window).activated.connect(contents)
    QShortcut(QKeySequence("Ctrl+Q"), window).activated.connect(app.quit)

    def on_state(state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            tell(active=True)

    app.applicationStateChanged.connect(on_state)
    window.resize(600, 500)
    window.show()
    window.activateWindow()
    if app.applicationState() == Qt.ApplicationState.ApplicationActive:
        tell(active=True)
    app.exec()
    wedge.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
