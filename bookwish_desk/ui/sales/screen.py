"""The sales screen: past sales to search, the chosen one written out, and pages for jobs and activity."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.sales.paper import Paper
from bookwish_desk.ui.sales.sheets import gift_sheet
from bookwish_desk.ui.sales.state import ListRow, Page, SaleDetail, SalesState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Button,
    Card,
    Column,
    Label,
    Notice,
    Row,
    RowList,
    SearchLine,
)
from bookwish_desk.ui.widgets.buttons import Kind

_PAGES: tuple[Page, ...] = ("list", "jobs", "activity")


class SalesScreen(QWidget):
    """Intents are signals; `show_state` shows a state. The other two pages are screens of their own."""

    page_chosen = Signal(str)
    typed = Signal(str)
    entered = Signal(str)
    chosen = Signal(str)
    reprint_asked = Signal()
    gift_asked = Signal(tuple)
    email_asked = Signal()
    mails_asked = Signal()
    return_asked = Signal()

    def __init__(self, jobs: QWidget, activity: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = SalesState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        column.addLayout(self._build_tabs())
        self._pages = QStackedWidget()
        for page in (self._build_list(), jobs, activity):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        self.setAccessibleName("Sales")

    # Building

    def _build_tabs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._tabs: dict[Page, Button] = {
            "list": self._tab("Sales", "sales.list", "list"),
            "jobs": self._tab("Print jobs", "sales.jobs", "jobs"),
            "activity": self._tab("Activity", "sales.activity", "activity"),
        }
        for tab in self._tabs.values():
            row.addWidget(tab)
        row.addStretch(1)
        row.addWidget(self._verb("E-mails", "sales.mail", self.mails_asked.emit))
        return row

    def _tab(self, text: str, key: str, page: Page) -> Button:
        tab = Button(text, key)
        tab.setCheckable(True)
        tab.clicked.connect(lambda _on=False: self.page_chosen.emit(page))
        return tab

    def _build_list(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(SIZES.gap)
        self.search = SearchLine("Scan a receipt, or type title, customer, date", key="sales.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self.entered)
        self.search.left.connect(lambda: self.typed.emit(""))
        left.addWidget(self.search)
        self._notice = Notice(parent=page)
        left.addWidget(self._notice)
        self.rows = RowList(
            (Column("Receipt", 92), Column("Sale"), Column("Amount", 96, "right")),
            name="Past sales",
            empty="No sale fits.",
        )
        self.rows.chosen.connect(self.chosen)
        self.search.stepped.connect(self.rows.step)
        left.addWidget(self.rows, 1)
        row.addLayout(left, 6)
        row.addWidget(self._build_detail(), 5)
        return page

    def _build_detail(self) -> QWidget:
        card = Card()
        self._heading = Label("", "head", elide=True)
        card.column.addWidget(self._heading)
        self._printing = Notice("", "warn", parent=card)
        card.column.addWidget(self._printing)
        self.paper = Paper()
        card.column.addWidget(self.paper, 1)
        verbs = QHBoxLayout()
        verbs.setSpacing(8)
        self._return = self._verb("Return", "sales.return", self.return_asked.emit, "primary")
        self._gift = self._verb("Gift receipt", "sales.gift", self._ask_gift)
        self._reprint = self._verb("Print again", "sales.reprint", self.reprint_asked.emit)
        self._email = self._verb("E-mail the receipt", "sales.email", self.email_asked.emit)
        for button in (self._reprint, self._gift, self._return):
            verbs.addWidget(button, 1)
        card.column.addWidget(self._email)
        card.column.addLayout(verbs)
        return card

    def _verb(self, text: str, key: str, then: Callable[[], object], kind: Kind = "plain") -> Button:
        button = Button(text, key, kind)
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: SalesState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        self._pages.setCurrentIndex(_PAGES.index(state.page))
        for page, tab in self._tabs.items():
            tab.setChecked(page == state.page)
        self._tabs["jobs"].setText(f"Print jobs ({state.jobs})" if state.jobs else "Print jobs")
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._notice.show_text(state.notice, state.tone)
        if state.rows != before.rows:
            self.rows.set_rows(tuple(_row(r) for r in state.rows))
        self.rows.choose(state.selected)
        self._show_detail(state.detail)
        if state.page == "list" != before.page and self.isVisible():
            self.search.setFocus()

    def _show_detail(self, detail: SaleDetail | None) -> None:
        self._heading.setText(detail.heading if detail else "No sale chosen")
        self._printing.show_text(detail.printing if detail else "", "warn")
        self.paper.set_rows(detail.paper if detail else ())
        self._reprint.setEnabled(detail is not None)
        self._email.setVisible(detail is not None and detail.can_email)
        self._gift.setEnabled(detail is not None and bool(detail.gifts))
        self._return.setEnabled(detail is not None and detail.can_return)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._state.page == "list":
            self.search.setFocus()

    def _ask_gift(self) -> None:
        detail = self._state.detail
        if detail is None:
            return
        if len(detail.gifts) == 1:
            self.gift_asked.emit(())
        else:
            gift_sheet(self, detail.gifts, self.gift_asked.emit).open()


def _row(r: ListRow) -> Row:
    tone = "danger" if r.wrong else "warn"
    return Row(
        r.receipt,
        (r.receipt, r.title, r.amount),
        second=r.details,
        badge=r.badge,
        tone=tone,  # type: ignore[arg-type]
    )
