"""The till screen: closed or open, what moved at the drawer, the count sheet, reports and past tills."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.shop.till import Count, Move
from bookwish_desk.ui.till import sheets
from bookwish_desk.ui.till.count import CountPage
from bookwish_desk.ui.till.report import ReportPage
from bookwish_desk.ui.till.state import PastRow, TillForms, TillState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Button,
    Card,
    Column,
    Label,
    Notice,
    Row,
    RowList,
    Tile,
    ask,
)

_PAGES = {"loading": 0, "closed": 0, "open": 0, "count": 1, "report": 2}
_TONES = {"ok": "ok", "warn": "warn", "error": "danger"}


class TillScreen(QWidget):
    """Everything about the till. Intents are signals; forms go to `forms`."""

    count_asked = Signal()
    counted = Signal(object)
    drawer_asked = Signal()
    x_asked = Signal()
    past_asked = Signal(str)
    print_asked = Signal()
    pages_asked = Signal()
    pdf_asked = Signal()
    copy_asked = Signal(str)
    left = Signal()

    def __init__(self, forms: TillForms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._state = TillState()
        self.setAccessibleName("Till")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        self._pages = QStackedWidget()
        self.count = CountPage()
        self.report = ReportPage()
        for page in (self._build_stand(), self.count, self.report):
            self._pages.addWidget(page)
        outer.addWidget(self._pages)
        self.count.counted.connect(self._counted)
        self.count.left.connect(self.left)
        self.count.drawer_asked.connect(self.drawer_asked)
        self.report.print_asked.connect(self.print_asked)
        self.report.pages_asked.connect(self.pages_asked)
        self.report.pdf_asked.connect(self.pdf_asked)
        self.report.copy_asked.connect(self.copy_asked)
        self.report.left.connect(self.left)

    # Building

    def _build_stand(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._build_left(), 5)
        row.addWidget(self._build_right(), 6)
        return page

    def _build_left(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        card = Card()
        self._heading = Label("", "title", wrap=True)
        card.column.addWidget(self._heading)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(SIZES.gap_large)
        self._facts.setVerticalSpacing(SIZES.gap_small)
        self._facts.setColumnStretch(1, 1)
        card.column.addLayout(self._facts)
        self._verdict = Notice()
        self._warning = Notice(kind="warn")
        for widget in (self._verdict, self._warning):
            card.column.addWidget(widget)
        column.addWidget(card)
        self._open = self._button("Open the till", "till.open", self.count_asked.emit, "primary")
        column.addWidget(self._open)
        self._verbs = QWidget()
        grid = QGridLayout(self._verbs)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(10)
        tiles = (
            self._tile("Paid in", "Cash into the drawer", "till.paid_in", lambda: self._move("paid_in")),
            self._tile("Paid out", "Cash out, for a bill", "till.paid_out", lambda: self._move("paid_out")),
            self._tile("Drop", "Cash to the safe", "till.drop", lambda: self._move("drop")),
            self._tile("No sale", "Open the drawer", "no_sale", lambda: self._move("no_sale")),
            self._tile("X report", "Look, close nothing", "till.report", self.x_asked.emit),
            self._tile("Count and close", "Z report", "till.close", self.count_asked.emit),
        )
        for place, tile in enumerate(tiles):
            grid.addWidget(tile, place // 2, place % 2)
        column.addWidget(self._verbs)
        column.addStretch(1)
        return box

    def _build_right(self) -> QWidget:
        card = Card()
        self._moves_title = Label("Drawer movements", "head")
        self.moves = RowList(
            (Column("What"), Column("Amount", 110, "right")),
            name="Drawer movements",
            empty="Nothing was put in or taken out yet.",
            header=False,
        )
        self.past = RowList(
            (Column("Day"), Column("Over or short", 120, "right")),
            name="Past tills",
            empty="No till was closed yet.",
            header=False,
        )
        self._show_past = self._button("Show the report", "till.past", self._ask_past)
        self._show_past.setEnabled(False)
        self.past.opened.connect(self.past_asked)
        self.past.chosen.connect(lambda key: self._show_past.setEnabled(bool(key)))
        head = QHBoxLayout()
        head.addWidget(Label("Past tills", "head"), 1)
        head.addWidget(self._show_past)
        card.column.addWidget(self._moves_title)
        card.column.addWidget(self.moves, 1)
        card.column.addLayout(head)
        card.column.addWidget(self.past, 1)
        return card

    def _button(self, text: str, key: str, then: Callable[[], object], kind: str = "plain") -> Button:
        button = Button(text, key=key, kind=kind)  # type: ignore[arg-type]
        button.clicked.connect(lambda _on=False: then())
        return button

    def _tile(self, text: str, detail: str, key: str, then: Callable[[], object]) -> Tile:
        tile = Tile(text, detail, key=key)
        tile.clicked.connect(lambda _on=False: then())
        return tile

    # Rendering

    def show_state(self, state: TillState) -> None:
        """Show the state."""
        before, self._state = self._state, state
        self._heading.setText(state.heading)
        self._show_facts(state)
        is_open = state.mode == "open"
        self._open.setVisible(state.mode == "closed")
        self._verbs.setVisible(is_open)
        self._warning.show_text(state.warning, "warn")
        self._verdict.show_text(state.verdict, state.tone)
        for widget in (self._moves_title, self.moves):
            widget.setVisible(is_open)
        self.moves.set_rows(tuple(Row(m.key, (m.words, m.amount), second=m.details) for m in state.moves))
        self.past.set_rows(tuple(_past(p) for p in state.past))
        if state.mode == "count":
            self.count.show_state(state)
        self.report.show_state(state)
        self._pages.setCurrentIndex(_PAGES[state.mode])
        if state.mode != before.mode or state.counting != before.counting:
            self._take_focus()

    def _show_facts(self, state: TillState) -> None:
        wanted = [text for fact in state.facts for text in (fact.label, fact.text)]
        shown = []
        for place in range(self._facts.count()):
            item = self._facts.itemAt(place)
            label = item.widget() if item else None
            shown.append(label.text() if isinstance(label, Label) else "")
        if wanted == shown:
            return
        while (item := self._facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for row, fact in enumerate(state.facts):
            self._facts.addWidget(Label(fact.label, tone="soft"), row, 0)
            self._facts.addWidget(Label(fact.text, elide=True), row, 1)

    def _take_focus(self) -> None:
        if self._state.mode == "count":
            self.count.focus_first()
        elif self._state.mode == "report":
            self.report.focus_first()
        else:
            self.past.setFocus()

    # Forms

    def _move(self, kind: Move) -> None:
        sheets.move_sheet(self, self._forms, kind, self._state.money).open()

    def ask_no_sale(self) -> None:
        """Ask why the drawer is to be opened: for other screens that have this verb, too."""
        self._move("no_sale")

    def _counted(self, count: Count) -> None:
        if not self._state.closing:
            self.counted.emit(count)
            return
        usual = self._state.float_cents
        sheets.close_sheet(self, self._forms, count, self._state.money, usual).open()

    def _ask_past(self) -> None:
        row = self.past.current()
        if row is not None:
            self.past_asked.emit(row.key)

    def ask_date(self, fault: str, open_anyway: Callable[[], None]) -> None:
        """Ask whether a date that looks wrong is right."""
        ask(
            self,
            "Is the date right?",
            fault,
            [("", "Do not open", "plain"), ("open", "Open the till", "primary")],
            then=lambda answer: open_anyway() if answer else None,
        )


def _past(row: PastRow) -> Row:
    tone = _TONES[row.tone]
    return Row(row.till, (row.words, row.amount), second=row.details, badge=row.verdict, tone=tone)  # type: ignore[arg-type]
