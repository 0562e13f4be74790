"""Runs the sheet before a parcel is closed: what was looked at, what it weighs, if its slip is printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.actions import packing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.boxes import Boxes, filled
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.measures import read_weight, weight_words
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import YES, Input
from bookwish_desk.ui.order_steps.asking import StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_EXAMPLE = 992
"""Grams: 2 lb 3 oz."""


def points_of(order: Order) -> tuple[str, ...]:
    """Return what is looked at before copies of an order leave the shop (OMG-16, OMG-17, OMG-31, BB-03)."""
    points = ["The right edition, in the condition promised, cover clean"]
    if order.gift:
        points.append("No price sticker, no receipt; the gift message is inside")
    points.append("Packing slip and insert are inside")
    points.append("Packed against weather and knocks: wrapped, filled, stiff")
    return tuple(points)


class PackPresenter(StepPresenter):
    """Confirms the quality of each order's copies and packs them into their boxes.

    `packed` gets the orders as they are then, and whether their slips are wanted.
    """

    title = "Before the parcel is closed"

    def __init__(self, station: Station, orders: Sequence[Order], boxes: Boxes, *, prints: bool) -> None:
        super().__init__(station, orders[0])
        self._orders = tuple(orders)
        self._boxes = boxes
        self._prints = prints
        self.packed: Callable[[tuple[Order, ...], bool], None] = lambda _orders, _slip: None

    def reload(self) -> None:
        """Ask about the orders as they lie on the table."""

    def ask(self) -> Asked:
        """Ask for each order whether all of it is right, and what each parcel weighs."""
        about = [f"•  {point}" for order in self._orders for point in points_of(order)]
        inputs = [
            Input(f"right_{order.id}", f"{order.number}: I have looked, and all of this is right", "toggle")
            for order in self._orders
        ]
        for box in filled(self._boxes, {}):
            number = self._boxes.number(box.id)
            inputs.append(
                Input(
                    f"grams_{box.id}",
                    f"Parcel {number}, weight",
                    hint=f"Such as {weight_words(_EXAMPLE, self.station.settings.locale)}; it can stay empty",
                    limit=20,
                    half=True,
                )
            )
        if self._prints:
            inputs.append(Input("slip", "Print the packing slip", "toggle", value=YES))
        beware = [f"{order.number}: {words}." for order in self._orders if (words := _follows(order))]
        if len({order.gift for order in self._orders}) > 1:
            beware.append("A gift lies with an order that has prices on its slip: leave that slip out.")
        return Asked(tuple(dict.fromkeys(about)), tuple(inputs), tuple(beware), "warn", "Pack")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Pack it, once each order was looked at."""
        for order in self._orders:
            if not self.on(f"right_{order.id}"):
                raise Refused("quality", f"Look at {order.number} first, and say that all of it is right.")
        weights = {box.id: self._grams(box.id) for box in filled(self._boxes, {})}
        boxes = filled(self._boxes, weights)
        points = tuple(dict.fromkeys(point for order in self._orders for point in points_of(order)))
        return lambda store, actor: packing.pack(store, actor, boxes, points)

    def _grams(self, box: str) -> int:
        typed = self.text(f"grams_{box}")
        try:
            return read_weight(typed, self.station.settings.locale) if typed else 0
        except Refused as fault:
            raise Wrong(f"grams_{box}", fault.message) from fault

    def _taken(self, value: Any) -> None:
        wants_slip = self._prints and self.texts.get("slip", YES) == YES
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)
        self.packed(value, wants_slip)


def packed_words(orders: Sequence[Order]) -> str:
    """Return what is said of orders that were packed."""
    numbers = " and ".join(order.number for order in orders)
    if len(orders) > 1:
        return f"{numbers} are packed together and ready to ship."
    return f"{numbers} is packed and ready to ship."


def _follows(order: Order) -> str:
    later = sum(x.open - (x.allocated - x.shipped - x.handed_over) for x in order.lines)
    if not later:
        return ""
    return (
        "1 copy is not here and follows later"
        if later == 1
        else f"{later} copies are not here and follow later"
    )
