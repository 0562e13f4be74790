"""The simulated cash drawer: drawn, it slides open when it is told to and is pushed shut with a press."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from bookwish_desk.ui.devices.motion import Glide
from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES, Colours

_OPEN_MS = 260
_SHUT_MS = 180
_WIDTH, _HEIGHT = 176, 108
_BOX = 34  # height of the front when it is shut
_REACH = 50  # how far it comes out
_INSIDE = "#2b2a27"
_NOTES = ("#8aa58f", "#b9a37a", "#8f9fb5", "#b48d88", "#9d92b0")
_COINS = ("#c9a25c", "#c7c3b8", "#c7c3b8", "#b9835a", "#b9835a")


class CashDrawer(QAbstractButton):
    """The drawer. `set_open` slides it; `clicked` is a push at it, which its owner answers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = False
        self._slide = Glide(self, self.update)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(self.sizeHint())
        self.set_open(False)

    def set_open(self, is_open: bool) -> None:
        """Slide open or shut."""
        if is_open != self._open:
            self._slide.go(1.0 if is_open else 0.0, _OPEN_MS if is_open else _SHUT_MS)
        self._open = is_open
        self.setAccessibleName("Cash drawer, open" if is_open else "Cash drawer, closed")
        self.setAccessibleDescription("Press to close it." if is_open else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_open else Qt.CursorShape.ArrowCursor)

    def is_open(self) -> bool:
        """Say whether it is open, or on its way."""
        return self._open

    def is_moving(self) -> bool:
        """Say whether it is on its way."""
        return self._slide.is_moving()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        out = self._slide.at * _REACH
        top = 14.0
        case = QRectF(8, top, _WIDTH - 16, _BOX)
        lid = QPolygonF(
            [
                QPointF(case.left() + 12, 3),
                QPointF(case.right() - 12, 3),
                QPointF(case.right(), top),
                QPointF(case.left(), top),
            ]
        )
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(QColor(table.raised))
        painter.drawPolygon(lid)
        painter.setBrush(QColor(table.pressed))
        painter.drawRect(case)
        spread = 4 * self._slide.at  # what comes nearer looks larger
        front = QRectF(case.left() - spread, top + out, case.width() + 2 * spread, _BOX)
        if out > 0.5:
            self._paint_tray(painter, table, case, front)
        self._paint_front(painter, table, front)
        if self.hasFocus():
            painter.setPen(QPen(QColor(table.focus), SIZES.focus_ring))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_tray(self, painter: QPainter, table: Colours, case: QRectF, front: QRectF) -> None:
        """Paint what one sees of the inside: coins behind, notes in front, as much as is out."""
        tray = QPolygonF(
            [
                QPointF(case.left() + 4, case.top() + 2),
                QPointF(case.right() - 4, case.top() + 2),
                QPointF(front.right() - 2, front.top()),
                QPointF(front.left() + 2, front.top()),
            ]
        )
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(QColor(_INSIDE))
        painter.drawPolygon(tray)
        painter.save()
        painter.setClipRect(QRectF(front.left(), case.top() + 2, front.width(), front.top() - case.top() - 2))
        cell = (case.width() - 16) / len(_NOTES)
        foot = front.top()
        painter.setPen(Qt.PenStyle.NoPen)
        for place, (note, coin) in enumerate(zip(_NOTES, _COINS, strict=True)):
            left = case.left() + 8 + place * cell
            painter.setBrush(QColor(note))
            painter.drawRect(QRectF(left + 2, foot - 26, cell - 4, 24))
            painter.setBrush(QColor(note).lighter(125))
            painter.drawRect(QRectF(left + 5, foot - 21, cell - 10, 15))
            painter.setBrush(QColor(coin))
            painter.drawEllipse(QPointF(left + cell / 2, foot - 37), 6.5, 5)
        painter.restore()

    def _paint_front(self, painter: QPainter, table: Colours, front: QRectF) -> None:
        lit = self._open and self.underMouse()
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(QColor(table.raised if lit else table.surface))
        painter.drawRoundedRect(front.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setBrush(QColor(table.control_border))
        painter.drawRoundedRect(QRectF(front.center().x() - 22, front.top() + 8, 44, 5), 2.5, 2.5)
        lock = QPointF(front.center().x(), front.top() + 23)
        painter.setBrush(QColor(table.pressed))
        painter.drawEllipse(lock, 4.5, 4.5)
        painter.drawLine(QPointF(lock.x(), lock.y() - 2), QPointF(lock.x(), lock.y() + 2))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)
