"""A list whose rows can be marked for work on many: a box before each, and a third line beneath each."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.rows import Column, Index, Row, RowList, Tone, _RowDelegate

_BOX = 24
_LEFT = 48
"""How wide the part of a row is that marks it: a target for a finger."""
_NOTE = 24
HEIGHT = 80


class MarkedRow(Row, frozen=True):
    """A row with a third line: `note` at its left, `aside` at its right, each with a tone its words must say.

    `under_tone` colours what stands beneath the last column.
    """

    note: str = ""
    note_tone: Tone = "soft"
    aside: str = ""
    aside_tone: Tone = "soft"
    under_tone: Tone = "soft"


class _MarkedDelegate(_RowDelegate):
    """Paints the row as others do, and around it the box and the third line."""

    _list: MarkedRows

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        whole = QRect(option.rect)
        option.rect = whole.adjusted(_LEFT - 14, 0, 0, -_NOTE)
        super().paint(painter, option, index)
        option.rect = whole
        row = self._model.rows[index.row()]
        painter.save()
        table = colours()
        self._paint_box(painter, whole, row.key in self._list.marked(), table)
        if isinstance(row, MarkedRow):
            self._paint_note(painter, whole, row, table)
        painter.fillRect(QRect(whole.left(), whole.bottom(), whole.width(), 1), QColor(table.line))
        painter.restore()

    def _paint_ground(self, painter: QPainter, index: Index, area: QRect, table: Colours) -> None:
        super()._paint_ground(painter, index, area.adjusted(14 - _LEFT, 0, 0, _NOTE), table)

    def _paint_box(self, painter: QPainter, whole: QRect, on: bool, table: Colours) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(whole.left() + 14, whole.center().y() - _BOX / 2, _BOX, _BOX)
        painter.setPen(QPen(QColor(table.ink if on else table.control_border), 1.5))
        painter.setBrush(QColor(table.ink if on else table.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        if on:
            draw_icon(painter, "ok", table.surface, box.x() + 3, box.y() + 3, _BOX - 6)

    def _paint_note(self, painter: QPainter, whole: QRect, row: MarkedRow, table: Colours) -> None:
        line = QRect(whole.left() + _LEFT, whole.bottom() - _NOTE - 4, whole.width() - _LEFT - 14, _NOTE)
        aside = QFontMetrics(self._second_font).horizontalAdvance(row.aside)
        # What breaks next is never cut: the memo can be read in full beside the list.
        right = min(aside, line.width())
        painter.setPen(QColor(_ink(row.aside_tone, table)))
        box = QRect(line.right() - right, line.top(), right + 1, line.height())
        self._paint_text(painter, row.aside, box, self._second_font, "right")
        painter.setPen(QColor(_ink(row.note_tone, table)))
        left = line.adjusted(0, 0, -right - 12, 0)
        if left.width() > 40:
            self._paint_text(painter, row.note, left, self._second_font, "left")


def _ink(tone: Tone, table: Colours) -> str:
    return str(getattr(table, {"ink": "ink", "soft": "ink_soft"}.get(tone, tone)))


class MarkedRows(RowList):
    """A list with a box before each row: `marks(frozenset of keys)` tells what a person marked.

    A press on a box marks its row, Space the row that is chosen, Shift with a press all between, Ctrl+A
    every row. `set_marked` shows marks.
    """

    marks = Signal(object)

    def __init__(
        self, columns: tuple[Column, ...], name: str, empty: str = "", parent: QWidget | None = None
    ):
        super().__init__(columns, name, empty, header=False, row_height=HEIGHT, parent=parent)
        self._marked: frozenset[str] = frozenset()
        self._anchor = -1
        self.setItemDelegate(_MarkedDelegate(self._model, columns, HEIGHT, self))

    def marked(self) -> frozenset[str]:
        """Return the keys of the rows that are marked."""
        return self._marked

    def set_marked(self, keys: frozenset[str]) -> None:
        """Show these rows as marked."""
        if keys != self._marked:
            self._marked = keys
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.indexAt(event.position().toPoint()).row()
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        if (
            place >= 0
            and event.button() == Qt.MouseButton.LeftButton
            and (held or event.position().x() < _LEFT)
        ):
            self._mark(place, through=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < _LEFT:
            self.mousePressEvent(event)
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._mark(self.currentIndex().row(), through=shift)
            event.accept()
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.marks.emit(frozenset(row.key for row in self.rows()))
            event.accept()
        else:
            super().keyPressEvent(event)

    def _mark(self, place: int, *, through: bool) -> None:
        rows = self.rows()
        if through and 0 <= self._anchor < len(rows):
            first, last = sorted((self._anchor, place))
            keys = self._marked | {row.key for row in rows[first : last + 1]}
        else:
            self._anchor = place
            keys = self._marked ^ {rows[place].key}
        self.marks.emit(frozenset(keys))
