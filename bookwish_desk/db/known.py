"""What the shop's books know of a title: its copies, how their stock moved, what was sold, what is held.

Reads only, and each bounded: a title that moved ten thousand times is shown as fast as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from bookwish_desk.db import drafts, lookup, tables, titles
from bookwish_desk.db.sales import read_customer
from bookwish_desk.shop.item import Item, StockCause, StockMove
from bookwish_desk.shop.title import Title

_i, _m = tables.items.c, tables.stock_moves.c
_s, _l = tables.sales.c, tables.sale_lines.c

MOST_MOVES = 200
"""So many movements are listed, the latest; the sums are those of all."""


class Movement(msgspec.Struct, frozen=True):
    """One movement of stock, and how many copies of that item were on hand after it."""

    id: int
    move: StockMove
    on_hand: int


class CauseSum(msgspec.Struct, frozen=True):
    """What all movements of one cause came to."""

    cause: StockCause
    copies: int
    movements: int


class HeldCopies(msgspec.Struct, frozen=True):
    """Copies in a sale that was put aside: which, for whom or why, and since when (ms UTC)."""

    code: str
    sku: str
    copies: int
    who: str
    since: int


class DaySales(msgspec.Struct, frozen=True):
    """What was sold on one business date, less what came back. Cents are net, before added tax."""

    day: str
    copies: int
    net_cents: int


class SoldCopies(msgspec.Struct, frozen=True):
    """One line of a receipt; negative where copies came back. Cents as in `DaySales`."""

    receipt: str
    no: int
    sku: str
    copies: int
    net_cents: int
    at: int
    staff: str
    customer: str


class Known(msgspec.Struct, frozen=True):
    """A title, or an article of the shop that is no title: what the trade says, and every copy of it."""

    item: Item
    title: Title | None
    copies: tuple[Item, ...]
    held: tuple[HeldCopies, ...]


def about(conn: Connection, code: str, ean: int | None) -> Known | None:
    """Return what is known under a code (SKU) or an EAN-13, or None when nothing is.

    `item` is what the code itself names; the copies begin with the plain new one, also where the shop
    has none of it yet. Of an article that is no title, the article is the only copy.
    """
    item = lookup.find(conn, code, ean)
    if item is None:
        return None
    ean = item.title_ean
    copies = (item,) if ean is None else lookup.copies(conn, ean)
    title = None if ean is None else titles.by_eans(conn, [ean]).get(ean)
    return Known(item, title, copies, held(conn, [c.sku for c in copies]))


def movements(
    conn: Connection, skus: Sequence[str], cause: str = "", most: int = MOST_MOVES
) -> tuple[Movement, ...]:
    """Return the latest movements of these items, newest first; with a `cause` only those."""
    latest = select(_m.id, _m.sku, _m.quantity, _m.cause).where(_m.sku.in_(skus)).order_by(_m.id.desc())
    # What was on hand follows from what is: only movements that are newer have to be looked at.
    seen = (latest if cause else latest.limit(most)).subquery("seen")
    newer = func.sum(seen.c.quantity).over(partition_by=seen.c.sku, order_by=seen.c.id, rows=(1, None))
    counted = select(seen.c.id, seen.c.cause, newer.label("newer")).subquery("counted")
    fits: list[ColumnElement[bool]] = [counted.c.cause == cause] if cause else []
    listed = (
        select(counted.c.id, counted.c.newer)
        .where(*fits)
        .order_by(counted.c.id.desc())
        .limit(most)
        .subquery("listed")
    )
    rows = conn.execute(
        select(tables.stock_moves, (_i.on_hand - func.coalesce(listed.c.newer, 0)).label("after"))
        .join_from(listed, tables.stock_moves, _m.id == listed.c.id)
        .join(tables.items, _i.sku == _m.sku)
        .order_by(_m.id.desc())
    )
    return tuple(Movement(r.id, _move(r), r.after) for r in rows)


def _move(r: Any) -> StockMove:
    return StockMove(r.sku, r.quantity, r.cause, r.at, staff=r.staff, ref=r.ref, reason=r.reason)


def sums(conn: Connection, skus: Sequence[str]) -> tuple[CauseSum, ...]:
    """Return what the movements of these items came to by cause: the cause that moved most copies first."""
    copies, count = func.sum(_m.quantity), func.count()
    rows = conn.execute(
        select(_m.cause, copies.label("copies"), count.label("movements"))
        .where(_m.sku.in_(skus))
        .group_by(_m.cause)
        .order_by(func.abs(copies).desc(), _m.cause)
    )
    return tuple(CauseSum(r.cause, r.copies, r.movements) for r in rows)


def held(conn: Connection, skus: Sequence[str]) -> tuple[HeldCopies, ...]:
    """Return in which held sales copies of these items lie, oldest first."""
    wanted = set(skus)
    return tuple(
        HeldCopies(
            draft.held_as,
            line.sku,
            line.quantity,
            " · ".join(w for w in (draft.customer.name if draft.customer else "", draft.held_note) if w),
            draft.opened_at,
        )
        for draft in drafts.held(conn)
        for line in draft.lines
        if line.sku in wanted
    )


def sold_by_day(conn: Connection, skus: Sequence[str], since: str) -> tuple[DaySales, ...]:
    """Return what was sold of these items on each business date from `since`, oldest first."""
    rows = conn.execute(
        select(
            _s.business_date,
            func.sum(_l.quantity).label("copies"),
            func.sum(_l.net_cents).label("net_cents"),
        )
        .join_from(tables.sale_lines, tables.sales, _s.id == _l.sale)
        .where(_l.sku.in_(skus), _s.business_date >= since)
        .group_by(_s.business_date)
        .order_by(_s.business_date)
    )
    return tuple(DaySales(r.business_date, r.copies, r.net_cents) for r in rows)


def last_sold(conn: Connection, skus: Sequence[str], most: int = 50) -> tuple[SoldCopies, ...]:
    """Return the latest lines of receipts with these items, newest first."""
    # The id of a sale grows with the time: sorting by it needs no look at the sales themselves.
    latest = (
        select(_l.sale, _l.no)
        .where(_l.sku.in_(skus))
        .order_by(_l.sale.desc(), _l.no)
        .limit(most)
        .subquery("latest")
    )
    rows = conn.execute(
        select(tables.sale_lines, _s.receipt, _s.completed_at, _s.staff, _s.customer)
        .join_from(latest, tables.sales, _s.id == latest.c.sale)
        .join(tables.sale_lines, (_l.sale == latest.c.sale) & (_l.no == latest.c.no))
        .order_by(_s.completed_at.desc(), _l.no)
    )
    return tuple(
        SoldCopies(
            receipt=r.receipt,
            no=r.no,
            sku=r.sku,
            copies=r.quantity,
            net_cents=r.net_cents,
            at=r.completed_at,
            staff=r.staff,
            customer=customer.name if (customer := read_customer(r.customer)) else "",
        )
        for r in rows
    )
