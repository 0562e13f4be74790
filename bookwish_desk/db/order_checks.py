"""What must be true of orders, looked for in the stored rows: each check returns sentences on faults.

An order is a document; what stands beside it in columns, promises, search and stock must follow from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection

from bookwish_desk.db.checks import MOST, Rule, broken, rows_of
from bookwish_desk.db.orders import claims, is_open
from bookwish_desk.shop.order import Order, fault, stock_taken

_UNINDEXED = (
    Rule(
        "Order {0} is not in the search index.",
        "SELECT number FROM orders WHERE no NOT IN (SELECT id FROM order_search_docsize)",
    ),
    Rule(
        "The search index has words of an order that is not there (row {0}).",
        "SELECT id FROM order_search_docsize WHERE id NOT IN (SELECT no FROM orders)",
    ),
)
_HISTORY = (
    Rule(
        "The history of order {0} does not tell how it began.",
        "SELECT number FROM orders WHERE id NOT IN (SELECT order_id FROM order_events WHERE kind = 'placed')",
    ),
    Rule(
        "The journal tells of {0} with order {1} {2} times, its history {3} times.",
        "SELECT substr(j.kind, 7), j.ref, j.times, coalesce(e.times, 0) FROM"
        " (SELECT kind, ref, count(*) AS times FROM journal WHERE kind LIKE 'order.%' GROUP BY kind, ref) j"
        " JOIN (SELECT DISTINCT number FROM orders) o ON o.number = j.ref LEFT JOIN"
        " (SELECT orders.number, order_events.kind, count(*) AS times FROM order_events"
        "  JOIN orders ON orders.id = order_events.order_id GROUP BY orders.number, order_events.kind) e"
        " ON e.number = j.ref AND 'order.' || e.kind = j.kind WHERE coalesce(e.times, 0) < j.times",
    ),
)
_MOVED = "SELECT ref, sku, -sum(quantity) FROM stock_moves WHERE cause = 'order' GROUP BY ref, sku"
_UNSTOCKED = (
    "SELECT sku FROM main.items WHERE NOT stocked UNION "
    "SELECT ref FROM journal WHERE kind = 'item.edited' AND body LIKE '%\"stocked\"%'"
)
"""Items of which no stock is kept, or was not at some time: their orders need not have moved any."""


def orders(conn: Connection) -> list[str]:
    """Return the orders that cannot be read, do not add up, or whose columns say something else."""
    return list(_first(_kept(conn)))


def promises(conn: Connection) -> list[str]:
    """Return where copies are promised, or waited for, otherwise than the orders say."""
    rows = rows_of(conn, "SELECT order_id, sku, copies, wanted FROM allocations")
    kept = {(order, sku): (int(copies), int(wanted)) for order, sku, copies, wanted in rows}
    faults: list[str] = []
    for order in _all(conn):
        wanted = {(order.id, sku): both for sku, both in claims(order).items()}
        for key, both in wanted.items():
            if kept.pop(key, (0, 0)) != both:
                faults.append(f"What is promised of {key[1]} to order {order.number} is not what it says.")
    faults += [f"Copies of {sku} are promised to an order that does not ask for them." for _, sku in kept]
    return faults[:MOST]


def stock(conn: Connection) -> list[str]:
    """Return where stock was not moved as the orders say that copies left."""
    left: Counter[tuple[str, str]] = Counter()
    for order in _all(conn):
        for sku, copies in stock_taken(order).items():
            left[order.number, sku] += copies
    moved = Counter({(ref, sku): int(copies) for ref, sku, copies in rows_of(conn, _MOVED)})
    unstocked = {sku for (sku,) in rows_of(conn, _UNSTOCKED)}
    return [
        f"{left[key]} copies of {key[1]} left for order {key[0]}, but the stock moved by {moved[key]}."
        for key in sorted(left.keys() | moved.keys())
        if left[key] != moved[key] and key[1] not in unstocked
    ][:MOST]


def search(conn: Connection) -> list[str]:
    """Return the orders that a search does not find, and words of orders that are not there."""
    return broken(conn, _UNINDEXED)


def history(conn: Connection) -> list[str]:
    """Return the orders whose history lacks something."""
    return broken(conn, _HISTORY)


def everything(conn: Connection) -> list[str]:
    """Return what is wrong with orders altogether, the worst first; where some cannot be read, only that."""
    faults = orders(conn)
    if any(fault.endswith(_UNREADABLE) for fault in faults):
        return faults
    return (faults + promises(conn) + stock(conn) + history(conn) + search(conn))[:MOST]


_UNREADABLE = "cannot be read."
_ROWS = "SELECT id, source, number, state, open, placed_at, body FROM orders ORDER BY no"


def _kept(conn: Connection) -> Iterator[str]:
    decode = msgspec.json.Decoder(Order).decode
    for key, source, number, state, is_kept_open, placed_at, body in rows_of(conn, _ROWS):
        try:
            order = decode(body)
        except msgspec.DecodeError:
            yield f"Order {number} {_UNREADABLE}"
            continue
        if wrong := fault(order):
            yield f"Order {number} does not add up: {wrong}"
        told = (order.id, order.source, order.number, order.state, is_open(order, 0), order.placed_at)
        if told != (key, source, number, state, bool(is_kept_open), placed_at):
            yield f"Order {number} is kept under another state, number or source than its own."


def _all(conn: Connection) -> Iterator[Order]:
    decode = msgspec.json.Decoder(Order).decode
    for (body,) in rows_of(conn, "SELECT body FROM orders ORDER BY no"):
        yield decode(body)


def _first(faults: Iterator[str]) -> Iterator[str]:
    for _, sentence in zip(range(MOST), faults, strict=False):
        yield sentence
