"""Copies at the register that are promised to orders: the warning before the sale, and taking one away.

Light enough to be asked at every scan: what only a re-route needs is imported there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import drafts
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.staff import Actor

if TYPE_CHECKING:
    from bookwish_desk.shop.order import Order

REROUTED = "rerouted"
"""What the history of an order calls it when copies promised to it were sold at the register."""

_PROMISED = (
    "SELECT a.sku, i.on_hand - sum(a.copies) FROM allocations AS a JOIN items AS i ON i.sku = a.sku"
    " WHERE a.copies > 0 AND i.stocked AND a.sku IN (SELECT value FROM json_each(?)) GROUP BY a.sku"
)
_HOLDERS = (
    "SELECT o.body, a.copies FROM allocations AS a JOIN orders AS o ON o.id = a.order_id"
    " WHERE a.sku = ? AND a.copies > 0 ORDER BY o.placed_at DESC, o.no DESC"
)


class Promised(msgspec.Struct, frozen=True):
    """Copies in a sale that an order counts on: `copies` of those promised to it would be gone.

    `picked` of them were fetched already and wait, on hold shelf `shelf` where it says one.
    """

    sku: str
    title: str
    order_id: str
    number: str
    customer: str
    copies: int
    picked: int = 0
    shelf: str = ""


def warning(store: Store, draft: Draft | None) -> tuple[Promised, ...]:
    """Return which orders would lose copies by a sale: those placed last, copies not picked yet first.

    Empty for nearly every sale: one look into an index says so.
    """
    wanted = _wanted(draft)
    if not wanted:
        return ()
    with store.glance() as conn:
        lacking = {
            sku: wanted[sku] - max(0, int(spare))
            for sku, spare in conn.execute(_PROMISED, (json.dumps(list(wanted)),))
            if wanted[sku] > int(spare)
        }
        holders = {sku: conn.execute(_HOLDERS, (sku,)).fetchall() for sku in lacking}
    found: list[Promised] = []
    for sku, rows in holders.items():
        found += _losing(sku, lacking[sku], rows)
    return tuple(found)


def _wanted(draft: Draft | None) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for line in draft.lines if draft else ():
        if line.stocked and not line.of_order:
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def _losing(sku: str, copies: int, rows: list[Any]) -> list[Promised]:
    """Return who loses so many copies; `rows` are orders and what they hold, the one placed last first."""
    from bookwish_desk.shop.order import Order

    decode = msgspec.json.Decoder(Order).decode
    losers: dict[str, Promised] = {}
    orders = [decode(body) for body, _held in rows]
    for fetched in (False, True):
        for order in orders:
            for line in order.lines:
                here = line.set_aside if fetched else line.to_pick
                some = min(copies, here) if line.sku == sku else 0
                if some > 0:
                    copies -= some
                    before = losers.get(order.id)
                    who = order.customer.name if order.customer else ""
                    losers[order.id] = Promised(
                        sku,
                        line.title,
                        order.id,
                        order.number,
                        who,
                        some + (before.copies if before else 0),
                        (some if fetched else 0) + (before.picked if before else 0),
                        order.shelf,
                    )
    return list(losers.values())


@action
def reroute(tx: Tx, actor: Actor, order_id: str, sku: str, copies: int) -> Order:
    """Take copies promised to an order away from it, for the sale on the actor's register.

    It gets other free copies instead where there are some; what is left is missing then, a problem of the
    order with its choices. Raises Refused when it has no such copies, or only in a parcel.
    """
    from bookwish_desk.actions import uploading
    from bookwish_desk.db import orders
    from bookwish_desk.shop.order_copies import ROOM
    from bookwish_desk.shop.order_rules import apply
    from bookwish_desk.shop.order_step import Step

    require(tx, actor, "order.work", f"{order_id} {REROUTED}")
    before = order = orders.load(tx.conn, order_id)
    held = {x.id: ROOM["release"](x) for x in order.lines if x.sku == sku}
    if not 1 <= copies <= sum(held.values()):
        raise Refused("not_promised", f"{order.number} has no such copies that could be sold.", sku=sku)
    again = _others(tx, actor, sku, copies)
    kept, left = again, copies
    for line_id, room in held.items():
        some = min(left, room)
        instead = min(kept, some)
        left, kept = left - some, kept - instead
        if instead:
            order = apply(order, Step("release", copies=((line_id, instead),)), tx.at)
            order = apply(order, Step("allocate", copies=((line_id, instead),)), tx.at)
        if some > instead:
            order = apply(order, Step("short", copies=((line_id, some - instead),)), tx.at)
    # Nothing is shared out here: the copies are not free, they lie on the counter.
    orders.save(tx, before, order)
    body = {"sku": sku, "copies": copies, "replaced": again}
    orders.record(tx, order.id, REROUTED, staff=actor.staff, register=actor.register, body=body)
    tx.record(f"order.{REROUTED}", staff=actor.staff, register=actor.register, ref=order.number, body=body)
    uploading.order_moved(tx, before, order, "store", actor.staff)
    return order


def _others(tx: Tx, actor: Actor, sku: str, copies: int) -> int:
    """Return how many other copies are free for an order that loses some to the sale on this register."""
    row = query(
        tx.conn,
        "SELECT on_hand, (SELECT coalesce(sum(copies), 0) FROM allocations WHERE sku = items.sku)"
        " FROM items WHERE sku = ?",
        (sku,),
    ).fetchone()
    if row is None:
        return 0
    draft = drafts.open_on(tx.conn, actor.register)
    sold = max(copies, _wanted(draft).get(sku, 0))
    return max(0, min(copies, int(row[0]) - sold - int(row[1]) + copies))
