"""Stores and the catalogue of books, as everybody may read them; drawer sessions that a desk uploads."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from bookwish_desk.demo.online_store import sessions, stock, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.refusal import conflict, not_found
from bookwish_desk.demo.online_store.sessions import role
from bookwish_desk.demo.online_store.wire import Answer, Json, Rows

MOVEMENTS = ("pay_in", "pay_out", "drop", "no_sale", "correction")


def list_stores(call: Call) -> Answer:
    """List the stores."""
    for name in ("latitude", "longitude", "radius"):
        call.query.number(name)
    rows = call.window()
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.stores)).scalar() or 0
    page = sa.select(t.stores).order_by(t.stores.c.id).limit(rows.limit).offset(rows.offset)
    return Answer(Rows("stores", [wire.store(row) for row in call.tx.conn.execute(page)], total, rows))


def get_store(call: Call) -> Answer:
    """Return a store by its slug."""
    row = call.tx.one(sa.select(t.stores).where(t.stores.c.slug == path_id(call, "slug")))
    if row is None:
        raise not_found("store")
    return Answer(wire.store(row), "store")


def my_stores(call: Call) -> Answer:
    """Return the stores that the caller works for."""
    return Answer({"data": sessions.my_stores(call.tx, call.caller)}, ours=True)


def search_books(call: Call) -> Answer:
    """Find books by title, author or number."""
    words = call.query.text("q", required=True, least=1) or ""
    rows = call.window(20, 50)
    asked = stock.matching(words)
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.books).where(asked)).scalar() or 0
    page = sa.select(t.books).where(asked).order_by(t.books.c.id).limit(rows.limit).offset(rows.offset)
    return Answer(Rows("items", [wire.book(row) for row in call.tx.conn.execute(page)], total, rows))


def get_book(call: Call) -> Answer:
    """Return a book by its id."""
    row = call.tx.one(sa.select(t.books).where(t.books.c.id == path_id(call, "bookId")))
    if row is None:
        raise not_found("book")
    return Answer(wire.book(row), "book")


# ---- shifts ----


def list_shifts(call: Call) -> Answer:
    """List the drawer sessions of a store, the newest first."""
    store_id = path_id(call, "storeId")
    first = call.query.moment("from")
    limit, offset = call.query.whole("limit", 20, least=1), call.query.whole("offset", 0, least=0)
    role(call.tx, call.caller, store_id)
    s = t.shifts.c
    asked = [s.store_id == store_id] + ([] if first is None else [s.opened_at >= first])
    total = call.tx.conn.execute(sa.select(sa.func.count()).select_from(t.shifts).where(*asked)).scalar() or 0
    limit = min(limit, 100)
    newest = (s.opened_at.desc(), s.id)
    page = sa.select(s.body).where(*asked).order_by(*newest).limit(limit).offset(offset)
    shifts = [msgspec.json.decode(body) for body in call.tx.conn.execute(page).scalars()]
    return Answer({"shifts": shifts, "total": total, "limit": limit, "offset": offset}, ours=True)


def upload_shift(call: Call) -> Answer:
    """Keep a drawer session; the same one twice is kept once."""
    store_id = path_id(call, "storeId")
    asked = call.fields()
    opened = asked.moment("openedAt", required=True)
    closed = asked.moment("closedAt", null=True)
    shift: Json = {
        "id": asked.text("id", required=True),
        "registerId": asked.text("registerId", required=True),
        "openedByUserId": asked.text("openedByUserId", required=True),
        "openedAt": None if opened is None else wire.moment(opened),
        "openingFloatCents": asked.whole("openingFloatCents", required=True, least=0),
        "closedByUserId": asked.text("closedByUserId", null=True),
        "closedAt": None if closed is None else wire.moment(closed),
        "countedCashCents": asked.whole("countedCashCents", null=True, least=0),
        "expectedCashCents": asked.whole("expectedCashCents", null=True),
        "movements": [
            {
                "kind": line.text("kind", required=True, choices=MOVEMENTS),
                "amountCents": line.whole("amountCents") or 0,
                "note": line.text("note") or "",
                "at": wire.moment(line.moment("at", required=True) or 0),
            }
            for line in asked.many("movements")
        ],
    }
    asked.check()
    role(call.tx, call.caller, store_id)
    s = t.shifts.c
    body = msgspec.json.encode(shift).decode()
    there = call.tx.one(sa.select(s.body).where(s.store_id == store_id, s.id == shift["id"]))
    if there is None:
        call.tx.conn.execute(
            sa.insert(t.shifts).values(store_id=store_id, id=shift["id"], opened_at=opened, body=body)
        )
    elif there.body != body:
        raise conflict("There is another shift with this id")
    return Answer(shift, ours=True, status=201)
