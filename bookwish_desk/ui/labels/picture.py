"""A label as it will come out of the printer: a white paper with rounded corners, dot by dot."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bookwish_desk.ui.labels.state import LabelPicture
from bookwish_desk.ui.theme import colours, font
from bookwish_desk.ui.tokens import SIZES, TYPE
from bookwish_desk.ui.widgets.dots import scaled_dots

_ROOM = 14  # between the label and the edge of its ground
_PAPER = "#ffffff"
_CORNER = 10.0


class LabelView(QWidget):
    """Shows one label as large as whole dots allow, or a sentence where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: LabelPicture | None = None
        self._image = QImage()
        self._scaled: QPixmap | None = None
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName("How the label will look")

    def sizeHint(self) -> QSize:
        return QSize(500, 300)

    def show_picture(self, picture: LabelPicture | None, words: str = "") -> None:
        """Show a label; without one the sentence `words` stands in its place."""
        if picture != self._picture:
            self._picture = picture
            self._image = QImage.fromData(picture.png) if picture is not None else QImage()
            self._scaled = None
        self._words = words
        self.setAccessibleDescription(picture.spoken if picture is not None else words)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scaled = None

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(table.pressed))
        painter.drawRoundedRect(QRectF(self.rect()), SIZES.radius_card, SIZES.radius_card)
        if self._image.isNull():
            painter.setFont(font(TYPE.body))
            painter.setPen(QColor(table.ink))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM), flags, self._words)
            return
        pixmap = self._pixmap()
        box = self._place(pixmap)
        paper = QPainterPath()
        paper.addRoundedRect(QRectF(box), _CORNER, _CORNER)
        painter.fillPath(paper, QColor(_PAPER))
        painter.save()
        painter.setClipPath(paper)
        painter.drawPixmap(box.topLeft(), pixmap)
        painter.restore()
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(paper)

    def _place(self, pixmap: QPixmap) -> QRect:
        size = pixmap.deviceIndependentSize().toSize()
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(left, top, size.width(), size.height())

    def _pixmap(self) -> QPixmap:
        """Return the label at the size in which it is shown, made once a size."""
        ratio = self.devicePixelRatioF()
        if self._scaled is None or self._scaled.devicePixelRatio() != ratio:
            room = QSize(self.width() - 2 * _ROOM, self.height() - 2 * _ROOM) * ratio
            self._scaled = QPixmap.fromImage(scaled_dots(self._image, _fitting(self._image.size(), room)))
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled


def _fitting(dots: QSize, room: QSize) -> QSize:
    """Return the size of a picture in pixels: whole pixels a dot where there is room, else as it fits."""
    times = min(room.width() // dots.width(), room.height() // dots.height())
    return dots * times if times >= 1 else dots.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
