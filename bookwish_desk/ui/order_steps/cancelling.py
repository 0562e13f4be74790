"""Runs the sheet that cancels an order or copies of it, and says before what that means for the money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.actions import ordering
from bookwish_desk.actions import telling_facts as facts
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import WORKING, Order, promised
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import allowed, apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import OTHER, StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, Saying
from bookwish_desk.ui.order_steps.words import change_words

REASONS = ("Customer changed their mind", "Out of stock", "Ordered twice", "Not paid", "Not collected")
RED_FLAGS = (
    ("address", "Sent elsewhere than the card's address"),
    ("hurry", "Expensive, and sent the fastest way"),
    ("many", "Many copies of an expensive title"),
    ("cards", "Several cards were tried"),
    ("mail", "E-mail or telephone does not work"),
    ("forwarder", "Freight forwarder, or far abroad"),
)
"""Red flags of a fraudulent order (IC+04)."""

ALL, SOME = "all", "some"


class CancelPresenter(StepPresenter):
    """Cancels all of an order or single copies: why, for whom, and with which money to give back."""

    title = "Cancel an order"
    fields = {"reason": "why", "count": "copies"}  # noqa: RUF012

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """Return the lines of which copies can be cancelled."""
        return tuple(x for x in self.order.lines if ROOM["cancel_copies"](x) > 0)

    @property
    def what(self) -> str:
        """Return whether all of it is meant, or some copies."""
        can, some = self._can(), self.text("what") == SOME
        return SOME if SOME in can and (some or ALL not in can) else ALL

    def _can(self) -> dict[str, str]:
        why = {a.verb: a.why_not for a in allowed(self.order, self.at)}
        found = {}
        if not why["cancel"]:
            found[ALL] = "The whole order"
        if not why["cancel_copies"] and sum(x.live for x in self.order.lines) > 1:
            found[SOME] = "Some of the copies"
        return found

    def ask(self) -> Asked:
        """Ask what is cancelled, who wants it and why."""
        can = self._can()
        if not can:
            return Asked((next(a.why_not for a in allowed(self.order, self.at) if a.verb == "cancel"),))
        who = (("customer", "The customer"), ("store", "The shop"))
        inputs = [
            Input("what", "What is cancelled", "choice", self.what, options=tuple(can.items()), half=True),
            Input("by", "Who cancels", "choice", "customer", options=who, half=True),
        ]
        if self.what == SOME:
            inputs += [
                Input(f"copies_{x.id}", x.title, "count", "0", f"Up to {room}", most=room, half=True)
                for x in self.lines
                for room in (ROOM["cancel_copies"](x),)
            ]
        inputs += self.reasons("why", "Why", REASONS)
        if self.what == ALL:
            inputs.append(Input("fraud", "It looks like fraud", "toggle"))
            if self.on("fraud"):
                inputs += [Input(f"flag_{key}", words, "toggle", half=True) for key, words in RED_FLAGS]
        inputs += self.telling_inputs()
        verb = "Cancel the order" if self.what == ALL else "Cancel the copies"
        return Asked((self.order.number,), tuple(inputs), self._outcome(), "warn", verb, danger=True)

    def _outcome(self) -> tuple[str, ...]:
        """Return what follows, as far as what is typed says it."""
        try:
            after = apply(self.order, self.step(reason="-"), self.at)
        except (Wrong, Refused):
            return ()
        said = [change_words(self.order, after, self.show_money)]
        if after.refund_due_cents or after.credit_due_cents:
            said.append("That stays a task until it is done.")
        freed = sum(promised(self.order).values()) - sum(promised(after).values())
        if freed:
            said.append(f"{freed} {'copy is' if freed == 1 else 'copies are'} free again for others.")
        if after.state == "cancelled" and self.what == SOME:
            said.append("Nothing of the order is left: all of it is cancelled.")
        return tuple(said)

    def saying(self) -> Saying | None:
        """Return the notice that cancelling brings: where copies stay, only words of the shop's own."""
        try:
            step = self.step(self._why() or "-")
            after = apply(self.order, step, self.at)
        except (Wrong, Refused):
            return super().saying()
        if after.state != "cancelled" or self.order.state not in WORKING:
            return super().saying()
        settings, about = self.station.settings, f"{step.reason} {step.fraud} {step.copies}"
        return Saying(
            "cancelled", lambda: facts.cancelled(settings, after, step), self.order, self.telling, about=about
        )

    def _why(self) -> str:
        return self.text("why_words") if self.text("why") == OTHER else self.text("why")

    def step(self, reason: str) -> Step:
        """Return the step as it is typed. Raises Wrong where no copy is chosen."""
        fraud = self.what == ALL and self.on("fraud")
        by = "store" if fraud or self.text("by") == "store" else "customer"
        if self.what == ALL:
            return Step("cancel", reason=reason, by=by, fraud=fraud)  # type: ignore[arg-type]
        chosen = []
        for line in self.lines:
            key = f"copies_{line.id}"
            typed = self.text(key, "0") or "0"
            if not typed.isdigit() or int(typed) > ROOM["cancel_copies"](line):
                raise Wrong(key, f"At most {ROOM['cancel_copies'](line)} can be cancelled.")
            if int(typed):
                chosen.append((line.id, int(typed)))
        if not chosen:
            raise Wrong(f"copies_{self.lines[0].id}", "Say how many copies are cancelled.")
        return Step("cancel_copies", reason=reason, by=by, copies=tuple(chosen))  # type: ignore[arg-type]

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Cancel it."""
        fraud = self.what == ALL and self.on("fraud")
        flags = [words for key, words in RED_FLAGS if fraud and self.on(f"flag_{key}")]
        if fraud and not self.text("why"):
            reason = "Fraud"
        else:
            reason = self.reason("why", "Say why it is cancelled.")
        step = self.step("; ".join((reason, *flags)))
        order_id, telling = self.order.id, self.telling
        return lambda store, actor: ordering.take(store, actor, order_id, step, telling)

    def done_words(self, order: Order) -> str:
        """Say what was cancelled."""
        return f"{order.number} is cancelled." if order.state == "cancelled" else "The copies are cancelled."
