"""Reads how orders went: when they were placed, ready or shipped, and what went wrong with them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.shop.figures import Course, Mishap

if TYPE_CHECKING:
    from sqlalchemy import Connection


class _Book(msgspec.Struct):
    """Of a line as it is kept, only from which day on it may be sold, and how many copies are wanted."""

    ordered: int
    cancelled: int = 0
    street_date: str = ""


class _Kept(msgspec.Struct):
    """Of an order as it is kept, only how it reaches the customer and when its books come out."""

    kind: str
    lines: tuple[_Book, ...] = ()


_kept = msgspec.json.Decoder(_Kept)
_mishap = msgspec.json.Decoder(Mishap)

_IN_PERIOD = (
    "FROM orders WHERE open IN (0, 1) AND placed_at >= ? AND placed_at < ?"
    " AND state NOT IN ('in_checkout', 'abandoned')"
)
_PLACED = f"SELECT id, source, placed_at, state, body {_IN_PERIOD} ORDER BY placed_at, no"
_DONE = (
    "SELECT order_id, min(at) FROM order_events WHERE kind IN ('ready', 'ship', 'wholesaler_ship')"
    f" AND order_id IN (SELECT id {_IN_PERIOD}) GROUP BY order_id"
)
_PROBLEMS = (
    "SELECT order_id, body FROM order_events WHERE kind = 'problem'"
    f" AND order_id IN (SELECT id {_IN_PERIOD}) ORDER BY id"
)


def courses(conn: Connection, begins: int, ends: int) -> tuple[Course, ...]:
    """Return how the orders went that were placed from one moment up to another (ms UTC), oldest first."""
    between = (begins, ends)
    done = dict(query(conn, _DONE, between).fetchall())
    mishaps: dict[str, list[Mishap]] = defaultdict(list)
    for order_id, body in query(conn, _PROBLEMS, between):
        mishaps[order_id].append(_mishap.decode(body))
    found = []
    for order_id, source, placed_at, state, body in query(conn, _PLACED, between):
        kept = _kept.decode(body)
        dates = {x.street_date for x in kept.lines if x.street_date and x.ordered > x.cancelled}
        course = Course(
            source=source,
            kind=kept.kind,
            placed_at=placed_at,
            done_at=done.get(order_id, 0),
            cancelled=state == "cancelled",
            mishaps=tuple(mishaps.get(order_id, ())),
            street_dates=tuple(sorted(dates)),
        )
        found.append(course)
    return tuple(found)
