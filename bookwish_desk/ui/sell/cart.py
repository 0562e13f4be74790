"""The cart: the lines of the sale, what they come to, and the one green button."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from bookwish_desk.ui.sell.state import CartRow, SellState, SumRow
from bookwish_desk.ui.widgets import (
    Amount,
    BigTotal,
    Button,
    Card,
    Column,
    Label,
    PayButton,
    Row,
    RowList,
)

_MOST_SUMS = 6


class Cart(Card):
    """The right half of the sell screen; always visible, also while paying."""

    selected = Signal(str)
    quantity_asked = Signal()
    customer_asked = Signal()
    title_asked = Signal()
    pay_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        head = QHBoxLayout()
        self._heading = Label("New sale", "head")
        self._customer = Button("Add customer", key="sell.customer")
        self._customer.clicked.connect(self.customer_asked)
        self._title = Button("Show title", key="sell.title")
        self._title.clicked.connect(self.title_asked)
        head.addWidget(self._heading, 1)
        head.addWidget(self._title)
        head.addWidget(self._customer)
        self.column.addLayout(head)
        self.lines = RowList(
            (
                Column("Title"),
                Column("Qty", 44, "right"),
                Column("Price", 84, "right"),
                Column("Total", 92, "right"),
            ),
            name="Sale lines",
            empty="Scan a book to begin.",
        )
        self.lines.chosen.connect(self.selected)
        self.lines.opened.connect(lambda _key: self.quantity_asked.emit())
        self.column.addWidget(self.lines, 1)
        self._note = Label("", "small", "soft", elide=True)
        self.column.addWidget(self._note)
        sums = QGridLayout()
        sums.setVerticalSpacing(4)
        self._sums = [(Label("", tone="soft", elide=True), Amount("")) for _ in range(_MOST_SUMS)]
        for place, (name, amount) in enumerate(self._sums):
            sums.addWidget(name, place, 0)
            sums.addWidget(amount, place, 1)
        sums.setColumnStretch(0, 1)
        self.column.addLayout(sums)
        total = QHBoxLayout()
        total.addWidget(Label("Total"))
        self._total = BigTotal("")
        total.addWidget(self._total, 1)
        self.column.addLayout(total)
        self.pay = PayButton("Pay", key="sell.pay")
        self.pay.clicked.connect(self.pay_asked)
        self.column.addWidget(self.pay)

    def show_state(self, state: SellState) -> None:
        """Show the sale."""
        self._heading.setText(state.heading)
        self._customer.setText(state.customer or "Add customer")
        self._customer.setEnabled(state.mode == "sell")
        # While results are listed the key shows the title of the chosen one.
        self._title.setEnabled(state.mode == "sell" and bool(state.selected) and not state.words)
        self.lines.set_rows(tuple(_row(r) for r in state.cart))
        self.lines.choose(state.selected)
        self._note.setText(f"Note: {state.note}" if state.note else "")
        self._note.setVisible(bool(state.note))
        self._show_sums(state.sums)
        self._total.set_amount(state.total)
        self.pay.setText(state.pay)
        self.pay.setEnabled(state.can_pay)
        self.pay.setVisible(state.mode == "sell")

    def _show_sums(self, sums: tuple[SumRow, ...]) -> None:
        for place, (name, amount) in enumerate(self._sums):
            row = sums[place] if place < len(sums) else None
            name.setVisible(row is not None)
            amount.setVisible(row is not None)
            if row is not None:
                name.setText(row.name)
                amount.set_amount(row.amount)
                amount.setAccessibleName(f"{row.name} {row.amount}")


def _row(row: CartRow) -> Row:
    return Row(
        row.id,
        (row.title, row.quantity, row.price, row.total),
        second=row.details,
        badge="Return" if row.is_return else "Order" if row.of_order else "",
        tone="warn" if row.is_return else "soft",
    )
