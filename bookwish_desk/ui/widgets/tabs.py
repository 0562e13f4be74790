"""The compact tabs of the header: a name and, beneath, its key. The window owns what they switch."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QSizePolicy

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours
from bookwish_desk.ui.widgets.buttons import Button, Look


class Tab(Button):
    """One tab; `setChecked(True)` on the one whose screen is shown."""

    def __init__(self, text: str, key: str | None = None, icon: str | None = None) -> None:
        super().__init__(text, key, kind="quiet", icon=icon)
        self._narrow = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_narrow(self, narrow: bool) -> None:
        """Leave less room beside the words, for a narrow window."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        name = QFontMetrics(font(TYPE.body, bold=True)).horizontalAdvance(self._words)
        key = QFontMetrics(font(TYPE.tiny)).horizontalAdvance(self._key_text)
        more = 0 if self._narrow else 8
        return QSize(max(SIZES.target + more, name + 14 + more, key + 8 + more), SIZES.target)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _look(self, table: Colours) -> Look:
        look = super()._look(table)
        look.edge = None
        return look

    def _paint_label(self, painter: QPainter, look: Look) -> None:
        bold = font(TYPE.body, bold=self.isChecked())
        small = font(TYPE.tiny)
        upper, lower = QFontMetrics(bold).height(), QFontMetrics(small).height()
        top = (self.height() - upper - lower) // 2
        painter.setFont(bold)
        painter.setPen(QColor(look.ink))
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, top, self.width(), upper), middle, self._words)
        painter.setFont(small)
        painter.setPen(QColor(colours().ink_soft))
        painter.drawText(QRect(0, top + upper, self.width(), lower), middle, self._key_text)
        if self.isChecked():
            painter.fillRect(QRect(10, self.height() - 3, self.width() - 20, 3), QColor(look.ink))
