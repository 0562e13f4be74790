"""How many items need somebody's eye, and writing what an item is; the reads of items are `db.items`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from bookwish_desk.db import items, tables
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.item import Item

_i = tables.items.c


class StockCounts(msgspec.Struct, frozen=True):
    """How many items are low, out of stock, and waiting to be described."""

    low: int = 0
    out: int = 0
    to_catalogue: int = 0


def counts(conn: Connection, default_limit: int) -> StockCounts:
    """Return how many items the lists of `db.items` would hold, however long they are."""
    low = _i.stocked & (_i.on_hand > 0) & (_i.on_hand <= func.coalesce(_i.low_at, default_limit))
    out = _i.stocked & (_i.on_hand <= 0)
    row = conn.execute(
        select(
            func.count().filter(low).label("low"),
            func.count().filter(out).label("out"),
            func.count().filter(_i.to_catalogue).label("waiting"),
        ).select_from(tables.items)
    ).one()
    return StockCounts(row.low, row.out, row.waiting)


def change(tx: Tx, sku: str, values: Mapping[str, Any]) -> None:
    """Write these columns of an item, and its search words anew."""
    row = tx.conn.execute(
        update(tables.items).where(_i.sku == sku).values(**values).returning(*tables.items.c)
    ).one()
    words = Item(sku, row.title, row.ean, row.authors, row.publisher, series=row.series, of_ean=row.of_ean)
    items.index(tx, row.id, words)
    tx.touch("items")


def moved_last(conn: Connection, most: int = 50) -> tuple[Item, ...]:
    """Return the items whose stock moved last, latest first."""
    m = tables.stock_moves.c
    latest = select(m.sku).group_by(m.sku).order_by(func.max(m.id).desc()).limit(most)
    return items.by_skus(conn, list(conn.execute(latest).scalars()))


def set_on_order(tx: Tx, sku: str, copies: int) -> None:
    """Write how many copies of an item are on order."""
    tx.conn.execute(update(tables.items).where(_i.sku == sku).values(on_order=copies))
    tx.touch("stock")


def copies_of(conn: Connection, ean: int) -> tuple[str, ...]:
    """Return the SKUs of the used and signed copies of a title."""
    return tuple(conn.execute(select(_i.sku).where(_i.of_ean == ean).order_by(_i.id)).scalars())


def skus_like(conn: Connection, ean: int) -> frozenset[str]:
    """Return the SKUs that begin with an EAN, whatever they are of."""
    begun = (_i.sku >= str(ean)) & (_i.sku < str(ean + 1))
    return frozenset(conn.execute(select(_i.sku).where(begun)).scalars())


def miscounted(conn: Connection, since: str) -> tuple[tuple[str, int], ...]:
    """Return the SKUs of items that say another number than was sold since a business date, and by how much.

    What came back is taken off. It reads every line sold since then: not for the shop lane.
    """
    s, x = tables.sales.c, tables.sale_lines.c
    sums = (
        select(x.sku, func.sum(x.quantity).label("copies"))
        .join_from(tables.sales, tables.sale_lines, x.sale == s.id)
        .where(s.business_date >= since)
        .group_by(x.sku)
        .subquery()
    )
    sold = case((sums.c.copies > 0, sums.c.copies), else_=0)
    wrong = select(_i.sku, sold - _i.sold).select_from(tables.items).outerjoin(sums, sums.c.sku == _i.sku)
    return tuple((row[0], int(row[1])) for row in conn.execute(wrong.where(_i.sold != sold)))


def add_sold(tx: Tx, changes: Sequence[tuple[str, int]]) -> None:
    """Add to the number of copies sold of these SKUs, also if a sale was completed since it was counted."""
    sold = _i.sold + bindparam("more")
    change = update(tables.items).where(_i.sku == bindparam("wanted"))
    rows = [{"wanted": sku, "more": more} for sku, more in changes]
    tx.conn.execute(change.values(sold=case((sold > 0, sold), else_=0)), rows)


_RECOUNTED = "sold-recounted"


def recounted_on(conn: Connection) -> int:
    """Return the day (as an ordinal of `date`) on which `miscounted` was last put right, 0 for never."""
    found = select(tables.counters.c.value).where(tables.counters.c.name == _RECOUNTED)
    return conn.execute(found).scalar() or 0


def mark_recounted(tx: Tx, day: int) -> None:
    """Keep the day on which what was sold was counted anew."""
    tx.conn.execute(delete(tables.counters).where(tables.counters.c.name == _RECOUNTED))
    tx.conn.execute(insert(tables.counters).values(name=_RECOUNTED, value=day))
