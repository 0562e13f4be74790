"""The payment panel beside the cart: how to pay, the card in hand, and what was just sold."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.pay.state import PayState
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import (
    AmountField,
    BigTotal,
    Button,
    Choice,
    Column,
    Field,
    Keypad,
    Label,
    Line,
    Notice,
    PayButton,
    Row,
    RowList,
    Sheet,
    Tile,
    Toggle,
)

BRANDS = ("Visa", "Mastercard", "American Express", "Discover", "Debit", "Other")
_HANDED_OVER, _GIVEN_BACK = "Amount handed over", "Amount to give back"
_STEPS = {"choose": 0, "card": 1, "done": 2}


class PayPanel(QWidget):
    """Takes the place of search and tiles while money moves. Enter never completes anything here."""

    cash_asked = Signal(str)
    quick_asked = Signal(int)
    card_asked = Signal(str)
    card_approved = Signal(str, str, str)
    card_declined = Signal()
    cheque_asked = Signal(str, str)
    payment_removed = Signal(str)
    complete_asked = Signal()
    receipt_wanted = Signal(bool)
    original_asked = Signal()
    back_asked = Signal()
    print_asked = Signal()
    gift_asked = Signal()
    email_asked = Signal()
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PayState()
        self.setAccessibleName("Payment")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap)
        self._steps = QStackedWidget()
        self._steps.addWidget(self._build_choose())
        self._steps.addWidget(self._build_card())
        self._steps.addWidget(self._build_done())
        column.addWidget(self._steps, 1)

    # Choosing how to pay

    def _build_choose(self) -> QWidget:
        page, column = _page()
        head = QHBoxLayout()
        self._heading = Label("To pay", "head")
        back = Button("Back to the sale", key="pay.back", kind="quiet")
        back.clicked.connect(self.back_asked)
        head.addWidget(self._heading, 1)
        head.addWidget(back)
        column.addLayout(head)
        self._due = BigTotal("", what="To pay")
        column.addWidget(self._due)
        self._cash_due = Label("", "small", "soft")
        column.addWidget(self._cash_due)
        self._taken = RowList(
            (Column("Paid so far"), Column("Amount", 110, "right")), name="Payments so far", row_height=48
        )
        self._taken.setFixedHeight(140)
        column.addWidget(self._taken)
        self._remove = Button("Remove payment", key="pay.remove", kind="danger")
        self._remove.clicked.connect(self._ask_remove)
        column.addWidget(self._remove)
        quick = QGridLayout()
        quick.setSpacing(8)
        self._quick = [Tile("") for _ in range(5)]
        for place, tile in enumerate(self._quick):
            tile.clicked.connect(lambda _on=False, t=tile: self.quick_asked.emit(int(t.property("cents"))))
            quick.addWidget(tile, place // 3, place % 3)
        column.addLayout(quick)
        self._plan = Label("", tone="soft", wrap=True)
        column.addWidget(self._plan)
        self._original = Button("Refund the way it was paid", key="pay.other", kind="primary", icon="return")
        self._original.clicked.connect(self.original_asked)
        column.addWidget(self._original)
        self._notice = Notice()
        column.addWidget(self._notice)
        low = QHBoxLayout()
        low.setSpacing(16)
        low.addLayout(self._build_amount(), 1)
        self._pad = Keypad(".")
        self._pad.serve(self._amount.edit)
        low.addWidget(self._pad, 1)
        column.addLayout(low)
        column.addStretch(1)
        return page

    def _build_amount(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self._amount = AmountField(_HANDED_OVER, hint="Empty means all of it")
        column.addWidget(self._amount)
        self._cash = Button("Cash", key="pay.cash", kind="primary", icon="cash")
        self._card = Button("Card", key="pay.card", icon="card")
        self._cheque = Button("Cheque", key="pay.cheque")
        self._cash.clicked.connect(lambda: self.cash_asked.emit(self._amount.text()))
        self._card.clicked.connect(lambda: self.card_asked.emit(self._amount.text()))
        self._cheque.clicked.connect(self._ask_cheque)
        for button in (self._cash, self._card, self._cheque):
            column.addWidget(button)
        self._complete = PayButton("Complete", key="pay.complete")
        self._complete.clicked.connect(self.complete_asked)
        column.addWidget(self._complete)
        self._receipt = Toggle("Print the receipt", True)
        self._receipt.toggled.connect(self.receipt_wanted)
        column.addWidget(self._receipt)
        return column

    # The card is at the terminal

    def _build_card(self) -> QWidget:
        page, column = _page()
        self._card_heading = Label("Charge the card", "head")
        column.addWidget(self._card_heading)
        self._card_amount = BigTotal("", what="On the terminal")
        column.addWidget(self._card_amount)
        column.addWidget(
            Label(
                "Key this amount into the card terminal. When it has approved, write down what it printed. "
                "Never type the card number.",
                tone="soft",
                wrap=True,
            )
        )
        self._brand = Choice("Card", [(b, b) for b in BRANDS])
        self._last4 = Field("Last four digits", hint="From the terminal's slip; may stay empty", limit=19)
        self._code = Field("Approval code", limit=20)
        for widget in (self._brand, self._last4, self._code):
            column.addWidget(widget)
        self._last4.entered.connect(self._code.select)
        self._card_notice = Notice()
        column.addWidget(self._card_notice)
        column.addStretch(1)
        row = QHBoxLayout()
        declined = Button("Declined", key="pay.other", kind="danger")
        declined.clicked.connect(self.card_declined)
        self._approved = PayButton("Approved", key="pay.complete")
        self._approved.clicked.connect(self._approve)
        row.addWidget(declined)
        row.addWidget(self._approved, 1)
        column.addLayout(row)
        return page

    def _approve(self) -> None:
        self.card_approved.emit(self._brand.chosen(), self._last4.text(), self._code.text())

    # Done

    def _build_done(self) -> QWidget:
        page, column = _page()
        column.addStretch(1)
        self._done_heading = Label("", "title")
        self._done_amount = BigTotal("", what="")
        column.addWidget(self._done_heading)
        column.addWidget(self._done_amount)
        column.addWidget(Line())
        self._done_lines = [Label("", tone="soft") for _ in range(6)]
        for label in self._done_lines:
            column.addWidget(label)
        self._printing = Label("", "strong", wrap=True)
        column.addWidget(self._printing)
        row = QHBoxLayout()
        self._again = Button("Print receipt", key="done.print", icon="printer")
        self._again.clicked.connect(self.print_asked)
        self._gift = Button("Gift receipt", key="done.gift")
        self._gift.clicked.connect(self.gift_asked)
        row.addWidget(self._again)
        row.addWidget(self._gift)
        row.addStretch(1)
        column.addLayout(row)
        below = QHBoxLayout()
        self._email = Button("E-mail the receipt", key="done.email")
        self._email.clicked.connect(self.email_asked)
        below.addWidget(self._email)
        below.addStretch(1)
        column.addLayout(below)
        column.addStretch(2)
        column.addWidget(Label("Scan the next book, or press the button.", tone="soft"))
        self._next = Button("Next sale", key="done.next", kind="primary")
        self._next.clicked.connect(self.next_asked)
        column.addWidget(self._next)
        return page

    # Rendering

    def show_state(self, state: PayState) -> None:
        """Show the state. The amount field is cleared when what is due changes."""
        before, self._state = self._state, state
        self._steps.setCurrentIndex(_STEPS[state.step])
        self._heading.setText(state.heading)
        self._due.set_amount(state.due)
        self._due.setAccessibleName(f"{state.heading} {state.due}")
        self._cash_due.setText(f"In cash {state.cash_due}, after rounding" if state.cash_due else "")
        self._cash_due.setVisible(bool(state.cash_due))
        self._show_taken(state)
        self._show_ways(state)
        if state.due != before.due or state.step != before.step:
            self._amount.set_text("")
            self._brand.choose(state.card_brand or BRANDS[0])
            self._last4.set_text(state.card_last4)
            self._code.set_text("")
        self._show_notices(state, before)
        card = f" {state.card_brand} {state.card_last4}".rstrip()
        self._card_heading.setText(f"Refund the card{card}" if state.refund else "Charge the card")
        self._card_amount.set_amount(state.card_amount)
        self._approved.setEnabled(not state.busy)
        self._show_done(state)
        if state.step != before.step:
            self._take_focus(state)

    def _show_taken(self, state: PayState) -> None:
        self._taken.setVisible(bool(state.taken))
        self._remove.setVisible(bool(state.taken))
        self._taken.set_rows(tuple(Row(t.id, (t.name, t.amount)) for t in state.taken))
        if state.taken and self._taken.current() is None:
            self._taken.choose(state.taken[-1].id)

    def _show_ways(self, state: PayState) -> None:
        for place, tile in enumerate(self._quick):
            tile.setVisible(place < len(state.quick) and not state.taken)
            if place < len(state.quick):
                tile.setProperty("cents", state.quick[place].cents)
                tile.setText(state.quick[place].label)
                tile.set_detail("Exact" if place == 0 else "Cash")
        owing = not state.can_complete
        self._plan.setText("The way it was paid: " + ", then ".join(state.plan) if state.plan else "")
        self._plan.setVisible(bool(state.plan))
        self._original.setText(f"Refund {state.next_step}")
        self._original.setVisible(owing and bool(state.next_step))
        self._original.setEnabled(not state.busy)
        self._amount.set_label(_GIVEN_BACK if state.refund else _HANDED_OVER)
        self._cash.set_kind("plain" if state.next_step else "primary")
        self._cash.setText("Refund in cash" if state.refund else "Cash")
        self._card.setText("Refund to card" if state.refund else "Card")
        for button in (self._cash, self._card, self._cheque):
            button.setVisible(owing)
            button.setEnabled(not state.busy)
        self._cheque.setVisible(owing and not state.refund)
        self._amount.setVisible(owing)
        self._pad.setVisible(owing)
        self._complete.setVisible(state.can_complete)
        self._complete.setEnabled(not state.busy)
        self._receipt.setVisible(state.printer)
        if self._receipt.isChecked() != state.receipt:
            self._receipt.setChecked(state.receipt)

    def _show_notices(self, state: PayState, before: PayState) -> None:
        on_card = state.step == "card"
        self._notice.show_text("" if on_card else state.notice, state.tone)
        self._card_notice.show_text(state.notice if on_card else "", state.tone)

    def _show_done(self, state: PayState) -> None:
        self._done_heading.setText(state.done_heading)
        self._done_amount.set_amount(state.done_amount)
        self._done_amount.setAccessibleName(f"{state.done_heading} {state.done_amount}")
        for place, label in enumerate(self._done_lines):
            label.setVisible(place < len(state.done_lines))
            label.setText(state.done_lines[place] if place < len(state.done_lines) else "")
        self._printing.setText(state.done_printing)
        self._gift.setEnabled(state.done_can_gift and state.printer)
        self._email.setVisible(state.done_can_email)
        self._again.setEnabled(state.printer)

    def _take_focus(self, state: PayState) -> None:
        if state.step == "choose":
            self._amount.edit.setFocus()
        elif state.step == "card":
            self._last4.edit.setFocus()
        else:
            self.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Also when the step is the one of the last payment: an amount that is typed now must not be lost.
        self._take_focus(self._state)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter in a field ends here: it never reaches a button, so it never pays.
        event.accept()

    # Sheets

    def _ask_cheque(self) -> None:
        sheet = Sheet(self, "Cheque")
        number = Field("Cheque number", limit=40)
        sheet.body.addWidget(number)

        def submit() -> None:
            self.cheque_asked.emit(self._amount.text(), number.text())
            sheet.accept()

        sheet.add_button("Cancel")
        sheet.add_button("Take cheque", "primary", submit)
        sheet.focus_on(number.edit)
        sheet.open()

    def _ask_remove(self) -> None:
        row = self._taken.current()
        if row is None:
            return
        sheet = Sheet(self, "Remove this payment?")
        sheet.add_text(
            f"{row.cells[0]}, {row.cells[1]}. Give the money back first, or void it on the terminal."
        )

        def submit() -> None:
            self.payment_removed.emit(row.key)
            sheet.accept()

        sheet.add_button("Keep it")
        sheet.add_button("Remove payment", "danger", submit)
        sheet.open()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SIZES.gap)
    return page, column
