"""Reads of what can be sold, and the stock of it: by code, by words, and level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.folding import fold, query_terms
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.item import Item, StockCause, StockMove

_i, _t = tables.items.c, tables.titles.c

_key = select(bindparam("code").label("code"), bindparam("ean").label("ean")).subquery("key")
_by_sku = select(tables.items.c.id).where(_i.sku == _key.c.code).scalar_subquery().correlate(_key)
_by_ean = select(tables.items.c.id).where(_i.ean == _key.c.ean).scalar_subquery().correlate(_key)
_FIND = (
    select(
        *(c.label(f"i_{c.name}") for c in tables.items.c),
        *(c.label(f"t_{c.name}") for c in tables.titles.c),
    )
    .select_from(_key)
    .outerjoin(tables.items, _i.id == func.coalesce(_by_sku, _by_ean))
    .outerjoin(tables.titles, _t.ean == _key.c.ean)
)


def find(conn: Connection, code: str, ean: int | None) -> Item | None:
    """Return what is sold under a code (SKU) or an EAN-13: one statement over both databases.

    The shop's own item goes before the trade's title and takes from it what it does not say itself.
    """
    row = conn.execute(_FIND, {"code": code, "ean": ean}).first()
    if row is None or (row.i_id is None and row.t_id is None):
        return None
    return _merged(row)


def _merged(row: Row[Any]) -> Item:
    if row.i_id is None:
        return Item(
            sku=str(row.t_ean),
            title=row.t_title,
            ean=row.t_ean,
            authors=row.t_authors,
            publisher=row.t_publisher,
            year=row.t_year,
            price_cents=row.t_price_cents,
            tax_class=row.t_tax_class,
        )
    return Item(
        sku=row.i_sku,
        title=row.i_title,
        ean=row.i_ean,
        authors=row.i_authors,
        publisher=row.i_publisher or row.t_publisher or "",
        year=row.i_year if row.i_year is not None else row.t_year,
        price_cents=row.i_price_cents if row.i_price_cents is not None else row.t_price_cents,
        tax_class=row.i_tax_class,
        on_hand=row.i_on_hand,
        shelf=row.i_shelf,
        stocked=row.i_stocked,
        low_at=row.i_low_at,
        to_catalogue=row.i_to_catalogue,
    )


_merged_columns = (
    *(c.label(f"i_{c.name}") for c in tables.items.c),
    *(c.label(f"t_{c.name}") for c in tables.titles.c),
)


def _own(where: Any, order: Any, limit: int | None) -> Any:
    query = (
        select(*_merged_columns)
        .select_from(tables.items)
        .outerjoin(tables.titles, _t.ean == _i.ean)
        .where(where)
        .order_by(*order)
    )
    return query if limit is None else query.limit(limit)


def search(conn: Connection, words: str, limit: int = 20) -> tuple[Item, ...]:
    """Return what fits all words typed so far, in any order, accents and case folded both ways.

    The shop's own items come first (on hand before out of stock), then the trade's titles in falling
    popularity. Digits also find fragments of a code. Anything typed is ordinary text.
    """
    match = query_terms(words)
    if not match:
        return ()
    rows = conn.exec_driver_sql("SELECT rowid FROM item_search WHERE item_search MATCH ? LIMIT 400", (match,))
    own_ids = [r[0] for r in rows]
    found: dict[str, Item] = {}
    order = ((_i.on_hand > 0).desc(), (_i.stocked).desc(), _i.on_hand.desc(), _i.title)
    for row in conn.execute(_own(_i.id.in_(own_ids), order, limit)) if own_ids else ():
        item = _merged(row)
        found[item.sku] = item
    if len(found) < limit:
        rows = conn.exec_driver_sql(
            "SELECT rowid FROM catalogue.title_search WHERE title_search MATCH ? ORDER BY rowid LIMIT ?",
            (match, limit * 2),
        )
        ids = [r[0] for r in rows]
        for item in _titles(conn, ids):
            if len(found) < limit:
                found.setdefault(item.sku, item)
    digits = words.replace("-", "").replace(" ", "")
    if len(found) < limit and digits.isascii() and digits.isdigit() and len(digits) >= 4:
        for item in _by_fragment(conn, digits, limit):
            if len(found) < limit:
                found.setdefault(item.sku, item)
    return tuple(found.values())


def _titles(conn: Connection, ids: Sequence[int]) -> list[Item]:
    if not ids:
        return []
    query = (
        select(*_merged_columns)
        .select_from(tables.titles)
        .outerjoin(tables.items, _i.ean == _t.ean)
        .where(_t.id.in_(ids))
        .order_by(_t.id)
    )
    return [_merged(row) for row in conn.execute(query)]


def _by_fragment(conn: Connection, digits: str, limit: int) -> list[Item]:
    like = f"%{digits}%"
    own = _own(
        or_(_i.sku.like(like), func.cast(_i.ean, tables.items.c.sku.type).like(like)), (_i.title,), limit
    )
    items = [_merged(row) for row in conn.execute(own)]
    ids = conn.exec_driver_sql(
        "SELECT id FROM catalogue.titles WHERE ean LIKE ? ORDER BY id LIMIT ?", (like, limit)
    )
    return items + _titles(conn, [r[0] for r in ids])


def low_stock(conn: Connection, default_limit: int, most: int = 500) -> tuple[Item, ...]:
    """Return items that are low but not out, fewest first; an item's own limit goes before the default."""
    limit = func.coalesce(_i.low_at, default_limit)
    where = _i.stocked & (_i.on_hand > 0) & (_i.on_hand <= limit)
    return tuple(_merged(r) for r in conn.execute(_own(where, (_i.on_hand, _i.title), most)))


def out_of_stock(conn: Connection, most: int = 500) -> tuple[Item, ...]:
    """Return stocked items with no copy left (or fewer than none: sold before they were received)."""
    where = _i.stocked & (_i.on_hand <= 0)
    return tuple(_merged(r) for r in conn.execute(_own(where, (_i.on_hand, _i.title), most)))


def to_catalogue(conn: Connection, most: int = 500) -> tuple[Item, ...]:
    """Return items that were sold without being known, waiting for somebody to describe them."""
    return tuple(_merged(r) for r in conn.execute(_own(_i.to_catalogue.is_(True), (_i.title,), most)))


def by_skus(conn: Connection, skus: Sequence[str]) -> tuple[Item, ...]:
    """Return the items with these SKUs, in that order; unknown ones are left out."""
    rows = {r.i_sku: _merged(r) for r in conn.execute(_own(_i.sku.in_(list(skus)), (_i.id,), None))}
    return tuple(rows[s] for s in skus if s in rows)


def stock_history(conn: Connection, sku: str, most: int = 100) -> tuple[StockMove, ...]:
    """Return the latest movements of an item, newest first."""
    m = tables.stock_moves.c
    rows = conn.execute(select(tables.stock_moves).where(m.sku == sku).order_by(m.id.desc()).limit(most))
    return tuple(
        StockMove(r.sku, r.quantity, r.cause, r.at, staff=r.staff, ref=r.ref, reason=r.reason) for r in rows
    )


_ITEM_ID = select(tables.items.c.id).where(_i.sku == bindparam("wanted"))


def keep(tx: Tx, item: Item) -> None:
    """Make sure the shop has its own row for an item that is sold, counted or received; never overwrites.

    The price of a title stays the trade's price, unless the trade does not know the title.
    """
    if tx.conn.execute(_ITEM_ID, {"wanted": item.sku}).first() is not None:
        return
    known = item.ean is not None and _trade_knows(tx, item.ean)
    result = tx.conn.execute(
        insert(tables.items).returning(_i.id),
        {
            "sku": item.sku,
            "ean": item.ean,
            "title": item.title,
            "authors": item.authors,
            "publisher": item.publisher,
            "year": item.year,
            "price_cents": None if known else item.price_cents,
            "tax_class": item.tax_class,
            "shelf": item.shelf,
            "stocked": item.stocked,
            "low_at": item.low_at,
            "to_catalogue": item.to_catalogue,
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
        "INSERT INTO item_search(rowid, title, authors, publisher, codes) VALUES (?, ?, ?, ?, ?)",
        (item_id, fold(item.title), fold(item.authors), fold(item.publisher), codes(item.sku, item.ean)),
    )


def codes(sku: str, ean: int | None) -> str:
    """Return the codes of an item as search words: its SKU, its EAN and its ISBN-10."""
    words = [fold(sku)]
    if ean is not None and str(ean) != sku:
        words.append(str(ean))
    digits = str(ean) if ean is not None else ""
    if digits.startswith("978") and len(digits) == 13:
        words.append(_isbn10(digits))
    return " ".join(words)


def _isbn10(isbn13: str) -> str:
    body = isbn13[3:12]
    check = (11 - sum((10 - i) * int(d) for i, d in enumerate(body)) % 11) % 11
    return body + ("x" if check == 10 else str(check))


_MOVE = (
    update(tables.items)
    .where(_i.sku == bindparam("wanted"))
    .values(on_hand=_i.on_hand + bindparam("by"))
    .returning(_i.on_hand)
)


def move(
    tx: Tx, sku: str, quantity: int, cause: StockCause, *, staff: str, ref: str = "", reason: str = ""
) -> int:
    """Record a signed movement of stock and return what is on hand after it."""
    tx.conn.execute(
        insert(tables.stock_moves),
        {
            "sku": sku,
            "quantity": quantity,
            "cause": cause,
            "at": tx.at,
            "staff": staff,
            "ref": ref,
            "reason": reason,
        },
    )
    row = tx.conn.execute(_MOVE, {"wanted": sku, "by": quantity}).one()
    tx.touch("stock")
    return int(row[0])
