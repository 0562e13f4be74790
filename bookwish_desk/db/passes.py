"""What was read from the online store lately, and which register does what alone; reads and writes.

Tables `sync_passes` and `leases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.sync_state import Pass

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEPT = 50
"""So many passes are remembered."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Pass)


def note(tx: Tx, made: Pass) -> None:
    """Remember a pass that has ended, and forget the oldest."""
    query(
        tx.conn,
        "INSERT INTO sync_passes (kind, began_at, ended_at, complete, body) VALUES (?, ?, ?, ?, ?)",
        (made.kind, made.began_at, made.ended_at, int(made.complete), _encoder.encode(made).decode()),
    )
    query(
        tx.conn,
        "DELETE FROM sync_passes WHERE id <= (SELECT id FROM sync_passes ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (KEPT,),
    )
    tx.touch("passes")


def latest(conn: Connection, most: int = KEPT) -> tuple[Pass, ...]:
    """Return the passes that ended last, the latest first."""
    rows = query(conn, "SELECT body FROM sync_passes ORDER BY id DESC LIMIT ?", (most,))
    return tuple(_decoder.decode(body) for (body,) in rows)


def last_of(conn: Connection, kind: str) -> int:
    """Return when the last complete pass of a kind ended (ms UTC), 0 for never."""
    row = query(
        conn, "SELECT max(ended_at) FROM sync_passes WHERE kind = ? AND complete = 1", (kind,)
    ).fetchone()
    return int(row[0] or 0)


def take_lease(tx: Tx, name: str, holder: str, ms: int) -> bool:
    """Let a holder do something alone for `ms`, also once more; False: somebody else does it.

    A lease further in the future than it can last was taken before the clock was put back: it is over.
    """
    taken = query(
        tx.conn,
        "INSERT INTO leases (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
        " SET holder = excluded.holder, until = excluded.until"
        " WHERE leases.holder = excluded.holder OR leases.until <= ? OR leases.until > ?",
        (name, holder, tx.at + ms, tx.at, tx.at + 2 * ms),
    )
    return bool(taken.rowcount == 1)


def drop_lease(tx: Tx, name: str, holder: str) -> None:
    """Let somebody else do it at once."""
    query(tx.conn, "DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))
