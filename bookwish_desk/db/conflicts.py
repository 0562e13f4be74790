"""Differences from the online store as rows: open until they are decided or gone, then a fact that stays.

What opens one and what a decision does is not known here (`actions.deciding`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.db.link import add, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.conflict import Conflict, Kind
from bookwish_desk.shop.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOUN = "conflicts"
"""The noun of a commit that opened, changed or closed one."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Conflict)

_SUBJECT = "SELECT id, body FROM conflicts WHERE kind = ? AND subject = ? AND closed_at IS NULL"
_REFRESH = "UPDATE conflicts SET order_id = ?, body = ? WHERE id = ? AND closed_at IS NULL"
_CLOSE = (
    "UPDATE conflicts SET closed_at = ?, choice = ?, staff = ?, reason = ? WHERE id = ? AND closed_at IS NULL"
)
_CLOSE_SUBJECT = "UPDATE conflicts SET closed_at = ? WHERE kind = ? AND subject = ? AND closed_at IS NULL"
_BY_ID = "SELECT body FROM conflicts WHERE id = ? AND closed_at IS NULL"
_OPEN = "SELECT body FROM conflicts WHERE closed_at IS NULL ORDER BY opened_at, id"
_OPEN_KIND = "SELECT body FROM conflicts WHERE kind = ? AND closed_at IS NULL ORDER BY opened_at, id"
_OPEN_SUBJECTS = "SELECT subject FROM conflicts WHERE kind = ? AND closed_at IS NULL ORDER BY subject"
_OF_ORDER = "SELECT body FROM conflicts WHERE order_id = ? AND closed_at IS NULL ORDER BY opened_at, id"
_NOTED = (
    "SELECT subject, body FROM conflicts WHERE kind = ? AND choice = 'noted' AND closed_at IS NOT NULL"
    " ORDER BY closed_at, id"
)
_HISTORY = (
    "SELECT opened_at, closed_at, choice, staff, reason, body FROM conflicts"
    " WHERE closed_at IS NOT NULL AND coalesce(order_id = nullif(?, ''), true)"
    " ORDER BY closed_at DESC, id DESC LIMIT ?"
)
_LAST_DECIDED = (
    "SELECT opened_at, closed_at, choice, staff, reason, body FROM conflicts"
    " WHERE kind = ? AND subject = ? AND closed_at IS NOT NULL AND staff <> ''"
    " ORDER BY closed_at DESC, id DESC LIMIT 1"
)


class Closed(msgspec.Struct, frozen=True):
    """A conflict that is no more: when it was open, what was decided, by whom; no `staff` where it went."""

    conflict: Conflict
    opened_at: int
    closed_at: int
    choice: str = ""
    staff: str = ""
    reason: str = ""


def open_conflict(tx: Tx, conflict: Conflict) -> str:
    """Keep a difference and return its id; an open one of the same kind and subject is brought up to date."""
    row = query(tx.conn, _SUBJECT, (conflict.kind, conflict.subject)).fetchone()
    kept = replace(conflict, id=row[0] if row else conflict.id or new_id())
    body = _encoder.encode(kept).decode()
    if row is None:
        values = {
            "id": kept.id, "kind": kept.kind, "subject": kept.subject, "order_id": kept.order_id,
            "opened_at": tx.at, "body": body,
        }  # fmt: skip
        add(tx.conn, "conflicts", values)
    elif row[1] != body:
        query(tx.conn, _REFRESH, (kept.order_id, body, kept.id))
    else:
        return kept.id
    tx.touch(NOUN)
    return kept.id


def close_conflict(tx: Tx, kind: Kind, subject: str) -> bool:
    """Close what is no difference any more; say whether one was open."""
    closed = query(tx.conn, _CLOSE_SUBJECT, (tx.at, kind, subject)).rowcount
    if closed:
        tx.touch(NOUN)
    return bool(closed)


def close_decided(tx: Tx, conflict_id: str, *, choice: str, staff: str, reason: str) -> bool:
    """Close what a person decided; say whether it was still open."""
    closed = query(tx.conn, _CLOSE, (tx.at, choice, staff, reason, conflict_id)).rowcount
    if closed:
        tx.touch(NOUN)
    return bool(closed)


def by_id(conn: Connection, conflict_id: str) -> Conflict | None:
    """Return an open conflict."""
    row = query(conn, _BY_ID, (conflict_id,)).fetchone()
    return None if row is None else _decoder.decode(row[0])


def find(conn: Connection, kind: Kind, subject: str) -> Conflict | None:
    """Return the open conflict of a kind about something."""
    row = query(conn, _SUBJECT, (kind, subject)).fetchone()
    return None if row is None else _decoder.decode(row[1])


def all_open(conn: Connection) -> tuple[Conflict, ...]:
    """Return every open conflict, the oldest first."""
    return _read(query(conn, _OPEN))


def of_kind(conn: Connection, kind: Kind) -> tuple[Conflict, ...]:
    """Return the open conflicts of a kind, the oldest first."""
    return _read(query(conn, _OPEN_KIND, (kind,)))


def open_subjects(conn: Connection, kind: Kind) -> tuple[str, ...]:
    """Return what the open conflicts of a kind are about."""
    return tuple(str(subject) for (subject,) in query(conn, _OPEN_SUBJECTS, (kind,)))


def noted(conn: Connection, kind: Kind) -> dict[str, Conflict]:
    """Return what was seen last of each subject of a kind: while it stays so nobody is asked again."""
    return {str(subject): _decoder.decode(body) for subject, body in query(conn, _NOTED, (kind,))}


def of_order(conn: Connection, order_id: str) -> tuple[Conflict, ...]:
    """Return the open conflicts of an order, the oldest first."""
    return _read(query(conn, _OF_ORDER, (order_id,)))


def count(conn: Connection) -> int:
    """Return how many conflicts are open."""
    return int(query(conn, "SELECT count(*) FROM conflicts WHERE closed_at IS NULL").fetchone()[0])


def closed(conn: Connection, order_id: str = "", most: int = 100) -> tuple[Closed, ...]:
    """Return what was decided or went by itself, the latest first; of one order where it is named."""
    return tuple(_closed(row) for row in query(conn, _HISTORY, (order_id, most)))


def last_decided(conn: Connection, kind: Kind, subject: str) -> Closed | None:
    """Return what a person decided last of a kind about something."""
    row = query(conn, _LAST_DECIDED, (kind, subject)).fetchone()
    return None if row is None else _closed(row)


def _closed(row: Sequence[Any]) -> Closed:
    opened_at, closed_at, choice, staff, reason, body = row
    return Closed(_decoder.decode(body), opened_at, closed_at, choice, staff, reason)


def _read(rows: Iterable[tuple[str]]) -> tuple[Conflict, ...]:
    return tuple(_decoder.decode(body) for (body,) in rows)
