"""Words and figures on the screen, always plain text: the only labels the screens use."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from bookwish_desk.ui.theme import font, restyle
from bookwish_desk.ui.tokens import TYPE

Role = Literal["body", "strong", "small", "head", "title"]
Tone = Literal["ink", "soft", "ok", "warn", "danger"]

_SIZES = {"body": TYPE.body, "strong": TYPE.body, "small": TYPE.small, "head": TYPE.head, "title": TYPE.title}
_BOLD = {"strong", "head", "title"}


def button_text(text: str) -> str:
    """Return `text` so that Qt shows each & instead of taking it for a mnemonic."""
    return text.replace("&", "&&")


def elided(label: QLabel, text: str, width: int) -> str:
    """Return `text` cut with an ellipsis to `width` pixels in the label's font."""
    return label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


class Label(QLabel):
    """A plain text. `elide` keeps it on one line and cuts it at the edge, else it may wrap.

    Markup in `text` is shown as it is written. Assistive technology reads the whole text.
    """

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        tone: Tone = "ink",
        *,
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setFont(font(_SIZES[role], role in _BOLD))
        self.setWordWrap(wrap)
        self.setProperty("tone", tone)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def set_role(self, role: Role) -> None:
        """Change the size and weight of the text."""
        self.setFont(font(_SIZES[role], role in _BOLD))

    def set_tone(self, tone: Tone) -> None:
        """Change the colour of the text. Say in words, too, what the colour means."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide:
            hint.setWidth(self.fontMetrics().horizontalAdvance("…"))
        return hint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        area = self.contentsRect()
        painter.drawText(area, self.alignment(), elided(self, self.text(), area.width()))


class Amount(Label):
    """A figure, right-aligned. `what` goes before it for a screen reader: "Tax $3.38"."""

    def __init__(
        self,
        text: str = "",
        what: str = "",
        role: Role = "body",
        tone: Tone = "ink",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, role, tone, parent=parent)
        self._what = what
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.set_amount(text)

    def set_amount(self, text: str) -> None:
        """Show `text`, such as "$56.19"."""
        self.setText(text)
        self.setAccessibleName(f"{self._what} {text}".strip() if self._what else "")


class BigTotal(Amount):
    """The one big total of a screen."""

    def __init__(self, text: str = "", what: str = "Total", parent: QWidget | None = None) -> None:
        super().__init__(text, what, parent=parent)
        self.setFont(font(TYPE.total, bold=True))
        self.setMinimumHeight(self.fontMetrics().height())
