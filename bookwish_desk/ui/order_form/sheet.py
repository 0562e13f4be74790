"""The form for a new or a changed order: its books at the left, everything else about it at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.forms import FormView
from bookwish_desk.ui.keys import work_key
from bookwish_desk.ui.order_form.state import ChosenLine, LineRow, OrderFormState
from bookwish_desk.ui.order_steps.sheet import FormRoom
from bookwish_desk.ui.order_steps.state import Finding
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    Amount,
    AmountField,
    Button,
    Column,
    CountField,
    FoundList,
    Label,
    Notice,
    Row,
    RowList,
    SearchLine,
    Sheet,
    ask,
)

_COLUMNS = (
    Column("Book"), Column("Copies", 52, "right"), Column("Price", 76, "right"), Column("Total", 84, "right"),
)  # fmt: skip


class OrderSheet(Sheet):
    """Opened by the functions of the package. Intents are signals; `show_state` shows a state.

    Enter adds a title where a title is typed, and commits nothing anywhere. What was typed is not given up
    without a question.
    """

    changed = Signal(object)
    submitted = Signal(object)
    typed = Signal(str)
    entered = Signal(str)
    taken = Signal(str)
    typed_taken = Signal()
    line_chosen = Signal(str)
    copies_set = Signal(object)
    price_set = Signal(str)
    removed = Signal()
    swap_asked = Signal()
    customer_asked = Signal()

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, title, width=1320)
        self._state = OrderFormState()
        self._begun = False
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap_large)
        row.addLayout(self._build_books(), 6)
        row.addLayout(self._build_facts(), 5)
        self.body.addLayout(row, 1)
        self.add_button("Cancel")
        self.verb = self.add_button("Save", "primary", self._submit, "order_form.save")
        self.focus_on(self.search)

    # Building

    def _build_books(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        self.search = SearchLine("Scan a book, or type title, author, ISBN", key="order_form.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self._enter)
        self.search.left.connect(lambda: self.typed.emit(""))
        self.found = FoundList("Titles that were found", "Nothing was found.")
        self.found.opened.connect(self.taken)
        self.search.stepped.connect(self._step)
        self.add_typed = Button("Order it by these words")
        self.add_typed.clicked.connect(self.typed_taken)
        self.lines = RowList(_COLUMNS, name="Books of the order", empty="Scan or type the first book.")
        self.lines.chosen.connect(self._choose)
        self.lines.setMinimumHeight(34 + 2 * SIZES.row)
        column.addWidget(self.search)
        column.addWidget(self.found, 3)
        column.addWidget(self.add_typed)
        column.addWidget(self.lines, 3)
        column.addWidget(self._build_line())
        self._sums = QVBoxLayout()
        self._sums.setSpacing(2)
        column.addLayout(self._sums)
        return column

    def _build_line(self) -> QWidget:
        self._tools = QWidget()
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self.copies = CountField("Copies", 1, least=1, most=999)
        self.copies.changed.connect(lambda: self.copies_set.emit(self.copies.value()))
        self.copies.entered.connect(self.search.take_focus)
        self.price = AmountField("Price of a copy")
        self.price.changed.connect(self.price_set)
        self.price.entered.connect(self.search.take_focus)
        self.swap = Button("Swap", key="order_form.swap")
        self.swap.clicked.connect(self.swap_asked)
        self.remove = Button("Remove", key="order_form.remove", kind="danger")
        self.remove.clicked.connect(self.removed)
        work_key(self, "order_form.quantity", self.copies.select)
        work_key(self, "order_form.price", self.price.select)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.copies, 3, top)
        row.addWidget(self.price, 2, top)
        verbs = QVBoxLayout()
        verbs.setSpacing(SIZES.gap_small)
        verbs.addSpacing(24)
        beside = QHBoxLayout()
        beside.addWidget(self.swap)
        beside.addWidget(self.remove)
        verbs.addLayout(beside)
        verbs.addStretch(1)
        row.addLayout(verbs)
        return self._tools

    def _build_facts(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        self.find_customer = Button("Find a customer", key="order_form.customer")
        self.find_customer.clicked.connect(self.customer_asked)
        column.addWidget(self.find_customer)
        self.room = FormRoom()
        self.about = Label("", tone="soft", wrap=True)
        self.form = FormView()
        self.form.changed.connect(lambda: self.changed.emit(self.form.values()))
        self.room.column.addWidget(self.about)
        self.room.column.addWidget(self.form)
        self.room.column.addStretch(1)
        column.addWidget(self.room, 1)
        self.outcome = Notice(parent=self)
        column.addWidget(self.outcome)
        return column

    # Rendering

    def show_state(self, state: OrderFormState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if state.done:
            self.accept()
            return
        self._show_books(state)
        self.about.setText("\n".join(state.asked.about))
        self.about.setVisible(bool(state.asked.about))
        self.form.show_inputs(state.asked.inputs)
        self.outcome.show_text(" ".join(state.asked.outcome), state.asked.tone)
        self.show_notice(state.notice, state.tone)
        self.verb.setText(state.asked.verb or "Nothing to save")
        self.verb.setEnabled(bool(state.asked.verb) and not state.busy)
        if state.wrong != before.wrong:
            self._go_to_wrong()

    def _show_books(self, state: OrderFormState) -> None:
        finding = state.finding
        if self.search.text() != finding.words:
            self.search.setText(finding.words)
        self._show_found(finding)
        self.add_typed.setVisible(bool(state.offer_typed))
        self.lines.set_rows(tuple(_row(line) for line in state.rows))
        self.lines.choose(state.chosen.key if state.chosen else "")
        self._show_line(state.chosen)
        self.swap.setVisible(state.can_swap)
        self.swap.setText("Do not swap" if state.swapping else "Swap")
        self._show_sums(state.sums)

    def _show_found(self, finding: Finding) -> None:
        looking = bool(finding.words.strip())
        self.found.setVisible(looking)
        if looking:
            self.found.show_found(finding.words, finding.rows, searching=finding.searching)

    def _show_line(self, chosen: ChosenLine | None) -> None:
        self._tools.setEnabled(chosen is not None and not chosen.fixed)
        if chosen is None:
            self.copies.set_value(None)
            self.price.set_text("")
            return
        if chosen.copies is not None and self.copies.value() != chosen.copies:
            self.copies.set_value(chosen.copies)
        self.price.set_text(chosen.price)
        self.copies.set_error(chosen.copies_error)
        self.price.set_error(chosen.price_error)

    def _show_sums(self, sums: tuple[tuple[str, str], ...]) -> None:
        while self._sums.count() > len(sums):
            item = self._sums.takeAt(self._sums.count() - 1)
            box = item.widget() if item is not None else None
            if box is not None:
                box.hide()
                box.deleteLater()
        while self._sums.count() < len(sums):
            self._sums.addWidget(_Sum(self))
        for place, (label, amount) in enumerate(sums):
            item = self._sums.itemAt(place)
            box = item.widget() if item is not None else None
            if isinstance(box, _Sum):
                box.show_sum(label, amount, strong=place == len(sums) - 1)

    def _go_to_wrong(self) -> None:
        if any(i.error for i in self._state.asked.inputs):
            self.form.focus_first()
        elif self._state.chosen is not None and self._state.chosen.price_error:
            self.price.select()
        elif self._state.chosen is not None and self._state.chosen.copies_error:
            self.copies.select()

    # Intents

    def _enter(self, words: str) -> None:
        finding = self._state.finding
        there = finding.words == words and not finding.searching and bool(words.strip())
        row = self.found.current() if there else None
        if row is not None:
            self.taken.emit(row.key)
        else:
            self.entered.emit(words)

    def _step(self, by: int) -> None:
        (self.found if self.found.isVisible() else self.lines).step(by)

    def _choose(self, key: str) -> None:
        now = self._state.chosen.key if self._state.chosen else ""
        if key and key != now:
            self.line_chosen.emit(key)

    def _submit(self) -> None:
        self.submitted.emit(self.form.values())

    def reject(self) -> None:
        """Close, after a question where something would be lost."""
        if not self._state.typed or self._state.done:
            super().reject()
            return
        verbs = [("", "Go on", "plain"), ("leave", "Leave it", "danger")]
        ask(self, "Leave the order?", "What was typed here is not kept.", verbs, self._leave)  # type: ignore[arg-type]

    def _leave(self, answer: str) -> None:
        if answer == "leave":
            super().reject()


class _Sum(QWidget):
    """A label and an amount."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        self._label = Label("")
        self._amount = Amount("", "")
        row.addWidget(self._label, 1)
        row.addWidget(self._amount)

    def show_sum(self, label: str, amount: str, *, strong: bool) -> None:
        """Show an amount; the total is strong."""
        for label_ in (self._label, self._amount):
            label_.set_role("head" if strong else "body")
        self._label.setText(label)
        self._amount.set_amount(amount)
        self.setAccessibleName(f"{label} {amount}")


def _row(line: LineRow) -> Row:
    return Row(
        line.key,
        (line.title, line.copies, line.price, line.total),
        second=line.details,
        badge=line.note,
        tone="warn",
        struck=line.gone,
        muted=line.gone,
    )
