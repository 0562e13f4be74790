"""The forms of the title screen: copies with a price of their own, deliveries, orders, adjustments."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.shop.item import Kind
from bookwish_desk.ui.stock.state import REASONS, CopyForm
from bookwish_desk.ui.titles.state import Chosen, TitleForms
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import AmountField, Choice, CountField, Field, Label, Sheet

_OTHER = "other"


def receive_sheet(parent: QWidget, forms: TitleForms, copy: Chosen) -> Sheet:
    """Ask how many copies came."""
    sheet = _about(parent, "Receive", copy)
    hint = f"{copy.on_order} on order" if copy.on_order else ""
    field = CountField("Copies that came", copy.on_order or 1, least=1, most=99_999, hint=hint)
    sheet.body.addWidget(field)

    def submit() -> None:
        copies = field.value()
        if copies is None:
            field.set_error("Type how many copies came.")
        else:
            forms.receive(copy.sku, copies)
            sheet.accept()

    return _asking(sheet, field, "Receive copies", submit)


def order_sheet(parent: QWidget, forms: TitleForms, copy: Chosen) -> Sheet:
    """Ask how many copies are on order, all orders together."""
    sheet = _about(parent, "On order", copy)
    field = CountField("Copies on order", copy.on_order, most=99_999, hint="All orders together; 0 for none")
    sheet.body.addWidget(field)

    def submit() -> None:
        copies = field.value()
        if copies is None:
            field.set_error("Type how many copies are on order.")
        else:
            forms.order(copy.sku, copies)
            sheet.accept()

    return _asking(sheet, field, "Set on order", submit)


def adjust_sheet(parent: QWidget, forms: TitleForms, copy: Chosen) -> Sheet:
    """Ask how many copies more or fewer there are, and why."""
    sheet = _about(parent, "Adjust the stock", copy)
    field = CountField("Copies more or fewer", -1, least=-99_999, most=99_999, hint=f"{copy.on_hand} on hand")
    reason = Choice("Why", [("", "Choose why"), *((r, r) for r in REASONS), (_OTHER, "Another reason")])
    other = Field("Reason", limit=80)
    for widget in (field, reason, other):
        sheet.body.addWidget(widget)

    def picked(_id: str = "") -> None:
        other.setVisible(reason.chosen() == _OTHER)
        if other.isVisible():
            other.select()

    def submit() -> None:
        by, why = field.value(), other.text() if reason.chosen() == _OTHER else reason.chosen()
        if not by:
            field.set_error("Type how many copies it is: -1 takes one off.")
        elif not reason.chosen():
            reason.set_error("Choose why the stock changes.")
        elif not why.strip():
            other.set_error("Type why the stock changes.")
        else:
            forms.adjust(copy.sku, by, why)
            sheet.accept()

    reason.picked.connect(picked)
    other.entered.connect(submit)
    picked()
    return _asking(sheet, field, "Adjust stock", submit)


def _about(parent: QWidget, heading: str, copy: Chosen) -> Sheet:
    """Begin a sheet that says which copy it is about."""
    sheet = Sheet(parent, heading)
    sheet.add_text(copy.title)
    sheet.body.addWidget(Label(copy.name, "small", "soft", wrap=True))
    return sheet


def _asking(sheet: Sheet, field: CountField, verb: str, submit: Callable[[], None]) -> Sheet:
    """End a sheet that asks for a number: Enter in it does what the coloured button says."""
    field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button(verb, "primary", submit)
    sheet.focus_on(field.edit)
    field.edit.selectAll()
    return sheet


def copy_sheet(parent: QWidget, forms: TitleForms, copy: Chosen) -> Sheet:
    """Ask about used or signed copies that are to stand beside a title."""
    proposed = dict(copy.proposed)
    sheet = Sheet(parent, "Add used or signed copies", width=640)
    sheet.add_text(copy.title)
    kind = Choice("Kind", [("used", "Used"), ("signed", "Signed")])
    condition = Field("Condition", hint="What a buyer is told of it", limit=80)
    price = AmountField("Price")
    sku = Field("SKU", proposed.get("used", ""), hint="Its own code, for its label", limit=40)
    copies = CountField("Copies", 1, most=99_999, hint="0 when they are still to come")
    for row in ((kind, price), (condition,), (sku, copies)):
        sheet.body.addLayout(_beside(*row))
    fields: dict[str, Field | CountField] = {"price": price, "code": sku, "copies": copies}

    gone: list[int] = []
    sheet.finished.connect(gone.append)

    def chosen() -> Kind:
        return "signed" if kind.chosen() == "signed" else "used"

    def picked(_id: str) -> None:
        # A SKU that somebody typed stays; a proposed one follows the kind.
        if sku.text() in proposed.values():
            sku.set_text(proposed.get(chosen(), ""))

    # The answer may come after the sheet was closed: then there is nothing left to tell.
    def saved() -> None:
        if not gone:
            sheet.accept()

    def refused(name: str, sentence: str) -> None:
        if gone:
            return
        if name in fields:
            fields[name].set_error(sentence)
            fields[name].select()
        else:
            sheet.show_notice(sentence)

    def submit() -> None:
        count = copies.value()
        if count is None:
            copies.set_error("Type how many copies there are.")
            return
        form = CopyForm(chosen(), price.text(), condition.text(), sku.text(), count)
        forms.add_copy(copy.sku, form, saved, refused)

    kind.picked.connect(picked)
    price.entered.connect(condition.select)
    condition.entered.connect(sku.select)
    sku.entered.connect(copies.select)
    copies.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Add copies", "primary", submit)
    sheet.focus_on(price.edit)
    return sheet


def _beside(*fields: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SIZES.gap)
    for field in fields:
        row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    return row
