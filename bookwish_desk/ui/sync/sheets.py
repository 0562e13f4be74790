"""The small sheets of syncing: a question before what cannot be undone, and signing in at the store."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.sync.state import Asked
from bookwish_desk.ui.widgets import Button, Field, Label, PasswordField, Sheet
from bookwish_desk.ui.widgets.buttons import Kind

MOST_ADDRESS = 254
"""The longest e-mail address there is (RFC 5321)."""


class DecisionSheet(Sheet):
    """Asks before something is carried out; `then` gets the choice and the reason. Enter does nothing."""

    def __init__(self, parent: QWidget, asked: Asked, then: Callable[[str, str], object]) -> None:
        super().__init__(parent, asked.title, width=560)
        self._asked, self._then = asked, then
        self._chosen = ""
        for text in asked.texts:
            self.add_text(text)
        self.choices: dict[str, Button] = {}
        for choice, words in asked.choices:
            button = Button(words)
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, choice=choice: self._choose(choice))
            self.choices[choice] = button
            self.body.addWidget(button)
        hint = "" if asked.reason == "needed" else "May stay empty"
        self.reason = Field(asked.reason_label, hint=hint, limit=200)
        self.reason.setVisible(bool(asked.reason))
        if asked.reason:
            self.body.addWidget(self.reason)
            self.focus_on(self.reason.edit)
        else:
            self.reason.setParent(self)
            self.reason.hide()
        # Not "Cancel": what is asked may be whether an order is cancelled.
        cancel = self.add_button("Not now")
        kind: Kind = "danger" if asked.danger else "primary"
        self.verb = self.add_button(asked.verb, kind, self._go, "sync_sheet.do")
        if self.choices:
            self.verb.setEnabled(False)
            self.focus_on(next(iter(self.choices.values())))
        elif not asked.reason:
            self.focus_on(cancel)

    def _choose(self, choice: str) -> None:
        self._chosen = choice
        for key, button in self.choices.items():
            button.setChecked(key == choice)
        self.verb.setEnabled(True)

    def _go(self) -> None:
        reason = self.reason.text().strip()
        if self._asked.reason == "needed" and not reason:
            self.reason.set_error("Say why.")
            self.reason.select()
            return
        if self.choices and not self._chosen:
            return
        self.accept()
        self._then(self._chosen, reason)


class SignInSheet(Sheet):
    """Asks for the e-mail and the password of an account at the store. `submit(email, password)` signs in.

    Call `signed_in` or `refused` when that has ended. The password leaves this form as a `Secret`.
    """

    def __init__(self, parent: QWidget, address: str, email: str, hint: str = "") -> None:
        super().__init__(parent, "Sign in at the online store", width=520)
        self.add_text(address)
        if hint:
            self.add_text(hint)
        self.email = Field("E-mail", email, limit=MOST_ADDRESS)
        self.password = PasswordField("Password")
        self.body.addWidget(self.email)
        self.body.addWidget(self.password)
        self.body.addWidget(Label("What waits is kept, whoever signs in.", "small", "soft", wrap=True))
        self.submit: Callable[[str, Secret], None] = lambda _email, _password: None
        self.email.entered.connect(self.password.select)
        self.password.entered.connect(self._submit)
        self.add_button("Cancel")
        self.add_button("Sign in", "primary", self._submit, "sync_sheet.do")
        self.focus_on(self.password.edit if email else self.email.edit)

    def _submit(self) -> None:
        self.show_notice("")
        if not self.email.text().strip():
            self.email.set_error("Type the e-mail of the account.")
            self.email.select()
        elif not self.password.text():
            self.password.set_error("Type its password.")
            self.password.select()
        else:
            self.set_busy(True)
            self.submit(self.email.text().strip(), Secret(self.password.text()))

    def signed_in(self) -> None:
        """Close: the store knows us again."""
        self.accept()

    def refused(self, error: ShopError) -> None:
        """Say what is wrong, beside the field where it is that."""
        self.set_busy(False)
        field = {"email": self.email, "password": self.password}.get(str(error.facts.get("field", "")))
        if field is None:
            self.show_notice(error.message)
        else:
            field.set_error(error.message)
            field.select()
