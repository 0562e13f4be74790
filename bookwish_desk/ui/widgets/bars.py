"""A few figures side by side as bars, each with its number on it: no colour alone says anything."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import TYPE

_HEIGHT = 116
_LINE = 20


class Bar(msgspec.Struct, frozen=True):
    """One bar: its short name, its figure, and the sentence for a screen reader."""

    name: str
    figure: int
    spoken: str


class Bars(QWidget):
    """Shows bars with `set_bars`; a figure below zero hangs nowhere but is written out."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def bars(self) -> tuple[Bar, ...]:
        """Return the bars shown."""
        return self._bars

    def set_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show these bars; the highest takes the whole height."""
        self._bars = bars
        self.setAccessibleDescription(". ".join(bar.spoken for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        slot = self.width() / len(self._bars)
        floor = self.height() - _LINE
        most = max(1, *(bar.figure for bar in self._bars))
        painter.setPen(QPen(QColor(table.line), 1))
        painter.drawLine(QPointF(0, floor + 0.5), QPointF(self.width(), floor + 0.5))
        small, figures = font(TYPE.tiny), font(TYPE.small, bold=True)
        for place, bar in enumerate(self._bars):
            left = place * slot
            height = max(0.0, (floor - _LINE - 2) * bar.figure / most)
            width = min(28.0, slot * 0.6)
            if bar.figure > 0:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(table.control_border))
                painter.drawRect(
                    QRectF(left + (slot - width) / 2, floor - max(2.0, height), width, max(2.0, height))
                )
            painter.setPen(QColor(table.ink if bar.figure else table.ink_soft))
            painter.setFont(figures)
            words = str(bar.figure).replace("-", "\N{MINUS SIGN}")
            above = QRectF(left, floor - height - _LINE - 1, slot, _LINE)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, words)
            painter.setPen(QColor(table.ink_soft))
            painter.setFont(small)
            name = QFontMetrics(small).elidedText(bar.name, Qt.TextElideMode.ElideRight, int(slot))
            painter.drawText(QRectF(left, floor + 2, slot, _LINE - 2), Qt.AlignmentFlag.AlignCenter, name)
