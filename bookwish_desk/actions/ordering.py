"""Orders moved along: one step is one transaction, with the stock, the history and the notices that follow.

`shop.order_rules` decides what may be done; who may do it is decided here. New orders are
`actions.placing`, edits `actions.order_editing`, which copies an order gets `actions.allocating`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bookwish_desk.actions import allocating, deciding, telling, uploading
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import StockMove
from bookwish_desk.shop.order import Order, promised, stock_taken
from bookwish_desk.shop.order_rules import RULES, apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import MAYBE_PAID, PAID
from bookwish_desk.shop.staff import Actor


@action
def take(tx: Tx, actor: Actor, order_id: str, step: Step, telling: Telling = Telling()) -> Order:  # noqa: B008
    """Take one step with an order and return it as it is then.

    Raises Refused for what `shop.order_rules` does not let pass, NeedsApproval where the actor's role may
    not do it; an override needs a permission of its own.
    """
    return taken(tx, actor, order_id, step, telling)


def taken(tx: Tx, actor: Actor, order_id: str, step: Step, telling: Telling = Telling()) -> Order:  # noqa: B008
    """Do what `take` does, as part of another action."""
    permission = RULES[step.verb].permission
    if step.override:
        # Whoever lets an order pass lets it take this step: one approval is enough.
        require(tx, actor, "order.override", f"{order_id} {step.verb} override")
    if not step.override or permission != "order.work":
        require(tx, actor, permission, f"{order_id} {step.verb}")
    return advanced(tx, actor, orders.load(tx.conn, order_id), step, telling)


def advanced(tx: Tx, actor: Actor, before: Order, step: Step, telling: Telling = Telling()) -> Order:  # noqa: B008
    """Take one step with an order, whoever wants it: a clock, a carrier, the source itself."""
    if step.verb == "allocate":
        step = allocating.fitting(tx, before, step)
    after = apply(before, step, tx.at)
    if step.by == "store":
        _undisturbed(tx, before, after)
    keep(tx, actor, before, after, step.verb, step, telling)
    return orders.load(tx.conn, after.id)


def _undisturbed(tx: Tx, before: Order, after: Order) -> None:
    """Raise Refused where a box would be packed anew, or vanish, that has a label or may have one.

    The label is paid for what is in the box; without its box nobody would think of it again.
    """
    had = {p.id: p.contents for p in before.parcels if not p.shipped_at}
    has = {p.id: p.contents for p in after.parcels if not p.shipped_at}
    gone = {p.id for p in after.parcels if p.shipped_at}
    for box in had.keys() | has.keys() - {p.id for p in before.parcels if p.shipped_at}:
        if had.get(box) == has.get(box) or box in gone:
            continue
        label = postages.of_box(tx.conn, box)
        if label is not None and label.state in (*PAID, *MAYBE_PAID):
            raise Refused(
                "labelled", f"{before.number}: this parcel has a label. Give it back first.", order=before.id,
                id=label.id,
            )  # fmt: skip


def keep(
    tx: Tx,
    actor: Actor,
    before: Order,
    after: Order,
    kind: str,
    body: Any,
    telling_how: Telling = Telling(),  # noqa: B008
) -> None:
    """Write a changed order with everything that follows from the change.

    Stock moves by what left for the customer, copies that became free go to the order that has waited
    longest, the change is added to the history and the journal, notices are queued.
    """
    orders.save(tx, before, after)
    _move_stock(tx, actor, before, after)
    orders.record(tx, after.id, kind, staff=actor.staff, register=actor.register, body=body)
    tx.record(
        f"order.{kind}", staff=actor.staff, register=actor.register, ref=after.number, body=_unnamed(body)
    )
    put_off = after.id if kind in ("release", "short") else ""
    allocating.share_out(tx, _freed(before, after), of=after.id, but=put_off)
    telling.follow(tx, actor, before, after, kind, body, telling_how)
    by = body.by if isinstance(body, Step) else "store"
    uploading.order_moved(tx, before, after, by, actor.staff)
    deciding.order_changed(tx, after)


def _freed(before: Order, after: Order) -> Iterable[str]:
    """Return the SKUs of which copies are promised to this order no more, or are wanted anew."""
    return {x.sku for o in (before, after) for x in o.lines} if _moved(before, after) else ()


def _moved(before: Order, after: Order) -> bool:
    secured = before.payment != after.payment or before.state != after.state or before.hold != after.hold
    return secured or before.lines != after.lines or promised(before) != promised(after)


def _unnamed(body: Any) -> Any:
    """Return what the journal keeps for ever of a change: never an address or a name."""
    return body if isinstance(body, Step) else getattr(body, "journalled", {})


def _move_stock(tx: Tx, actor: Actor, before: Order, after: Order) -> None:
    had, has = stock_taken(before), stock_taken(after)
    changed = {sku: has.get(sku, 0) - had.get(sku, 0) for sku in had.keys() | has.keys()}
    moves = [
        StockMove(sku, -copies, "order", tx.at, staff=actor.staff, ref=after.number)
        for sku, copies in sorted(changed.items())
        if copies and allocating.is_stocked(tx, after, sku)
    ]
    if moves:
        items.move_all(tx, moves)
        # The online store took the copies of its own orders off its stock when they were placed, but not
        # those of special orders, which it never had.
        if after.source != tx.settings.online.source or after.special:
            uploading.stock_moved(tx, moves)
