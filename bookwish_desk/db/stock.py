"""How many items need somebody's eye, and writing what an item is; the reads of items are `db.items`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

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
