"""How far something is, as a bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QWidget

from bookwish_desk.ui.theme import colours

_HEIGHT = 16


class Bar(QProgressBar):
    """A bar from 0 to 100: `Bar("Import")`, then `setValue(43)`. Say the figure in words beside it, too."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(0, 100)
        self.setValue(0)
        self.setTextVisible(False)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = area.height() / 2
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(QColor(table.surface))
        painter.drawRoundedRect(area, radius, radius)
        inner = area.adjusted(2, 2, -2, -2)
        inner.setWidth(inner.width() * self.value() / 100)
        if inner.width() > 0:
            painter.setClipRect(inner)
            whole = area.adjusted(2, 2, -2, -2)
            painter.setPen(QPen(QColor(table.ink), 0))
            painter.setBrush(QColor(table.ink))
            painter.drawRoundedRect(whole, whole.height() / 2, whole.height() / 2)
