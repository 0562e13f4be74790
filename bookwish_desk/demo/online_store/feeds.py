"""What changed since a cursor (extensions order-feed, inventory-feed): whole rows, in the order of commits.

A row comes with its last change only, and tombstones are kept: no cursor of this database grows too old by
itself. One of another database, or from before the feed began anew, does.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bookwish_desk.demo.online_store import ordering, stock, wire
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.calls import Call, path_id
from bookwish_desk.demo.online_store.records import Tx
from bookwish_desk.demo.online_store.refusal import Refusal
from bookwish_desk.demo.online_store.sessions import role
from bookwish_desk.demo.online_store.wire import Answer, Json

EPOCH = "feed-epoch"
"""A cursor of another one is too old."""


def order_feed(call: Call) -> Answer:
    """Return orders that changed after a cursor; without one, from the oldest open order on."""
    store_id = path_id(call, "storeId")
    limit = call.query.whole("limit", 100, least=1, most=200)
    call.query.whole("waitSeconds", 0, least=0, most=30)
    asked = call.query.text("after", most=256)
    role(call.tx, call.caller, store_id)
    after = _after(call.tx, asked)
    if after is None:
        after = _before_oldest_open(call.tx, store_id)
    rows = _changed(call.tx, t.orders, store_id, after, limit + 1)
    entries = [{"seq": row.seq, "order": wire.order(row, call.variants)} for row in rows[:limit]]
    return _page(call.tx, entries, after, len(rows) > limit)


def item_feed(call: Call) -> Answer:
    """Return stock lines that changed after a cursor, with tombstones of those that were removed."""
    store_id = path_id(call, "storeId")
    limit = call.query.whole("limit", 100, least=1, most=200)
    asked = call.query.text("after", most=256)
    role(call.tx, call.caller, store_id)
    after = _after(call.tx, asked) or 0
    rows = _changed(call.tx, t.items, store_id, after, limit + 1)
    there = {x["id"]: x for x in stock.with_books(call, [row.id for row in rows[:limit] if not row.removed])}
    entries: list[Json] = []
    for row in rows[:limit]:
        entry: Json = {"seq": row.seq, "inventoryId": row.id, "deleted": bool(row.removed)}
        if not row.removed:
            entry["item"] = there[row.id]
        reference = row.reference if call.variants.has("client-reference") else None
        entries.append(entry | {"cause": row.cause, "clientReference": reference})
    return _page(call.tx, entries, after, len(rows) > limit)


def _changed(tx: Tx, table: sa.Table, store_id: str, after: int, most: int) -> list[Any]:
    c = table.c
    wanted = sa.select(table).where(c.store_id == store_id, c.seq > after).order_by(c.seq).limit(most)
    return list(tx.conn.execute(wanted))


def _before_oldest_open(tx: Tx, store_id: str) -> int:
    o = t.orders.c
    is_open = o.status.not_in(ordering.FINAL)
    first = tx.conn.execute(sa.select(sa.func.min(o.seq)).where(o.store_id == store_id, is_open)).scalar()
    if first is not None:
        return int(first) - 1
    last = tx.conn.execute(sa.select(sa.func.max(o.seq)).where(o.store_id == store_id)).scalar()
    return int(last or 0)


def _after(tx: Tx, cursor: str | None) -> int | None:
    """Return the number that a cursor stands for. Raises Refusal (410) where rows after it may be gone."""
    if cursor is None:
        return None
    parts = re.fullmatch(r"c([0-9a-f]{8})\.(\d{1,15})", cursor, re.ASCII)
    after = int(parts[2]) if parts else -1
    if parts is None or parts[1] != tx.fact(EPOCH):
        raise Refusal(410, "CursorGone", "The cursor is too old: read everything again")
    return after


def _page(tx: Tx, entries: list[Json], after: int, more: bool) -> Answer:
    last = entries[-1]["seq"] if entries else after
    return Answer({"data": entries, "nextCursor": f"c{tx.fact(EPOCH)}.{last}", "hasMore": more}, ours=True)
