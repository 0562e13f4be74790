"""Charts painted by hand from frozen values: bars and lines over time, and bars in order of their size.

What a chart shows it also says: its description for a screen reader holds the same numbers in sentences.
Which numbers and words these are is not decided here.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import TYPE, Colours

Look = Literal["bars", "line", "dashed"]

_GAP = 8
_LEGEND = 20
_NAMES = 20
_DOT, _SQUARE = 2.5, 3.5
_RANK = 38
_THICK = 10


class Series(msgspec.Struct, frozen=True):
    """One row of numbers, one for each name of its chart; None is a gap. `look` tells series apart."""

    name: str
    values: tuple[float | None, ...]
    look: Look = "bars"


class Chart(msgspec.Struct, frozen=True):
    """Numbers over time. `ticks` are the marks at the left (value, words), the last one is the top.

    `spoken` are the sentences that say the same.
    """

    names: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    spoken: tuple[str, ...] = ()


class Rank(msgspec.Struct, frozen=True):
    """One bar of those in order of their size: its name, its number, and the words at its end."""

    name: str
    number: int
    words: str


class ChartView(QWidget):
    """Shows a chart with `set_chart`; `empty` is what stands there when there is nothing to show."""

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = Chart()
        self._empty = empty
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def chart(self) -> Chart:
        """Return the chart shown."""
        return self._chart

    def set_chart(self, chart: Chart) -> None:
        """Show another chart."""
        self._chart = chart
        self.setAccessibleDescription(" ".join(chart.spoken) or self._empty)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        table = colours()
        if not any(v is not None for s in self._chart.series for v in s.values):
            _say_empty(painter, self, self._empty, table)
            return
        tiny = QFontMetrics(font(TYPE.tiny))
        left = max((tiny.horizontalAdvance(words) for _, words in self._chart.ticks), default=0) + _GAP
        top = _LEGEND + 4 if len(self._chart.series) > 1 else tiny.height() / 2 + 1
        area = QRectF(left, top, self.width() - left - 4, self.height() - top - _NAMES)
        self._paint_ticks(painter, area, table)
        for series in reversed(self._chart.series):  # the first lies on top
            if series.look == "bars":
                self._paint_bars(painter, area, series, table)
            else:
                self._paint_line(painter, area, series, table)
        self._paint_names(painter, area, table)
        if len(self._chart.series) > 1:
            self._paint_legend(painter, left, table)

    def _height(self, area: QRectF, value: float) -> float:
        top = self._chart.ticks[-1][0] if self._chart.ticks else 0
        return area.height() * value / top if top else 0

    def _middle(self, area: QRectF, place: int) -> float:
        return area.left() + area.width() * (place + 0.5) / len(self._chart.names)

    def _paint_ticks(self, painter: QPainter, area: QRectF, table: Colours) -> None:
        painter.setFont(font(TYPE.tiny))
        for value, words in self._chart.ticks:
            y = area.bottom() - self._height(area, value)
            painter.setPen(QPen(QColor(table.control_border if value == 0 else table.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(table.ink_soft))
            box = QRectF(0, y - 10, area.left() - _GAP, 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_bars(self, painter: QPainter, area: QRectF, series: Series, table: Colours) -> None:
        width = min(28.0, max(1.5, area.width() / len(self._chart.names) * 0.62))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(table.control_border))
        for place, value in enumerate(series.values):
            if value:
                height = max(2.0, self._height(area, value))
                x = self._middle(area, place) - width / 2
                painter.drawRect(QRectF(x, area.bottom() - height, width, height))

    def _paint_line(self, painter: QPainter, area: QRectF, series: Series, table: Colours) -> None:
        pen = _pen(series.look, table)
        stretch: list[QPointF] = []
        points: list[QPointF] = []
        for place, value in enumerate((*series.values, None)):
            if value is None:
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(QPolygonF(stretch))
                stretch = []
                continue
            point = QPointF(self._middle(area, place), area.bottom() - self._height(area, value))
            stretch.append(point)
            points.append(point)
        _paint_marks(painter, points, series.look, pen)

    def _paint_names(self, painter: QPainter, area: QRectF, table: Colours) -> None:
        """Write as many names as have room, evenly, the first and the last among them."""
        chosen = font(TYPE.tiny)
        metrics, names = QFontMetrics(chosen), self._chart.names
        painter.setFont(chosen)
        painter.setPen(QColor(table.ink_soft))
        widest = max(metrics.horizontalAdvance(name) for name in names) + 2 * _GAP
        gaps = min(len(names), max(2, int(area.width()) // widest)) - 1
        for place in {round(n * (len(names) - 1) / gaps) for n in range(gaps + 1)} if gaps else {0}:
            width = metrics.horizontalAdvance(names[place])
            x = min(self._middle(area, place) - width / 2, self.width() - width)
            painter.drawText(QPointF(max(area.left() - _GAP, x), area.bottom() + 15), names[place])

    def _paint_legend(self, painter: QPainter, left: float, table: Colours) -> None:
        chosen = font(TYPE.small)
        metrics = QFontMetrics(chosen)
        x, y = left, _LEGEND / 2
        for series in self._chart.series:
            pen = _pen(series.look, table)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(x + 26, y))
            _paint_marks(painter, [QPointF(x + 13, y)], series.look, pen)
            painter.setPen(QColor(table.ink))
            painter.setFont(chosen)
            painter.drawText(QPointF(x + 32, y + metrics.ascent() / 2 - 1), series.name)
            x += 32 + metrics.horizontalAdvance(series.name) + 18


class RankView(QWidget):
    """Shows numbers as bars beneath their names, in the order given, with `set_ranks`."""

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ranks: tuple[Rank, ...] = ()
        self._empty = empty
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def ranks(self) -> tuple[Rank, ...]:
        """Return what is shown."""
        return self._ranks

    def set_ranks(self, ranks: tuple[Rank, ...]) -> None:
        """Show these; as many as have room are painted, all are said."""
        self._ranks = ranks
        self.setAccessibleDescription(" ".join(f"{r.name}: {r.words}." for r in ranks) or self._empty)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        table = colours()
        if not self._ranks:
            _say_empty(painter, self, self._empty, table)
            return
        room = max(1, self.height() // _RANK)
        shown = self._ranks if len(self._ranks) <= room else self._ranks[: max(1, room - 1)]
        most = max(1, *(rank.number for rank in self._ranks))
        for place, rank in enumerate(shown):
            self._paint_rank(painter, place * _RANK, rank, most, table)
        if len(shown) < len(self._ranks):
            painter.setPen(QColor(table.ink_soft))
            painter.setFont(font(TYPE.small))
            rest = f"and {len(self._ranks) - len(shown)} more in the table"
            painter.drawText(QPointF(0, len(shown) * _RANK + 16), rest)

    def _paint_rank(self, painter: QPainter, top: float, rank: Rank, most: int, table: Colours) -> None:
        chosen = font(TYPE.small)
        metrics = QFontMetrics(chosen)
        painter.setFont(chosen)
        painter.setPen(QColor(table.ink))
        words = metrics.horizontalAdvance(rank.words)
        base = top + metrics.ascent() + 1
        room = self.width() - words - _GAP
        name = metrics.elidedText(rank.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(0, base), name)
        painter.drawText(QPointF(self.width() - words, base), rank.words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(table.control_border))
        width = max(2.0, self.width() * rank.number / most)
        painter.drawRect(QRectF(0, top + metrics.height() + 3, width, _THICK))


def _pen(look: Look, table: Colours) -> QPen:
    """Return the pen of a line: by its colour and by its strokes, so that neither alone tells them apart."""
    if look == "dashed":
        pen = QPen(QColor(table.focus), 2)
        pen.setDashPattern([4, 3])
        return pen
    return QPen(QColor(table.ink), 2)


def _paint_marks(painter: QPainter, points: list[QPointF], look: Look, pen: QPen) -> None:
    """Draw the marks of a line: dots, or squares for a dashed one."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())
    for point in points:
        if look == "dashed":
            painter.drawRect(QRectF(point.x() - _SQUARE, point.y() - _SQUARE, 2 * _SQUARE, 2 * _SQUARE))
        else:
            painter.drawEllipse(point, _DOT, _DOT)


def _say_empty(painter: QPainter, widget: QWidget, words: str, table: Colours) -> None:
    painter.setPen(QColor(table.ink_soft))
    painter.setFont(font(TYPE.small))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(QRectF(widget.rect()).adjusted(8, 0, -8, 0), flags, words)
