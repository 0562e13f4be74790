"""What is asked before something is done with a label: give it back, insure it, settle a doubt. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.actions import buying, spending, voiding
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.label_steps import words
from bookwish_desk.ui.order_steps.asking import Asking, StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, StepState

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

WHY_VOID = (
    "Wrong address",
    "Wrong weight or package",
    "Another service",
    "The order was cancelled",
    "Printed twice",
)


class LabelStep(StepPresenter):
    """A step with one label; customers hear nothing of it here, orders tell them by themselves."""

    def __init__(self, station: Station, label: Postage) -> None:
        Asking.__init__(self, station)
        self.label = label
        self.state = StepState(title=self.title)
        self._said: tuple[object, ...] | None = None

    def saying(self) -> None:
        """Return nothing: no letter goes out by this."""

    def reload(self) -> None:
        """Ask about the label as it was shown."""

    def about(self) -> tuple[str, ...]:
        """Return which label it is."""
        money = words.cost(self.label, self.station.settings)
        what = ", ".join(x for x in (words.service(self.label), money, self.label.tracking) if x)
        return (f"{words.heading(self.label)}: {what}.",)

    def _taken(self, value: Any) -> None:
        self.station.say(self.said)
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)


class VoidStep(LabelStep):
    """Gives an unused label back."""

    title = "Give the label back"
    said = "The refund is asked for. Carriers take up to some weeks."
    fields: dict[str, str] = {"reason": "reason"}  # noqa: RUF012

    def ask(self) -> Asked:
        """Ask why, and whether the parcel gets another label at once."""
        inputs = self.reasons("reason", "Why is it given back?", WHY_VOID)
        outcome = [
            "Asked for is not given back: the money comes when the carrier agrees, in days or weeks.",
            "The label must not be used any more.",
        ]
        if self.label.purpose == "out":
            again = Input("again", "The parcel gets another label today: its order stays shipped", "toggle")
            inputs = (*inputs, again)
            if not self.on("again"):
                outcome.append("Its parcel is taken back: the order is packed again, its copies are here.")
        return Asked(self.about(), inputs, tuple(outcome), "warn", "Give it back", danger=True)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Ask the carrier for the money."""
        why, again, label = (
            self.reason("reason", "Say why it is given back."),
            self.on("again"),
            self.label.id,
        )
        return lambda store, actor: voiding.void(store, actor, label, why, goes_again=again)


class InsureStep(LabelStep):
    """Insures a parcel whose label is bought."""

    title = "Insure the parcel"
    said = "The insurance is asked for."
    fields: dict[str, str] = {"insurance": "amount"}  # noqa: RUF012

    def __init__(self, station: Station, label: Postage, worth_cents: int) -> None:
        super().__init__(station, label)
        self._worth = worth_cents

    def ask(self) -> Asked:
        """Ask for how much."""
        money = self.station.settings.money
        amount = Input("amount", "Insured for", "amount", value=money.plain(self._worth))
        try:
            cost = (
                f"It costs about {money.show(spending.insurance_cents(self.cents('amount', self._worth)))}."
            )
        except Wrong:
            cost = ""
        return Asked(self.about(), (amount,), (cost,) if cost else (), "info", "Insure it")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Ask for the insurance."""
        cents, label = self.cents("amount", self._worth), self.label.id
        return lambda store, actor: voiding.insure(store, actor, label, cents)


class SettleStep(LabelStep):
    """Says of a label in doubt whether it was bought, as somebody found out: the last resort."""

    said = "Written down as you found it."
    fields: dict[str, str] = {"reason": "reason"}  # noqa: RUF012

    def __init__(self, station: Station, label: Postage, verdict: buying.Verdict) -> None:
        self.title = "It was bought" if verdict == "bought" else "It was not bought"
        super().__init__(station, label)
        self._verdict: buying.Verdict = verdict

    def ask(self) -> Asked:
        """Ask how somebody knows."""
        shipment = f"Look for the shipment {self.label.shipment} in the carriers' account."
        about = (
            *self.about(),
            "The desk looks it up by itself. Say it by hand only where that cannot help.",
            shipment,
        )
        if self._verdict == "bought":
            outcome = "The parcel counts as labelled. Its number is typed with the order."
        else:
            outcome = "The parcel can be bought a label again. If it was bought after all, it is paid twice."
        reason = Input("reason", "How did you find out?", limit=200)
        verb = "It was bought" if self._verdict == "bought" else "It was not bought"
        return Asked(about, (reason,), (outcome,), "warn", verb, danger=True)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Write it down; a manager may have to approve it."""
        why = self.text("reason")
        if not why:
            raise Wrong("reason", "Say how you found out.")
        label, verdict = self.label.id, self._verdict
        return lambda store, actor: buying.settle(store, actor, label, verdict, why)
