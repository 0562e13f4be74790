"""Runs the sheet for the payment of an order: what was authorised, paid, given back, or is to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import ordering, telling_facts
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.notices import NoticeFacts
from bookwish_desk.shop.opening_hours import end_of, local
from bookwish_desk.shop.order_payment import DAY, SHORTEST_AUTHORISATION_DAYS
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_rules import allowed, apply
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.street import checked_day
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, Saying
from bookwish_desk.ui.order_steps.words import payment_words

_CHOICES: dict[Verb, tuple[str, str, str]] = {
    "capture": ("The payment was received", "Record payment", "Amount received"),
    "authorise": ("A payment was authorised", "Record authorisation", "Amount authorised"),
    "reauthorise": ("The payment was authorised again", "Record authorisation", "Amount authorised"),
    "pay_at_pickup": ("It will be paid at pickup", "Let it be paid at pickup", ""),
    "await_outside": ("The payment waits at PayPal or the like", "Let the payment wait", ""),
    "void": ("The authorisation was voided", "Record void", ""),
    "refund": ("Money was given back", "Record refund", "Amount given back"),
    "return_credit": ("Trade credit was given back", "Record credit", "Credit given back"),
    "grant": ("Money shall be given back", "Owe it to the customer", "Amount to give back"),
}
"""What can be recorded: what it is called, what stands on the button, and the amount that is asked."""

_TENDERS = ("Card", "Cash", "Cheque", "Bank transfer", "PayPal", "Online store")
_GRANT_REASONS = ("Damaged copy", "Late delivery", "Copy came back", "Price was wrong")
_TASKS: dict[str, Verb] = {
    "refund": "refund",
    "return_credit": "return_credit",
    "reauthorise": "reauthorise",
    "void": "void",
    "collect": "capture",
}
MOVES_NOTHING = "This records what happened at the terminal or the bank. It moves no money by itself."


class PaymentPresenter(StepPresenter):
    """Records what happened to the money of an order; amounts are proposed, no card number is taken."""

    title = "Payment"
    said = "Recorded."
    fields = {"until": "until", "reason": "why", "amount": "amount", "authorised": "amount"}  # noqa: RUF012

    @property
    def possible(self) -> tuple[Verb, ...]:
        """Return what can be recorded of the order now."""
        can = {a.verb for a in allowed(self.order, self.at) if not a.why_not}
        return tuple(v for v in _CHOICES if v in can and not (v == "grant" and not self.order.worth_cents))

    def verb_now(self) -> Verb | None:
        """Return what is chosen: at first what the order waits for."""
        can = self.possible
        chosen = self.text("what")
        if chosen in can:
            return next(v for v in can if v == chosen)
        for task in tasks(self.order, self.at):
            if _TASKS.get(task.kind) in can:
                return _TASKS[task.kind]
        return can[0] if can else None

    def proposed(self, verb: Verb) -> int:
        """Return the amount that is proposed, in cents."""
        order = self.order
        if verb == "capture" and order.payment.authorised_cents:
            return min(order.to_collect_cents, order.payment.authorised_cents)
        amounts = {"refund": order.refund_due_cents, "return_credit": order.credit_due_cents, "grant": 0}
        return amounts.get(verb, order.to_collect_cents)

    def ask(self) -> Asked:
        """Ask what happened, and only what belongs to that."""
        settings = self.station.settings
        about = payment_words(self.order, self.at, settings.money, settings.opening)
        verb = self.verb_now()
        if verb is None:
            why = next((a.why_not for a in allowed(self.order, self.at) if a.verb == "capture"), "")
            return Asked((*about, why))
        options = tuple((v, _CHOICES[v][0]) for v in self.possible)
        inputs = [Input("what", "What happened", "choice", value=verb, options=options), *self._details(verb)]
        outcome = (*self._means(verb), MOVES_NOTHING)
        return Asked(about, tuple(inputs), outcome, verb=_CHOICES[verb][1])

    def _details(self, verb: Verb) -> list[Input]:
        inputs: list[Input] = []
        amount = _CHOICES[verb][2]
        if amount:
            cents = self.proposed(verb)
            value = self.station.settings.money.plain(cents) if cents else ""
            half = verb in ("capture", "authorise", "reauthorise", "refund")
            inputs.append(Input(f"amount_{verb}", amount, "amount", value=value, half=half))
        if verb in ("authorise", "reauthorise"):
            hint = "The bank says until when; three days where nobody knows, at most four weeks"
            day = self._day_after(SHORTEST_AUTHORISATION_DAYS)
            inputs.append(Input("until", "Valid until", value=day, hint=hint, half=True, limit=10))
        if verb in ("capture", "refund"):
            how = "Paid by" if verb == "capture" else "Given back by"
            options = (("", "Choose how"), *((t, t) for t in _TENDERS))
            inputs.append(Input("tender", how, "choice", options=options, half=True))
            inputs.append(
                Input("note", "Number or note", hint="Cheque number, reference. No card number", limit=80)
            )
        if verb == "grant":
            inputs += self.reasons("why", "Why", _GRANT_REASONS)
        if verb in ("capture", "refund", "return_credit"):
            inputs += self.telling_inputs()
        return inputs

    def _day_after(self, days: int) -> str:
        hours = self.station.settings.opening
        return local(hours, self.at + days * DAY).date().isoformat()

    def _means(self, verb: Verb) -> tuple[str, ...]:
        """Return what it changes, as far as what is typed says it."""
        try:
            after = apply(self.order, self.step(verb), self.at)
        except (Wrong, Refused):
            return ()
        show = self.show_money
        if after.refund_due_cents:
            return (f"{show(after.refund_due_cents)} is then to be given back.",)
        if after.to_collect_cents and verb in ("capture", "authorise", "reauthorise"):
            if after.payment.covers(after.to_collect_cents, self.at):
                return ("The order is then secured, not yet paid.",)
            return (f"{show(after.to_collect_cents)} is then still to be paid.",)
        if verb == "capture":
            return ("The order is then paid.",)
        return ()

    def step(self, verb: Verb) -> Step:
        """Return the step as it is typed. Raises Wrong for a field that is not right."""
        key = f"amount_{verb}"
        cents = self.cents(key, self.proposed(verb)) if _CHOICES[verb][2] else 0
        if _CHOICES[verb][2] and not cents:
            raise Wrong(key, "Type an amount above zero.")
        step = Step(verb, cents=cents)
        if verb in ("authorise", "reauthorise"):
            return replace(step, until=self._until())
        if verb == "grant":
            return replace(step, reason=self.reason("why", "Say what the money is given back for."))
        if verb in ("capture", "refund"):
            how = ", ".join(filter(None, (self.text("tender"), self.text("note"))))
            return replace(step, reason=plain(how))
        return step

    def saying(self) -> Saying | None:
        """Return the notice that giving money back brings; else only words of the shop's own are sent."""
        verb, settings, order = self.verb_now(), self.station.settings, self.order
        if verb not in ("refund", "return_credit"):
            return super().saying()
        try:
            step = self.step(verb)
        except (Wrong, Refused):
            return None

        def facts() -> NoticeFacts:
            said = telling_facts.of(settings, order)
            return replace(said, refund_cents=step.cents, reason=step.reason)

        return Saying("refunded", facts, order, self.telling, about=f"{step.cents} {step.reason}")

    def _until(self) -> int:
        try:
            day = checked_day(self.text("until", self._day_after(SHORTEST_AUTHORISATION_DAYS)))
        except Refused as refused:
            raise Wrong("until", refused.message) from None
        if not day:
            raise Wrong("until", "Type until when the bank holds the money.")
        return end_of(self.station.settings.opening, day)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Record it."""
        verb, order_id = self.verb_now(), self.order.id
        assert verb is not None
        if verb in ("capture", "refund") and not self.text("tender"):
            raise Wrong("tender", "Choose how it was paid." if verb == "capture" else "Choose how.")
        step, telling = self.step(verb), self.telling
        return lambda store, actor: ordering.take(store, actor, order_id, step, telling)

    def refuse(self, key: str, sentence: str) -> None:
        """Say what is wrong beside the amount of what was chosen."""
        super().refuse(f"amount_{self.verb_now()}" if key == "amount" else key, sentence)
