"""A list whose rows have a picture: devices that are set up, and devices that may be."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from bookwish_desk.shop.device_words import Light
from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE, Colours
from bookwish_desk.ui.widgets import Column, Row, RowList
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.panel import draw_light, light_ink

_HEIGHT = 72
_PAD, _ICON, _GAP = 16, 24, 12


class PictureRow(msgspec.Struct, frozen=True):
    """One row: a picture, a name with words beneath, and at the right a state or a plain word.

    `light` is the shape before `right`; without one it is a plain word. `badges` stand beneath, behind
    `second`, and go first where there is no room.
    """

    key: str
    icon: str
    name: str
    second: str = ""
    right: str = ""
    light: Light | None = None
    badges: tuple[str, ...] = ()
    muted: bool = False


class PictureList(RowList):
    """Shows rows with pictures; in all else as `RowList`: `chosen(key)`, `opened(key)`, `choose`, `step`.

    `wanted_rows` is how many it would like to show; it takes fewer where there is no room.
    """

    def __init__(
        self, name: str, empty: str = "", *, wanted_rows: int = 3, parent: QWidget | None = None
    ) -> None:
        self._wanted_rows = wanted_rows
        super().__init__((Column(name),), name, empty, header=False, row_height=_HEIGHT, parent=parent)
        self._pictures: dict[str, PictureRow] = {}
        self.setItemDelegate(_PictureDelegate(self))

    def show_pictures(self, rows: tuple[PictureRow, ...]) -> None:
        """Show these rows; what was chosen stays chosen while it is there."""
        before = self.current()
        self._pictures = {row.key: row for row in rows}
        self.blockSignals(True)
        self.set_rows(tuple(Row(row.key, (row.name,), spoken=_spoken(row)) for row in rows))
        if before is not None:
            # Of rows that come and go before it the list makes another choice, and of its own going.
            self.choose(before.key)
        self.blockSignals(False)
        now = self.current()
        if now != before and (now is None or before is None or now.key != before.key):
            self.chosen.emit(now.key if now else "")

    def sizeHint(self) -> QSize:
        return QSize(320, self._wanted_rows * _HEIGHT)

    def picture(self, place: int) -> PictureRow:
        """Return the row at a place."""
        return self._pictures[self.rows()[place].key]


def _spoken(row: PictureRow) -> str:
    return ", ".join(part for part in (row.name, row.right, row.second, *row.badges) if part)


class _PictureDelegate(QStyledItemDelegate):
    """Paints one row."""

    def __init__(self, parent: PictureList) -> None:
        super().__init__(parent)
        self._list = parent
        self._name_font = font(TYPE.body, bold=True)
        self._second_font = font(TYPE.small)
        self._badge_font = font(TYPE.small, bold=True)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(10, _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row, table, area = self._list.picture(index.row()), colours(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, index, area, table)
        ink = table.ink_soft if row.muted else table.ink
        draw_icon(painter, row.icon, ink, area.left() + _PAD, area.center().y() - _ICON / 2, _ICON)
        left = area.left() + _PAD + _ICON + _GAP
        upper = QRect(left, area.top() + 12, area.right() - _PAD - left, 24)
        lower = QRect(left, upper.bottom() + 2, upper.width(), 22)
        room = self._paint_right(painter, row, upper, table)
        self._paint_text(painter, row.name, upper.adjusted(0, 0, -room, 0), self._name_font, ink)
        room = self._paint_badges(painter, row, lower, table)
        self._paint_text(
            painter, row.second, lower.adjusted(0, 0, -room, 0), self._second_font, table.ink_soft
        )
        painter.restore()

    def _paint_ground(
        self,
        painter: QPainter,
        index: QModelIndex | QPersistentModelIndex,
        area: QRect,
        table: Colours,
    ) -> None:
        if not self._list.selectionModel().isSelected(index):
            return
        painter.fillRect(area, QColor(table.selection))
        painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), QColor(table.ink))
        if self._list.hasFocus():
            painter.setPen(QPen(QColor(table.focus), SIZES.focus_ring))
            painter.drawRect(area.adjusted(1, 1, -1, -1))

    def _paint_right(self, painter: QPainter, row: PictureRow, box: QRect, table: Colours) -> int:
        """Paint what stands at the right of the name; return how much room that took."""
        if not row.right:
            return 0
        shape = 16 if row.light else 0
        text_font = font(TYPE.small, bold=row.light is not None)
        width = QFontMetrics(text_font).horizontalAdvance(row.right) + shape
        ink = light_ink(row.light, table) if row.light else table.ink_soft
        left = box.right() + 1 - width
        if row.light:
            draw_light(painter, row.light, ink, left, box.center().y() + 1)
        place = QRect(left + shape, box.top(), width - shape + 1, box.height())
        self._paint_text(painter, row.right, place, text_font, ink)
        return width + _GAP

    def _paint_badges(self, painter: QPainter, row: PictureRow, box: QRect, table: Colours) -> int:
        """Paint the badges at the right of the second line; return how much room they took."""
        metrics = QFontMetrics(self._badge_font)
        left = box.right() + 1
        for words in reversed(row.badges):
            width = metrics.horizontalAdvance(words) + 16
            if left - width < box.left() + 60:
                break
            pill = QRectF(left - width, box.center().y() - 9, width, 20)
            painter.setPen(QPen(QColor(table.ink_soft), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setFont(self._badge_font)
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
            left -= width + 6
        taken = box.right() + 1 - left
        return taken + _GAP if taken else 0

    @staticmethod
    def _paint_text(painter: QPainter, text: str, box: QRect, text_font: QFont, ink: str) -> None:
        metrics = QFontMetrics(text_font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        painter.setFont(text_font)
        painter.setPen(QColor(ink))
        painter.drawText(QPointF(box.left(), baseline), shown)
