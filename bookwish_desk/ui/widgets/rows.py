"""Lists of frozen rows painted whole by one delegate: no `data()` call in a repaint, no rich text."""

from __future__ import annotations

from typing import Literal

import msgspec
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QScroller,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours

Tone = Literal["ink", "soft", "ok", "warn", "danger"]
Index = QModelIndex | QPersistentModelIndex

_PAD = 14
_COLUMN_GAP = 18


class Column(msgspec.Struct, frozen=True):
    """A column of a list. `width` in pixels; the one column with width 0 takes what is left."""

    title: str
    width: int = 0
    align: Literal["left", "right"] = "left"


class Row(msgspec.Struct, frozen=True):
    """What one row shows. `key` tells rows apart and keeps the choice when rows change.

    `cells` are one text a column; `second` stands lighter beneath the column that takes what is left, and
    `under` beneath the others, one text a column.
    `struck` crosses the texts out, `muted` softens them; `tone` colours the badge, whose words must
    say the same. `spoken` is the sentence for a screen reader; without it one is made of the texts.
    """

    key: str
    cells: tuple[str, ...]
    second: str = ""
    badge: str = ""
    tone: Tone = "soft"
    struck: bool = False
    muted: bool = False
    strong: bool = False
    spoken: str = ""
    under: tuple[str, ...] = ()


def sentence(row: Row, columns: tuple[Column, ...]) -> str:
    """Return the row as one sentence for a screen reader."""
    if row.spoken:
        return row.spoken
    parts = []
    for place, (column, cell) in enumerate(zip(columns, row.cells, strict=False)):
        if cell:
            parts.append(f"{column.title} {cell}" if place and column.title else cell)
        if beneath := _beneath(row, columns, place):
            parts.append(beneath)
    if row.badge:
        parts.append(row.badge)
    if row.struck:
        parts.append("removed")
    return ", ".join(parts)


def _beneath(row: Row, columns: tuple[Column, ...], place: int) -> str:
    if not columns[place].width:
        return row.second
    return row.under[place] if place < len(row.under) else ""


class _RowModel(QAbstractListModel):
    """A tuple of rows. `data` speaks to assistive technology only; painting reads `rows`."""

    def __init__(self, columns: tuple[Column, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self._columns = columns

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return sentence(self.rows[index.row()], self._columns) if index.row() < len(self.rows) else None

    def put(self, rows: tuple[Row, ...]) -> None:
        """Replace the rows, telling the view only of those that differ."""
        before = self.rows
        shorter = min(len(before), len(rows))
        head = 0
        while head < shorter and before[head].key == rows[head].key:
            head += 1
        tail = 0
        while tail < shorter - head and before[-1 - tail].key == rows[-1 - tail].key:
            tail += 1
        none = QModelIndex()
        if head < len(before) - tail:
            self.beginRemoveRows(none, head, len(before) - tail - 1)
            self.rows = before[:head] + before[len(before) - tail :]
            self.endRemoveRows()
        if head < len(rows) - tail:
            self.beginInsertRows(none, head, len(rows) - tail - 1)
            self.rows = rows
            self.endInsertRows()
        self.rows = rows
        for place in (*range(head), *range(len(rows) - tail, len(rows))):
            old = before[place if place < head else len(before) - len(rows) + place]
            if old != rows[place]:
                self.dataChanged.emit(self.index(place), self.index(place))


class _RowDelegate(QStyledItemDelegate):
    """Paints a whole row from its value."""

    def __init__(self, model: _RowModel, columns: tuple[Column, ...], height: int, parent: RowList) -> None:
        super().__init__(parent)
        self._list = parent
        self._model = model
        self._columns = columns
        self._size = QSize(10, height)
        self._fonts = {strong: font(TYPE.body, strong) for strong in (False, True)}
        self._second_font = font(TYPE.small)
        self._badge_font = font(TYPE.small, bold=True)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.rows[index.row()]
        table = colours()
        area = option.rect
        painter.save()
        self._paint_ground(painter, index, area, table)
        ink = QColor(table.ink_soft if row.muted else table.ink)
        boxes = spans(self._columns, area)
        for place, (column, cell, box) in enumerate(zip(self._columns, row.cells, boxes, strict=False)):
            painter.setPen(ink)
            under = _beneath(row, self._columns, place)
            if not column.width:
                self._paint_main(painter, row, cell, box, table)
            elif row.under:
                first, second = self._lines(box, self._font(row))
                self._paint_text(painter, cell, first, self._font(row), column.align)
                painter.setPen(QColor(table.ink_soft))
                self._paint_text(painter, under, second, self._second_font, column.align)
            else:
                self._paint_text(painter, cell, box, self._font(row), column.align)
        painter.restore()

    def _lines(self, box: QRect, text_font: QFont, *, two: bool = True) -> tuple[QRect, QRect]:
        """Return where a text and what stands beneath it lie, both together in the middle of the box."""
        height = QFontMetrics(text_font).height()
        beneath = QFontMetrics(self._second_font).height() + 2 if two else 0
        top = box.top() + (box.height() - height - beneath) // 2
        return (
            QRect(box.left(), top, box.width(), height),
            QRect(box.left(), top + height + 2, box.width(), beneath),
        )

    def _font(self, row: Row) -> QFont:
        if not row.struck:
            return self._fonts[row.strong]
        crossed = QFont(self._fonts[row.strong])
        crossed.setStrikeOut(True)
        return crossed

    def _paint_ground(self, painter: QPainter, index: Index, area: QRect, table: Colours) -> None:
        # The list is asked and not the option: its state would bring all constants of styles to Python.
        if not self._list.selectionModel().isSelected(index):
            return
        painter.fillRect(area, QColor(table.selection))
        painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), QColor(table.ink))
        if self._list.hasFocus() and self._list.currentIndex() == index:
            painter.setPen(QPen(QColor(table.focus), SIZES.focus_ring))
            painter.drawRect(area.adjusted(1, 1, -1, -1))

    def _paint_main(self, painter: QPainter, row: Row, cell: str, box: QRect, table: Colours) -> None:
        text_font = self._font(row)
        metrics = QFontMetrics(text_font)
        first, second = self._lines(box, text_font, two=bool(row.second))
        badge = self._badge_width(row)
        # The title matters more than the badge: without room for both the badge goes a line down.
        low = bool(row.second) and metrics.horizontalAdvance(cell) + badge > first.width()
        self._paint_text(painter, cell, first.adjusted(0, 0, 0 if low else -badge, 0), text_font, "left")
        painter.setPen(QColor(table.ink_soft))
        self._paint_text(
            painter, row.second, second.adjusted(0, 0, -badge if low else 0, 0), self._second_font, "left"
        )
        if badge:
            line, shown = (second, row.second) if low else (first, cell)
            words = QFontMetrics(self._second_font if low else text_font).horizontalAdvance(shown)
            self._paint_badge(painter, row, line, min(words, line.width() - badge), table)

    def _badge_width(self, row: Row) -> int:
        return QFontMetrics(self._badge_font).horizontalAdvance(row.badge) + 28 if row.badge else 0

    def _paint_badge(self, painter: QPainter, row: Row, line: QRect, after: int, table: Colours) -> None:
        ink = QColor(getattr(table, {"ink": "ink", "soft": "ink_soft"}.get(row.tone, row.tone)))
        metrics = QFontMetrics(self._badge_font)
        left = line.left() + after + 10
        pill = QRectF(left, line.center().y() - 9, metrics.horizontalAdvance(row.badge) + 16, 20)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setFont(self._badge_font)
        baseline = pill.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(left + 8, baseline), row.badge)

    @staticmethod
    def _paint_text(painter: QPainter, text: str, box: QRect, text_font: QFont, align: str) -> None:
        if not text:
            return
        metrics = QFontMetrics(text_font)
        width = metrics.horizontalAdvance(text)
        if width > box.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            width = metrics.horizontalAdvance(text)
        left = box.right() + 1 - width if align == "right" else box.left()
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        painter.setFont(text_font)
        painter.drawText(QPointF(left, baseline), text)


class _Header(QWidget):
    """The column titles above a list, with a quiet line beneath."""

    def __init__(self, columns: tuple[Column, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns
        self.setAccessibleName("Columns: " + ", ".join(c.title for c in columns if c.title))

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        area = self.rect()
        painter.setPen(QColor(table.ink_soft))
        for column, box in zip(self._columns, spans(self._columns, area), strict=True):
            _RowDelegate._paint_text(painter, column.title, box, font(TYPE.small, bold=True), column.align)
        painter.fillRect(QRect(0, area.bottom(), area.width(), 1), QColor(table.line))


def spans(columns: tuple[Column, ...], area: QRect) -> list[QRect]:
    """Return where each column lies in a row that takes up `area`."""
    fixed = sum(column.width for column in columns)
    left_over = area.width() - 2 * _PAD - fixed - _COLUMN_GAP * (len(columns) - 1)
    boxes, left = [], area.left() + _PAD
    for column in columns:
        width = column.width or max(40, left_over)
        boxes.append(QRect(left, area.top(), width, area.height()))
        left += width + _COLUMN_GAP
    return boxes


class RowList(QListView):
    """A list of rows: `RowList((Column("Title"), Column("Qty", 48, "right")), name="Sale lines")`.

    `set_rows` shows them; `chosen(key)` tells of the row that is chosen ("" for none), `opened(key)` of
    Enter or a double click. `empty` is what stands there when there is nothing.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(
        self,
        columns: tuple[Column, ...],
        name: str,
        empty: str = "",
        *,
        header: bool = True,
        row_height: int = SIZES.row,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        # One of our own: to hand Qt's over, PySide would look through every class of Qt for what it is.
        self.setViewport(QWidget())
        self._empty = empty
        self._told = ""
        self._header = _Header(columns, self) if header else None
        self._model = _RowModel(columns, self)
        self.setModel(self._model)
        self.setItemDelegate(_RowDelegate(self._model, columns, row_height, self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.verticalScrollBar().setSingleStep(row_height // 2)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.setAccessibleName(name)
        if header:
            self.setViewportMargins(0, 34, 0, 0)
        self.selectionModel().currentRowChanged.connect(self._tell)

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these rows. What was chosen stays chosen while its key is still there."""
        self._model.put(tuple(rows))
        self.viewport().update()
        self._tell()

    def set_empty(self, words: str) -> None:
        """Change what stands there when there is nothing."""
        self._empty = words
        self.viewport().update()

    def rows(self) -> tuple[Row, ...]:
        """Return the rows shown."""
        return self._model.rows

    def current(self) -> Row | None:
        """Return the row that is chosen, or None."""
        place = self.currentIndex().row()
        return self._model.rows[place] if 0 <= place < len(self._model.rows) else None

    def choose(self, key: str) -> None:
        """Choose the row with this key and bring it into sight; an unknown key chooses none."""
        for place, row in enumerate(self._model.rows):
            if row.key == key:
                self._choose_place(place)
                return
        self.selectionModel().clear()
        self._tell()

    def step(self, by: int) -> None:
        """Choose the row `by` places further down, stopping at the ends."""
        last = len(self._model.rows) - 1
        if last < 0:
            return
        here = self.currentIndex()
        if here.isValid():
            self._choose_place(min(last, max(0, here.row() + by)))
        else:
            self._choose_place(0 if by > 0 else last)

    def _choose_place(self, place: int) -> None:
        index = self._model.index(place)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def _tell(self) -> None:
        row = self.current()
        key = row.key if row else ""
        if key != self._told:
            self._told = key
            self.chosen.emit(key)

    # ---- keys and touch ----

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self.current()
            if row is not None and not event.isAutoRepeat():
                self.opened.emit(row.key)
            event.accept()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: letters belong to the search line, and a search would call `data`."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        row = self.current()
        if row is not None and self.indexAt(event.position().toPoint()).isValid():
            self.opened.emit(row.key)

    # ---- layout and painting ----

    def updateGeometries(self) -> None:
        super().updateGeometries()
        if self._header is not None:
            self._header.setGeometry(0, 0, self.viewport().width(), 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._empty and not self._model.rows:
            painter = QPainter(self.viewport())
            painter.setFont(font(TYPE.body))
            painter.setPen(QColor(colours().ink_soft))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect().adjusted(24, 0, -24, 0), flags, self._empty)

    def row_model(self) -> QAbstractItemModel:
        """Return the model, for tests that count its calls."""
        return self._model
