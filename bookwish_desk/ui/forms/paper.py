"""A recovery code or key on the screen: large, in groups, and confirmed by typing its last group back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.shop.recovery import ends_with
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets import Card, Field, Label

WRONG = "These are not the last four. Compare them with what you wrote down."


class Paper(QWidget):
    """What must be written down. `entered` on Enter; `confirmed()` says whether the last four fit."""

    entered = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._secret = Secret("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        card = Card()
        self._name = name
        self._text = Label("", "title")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(TYPE.title)
        self._text.setFont(fixed)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card.column.addWidget(self._text)
        column.addWidget(card)
        self.field = Field("Type its last four letters and digits, as you wrote them down", limit=8)
        self.field.entered.connect(self.entered)
        column.addWidget(self.field)

    def show_secret(self, secret: Secret) -> None:
        """Show another code; what was typed to confirm the one before goes."""
        if secret == self._secret:
            return
        self._secret = secret
        self._text.setText(secret.reveal())
        self._text.setAccessibleName(f"{self._name}: {secret.reveal()}")
        self.field.set_text("")
        self.field.set_error("")

    def typed(self) -> str:
        """Return what was typed to confirm it."""
        return self.field.text()

    def confirmed(self) -> bool:
        """Say whether the last four were typed back; says beneath the field when they were not."""
        right = ends_with(self._secret.reveal(), self.field.text())
        self.field.set_error("" if right else WRONG)
        return right
