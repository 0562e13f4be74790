"""Runs the sheets for the staff's own note and status of an order and for a message to its customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.actions import order_editing, telling, telling_facts
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db.store import Store
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_words import own_status
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, Saying


class MessagePresenter(StepPresenter):
    """Writes to the customer of an order; the message is shown as it will arrive."""

    title = "Message to the customer"
    said = "The message is on its way."
    fields = {"empty": "text"}  # noqa: RUF012

    def ask(self) -> Asked:
        """Ask for the words."""
        if why := telling.unreachable(self.station.settings, self.order):
            return Asked((f"No message can be sent. {why}",))
        subject = Input("subject", "Subject", hint="Empty for the usual one", limit=120)
        words = Input("text", "Your words", "lines", lines=6, limit=5_000)
        return Asked((), (subject, words), verb="Send the message")

    def saying(self) -> Saying | None:
        """Return the message with these words."""
        order, settings = self.order, self.station.settings
        if telling.unreachable(settings, order) or not self.text("text"):
            return None
        how = Telling("send", self.text("text"))
        return Saying("message", lambda: telling_facts.of(settings, order), order, how, self.text("subject"))

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Send it."""
        text, subject, order_id = self.text("text"), self.text("subject"), self.order.id
        if not text:
            raise Wrong("text", "Write what the customer should know.")
        return lambda store, actor: telling.message(store, actor, order_id, text, subject)

    def to_do(self, _order: Order) -> str:
        """Say nothing of what else there is to do."""
        return ""


class MemoPresenter(StepPresenter):
    """Writes the staff's own note on an order, which stands in the list and never goes out."""

    title = "Memo"
    said = "The memo is kept."
    fields = {"card_number": "memo"}  # noqa: RUF012

    def ask(self) -> Asked:
        """Ask for the note."""
        hint = "Only staff see it, also in the list of orders"
        memo = Input("memo", "Memo", "lines", self.order.memo, hint, lines=4, limit=200)
        return Asked((), (memo,), verb="Keep the memo")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Keep it."""
        memo, order_id = self.text("memo", self.order.memo), self.order.id
        return lambda store, actor: order_editing.set_memo(store, actor, order_id, memo)

    def to_do(self, _order: Order) -> str:
        """Say nothing of what else there is to do."""
        return ""


class OwnStatusPresenter(StepPresenter):
    """Gives an order one of the shop's own statuses for orders in its state, or none (IC+01)."""

    title = "Status of our own"
    said = "The status is kept."
    fields = {"status": "status"}  # noqa: RUF012

    def ask(self) -> Asked:
        """Ask which status."""
        known = self.station.settings.own_statuses
        fitting = [s.name for s in known if s.state == self.order.state]
        options = (("", "None"), *((name, name) for name in fitting))
        about = ("It is a word for this shop only. What may be done with the order stays the same.",)
        shown = own_status(self.order, known)
        status = Input("status", "Status", "choice", shown, options=options)
        return Asked(about, (status,), verb="Keep the status")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Keep it."""
        name, order_id = self.text("status", self.order.own_status), self.order.id
        return lambda store, actor: order_editing.set_own_status(store, actor, order_id, name)
