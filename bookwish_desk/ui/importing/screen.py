"""The import screen: a file, what its columns are, an import on its way, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.importing.grid import ColumnGrid
from bookwish_desk.ui.importing.panels import FilePanel, ResultPanel, RunningPanel
from bookwish_desk.ui.importing.state import ImportState, Stage
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Choice, Label, Notice, Toggle

AUTOMATIC = "Automatic"


class ImportScreen(QWidget):
    """Intents are signals; `show_state` shows a state. A file may be dropped anywhere on it.

    `fields` are what a column can be (id and label), `encodings` what a file can be written in.
    """

    opened = Signal(str)
    encoding_chosen = Signal(str)
    counted = Signal(bool)
    mapped = Signal(int, str)
    run_asked = Signal()
    cancelled = Signal()
    again_asked = Signal()
    left = Signal()

    def __init__(
        self, fields: Mapping[str, str], encodings: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = ImportState()
        self.setAcceptDrops(True)
        self.setAccessibleName("Import a list")
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        head = QHBoxLayout()
        head.setSpacing(SIZES.gap_large)
        self.back_button = Button("Stock", "import.back", "quiet", "back")
        self.back_button.clicked.connect(self.left)
        head.addWidget(self.back_button)
        head.addWidget(Label("Import a list", "title"))
        head.addStretch(1)
        column.addLayout(head)
        self.file = FilePanel()
        self.file.opened.connect(self.opened)
        self.running = RunningPanel()
        self.running.cancelled.connect(self.cancelled)
        self.result = ResultPanel()
        self.result.again.connect(self.again_asked)
        self._list = self._build_list(fields, encodings)
        column.addWidget(self.file)
        column.addWidget(self.running)
        column.addWidget(self._list, 1)
        column.addWidget(self.result, 1)
        # A stretch of its own, lest the card of a file be drawn out over the whole screen.
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self.show_state(self._state)

    def _build_list(self, fields: Mapping[str, str], encodings: Mapping[str, str]) -> Card:
        card = Card()
        self._about = Label("", "head", wrap=True)
        self.encoding = Choice("Encoding", [("", AUTOMATIC), *encodings.items()])
        self.encoding.setFixedWidth(330)
        self.encoding.picked.connect(self.encoding_chosen)
        self.counts = Toggle("This is a count of the shelves")
        self.counts.clicked.connect(self.counted)
        self._meaning = Label("", "small", "soft", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(SIZES.gap_large)
        told = QVBoxLayout()
        told.setSpacing(2)
        for widget in (self._about, self.counts, self._meaning):
            told.addWidget(widget)
        head.addLayout(told, 1)
        head.addWidget(self.encoding, 0, Qt.AlignmentFlag.AlignTop)
        card.column.addLayout(head)
        self.grid = ColumnGrid(fields)
        self.grid.picked.connect(self.mapped)
        card.column.addWidget(self.grid, 1)
        self._beyond = Label("", "small", "soft", wrap=True)
        card.column.addWidget(self._beyond)
        foot = QHBoxLayout()
        foot.setSpacing(SIZES.gap)
        self.problem = Notice("", "warn", card)
        self.run_button = Button("Import", "import.run", "primary")
        self.run_button.clicked.connect(self.run_asked)
        foot.addWidget(self.problem, 1)
        foot.addStretch(0)
        foot.addWidget(self.run_button, 0, Qt.AlignmentFlag.AlignBottom)
        card.column.addLayout(foot)
        return card

    def show_state(self, state: ImportState) -> None:
        """Show a state."""
        before, self._state = self._state, state
        stage = state.stage
        choosing = stage in ("choose", "looking", "ready")
        self.file.setVisible(choosing)
        self.running.setVisible(stage == "running")
        self._list.setVisible(stage == "ready")
        self.result.setVisible(stage == "done")
        report = state.result is not None and bool(state.result.report)
        whole = (stage == "done" and report) or (stage == "ready" and state.table)
        self._rest.setVisible(not whole)
        fit = QSizePolicy.Policy.Preferred if whole else QSizePolicy.Policy.Maximum
        for panel in (self._list, self.result):
            panel.setSizePolicy(QSizePolicy.Policy.Preferred, fit)
        if choosing:
            self.file.show_state(state)
        if stage == "ready":
            self._show_list(state)
        elif stage == "running":
            self.running.show_running(state.name, state.running)
        elif stage == "done" and state.result is not None:
            self.result.show_result(state.result)
        if stage != before.stage:
            self._focus(stage)

    def _show_list(self, state: ImportState) -> None:
        self._about.setText(state.about)
        for widget in (self.encoding, self.counts, self.grid):
            widget.setVisible(state.table)
        self.encoding.choose(state.encoding)
        self.counts.setChecked(state.counts)
        self._meaning.setText(_meaning(state))
        if state.table:
            self.grid.show_columns(state.columns)
        self._beyond.setText(state.beyond)
        self._beyond.setVisible(bool(state.beyond))
        self.problem.show_text(state.problem, "warn")
        self.run_button.setEnabled(not state.problem)
        self.run_button.setAccessibleDescription(state.problem or f"Key {self.run_button.key_text()}")

    def _focus(self, stage: Stage) -> None:
        if not self.isVisible():
            return
        if stage == "choose":
            self.file.path.select()
        elif stage == "ready" and self.run_button.isEnabled():
            self.run_button.setFocus()
        elif stage == "ready" and self.grid.choices:
            self.grid.choices[0].setFocus()
        elif stage == "running":
            self.running.cancel_button.setFocus()
        elif stage == "done":
            self.result.again_button.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._focus(self._state.stage)

    # ---- a file dropped on the screen ----

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.opened.emit(files[0])


def _meaning(state: ImportState) -> str:
    if not state.table:
        return "What it says of each title replaces what was known. Nothing has to be mapped."
    if state.counts:
        return "What stands on the shelves becomes what the list says, and its prices are the shop's own."
    return "A stock in the list is taken for items that have never moved; prices are the trade's."
