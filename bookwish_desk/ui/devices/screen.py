"""The window of the simulated devices: printers, drawer, scanner, display and scale. It drives none."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bookwish_desk.ui.devices.counter import DisplayPage, ScalePage
from bookwish_desk.ui.devices.drawer import CashDrawer
from bookwish_desk.ui.devices.palette import ScannerPalette
from bookwish_desk.ui.devices.paper import PaperRoll
from bookwish_desk.ui.devices.state import DevicesState, DisplayFace, PrinterFace, ScaleFace, Switches
from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Chip, Choice, Label, StatusChip, Toggle, say
from bookwish_desk.ui.widgets.panel import State

_TWO_COLUMNS = 800
_MARGIN = 14
_MOST_BUTTONS = 2  # more names of devices do not fit beside one another
_SLOT = "#2b2a27"


class DevicesWindow(QWidget):
    """A window of its own that never takes the keys away from the register when it is shown.

    `scanned(code)` goes to whoever owns scans; the other signals go to its presenter.
    """

    scanned = Signal(str)
    searched = Signal(str)
    listing_picked = Signal(str)
    device_chosen = Signal(str)
    switched = Signal(object)
    drawer_closed = Signal(str)
    drawer_stuck = Signal(str, bool)
    display_switched = Signal(bool)
    weight_laid = Signal(int)
    scale_swayed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = DevicesState()
        self._choices: list[Button] = []
        self.setWindowTitle("Simulated devices")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setMinimumSize(400, 700)
        self.resize(420, 840)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._halves.setSpacing(SIZES.gap)
        self._halves.addWidget(self._build_devices(), 6)
        self._halves.addWidget(self._build_counter(), 5)
        self.scanner.search.setFocus()
        self.show_state(self._state)

    # ---- building ----

    def _build_devices(self) -> QWidget:
        half = QWidget()
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self._chooser = QHBoxLayout()
        self._chooser.setSpacing(SIZES.gap_small)
        column.addLayout(self._chooser)
        self.device = Choice("Device")
        self.device.picked.connect(self.device_chosen)
        column.addWidget(self.device)
        self._pages = QStackedWidget()
        self.printer = PrinterPage()
        self.printer.switched.connect(self.switched)
        self.display = DisplayPage()
        self.display.switched.connect(self.display_switched)
        self.scale = ScalePage()
        self.scale.laid.connect(self.weight_laid)
        self.scale.swayed.connect(self.scale_swayed)
        for page in (self.printer, self.display, self.scale):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        return half

    def _build_counter(self) -> QWidget:
        half = QWidget()
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self._drawer_place = QWidget()
        row = QHBoxLayout(self._drawer_place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self.drawer = CashDrawer()
        self.drawer.clicked.connect(self._push)
        row.addWidget(self.drawer)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._drawer_words = Label("", "strong", elide=True)
        self._openings = Label("", "small", "soft", elide=True)
        self.shut = Button("Close drawer")
        self.shut.clicked.connect(self._push)
        self.stuck = Toggle("Drawer stuck")
        self.stuck.toggled.connect(self._stick)
        for widget in (self._drawer_words, self._openings, self.shut, self.stuck):
            words.addWidget(widget)
        row.addLayout(words, 1)
        column.addWidget(self._drawer_place)
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
        if [(f.id, f.name) for f in state.faces] != [(f.id, f.name) for f in before.faces]:
            self._build_choices(state)
        for button, face in zip(self._choices, state.faces, strict=False):
            button.setChecked(face.id == state.chosen)
        self.device.choose(state.chosen)
        self._show_face(state)
        self._show_drawer(state, before)
        self.scanner.show_state(state)

    def _build_choices(self, state: DevicesState) -> None:
        """Offer the devices, where there is something to choose from: as buttons, or as a list."""
        for button in self._choices:
            button.hide()
            button.deleteLater()
        self._choices = []
        few = len(state.faces) <= _MOST_BUTTONS
        self.device.setVisible(not few)
        self.device.set_options([(face.id, face.name) for face in state.faces])
        for face in state.faces if few else ():
            button = Button(face.name)
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, device=face.id: self.device_chosen.emit(device))
            self._chooser.addWidget(button, 1)
            button.setVisible(len(state.faces) > 1)  # only now: without a parent it would be a window
            self._choices.append(button)

    def _show_face(self, state: DevicesState) -> None:
        face = state.face
        if isinstance(face, DisplayFace):
            self.display.show_face(face)
            self._pages.setCurrentWidget(self.display)
        elif isinstance(face, ScaleFace):
            self.scale.show_face(face)
            self._pages.setCurrentWidget(self.scale)
        else:
            self.printer.show_face(face)
            self._pages.setCurrentWidget(self.printer)

    def _show_drawer(self, state: DevicesState, before: DevicesState) -> None:
        drawers = state.drawers
        self._drawer_place.setVisible(bool(drawers))
        if not drawers or drawers[0].drawer is None:
            return
        drawer, several = drawers[0].drawer, len(drawers) > 1
        self.drawer.set_open(drawer.open)
        name = f"{drawers[0].name}: drawer" if several else "Drawer"
        self._drawer_words.setText(f"{name} open" if drawer.open else f"{name} closed")
        self._openings.setText(_times(drawer.openings))
        self.shut.setEnabled(drawer.open)
        check(self.stuck, drawer.stuck)
        was = next((f.drawer for f in before.drawers if f.id == drawers[0].id), None)
        if was is not None and drawer.openings > was.openings:
            say(self.drawer, "The drawer opened.")

    # ---- intents ----

    def _push(self) -> None:
        drawers = self._state.drawers
        if drawers and drawers[0].drawer is not None and drawers[0].drawer.open:
            self.drawer_closed.emit(drawers[0].id)

    def _stick(self, stuck: bool) -> None:
        if self._state.drawers:
            self.drawer_stuck.emit(self._state.drawers[0].id, stuck)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _TWO_COLUMNS
        self._halves.setDirection(
            QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        )


class PrinterPage(QWidget):
    """A printer: its paper, how it is, and what a person makes go wrong with it. `switched(Switches)`."""

    switched = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._printer = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.roll = PaperRoll()
        column.addWidget(self.roll, 1)
        self._body = PrinterBody()
        column.addWidget(self._body)
        grid = QGridLayout()
        grid.setSpacing(0)
        self.paper_out = Toggle("Paper out")
        self.cover_open = Toggle("Cover open")
        self.offline = Toggle("Offline")
        self.mute = Toggle("Says nothing")
        toggles = (self.paper_out, self.cover_open, self.offline, self.mute)
        for place, toggle in enumerate(toggles):
            toggle.toggled.connect(self._switch)
            grid.addWidget(toggle, place // 2, place % 2)
        column.addLayout(grid)

    def show_face(self, face: PrinterFace | None) -> None:
        """Show a printer as it is now; None where there is none."""
        state: State = "off" if face is None else "ok" if face.ready else "warn"
        words = "No simulated printer is in use." if face is None else face.words
        self._body.set_chip(Chip("printer", state, words))
        switches = face.switches if face is not None else Switches()
        for toggle, on in (
            (self.paper_out, switches.paper_out),
            (self.cover_open, switches.cover_open),
            (self.offline, switches.offline),
            (self.mute, switches.mute),
        ):
            check(toggle, on)
            toggle.setEnabled(face is not None)
        printer, papers = (face.id, face.papers) if face is not None else ("", ())
        if (printer, papers) != (self._printer, self.roll.papers()):
            self._printer = printer
            self.roll.show_papers(papers, printer)

    def _switch(self) -> None:
        self.switched.emit(
            Switches(
                self.paper_out.isChecked(),
                self.cover_open.isChecked(),
                self.offline.isChecked(),
                self.mute.isChecked(),
            )
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


def check(toggle: Toggle, on: bool) -> None:
    """Set a toggle without its telling anybody."""
    toggle.blockSignals(True)
    toggle.setChecked(on)
    toggle.blockSignals(False)


def _times(count: int) -> str:
    return {0: "Not opened yet.", 1: "Opened once."}.get(count, f"Opened {count} times.")
