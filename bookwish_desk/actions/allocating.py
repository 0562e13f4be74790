"""Which copies of the stock are promised to which orders: what is free goes to the oldest paid order.

Part of other actions: whatever frees copies, brings some in or wants some shares out what there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.db import items, orders
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.opening_hours import OpeningHours, local
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply, edit
from bookwish_desk.shop.order_step import Step

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CONCERNED = "SELECT DISTINCT sku FROM allocations WHERE sku IN (SELECT value FROM json_each(?)) ORDER BY sku"
_FREE = (
    "SELECT i.sku FROM items AS i JOIN"
    " (SELECT sku, sum(copies) AS copies FROM allocations GROUP BY sku HAVING sum(wanted) > 0) AS a"
    " ON a.sku = i.sku WHERE i.on_hand > a.copies OR NOT i.stocked"
)
_ITEM = "SELECT on_hand, stocked FROM items WHERE sku = ?"


def share_out(tx: Tx, skus: Iterable[str], *, of: str = "", but: str = "") -> None:
    """Promise free copies of these SKUs to the orders that wait for them, the oldest first.

    Only orders whose money is certain get any. What the order `of`, which has changed, still lacks then is
    missing, and a problem for a person, or waited for until its street date. `but` names an order that
    gets none now. Where no copy is free, those that wait already are not even looked at.
    """
    wanted = sorted(set(skus))
    if not wanted:
        return
    free = [sku for sku in wanted if _some_free(tx, sku)]
    waiting = list(orders.wanting(tx.conn, free)) if free else []
    if of and all(order.id != of for order in waiting):
        waiting = sorted([*waiting, orders.load(tx.conn, of)], key=lambda order: order.placed_at)
    for order in waiting:
        if order.id != but and _gets_copies(order, tx.at):
            _promise(tx, order, wanted)


def _some_free(tx: Tx, sku: str) -> bool:
    row = query(tx.conn, _ITEM, (sku,)).fetchone()
    return row is not None and (not row[1] or int(row[0]) > orders.promised_copies(tx.conn, sku))


def follow_stock(tx: Tx, skus: Iterable[str]) -> None:
    """Bring promises in line with a stock that was changed: share out what is more, take back what is less.

    Where fewer copies are in the shop than are promised, those not picked yet are missing of the orders
    placed last: a problem for a person (the last copy sold twice is ordinary work).
    """
    touched = [sku for (sku,) in query(tx.conn, _CONCERNED, (json.dumps(sorted(set(skus))),))]
    if not touched:
        return  # as at nearly every sale: this one look is all that it costs
    for sku in touched:
        row = query(tx.conn, _ITEM, (sku,)).fetchone()
        if row is not None and row[1]:
            _take_back(tx, sku, orders.promised_copies(tx.conn, sku) - int(row[0]))
    share_out(tx, touched)


def unshared(conn: Connection) -> tuple[str, ...]:
    """Return the SKUs of which copies are free while orders wait for some."""
    return tuple(sku for (sku,) in query(conn, _FREE))


@action
def catch_up(tx: Tx) -> bool:
    """Share out whatever is free and waited for, and say whether there was something.

    For a clock: an order that gave a copy up for a sale which was then made without it gets it back.
    """
    skus = unshared(tx.conn)
    share_out(tx, skus)
    return bool(skus)


def _take_back(tx: Tx, sku: str, copies: int) -> None:
    for order in orders.holders(tx.conn, sku) if copies > 0 else ():
        short = order
        for line in order.lines:
            fewer = min(copies, line.to_pick) if line.sku == sku else 0
            if fewer:
                short = _stepped(tx, short, Step("short", copies=((line.id, fewer),)))
                copies -= fewer
        if short != order:
            orders.save(tx, order, short)


def _gets_copies(order: Order, at: int) -> bool:
    return order.state in WORKING and order.owner.name == "store" and not order.hold and order.secured(at)


def _promise(tx: Tx, before: Order, skus: list[str]) -> None:
    order = before
    for line_id in [x.id for x in before.lines if x.sku in skus and ROOM["allocate"](x)]:
        line = order.line(line_id)
        assert line is not None
        copies = min(ROOM["allocate"](line), free_copies(tx, order, line.sku))
        if copies:
            order = _stepped(tx, order, Step("allocate", copies=((line_id, copies),)))
            orders.save(tx, before, order)
            before = order
    for line in order.lines:
        if line.sku in skus and line.unallocated:
            order = _lacking(tx, order, line)
    if order != before:
        orders.save(tx, before, order)


def _stepped(tx: Tx, order: Order, step: Step) -> Order:
    orders.record(tx, order.id, step.verb, staff="", register=0, body=step)
    return apply(order, step, tx.at)


def _lacking(tx: Tx, order: Order, line: OrderLine) -> Order:
    """Return the order with copies missing, or waited for, that there are none of.

    What a line has already stays its own: a person's step "short" would take promised copies first.
    """
    today = local(OpeningHours(tx.settings.zone), tx.at).date().isoformat()
    copies = line.unallocated
    if line.street_date > today:
        step = Step("backorder", copies=((line.id, copies),), expected_on=line.street_date)
        less = replace(line, backordered=line.backordered + copies, expected_on=line.street_date)
    else:
        step = Step("short", copies=((line.id, copies),))
        less = replace(line, short=line.short + copies)
    orders.record(tx, order.id, step.verb, staff="", register=0, body=step)
    lines = tuple(less if x.id == line.id else x for x in order.lines)
    return edit(order, lambda o: replace(o, lines=lines), tx.at)


def fitting(tx: Tx, order: Order, step: Step) -> Step:
    """Return a person's step "allocate" with the copies that there are: all that are free, or those named.

    Raises Refused where the books have none, or fewer than were named: the stock must be put right first.
    """
    wanted = dict(step.copies) or {x.id: ROOM["allocate"](x) for x in order.lines}
    copies: list[tuple[str, int]] = []
    lacking: OrderLine | None = None
    left: dict[str, int] = {}
    for line in order.lines:
        if some := wanted.get(line.id, 0):
            free = left.setdefault(line.sku, free_copies(tx, order, line.sku))
            if some > free:
                lacking = line
            if got := min(some, free):
                copies.append((line.id, got))
                left[line.sku] -= got
    if lacking is not None and (step.copies or not copies):
        raise Refused(
            "stock",
            f"{lacking.title}: no other copy is free in the shop. Receive or count it first.",
            sku=lacking.sku,
        )
    return replace(step, copies=tuple(copies)) if copies else step


def free_copies(tx: Tx, order: Order, sku: str) -> int:
    """Return how many copies of a SKU are in the shop and promised to nobody; of what has no stock, all."""
    if not is_stocked(tx, order, sku):
        return 1_000_000
    on_hand = query(tx.conn, _ITEM, (sku,)).fetchone()[0]
    return max(0, int(on_hand) - orders.promised_copies(tx.conn, sku))


def is_stocked(tx: Tx, order: Order, sku: str) -> bool:
    """Say whether the shop keeps stock of a SKU in an order; a title of the trade gets the shop's own row."""
    row = query(tx.conn, _ITEM, (sku,)).fetchone()
    if row is not None:
        return bool(row[1])
    line = next(x for x in order.lines if x.sku == sku)
    with tx.store.read() as conn:
        known = items.by_skus(conn, [sku]) if line.ean is None else items.by_eans(conn, [line.ean])
    made = Item(sku, line.title, ean=line.ean, authors=line.detail, price_cents=line.price_cents)
    items.keep(tx, next((item for item in known if item.sku == sku), made))
    return True
