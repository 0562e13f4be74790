"""Runs the sheets for parcels that left and did not arrive: here again, or under another number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bookwish_desk.actions import packing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.order import Order, Parcel
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import Wrong
from bookwish_desk.ui.order_steps.state import Asked
from bookwish_desk.ui.packing.shipping import SERVICES, BoxesPresenter, ShipPresenter, by_carrier, of_order

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

BACK_REASONS = ("It came back", "It was never handed over", "Its label was wrong", "The customer called")
"""Why a parcel usually is here again."""


class RecallPresenter(BoxesPresenter):
    """Takes parcels of an order back, and with them other orders' in the same boxes."""

    title = "Take the parcel back"
    away = True

    @property
    def _away(self) -> tuple[tuple[int, Parcel], ...]:
        return tuple((n, p) for n, p in enumerate(self.order.parcels, 1) if self._meant(p))

    def ask(self) -> Asked:
        """Ask which parcel is here again, and why; say what follows."""
        why = next(a.why_not for a in allowed(self.order, self.at) if a.verb == "recall")
        if why:
            return Asked((why,))
        inputs: tuple[Input, ...] = ()
        if len(self._away) > 1:
            options = [(p.id, f"Parcel {n}, {by_carrier(p)}") for n, p in self._away]
            inputs = (Input("parcel", "Which parcel", "choice", options=tuple(options)),)
        about = [of_order(self.order), *(f"Parcel {n} left by {by_carrier(p)}." for n, p in self._away)]
        if others := self.with_it():
            about.append(f"In the same box, taken back with it: {', '.join(others)}.")
        outcome = (
            "Its books are packed and in the stock again. It can be shipped anew, or unpacked.",
            "A label that was bought for it stays paid until it is given back.",
        )
        reasons = self.reasons("why", "Why is it here?", BACK_REASONS)
        return Asked(tuple(about), (*inputs, *reasons), outcome, verb="Take it back")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Take it back."""
        reason = self.reason("why", "Say why it is here again.")
        wanted = self.wanted()
        return lambda store, actor: packing.recall(store, actor, wanted, reason)

    def chosen(self) -> tuple[str, ...]:
        """Return the parcel that is meant."""
        here = tuple(p.id for _, p in self._away)
        typed = self.text("parcel")
        return (typed,) if typed in here else here[:1]

    def done_words(self, order: Order) -> str:
        """Say that it is here."""
        return f"A parcel of {order.number} is here again, packed."


class RetrackPresenter(ShipPresenter):
    """Gives a parcel that left the carrier, service and number under which it goes after all."""

    title = "Change the tracking number"
    away = True

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station, order)
        # As a rule it stays with its carrier: a number was typed wrongly, or a label was bought anew.
        known = self.here[0] if self.here else None
        if known is not None and known.carrier in SERVICES:
            self.texts["carrier"] = known.carrier
            if known.service in SERVICES[known.carrier]:
                self.texts["service"] = known.service

    @property
    def here(self) -> tuple[Parcel, ...]:
        """Return the parcels that may be meant."""
        return tuple(p for p in self.order.parcels if self._meant(p))

    def ask(self) -> Asked:
        """Ask for carrier, service and tracking number as they are now."""
        why = next(a.why_not for a in allowed(self.order, self.at) if a.verb == "retrack")
        if why:
            return Asked((why,))
        options = tuple(
            (p.id, f"Parcel {n}, {by_carrier(p)}")
            for n, p in enumerate(self.order.parcels, 1)
            if p in self.here
        )
        which = (Input("parcel", "Which parcel", "choice", options=options),) if len(options) > 1 else ()
        about = (of_order(self.order), *(f"{words}." for _, words in options))
        outcome = ("The customer is told the new number where they are told of parcels.",)
        inputs = (*which, *self.carrier_inputs(), *self.tracking_inputs(), *self.telling_inputs())
        return Asked(about, inputs, outcome, verb="Change it")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Write the new number down."""
        carrier, service = self.carrier_and_service()
        if not carrier:
            raise Wrong("carrier", "Choose the carrier.")
        tracking, untracked = self.number_or_why()
        step = Step(
            "retrack",
            carrier=carrier,
            service=service,
            tracking=tracking,
            reason=untracked,
            expected_on=self.text("expected"),
        )
        wanted, telling = self.wanted(), self.telling
        return lambda store, actor: packing.retrack(store, actor, wanted, step, telling)

    def chosen(self) -> tuple[str, ...]:
        """Return the parcel that is meant."""
        here = tuple(p.id for p in self.here)
        typed = self.text("parcel")
        return (typed,) if typed in here else here[:1]

    def done_words(self, order: Order) -> str:
        """Say that the number is another one."""
        return f"{order.number} has its new number."
