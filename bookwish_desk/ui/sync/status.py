"""The one big plain status at the top of the Sync screen: a shape, a sentence, and why beneath it."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.sync.state import Headline
from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.widgets import Label, say
from bookwish_desk.ui.widgets.panel import draw_light, light_ink

_BESIDE = 26


class Status(QWidget):
    """Shows a headline. A screen reader is told when the light changes, not when seconds are counted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(_BESIDE, 0, 0, 0)
        column.setSpacing(2)
        self._sentence = Label("", "title", wrap=True)
        self._more = Label("", tone="soft", wrap=True)
        column.addWidget(self._sentence)
        column.addWidget(self._more)
        self._more.hide()
        self._headline = Headline()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("How syncing stands")

    def text(self) -> str:
        """Return the sentence."""
        return self._sentence.text()

    def show_headline(self, headline: Headline) -> None:
        """Show how it stands."""
        if headline == self._headline:
            return
        before, self._headline = self._headline, headline
        self._sentence.setText(headline.sentence)
        self._more.setText(headline.more)
        self._more.setVisible(bool(headline.more))
        self.setAccessibleDescription(" ".join(x for x in (headline.sentence, headline.more) if x))
        if headline.light != before.light:
            self.update()
            if self.isVisible():
                say(self, headline.sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = self._sentence
        height = words.fontMetrics().height()
        block = max(height, words.heightForWidth(words.width()))
        middle = words.y() + max(0, (words.height() - block) / 2) + height / 2
        light = self._headline.light
        ink = light_ink(light, colours())
        draw_light(painter, light, ink, 4, middle)
