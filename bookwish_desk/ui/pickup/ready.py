"""Runs the sheets of pickup: an order made ready with its place on the shelf, and an unpaid one let pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import pickup, telling_facts
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.hold_slip import place_for
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import YES, Input
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, Saying


class ReadyPresenter(StepPresenter):
    """Sets an order aside for its customer: where it lies, whether the customer hears of it, and its slip."""

    title = "Make ready for pickup"
    fields = {"unpaid": "override"}  # noqa: RUF012

    @property
    def place(self) -> str:
        """Return where it will lie: what was typed, or the place that the name suggests."""
        name = self.order.customer.name if self.order.customer else ""
        return self.text("shelf", self.order.shelf or place_for(name))

    def _tried(self, **also: Any) -> Refused | None:
        """Return why it cannot be made ready, None where it can."""
        try:
            self._after(**also)
        except Refused as refused:
            return refused
        return None

    def _after(self, **also: Any) -> Order:
        return apply(self.order, Step("ready", shelf=self.place, partly=True, **also), self.at)

    @property
    def waits(self) -> int:
        """Return how many copies are not picked yet."""
        return self.order.open - sum(x.set_aside for x in self.order.lines)

    def ask(self) -> Asked:
        """Ask for the place, and what else is needed."""
        why = self._tried()
        unpaid = why is not None and why.code == "unpaid"
        if why is not None and not unpaid:
            return Asked((why.message,))
        inputs: list[Input] = []
        about: list[str] = []
        name = self.order.customer.name if self.order.customer else ""
        proposed = self.order.shelf or place_for(name)
        inputs.append(Input("shelf", "Place on the hold shelf", value=proposed, limit=40, half=True))
        if self.station.prints_receipts:
            inputs.append(Input("slip", "Print the pickup slip", "toggle", value=YES, half=True))
        if self.waits:
            copies = "1 copy is" if self.waits == 1 else f"{self.waits} copies are"
            about.append(f"{copies} not picked yet.")
            inputs.append(Input("partly", "Make ready only what is there", "toggle"))
        if unpaid and why is not None:
            about.append(why.message)
            inputs.append(Input("override", "Let it pass: why? A manager has to approve it", limit=200))
        return Asked(tuple(about), (*inputs, *self.telling_inputs()), verb="Make ready")

    def saying(self) -> Saying | None:
        """Return the notice that the order is ready."""
        settings = self.station.settings
        try:
            after = self._after(override="asked")
        except Refused:
            return None
        return Saying("ready", lambda: telling_facts.waiting(settings, after), self.order, self.telling)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Make it ready."""
        order, shelf, telling = self.order.id, self.place, self.telling
        partly, override = self.on("partly"), self.text("override")
        slip = self.station.prints_receipts and self.texts.get("slip", YES) == YES
        if self.waits and not partly:
            raise Refused("not_picked", "Pick the rest first, or make ready only what is there.")
        why = self._tried()
        if why is not None and why.code == "unpaid" and not override:
            raise Wrong("override", "Say why the unpaid order may pass.")
        return lambda store, actor: pickup.make_ready(
            store, actor, order, shelf, partly=partly, override=override, telling=telling, slip=slip
        )

    def done_words(self, order: Order) -> str:
        """Say where it lies."""
        where = f" on hold shelf {order.shelf}" if order.shelf else ""
        return f"{order.number} is ready{where}."


class PassPresenter(StepPresenter):
    """Asks why an unpaid order is handed over all the same; `on_pass` gets the reason."""

    title = "Not paid"

    def __init__(self, *about: Any, sentence: str, on_pass: Callable[[str], object]) -> None:
        super().__init__(*about)
        self._sentence = sentence
        self._on_pass = on_pass

    def ask(self) -> Asked:
        """Ask for the reason."""
        why = Input("why", "Let it pass: why?", hint="A manager has to approve it", limit=200)
        return Asked((self._sentence,), (why,), verb="Let it pass", danger=True)

    def submit(self, values: Any) -> None:
        """Hand the reason on."""
        self.changed(values)
        if self._errors:
            self.show(wrong=self.state.wrong + 1)
            return
        reason = self.text("why")
        if not reason:
            self.refuse("why", "Say why the unpaid order may pass.")
            return
        self.state = replace(self.state, done=True)
        self.render(self.state)
        self._on_pass(reason)
