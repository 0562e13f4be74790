"""Orders for tests of actions and screens: quick to make, with copies on the shelf for them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bookwish_desk.actions import ordering, placing, stocking
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.shops import NOON

ADA = Customer("", "Ada Example", "ada@example.com", "555 0101")
HOME = PostalAddress("Ada Example", "12 Elm Street", "", "Springfield", "CT", "06001")
ORLANDO = Item("9780156701600", "Orlando", ean=9780156701600, authors="Virginia Woolf", price_cents=1699)
EMMA = Item("9780141439587", "Emma", ean=9780141439587, authors="Jane Austen", price_cents=1050)


def line(item: Item = ORLANDO, copies: int = 1, **more: Any) -> OrderLine:
    """Return copies of an item as a line that nothing happened to."""
    facts = {"price_cents": item.price_cents or 0, "ean": item.ean, "detail": item.authors, **more}
    return OrderLine(new_id(), item.sku, item.title, copies, **facts)


def made(number: str = "BW-20260921-AB12", *lines: OrderLine, **more: Any) -> Order:
    """Return a paid BookWish order for pickup, pending; `more` are other facts of it."""
    facts: dict[str, Any] = {
        "source": "bookwish", "kind": "pickup", "placed_at": NOON - 3_600_000, "customer": ADA, **more,
    }  # fmt: skip
    order = Order(id=new_id(), number=number, lines=lines or (line(),), **facts)
    if order.kind == "ship" and order.address is None:
        order = replace(order, address=HOME)
    if "payment" not in more:
        order = replace(order, payment=Payment(captured_cents=order.worth_cents))
    return order


def shelved(store: Store, actor: Actor, item: Item = ORLANDO, copies: int = 1) -> None:
    """Put copies of an item on the shelf."""
    stocking.receive(store, actor, item, copies)


def received(store: Store, actor: Actor, order: Order) -> Order:
    """Take an order in as its source sends it."""
    return placing.receive(store, actor, order).value


def stepped(store: Store, actor: Actor, order: Order, *steps: Step | str) -> Order:
    """Take steps with an order, one after the other; a verb alone is a step with all that can be."""
    for step in steps:
        done = Step(step) if isinstance(step, str) else step  # type: ignore[arg-type]
        order = ordering.take(store, actor, order.id, done).value
    return order


def now(store: Store, order: Order) -> Order:
    """Return an order as the books have it."""
    with store.read() as conn:
        return orders.load(conn, order.id)
