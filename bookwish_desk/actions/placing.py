"""New orders: as they come in from a source, or as staff enter them."""

from __future__ import annotations

from bookwish_desk.actions import allocating, telling
from bookwish_desk.actions.action import action
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.order import Order, fault
from bookwish_desk.shop.staff import Actor

PLACED = "placed"
"""What the history of an order calls its beginning."""


@action
def receive(tx: Tx, actor: Actor, order: Order) -> Order:
    """Keep an order that a source has sent and promise it what copies there are; return it as it is then.

    Raises Refused for a number that the source has used before, and for an order that does not add up.
    """
    return received(tx, actor, order, Telling())


def received(tx: Tx, actor: Actor, order: Order, how: Telling) -> Order:
    """Do what `receive` does, as part of another action."""
    if wrong := fault(order):
        raise AssertionError(wrong)
    orders.insert(tx, order)
    body = {"source": order.source, "number": order.number}
    orders.record(tx, order.id, PLACED, staff=actor.staff, register=actor.register, body=body)
    tx.record("order.placed", staff=actor.staff, register=actor.register, ref=order.number, body=body)
    allocating.share_out(tx, {x.sku for x in order.lines})
    kept = orders.load(tx.conn, order.id)
    telling.follow(tx, actor, order, kept, PLACED, body, how)
    return kept
