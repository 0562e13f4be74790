"""The return sheet: the receipt, its lines with what comes back of each, or goods without a receipt."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.ui.returns.state import DISPOSITIONS, REASONS, LineRow, ReturnForms, ReturnState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    AmountField,
    BigTotal,
    Button,
    Choice,
    Column,
    CountField,
    Field,
    Label,
    Notice,
    Row,
    RowList,
    SearchLine,
    Sheet,
)
from bookwish_desk.ui.widgets.buttons import Kind

_PAGES = {"receipt": 0, "lines": 1, "loose": 2}


class ReturnSheet(Sheet):
    """Opened by `returns.ask`. Intents are signals; the form without receipt goes to `ReturnForms`."""

    receipt_entered = Signal(str)
    line_chosen = Signal(int)
    copies_set = Signal(int)
    disposition_set = Signal(str)
    reason_set = Signal(str)
    all_asked = Signal()
    take_asked = Signal()
    loose_asked = Signal()
    receipt_asked = Signal()
    typed = Signal(str)
    entered = Signal(str)
    item_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Return", width=900)
        self._state = ReturnState()
        self._forms: ReturnForms | None = None
        self._pages = QStackedWidget()
        for page in (self._build_receipt(), self._build_lines(), self._build_loose()):
            self._pages.addWidget(page)
        self._pages.setMinimumHeight(430)
        self.body.addWidget(self._pages)
        self.add_button("Cancel", key="return.back")
        self._loose = self._verb("Without a receipt", "plain", self.loose_asked.emit, "return.loose")
        self._receipt = self._verb("With a receipt", "plain", self.receipt_asked.emit, "return.receipt")
        self._all = self._verb("Return every line", "plain", self.all_asked.emit, "return.all")
        self._take = self._verb("Take back", "primary", self._submit, "return.refund")
        self.show_state(ReturnState(step="receipt"))

    def use(self, forms: ReturnForms) -> None:
        """Hand the form without receipt to these."""
        self._forms = forms

    def _verb(self, text: str, kind: Kind, then: Callable[[], object], key: str | None = None) -> Button:
        def press(_on: bool = False) -> None:
            then()

        return self.add_button(text, kind, press, key)

    # Building

    def _build_receipt(self) -> QWidget:
        page, column = _page()
        self.receipt_line = SearchLine("Scan the receipt, or type its number", key="return.search")
        self.receipt_line.entered.connect(self.receipt_entered)
        column.addWidget(self.receipt_line)
        column.addWidget(
            Label("The receipt shows what was paid, so exactly that is given back.", tone="soft", wrap=True)
        )
        column.addStretch(1)
        return page

    def _build_lines(self) -> QWidget:
        page, column = _page()
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        self._heading = Label("", "head", elide=True)
        self._details = Label("", tone="soft", elide=True)
        words.addWidget(self._heading)
        words.addWidget(self._details)
        head.addLayout(words, 1)
        self._refund = BigTotal("", "To refund")
        head.addWidget(self._refund)
        column.addLayout(head)
        self._late = Notice("", "warn")
        column.addWidget(self._late)
        self.lines = RowList(
            (
                Column("Sold on this receipt"),
                Column("Sold", 54, "right"),
                Column("Left", 54, "right"),
                Column("Comes back", 96, "right"),
                Column("Worth", 96, "right"),
            ),
            name="Lines of the receipt",
        )
        self.lines.chosen.connect(lambda key: self.line_chosen.emit(int(key)) if key else None)
        column.addWidget(self.lines, 1)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.copies = CountField("Copies that come back", 0)
        self.copies.changed.connect(self._copies_changed)
        self.copies.setFixedWidth(220)
        self.lines.opened.connect(lambda _key: self.copies.select())
        self.disposition = Choice("They are", DISPOSITIONS)
        self.disposition.picked.connect(self.disposition_set)
        self.reason = Field("Reason", placeholder=REASONS[0], limit=80)
        self.reason.changed.connect(self.reason_set)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.copies, 0, top)
        row.addWidget(self.disposition, 2, top)
        row.addWidget(self.reason, 3, top)
        column.addLayout(row)
        return page

    def _build_loose(self) -> QWidget:
        page, column = _page()
        self.item_line = SearchLine("Scan the book, or type its title", key="return.search")
        self.item_line.typed.connect(self.typed)
        self.item_line.entered.connect(self.entered)
        self.item_line.left.connect(lambda: self.typed.emit(""))
        column.addWidget(self.item_line)
        self._middle = QStackedWidget()
        self.found: RowList = RowList(
            (Column("Found"), Column("Price", 100, "right")),
            name="Search results",
            empty="Nothing found. Check the spelling.",
        )
        self.found.opened.connect(self.item_chosen)
        self.item_line.stepped.connect(self.found.step)
        self._middle.addWidget(self.found)
        self._middle.addWidget(self._build_form())
        column.addWidget(self._middle, 1)
        return page

    def _build_form(self) -> QWidget:
        page, column = _page()
        self._item = Label("", "head", elide=True)
        self._item_details = Label("", tone="soft", elide=True)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self._item)
        names.addWidget(self._item_details)
        column.addLayout(names)
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self.price = AmountField("Price given back for a copy")
        self.loose_copies = CountField("Copies", 1, least=1, most=999)
        self.loose_disposition = Choice("They are", DISPOSITIONS)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.price, 2, top)
        row.addWidget(self.loose_copies, 2, top)
        row.addWidget(self.loose_disposition, 3, top)
        column.addLayout(row)
        self.loose_reason = Field("Reason", hint="Why there is no receipt", limit=80)
        column.addWidget(self.loose_reason)
        column.addLayout(self._build_reasons())
        column.addStretch(1)
        self.price.entered.connect(self.loose_reason.select)
        self.loose_reason.entered.connect(self._submit)
        return page

    def _build_reasons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for words in REASONS:
            button = Button(words, kind="quiet")
            button.clicked.connect(lambda _on=False, w=words: self.loose_reason.set_text(w))
            row.addWidget(button)
        row.addStretch(1)
        return row

    # Rendering

    def show_state(self, state: ReturnState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.step == "closed":
            if self.isVisible():
                self.accept()
            return
        self._pages.setCurrentIndex(_PAGES[state.step])
        self._loose.setVisible(state.step != "loose")
        self._receipt.setVisible(state.step != "receipt")
        self._receipt.setText("Another receipt" if state.step == "lines" else "With a receipt")
        self._all.setVisible(state.step == "lines")
        self._take.setVisible(state.step == "lines" or state.item is not None)
        self.show_notice(state.notice, state.tone)
        if state.step == "lines":
            self._show_lines(state)
        elif state.step == "loose":
            self._show_loose(state, before)
        if state.step != before.step:
            self._focus(state)

    def _show_lines(self, state: ReturnState) -> None:
        self._heading.setText(state.heading)
        self._details.setText(state.details)
        self._late.show_text(state.late)
        self._refund.set_amount(state.refund)
        self.lines.set_rows(tuple(_row(x) for x in state.lines))
        self.lines.choose(str(state.selected))
        self._take.setText(f"Take back {state.refund}".rstrip())
        self._take.setEnabled(bool(state.refund))
        self._all.setEnabled(any(x.left for x in state.lines))
        line = state.line
        for widget in (self.copies, self.disposition, self.reason):
            widget.setEnabled(line is not None and line.left > 0)
        if line is not None:
            if self.copies.value() != line.coming.quantity:
                self.copies.set_value(line.coming.quantity)
            self.disposition.choose(line.coming.disposition)
            self.reason.set_text(line.coming.reason)

    def _show_loose(self, state: ReturnState, before: ReturnState) -> None:
        if self.item_line.text() != state.words:
            self.item_line.setText(state.words)
        self.found.set_rows(tuple(Row(f.sku, (f.title, f.price), second=f.details) for f in state.found))
        if state.found != before.found:
            self.found.choose(state.found[0].sku if state.found else "")
        self.found.setVisible(bool(state.words))
        self._middle.setCurrentIndex(1 if state.item and not state.words else 0)
        self._take.setText("Take back")
        self._take.setEnabled(state.item is not None)
        if state.item is not None and state.item != before.item:
            self._item.setText(state.item.title)
            self._item_details.setText(state.item.details)
            self.price.set_text(state.item.price)
            self.loose_copies.set_value(1)
            self.loose_reason.set_text("")
            self.price.select()

    def _focus(self, state: ReturnState) -> None:
        first = {"receipt": self.receipt_line, "lines": self.lines, "loose": self.item_line}[state.step]
        self.focus_on(first)
        if self.isVisible():
            first.setFocus()

    # Intents

    def _copies_changed(self) -> None:
        value = self.copies.value()
        if value is not None:
            self.copies_set.emit(value)

    def _submit(self) -> None:
        if self._state.step == "lines":
            self.take_asked.emit()
            return
        copies = self.loose_copies.value()
        if copies is None:
            self.loose_copies.set_error("Type how many copies.")
        elif not self.loose_reason.text().strip():
            self.loose_reason.set_error("Say why it is taken back without a receipt.")
        elif self._forms is not None:
            self._hand_over(self._forms, copies)

    def _hand_over(self, forms: ReturnForms, copies: int) -> None:
        disposition = next(d for d, _ in DISPOSITIONS if d == self.loose_disposition.chosen())
        try:
            forms.add_loose(self.price.text(), copies, disposition, self.loose_reason.text())
        except ShopError as error:
            self.price.set_error(error.message)


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SIZES.gap)
    return page, column


def _row(x: LineRow) -> Row:
    back = str(x.coming.quantity) if x.coming.quantity else "–"
    return Row(
        str(x.no),
        (x.title, str(x.sold), str(x.left), back, x.worth),
        second=x.details,
        badge="Damaged" if x.coming.quantity and x.coming.disposition == "damaged" else "",
        tone="warn",
        muted=x.left == 0,
        strong=x.coming.quantity > 0,
    )
