"""An X or Z report on the screen, typeset from the same sections as the slip and the page."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.shop.till import TillReport
from bookwish_desk.shop.till_words import Section, identity, sections, subtitle, title
from bookwish_desk.ui.till.state import TillState, verdict
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Amount, Button, Card, Label, Line, Notice, Scroll

_LEFT = ("Sales", "Tax", "Payments")
_RIGHT = ("Cash in the drawer", "Count", "Activity")


class ReportPage(QWidget):
    """Shows a report: print it as a slip or as pages, save it as PDF, open the file or copy it elsewhere."""

    print_asked = Signal()
    pages_asked = Signal()
    pdf_asked = Signal()
    copy_asked = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: TillReport | None = None
        self._pdf = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_head())
        self._verdict = Notice()
        column.addWidget(self._verdict)
        self._scroll = Scroll(margin=22, spacing=SIZES.gap_large)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._paper = QWidget()
        self._scroll.column.addWidget(self._paper)
        self._scroll.column.addStretch(1)
        card = Card(margin=2)
        card.column.addWidget(self._scroll)
        column.addWidget(card, 1)
        column.addLayout(self._build_file())

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        names = QVBoxLayout()
        names.setSpacing(2)
        self._title = Label("", "title")
        self._subtitle = Label("", tone="soft", elide=True)
        names.addWidget(self._title)
        names.addWidget(self._subtitle)
        row.addLayout(names, 1)
        self._back = Button("Back", key="till.back")
        self._print = Button("Print", key="till.print", icon="printer")
        self._pages = Button("Print pages", key="till.pages")
        self._save = Button("Save PDF", key="till.pdf")
        self._back.clicked.connect(self.left)
        self._print.clicked.connect(self.print_asked)
        self._pages.clicked.connect(self.pages_asked)
        self._save.clicked.connect(self.pdf_asked)
        for button in (self._save, self._pages, self._print, self._back):
            row.addWidget(button)
        return row

    def _build_file(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._path = Label("", "small", "soft", elide=True)
        self._open = Button("Open the PDF")
        self._copy = Button("Save a copy")
        self._open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(self._pdf)))
        self._copy.clicked.connect(self._ask_where)
        row.addWidget(self._path, 1)
        row.addWidget(self._open)
        row.addWidget(self._copy)
        return row

    def show_state(self, state: TillState) -> None:
        """Show the state's report and where it was saved."""
        if state.report is None:
            return
        self._pdf = state.pdf
        self._save.setVisible(not state.pdf)
        self._save.setEnabled(not state.saving)
        self._pages.setVisible(state.pages)
        self._pages.setEnabled(not state.saving)
        self._path.setText(f"Saved as {state.pdf}" if state.pdf else "")
        for widget in (self._path, self._open, self._copy):
            widget.setVisible(bool(state.pdf))
        self._print.setText("Print again" if state.report.kind == "Z" else "Print")
        if state.report != self._report:
            self._report = state.report
            self._typeset(state.report)

    def focus_first(self) -> None:
        """Go to the report, so that the arrow keys scroll it."""
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self.window(), "Save a copy", self._pdf, "PDF (*.pdf)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(self.copy_asked)
        dialog.open()

    # The page

    def _typeset(self, report: TillReport) -> None:
        words, tone = verdict(report)
        self._title.setText(title(report))
        self._subtitle.setText(f"{subtitle(report)} {dict(identity(report))['Business date']}")
        self._verdict.show_text(words, tone)
        fresh = QWidget()
        page = QVBoxLayout(fresh)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(SIZES.gap_large)
        page.addLayout(_pairs(report))
        made = sections(report)
        halves = QHBoxLayout()
        halves.setSpacing(40)
        for names in (_LEFT, _RIGHT):
            half = QVBoxLayout()
            half.setSpacing(SIZES.gap_large)
            for section in made:
                if section.title in names:
                    half.addWidget(_block(section))
            half.addStretch(1)
            halves.addLayout(half, 1)
        page.addLayout(halves)
        for section in made:
            if section.title not in _LEFT + _RIGHT:
                page.addWidget(_block(section))
        self._scroll.column.replaceWidget(self._paper, fresh)
        self._paper.hide()
        self._paper.deleteLater()
        self._paper = fresh
        self._scroll.setAccessibleName(title(report))
        self._scroll.verticalScrollBar().setValue(0)


def _pairs(report: TillReport) -> QGridLayout:
    """Set whose report it is, in two columns."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(SIZES.gap_large)
    grid.setVerticalSpacing(SIZES.gap_small)
    facts = identity(report)
    high = -(-len(facts) // 2)
    for place, (label, text) in enumerate(facts):
        grid.addWidget(Label(label, tone="soft"), place % high, place // high * 2)
        grid.addWidget(Label(text, elide=True), place % high, place // high * 2 + 1)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    return grid


def _block(section: Section) -> QWidget:
    """Set one section: its title over a line, then its rows."""
    block = QWidget()
    block.setAccessibleName(section.title)
    grid = QGridLayout(block)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(SIZES.gap_large)
    grid.setVerticalSpacing(SIZES.gap_small)
    last = len(section.columns) - 1
    grid.addWidget(Label(section.title, "head"), 0, 0)
    for place, name in enumerate(section.columns[1:], 1):
        grid.addWidget(_cell(name, place, section, soft=True), 0, place)
    grid.addWidget(Line(), 1, 0, 1, last + 1)
    for line, row in enumerate(section.rows, 2):
        for place, text in enumerate(row.cells):
            grid.addWidget(_cell(text, place, section, strong=row.strong), line, place)
    if section.note:
        note = Label(section.note, "small", "soft", wrap=True)
        grid.addWidget(note, len(section.rows) + 2, 0, 1, last + 1)
    grid.setColumnStretch(0, 1)
    return block


def _cell(text: str, place: int, section: Section, *, strong: bool = False, soft: bool = False) -> Label:
    role, tone = "small" if soft else "strong" if strong else "body", "soft" if soft else "ink"
    if place == 0:
        return Label(text, role, tone, wrap=True)  # type: ignore[arg-type]
    if place in section.texts:
        return Label(text, role, tone)  # type: ignore[arg-type]
    return Amount(text, role=role, tone=tone)  # type: ignore[arg-type]
