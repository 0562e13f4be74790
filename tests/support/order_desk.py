"""An order screen's presenters on direct lanes, and a shop with orders of many kinds for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order import Order, Owner, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
from bookwish_desk.ui.orders.many import ManyPresenter
from bookwish_desk.ui.orders.presenter import OrdersPresenter
from tests.support.orders import EMMA, ORLANDO, line, made, received, shelved, stepped
from tests.support.shops import NOON, FrozenClock, found_shop, hire, shelve, station_for

HOUR = 3_600_000
LONG = Customer("", "Bartholomew Featherstonehaugh-Cholmondeley of Łódź and 東京", "b@example.com")


class OrderDesk:
    """A shop, a station and the presenters of the order screen, tied as the screen ties them."""

    def __init__(self, folder: Path, settings: Settings | None = None, role: str = "owner") -> None:
        self.clock = FrozenClock()
        self.store, self.owner = found_shop(folder, settings, self.clock)
        self.actor = self.owner if role == "owner" else hire(self.store, role, "Sam Staff")
        name = "Olive Owner" if role == "owner" else "Sam Staff"
        self.station, self.front = station_for(self.store, self.actor, name, role)
        self.list = OrdersPresenter(self.station)
        self.detail, self.many = DetailPresenter(self.station), ManyPresenter(self.station)
        self.list.detail, self.list.many = self.detail, self.many
        self.list.on_chosen = self.detail.show
        self.list.on_shown = self.detail.set_shown
        self.list.on_marked = self.many.choose
        self.many.on_running = self.list.hold
        self.many.on_batch = self.list.show_failures
        self.many.on_end = self.list.leave_marked

    def shelf(self, copies: int = 20) -> None:
        """Put copies of both books on the shelf."""
        shelved(self.store, self.owner, ORLANDO, copies)
        shelved(self.store, self.owner, EMMA, copies)
        shelve(self.store, self.owner, replace(ORLANDO, on_hand=copies), "FIC-W")

    def order(self, number: str, *lines: Any, steps: tuple[Step | str, ...] = (), **facts: Any) -> Order:
        """Take an order in and take steps with it."""
        made_up = made(number, *lines, **facts)
        return stepped(self.store, self.owner, received(self.store, self.owner, made_up), *steps)

    def numbers(self) -> list[str]:
        """Return the numbers in the list, as listed."""
        return [r.number for r in self.list.state.rows]

    def show(self, number: str) -> None:
        """Show the order of a number beside the list."""
        self.list.show_queue("all")
        self.list.choose(next(r.id for r in self.list.state.rows if r.number == number))

    def facts(self, heading: str) -> dict[str, str]:
        """Return the facts under a heading, by name."""
        view = self.detail.state.view
        assert view is not None
        found = next((s for s in view.facts if s.heading == heading), None)
        return {f.label: f.text for f in found.facts} if found else {}


def fill(desk: OrderDesk) -> None:
    """Bring one order of each kind and into each queue."""
    desk.shelf()
    at, pay = NOON, Payment(promise="at_pickup")
    desk.order("NEW-1", memo="Call before noon", placed_at=at - 3 * HOUR)
    desk.order(
        "NEW-2", line(), line(EMMA, 2), kind="ship", gift=True, gift_message="Happy birthday, Ada!",
        instructions="Leave it with the neighbour", placed_at=at - 30 * HOUR,
    )  # fmt: skip
    desk.order("NEW-3", source="phone", payment=pay, customer=LONG)
    desk.order("PICK-1", steps=("confirm", "start"), kind="ship")
    desk.order("PACK-1", steps=("start", "pick"), kind="ship", source="marketplace")
    desk.order("READY-1", steps=("start", "pick", Step("ready", shelf="A-3")))
    desk.order("SHIP-1", steps=("start", "pick", "check", "pack"), kind="ship")
    desk.order("HELD-1", steps=(Step("hold", reason="Cheque clearing"),), source="wsm")
    desk.order("SHORT-1", line(EMMA, 40), kind="ship", source="indiecommerce")
    desk.order("REFUND-1", steps=(Step("cancel", reason="Changed her mind", by="customer"),))
    desk.order(
        "THEIRS-1", kind="ship", source="indiecommerce", state="processing", started_at=at - 80 * HOUR,
        owner=Owner("wholesaler", "pending", at - 80 * HOUR),
    )  # fmt: skip
    way: tuple[Step | str, ...] = (
        "start",
        "pick",
        "check",
        "pack",
        Step("ship", carrier="USPS", tracking="9400"),
    )
    desk.order("DONE-1", steps=(*way, "deliver"), kind="ship")
    desk.order("CART-1", state="in_checkout", trouble="bad card", payment=Payment(), source="indiecommerce")
