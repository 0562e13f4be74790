"""Runs the sheets for parcels on their way: handed to a carrier by hand, and arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bookwish_desk.actions import packing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.boxes import boxed_with
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Parcel
from bookwish_desk.shop.order_copies import scanned_tracking, tracking_number
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

SERVICES: dict[str, tuple[str, ...]] = {
    "USPS": ("Media Mail", "Ground Advantage", "Priority Mail", "Priority Mail Express"),
    "UPS": ("Ground", "3 Day Select", "2nd Day Air", "Next Day Air"),
    "FedEx": ("Ground", "Home Delivery", "2Day", "Standard Overnight"),
    "DHL": ("Express Worldwide",),
}
"""Carriers and what they offer, as usual for books; another of either can be typed (OMG-18)."""

UNTRACKED = ("Letter without tracking", "Delivered by ourselves", "Collected by a courier")
"""Why a parcel usually has no tracking number (OMG-20)."""

_OTHER = "other"
ALL = "all"


class BoxesPresenter(StepPresenter):
    """Asks about the boxes of an order, those here or those `away`; `others` lie in the same ones."""

    away = False

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station, order)
        self.others: tuple[Order, ...] = ()

    def reload(self) -> None:
        """Read the order again, and which others lie in the same boxes."""
        wanted = self.order.id

        def reading(store: Store) -> tuple[Order, tuple[Order, ...]]:
            with store.read() as conn:
                order = orders.load(conn, wanted)
                return order, boxed_with(order, orders.open_orders(conn), away=self.away)

        def read(found: tuple[Order, tuple[Order, ...]]) -> None:
            self.order, self.others = found
            if self._open:
                self.show()

        self.station.lanes.read(reading, then=read, failed=self._refused, latest="order-step")

    def _taken(self, value: Any) -> None:
        found: tuple[Order, ...] = value
        super()._taken(next((x for x in reversed(found) if x.id == self.order.id), self.order))

    def chosen(self) -> tuple[str, ...]:
        """Return the parcels of the order that are meant."""
        raise NotImplementedError

    def _meant(self, parcel: Parcel) -> bool:
        return bool(parcel.shipped_at) is self.away and not parcel.delivered_at

    def wanted(self) -> tuple[tuple[str, str], ...]:
        """Return (order id, parcel id) of what was chosen, and of other orders' in the same boxes."""
        boxes = self.chosen()
        return tuple(
            (order.id, p.id)
            for order in (self.order, *self.others)
            for p in order.parcels
            if p.id in boxes and self._meant(p)
        )

    def with_it(self) -> tuple[str, ...]:
        """Return the numbers of the other orders in the boxes that were chosen."""
        wanted = {order_id for order_id, _ in self.wanted()}
        return tuple(order.number for order in self.others if order.id in wanted)


class ShipPresenter(BoxesPresenter):
    """Hands parcels to a carrier: those of one order, and with them other orders' in the same boxes."""

    title = "Ship"
    fields = {"tracking": "tracking", "street_date": "expected", "date": "expected", "day": "expected"}  # noqa: RUF012

    def scanned(self, code: str) -> None:
        """Take a scan for the number on the carrier's label, unless it is of a card."""
        try:
            self.texts["tracking"] = scanned_tracking(code)
        except Refused as refused:
            self.refuse("tracking", refused.message)
        else:
            self._errors.pop("tracking", None)
            self.show(notice="")

    def check_text(self, key: str, text: str) -> None:
        """Raise Refused for a card number; a parcel's number may hold what would pass for one elsewhere."""
        if key == "tracking":
            tracking_number(text)
        else:
            super().check_text(key, text)

    # ---- what is asked ----

    @property
    def _here(self) -> tuple[Parcel, ...]:
        return tuple(p for p in self.order.parcels if not p.shipped_at)

    @property
    def _unpaid(self) -> str:
        """Return why the money keeps one of the orders here, or an empty text."""
        wanted = {order_id for order_id, _ in self.wanted()}
        for order in (self.order, *self.others):
            if order.id not in wanted:
                continue
            found = next(a for a in allowed(order, self.at) if a.verb == "ship")
            if found.code == "unpaid":
                return f"{order.number}: {found.why_not}"
        return ""

    def ask(self) -> Asked:
        """Ask for carrier, service and tracking number; where it is not paid, why it goes all the same."""
        why = next(a for a in allowed(self.order, self.at) if a.verb == "ship")
        if why.why_not and why.code != "unpaid":
            return Asked((why.why_not,))
        unpaid = self._unpaid
        inputs = (*self._which(), *self.carrier_inputs(), *self.tracking_inputs(), *self.telling_inputs())
        if unpaid:
            hint = "A manager must approve it; the reason is kept"
            inputs = (*inputs, Input("override", "Why does it go out unpaid?", hint=hint))
        verb = "Let it pass and ship" if unpaid else "Ship"
        return Asked(self._about(), inputs, (unpaid,) if unpaid else (), "warn", verb, danger=bool(unpaid))

    def _about(self) -> tuple[str, ...]:
        about = [of_order(self.order)]
        if self.order.method:
            about.append(f"The customer chose: {self.order.method}.")
        if others := self.with_it():
            about.append(f"In the same box, shipped with it: {', '.join(others)}.")
        return tuple(about)

    def _which(self) -> tuple[Input, ...]:
        if len(self._here) < 2:
            return ()
        options = []
        for number, parcel in enumerate(self.order.parcels, 1):
            if not parcel.shipped_at:
                copies = sum(n for _, n in parcel.contents)
                options.append(
                    (parcel.id, f"Parcel {number}, {copies} {'copy' if copies == 1 else 'copies'}")
                )
        # Each parcel has a number of its own, as a rule: all at once is not what is offered first.
        options.append((ALL, f"{_all_of(self._here)}, by one number"))
        return (Input("parcel", "Which parcel", "choice", options=tuple(options)),)

    def carrier_inputs(self) -> tuple[Input, ...]:
        """Return the questions for the carrier and its service."""
        linked = [name for name, _ in self.station.settings.tracking_links]
        names = tuple(dict.fromkeys((*SERVICES, *linked)))
        options = (("", "Choose the carrier"), *((n, n) for n in names), (_OTHER, "Another carrier"))
        carrier = Input("carrier", "Carrier", "choice", options=options, half=True)
        if self.text("carrier") == _OTHER:
            other = Input("other", "Carrier's name", half=True, limit=32)
            return (carrier, other, Input("words", "Service", half=True, limit=60))
        known = SERVICES.get(self.text("carrier"), ())
        if not known:
            return (carrier, Input("words", "Service", half=True, limit=60))
        services = (("", "Choose the service"), *((s, s) for s in known), (_OTHER, "Another service"))
        service = Input("service", "Service", "choice", options=services, half=True)
        if self.text("service") != _OTHER:
            return (carrier, service)
        return (carrier, service, Input("words", "Service in words", half=True, limit=60))

    def tracking_inputs(self) -> tuple[Input, ...]:
        """Return the questions for the number, or why there is none, and for the expected day."""
        reasons = (("", "It has a number"), *((r, r) for r in UNTRACKED), (_OTHER, "Another reason"))
        number = Input("tracking", "Tracking number", hint="Scan or type it", half=True, limit=64)
        without = Input("untracked", "Without a number, because", "choice", options=reasons, half=True)
        expected = Input("expected", "Expected delivery", hint="Such as 2026-11-24", half=True, limit=10)
        if self.text("untracked") != _OTHER:
            return (number, without, expected)
        return (number, without, Input("untracked_words", "The reason", half=True, limit=80), expected)

    def carrier_and_service(self) -> tuple[str, str]:
        """Return the carrier and the service as they are chosen or typed."""
        carrier = self.text("other") if self.text("carrier") == _OTHER else self.text("carrier")
        service = self.text("service")
        if service == _OTHER or carrier not in SERVICES:
            service = self.text("words")
        return carrier, service

    def number_or_why(self) -> tuple[str, str]:
        """Return the tracking number, or else why there is none. Raises Wrong for neither."""
        untracked = self.text("untracked")
        if untracked == _OTHER:
            untracked = self.text("untracked_words")
        tracking = self.text("tracking")
        if not (tracking or untracked):
            raise Wrong("tracking", "Scan or type the number, or say beside it why there is none.")
        return tracking, "" if tracking else untracked

    # ---- what is done ----

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Ship the parcels."""
        carrier, service = self.carrier_and_service()
        tracking, untracked = self.number_or_why()
        override = self.text("override") if self._unpaid else ""
        if self._unpaid and not override:
            raise Wrong("override", "Say why it goes out unpaid.")
        step = Step(
            "ship",
            carrier=carrier,
            service=service,
            tracking=tracking,
            reason=untracked,
            expected_on=self.text("expected"),
            override=override,
        )
        wanted, telling = self.wanted(), self.telling
        return lambda store, actor: packing.ship(store, actor, wanted, step, telling)

    def chosen(self) -> tuple[str, ...]:
        """Return the parcels to be shipped."""
        here = tuple(p.id for p in self._here)
        chosen = self.text("parcel")
        return here if chosen == ALL else (chosen,) if chosen in here else here[:1]

    def done_words(self, _order: Order) -> str:
        """Say what is on its way."""
        numbers = (self.order.number, *self.with_it())
        return f"{' and '.join(numbers)} {'is' if len(numbers) == 1 else 'are'} shipped."


class DeliverPresenter(BoxesPresenter):
    """Records that parcels of an order arrived, and with them other orders' in the same boxes."""

    title = "Mark delivered"
    away = True

    @property
    def _away(self) -> tuple[tuple[int, Parcel], ...]:
        numbered = enumerate(self.order.parcels, 1)
        return tuple((n, p) for n, p in numbered if p.shipped_at and not p.delivered_at)

    def ask(self) -> Asked:
        """Ask which parcel arrived, and whether the customer hears of it."""
        why = next(a.why_not for a in allowed(self.order, self.at) if a.verb == "deliver")
        if why:
            return Asked((why,))
        inputs: tuple[Input, ...] = ()
        if len(self._away) > 1:
            options = [("", _all_of(self._away))]
            options += [(p.id, f"Parcel {n}, {by_carrier(p)}") for n, p in self._away]
            inputs = (Input("parcel", "Which parcel", "choice", options=tuple(options)),)
        about = [
            of_order(self.order),
            *(f"Parcel {n} is on its way by {by_carrier(p)}." for n, p in self._away),
        ]
        if others := self.with_it():
            about.append(f"In the same box, arrived with it: {', '.join(others)}.")
        return Asked(tuple(about), (*inputs, *self.telling_inputs()), verb="Mark delivered")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Record it."""
        wanted, telling = self.wanted(), self.telling
        return lambda store, actor: packing.deliver(store, actor, wanted, telling)

    def chosen(self) -> tuple[str, ...]:
        """Return the parcels that arrived."""
        chosen = self.text("parcel")
        return tuple(p.id for _, p in self._away if chosen in ("", p.id))

    def done_words(self, order: Order) -> str:
        """Say that it is there."""
        if others := self.with_it():
            return f"What lay in one box for {' and '.join((order.number, *others))} is delivered."
        return (
            f"{order.number} is delivered."
            if order.delivered
            else f"A parcel of {order.number} is delivered."
        )


def of_order(order: Order) -> str:
    """Return which order it is: its number, for whom and where to."""
    to = order.address.city if order.address is not None else ""
    who = order.customer.name if order.customer is not None else ""
    return (
        ", ".join(x for x in (order.number, f"for {who}" if who else "", f"to {to}" if to else "") if x) + "."
    )


def _all_of(parcels: Sequence[object]) -> str:
    return "Both parcels" if len(parcels) == 2 else f"All {len(parcels)} parcels"


def by_carrier(parcel: Parcel) -> str:
    """Return carrier, service and number of a parcel, or why it has none."""
    words = " ".join(x for x in (parcel.carrier, parcel.service, parcel.tracking or parcel.untracked) if x)
    return words or "carrier"
