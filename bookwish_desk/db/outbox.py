"""The outbox: jobs for devices and far sides, as rows with a state; reads and state changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx

if TYPE_CHECKING:
    from sqlalchemy import Connection

State = Literal["queued", "sending", "printed", "sent", "unknown", "failed", "expired"]

MOST_AHEAD_MS = 5_000
"""A job made further in the future than this was made before the clock was put back: its time is unknown."""

PRIVATE = "key"
"""Slips of this kind hold a key, a code or a badge: what is on them goes as soon as they are printed."""


class Job(msgspec.Struct, frozen=True):
    """One job. `payload` is the frozen value as JSON, `status` the last thing said about it."""

    id: str
    channel: str
    kind: str
    ref: str
    register: int
    payload: bytes
    state: State
    attempts: int
    created_at: int
    next_try_at: int
    expires_at: int | None
    status: str


_JOB = (
    "SELECT id, channel, kind, ref, register, payload, state, attempts, created_at, next_try_at, expires_at,"
    " last_status FROM outbox"
)
_QUEUED = "channel = ? AND register = ? AND state = 'queued'"
_FORGET = "UPDATE outbox SET payload = x'', bytes = NULL WHERE kind = ? AND"


def _job(row: Sequence[Any]) -> Job:
    return Job(*row)


def _only(row: Sequence[Any] | None) -> Job | None:
    return None if row is None else _job(row)


def stop(tx: Tx, register: int, status: str) -> int:
    """Let what was being sent be unknown; say how many jobs that were."""
    found = query(
        tx.conn,
        "UPDATE outbox SET state = 'unknown', last_status = ? WHERE state = 'sending' AND register = ?",
        (status, register),
    ).rowcount
    if found:
        tx.touch("outbox")
    return int(found)


def expire(tx: Tx, channel: str, register: int) -> int:
    """Mark queued jobs whose time has passed; say how many. They wait for a person (Reprint)."""
    gone = query(
        tx.conn,
        f"UPDATE outbox SET state = 'expired', last_status = ? WHERE {_QUEUED}"
        " AND (expires_at <= ? OR created_at > ?)",
        ("It was not printed in time.", channel, register, tx.at, tx.at + MOST_AHEAD_MS),
    ).rowcount
    if gone:
        tx.touch("outbox")
        expired = f"{_FORGET} channel = ? AND register = ? AND state = 'expired'"
        query(tx.conn, expired, (PRIVATE, channel, register))
    return int(gone)


def next_due(conn: Connection, channel: str, register: int, at: int) -> Job | None:
    """Return the oldest queued job whose time to try has come."""
    due = f"{_JOB} WHERE {_QUEUED} AND next_try_at <= ? ORDER BY id LIMIT 1"
    return _only(query(conn, due, (channel, register, at)).fetchone())


def next_moment(conn: Connection, channel: str, register: int) -> int | None:
    """Return when the next queued job is due or expires, or None when none is queued."""
    moment = f"SELECT min(next_try_at) FROM outbox WHERE {_QUEUED}"
    found: int | None = query(conn, moment, (channel, register)).fetchone()[0]
    return found


def by_id(conn: Connection, job_id: str) -> Job | None:
    """Return one job."""
    return _only(query(conn, f"{_JOB} WHERE id = ?", (job_id,)).fetchone())


def latest(conn: Connection, ref: str, kind: str) -> Job | None:
    """Return the latest job of a kind about `ref`, for example the receipt R1-000042."""
    newest = f"{_JOB} WHERE ref = ? AND kind = ? ORDER BY id DESC LIMIT 1"
    return _only(query(conn, newest, (ref, kind)).fetchone())


def about(conn: Connection, ref: str, kind: str) -> tuple[Job, ...]:
    """Return all jobs of a kind about `ref`, oldest first."""
    rows = query(conn, f"{_JOB} WHERE ref = ? AND kind = ? ORDER BY id", (ref, kind))
    return tuple(_job(row) for row in rows)


def set_state(
    tx: Tx,
    job_id: str,
    state: State,
    status: str,
    *,
    was: State,
    data: bytes | None = None,
    next_try_at: int | None = None,
) -> bool:
    """Move a job from state `was`; say whether it was still there (else somebody else moved it)."""
    moved = query(
        tx.conn,
        "UPDATE outbox SET state = :state, last_status = :status, bytes = coalesce(:data, bytes),"
        " attempts = attempts + (:state = 'sending'), next_try_at = coalesce(:next, next_try_at)"
        " WHERE id = :id AND state = :was",
        {"state": state, "status": status, "data": data, "next": next_try_at, "id": job_id, "was": was},
    ).rowcount
    if state in ("printed", "sent"):
        query(tx.conn, f"{_FORGET} id = ? AND state = ?", (PRIVATE, job_id, state))
    tx.touch("outbox")
    return bool(moved == 1)


OPEN_STATES = ("queued", "sending", "unknown", "failed", "expired")


def unfinished(conn: Connection, register: int | None = None, most: int = 200) -> tuple[Job, ...]:
    """Return jobs that did not end well and are not settled, oldest first: somebody may have to look."""
    open_states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    rows = query(
        conn,
        f"{_JOB} WHERE state IN ({open_states}) AND channel <> 'drawer'"
        " AND coalesce(register = ?, true) ORDER BY id LIMIT ?",
        (register, most),
    )
    return tuple(_job(row) for row in rows)
