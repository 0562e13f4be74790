"""Reads of what can be sold, and the stock of it: by code, by words, and level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import (
    Connection,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    update,
)

from bookwish_desk.db import codes, tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.lookup import FIELDS, as_item, by_eans, by_skus, copies, find
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.item import Item, StockCause, StockMove

__all__ = [
    "MERGED", "as_item", "by_eans", "by_skus", "copies", "find", "index", "keep", "low_stock", "move",
    "move_all", "out_of_stock", "own_items", "stock_history", "to_catalogue",
]  # fmt: skip

_i, _t = tables.items.c, tables.titles.c

MERGED: tuple[Any, ...] = tuple(literal_column(sql).label(name) for name, sql in FIELDS.items())
"""The fields of Item, in their order, for queries over the shop's items and the trade's titles."""


def own_items(where: Any, order: Any, limit: int | None) -> Any:
    """Return the query for rows of `MERGED` of the shop's own items."""
    query = (
        select(*MERGED)
        .select_from(tables.items)
        .outerjoin(tables.titles, _t.ean == func.coalesce(_i.ean, _i.of_ean))
        .where(where)
        .order_by(*order)
    )
    return query if limit is None else query.limit(limit)


def low_stock(conn: Connection, default_limit: int, most: int = 500) -> tuple[Item, ...]:
    """Return items that are low but not out, fewest first; an item's own limit goes before the default."""
    limit = func.coalesce(_i.low_at, default_limit)
    where = _i.stocked & (_i.on_hand > 0) & (_i.on_hand <= limit)
    return tuple(as_item(r) for r in conn.execute(own_items(where, (_i.on_hand, _i.title), most)))


def out_of_stock(conn: Connection, most: int = 500) -> tuple[Item, ...]:
    """Return stocked items with no copy left (or fewer than none: sold before they were received)."""
    where = _i.stocked & (_i.on_hand <= 0)
    return tuple(as_item(r) for r in conn.execute(own_items(where, (_i.on_hand, _i.title), most)))


def to_catalogue(conn: Connection, most: int = 500) -> tuple[Item, ...]:
    """Return items that were sold without being known, waiting for somebody to describe them."""
    return tuple(as_item(r) for r in conn.execute(own_items(_i.to_catalogue.is_(True), (_i.title,), most)))


def stock_history(conn: Connection, sku: str, most: int = 100) -> tuple[StockMove, ...]:
    """Return the latest movements of an item, newest first."""
    m = tables.stock_moves.c
    rows = conn.execute(select(tables.stock_moves).where(m.sku == sku).order_by(m.id.desc()).limit(most))
    return tuple(
        StockMove(r.sku, r.quantity, r.cause, r.at, staff=r.staff, ref=r.ref, reason=r.reason) for r in rows
    )


_IS_KEPT = Prepared(select(_i.id).where(_i.sku == bindparam("wanted")))


def keep(tx: Tx, *wanted: Item) -> None:
    """Make sure the shop has its own rows for items that are sold, counted or received; never overwrites.

    Price and street date of a title stay the trade's, unless the trade does not know the title.
    """
    for item in wanted:
        if _IS_KEPT.run(tx.conn, {"wanted": item.sku}).fetchone() is None:
            _add(tx, item)


def _add(tx: Tx, item: Item) -> None:
    known = item.title_ean is not None and _trade_knows(tx, item.title_ean)
    result = tx.conn.execute(
        insert(tables.items).returning(_i.id),
        {
            "sku": item.sku,
            "ean": item.ean,
            "title": item.title,
            "authors": item.authors,
            "publisher": item.publisher,
            "year": item.year,
            "price_cents": None if known and item.of_ean is None else item.price_cents,
            "tax_class": item.tax_class,
            "shelf": item.shelf,
            "stocked": item.stocked,
            "low_at": item.low_at,
            "to_catalogue": item.to_catalogue,
            "series": item.series,
            "format": item.format,
            "street_date": "" if known else item.street_date,
            "kind": item.kind,
            "of_ean": item.of_ean,
            "condition": item.condition,
            "on_order": item.on_order,
        },
    )
    index(tx, int(result.scalar_one()), item)
    tx.touch("items")


def _trade_knows(tx: Tx, ean: int) -> bool:
    with tx.store.read() as conn:
        return conn.execute(select(_t.id).where(_t.ean == ean)).first() is not None


def index(tx: Tx, item_id: int, item: Item) -> None:
    """Put an item's words into the search index, replacing what was there."""
    tx.conn.exec_driver_sql("DELETE FROM item_search WHERE rowid = ?", (item_id,))
    tx.conn.exec_driver_sql(
        "INSERT INTO item_search(rowid, title, authors, publisher, series, codes) VALUES (?, ?, ?, ?, ?, ?)",
        (item_id, *words(item), code_words(item.sku, item.title_ean)),
    )


def words(item: Item) -> tuple[str, str, str, str]:
    """Return the search words of an item: title, authors, publisher, series."""
    return fold(item.title), fold(item.authors), fold(item.publisher), fold(item.series)


def code_words(sku: str, ean: int | None) -> str:
    """Return the codes of an item as search words: its SKU, its EAN (or its title's) and its ISBN-10."""
    return " ".join(dict.fromkeys((fold(sku), *(codes.texts(ean) if ean is not None else ()))))


_ADD_MOVES = Prepared(insert(tables.stock_moves))
_CHANGE = (
    update(tables.items).where(_i.sku == bindparam("wanted")).values(on_hand=_i.on_hand + bindparam("by"))
)
_MOVE_AND_TELL = _CHANGE.returning(_i.on_hand)
_sold = _i.sold + bindparam("more")
_MOVE = Prepared(_CHANGE.values(sold=case((_sold > 0, _sold), else_=0)))
_SELLING = ("sale", "return")


def move_all(tx: Tx, moves: Sequence[StockMove]) -> None:
    """Record signed movements of stock and change what is on hand by them, and what was sold.

    That costs a sale nothing, as the row is written anyway; `stock.miscounted` finds what a year ends.
    """
    _ADD_MOVES.run_many(tx.conn, [asdict(move) for move in moves])
    changes = [
        {"wanted": m.sku, "by": m.quantity, "more": -m.quantity if m.cause in _SELLING else 0} for m in moves
    ]
    _MOVE.run_many(tx.conn, changes)
    tx.touch("stock")


def move(
    tx: Tx, sku: str, quantity: int, cause: StockCause, *, staff: str, ref: str = "", reason: str = ""
) -> int:
    """Record a signed movement of stock and return what is on hand after it."""
    made = StockMove(sku, quantity, cause, tx.at, staff=staff, ref=ref, reason=reason)
    _ADD_MOVES.run(tx.conn, asdict(made))
    row = tx.conn.execute(_MOVE_AND_TELL, {"wanted": sku, "by": quantity}).one()
    tx.touch("stock")
    return int(row[0])
