"""The small forms of the sell screen: quantity, price, discount, note, exemption, unknown items, recall."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.item import Customer
from bookwish_desk.ui.sell.state import HeldRow, SellForms, TooEarly, Unknown
from bookwish_desk.ui.widgets import (
    AmountField,
    Button,
    Choice,
    Column,
    CountField,
    Field,
    NoteField,
    Row,
    RowList,
    SearchLine,
    Sheet,
)
from bookwish_desk.ui.widgets.fields import Labelled

PRICE_REASONS = ("Price on the cover", "Damaged", "Price match", "Staff price", "Event price")
DISCOUNT_REASONS = ("Staff pick", "Loyal customer", "Damaged", "School or library", "Sale")


def attempt(field: Labelled, change: Callable[[], None]) -> bool:
    """Do what a form asks for; what is refused is said beneath `field` and the form stays open."""
    try:
        change()
    except ShopError as error:
        field.set_error(error.message)
        return False
    return True


def _reasons(reasons: Sequence[str], into: Field) -> QWidget:
    """Return a row of usual reasons that fill the field with one press."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for words in reasons[:3]:
        button = Button(words, kind="quiet")
        button.clicked.connect(lambda _on=False, w=words: into.set_text(w))
        row.addWidget(button)
    row.addStretch(1)
    return box


def quantity_sheet(parent: QWidget, forms: SellForms, now: int, line: str) -> Sheet:
    """Ask how many copies a line sells."""
    sheet = Sheet(parent, "Quantity")
    field = CountField("Copies", now, least=0, most=999, hint="0 removes the line")
    sheet.body.addWidget(field)

    def submit() -> None:
        value = field.value()
        if value is None:
            field.set_error("Type a quantity from 0 to 999.")
        elif attempt(field, lambda: forms.set_quantity(value, line)):
            sheet.accept()

    field.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Set quantity", "primary", submit)
    field.select()
    sheet.focus_on(field.edit)
    return sheet


def price_sheet(parent: QWidget, forms: SellForms, title: str, line: str) -> Sheet:
    """Ask for another price of a line and its reason."""
    sheet = Sheet(parent, "Change the price")
    sheet.add_text(title)
    price = AmountField("New price")
    reason = Field("Reason", limit=80)
    for widget in (price, reason, _reasons(PRICE_REASONS, reason)):
        sheet.body.addWidget(widget)

    def submit() -> None:
        if not reason.text().strip():
            reason.set_error("Give a reason for the new price.")
        elif attempt(price, lambda: forms.set_price(price.text(), reason.text(), line)):
            sheet.accept()

    price.entered.connect(reason.select)
    reason.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Change price", "primary", submit)
    sheet.focus_on(price.edit)
    return sheet


def discount_sheet(parent: QWidget, forms: SellForms, title: str, *, whole: bool, line: str = "") -> Sheet:
    """Ask for a discount in percent or as an amount."""
    sheet = Sheet(parent, "Discount the whole sale" if whole else "Discount this line")
    if title:
        sheet.add_text(title)
    kind = Choice("Kind", [("percent", "Percent"), ("amount", "Amount")])
    value = AmountField("Discount", hint="Leave it empty to take the discount back")
    reason = Field("Reason", limit=80)
    quick = QWidget()
    row = QHBoxLayout(quick)
    row.setContentsMargins(0, 0, 0, 0)
    for percent in ("5", "10", "15", "20", "50"):
        button = Button(f"{percent}%")

        def press(_on: bool = False, text: str = percent) -> None:
            kind.choose("percent")
            value.set_text(text)

        button.clicked.connect(press)
        row.addWidget(button)
    for widget in (quick, kind, value, reason, _reasons(DISCOUNT_REASONS, reason)):
        sheet.body.addWidget(widget)

    def submit() -> None:
        def give() -> None:
            forms.set_discount(kind.chosen(), value.text(), reason.text(), whole=whole, line=line)

        if attempt(value, give):
            sheet.accept()

    value.entered.connect(submit)
    reason.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Give discount", "primary", submit)
    sheet.focus_on(value.edit)
    return sheet


def note_sheet(parent: QWidget, forms: SellForms, sale_note: str, line: str) -> Sheet:
    """Ask for a note on the chosen line or on the whole sale."""
    sheet = Sheet(parent, "Note")
    what = Choice("On", [("line", "This line"), ("sale", "The whole sale")])
    field = NoteField("Note", hint="Printed on the receipt", limit=200)
    sheet.body.addWidget(what)
    sheet.body.addWidget(field)

    def picked(choice: str) -> None:
        if not field.text().strip() or field.text() == sale_note:
            field.set_text(sale_note if choice == "sale" else "")

    def submit() -> None:
        whole = what.chosen() == "sale"
        if attempt(field, lambda: forms.set_note(field.text(), whole=whole, line=line)):
            sheet.accept()

    what.picked.connect(picked)
    sheet.add_button("Cancel")
    sheet.add_button("Keep note", "primary", submit)
    sheet.focus_on(field.edit)
    return sheet


def exempt_sheet(parent: QWidget, forms: SellForms, now: str) -> Sheet:
    """Ask for the exemption certificate, or take an exemption back."""
    sheet = Sheet(parent, "Sell without tax")
    number = Field("Certificate number", now, limit=40)
    holder = Field("Held by", hint="School, library, reseller", limit=80)
    sheet.body.addWidget(number)
    sheet.body.addWidget(holder)

    def submit() -> None:
        if not number.text().strip():
            number.set_error("Type the number of the exemption certificate.")
        elif attempt(number, lambda: forms.set_exempt(number.text(), holder.text())):
            sheet.accept()

    def charge() -> None:
        if attempt(number, lambda: forms.set_exempt("", "")):
            sheet.accept()

    number.entered.connect(holder.select)
    holder.entered.connect(submit)
    if now:
        sheet.add_button("Charge tax", "danger", charge)
    sheet.add_button("Cancel")
    sheet.add_button("Charge no tax", "primary", submit)
    sheet.focus_on(number.edit)
    return sheet


class UnknownSheet(Sheet):
    """The form for what nobody knows; the cover's price may come when it is open already."""

    def __init__(self, parent: QWidget, heading: str, unknown: Unknown) -> None:
        super().__init__(parent, heading)
        self.code = unknown.code
        self.price = AmountField("Price", unknown.price)

    def offer_price(self, price: str) -> None:
        """Fill the price in, unless somebody has typed one."""
        if not self.price.text():
            self.price.set_text(price)


def unknown_sheet(
    parent: QWidget, forms: SellForms, unknown: Unknown, classes: Sequence[tuple[str, str]]
) -> UnknownSheet:
    """Sell something nobody knows in one step: what it is, its price, its tax class.

    Of a title that is known but has no price, only the price is asked.
    """
    known = bool(unknown.title)
    heading = "Type a price" if known else "Sell an unknown item" if unknown.code else "Sell at an open price"
    sheet = UnknownSheet(parent, heading, unknown)
    if known:
        sheet.add_text(f"No price is known for {unknown.title}.")
    elif unknown.code:
        sheet.add_text(f"Nothing is known about {unknown.code}. It is kept to be described later.")
    title = Field("What is it?", unknown.title or ("" if unknown.code else "Used book"), limit=120)
    price = sheet.price
    tax = Choice("Tax class", classes)
    for widget in (title, price, tax):
        sheet.body.addWidget(widget)
    title.setVisible(not known)
    tax.setVisible(not known)

    def submit() -> None:
        if not title.text().strip():
            title.set_error("Type what it is.")
        elif attempt(
            price, lambda: forms.sell_unknown(unknown.code, title.text(), price.text(), tax.chosen())
        ):
            sheet.accept()

    title.entered.connect(price.select)
    price.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Add to sale", "primary", submit)
    sheet.focus_on(title.edit if unknown.code and not known else price.edit)
    return sheet


class _Careful(Sheet):
    """A question to which Enter, like Esc, says no."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.reject()
        else:
            super().keyPressEvent(event)


def early_sheet(parent: QWidget, forms: SellForms, early: TooEarly) -> Sheet:
    """Ask whether to sell something before its street date."""
    sheet = _Careful(parent, "Not to be sold yet")
    sheet.add_text(early.sentence)

    def sell() -> None:
        sheet.accept()
        forms.sell_early(early.sku)

    refuse = sheet.add_button("Do not sell", "primary")
    sheet.add_button("Sell anyway", "danger", sell)
    sheet.focus_on(refuse)
    return sheet


def hold_sheet(parent: QWidget, forms: SellForms) -> Sheet:
    """Put the sale aside, with a note to find it by."""
    sheet = Sheet(parent, "Hold this sale")
    note = Field("Note", hint="A name, or where the books lie. Printed on the slip", limit=120)
    sheet.body.addWidget(note)

    def submit() -> None:
        if attempt(note, lambda: forms.hold(note.text())):
            sheet.accept()

    note.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Hold sale", "primary", submit)
    sheet.focus_on(note.edit)
    return sheet


def void_sheet(parent: QWidget, forms: SellForms) -> Sheet:
    """Give the sale up, with a reason."""
    sheet = Sheet(parent, "Void this sale?")
    sheet.add_text("Everything in it goes. What was in it stays in the journal.")
    reason = Field("Reason", limit=80)
    sheet.body.addWidget(reason)

    def submit() -> None:
        if attempt(reason, lambda: forms.void(reason.text())):
            sheet.accept()

    sheet.add_button("Keep the sale")
    sheet.add_button("Void sale", "danger", submit)
    sheet.focus_on(reason.edit)
    return sheet


def recall_sheet(parent: QWidget, forms: SellForms, held: tuple[HeldRow, ...]) -> Sheet:
    """Choose a held sale to go on with."""
    sheet = Sheet(parent, "Held sales", width=640)
    rows = RowList(
        (Column("Sale"), Column("Since", 190), Column("Total", 100, "right")),
        name="Held sales",
        empty="No sale is held.",
    )
    rows.setMinimumHeight(300)
    rows.set_rows(
        tuple(Row(h.id, (f"{h.code}  {h.note}".strip(), h.since, h.total), second=h.words) for h in held)
    )
    sheet.body.addWidget(rows)

    def submit() -> None:
        row = rows.current()
        if row is not None:
            forms.recall(row.key)
            sheet.accept()

    rows.opened.connect(lambda _key: submit())
    sheet.add_button("Cancel")
    sheet.add_button("Recall sale", "primary", submit).setEnabled(bool(held))
    if held:
        rows.choose(held[0].id)
    sheet.focus_on(rows)
    return sheet


def customer_sheet(parent: QWidget, forms: SellForms, now: str) -> Sheet:
    """Look a customer up, or write a new one down."""
    sheet = Sheet(parent, "Customer", width=640)
    search = SearchLine("Name, e-mail or telephone")
    rows = RowList((Column("Customer"), Column("Contact", 240)), name="Customers", empty="Type a name.")
    rows.setMinimumHeight(220)
    found: dict[str, Customer] = {}

    def show(customers: tuple[Customer, ...]) -> None:
        if not isValid(rows):
            return  # the answer came after the sheet was closed
        found.clear()
        found.update({c.id: c for c in customers})
        rows.set_empty("Nobody was found." if search.text().strip() else "Type a name.")
        rows.set_rows(tuple(Row(c.id, (c.name, c.email or c.phone), second=c.note) for c in customers))
        if customers:
            rows.choose(customers[0].id)

    def choose() -> None:
        row = rows.current()
        if row is not None:
            forms.set_customer(found[row.key])
            sheet.accept()

    def fresh() -> None:
        sheet.accept()
        new_customer_sheet(parent, forms, search.text()).open()

    def nobody() -> None:
        forms.set_customer(None)
        sheet.accept()

    search.typed.connect(lambda words: forms.find_customers(words, show))
    search.entered.connect(lambda _words: choose())
    search.stepped.connect(rows.step)
    rows.opened.connect(lambda _key: choose())
    sheet.body.addWidget(search)
    sheet.body.addWidget(rows)
    if now:
        sheet.add_button("No customer", "danger", nobody)
    sheet.add_button("New customer", then=fresh)
    sheet.add_button("Cancel")
    sheet.add_button("Attach customer", "primary", choose)
    sheet.focus_on(search)
    forms.find_customers("", show)
    return sheet


def new_customer_sheet(parent: QWidget, forms: SellForms, name: str) -> Sheet:
    """Write a new customer down and attach them."""
    sheet = Sheet(parent, "New customer")
    who = Field("Name", name, limit=80)
    email = Field("E-mail", limit=120)
    phone = Field("Telephone", limit=40)
    for widget in (who, email, phone):
        sheet.body.addWidget(widget)

    def done() -> None:
        if isValid(sheet):
            sheet.accept()

    def refused(what: str, sentence: str) -> None:
        if isValid(sheet):
            (email if what == "email" else who).set_error(sentence)

    def submit() -> None:
        forms.add_customer(who.text(), email.text(), phone.text(), done, refused)

    who.entered.connect(email.select)
    email.entered.connect(phone.select)
    phone.entered.connect(submit)
    sheet.add_button("Cancel")
    sheet.add_button("Keep customer", "primary", submit)
    sheet.focus_on(who.edit)
    return sheet
