"""What stands on the window before the shop is open: a calm line, or why it cannot be opened.

It is painted before the rest of the program is there, so it is made of Qt's plainest widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bookwish_desk.ui.theme import font
from bookwish_desk.ui.tokens import LIGHT, TYPE

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QKeyEvent, QPaintEvent

    from bookwish_desk.ui.widgets import Notice


class OpeningCover(QWidget):
    """Covers the window while the books are opened, and stays with a sentence when they cannot be.

    Nothing on it takes a key until then: what is typed or scanned meanwhile is kept, in order and with
    the time at which it came, and `typed` hands it over. `painted` says that it can be seen.
    """

    painted = Signal()
    quit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[QKeyEvent] = []
        self._keeping = True
        self._seen = False
        self._fault: Notice | None = None
        column = QVBoxLayout(self)
        column.addStretch(2)
        self._middle = QVBoxLayout()
        self._label = self._add("Opening the shop", "ink", LIGHT.ink, font(TYPE.title, bold=True))
        self._hint = self._add(
            "You can scan already: it waits until the shop is open.", "soft", LIGHT.ink_soft, font()
        )
        column.addLayout(self._middle)
        column.addStretch(3)

    def _add(self, words: str, tone: str, ink: str, text_font: QFont) -> QLabel:
        label = QLabel(words)
        # Plain text. By its name, as Qt's own constants take a good part of a start to come to Python.
        label.setProperty("textFormat", 0)
        label.setFont(text_font)
        # Until there is a style sheet, and then.
        colours = label.palette()
        colours.setColor(label.foregroundRole(), QColor(ink))
        label.setPalette(colours)
        label.setProperty("tone", tone)
        self._middle.addLayout(_centred(label))
        return label

    def fail(self, sentence: str) -> None:
        """Say why the shop cannot be opened. What was typed is let go: there is nothing to type into."""
        from bookwish_desk.ui.widgets import Button, Notice

        self._keeping = False
        self._kept.clear()
        self._label.setText("The shop cannot be opened")
        self._hint.hide()
        if self._fault is not None:
            self._fault.show_text(sentence, "error")
            return
        self._fault = Notice(sentence, "error", self)
        self._fault.setFixedWidth(640)
        leave = Button("Quit", kind="primary", parent=self)
        leave.clicked.connect(self.quit_asked)
        self._middle.addLayout(_centred(self._fault))
        self._middle.addLayout(_centred(leave))
        leave.setFocus()

    def typed(self) -> list[QKeyEvent]:
        """Hand over the keys that were pressed and released until now, and keep no more."""
        self._keeping = False
        kept, self._kept = self._kept, []
        return kept

    # ---- keys ----

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keep(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._keep(event)

    def focusNextPrevChild(self, onward: bool) -> bool:
        # Tab ends a scan on some scanners: it is a key like the others here.
        return not self._keeping and super().focusNextPrevChild(onward)

    def _keep(self, event: QKeyEvent) -> None:
        if self._keeping:
            from bookwish_desk.ui.wedge import copy_key

            self._kept.append(copy_key(event))
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            self.painted.emit()


def _centred(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget)
    row.addStretch(1)
    return row
