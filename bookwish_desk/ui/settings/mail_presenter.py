"""Runs the section Mail: its password, which only the keyring keeps, and a test message."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from bookwish_desk.actions import configuring
from bookwish_desk.keychain import Keychain, keep_mail_password, mail_password, open_keychain
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.mail import USUAL_PORTS, MailSettings, Message, checked, mail_address
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.forms.inputs import Values, filled
from bookwish_desk.ui.settings.order_sections import mail_of
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.state import MailTrial

TRIAL_SECONDS = 30.0

_BESIDE = {
    "certificate": "host",
    "unreachable": "host",
    "encryption": "security",
    "login": "password",
    "sender": "sender",
}
"""Beside which field stands what the mail server did not like."""

_AGAIN = "Type the password of this user at this server. It is kept for each of them anew."
_NONE_KEPT = "The keyring of this computer holds no password for this user. Type it above and save."


class Answer(Protocol):
    """How handing a message over ended; see `sync.mail.Sent`."""

    @property
    def state(self) -> str:
        """Return "sent", or in a word why not."""

    @property
    def fault(self) -> str:
        """Return what went wrong, for programs."""

    @property
    def message(self) -> str:
        """Return what went wrong, in a sentence."""

    @property
    def answer(self) -> str:
        """Return the server's own words."""


SendMail = Callable[[Message, MailSettings, Secret, float], Answer]


class MailPresenter:
    """Saves the section and tries it. `wrong_address` shows what is wrong with the address of a test."""

    def __init__(
        self,
        settings: SettingsPresenter,
        send: SendMail,
        opened: Callable[[], Keychain] = open_keychain,
    ) -> None:
        self._settings = settings
        self._station = settings.station
        self._send = send
        self._opened = opened
        self._trial = 0
        self.wrong_address: Callable[[str], None] = lambda _sentence: None
        settings.save_with("mail", self._save)
        settings.when_reloaded(self._reloaded)

    def typed(self, values: Values) -> None:
        """Go from the usual port to the usual one, when another encryption is chosen."""
        state = self._settings.state
        before = next((i.value for i in state.inputs if i.key == "security"), "")
        if state.section != "mail" or values.text("security") == before:
            return
        mail, texts = mail_of(values), dict(values.texts)
        if mail.port in USUAL_PORTS.values():
            texts["port"] = str(USUAL_PORTS[mail.security])
        self._settings.show(inputs=filled(state.inputs, Values(texts, values.pins), {}))

    # ---- the password ----

    def _reloaded(self) -> None:
        s = self._settings.settings
        if self._settings.state.section != "mail":
            return
        self._settings.show(keyring="")
        if s.mail.user:
            self._station.lanes.work(
                lambda: mail_password(self._opened(), s.shop_id, s.mail),
                then=lambda kept: self._settings.show(keyring="" if kept else _NONE_KEPT),
                failed=lambda error: self._settings.show(keyring=error.message),
                lane="keyring",
            )

    def _save(self, changes: dict[str, Any], values: Values, then: Callable[[], None]) -> None:
        before, after = self._settings.settings.mail, changes["mail"]
        typed = values.pin("password")
        if after.user and not typed and (after.host, after.user) != (before.host, before.user):
            self._settings.show_errors({"password": _AGAIN})
            return
        if typed and not after.user:
            self._settings.show_errors({"user": "Type the user to whom this password belongs."})
            return

        def saved(settings: Settings) -> None:
            if typed:
                self._keep(settings, typed, then)
            else:
                self._settings.saved(settings, then)
                if before.user and not settings.mail.user:
                    self._forget(settings)

        self._station.act(
            lambda store, actor: configuring.change_settings(store, actor, **changes),
            then=saved,
            failed=self._settings.failed,
        )

    def _keep(self, settings: Settings, password: Secret, then: Callable[[], None]) -> None:
        def not_kept(error: ShopError) -> None:
            self._station.settings = settings
            words = "All is saved but the password."
            beside = {"password": f"{words} {error.message}"}
            self._settings.mark(beside, notice=words, tone="error", dirty=True)

        def kept(_none: None) -> None:
            self._station.act(
                configuring.note_mail_password,
                then=lambda after: self._settings.saved(after, then),
                failed=not_kept,
            )

        self._station.lanes.work(
            lambda: keep_mail_password(self._opened(), settings.shop_id, settings.mail, password),
            then=kept,
            failed=not_kept,
            lane="keyring",
        )

    def _forget(self, settings: Settings) -> None:
        self._station.lanes.work(
            lambda: keep_mail_password(self._opened(), settings.shop_id, settings.mail, Secret("")),
            failed=lambda error: self._settings.say(f"The password is still kept. {error.message}", "warn"),
            lane="keyring",
        )

    # ---- a test ----

    def try_out(self, typed: str, values: Values) -> None:
        """Send a test message to an address with what stands in the form."""
        self._settings.keep_typed(values)
        try:
            mail = checked(mail_of(values))
        except Refused as fault:
            self._settings.mark({str(fault.facts["field"]): fault.message})
            return
        try:
            to = mail_address(typed)
        except Refused as fault:
            self.wrong_address(fault.message)
            return
        self.wrong_address("")
        self._station.act(
            lambda store, actor: configuring.allow_mail_trial(store, actor, mail.host),
            then=lambda at: self._begin(mail, to, values.pin("password"), at),
            failed=lambda error: self._show(error.message, "error"),
        )

    def _begin(self, mail: MailSettings, to: str, typed: Secret, at: int) -> None:
        self._trial += 1
        mine, s = self._trial, self._settings.settings
        self._settings.show(trial=MailTrial(True, f"The message to {to} is on its way…"))
        text = f"This is a test message from the register of {s.shop_name}.\n\nMail can be sent."
        message = Message(new_id(), to, f"Test message from {s.shop_name}", text, at)

        def sending() -> Answer:
            password = typed
            if mail.user and not password:
                password = mail_password(self._opened(), s.shop_id, mail)
            return self._send(message, mail, password, time.monotonic() + TRIAL_SECONDS)

        def heard(show: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda what: show(what) if mine == self._trial else None

        self._station.lanes.work(
            sending,
            then=heard(lambda answer: self._ended(to, answer)),
            failed=heard(lambda error: self._show(error.message, "error")),
            lane="mail trial",
        )

    def stop(self) -> None:
        """Wait for the answer no longer."""
        self._trial += 1
        self._show("Nobody waits for the answer any more. The message may still arrive.", "warn")

    def _ended(self, to: str, answer: Answer) -> None:
        said = f" It said: {answer.answer}" if answer.answer else ""
        if answer.state == "sent":
            self._show(f"The mail server took the message to {to}. Look whether it arrives.{said}", "ok")
            return
        words = answer.message
        if answer.fault == "later":
            words = "The mail server cannot take the message now. Try it again in a while."
        self._show(f"{words}{said}", "warn" if answer.state == "uncertain" else "error")
        if beside := _BESIDE.get(answer.fault):
            self._settings.mark({beside: words})

    def _show(self, words: str, tone: Any) -> None:
        self._settings.show(trial=replace(self._settings.state.trial, busy=False, words=words, tone=tone))
