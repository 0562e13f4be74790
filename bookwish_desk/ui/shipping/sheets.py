"""The small sheets of the shipping screen: other acts, what customs is told, a doubt that people settle."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout, QWidget

from bookwish_desk.shop.carriage import Customs
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.ui.forms.form import FormView
from bookwish_desk.ui.shipping import address_form, customs_form
from bookwish_desk.ui.shipping.card_state import MoreAct
from bookwish_desk.ui.widgets import Button, Field, Label, Scroll, Sheet


class FormSheet(Sheet):
    """A sheet with a form in it."""

    def __init__(self, parent: QWidget, title: str, width: int) -> None:
        super().__init__(parent, title, width)
        self.form = FormView()


def more_sheet(
    parent: QWidget, title: str, acts: tuple[MoreAct, ...], then: Callable[[str], object]
) -> Sheet:
    """Offer everything else that can be done with a parcel; what cannot be is named with its reason."""
    sheet = Sheet(parent, f"{title}: what else?", width=720)
    grid = QGridLayout()
    grid.setSpacing(8)

    def chosen(act: str) -> Callable[[], None]:
        def go() -> None:
            sheet.accept()
            then(act)

        return go

    for place, act in enumerate(a for a in acts if not a.why_not):
        button = Button(act.words, act.key or None, parent=sheet)
        button.clicked.connect(chosen(act.id))
        grid.addWidget(button, place // 2, place % 2)
    sheet.body.addLayout(grid)
    blocked = [a for a in acts if a.why_not]
    if blocked:
        sheet.body.addWidget(Label("Not possible now", "strong"))
        for act in blocked:
            sheet.body.addWidget(Label(f"{act.words}: {act.why_not}", "small", "soft", wrap=True))
    sheet.add_button("Close")
    return sheet


def customs_sheet(
    parent: QWidget,
    title: str,
    customs: Customs,
    money: Currency,
    locale: str,
    then: Callable[[Customs], object],
) -> FormSheet:
    """Let a person say what customs is told: of each title its words, value, weight, number, origin."""
    sheet = FormSheet(parent, f"{title}: what customs is told", width=760)
    sheet.add_text("Value and weight are of all copies together. Printed books have the number 4901.99.")
    scroll = Scroll(spacing=8)
    form = sheet.form
    form.show_inputs(customs_form.inputs(customs, money, locale))
    scroll.column.addWidget(form)
    scroll.column.addStretch(1)
    scroll.setMinimumHeight(360)
    sheet.body.addWidget(scroll, 1)

    def done() -> None:
        values = form.values()
        try:
            told = customs_form.read(customs, values, money, locale)
        except Refused as refused:
            form.show_inputs(customs_form.inputs(customs, money, locale, values, refused))
            form.focus_first()
            return
        sheet.accept()
        then(told)

    sheet.add_button("Cancel")
    sheet.add_button("Tell customs this", "primary", done, key="shipping_sheet.do")
    form.focus_first()
    sheet.open()
    return sheet


def address_sheet(
    parent: QWidget, title: str, address: PostalAddress, then: Callable[[PostalAddress], object]
) -> FormSheet:
    """Let a person type the address for one label; the order keeps what the customer wrote."""
    sheet = FormSheet(parent, f"{title}: the address on the label", width=620)
    sheet.add_text("It is for this label only. The order keeps what the customer wrote.")
    form = sheet.form
    form.show_inputs(address_form.inputs(address))
    sheet.body.addWidget(form)

    def done() -> None:
        values = form.values()
        try:
            typed = address_form.read(address, values)
        except Refused as refused:
            form.show_inputs(address_form.inputs(address, values, refused))
            form.focus_first()
            return
        sheet.accept()
        then(typed)

    sheet.add_button("Cancel")
    sheet.add_button("Put it on the label", "primary", done, key="shipping_sheet.do")
    form.focus_first()
    sheet.open()
    return sheet


def settle_sheet(parent: QWidget, *, bought: bool, then: Callable[[str], object]) -> Sheet:
    """Ask how somebody found out whether a label was bought that nobody can read any more."""
    title = "The label was bought" if bought else "The label was not bought"
    sheet = Sheet(parent, title)
    sheet.add_text(
        "Only after looking at the carriers' account: what is said here is believed. "
        + (
            "The label counts as paid; type its tracking number with the order."
            if bought
            else "Another label may then be bought. If the first was bought all the same, both are paid."
        )
    )
    reason = Field("How did you find out?", limit=200)
    sheet.body.addWidget(reason)

    def done() -> None:
        if not reason.text().strip():
            reason.set_error("Say how you found out.")
            reason.select()
            return
        sheet.accept()
        then(reason.text())

    sheet.add_button("Leave it open")
    sheet.add_button("Say so", "danger", done, key="shipping_sheet.do")
    sheet.focus_on(reason.edit)
    sheet.open()
    return sheet
