"""States in the header that can be pressed: they look like the quiet ones and lead to where one can help."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.buttons import Button, Look
from bookwish_desk.ui.widgets.panel import Chip, draw_light, light_ink

_BESIDE = 5
_SHAPE = 15
_LEAST = 120  # as much as short words need


class ChipButton(Button):
    """A state that leads to a screen: `clicked`."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._narrow = False
        super().__init__(chip.text, kind="quiet")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def chip(self) -> Chip:
        """Return what is shown."""
        return self._chip

    def set_chip(self, chip: Chip) -> None:
        """Show another state."""
        self._chip = chip
        self.setText(chip.text)
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Use the short words, for a narrow window."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.updateGeometry()
            self.update()

    def told(self) -> str:
        """Return the words that are shown."""
        return self._chip.short or self._chip.text if self._narrow else self._chip.text

    def sizeHint(self) -> QSize:
        words = QFontMetrics(font(TYPE.body - 1, bold=True)).horizontalAdvance(self.told())
        return QSize(max(words + _SHAPE + 2 * _BESIDE + 2, SIZES.target), SIZES.target)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _LEAST), SIZES.target)

    def _paint_label(self, painter: QPainter, look: Look) -> None:
        ink = light_ink(self._chip.state, colours())
        draw_light(painter, self._chip.state, ink, _BESIDE, self.height() / 2)
        painter.setPen(QColor(ink))
        chosen = font(TYPE.body - 1, bold=True)
        painter.setFont(chosen)
        room = self.width() - _SHAPE - 2 * _BESIDE
        words = QFontMetrics(chosen).elidedText(self.told(), Qt.TextElideMode.ElideRight, room + 1)
        place = QRectF(_BESIDE + _SHAPE, 0, room + 2, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
