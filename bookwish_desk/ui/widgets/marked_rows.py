"""Lists whose rows have a third line; in some of them rows can be marked, by a box before each."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import Colours
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.rows import Column, Index, Row, RowList, Tone, _RowDelegate

HEIGHT = 80
_BOX = 24
_MARK = 48
"""How wide the part of a row is that marks it: a target for a finger."""
_NOTE = 24
_PAD = 14
_ICON = 16
_NOTE_SHARE = 40
"""What of the third line the note keeps, in percent, where what stands aside is long."""


class NotedRow(Row, frozen=True):
    """A row with a third line: `note` at its left, `aside` at its right; tones only repeat the words.

    `note_icon` stands before the note and shows what it says.
    """

    note: str = ""
    note_tone: Tone = "soft"
    note_icon: str = ""
    aside: str = ""
    aside_tone: Tone = "soft"


class _NotedDelegate(_RowDelegate):
    """Paints the row as others do, and beneath it the third line; `left` is kept free before it."""

    left = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        whole = QRect(option.rect)
        option.rect = whole.adjusted(self.left, 0, 0, -_NOTE)
        super().paint(painter, option, index)
        option.rect = whole
        row = self._model.rows[index.row()]
        table = colours()
        painter.save()
        if isinstance(row, NotedRow):
            self._paint_note(painter, whole, row, table)
        painter.fillRect(QRect(whole.left(), whole.bottom(), whole.width(), 1), QColor(table.line))
        painter.restore()

    def _paint_ground(self, painter: QPainter, index: Index, area: QRect, table: Colours) -> None:
        super()._paint_ground(painter, index, area.adjusted(-self.left, 0, 0, _NOTE), table)

    def _paint_note(self, painter: QPainter, whole: QRect, row: NotedRow, table: Colours) -> None:
        left = self.left + _PAD
        line = QRect(whole.left() + left, whole.bottom() - _NOTE - 4, whole.width() - left - _PAD, _NOTE)
        words = QFontMetrics(self._second_font)
        icon = _ICON + 6 if row.note_icon else 0
        share = line.width() * _NOTE_SHARE // 100
        note = icon + min(words.horizontalAdvance(row.note), share) + 12 if row.note else icon
        aside = min(words.horizontalAdvance(row.aside), line.width() - note)
        painter.setPen(QColor(_ink(row.aside_tone, table)))
        box = QRect(line.right() - aside, line.top(), aside + 1, line.height())
        self._paint_text(painter, row.aside, box, self._second_font, "right")
        before = line.adjusted(0, 0, -aside - 12, 0)
        if row.note_icon:
            top = line.center().y() - _ICON / 2 + 1
            draw_icon(painter, row.note_icon, _ink(row.note_tone, table), line.left(), top, _ICON)
            before.setLeft(before.left() + icon)
        if before.width() > 40:
            painter.setPen(QColor(_ink(row.note_tone, table)))
            self._paint_text(painter, row.note, before, self._second_font, "left")


class _MarkedDelegate(_NotedDelegate):
    """Paints a box before each row, with a tick in it where the row is marked."""

    _list: MarkedRows
    left = _MARK - _PAD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        on = self._model.rows[index.row()].key in self._list.marked()
        whole, table = option.rect, colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(whole.left() + _PAD, whole.center().y() - _BOX / 2, _BOX, _BOX)
        painter.setPen(QPen(QColor(table.ink if on else table.control_border), 1.5))
        painter.setBrush(QColor(table.ink if on else table.surface))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        if on:
            draw_icon(painter, "ok", table.surface, box.x() + 3, box.y() + 3, _BOX - 6)
        painter.restore()


def _ink(tone: Tone, table: Colours) -> str:
    return str(getattr(table, {"ink": "ink", "soft": "ink_soft"}.get(tone, tone)))


class NotedRows(RowList):
    """A list of rows with a third line: give it `NotedRow`s."""

    def __init__(
        self, columns: tuple[Column, ...], name: str, empty: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(columns, name, empty, header=False, row_height=HEIGHT, parent=parent)
        self.setItemDelegate(_NotedDelegate(self._model, columns, HEIGHT, self))


class MarkedRows(NotedRows):
    """A list with a box before each row: `marks(frozenset of keys)` tells what a person marked.

    A press on a box marks its row, Space the row that is chosen, Shift with a press all between, Ctrl+A
    every row. `set_marked` shows marks.
    """

    marks = Signal(object)

    def __init__(
        self, columns: tuple[Column, ...], name: str, empty: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(columns, name, empty, parent)
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
        several = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        marking = bool(event.modifiers() & several) or event.position().x() < _MARK
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton and marking:
            self._mark(place, through=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() < _MARK:
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
