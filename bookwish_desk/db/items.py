"""Reads of what can be sold, and the stock of it: by code, by words, and level by level."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    bindparam,
    case,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import sqlite

from bookwish_desk.db import codes, tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.link import Link
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.item import Item, StockCause, StockMove

_i, _t = tables.items.c, tables.titles.c

_EMPTY = literal_column("''", String)
_ZERO, _ONE = literal_column("0", Integer), literal_column("1", Integer)

# The shop's own item goes before the trade's title and takes from it what it does not say itself: a used or
# signed copy its title's words, but never a price. In the order of the fields of Item.
MERGED = (
    func.coalesce(_i.sku, cast(_t.ean, String)).label("sku"),
    func.coalesce(_i.title, _t.title).label("title"),
    case((_i.id.is_(None), _t.ean), else_=_i.ean).label("ean"),
    func.coalesce(_i.authors, _t.authors).label("authors"),
    func.coalesce(func.nullif(_i.publisher, _EMPTY), _t.publisher, _EMPTY).label("publisher"),
    func.coalesce(_i.year, _t.year).label("year"),
    func.coalesce(_i.price_cents, case((_i.of_ean.is_(None), _t.price_cents))).label("price_cents"),
    func.coalesce(_i.tax_class, _t.tax_class).label("tax_class"),
    func.coalesce(_i.on_hand, _ZERO).label("on_hand"),
    func.coalesce(_i.shelf, _EMPTY).label("shelf"),
    func.coalesce(_i.stocked, _ONE).label("stocked"),
    _i.low_at,
    func.coalesce(_i.to_catalogue, _ZERO).label("to_catalogue"),
    func.coalesce(func.nullif(_i.series, _EMPTY), _t.series, _EMPTY).label("series"),
    func.coalesce(func.nullif(_i.format, _EMPTY), _t.format, _EMPTY).label("format"),
    func.coalesce(func.nullif(_i.street_date, _EMPTY), _t.street_date, _EMPTY).label("street_date"),
    func.coalesce(_i.kind, literal_column("'new'", String)).label("kind"),
    _i.of_ean,
    func.coalesce(_i.condition, _EMPTY).label("condition"),
    func.coalesce(_i.on_order, _ZERO).label("on_order"),
    func.coalesce(_i.sold, _ZERO).label("sold"),
)


def as_item(row: Sequence[Any]) -> Item:
    """Return the item of a row of `MERGED`."""
    values = list(row)
    # The driver alone has 0 and 1 for no and yes.
    values[_STOCKED], values[_TO_CATALOGUE] = bool(values[_STOCKED]), bool(values[_TO_CATALOGUE])
    return Item(*values)


_STOCKED, _TO_CATALOGUE = (Item.__struct_fields__.index(name) for name in ("stocked", "to_catalogue"))


_key = select(bindparam("code").label("code"), bindparam("ean").label("ean")).subquery("key")
_by_sku = select(tables.items.c.id).where(_i.sku == _key.c.code).scalar_subquery().correlate(_key)
_by_ean = select(tables.items.c.id).where(_i.ean == _key.c.ean).scalar_subquery().correlate(_key)
_FIND = (
    select(*MERGED)
    .select_from(_key)
    .outerjoin(tables.items, _i.id == func.coalesce(_by_sku, _by_ean))
    .outerjoin(tables.titles, _t.ean == func.coalesce(_i.ean, _i.of_ean, _key.c.ean))
    .where(_i.id.is_not(None) | _t.id.is_not(None))
)


@cache
def _find_sql() -> str:
    return str(_FIND.compile(dialect=sqlite.dialect()))


def find(conn: Any, code: str, ean: int | None) -> Item | None:
    """Return what is sold under a code (SKU) or an EAN-13: one statement over both databases.

    `conn` is a connection of `Store.glance`, or of `Store.read`. Every scan comes here, so the statement
    is put into words once and goes to the driver itself: SQLAlchemy would take four times as long.
    """
    driver: Any = conn.driver if isinstance(conn, Link) else conn
    row = driver.execute(_find_sql(), (code, ean)).fetchone()
    return None if row is None else as_item(row)


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


def by_skus(conn: Connection, skus: Sequence[str]) -> tuple[Item, ...]:
    """Return the items with these SKUs, in that order; unknown ones are left out."""
    rows = {r.sku: as_item(r) for r in conn.execute(own_items(_i.sku.in_(list(skus)), (_i.id,), None))}
    return tuple(rows[s] for s in skus if s in rows)


_used_last = case((_i.kind == "signed", _ZERO), else_=_ONE)
_COPIES = Prepared(
    own_items(_i.of_ean == bindparam("title", type_=BigInteger), (_used_last, _i.price_cents, _i.sku), None)
)


def copies(conn: Connection, ean: int) -> tuple[Item, ...]:
    """Return everything that is sold of a title: the new one, then signed and used copies, each by price.

    The new one is there where the shop or the trade knows it, whether or not there is a copy of it.
    """
    new = find(conn, str(ean), ean)
    others = tuple(as_item(row) for row in _COPIES.run(conn, {"title": ean}))
    return others if new is None else (new, *others)


_some_eans = text("SELECT value AS ean FROM json_each(:eans)").columns(column("ean", BigInteger)).subquery()
_BY_EANS = Prepared(
    select(*MERGED)
    .select_from(_some_eans)
    .outerjoin(tables.items, _i.ean == _some_eans.c.ean)
    .outerjoin(tables.titles, _t.ean == _some_eans.c.ean)
    .where(_i.id.is_not(None) | _t.id.is_not(None))
    .order_by(func.coalesce(_i.on_hand, _ZERO).desc(), func.coalesce(_i.sold, _ZERO).desc(), _t.id)
)


def by_eans(conn: Connection, eans: Sequence[int]) -> tuple[Item, ...]:
    """Return what the shop or the trade knows of these EANs, most on hand first; the others are left out."""
    rows = _BY_EANS.run(conn, {"eans": json.dumps(list(eans))})
    return tuple(as_item(row) for row in rows)


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
_MOVE, _MOVE_AND_TELL = Prepared(_CHANGE), _CHANGE.returning(_i.on_hand)


def move_all(tx: Tx, moves: Sequence[StockMove]) -> None:
    """Record signed movements of stock and change what is on hand by them."""
    _ADD_MOVES.run_many(tx.conn, [asdict(move) for move in moves])
    _MOVE.run_many(tx.conn, [{"wanted": move.sku, "by": move.quantity} for move in moves])
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
