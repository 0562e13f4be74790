"""The sheet for papers of orders: what is printed on which paper, how far it is, and what had none."""

from __future__ import annotations

from PySide6.QtCore import QDir, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.order_papers.state import PapersState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Choice, Column, Label, Row, RowList, Sheet, ask
from bookwish_desk.ui.widgets.progress import Bar

_MOST_SHOWN = 4


class PapersSheet(Sheet):
    """Opened by `order_papers.ask_print`. Intents are signals; `show_state` shows a state."""

    paper_chosen = Signal(str)
    size_chosen = Signal(str)
    print_asked = Signal()
    file_chosen = Signal(str)
    replace_asked = Signal(bool)
    stop_asked = Signal()

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, title, width=660)
        self._state = PapersState()
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.paper, self.size_of = Choice("Paper"), Choice("Size")
        self.paper.picked.connect(self.paper_chosen)
        self.size_of.picked.connect(self.size_chosen)
        for choice in (self.paper, self.size_of):
            row.addWidget(choice, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)
        self._printer = Label("", tone="soft", wrap=True)
        self.body.addWidget(self._printer)
        self.body.addWidget(self._build_progress())
        self.failed = RowList(
            (Column("Order", 190), Column("Why there is none")), name="Orders without this paper"
        )
        self.failed.setFixedHeight(SIZES.row * _MOST_SHOWN + 36)
        self.body.addWidget(self.failed)
        self.failed.hide()
        self._leave = self.add_button("Close", then=self._left, key="papers.close")
        self._save = self.add_button("Save as PDF", then=self._ask_where, key="papers.save")
        self._print = self.add_button("Print", "primary", self.print_asked.emit, "papers.print")
        self.focus_on(self.paper.combo)

    def _build_progress(self) -> QWidget:
        self._progress = QWidget()
        column = QVBoxLayout(self._progress)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        self.bar = Bar("Orders done")
        self._how_far = Label("", tone="soft")
        column.addWidget(self.bar)
        column.addWidget(self._how_far)
        self._progress.hide()
        return self._progress

    def show_state(self, state: PapersState) -> None:
        """Show the state; the sheet goes when all of it is done and nothing is left to read."""
        before, self._state = self._state, state
        if state.over:
            self.accept()
            return
        if state.papers != before.papers:
            self.paper.set_options(state.papers)
        if state.sizes != before.sizes:
            self.size_of.set_options(state.sizes)
        self.paper.choose(state.paper)
        self.size_of.choose(state.size)
        self.size_of.setVisible(bool(state.sizes))
        self._printer.setText(state.lacking or state.printer)
        self._printer.set_tone("warn" if state.lacking else "soft")
        self._show_progress(state)
        self.show_notice(state.notice, state.tone)
        for choice in (self.paper, self.size_of):
            choice.setEnabled(not state.busy)
        self._leave.setText("Stop" if state.busy else "Close")
        self._leave.setEnabled(not state.stopping)
        self._save.setEnabled(not state.busy)
        self._save.setVisible(bool(state.file_name))
        self._print.setEnabled(not state.busy and not state.lacking)
        if state.replacing and state.replacing != before.replacing:
            self._ask_replace(state.replacing)

    def _show_progress(self, state: PapersState) -> None:
        self._progress.setVisible(state.busy)
        self.bar.setValue(100 * state.done // max(1, state.total))
        self._how_far.setText(f"{state.done} of {state.total} orders")
        self.failed.set_rows(tuple(Row(str(n), (f.order, f.reason)) for n, f in enumerate(state.failed)))
        self.failed.setVisible(bool(state.failed))

    # Intents

    def _left(self) -> None:
        if self._state.busy:
            self.stop_asked.emit()
        else:
            self.reject()

    def _ask_where(self) -> None:
        if not self._state.file_name:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = QDir(folder or QDir.homePath()).filePath(self._state.file_name)
        dialog = QFileDialog(self, "Save as PDF", name, "PDF (*.pdf)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # Whether a file may be replaced is asked in the desk's own way: Qt's question stops everything.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(self._state.file_name)
        dialog.fileSelected.connect(self.file_chosen)
        dialog.open()

    def _ask_replace(self, path: str) -> None:
        ask(
            self,
            "Replace the file?",
            f"{path} is there already.",
            [("", "Keep it", "plain"), ("replace", "Replace it", "danger")],
            then=lambda answer: self.replace_asked.emit(answer == "replace"),
        )
