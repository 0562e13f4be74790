"""The forms of the stock screen: a count, and what an item is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from bookwish_desk.shop.item import KIND_NAMES
from bookwish_desk.ui.stock.state import COUNT_REASON, ItemForm, ItemForms
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import AmountField, Choice, CountField, Field, Sheet, Toggle
from bookwish_desk.ui.widgets.fields import Labelled


def count_sheet(parent: QWidget, then: Callable[[int, str], None], title: str, now: int) -> Sheet:
    """Ask how many copies were counted; `then` gets the count and the reason."""
    sheet = Sheet(parent, "Count")
    sheet.add_text(title)
    field = CountField("Copies counted", None, most=99_999, hint=f"{now} in the books")
    reason = Field("Reason", COUNT_REASON, limit=80)
    sheet.body.addWidget(field)
    sheet.body.addWidget(reason)

    def submit() -> None:
        counted = field.value()
        if counted is None:
            field.set_error("Type how many there are.")
        elif not reason.text().strip():
            reason.set_error("Say why it is counted.")
        else:
            then(counted, reason.text())
            sheet.accept()

    field.entered.connect(submit)
    reason.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Set count", "primary", submit)
    sheet.focus_on(field.edit)
    return sheet


def item_sheet(
    parent: QWidget, forms: ItemForms, form: ItemForm, classes: Sequence[tuple[str, str]]
) -> Sheet:
    """Ask what an item is: a new one, or one the shop has. A copy has the words of its title."""
    new, copy = not form.sku, form.kind != "new"
    sheet = Sheet(parent, "Add an item" if new else "Edit the item", width=760)
    if copy:
        sheet.add_text(f"{KIND_NAMES[form.kind]} copies of {form.title}, {form.sku}")
    code = Field("Code", form.code, hint="ISBN, EAN or your own. Without one it gets a label", limit=128)
    title = Field("Title", form.title)
    authors = Field("Authors", form.authors)
    publisher = Field("Publisher", form.publisher)
    price = AmountField(
        "Price", form.price, hint="" if copy else "Leave it empty to follow the trade's price"
    )
    tax = Choice("Tax class", classes)
    shelf = Field("Shelf", form.shelf, limit=40)
    low = Field("Low at", form.low_at, hint="Copies; empty for the shop's limit", limit=5)
    street = Field("Street date", form.street_date, hint="Such as 2026-11-24", limit=10)
    condition = Field("Condition", form.condition, hint="What a buyer is told of it", limit=80)
    stocked = Toggle("The shop keeps stock of it", form.stocked)
    tax.choose(form.tax_class)
    fields: dict[str, Labelled] = {
        "code": code,
        "title": title,
        "price": price,
        "tax_class": tax,
        "low_at": low,
        "street_date": street,
    }
    code.setVisible(new)
    for words in (title, authors, publisher, street):
        words.setVisible(not copy)
    condition.setVisible(copy)
    for row in ((code,), (title,), (authors, publisher), (price, tax), (shelf, low, street), (condition,)):
        sheet.body.addLayout(_beside(*row))
    sheet.body.addWidget(stocked)

    gone: list[int] = []
    sheet.finished.connect(gone.append)

    # The answer may come after the sheet was closed: then there is nothing left to tell.
    def saved() -> None:
        if not gone:
            sheet.accept()

    def refused(name: str, sentence: str) -> None:
        if gone:
            return
        if name in fields:
            fields[name].set_error(sentence)
            fields[name].setFocus()
        else:
            sheet.show_notice(sentence)

    def submit() -> None:
        if not title.text().strip():
            title.set_error("Type a title.")
            title.select()
            return
        typed = ItemForm(
            sku=form.sku,
            code=code.text(),
            title=title.text(),
            authors=authors.text(),
            publisher=publisher.text(),
            price=price.text(),
            tax_class=tax.chosen(),
            shelf=shelf.text(),
            low_at=low.text(),
            stocked=stocked.isChecked(),
            street_date=street.text(),
            kind=form.kind,
            condition=condition.text(),
        )
        forms.save_item(typed, saved, refused)

    order = [price, shelf, low, condition] if copy else [title, authors, publisher, price, shelf, low, street]
    for one, following in pairwise(order):
        one.entered.connect(following.select)
    order[-1].entered.connect(submit)
    code.entered.connect(title.select)
    sheet.add_button("Cancel")
    sheet.add_button("Add item" if new else "Save", "primary", submit)
    sheet.focus_on(code.edit if new and not form.code else order[0].edit)
    return sheet


def _beside(*fields: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SIZES.gap)
    for field in fields:
        row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    return row
