"""A small program for the outside test of the scanner filter: one of each thing a scan must not touch.

It writes a line of JSON for each scan and, on F9, what its fields hold; F5 to F8 move the focus.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.wedge import Wedge
from bookwish_desk.ui.widgets import Button


def tell(**facts: object) -> None:
    """Write one line for the test to read."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


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

    def go_to(widget: QWidget, name: str) -> None:
        widget.setFocus()
        tell(focus=name)

    def contents() -> None:
        tell(line=line.text(), text=text.toPlainText(), spin=spin.value(), presses=len(presses))

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
