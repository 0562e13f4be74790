"""The small forms of the till screen: cash in and out, no sale, and what stays in the drawer at closing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.till import Count, Move
from bookwish_desk.ui.till.state import MOVE_TITLES, TillForms, decimal_mark
from bookwish_desk.ui.widgets import AmountField, Button, Field, Keypad, Label, Sheet

REASONS: dict[Move, tuple[str, ...]] = {
    "paid_in": ("Change from the bank", "Owner's cash"),
    "paid_out": ("Stamps", "Refreshments", "Window cleaner"),
    "drop": ("Midday drop", "Too much in the drawer"),
    "no_sale": ("Change for a customer", "Check the drawer"),
}
_VERBS: dict[Move, str] = {
    "paid_in": "Pay in",
    "paid_out": "Pay out",
    "drop": "Drop cash",
    "no_sale": "Open the drawer",
}


class AnsweredSheet(Sheet):
    """A form that waits for its answer: closes when it was done, else says why not.

    A second press while it waits does nothing: cash must not move twice. Coming back from a manager's
    PIN that was not given, it can be pressed again.
    """

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, title)
        self._waits = False

    def begin(self) -> bool:
        """Say whether the form may be sent now; it waits for its answer from here on."""
        if self._waits:
            return False
        self._waits = True
        self.show_notice("")
        return True

    def answer(self, sentence: str) -> None:
        """Take the answer: an empty text closes the form."""
        if not isValid(self):
            return
        self._waits = False
        if sentence:
            self.show_notice(sentence, "error")
        else:
            self.accept()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._waits = False
        super().changeEvent(event)


def _usual(reasons: Sequence[str], into: Field) -> QWidget:
    """Return a row of usual reasons that fill the field with one press."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for words in reasons:
        button = Button(words, kind="quiet")
        button.clicked.connect(lambda _on=False, w=words: into.set_text(w))
        row.addWidget(button)
    row.addStretch(1)
    return box


def move_sheet(parent: QWidget, forms: TillForms, kind: Move, money: Currency) -> Sheet:
    """Ask for an amount (but for no sale) and a reason."""
    sheet = AnsweredSheet(parent, MOVE_TITLES[kind])
    amount = AmountField("Amount")
    pad = Keypad(decimal_mark(money))
    pad.serve(amount.edit)
    reason = Field("Reason", limit=80)
    for widget in (amount, pad):
        sheet.body.addWidget(widget)
        widget.setVisible(kind != "no_sale")
    sheet.body.addWidget(reason)
    sheet.body.addWidget(_usual(REASONS[kind], reason))

    def submit() -> None:
        if kind != "no_sale" and not amount.text().strip():
            amount.set_error("Type an amount.")
            amount.select()
        elif not reason.text().strip():
            reason.set_error("Give a reason.")
            reason.select()
        elif sheet.begin():
            forms.move(kind, amount.text(), reason.text(), sheet.answer)

    amount.entered.connect(reason.select)
    reason.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button(_VERBS[kind], "primary", submit)
    sheet.focus_on(reason.edit if kind == "no_sale" else amount.edit)
    return sheet


def close_sheet(parent: QWidget, forms: TillForms, count: Count, money: Currency, float_cents: int) -> Sheet:
    """Ask what stays in the drawer, the opening float if nothing else is typed; closing commits the count.

    Nothing here tells what is expected.
    """
    sheet = AnsweredSheet(parent, "Close the till")
    counted = count.total_cents
    sheet.add_text(f"You counted {money.show(counted)}.")
    left = AmountField("Stays in the drawer as the next float", money.plain(min(counted, float_cents)))
    rest = Label("", tone="soft", wrap=True)
    sheet.body.addWidget(left)
    sheet.body.addWidget(rest)
    sheet.add_text(
        "After this the count cannot be changed. The Z report is printed and tells what it came to."
    )

    def tell(_text: str = "") -> None:
        try:
            taken = counted - money.read(left.text())
        except ShopError:
            rest.setText("")
            return
        rest.setText(f"{money.show(taken)} is taken out for the bank or the safe." if taken >= 0 else "")

    def submit() -> None:
        if sheet.begin():
            forms.close(count, left.text(), sheet.answer)

    left.changed.connect(tell)
    tell()
    sheet.add_button("Count again")
    sheet.add_button("Close the till", "primary", submit, key="till.commit")
    left.select()
    sheet.focus_on(left.edit)
    return sheet
