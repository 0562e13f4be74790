"""A barcode on the screen, with bars of whole dots so that a scanner with a camera reads them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bookwish_desk.ui.scanner_setup.state import DrawnCode

_HEIGHT = 44
_QUIET = 12  # modules at each side; Code 128 asks for ten (ISO/IEC 15417)


class Bars(QWidget):
    """Paints one code, black on white whatever the theme."""

    def __init__(self, code: DrawnCode, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._modules = code.modules
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(f"Barcode: {code.title}")

    def _dot(self) -> float:
        """Return the width of a module: one dot of a plain screen, two of a fine one."""
        ratio = self.devicePixelRatioF()
        return max(1, round(ratio)) / ratio

    def sizeHint(self) -> QSize:
        return QSize(int((len(self._modules) + 2 * _QUIET) * self._dot()) + 1, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        dot = self._dot()
        for place, module in enumerate(self._modules):
            if module == "1":
                left = (_QUIET + place) * dot
                painter.fillRect(QRectF(left, 5, dot, _HEIGHT - 10), QColor(Qt.GlobalColor.black))
