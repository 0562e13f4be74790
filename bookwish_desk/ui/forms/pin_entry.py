"""Taking a PIN: dots, a pad for fingers, and Enter. It checks nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Keypad, PinField

LEAST = 4


class PinEntry(QWidget):
    """A PIN field with its pad and a verb. `submitted(Secret)` on the verb or Enter, then it is empty."""

    submitted = Signal(object)

    def __init__(self, verb: str, label: str = "PIN", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self.field = PinField(label)
        self.pad = Keypad()
        self.pad.serve(self.field.edit)
        self.verb = Button(verb, kind="primary")
        self.verb.clicked.connect(self._submit)
        self.field.entered.connect(self._submit)
        self.field.changed.connect(lambda _text: self._follow())
        for widget in (self.field, self.pad, self.verb):
            column.addWidget(widget)
        self._follow()

    def clear(self) -> None:
        """Forget what was typed."""
        self.field.set_text("")
        self._follow()

    def set_error(self, sentence: str) -> None:
        """Say beneath the dots what is wrong."""
        self.field.set_error(sentence)

    def focus(self) -> None:
        """Be ready for digits."""
        self.field.select()

    def _follow(self) -> None:
        self.verb.setEnabled(len(self.field.text()) >= LEAST)

    def _submit(self) -> None:
        typed = self.field.text()
        if len(typed) < LEAST:
            self.field.set_error("A PIN has 4 to 8 digits.")
            return
        self.clear()
        self.submitted.emit(Secret(typed))
