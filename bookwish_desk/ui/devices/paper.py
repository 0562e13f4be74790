"""The paper of the simulated printer: slips that grow out of it upward and can be scrolled back through."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from bookwish_desk.ui.devices.motion import Glide
from bookwish_desk.ui.devices.state import Paper
from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.dots import scaled_dots

_WIDEST = 656  # dots of 80 mm paper with its margins: as wide as the view, or one pixel a dot
_PAD = 26  # beside the paper, wide enough for the scroll bar: the paper never moves aside for it
_BETWEEN = 12
_TOOTH = 5
_DOTS_A_MS = 0.9  # 115 mm a second, as printers of today
_LONGEST_MS = 1_400
_PAPER = "#fdfdfb"
_NOTHING = "Nothing was printed yet. What is printed comes out here."


class PaperRoll(QAbstractScrollArea):
    """Shows papers, the newest at the bottom where it leaves the printer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Of a viewport that Qt made itself PySide would look through every class there is for what it is.
        self.setViewport(QWidget())
        self._papers: tuple[Paper, ...] = ()
        self._printer = ""
        self._scaled: dict[int, QPixmap] = {}
        self._out = Glide(self, self._moved, at=1.0)  # what was there before somebody looks is all out
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(160)
        self.setAccessibleName("Paper of the receipt printer")
        self.verticalScrollBar().setSingleStep(40)

    def show_papers(self, papers: tuple[Paper, ...], printer: str = "") -> None:
        """Show the papers of a printer, oldest first; one that is new comes out of it."""
        before, self._papers = self._papers, papers
        another, self._printer = printer != self._printer, printer
        kept = {paper.number for paper in papers}
        self._scaled = {number: pixmap for number, pixmap in self._scaled.items() if number in kept}
        newest = papers[-1] if papers else None
        self.setAccessibleDescription(f"{newest.name}\n{newest.words}" if newest else _NOTHING)
        if newest is None or another or (before and before[-1].number == newest.number):
            self._out.finish()
            self._moved()
            return
        self._out.finish()
        height = newest.picture.height()
        self._out.go(1.0, min(_LONGEST_MS, int(height / _DOTS_A_MS)), start=0.0)

    def papers(self) -> tuple[Paper, ...]:
        """Return the papers shown, oldest first."""
        return self._papers

    def is_printing(self) -> bool:
        """Say whether paper is still coming out."""
        return self._out.is_moving()

    def sizeHint(self) -> QSize:
        return QSize(360, 300)

    # ---- where everything is ----

    def _scale(self, paper: Paper) -> float:
        """Return how large a paper is shown: slips alike, labels wider than those as they fit."""
        return max(0.2, min(1.0, (self.width() - 2 * _PAD) / max(_WIDEST, paper.picture.width())))

    def _size(self, paper: Paper) -> QSize:
        scale = self._scale(paper)
        return QSize(round(paper.picture.width() * scale), round(paper.picture.height() * scale))

    def _height_out(self) -> int:
        """Return how much of the newest paper is out of the printer, in pixels."""
        return round(self._size(self._papers[-1]).height() * self._out.at) if self._papers else 0

    def _moved(self) -> None:
        """Fit the scroll bar to the paper and stay at the printer, where the newest is."""
        older = sum(self._size(paper).height() + _BETWEEN for paper in self._papers[:-1])
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, _BETWEEN + older + self._height_out() - self.viewport().height()))
        bar.setValue(bar.maximum())
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scaled.clear()
        self._moved()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # ---- painting ----

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.viewport().rect()
        painter.fillRect(area, QColor(table.pressed))
        if not self._papers:
            self._paint_empty(painter, area)
        bar = self.verticalScrollBar()
        foot = area.height() + bar.maximum() - bar.value()
        for paper in reversed(self._papers):
            newest = paper is self._papers[-1]
            size = self._size(paper)
            out = self._height_out() if newest else size.height()
            box = QRect((self.width() - size.width()) // 2, foot - out, size.width(), size.height())
            if box.top() < area.bottom() and box.bottom() > area.top():
                painter.setClipRect(QRect(area.left(), box.top() - 1, area.width(), out + 1))
                self._paint_paper(painter, paper, box)
                painter.setClipping(False)
            foot -= out + _BETWEEN
            if foot < area.top():
                break
        edge = QColor(table.focus if self.hasFocus() else table.line)
        width = SIZES.focus_ring if self.hasFocus() else SIZES.border
        painter.setPen(QPen(edge, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(area).adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _paint_empty(self, painter: QPainter, area: QRect) -> None:
        painter.setFont(font(TYPE.body))
        painter.setPen(QColor(colours().ink_soft))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area.adjusted(24, 0, -24, 0), flags, _NOTHING)

    def _paint_paper(self, painter: QPainter, paper: Paper, box: QRect) -> None:
        painter.setPen(QPen(QColor(colours().control_border), 0.6))
        painter.setBrush(QColor(_PAPER))
        if paper.torn:
            painter.drawPolygon(_torn(box))
        else:
            painter.drawRoundedRect(box, SIZES.radius, SIZES.radius)
        pixmap = self._pixmap(paper)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Darken)
        painter.drawPixmap(QRectF(box.adjusted(2, _TOOTH, -2, -_TOOTH)), pixmap, _within(pixmap, box))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    def _pixmap(self, paper: Paper) -> QPixmap:
        """Return the picture at the size it is shown in, made once a size."""
        if paper.number not in self._scaled:
            ratio = self.devicePixelRatioF()
            size = self._size(paper) * ratio
            self._scaled[paper.number] = QPixmap.fromImage(scaled_dots(paper.picture, size))
        return self._scaled[paper.number]


def _within(pixmap: QPixmap, box: QRect) -> QRectF:
    """Return the part of `pixmap` that stands between the torn edges of `box`."""
    ratio = pixmap.width() / max(1, box.width())
    return QRectF(2 * ratio, _TOOTH * ratio, pixmap.width() - 4 * ratio, pixmap.height() - 2 * _TOOTH * ratio)


def _torn(box: QRect) -> QPolygonF:
    """Return the outline of a paper whose upper and lower edges were torn off."""
    count = max(1, box.width() // (2 * _TOOTH))
    step = box.width() / count
    points = [QPointF(box.left(), box.top() + _TOOTH)]
    for place in range(count):
        left = box.left() + place * step
        points += [QPointF(left + step / 2, box.top()), QPointF(left + step, box.top() + _TOOTH)]
    bottom = box.top() + box.height()
    points.append(QPointF(box.left() + box.width(), bottom - _TOOTH))
    for place in range(count, 0, -1):
        left = box.left() + (place - 1) * step
        points += [QPointF(left + step / 2, bottom), QPointF(left, bottom - _TOOTH)]
    return QPolygonF(points)
