"""The small forms about people, and the sheet with a new recovery code."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person, Role
from bookwish_desk.ui.forms import Paper
from bookwish_desk.ui.settings.state import AddPerson, Refusal, StaffForms
from bookwish_desk.ui.widgets import Choice, Field, PinField, Sheet, Toggle
from bookwish_desk.ui.widgets.fields import Labelled

ROLES = [("staff", "Staff"), ("manager", "Manager"), ("owner", "Owner")]
_PIN_HINT = "4 to 8 digits, not all the same and not in a row"


def new_person_sheet(parent: QWidget, add: AddPerson) -> Sheet:
    """Ask for a new member of staff."""
    sheet = Sheet(parent, "Add a person", width=520)
    name, role = Field("Name", hint="As it stands on receipts", limit=60), Choice("Role", ROLES)
    pin, again = PinField("PIN", _PIN_HINT), PinField("PIN again")
    _fill(
        sheet,
        {"name": name, "role": role, "pin": pin, "again": again},
        "Add person",
        lambda refused: add(
            name.text(), _role(role), Secret(pin.text()), Secret(again.text()), sheet.accept, refused
        ),
    )
    return sheet


def change_person_sheet(parent: QWidget, forms: StaffForms, person: Person) -> Sheet:
    """Ask for another name or role."""
    sheet = Sheet(parent, f"Change {person.name}", width=520)
    name, role = Field("Name", person.name, limit=60), Choice("Role", ROLES)
    role.choose(person.role)
    _fill(
        sheet,
        {"name": name, "role": role},
        "Keep changes",
        lambda refused: forms.change_person(person.id, name.text(), _role(role), sheet.accept, refused),
    )
    return sheet


def pin_sheet(parent: QWidget, forms: StaffForms, person: Person) -> Sheet:
    """Ask for a new PIN of somebody, twice."""
    sheet = Sheet(parent, f"New PIN for {person.name}")
    pin, again = PinField("New PIN", _PIN_HINT), PinField("New PIN again")
    _fill(
        sheet,
        {"pin": pin, "again": again},
        "Set PIN",
        lambda refused: forms.set_pin(
            person.id, Secret(pin.text()), Secret(again.text()), sheet.accept, refused
        ),
    )
    return sheet


def own_pin_sheet(parent: QWidget, forms: StaffForms) -> Sheet:
    """Ask for one's old PIN and a new one, twice."""
    sheet = Sheet(parent, "Change my PIN")
    old, pin, again = PinField("Old PIN"), PinField("New PIN", _PIN_HINT), PinField("New PIN again")
    _fill(
        sheet,
        {"old": old, "pin": pin, "again": again},
        "Change PIN",
        lambda refused: forms.change_own_pin(
            Secret(old.text()), Secret(pin.text()), Secret(again.text()), sheet.accept, refused
        ),
    )
    return sheet


def _role(choice: Choice) -> Role:
    return cast(Role, choice.chosen())


def _fill(sheet: Sheet, fields: dict[str, Labelled], verb: str, submit: Callable[[Refusal], None]) -> None:
    """Put the fields and the verbs into a sheet; Enter in any field submits it."""

    def refused(where: str, sentence: str) -> None:
        field = fields.get(where)
        if field is None:
            sheet.show_notice(sentence)
            return
        field.set_error(sentence)
        if isinstance(field, Field):
            field.select()

    def go() -> None:
        sheet.show_notice("")
        submit(refused)

    for field in fields.values():
        sheet.body.addWidget(field)
        if isinstance(field, Field):
            field.entered.connect(go)
    sheet.add_button("Cancel")
    sheet.add_button(verb, "primary", go)
    first = next(iter(fields.values()))
    if isinstance(first, Field):
        sheet.focus_on(first.edit)


def ask_new_code_sheet(
    parent: QWidget, printer: bool, renew: Callable[[bool, Callable[[Secret], None]], None]
) -> Sheet:
    """Ask whether to make a new recovery code, and show it afterwards."""
    sheet = Sheet(parent, "Make a new recovery code?", width=560)
    sheet.add_text(
        "The code that was made before stops working. Have paper at hand: the new one is shown once."
    )
    printed = Toggle("Print it on the receipt printer, too")
    printed.setVisible(printer)
    sheet.body.addWidget(printed)

    def made(fresh: Secret) -> None:
        sheet.accept()
        new_code_sheet(parent, fresh).open()

    sheet.add_button("Keep the old one")
    sheet.add_button("Make a new code", "primary", lambda: renew(printed.isChecked() and printer, made))
    return sheet


def new_code_sheet(parent: QWidget, fresh: Secret) -> Sheet:
    """Show a new recovery code until somebody wrote it down."""
    sheet = Sheet(parent, "Write down the recovery code", width=600)
    sheet.add_text("Keep it where you keep the deeds of the shop, not at the register.")
    paper = Paper("Recovery code")
    paper.show_secret(fresh)
    sheet.body.addWidget(paper)

    def submit() -> None:
        if paper.confirmed():
            sheet.accept()

    paper.entered.connect(submit)
    sheet.add_button("I wrote it down", "primary", submit)
    sheet.focus_on(paper.field.edit)
    return sheet
