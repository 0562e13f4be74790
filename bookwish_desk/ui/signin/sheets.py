"""The sheet with which an owner who forgot the PIN sets a new one, and the next recovery code."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.forms import Paper
from bookwish_desk.ui.signin.state import RecoveryForms
from bookwish_desk.ui.widgets import Choice, Field, PinField, Sheet


def recovery_sheet(parent: QWidget, forms: RecoveryForms) -> Sheet:
    """Ask for the recovery code and a new PIN."""
    sheet = Sheet(parent, "Set a new PIN for the owner", width=560)
    sheet.add_text("Type the recovery code that was printed or written down when the shop was set up.")
    owners = forms.owners()
    owner = Choice("Owner", [(f.id, f.name) for f in owners])
    owner.setVisible(len(owners) > 1)
    code = Field("Recovery code", placeholder="XXXX-XXXX-XXXX-XXXX-XXXX-XXXX", limit=60)
    pin, again = PinField("New PIN", hint="4 to 8 digits"), PinField("New PIN again")
    for field in (owner, code, pin, again):
        sheet.body.addWidget(field)

    def refused(where: str, sentence: str) -> None:
        button.setEnabled(True)
        fields = {"code": code, "pin": pin, "again": again}
        if where in fields:
            fields[where].set_error(sentence)
            fields[where].select()
        else:
            sheet.show_notice(sentence)

    def done(fresh: Secret) -> None:
        sheet.accept()
        next_code_sheet(parent, fresh).open()

    def submit() -> None:
        sheet.show_notice("")
        button.setEnabled(False)
        forms.recover(owner.chosen(), code.text(), Secret(pin.text()), Secret(again.text()), done, refused)

    for field in (code, pin, again):
        field.entered.connect(submit)
    sheet.add_button("Cancel")
    button = sheet.add_button("Set the new PIN", "primary", submit)
    sheet.focus_on(code.edit)
    return sheet


def next_code_sheet(parent: QWidget, fresh: Secret) -> Sheet:
    """Show the recovery code that takes the place of the used one, until it was written down."""
    sheet = Sheet(parent, "Write down the next recovery code", width=600)
    sheet.add_text("The new PIN works. The old recovery code is used up, and this one takes its place.")
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
