"""What stands on the window before the shop is open: a calm line, or why it cannot be opened."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.widgets import Button, Label, Notice


class OpeningCover(QWidget):
    """Covers the window while the books are opened, and stays with a sentence when they cannot be."""

    quit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        middle = QVBoxLayout()
        self._label = Label("Opening the shop", "title")
        self._fault = Notice("", "error")
        self._fault.setFixedWidth(640)
        self._quit = Button("Quit", kind="primary")
        self._quit.clicked.connect(self.quit_asked)
        self._quit.hide()
        for widget in (self._label, self._fault, self._quit):
            middle.addWidget(widget)
        row.addLayout(middle)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)

    def fail(self, sentence: str) -> None:
        """Say why the shop cannot be opened."""
        self._label.setText("The shop cannot be opened")
        self._fault.show_text(sentence, "error")
        self._quit.show()
        self._quit.setFocus()
