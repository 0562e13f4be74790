"""The outbox: jobs for devices and far sides, as rows with a state; reads and state changes."""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy import Connection, func, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.store import Tx

_o = tables.outbox.c

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


_columns = (
    _o.id, _o.channel, _o.kind, _o.ref, _o.register, _o.payload, _o.state, _o.attempts, _o.created_at,
    _o.next_try_at, _o.expires_at, _o.last_status.label("status"),
)  # fmt: skip


def _job(row: object) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__struct_fields__})


def expire(tx: Tx, channel: str, register: int) -> int:
    """Mark queued jobs whose time has passed; say how many. They wait for a person (Reprint)."""
    over = (_o.expires_at <= tx.at) | (_o.created_at > tx.at + MOST_AHEAD_MS)
    result = tx.conn.execute(
        update(tables.outbox)
        .where(_o.channel == channel, _o.register == register, _o.state == "queued", over)
        .values(state="expired", last_status="It was not printed in time.")
    )
    if result.rowcount:
        tx.touch("outbox")
        gone = (_o.channel == channel) & (_o.register == register) & (_o.state == "expired")
        tx.conn.execute(update(tables.outbox).where(gone, _o.kind == PRIVATE).values(payload=b"", bytes=None))
    return result.rowcount


def next_due(conn: Connection, channel: str, register: int, at: int) -> Job | None:
    """Return the oldest queued job whose time to try has come."""
    row = conn.execute(
        select(*_columns)
        .where(_o.channel == channel, _o.register == register, _o.state == "queued", _o.next_try_at <= at)
        .order_by(_o.id)
        .limit(1)
    ).first()
    return None if row is None else _job(row)


def next_moment(conn: Connection, channel: str, register: int) -> int | None:
    """Return when the next queued job is due or expires, or None when none is queued."""
    moment = func.min(_o.next_try_at)
    return conn.execute(
        select(moment).where(_o.channel == channel, _o.register == register, _o.state == "queued")
    ).scalar()


def by_id(conn: Connection, job_id: str) -> Job | None:
    """Return one job."""
    row = conn.execute(select(*_columns).where(_o.id == job_id)).first()
    return None if row is None else _job(row)


def latest(conn: Connection, ref: str, kind: str) -> Job | None:
    """Return the latest job of a kind about `ref`, for example the receipt R1-000042."""
    row = conn.execute(
        select(*_columns).where(_o.ref == ref, _o.kind == kind).order_by(_o.id.desc()).limit(1)
    ).first()
    return None if row is None else _job(row)


def about(conn: Connection, ref: str, kind: str) -> tuple[Job, ...]:
    """Return all jobs of a kind about `ref`, oldest first."""
    rows = conn.execute(select(*_columns).where(_o.ref == ref, _o.kind == kind).order_by(_o.id))
    return tuple(_job(r) for r in rows)


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
    values: dict[str, object] = {"state": state, "last_status": status}
    if data is not None:
        values["bytes"] = data
    if state == "sending":
        values["attempts"] = _o.attempts + 1
    if next_try_at is not None:
        values["next_try_at"] = next_try_at
    result = tx.conn.execute(update(tables.outbox).where(_o.id == job_id, _o.state == was).values(**values))
    if state in ("printed", "sent"):
        done = (_o.id == job_id) & (_o.state == state) & (_o.kind == PRIVATE)
        tx.conn.execute(update(tables.outbox).where(done).values(payload=b"", bytes=None))
    tx.touch("outbox")
    return result.rowcount == 1


OPEN_STATES = ("queued", "sending", "unknown", "failed", "expired")


def unfinished(conn: Connection, register: int | None = None, most: int = 200) -> tuple[Job, ...]:
    """Return jobs that did not end well and are not settled, oldest first: somebody may have to look."""
    query = select(*_columns).where(_o.state.in_(OPEN_STATES), _o.channel != "drawer")
    if register is not None:
        query = query.where(_o.register == register)
    return tuple(_job(r) for r in conn.execute(query.order_by(_o.id).limit(most)))
