"""Runs the sheet that holds an order for a reason, or lets it go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import StepPresenter
from bookwish_desk.ui.order_steps.state import Asked

REASONS = ("Information needed", "Cheque clearing", "Address to be checked", "Waits for another order")
"""What orders are usually held for (WSM-13)."""


class HoldPresenter(StepPresenter):
    """Holds an order with a reason; one that is held goes on, or is held for another reason."""

    title = "Hold"
    fields = {"reason": "why"}  # noqa: RUF012

    @property
    def releases(self) -> bool:
        """Say whether the order is to go on."""
        return bool(self.order.hold) and self.text("what", "release") == "release"

    def ask(self) -> Asked:
        """Ask for the reason, or whether it goes on."""
        why = next(a.why_not for a in allowed(self.order, self.at) if a.verb == "hold")
        if why:
            return Asked((why,))
        inputs: tuple[Input, ...] = ()
        about = ("Nobody picks, packs or ships a held order, and it gets no copies.",)
        if self.order.hold:
            about = (f"The order is on hold: {self.order.hold}.",)
            options = (("release", "It goes on"), ("hold", "It is held for another reason"))
            inputs = (Input("what", "What shall be", "choice", "release", options=options),)
        if not self.releases:
            inputs += self.reasons("why", "What does it wait for?", REASONS)
        verb = "Let it go on" if self.releases else "Hold the order"
        return Asked(about, (*inputs, *self.telling_inputs()), verb=verb)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Hold it or let it go on."""
        if self.releases:
            step = Step("release_hold")
        else:
            step = Step("hold", reason=self.reason("why", "Say what the order waits for."))
        order_id, telling = self.order.id, self.telling
        return lambda store, actor: ordering.take(store, actor, order_id, step, telling)

    def done_words(self, order: Order) -> str:
        """Say how it stands now."""
        return f"{order.number} is on hold: {order.hold}." if order.hold else f"{order.number} goes on."
