"""How a packing slip will look: its first page, small."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Label

_WIDTH = 480


class SlipPanel(QWidget):
    """A made-up order's packing slip with what stands in the form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("A packing slip of a made-up order", "strong"))
        self._words = Label("The picture is being made.", tone="soft")
        column.addWidget(self._words)
        self.picture = _Page()
        column.addWidget(self.picture)

    def show_slip(self, png: bytes) -> None:
        """Show another picture; without one say that it is being made."""
        self._words.setVisible(not png)
        self.picture.setVisible(bool(png))
        self.picture.show_page(png)


class _Page(QWidget):
    """A page on white, as sharp as the screen allows."""

    def __init__(self) -> None:
        super().__init__()
        self._png = b""
        self._image = QImage()
        self.setAccessibleName("How a packing slip will look")

    def show_page(self, png: bytes) -> None:
        """Show a page, given as PNG."""
        if png != self._png:
            self._png = png
            self._image = QImage.fromData(png)
            if not self._image.isNull():
                self.setFixedSize(_WIDTH, round(self._image.height() * _WIDTH / self._image.width()))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self.size() * self.devicePixelRatioF()
        how = Qt.TransformationMode.SmoothTransformation
        image = self._image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, how)
        painter.drawImage(QRect(0, 0, self.width(), self.height()), image)
        painter.setPen(QPen(QColor(colours().control_border), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
