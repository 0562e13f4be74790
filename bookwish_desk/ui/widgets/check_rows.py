"""A list of things to be checked off: a large check mark before each row that is done. It checks nothing."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import Colours
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.rows import Column, Index, Row, RowList, _RowDelegate

_MARK = 40
_LEFT = 66
"""How wide the part of a row is in which its mark stands."""
HEIGHT = 72

Mark = Literal["open", "part", "done", "later"]


class CheckRow(Row, frozen=True):
    """A row with a mark: nothing of it is checked yet, a part, or all; `later` is not to be checked now.

    The mark is for the eye: what it means stands in the cells, too.
    """

    mark: Mark = "open"


class _CheckDelegate(_RowDelegate):
    """Paints the row as others do, and its mark before it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        whole = QRect(option.rect)
        option.rect = whole.adjusted(_LEFT - 14, 0, 0, 0)
        super().paint(painter, option, index)
        option.rect = whole
        row = self._model.rows[index.row()]
        table = colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, CheckRow):
            _paint_mark(painter, whole, row.mark, table)
        painter.fillRect(QRect(whole.left(), whole.bottom(), whole.width(), 1), QColor(table.line))
        painter.restore()

    def _paint_ground(self, painter: QPainter, index: Index, area: QRect, table: Colours) -> None:
        super()._paint_ground(painter, index, area.adjusted(14 - _LEFT, 0, 0, 0), table)


def _paint_mark(painter: QPainter, whole: QRect, mark: Mark, table: Colours) -> None:
    if mark == "later":
        return
    circle = QRectF(whole.left() + 14, whole.center().y() - _MARK / 2 + 1, _MARK, _MARK)
    done = mark == "done"
    pen = QPen(QColor(table.ok if done else table.control_border), 2)
    if mark == "part":
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(QColor(table.ok if done else table.surface))
    painter.drawEllipse(circle.adjusted(1, 1, -1, -1))
    if done:
        draw_icon(painter, "ok", table.surface, circle.x() + 7, circle.y() + 7, _MARK - 14)


class CheckRows(RowList):
    """A list of `CheckRow`s: as `RowList`, with higher rows and their marks."""

    def __init__(
        self, columns: tuple[Column, ...], name: str, empty: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(columns, name, empty, header=False, row_height=HEIGHT, parent=parent)
        self.setItemDelegate(_CheckDelegate(self._model, columns, HEIGHT, self))
