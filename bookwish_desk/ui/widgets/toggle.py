"""A yes-or-no choice with its words beside the box."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.text import button_text

_BOX = 24
_GAP = 12


class Toggle(QCheckBox):
    """A check box of full height: `Toggle("Print the receipt", True)`. Listen to `toggled(bool)`."""

    def __init__(self, text: str, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(button_text(text), parent)
        self._words = text
        self.setAccessibleName(text)
        self.setChecked(on)
        self.setFont(font(TYPE.body))
        self.setMinimumHeight(SIZES.target)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_BOX + _GAP + self.fontMetrics().horizontalAdvance(self._words) + 10, SIZES.target)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 120), SIZES.target)

    def hitButton(self, position) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = table.ink if self.isEnabled() else table.ink_off
        box = QRectF(4, (self.height() - _BOX) / 2, _BOX, _BOX)
        on = self.isChecked()
        edge = table.control_border if self.isEnabled() else table.line
        painter.setPen(QPen(QColor(ink if on else edge), 1.5))
        painter.setBrush(QColor(ink if on else table.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        if on:
            draw_icon(painter, "ok", table.surface, box.x() + 3, box.y() + 3, _BOX - 6)
        if self.hasFocus():
            painter.setPen(QPen(QColor(table.focus), SIZES.focus_ring))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 8, 8)
        painter.setPen(QColor(ink))
        left = int(box.right()) + _GAP
        room = self.width() - left
        words = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(left, 0, room, self.height()), flags, words)
