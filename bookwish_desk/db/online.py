"""What is known of the online store: which order, stock line and sale there is which here, how far was read.

Reads and writes of the tables `online_orders`, `online_items`, `online_sales` and `sync_marks`. What follows
from what the store says is `actions.downloading`; what goes up is `db.netbox`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.db.link import driver_of, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.online import OnlineItem, OnlineOrder, OnlineSale

if TYPE_CHECKING:
    from sqlalchemy import Connection

_encoder = msgspec.json.Encoder()
_order = msgspec.json.Decoder(OnlineOrder)
_item = msgspec.json.Decoder(OnlineItem)
_sale = msgspec.json.Decoder(OnlineSale)

# ---- orders ----

_LINK = "SELECT order_id, far_id, seen_at, body FROM online_orders WHERE source = ? AND far_id = ?"
_FAR = "SELECT order_id, far_id, seen_at, body FROM online_orders WHERE order_id = ?"
_KEEP_LINK = (
    "INSERT INTO online_orders (source, far_id, order_id, status, updated, seen_at, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, far_id) DO UPDATE SET status = excluded.status,"
    " updated = excluded.updated, seen_at = excluded.seen_at, body = excluded.body"
)
_SEEN = (
    "SELECT far_id, updated, status FROM online_orders WHERE source = ?"
    " AND far_id IN (SELECT value FROM json_each(?))"
)
_OPEN = (
    "SELECT online_orders.far_id FROM online_orders JOIN orders ON orders.id = online_orders.order_id"
    " WHERE online_orders.source = ? AND (orders.open = 1"
    " OR lower(online_orders.status) NOT IN (SELECT value FROM json_each(?)))"
    " AND (lower(online_orders.status) <> 'shipped' OR online_orders.updated >= ? OR EXISTS (SELECT 1"
    " FROM conflicts WHERE conflicts.order_id = orders.id AND closed_at IS NULL))"
    " ORDER BY online_orders.seen_at, online_orders.far_id"
)
_UNLINKED = (
    "SELECT orders.id FROM orders LEFT JOIN online_orders ON online_orders.order_id = orders.id"
    " WHERE orders.source = ? AND orders.number = ? COLLATE NOCASE AND online_orders.order_id IS NULL"
    " ORDER BY orders.no LIMIT 1"
)


class OrderLink(msgspec.Struct, frozen=True):
    """An order here that is one of the store's, with how the store had it when it was last heard of."""

    order_id: str
    far_id: str
    seen_at: int
    far: OnlineOrder


def order_link(conn: Connection, source: str, far_id: str) -> OrderLink | None:
    """Return which order here an order of the store is, None where it is not known yet."""
    return _linked(query(conn, _LINK, (source, far_id)).fetchone())


def link_of(conn: Connection, order_id: str) -> OrderLink | None:
    """Return which order of the store an order here is."""
    return _linked(query(conn, _FAR, (order_id,)).fetchone())


def far_of(conn: Connection, order_id: str) -> tuple[str, OnlineOrder] | None:
    """Return the store's id of an order here, and the order as the store had it last."""
    found = link_of(conn, order_id)
    return (found.far_id, found.far) if found else None


def _linked(row: Sequence[Any] | None) -> OrderLink | None:
    return None if row is None else OrderLink(row[0], row[1], row[2], _order.decode(row[3]))


def link(tx: Tx, source: str, order_id: str, far: OnlineOrder) -> None:
    """Note how the store has an order now, and which order here it is; that never changes afterwards."""
    body = _encoder.encode(far).decode()
    query(tx.conn, _KEEP_LINK, (source, far.id, order_id, far.status, far.updated, tx.at, body))
    tx.touch("online")


def seen(conn: Connection, source: str, far_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return by the store's id when each of these orders was changed and its status, as last heard.

    Those never heard of are left out: what is new or changed in a list is what differs from this.
    """
    rows = query(conn, _SEEN, (source, json.dumps(list(far_ids))))
    return {str(far_id): (str(updated), str(status)) for far_id, updated, status in rows}


def open_far_ids(
    conn: Connection, source: str, final: Iterable[str], shipped_since: str = ""
) -> tuple[str, ...]:
    """Return the store's ids of the orders that are open here or there, heard of longest ago first.

    `final` are the store's words of finished orders. Those that were shipped are left out where the store
    has not changed them since a day (YYYY-MM-DD): some carriers never tell of a delivery.
    """
    rows = query(conn, _OPEN, (source, json.dumps(sorted(final)), shipped_since))
    return tuple(str(far_id) for (far_id,) in rows)


def unlinked(conn: Connection, source: str, number: str) -> str:
    """Return the order here of a source and number that is none of the store's yet, "" for none.

    Staff may have typed an order in before the store could be read.
    """
    row = query(conn, _UNLINKED, (source, number.strip())).fetchone()
    return "" if row is None else str(row[0])


# ---- stock ----

_ITEM_COLUMNS = "SELECT body FROM online_items"
_OFFERS = (
    "SELECT sku, body FROM online_items WHERE gone = 0 AND sku IN (SELECT value FROM json_each(?))"
    " ORDER BY sku, quantity DESC, inventory_id"
)
_SKUS = (
    "SELECT inventory_id, sku FROM online_items WHERE sku <> ''"
    " AND inventory_id IN (SELECT value FROM json_each(?))"
)
_KEEP_ITEM = (
    "INSERT INTO online_items (inventory_id, book_id, sku, quantity, updated, seen_at, gone, body)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (inventory_id) DO UPDATE SET book_id = excluded.book_id,"
    " sku = excluded.sku, quantity = excluded.quantity, updated = excluded.updated,"
    " seen_at = excluded.seen_at, gone = 0, body = excluded.body"
)
_SEEN_ITEMS = "UPDATE online_items SET seen_at = ? WHERE inventory_id IN (SELECT value FROM json_each(?))"
_REMOVE = (
    "UPDATE online_items SET gone = 1, seen_at = ? WHERE inventory_id IN (SELECT value FROM json_each(?))"
)
_KNOWN_ITEMS = (
    "SELECT inventory_id, sku, gone, body FROM online_items"
    " WHERE inventory_id IN (SELECT value FROM json_each(?))"
)


def items_by_sku(conn: Connection, skus: Sequence[str]) -> dict[str, OnlineItem]:
    """Return what the store offers of SKUs of ours; of several lines of one, the one with most copies."""
    found: dict[str, OnlineItem] = {}
    for sku, body in query(conn, _OFFERS, (json.dumps(list(skus)),)):
        if sku not in found:
            found[str(sku)] = _item.decode(body)
    return found


def item(conn: Connection, inventory_id: str) -> OnlineItem | None:
    """Return a line of the store's stock as last observed, also one that it has no more."""
    row = query(conn, f"{_ITEM_COLUMNS} WHERE inventory_id = ?", (inventory_id,)).fetchone()
    return None if row is None else _item.decode(row[0])


def skus_of(conn: Connection, inventory_ids: Sequence[str]) -> dict[str, str]:
    """Return which SKU here each of these lines of the store's stock is; those that fit none are left out."""
    rows = query(conn, _SKUS, (json.dumps(list(inventory_ids)),))
    return {str(inventory_id): str(sku) for inventory_id, sku in rows}


def known_items(conn: Connection, inventory_ids: Sequence[str]) -> dict[str, tuple[str, bool, str]]:
    """Return by the store's id: the SKU here, whether the store has it no more, and the kept body."""
    rows = query(conn, _KNOWN_ITEMS, (json.dumps(list(inventory_ids)),))
    return {str(inventory_id): (str(sku), bool(gone), str(body)) for inventory_id, sku, gone, body in rows}


def body_of(observed: OnlineItem) -> str:
    """Return a line of the store's stock as it is kept."""
    return _encoder.encode(observed).decode()


def keep_items(tx: Tx, observed: Iterable[tuple[OnlineItem, str]]) -> None:
    """Note lines of the store's stock, each with the SKU here that it is, "" where none fits."""
    rows = [
        (one.id, one.book_id, sku, one.quantity, one.updated, tx.at, body_of(one)) for one, sku in observed
    ]
    if rows:
        driver_of(tx.conn).executemany(_KEEP_ITEM, rows)
        tx.touch("online")


def seen_items(tx: Tx, inventory_ids: Sequence[str]) -> None:
    """Note that lines of the store's stock were just seen, changed or not."""
    if inventory_ids:
        query(tx.conn, _SEEN_ITEMS, (tx.at, json.dumps(list(inventory_ids))))


def remove_items(tx: Tx, inventory_ids: Sequence[str]) -> int:
    """Note lines that the store said it has no more; say how many were known.

    Absence from a list does not say that.
    """
    if not inventory_ids:
        return 0
    tx.touch("online")
    return int(query(tx.conn, _REMOVE, (tx.at, json.dumps(list(inventory_ids)))).rowcount)


# ---- counter sales ----

_SALE = "SELECT body FROM online_sales WHERE sale = ?"
_SALE_OF = "SELECT sale FROM online_sales WHERE far_id = ?"
_KEEP_SALE = (
    "INSERT INTO online_sales (sale, far_id, number, total_cents, at, body) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (sale) DO NOTHING"
)
_LINKED_SALES = "SELECT far_id, sale FROM online_sales WHERE far_id IN (SELECT value FROM json_each(?))"


def sale_link(conn: Connection, sale_id: str) -> OnlineSale | None:
    """Return a counter sale as the store has it, None while it is not known to be there."""
    row = query(conn, _SALE, (sale_id,)).fetchone()
    return None if row is None else _sale.decode(row[0])


def has_sale(conn: Connection, sale_id: str) -> bool:
    """Say whether a counter sale is known to be at the store."""
    return query(conn, _SALE, (sale_id,)).fetchone() is not None


def sale_of(conn: Connection, far_id: str) -> str:
    """Return which sale here a sale of the store is, "" for none."""
    row = query(conn, _SALE_OF, (far_id,)).fetchone()
    return "" if row is None else str(row[0])


def linked_sales(conn: Connection, far_ids: Sequence[str]) -> dict[str, str]:
    """Return which of these sales of the store are sales here: their ids by the store's."""
    rows = query(conn, _LINKED_SALES, (json.dumps(list(far_ids)),))
    return {str(far_id): str(sale_id) for far_id, sale_id in rows}


def keep_sale(tx: Tx, sale_id: str, far: OnlineSale) -> None:
    """Note that a counter sale is at the store; what was noted first stays."""
    body = _encoder.encode(far).decode()
    query(tx.conn, _KEEP_SALE, (sale_id, far.id, far.number, far.total_cents, tx.at, body))
    tx.touch("online")


def forget_store(tx: Tx) -> None:
    """Forget everything known of a store: its ids mean nothing to the next one, or something else."""
    for table in ("online_orders", "online_items", "online_sales", "sync_marks"):
        query(tx.conn, f"DELETE FROM {table}", ())
    tx.touch("online")


# ---- how far reading has come ----


def mark(conn: Connection, name: str) -> str:
    """Return how far something was read, in the store's own words; "" for never."""
    row = query(conn, "SELECT value FROM sync_marks WHERE name = ?", (name,)).fetchone()
    return "" if row is None else str(row[0])


def set_mark(tx: Tx, name: str, value: str) -> None:
    """Note how far something was read, in the transaction that keeps what was read."""
    query(
        tx.conn,
        "INSERT INTO sync_marks (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
