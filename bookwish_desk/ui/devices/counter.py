"""What lies on the counter beside the printer, simulated: the customer's line display, and a scale."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.devices.state import DisplayFace, ScaleFace
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, CountField, Label, Toggle

_COLUMNS = 20
_GLASS, _LIT, _DIM = "#10201d", "#7df0d0", "#17332d"
_MOST_GRAMS = 30_000


class Glass(QWidget):
    """Two lines of twenty lit characters, as they stand on the display."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_rows("", "")

    def show_rows(self, upper: str, lower: str) -> None:
        """Show these lines."""
        self._rows = (upper, lower)
        words = " / ".join(" ".join(row.split()) for row in self._rows if row.strip())
        self.setAccessibleName(f"Line display: {words}" if words else "Line display, dark")
        self.update()

    def rows(self) -> tuple[str, str]:
        """Return the lines shown."""
        return self._rows

    def sizeHint(self) -> QSize:
        return QSize(380, 104)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_GLASS))
        painter.drawRoundedRect(QRectF(self.rect()), SIZES.radius, SIZES.radius)
        cell = (self.width() - 24) / _COLUMNS
        chosen = QFont()
        chosen.setFamilies(["DejaVu Sans Mono", "Menlo", "Consolas", "Courier New"])
        chosen.setStyleHint(QFont.StyleHint.Monospace)
        chosen.setPixelSize(20)
        wide = QFontMetricsF(chosen).horizontalAdvance("0")
        chosen.setPixelSize(max(8, min(30, int(20 * cell * 0.86 / max(1.0, wide)))))
        painter.setFont(chosen)
        for number, row in enumerate(self._rows):
            for place in range(_COLUMNS):
                box = QRectF(12 + place * cell, 12 + number * 42, cell, 38)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(_DIM))
                painter.drawRect(box.adjusted(1, 0, -1, 0))
                painter.setPen(QColor(_LIT))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row[place : place + 1])


class DisplayPage(QWidget):
    """A line display: what stands on it, and its cable."""

    switched = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(Label("This is what the customer reads.", tone="soft"))
        self.glass = Glass()
        column.addWidget(self.glass)
        self.off = Toggle("Display unplugged")
        self.off.toggled.connect(self.switched)
        column.addWidget(self.off)
        column.addStretch(1)

    def show_face(self, face: DisplayFace) -> None:
        """Show the display as it is now."""
        self.glass.show_rows("" if face.off else face.upper, "" if face.off else face.lower)
        self.off.blockSignals(True)
        self.off.setChecked(face.off)
        self.off.blockSignals(False)


class ScalePage(QWidget):
    """A scale: what is put on it. `laid(grams)`, `swayed()`."""

    laid = Signal(int)
    swayed = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        column.addStretch(1)
        self._words = Label("", "head")
        column.addWidget(self._words)
        self.grams = CountField("Weight in grams", 450, least=1, most=_MOST_GRAMS)
        self.grams.entered.connect(self._lay)
        column.addWidget(self.grams)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_small)
        self.put = Button("Put it on", kind="primary")
        self.put.clicked.connect(self._lay)
        self.take = Button("Take it off")
        self.take.clicked.connect(lambda _on=False: self.laid.emit(0))
        self.shake = Button("Let it sway")
        self.shake.clicked.connect(lambda _on=False: self.swayed.emit())
        for button in (self.put, self.take, self.shake):
            row.addWidget(button, 1)
        column.addLayout(row)
        column.addStretch(1)

    def show_face(self, face: ScaleFace) -> None:
        """Show what lies on the scale."""
        lies = f"{face.grams} g on the scale" if face.grams else "Nothing on the scale"
        self._words.setText(lies if face.still else "The scale does not come to rest")

    def _lay(self) -> None:
        grams = self.grams.value()
        if grams is None:
            self.grams.set_error("Write a weight in grams.")
        else:
            self.laid.emit(grams)
