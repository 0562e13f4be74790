"""What the import screen shows beside the list itself: where to begin, an import on its way, its result."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.import_words import PHASES
from bookwish_desk.ui.importing.state import COUNTS, ImportState, Result, Running
from bookwish_desk.ui.settings.panels import choose_file
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Amount,
    Button,
    Card,
    Column,
    Field,
    Label,
    Notice,
    Row,
    RowList,
)
from bookwish_desk.ui.widgets.progress import Bar

_KINDS = "Lists (*.csv *.tsv *.txt *.tab *.xml *.onix *.onx *.gz *.zip *.dat);;All files (*)"
_EXPLAINED = (
    (
        "Tables",
        "CSV or TSV, as every spreadsheet saves them. Usual headings are recognised; others are mapped "
        "here, and remembered for the next list.",
    ),
    ("ONIX", "ONIX 3.0 and 3.1 from publishers and distributors, with reference names or short tags."),
    ("StockV2", "Ingram's stock files, whole or as changes."),
)
_NO_PROGRAM = "This computer has no program that opens the report. It lies where the path beneath says."


class FilePanel(Card):
    """Which list it is. `opened(path)` when a file was chosen, typed or dropped."""

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(spacing=14, parent=parent)
        self._title = Label("Which list?", "title")
        self._intro = Label("Drop a file here, choose it, or type where it is.", tone="soft", wrap=True)
        self.choose_button = Button("Choose a file", "import.choose", "primary")
        self.choose_button.clicked.connect(lambda _on=False: self._ask())
        self.path = Field("File", placeholder="Type or paste where it is, then Enter", limit=1_000)
        self.path.entered.connect(lambda: self.opened.emit(_local(self.path.text())))
        self.notice = Notice(parent=self)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignBottom)
        for widget in (self._title, self._intro):
            self.column.addWidget(widget)
        self.column.addLayout(row)
        self.column.addWidget(self.notice)
        self._kinds = QWidget()
        kinds = QGridLayout(self._kinds)
        kinds.setContentsMargins(0, 6, 0, 0)
        kinds.setHorizontalSpacing(SIZES.gap_large)
        kinds.setColumnStretch(1, 1)
        for line, (name, words) in enumerate(_EXPLAINED):
            kinds.addWidget(Label(name, "strong"), line, 0, Qt.AlignmentFlag.AlignTop)
            kinds.addWidget(Label(words, tone="soft", wrap=True), line, 1)
        self.column.addWidget(self._kinds)

    def show_state(self, state: ImportState) -> None:
        """Show the file that is chosen; without one, what can be chosen."""
        first = state.stage == "choose"
        self._title.setVisible(first)
        self._intro.setVisible(first)
        self._kinds.setVisible(first)
        if state.path or not self.path.edit.hasFocus():
            self.path.set_text(state.path)
        self.path.setEnabled(state.stage != "looking")
        self.choose_button.set_kind("primary" if first else "plain")
        self.choose_button.setEnabled(state.stage != "looking")
        self.notice.show_text(state.notice, state.tone)

    def _ask(self) -> None:
        choose_file(self, "Choose a list", _KINDS, self.opened.emit)


def _local(text: str) -> str:
    """Return the path of what a file manager copies, file:///home/maya/list.csv, or the text as it is."""
    return QUrl(text.strip()).toLocalFile() if text.strip().startswith("file:") else text


class RunningPanel(Card):
    """An import on its way. `cancelled()`."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=28, spacing=14, parent=parent)
        self._title = Label("", "title", wrap=True)
        self._steps = tuple(Label(f"{n}. {words}") for n, words in enumerate(PHASES.values(), 1))
        steps = QHBoxLayout()
        steps.setSpacing(SIZES.gap_large)
        for label in self._steps:
            steps.addWidget(label)
        steps.addStretch(1)
        self.bar = Bar("How far this step is")
        self._per_cent = Label("", "strong")
        self._figures = Label("", wrap=True)
        self._hint = Label("", tone="soft", wrap=True)
        self.cancel_button = Button("Cancel the import", "import.cancel", "danger")
        self.cancel_button.clicked.connect(self.cancelled)
        figures = QHBoxLayout()
        figures.setSpacing(SIZES.gap_large)
        figures.addWidget(self._per_cent)
        figures.addWidget(self._figures, 1)
        self.column.addWidget(self._title)
        self.column.addLayout(steps)
        self.column.addWidget(self.bar)
        self.column.addLayout(figures)
        self.column.addWidget(self._hint)
        verbs = QHBoxLayout()
        verbs.addWidget(self.cancel_button)
        verbs.addStretch(1)
        self.column.addLayout(verbs)

    def show_running(self, name: str, running: Running) -> None:
        """Show how far it is."""
        self._title.setText(f"Importing {name}")
        for step, label in enumerate(self._steps, 1):
            here = step == running.step
            label.set_tone("ink" if here else "soft")
            label.set_role("strong" if here else "body")
            done = ", done" if step < running.step else ", now" if here else ""
            label.setAccessibleName(f"{label.text()}{done}")
        self.bar.setValue(running.per_cent)
        self.bar.setAccessibleDescription(f"{running.phase}, {running.per_cent} %")
        self._per_cent.setText(f"{running.per_cent} %")
        self._figures.setText(running.figures)
        self._hint.setText(running.hint)
        self.cancel_button.setVisible(running.can_cancel)


class ResultPanel(Card):
    """What became of a list. `again()`."""

    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=24, spacing=14, parent=parent)
        self._title = Label("", "title", wrap=True)
        self.column.addWidget(self._title)
        self._figures = {key: Amount("", words, "title") for key, words in COUNTS}
        figures = QGridLayout()
        figures.setHorizontalSpacing(SIZES.gap_large)
        figures.setVerticalSpacing(2)
        for place, (key, words) in enumerate(COUNTS):
            self._figures[key].setAlignment(Qt.AlignmentFlag.AlignLeft)
            figures.addWidget(self._figures[key], 0, place)
            figures.addWidget(Label(words, tone="soft"), 1, place)
            figures.setColumnStretch(place, 1)
        self.column.addLayout(figures)
        self._extras = Label("", wrap=True)
        self.column.addWidget(self._extras)
        self.column.addWidget(self._build_rejected(), 1)
        self.notice = Notice(parent=self)
        self.column.addWidget(self.notice)
        verbs = QHBoxLayout()
        verbs.setSpacing(SIZES.gap)
        self.again_button = Button("Import another list", "import.again", "primary")
        self.again_button.clicked.connect(self.again)
        verbs.addWidget(self.again_button)
        verbs.addStretch(1)
        self.column.addLayout(verbs)

    def _build_rejected(self) -> QWidget:
        self._rejected = QWidget()
        column = QVBoxLayout(self._rejected)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        column.addWidget(Label("Rejected rows", "head"))
        self.rows = RowList(
            (Column("Line", 76, "right"), Column("Why")), "Rejected rows", row_height=SIZES.row_single
        )
        self.rows.setMinimumHeight(3 * SIZES.row_single)
        column.addWidget(self.rows, 1)
        self._more = Label("", "small", "soft", wrap=True)
        column.addWidget(self._more)
        self.report = Field("Report of the rejected rows", limit=1_000)
        self.report.edit.setReadOnly(True)
        self.report_button = Button("Open the report", "import.report")
        self.report_button.clicked.connect(lambda _on=False: self._open_report())
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        row.addWidget(self.report, 1)
        row.addWidget(self.report_button, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        return self._rejected

    def show_result(self, result: Result) -> None:
        """Show what an import did."""
        if self._title.text() != result.sentence:
            self.notice.show_text("")
        self._title.setText(result.sentence)
        for key, figure in result.counts:
            self._figures[key].set_amount(figure)
        self._extras.setText(result.extras)
        self._extras.setVisible(bool(result.extras))
        self._rejected.setVisible(bool(result.report))
        self.rows.set_rows(tuple(Row(str(n), one) for n, one in enumerate(result.rejected)))
        self._more.setText(result.more_rejected)
        self._more.setVisible(bool(result.more_rejected))
        self.report.set_text(result.report)

    def _open_report(self) -> None:
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(self.report.text()))
        self.notice.show_text("" if opened else _NO_PROGRAM, "warn")
