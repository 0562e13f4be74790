"""The pickup screen: who is collecting; where the order lies, its books to scan out, and the hand-over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.pickup.state import IDENTITIES, BookRow, OrderView, PickupRow, PickupState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    BigTotal,
    Button,
    Card,
    Column,
    Label,
    Line,
    Notice,
    Row,
    RowList,
    SearchLine,
    ask,
    say,
)
from bookwish_desk.ui.widgets.buttons import Kind
from bookwish_desk.ui.widgets.check_rows import CheckRow, CheckRows


class PickupScreen(QWidget):
    """Intents are signals; `show_state` shows a state."""

    back_asked = Signal()
    typed = Signal(str)
    entered = Signal(str)
    picked = Signal(str)
    known = Signal(str)
    checked = Signal(str)
    again_asked = Signal()
    ready_asked = Signal()
    slip_asked = Signal()
    sale_asked = Signal()
    hand_asked = Signal()
    part_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PickupState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(SIZES.gap)
        top = QHBoxLayout()
        top.setSpacing(SIZES.gap)
        top.addWidget(self._verb("Back", "pickup.back", self.back_asked.emit))
        self.search = SearchLine("Who is collecting? Scan the slip, or type name or number", "pickup.search")
        self.search.typed.connect(self.typed)
        self.search.entered.connect(self._entered)
        self.search.stepped.connect(self._step)
        self.search.left.connect(lambda: self.typed.emit(""))
        top.addWidget(self.search, 1)
        column.addLayout(top)
        self._notice = Notice(parent=self)
        column.addWidget(self._notice)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_list())
        self._pages.addWidget(self._build_order())
        column.addWidget(self._pages, 1)
        self.setAccessibleName("Pickup")

    # Building

    def _build_list(self) -> QWidget:
        self.rows = RowList(
            (Column("Customer"), Column("Hold shelf", 110), Column("Payment", 130), Column("Waiting", 190)),
            name="Orders to collect",
            empty="No order lies ready for this name or number.",
        )
        self.rows.opened.connect(self.picked)
        return self.rows

    def _build_order(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._build_facts(), 5)
        row.addLayout(self._build_books(), 7)
        return page

    def _build_facts(self) -> QWidget:
        card = Card()
        self._name = Label("", "title", wrap=True)
        self._number = Label("", tone="soft", wrap=True)
        self._contact = Label("", "small", "soft", wrap=True)
        for label in (self._name, self._number, self._contact):
            card.column.addWidget(label)
        card.column.addWidget(Line())
        place = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label("Hold shelf", tone="soft"))
        self._waiting = Label("", "small", "soft", wrap=True)
        words.addWidget(self._waiting)
        words.addStretch(1)
        place.addLayout(words, 1)
        self._shelf = BigTotal("", "Hold shelf")
        place.addWidget(self._shelf)
        card.column.addLayout(place)
        self._payment = Notice(parent=card)
        card.column.addWidget(self._payment)
        self._remarks = Label("", "small", wrap=True)
        card.column.addWidget(self._remarks)
        card.column.addStretch(1)
        card.column.addWidget(Label("Who collects? Say what you saw", "strong"))
        self._identities: dict[str, Button] = {}
        for seen, key in IDENTITIES:
            button = self._verb(seen, key, partial(self.known.emit, seen))
            button.setCheckable(True)
            self._identities[seen] = button
            card.column.addWidget(button)
        return card

    def _build_books(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SIZES.gap)
        self.books = CheckRows(
            (Column("Book"), Column("Copies", 150, "right")),
            name="Books to scan out",
            empty="No book is left.",
        )
        column.addWidget(self.books, 1)
        grid = QGridLayout()
        grid.setSpacing(8)
        self._by_hand = self._verb("Check by hand", "pickup.by_hand", self._ask_by_hand)
        self._again = self._verb("Start over", "pickup.again", self.again_asked.emit)
        self._ready = self._verb("Make ready", "pickup.ready", self.ready_asked.emit, "primary")
        self._slip = self._verb("Print slip", "pickup.slip", self.slip_asked.emit)
        self._part = self._verb("Hand over part", "pickup.part", self.part_asked.emit)
        self._sale = self._verb("Add to the sale", "pickup.sale", self.sale_asked.emit)
        self._hand = self._verb("Hand over", "pickup.hand", self.hand_asked.emit, "primary")
        for place, button in enumerate((self._by_hand, self._again, self._slip)):
            grid.addWidget(button, 0, place)
        grid.addWidget(self._ready, 1, 0, 1, 3)
        for place, button in enumerate((self._part, self._sale, self._hand)):
            grid.addWidget(button, 2, place)
            grid.setColumnStretch(place, 1)
        column.addLayout(grid)
        return column

    def _verb(self, text: str, key: str, then: Callable[[], object], kind: Kind = "plain") -> Button:
        button = Button(text, key, kind, parent=self)
        button.clicked.connect(lambda _on=False: then())
        return button

    # Rendering

    def show_state(self, state: PickupState) -> None:
        """Show the state; what is being typed stays."""
        before, self._state = self._state, state
        if self.search.text() != state.words:
            self.search.setText(state.words)
        self._notice.show_text(state.notice, state.tone)
        if state.notice and state.notice != before.notice:
            say(self._notice, state.notice)
        self._pages.setCurrentIndex(1 if state.view is not None else 0)
        if state.rows != before.rows:
            self.rows.set_rows(tuple(_row(r) for r in state.rows))
            self.rows.choose(state.rows[0].id if state.rows else "")
        if state.view is not None:
            self._show_order(state.view, state)
        if (state.view is None) != (before.view is None):
            (self.search if state.view is None else self.books).setFocus()

    def _show_order(self, view: OrderView, state: PickupState) -> None:
        self._name.setText(view.name)
        self._number.setText(view.number)
        self._contact.setText(view.contact)
        self._contact.setVisible(bool(view.contact))
        self._waiting.setText(view.waiting.capitalize())
        self._shelf.set_amount(view.shelf or "–")
        self._payment.show_text(view.payment, "warn" if view.unpaid else "ok")
        self._remarks.setText(view.remarks)
        self._remarks.setVisible(bool(view.remarks))
        self.books.set_rows(tuple(_book(b) for b in view.books))
        if view.why_not and not state.notice:
            self._notice.show_text(view.why_not, "warn")
        can = view.ready and not view.why_not and not state.busy
        for words, button in self._identities.items():
            button.setEnabled(can)
            button.setChecked(words == state.seen)
        for button in (self._by_hand, self._again, self._sale, self._hand):
            button.setEnabled(can)
        self._sale.setEnabled(can or (view.owes and not state.busy))
        self._part.setEnabled(can and state.taken > 0 and state.left > 0)
        self._slip.setEnabled(view.ready)
        self._ready.setVisible(view.to_ready)
        self._part.setText("Add a part" if view.to_sale else "Hand over part")
        self._sale.set_kind("primary" if view.to_sale else "plain")
        self._hand.set_kind("plain" if view.to_sale else "primary")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.search if self._state.view is None else self.books).setFocus()

    # Intents

    def _step(self, by: int) -> None:
        (self.rows if self._state.view is None else self.books).step(by)

    def _entered(self, words: str) -> None:
        row = self.rows.current()
        if self._state.view is None and row is not None and words and self._state.listed == words:
            self.picked.emit(row.key)
            return
        self.entered.emit(words)
        self.search.selectAll()

    def _ask_by_hand(self) -> None:
        row = self.books.current()
        if row is None:
            self._notice.show_text("Choose the book first.", "warn")
            return
        line, title = row.key, row.cells[0]
        ask(
            self,
            "Check it by hand?",
            f"Only where the code of {title} cannot be scanned: hold title and edition against the order.",
            [("", "Scan it", "plain"), ("check", "It is the right book", "primary")],
            then=lambda answer: self.checked.emit(line) if answer else None,
        )


def _row(r: PickupRow) -> Row:
    return Row(
        r.id, (r.name, r.shelf, r.payment, r.waiting), second=r.facts, badge=r.badge, tone="warn",
        muted=bool(r.badge),
    )  # fmt: skip


def _book(b: BookRow) -> CheckRow:
    return CheckRow(
        b.id, (b.title, b.count), second=b.details, mark=b.mark, muted=b.mark == "later",
        strong=b.mark == "done",
    )  # fmt: skip
