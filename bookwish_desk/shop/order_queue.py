"""Where an order stands among the work of the shop, and what about it somebody must still settle.

Both follow from the axes alone; nothing is stored.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order import WORKING, Order

Queue = Literal[
    "new", "to_pick", "to_pack", "ready_for_pickup", "ready_to_ship", "waiting", "problems",
    "with_wholesaler", "done", "carts",
]  # fmt: skip

QUEUE_NAMES: dict[Queue, str] = {
    "new": "New",
    "to_pick": "To pick",
    "to_pack": "To pack",
    "ready_for_pickup": "Ready for pickup",
    "ready_to_ship": "Ready to ship",
    "waiting": "Waiting",
    "problems": "Problems",
    "with_wholesaler": "With wholesaler",
    "done": "Done",
    "carts": "Not ordered",
}
"""The queues in the order of the work; "carts" are checkouts not finished (WSM+04), no work of the shop."""


class Task(msgspec.Struct, frozen=True):
    """Something about an order that is not settled until it is done; `cents` where it is about money.

    A `blocking` one makes the order a problem; others are done in passing.
    """

    kind: Literal[
        "refund", "return_credit", "collect", "capture", "reauthorise", "void", "missing", "parcel", "requote"
    ]
    sentence: str
    cents: int = 0
    blocking: bool = True


def tasks(order: Order, at: int) -> tuple[Task, ...]:
    """Return what is to be settled about an order at a moment: money first."""
    found: list[Task] = []
    pay, due = order.payment, order.to_collect_cents
    if order.refund_due_cents:
        found.append(Task("refund", "Give the customer the money back.", order.refund_due_cents))
    if order.credit_due_cents:
        found.append(
            Task("return_credit", "Give the customer the trade credit back.", order.credit_due_cents)
        )
    if _lapsed(order, at):
        late = at >= pay.expires_at
        why = "The authorisation has expired." if late else "The order comes to more than was authorised."
        found.append(Task("reauthorise", f"{why} Authorise the payment again.", due))
    elif due and (order.gone or pay.held_cents > 0) and order.state in (*WORKING, "completed"):
        why = "Copies left the shop unpaid." if order.gone else "The order comes to more than was paid."
        at_counter = pay.promise == "at_pickup" and not order.gone
        found.append(Task("collect", f"{why} Collect the rest.", due, blocking=not at_counter))
    elif due and order.state == "processing" and order.owner.name == "store" and pay.covers(due, at):
        before = "handed over" if order.kind == "pickup" else "shipped"
        sentence = f"Capture the payment before the order is {before}: it is only authorised."
        found.append(Task("capture", sentence, due, blocking=False))
    if pay.authorised_cents and order.worth_cents <= pay.held_cents:
        sentence = "Nothing is left to collect. Void the authorisation."
        found.append(Task("void", sentence, pay.authorised_cents, blocking=False))
    if missing := sum(x.short for x in order.lines):
        copies = "A copy is" if missing == 1 else f"{missing} copies are"
        found.append(Task("missing", f"{copies} missing. Tell the customer, and replace, wait or cancel."))
    if order.state in (*WORKING, "completed") and (troubled := [p for p in order.parcels if p.trouble]):
        others = len(troubled) - 1
        more = f" {others} more {'need' if others > 1 else 'needs'} a look." if others else ""
        found.append(Task("parcel", f"{troubled[0].trouble}{more}"))
    if order.requote and order.state in WORKING:
        sentence = "The copies have changed. Look at the shipping cost again."
        found.append(Task("requote", sentence, order.shipping_cents, blocking=False))
    return tuple(found)


def _lapsed(order: Order, at: int) -> bool:
    """Say whether an authorisation was relied on that has run out or does not reach any more (IC+03)."""
    pay, due = order.payment, order.to_collect_cents
    relied = bool(pay.authorised_cents or (pay.expires_at and not pay.promise))
    return bool(due and relied and order.state in WORKING and not pay.covers(due, at))


def queue(order: Order, at: int) -> Queue:
    """Return the one queue in which staff find an order at a moment."""
    if order.state in ("in_checkout", "abandoned"):
        return "carts"
    if any(task.blocking for task in tasks(order, at)):
        return "problems"
    if order.state in ("completed", "cancelled") or order.sent:
        return "done"
    if order.owner.name == "wholesaler":
        return "with_wholesaler"
    if order.hold or order.payment.kind == "pending_outside":
        return "waiting"
    if order.state != "processing":
        return "new"
    if order.ready_at:
        return "ready_for_pickup"
    if not order.secured(at):
        return "waiting"
    here = sum(x.allocated - x.shipped - x.handed_over for x in order.lines)
    if any(x.to_pick for x in order.lines):
        return "to_pick"
    if here == 0 or any(x.unallocated or x.backordered for x in order.lines):
        return "waiting"
    if order.kind == "pickup":
        return "to_pick"
    return "ready_to_ship" if all(x.packed - x.shipped == x.open for x in order.lines) else "to_pack"


def count_queues(orders: tuple[Order, ...], at: int) -> dict[Queue, int]:
    """Return how many orders are in each queue; every queue is named, also an empty one."""
    counts = dict.fromkeys(QUEUE_NAMES, 0)
    for order in orders:
        counts[queue(order, at)] += 1
    return counts
