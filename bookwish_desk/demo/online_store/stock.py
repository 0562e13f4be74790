"""Stock of the online store: lines of it, changes by a signed amount, absolute numbers, barcodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store import wire
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.records import Tx, fresh
from bookwish_desk.demo.online_store.refusal import (
    Collision,
    Refusal,
    conflict,
    invalid,
    not_found,
    unprocessable,
)
from bookwish_desk.demo.online_store.sessions import role
from bookwish_desk.demo.online_store.wire import Answer, Rows
from bookwish_desk.shop.barcode import parse

CONDITIONS = ("new", "like_new", "good", "fair")
MOST_PRICE = 999_999
"""Cents: 9999.99 dollars (store guide)."""
_EDITABLE = {
    "quantity": "quantity",
    "priceCents": "price_cents",
    "compareAtPriceCents": "compare_at_cents",
    "condition": "condition",
    "sku": "sku",
    "location": "location",
    "notes": "notes",
}

_MOVE = (
    sa.update(t.items)
    .where(
        t.items.c.id == sa.bindparam("which"),
        sa.or_(
            sa.bindparam("least", type_=sa.BigInteger).is_(None),
            t.items.c.quantity + sa.bindparam("by", type_=sa.BigInteger) >= sa.bindparam("least"),
        ),
    )
    .values(
        quantity=t.items.c.quantity + sa.bindparam("by", type_=sa.BigInteger),
        version=t.items.c.version + 1,
        updated_at=sa.bindparam("now"),
        cause=sa.bindparam("why"),
        reference=sa.bindparam("whose"),
    )
)


def list_items(call: Call) -> Answer:
    """List the stock of one store."""
    store_id = call.store_id()
    i, b = t.items.c, t.books.c
    asked = [i.store_id == store_id, sa.not_(i.removed)]
    if call.query.flag("inStockOnly"):
        asked.append(i.quantity > 0)
    if words := call.query.text("search"):
        asked.append(sa.or_(matching(words), i.sku == words))
    rows = call.window(50)
    role(call.tx, call.caller, store_id)
    found = sa.select(i.id).join(t.books, b.id == i.book_id).where(*asked)
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(found.subquery())).scalar() or 0
    ids = call.tx.conn.execute(found.order_by(i.id).limit(rows.limit).offset(rows.offset)).scalars().all()
    return Answer(Rows("items", with_books(call, ids), total, rows))


def matching(words: str) -> sa.ColumnElement[bool]:
    """Return what holds for books whose title, authors or numbers hold each of some words."""
    return sa.and_(
        *(t.books.c.searched.contains(word.casefold(), autoescape=True) for word in words.split()[:8])
    )


def with_books(call: Call, ids: Iterable[str]) -> list[wire.Json]:
    """Return stock lines with their books, in the order of their ids."""
    i, b = t.items.c, t.books.c
    wanted = list(ids)
    lines = call.tx.conn.execute(sa.select(t.items).where(i.id.in_(wanted))).all()
    known = call.tx.conn.execute(sa.select(t.books).where(b.id.in_({x.book_id for x in lines}))).all()
    books = {row.id: wire.book_in_short(row) for row in known}
    found = {row.id: wire.item(row, books[row.book_id], call.variants) for row in lines}
    return [found[one] for one in wanted if one in found]


def get_item(call: Call) -> Answer:
    """Return one stock line."""
    store_id = call.store_id()
    role(call.tx, call.caller, store_id)
    return _answer(call, _line(call.tx, path_id(call, "inventoryId"), store_id))


def _line(tx: Tx, item_id: str, store_id: str) -> Any:
    i = t.items.c
    row = tx.one(sa.select(t.items).where(i.id == item_id, i.store_id == store_id, sa.not_(i.removed)))
    if row is None:
        raise not_found("stock line")
    return row


def _answer(call: Call, row: Any, status: int = 200) -> Answer:
    headers = {"ETag": wire.etag(row)} if call.variants.has("item-versions") else {}
    return Answer(with_books(call, [row.id])[0], "item", status, headers)


def create_item(call: Call) -> Answer:
    """Add a book to the stock of a store."""
    asked = call.fields()
    store_id = asked.text("storeId", required=True) or ""
    book_id = asked.text("bookId", required=True) or ""
    values = {
        "quantity": asked.whole("quantity", required=True, least=0),
        "price_cents": asked.whole("priceCents", required=True, least=1, most=MOST_PRICE),
        "compare_at_cents": asked.whole("compareAtPriceCents", null=True, least=1, most=MOST_PRICE),
        "condition": asked.text("condition", required=True, choices=CONDITIONS),
        "sku": asked.text("sku", null=True),
        "location": asked.text("location", null=True),
        "notes": asked.text("notes", null=True),
    }
    asked.check()
    role(call.tx, call.caller, store_id)
    if call.tx.one(sa.select(t.books.c.id).where(t.books.c.id == book_id)) is None:
        raise unprocessable("The catalogue has no such book")
    if _same(call.tx, store_id, book_id, str(values["condition"])) is not None:
        raise conflict("The store has this book in this condition already")
    item_id = add_item(call.tx, store_id, book_id, values)
    return _answer(call, _line(call.tx, item_id, store_id), 201)


def _same(tx: Tx, store_id: str, book_id: str, condition: str) -> Any:
    i = t.items.c
    return tx.one(
        sa.select(t.items).where(i.store_id == store_id, i.book_id == book_id, i.condition == condition)
    )


def add_item(tx: Tx, store_id: str, book_id: str, values: wire.Json, cause: str = "adjustment") -> str:
    """Add a stock line, and return its id; one that was removed earlier comes back."""
    there = _same(tx, store_id, book_id, str(values["condition"]))
    if there is not None:
        back = {**values, "removed": False, "updated_at": tx.at, "version": there.version + 1, "cause": cause}
        tx.conn.execute(sa.update(t.items).where(t.items.c.id == there.id).values(**back))
        tx.changed(t.items, there.id)
        return str(there.id)
    item_id = fresh("inv")
    made = {
        "id": item_id, "store_id": store_id, "book_id": book_id, "created_at": tx.at, "updated_at": tx.at,
        "version": 1, "seq": 0, "cause": cause, **values,
    }  # fmt: skip
    tx.conn.execute(sa.insert(t.items).values(**made))
    tx.changed(t.items, item_id)
    return item_id


def update_item(call: Call) -> Answer:
    """Replace fields of a stock line; the quantity is an absolute number."""
    store_id = call.store_id()
    asked = call.fields()
    if not len(asked):
        asked.wrong("", "at least one field")
    values: wire.Json = {
        "quantity": asked.whole("quantity", least=0),
        "priceCents": asked.whole("priceCents", least=1, most=MOST_PRICE),
        "compareAtPriceCents": asked.whole("compareAtPriceCents", null=True),
        "condition": asked.text("condition", choices=CONDITIONS),
        "sku": asked.text("sku", null=True),
        "location": asked.text("location", null=True),
        "notes": asked.text("notes", null=True),
    }
    asked.check()
    item_id = path_id(call, "inventoryId")
    if role(call.tx, call.caller, store_id) == "staff" and "priceCents" in asked:
        raise Refusal(403, "Forbidden", "Staff may not change prices")
    before = _line(call.tx, item_id, store_id)
    if call.if_match and call.variants.has("item-versions") and not _names(call.if_match, before):
        raise Refusal(412, "PreconditionFailed", "The line changed since it was read")
    changed = {_EDITABLE[name]: value for name, value in values.items() if name in asked}
    wanted = changed.get("condition", before.condition)
    if wanted != before.condition and _same(call.tx, store_id, before.book_id, wanted) is not None:
        raise conflict("The store has this book in this condition already")
    changed |= {
        "updated_at": call.tx.at,
        "version": before.version + 1,
        "cause": "adjustment",
        "reference": None,
    }
    i = t.items.c
    done = call.tx.conn.execute(
        sa.update(t.items).where(i.id == item_id, i.version == before.version).values(**changed)
    )
    if not done.rowcount:
        raise Collision
    call.tx.changed(t.items, item_id)
    return _answer(call, _line(call.tx, item_id, store_id))


def _names(header: str, row: Any) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or wire.etag(row) in tags


def adjust_item(call: Call) -> Answer:
    """Change the quantity of a stock line by a signed amount."""
    asked = call.fields()
    call.refuse_extensions(asked, "client-reference", "clientReference")
    store_id = asked.text("storeId", required=True) or ""
    delta = asked.whole("delta", required=True)
    if delta == 0:
        asked.wrong("delta", "must not be 0")
    asked.text("reason", most=120)
    reference = asked.text("clientReference", most=64)
    asked.check()
    role(call.tx, call.caller, store_id)
    row = _line(call.tx, path_id(call, "inventoryId"), store_id)
    move(call.tx, {row.id: delta or 0}, "adjustment", reference, below_zero=call.accept_below_zero)
    return _answer(call, _line(call.tx, row.id, store_id))


def move(
    tx: Tx, deltas: dict[str, int], cause: str, reference: str | None = None, *, below_zero: bool = True
) -> None:
    """Change quantities by signed amounts. Raises Refusal (422) where one may not fall below zero."""
    for item_id in sorted(deltas):
        delta = deltas[item_id]
        least = None if below_zero or delta > 0 else 0
        done = tx.conn.execute(
            _MOVE,
            {"which": item_id, "by": delta, "least": least, "now": tx.at, "why": cause, "whose": reference},
        )
        if not done.rowcount:
            raise unprocessable("There are not so many copies", "InsufficientStock")
        tx.changed(t.items, item_id)


def remove_item(tx: Tx, item_id: str) -> None:
    """Take a stock line away; what is left is its tombstone in the feed."""
    i = t.items.c
    gone = {"removed": True, "version": i.version + 1, "updated_at": tx.at, "cause": "adjustment"}
    if not tx.conn.execute(
        sa.update(t.items).where(i.id == item_id, sa.not_(i.removed)).values(**gone)
    ).rowcount:
        raise not_found("stock line")
    tx.changed(t.items, item_id)


def look_up(call: Call) -> Answer:
    """Return the book and the stock lines of a scanned code."""
    code = call.params["barcode"]
    if not (4 <= len(code) <= 32 and code.isascii() and code.replace("-", "").isalnum()):
        raise invalid("barcode", "must be 4 to 32 letters, digits and hyphens")
    store_id = call.store_id()
    role(call.tx, call.caller, store_id)
    i, b = t.items.c, t.books.c
    plain = code.replace("-", "").upper()
    scan = parse(plain)
    known = call.tx.one(
        sa.select(t.books).where(sa.or_(b.isbn13.in_([plain, str(scan.ean or "")]), b.isbn10 == plain))
    )
    here = [i.store_id == store_id, sa.not_(i.removed)]
    which = i.book_id == known.id if known else i.sku == code
    ids = call.tx.conn.execute(sa.select(i.id).where(*here, which).order_by(i.id)).scalars().all()
    if known is None and not ids:
        raise not_found("book")
    return Answer({"book": wire.book(known) if known else None, "inventory": with_books(call, ids)}, "result")
