"""Trying the mail server: a test message to an address, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.settings.state import MailTrial
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Field, Label, Line, Notice


class MailPanel(QWidget):
    """A test with what stands in the form. `asked(address)` and `stopped()`."""

    asked = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self._keyring = Notice("", "warn", self)
        column.addWidget(self._keyring)
        column.addWidget(Line())
        column.addWidget(Label("Try the mail server", "strong"))
        words = "With what stands above, also before it is saved. Nothing is sent to a customer."
        column.addWidget(Label(words, "small", "soft", wrap=True))
        self.address = Field("Send it to", hint="Your own address is best", limit=254)
        self.address.entered.connect(self._ask)
        column.addWidget(self.address)
        self.send_button = Button("Send a test message")
        self.send_button.clicked.connect(self._ask)
        self.stop_button = Button("Stop waiting")
        self.stop_button.clicked.connect(self.stopped)
        row = QHBoxLayout()
        row.addWidget(self.send_button)
        row.addWidget(self.stop_button)
        row.addStretch(1)
        column.addLayout(row)
        self.answer = Notice("", "info", self)
        column.addWidget(self.answer)

    def show_trial(self, trial: MailTrial, keyring: str) -> None:
        """Show how the test stands, and what is to be known of the keyring."""
        self.send_button.setVisible(not trial.busy)
        self.stop_button.setVisible(trial.busy)
        self.answer.show_text(trial.words, trial.tone)
        self._keyring.show_text(keyring, "warn")

    def show_wrong_address(self, sentence: str) -> None:
        """Say beneath the address what is wrong with it."""
        self.address.set_error(sentence)
        if sentence:
            self.address.select()

    def _ask(self) -> None:
        if self.send_button.isVisible():
            self.asked.emit(self.address.text())
