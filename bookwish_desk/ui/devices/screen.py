"""The window of the simulated devices: printer, drawer and scanner of the demonstration. It drives none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.devices.drawer import CashDrawer
from bookwish_desk.ui.devices.palette import ScannerPalette
from bookwish_desk.ui.devices.paper import PaperRoll
from bookwish_desk.ui.devices.state import DevicesState, Switches
from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Chip, Label, StatusChip, Toggle, say

_TWO_COLUMNS = 800
_MARGIN = 14
_SLOT = "#2b2a27"


class DevicesWindow(QWidget):
    """A window of its own that never takes the keys away from the register when it is shown.

    `scanned(code)` goes to whoever owns scans; the other signals go to its presenter.
    """

    scanned = Signal(str)
    searched = Signal(str)
    listing_picked = Signal(str)
    switched = Signal(object)
    drawer_closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = DevicesState()
        self.setWindowTitle("Simulated devices")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setMinimumSize(380, 640)
        self.resize(420, 800)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._halves.setSpacing(SIZES.gap)
        self._halves.addWidget(self._build_printer(), 6)
        self._halves.addWidget(self._build_counter(), 5)
        self.scanner.search.setFocus()
        self.show_state(self._state)

    # ---- building ----

    def _build_printer(self) -> QWidget:
        half = QWidget()
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.roll = PaperRoll()
        column.addWidget(self.roll, 1)
        self._printer = PrinterBody()
        column.addWidget(self._printer)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_small)
        self.paper_out = Toggle("Paper out")
        self.cover_open = Toggle("Cover open")
        self.offline = Toggle("Offline")
        for toggle in (self.paper_out, self.cover_open, self.offline):
            toggle.toggled.connect(self._switch)
            row.addWidget(toggle)
        row.addStretch(1)
        column.addLayout(row)
        return half

    def _build_counter(self) -> QWidget:
        half = QWidget()
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.drawer = CashDrawer()
        self.drawer.clicked.connect(self._push)
        row.addWidget(self.drawer)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._drawer_words = Label("", "strong")
        self._openings = Label("", "small", "soft", wrap=True)
        self.shut = Button("Close drawer")
        self.shut.clicked.connect(self._push)
        words.addStretch(1)
        for widget in (self._drawer_words, self._openings, self.shut):
            words.addWidget(widget)
        row.addLayout(words, 1)
        column.addLayout(row)
        self.scanner = ScannerPalette()
        self.scanner.scanned.connect(self.scanned)
        self.scanner.searched.connect(self.searched)
        self.scanner.listing_picked.connect(self.listing_picked)
        column.addWidget(self.scanner, 1)
        return half

    # ---- showing ----

    def show_state(self, state: DevicesState) -> None:
        """Show the devices as they are now."""
        before, self._state = self._state, state
        self._printer.set_chip(Chip("printer", "ok" if state.ready else "warn", state.printer))
        for toggle, on in (
            (self.paper_out, state.switches.paper_out),
            (self.cover_open, state.switches.cover_open),
            (self.offline, state.switches.offline),
        ):
            toggle.blockSignals(True)
            toggle.setChecked(on)
            toggle.blockSignals(False)
        if state.papers is not before.papers:
            self.roll.show_papers(state.papers)
        self._show_drawer(state, before)
        self.scanner.show_state(state)

    def _show_drawer(self, state: DevicesState, before: DevicesState) -> None:
        self.drawer.set_open(state.drawer_open)
        self._drawer_words.setText("Drawer open" if state.drawer_open else "Drawer closed")
        self._openings.setText(_times(state.openings))
        self.shut.setEnabled(state.drawer_open)
        if state.openings > before.openings:
            say(self.drawer, "The drawer opened.")

    # ---- intents ----

    def _switch(self) -> None:
        self.switched.emit(
            Switches(self.paper_out.isChecked(), self.cover_open.isChecked(), self.offline.isChecked())
        )

    def _push(self) -> None:
        if self._state.drawer_open:
            self.drawer_closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _TWO_COLUMNS
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )


class PrinterBody(QWidget):
    """The front of the printer under the paper: its slot, and how it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 8)
        self._chip = StatusChip(Chip("printer", "ok", ""))
        row.addWidget(self._chip)
        row.addStretch(1)

    def set_chip(self, chip: Chip) -> None:
        """Show how the printer is."""
        if chip != self._chip.chip():
            self._chip.set_chip(chip)
            if self.isVisible():
                say(self._chip, chip.text)

    def chip(self) -> Chip:
        """Return how the printer is."""
        return self._chip.chip()

    def paintEvent(self, event: QPaintEvent) -> None:
        table = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(table.control_border), 1))
        painter.setBrush(QColor(table.surface))
        body = QRectF(self.rect()).adjusted(0.5, -SIZES.radius, -0.5, -0.5)
        painter.setClipRect(self.rect())
        painter.drawRoundedRect(body, SIZES.radius, SIZES.radius)
        painter.setBrush(QColor(_SLOT))
        painter.drawRect(QRectF(10.5, -0.5, self.width() - 21, 5.5))


def _times(count: int) -> str:
    return {0: "Not opened yet.", 1: "Opened once."}.get(count, f"Opened {count} times.")
