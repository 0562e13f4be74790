"""What the steps change on the axes of an order that are neither copies nor money.

Each takes an order that `shop.order_rules` found fit for it, and returns it changed or raises Refused.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.shop.order import Order, Owner
from bookwish_desk.shop.order_copies import started, unpack
from bookwish_desk.shop.order_line import released, without
from bookwish_desk.shop.order_step import Step, reason_of


def place(order: Order, _step: Step, _at: int) -> Order:
    """Take the order out of its checkout: the customer has placed it."""
    return replace(order, state="pending", trouble="")


def abandon(order: Order, _step: Step, _at: int) -> Order:
    """Give up a checkout that nobody finished (IC-05)."""
    return replace(order, state="abandoned")


def confirm(order: Order, _step: Step, at: int) -> Order:
    """Accept the order."""
    return replace(order, state="confirmed", confirmed_at=at)


def start(order: Order, _step: Step, at: int) -> Order:
    """Begin to work on it."""
    return started(order, at)


def complete(order: Order, _step: Step, at: int) -> Order:
    """Close the order: completed is read as delivered, so every parcel is."""
    parcels = tuple(replace(p, delivered_at=p.delivered_at or at) for p in order.parcels)
    return replace(order, state="completed", completed_at=at, parcels=parcels, ready_at=0)


def cancel(order: Order, step: Step, at: int) -> Order:
    """Cancel the order: everything is unpacked, given back to the stock and, where it was paid, due back."""
    reason = reason_of(step, "Say why the order is cancelled.")
    emptied = unpack(order, Step("unpack"), at)
    lines = tuple(without(x, x.live) if x.live else x for x in emptied.lines)
    return replace(
        emptied,
        lines=lines,
        state="cancelled",
        cancelled_at=at,
        cancelled_by=step.by,
        cancel_reason=reason,
        fraud=step.fraud,
        hold="",
        ready_at=0,
        shelf="",
    )


def hold(order: Order, step: Step, _at: int) -> Order:
    """Hold the order for a reason (WSM-13)."""
    return replace(order, hold=reason_of(step, "Say what the order waits for."))


def release_hold(order: Order, _step: Step, _at: int) -> Order:
    """Let it go on."""
    return replace(order, hold="")


def send_to_wholesaler(order: Order, _step: Step, at: int) -> Order:
    """Give the order to the wholesaler, and its copies back to the stock."""
    lines = tuple(
        replace(released(x, x.allocated), short=0, backordered=0, expected_on="") for x in order.lines
    )
    return replace(started(order, at), lines=lines, owner=Owner("wholesaler", "pending", at))


def wholesaler_complete(order: Order, _step: Step, at: int) -> Order:
    """Record that the wholesaler is done with it (IC-12)."""
    parcels = tuple(replace(p, delivered_at=p.delivered_at or at) for p in order.parcels)
    return replace(order, parcels=parcels, owner=Owner("wholesaler", "completed", at))


def bounce_back(order: Order, _step: Step, at: int) -> Order:
    """Take the order back as pending: the wholesaler could not fill it (IC-24)."""
    return replace(order, state="pending", owner=Owner("store", "", at))
