"""What the Sync screen lists of what goes up and of differences: counts, and no more rows than are shown.

Reads only. The rows themselves belong to `db.netbox` and `db.conflicts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db import conflicts, netbox
from bookwish_desk.db.link import query
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.shop.conflict import Conflict

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OURS = "device = '' AND channel = 'net'"
_KINDS = (
    "SELECT kind, count(*), min(id), min(next_try_at), sum(attempts > 0) FROM outbox"
    f" WHERE {_OURS} AND state IN ('new', 'sending') GROUP BY kind"
)
_IDS = f"SELECT id FROM outbox WHERE {_OURS} AND state IN ({{}}) ORDER BY id LIMIT ?"
_DIFFERENCES = "SELECT kind, count(*) FROM conflicts WHERE closed_at IS NULL GROUP BY kind"
_OF_KINDS = (
    "SELECT id FROM conflicts WHERE closed_at IS NULL AND kind IN (SELECT value FROM json_each(?))"
    " ORDER BY opened_at, id LIMIT ?"
)
_ORDERS = "SELECT DISTINCT order_id FROM conflicts WHERE closed_at IS NULL AND order_id <> ''"


class WaitingKind(msgspec.Struct, frozen=True):
    """What of one kind is still to be sent: how many, the oldest, when one is due, how many were tried."""

    kind: str
    number: int
    oldest: Job
    next_try_at: int
    tried: int


def waiting(conn: Connection) -> tuple[WaitingKind, ...]:
    """Return what is still to be sent, one value a kind, in the order in which kinds are sent."""
    found = []
    for kind, number, first, next_at, tried in query(conn, _KINDS).fetchall():
        oldest = netbox.by_id(conn, first)
        if oldest is not None:
            found.append(WaitingKind(kind, int(number), oldest, int(next_at), int(tried)))
    return tuple(sorted(found, key=lambda w: netbox.KINDS.index(w.kind) if w.kind in netbox.KINDS else 99))


def uploads(conn: Connection, states: Sequence[State], most: int) -> tuple[Job, ...]:
    """Return rows in some of the states, the oldest first, at most so many."""
    marks = ", ".join("?" for _ in states)
    ids = [row[0] for row in query(conn, _IDS.format(marks), (*states, most))]
    return tuple(job for job_id in ids if (job := netbox.by_id(conn, job_id)) is not None)


def difference_counts(conn: Connection) -> dict[str, int]:
    """Return how many differences of each kind are open."""
    return {str(kind): int(number) for kind, number in query(conn, _DIFFERENCES)}


def differences(conn: Connection, kinds: Sequence[str], most: int) -> tuple[Conflict, ...]:
    """Return open differences of these kinds, the oldest first, at most so many."""
    asked = msgspec.json.encode(list(kinds)).decode()
    ids = [row[0] for row in query(conn, _OF_KINDS, (asked, most))]
    return tuple(c for conflict_id in ids if (c := conflicts.by_id(conn, conflict_id)) is not None)


def orders_that_differ(conn: Connection) -> frozenset[str]:
    """Return the ids of the orders with an open difference."""
    return frozenset(str(row[0]) for row in query(conn, _ORDERS))
