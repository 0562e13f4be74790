"""Online orders kept as documents, with their history, their search words and what is promised to them.

An order is one row whose body is the frozen value, replaced as a whole; every change of it is an event,
which is never changed. What may be done to an order is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.db import codes
from bookwish_desk.db.folding import fold, prefixes, terms
from bookwish_desk.db.link import add, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.order import WORKING, Order, promised
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_queue import tasks

if TYPE_CHECKING:
    from sqlalchemy import Connection

_decoder = msgspec.json.Decoder(Order)
_encoder = msgspec.json.Encoder()

MOST_FOUND = 200

_BY_ID = "SELECT body FROM orders WHERE id = ?"
_BY_NUMBER = "SELECT body FROM orders WHERE number = ? COLLATE NOCASE ORDER BY no DESC"
_OPEN = "SELECT body FROM orders WHERE open = 1 ORDER BY placed_at, no"
_NEAR = (
    "SELECT body FROM orders WHERE open = 1"
    " AND trim(lower(json_extract(body, '$.address.postal_code'))) = trim(lower(?)) ORDER BY placed_at, no"
)
_CLOSED_COUNTS = "SELECT state, count(*) FROM orders WHERE open = 0 GROUP BY state"
_CLOSED = (
    "SELECT no, body FROM orders WHERE +open = 0 AND (state IN ('in_checkout', 'abandoned')) = ? AND no < ?"
    " ORDER BY no DESC LIMIT ?"
)
_FRESH = "SELECT body FROM orders WHERE open = 1 AND state IN ('pending', 'confirmed') ORDER BY placed_at, no"
_NEWEST = "SELECT no, body FROM orders WHERE no < ? ORDER BY no DESC LIMIT ?"
_FOUND = (
    "SELECT orders.no, orders.body FROM order_search CROSS JOIN orders ON orders.no = order_search.rowid"
    " WHERE order_search MATCH ? AND order_search.rowid < ? ORDER BY order_search.rowid DESC LIMIT ?"
)
_SAVE = (
    "UPDATE orders SET state = :state, open = :open, changed_at = :at, revision = revision + 1,"
    " body = :body WHERE id = :id RETURNING no"
)
_HISTORY = (
    "SELECT id, order_id, kind, at, staff, register, body FROM order_events WHERE order_id = ? ORDER BY id"
)
_PROMISED = "SELECT sum(copies) FROM allocations WHERE sku = ?"
_WANTING = (
    "SELECT body FROM orders WHERE id IN (SELECT order_id FROM allocations WHERE wanted > 0 AND sku IN ({}))"
    " ORDER BY placed_at, no"
)
_HOLDERS = (
    "SELECT orders.body FROM allocations JOIN orders ON orders.id = allocations.order_id"
    " WHERE allocations.sku = ? AND copies > 0 ORDER BY orders.placed_at DESC, orders.no DESC"
)
LAST = 2**62


class Event(msgspec.Struct, frozen=True):
    """One change of an order. `kind` is a verb of `shop.order_step`, or another word; `body` is JSON."""

    id: int
    order: str
    kind: str
    at: int
    staff: str
    register: int
    body: str


class OrderFile(msgspec.Struct, frozen=True):
    """A photo (JPEG) that belongs to an order."""

    id: str
    at: int
    staff: str
    note: str
    picture: bytes


class Page(msgspec.Struct, frozen=True):
    """Orders newest first; `more` is what gets the next page, 0 when there is none."""

    orders: tuple[Order, ...]
    more: int = 0


def is_open(order: Order, at: int) -> bool:
    """Say whether somebody has still to do something about an order, whatever the time."""
    return order.state in WORKING or order.state == "in_checkout" or bool(tasks(order, at))


def load(conn: Connection, order_id: str) -> Order:
    """Return an order. Raises Refused when there is none of this id."""
    row = query(conn, _BY_ID, (order_id,)).fetchone()
    if row is None:
        raise Refused("no_order", "This order is not in the books.", order=order_id)
    return _decoder.decode(row[0])


def by_number(conn: Connection, number: str) -> tuple[Order, ...]:
    """Return the orders of a number, newest first: two sources may have used the same one."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _BY_NUMBER, (number.strip(),)))


def open_orders(conn: Connection) -> tuple[Order, ...]:
    """Return every order that is not done with, oldest first: what queues and deadlines are made of."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _OPEN))


def open_near(conn: Connection, postal_code: str) -> tuple[Order, ...]:
    """Return the open orders that are sent to a postal code, oldest first; no other is decoded."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _NEAR, (postal_code,)))


def count_closed(conn: Connection) -> dict[str, int]:
    """Return how many orders nobody has to do anything about any more, by state."""
    return {str(state): int(count) for state, count in query(conn, _CLOSED_COUNTS)}


def closed(conn: Connection, *, carts: bool, before: int = 0, limit: int = MOST_FOUND) -> Page:
    """Return orders that are done with, newest first: those placed once, or checkouts (`carts`)."""
    rows = query(conn, _CLOSED, (carts, before or LAST, limit + 1)).fetchall()
    more = int(rows[limit - 1][0]) if len(rows) > limit else 0
    return Page(tuple(_decoder.decode(body) for _no, body in rows[:limit]), more)


def fresh(conn: Connection) -> tuple[Order, ...]:
    """Return the orders that nobody has begun to work on, oldest first."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _FRESH))


def search(conn: Connection, words: str, *, before: int = 0, limit: int = MOST_FOUND) -> Page:
    """Return orders of every state that hold all words, newest first; without words, the newest.

    Looked in are number, customer, e-mail, telephone, codes, titles, memo, source and tracking number.
    `before` is `more` of the page before.
    """
    asked = terms(words)
    if words.strip() and not asked:
        return Page(())
    top = before or LAST
    if asked:
        rows = query(conn, _FOUND, (_match(asked, words), top, limit + 1)).fetchall()
    else:
        rows = query(conn, _NEWEST, (top, limit + 1)).fetchall()
    more = int(rows[limit - 1][0]) if len(rows) > limit else 0
    return Page(tuple(_decoder.decode(body) for _no, body in rows[:limit]), more)


def _match(asked: list[str], words: str) -> str:
    """Return the query for all words; one typed with blanks or hyphens may also be a single code."""
    code = codes.typed_code(words)
    return f"({prefixes(asked)}) OR {prefixes([code])}" if code else prefixes(asked)


def insert(tx: Tx, order: Order) -> None:
    """Keep a new order. Raises Refused where its source has used the number before."""
    taken = "SELECT id FROM orders WHERE source = ? AND number = ?"
    if query(tx.conn, taken, (order.source, order.number)).fetchone() is not None:
        raise Refused("known", f"{order.number} is in the books already.", number=order.number)
    add(
        tx.conn,
        "orders",
        {
            "id": order.id,
            "source": order.source,
            "number": order.number,
            "state": order.state,
            "open": is_open(order, tx.at),
            "placed_at": order.placed_at,
            "changed_at": tx.at,
            "revision": 1,
            "body": _encoder.encode(order).decode(),
        },
    )
    no = int(query(tx.conn, "SELECT no FROM orders WHERE id = ?", (order.id,)).fetchone()[0])
    _index(tx, no, order)
    _promise(tx, order)
    tx.touch("orders")


def save(tx: Tx, before: Order, after: Order) -> None:
    """Replace an order, with its search words and what is promised to it."""
    values = {
        "id": after.id,
        "state": after.state,
        "open": is_open(after, tx.at),
        "at": tx.at,
        "body": _encoder.encode(after).decode(),
    }
    no = int(query(tx.conn, _SAVE, values).fetchone()[0])
    if search_words(before) != search_words(after):
        _index(tx, no, after)
    if claims(before) != claims(after):
        _promise(tx, after)
    tx.touch("orders")


def record(tx: Tx, order_id: str, kind: str, *, staff: str, register: int, body: Any) -> None:
    """Append one change to the history of an order."""
    row = {
        "order_id": order_id,
        "kind": kind,
        "at": tx.at,
        "staff": staff,
        "register": register,
        "body": _encoder.encode(body).decode(),
    }
    add(tx.conn, "order_events", row)
    tx.touch("orders")


def history(conn: Connection, order_id: str) -> tuple[Event, ...]:
    """Return every change of an order, oldest first."""
    return tuple(Event(*row) for row in query(conn, _HISTORY, (order_id,)))


def keep_file(tx: Tx, order_id: str, *, staff: str, note: str, picture: bytes) -> str:
    """Keep a photo (JPEG) that belongs to an order, and return its id."""
    file_id = new_id()
    row = {"id": file_id, "order_id": order_id, "at": tx.at, "staff": staff, "note": note}
    add(tx.conn, "order_files", {**row, "picture": picture})
    tx.touch("orders")
    return file_id


def files(conn: Connection, order_id: str) -> tuple[OrderFile, ...]:
    """Return the photos of an order, oldest first."""
    rows = query(
        conn,
        "SELECT id, at, staff, note, picture FROM order_files WHERE order_id = ? ORDER BY id",
        (order_id,),
    )
    return tuple(OrderFile(*row) for row in rows)


def promised_copies(conn: Connection, sku: str) -> int:
    """Return how many copies of a SKU that are in the shop are promised to orders."""
    return int(query(conn, _PROMISED, (sku,)).fetchone()[0] or 0)


def holders(conn: Connection, sku: str) -> tuple[Order, ...]:
    """Return the orders to which copies of a SKU are promised, the one placed last first."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _HOLDERS, (sku,)))


def search_words(order: Order) -> str:
    """Return what an order is found by, folded."""
    who, where = order.customer, order.address
    texts: list[str] = [order.number, order.source, order.memo, order.hold, order.shelf]
    if who is not None:
        texts += [who.name, who.email, who.phone]
    if where is not None:
        texts += [where.name, where.postal_code, where.city]
    for line in order.lines:
        texts += [line.title, line.detail, line.sku]
        texts += codes.texts(line.ean) if line.ean is not None else ()
    texts += [parcel.tracking for parcel in order.parcels]
    return " ".join(dict.fromkeys(word for text in texts for word in fold(text).split()))


def _index(tx: Tx, no: int, order: Order) -> None:
    query(tx.conn, "DELETE FROM order_search WHERE rowid = ?", (no,))
    query(tx.conn, "INSERT INTO order_search(rowid, words) VALUES (?, ?)", (no, search_words(order)))


def claims(order: Order) -> dict[str, tuple[int, int]]:
    """Return by SKU how many copies are promised to an order, and how many it would take if there were."""
    held = promised(order)
    wanted = dict.fromkeys(held, 0)
    if order.state in WORKING and order.owner.name == "store":
        for line in order.lines:
            wanted[line.sku] = wanted.get(line.sku, 0) + ROOM["allocate"](line)
    return {sku: (held.get(sku, 0), n) for sku, n in wanted.items() if n or held.get(sku)}


def _promise(tx: Tx, order: Order) -> None:
    query(tx.conn, "DELETE FROM allocations WHERE order_id = ?", (order.id,))
    for sku, (copies, wanted) in claims(order).items():
        row = {"order_id": order.id, "sku": sku, "copies": copies, "wanted": wanted}
        add(tx.conn, "allocations", row)


def by_ids(conn: Connection, ids: Iterable[str]) -> tuple[Order, ...]:
    """Return these orders in this order; those that are not in the books are left out."""
    found: list[Order] = []
    for order_id in ids:
        row = query(conn, _BY_ID, (order_id,)).fetchone()
        if row is not None:
            found.append(_decoder.decode(row[0]))
    return tuple(found)


def wanting(conn: Connection, skus: Sequence[str]) -> tuple[Order, ...]:
    """Return the orders that would take copies of these SKUs, oldest first."""
    rows = query(conn, _WANTING.format(", ".join("?" * len(skus))), tuple(skus))
    return tuple(_decoder.decode(body) for (body,) in rows)
