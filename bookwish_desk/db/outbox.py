"""The outbox: jobs for devices as rows with a state; reads and state changes.

E-mail is `db.mailbox`, what goes up to the online store `db.netbox`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx

if TYPE_CHECKING:
    from sqlalchemy import Connection

State = Literal[
    "queued", "sending", "printed", "sent", "unknown", "failed", "expired",
    "new", "done", "uncertain", "refused", "dead", "dropped",
]  # fmt: skip
"""The first are those of jobs for devices; from `new` on those of e-mail and of uploads, see `db.mailbox`."""

MOST_AHEAD_MS = 5_000
"""A job made further in the future than this was made before the clock was put back: its time is unknown."""

MOST_WAIT_MS = 60_000
"""No job is put off for longer: one that is was put off before the clock was put back."""

PRIVATE = "key"
"""Slips of this kind hold a key, a code or a badge: what is on them goes as soon as they are printed."""


class Job(msgspec.Struct, frozen=True):
    """One job. `payload` is the frozen value as JSON, `status` the last thing said about it.

    `device` is the id of the one that gets it; `copy` is 0 for the original. The last four are told only of
    what goes up to the online store (`db.netbox`): when it was sent last (0: never), how often it was looked
    for since, just what was sent, and since when it may be there by the store's own clock (0: it is not
    there for certain, `netbox.SOME_TIME`: nobody knows since when).
    """

    id: str
    channel: str
    kind: str
    ref: str
    register: int
    device: str
    copy: int
    payload: bytes
    state: State
    attempts: int
    created_at: int
    next_try_at: int
    expires_at: int | None
    status: str
    sent_at: int = 0
    looks: int = 0
    body: bytes = b""
    maybe_at: int = 0


JOB = (
    "SELECT id, channel, kind, ref, register, device, copy, payload, state, attempts, created_at,"
    " next_try_at, expires_at, last_status FROM outbox"
)
_QUEUED = "device = ? AND channel = ? AND state = 'queued'"
_ABOUT = "ref = ? AND kind = ? AND channel NOT IN ('mail', 'net')"
_FORGET = "UPDATE outbox SET payload = ?, bytes = NULL WHERE kind = ? AND"


def _job(row: Sequence[Any]) -> Job:
    return Job(*row)


def _only(row: Sequence[Any] | None) -> Job | None:
    return None if row is None else _job(row)


def stop(tx: Tx, register: int, status: str) -> tuple[Job, ...]:
    """Let what was being sent be unknown; return those jobs as they were."""
    sending = "WHERE state = 'sending' AND channel NOT IN ('mail', 'net') AND register = ?"
    found = tuple(_job(row) for row in query(tx.conn, f"{JOB} {sending} ORDER BY id", (register,)))
    if found:
        stopped = f"UPDATE outbox SET state = 'unknown', last_status = ? {sending}"
        query(tx.conn, stopped, (status, register))
        tx.touch("outbox")
    return found


def expire(tx: Tx, register: int) -> int:
    """Mark the register's queued jobs whose time has passed; say how many. They wait for a person (Reprint).

    A job made in the future, before the clock was put back, has passed as well; of one that never expires
    the next try is now.
    """
    past = "register = ? AND state = ?"
    gone = query(
        tx.conn,
        f"UPDATE outbox SET state = 'expired', last_status = ? WHERE {past}"
        " AND device <> '' AND (expires_at <= ? OR expires_at IS NOT NULL AND created_at > ?)",
        ("It was not printed in time.", register, "queued", tx.at, tx.at + MOST_AHEAD_MS),
    ).rowcount
    if gone:
        tx.touch("outbox")
        query(tx.conn, f"{_FORGET} {past}", (b"", PRIVATE, register, "expired"))
    query(
        tx.conn,
        f"UPDATE outbox SET next_try_at = ? WHERE {past} AND device <> '' AND next_try_at > ?",
        (tx.at, register, "queued", tx.at + MOST_WAIT_MS),
    )
    return int(gone)


def abandon(tx: Tx, device: str, status: str) -> int:
    """Let what waits for a device fail, since there is none any more; say how many jobs that were."""
    left = query(
        tx.conn,
        "UPDATE outbox SET state = 'failed', last_status = ? WHERE device = ? AND state = 'queued'",
        (status, device),
    ).rowcount
    if left:
        tx.touch("outbox")
    return int(left)


def abandon_others(tx: Tx, register: int, devices: Sequence[str], status: str) -> int:
    """Let what waits for any other than these devices fail; say how many jobs that were."""
    known = ", ".join("?" * len(devices)) or "''"
    left = query(
        tx.conn,
        "UPDATE outbox SET state = 'failed', last_status = ? WHERE state = 'queued' AND register = ?"
        f" AND device <> '' AND device NOT IN ({known})",
        (status, register, *devices),
    ).rowcount
    if left:
        tx.touch("outbox")
    return int(left)


def next_due(conn: Connection, device: str, channel: str, at: int) -> Job | None:
    """Return the oldest queued job of a device whose time to try has come."""
    due = f"{JOB} WHERE {_QUEUED} AND next_try_at <= ? ORDER BY id LIMIT 1"
    return _only(query(conn, due, (device, channel, at)).fetchone())


def next_moment(conn: Connection, device: str, channel: str) -> int | None:
    """Return when the next queued job of a device is due or expires, or None when none is queued."""
    moment = f"SELECT min(next_try_at) FROM outbox WHERE {_QUEUED}"
    found: int | None = query(conn, moment, (device, channel)).fetchone()[0]
    return found


def try_now(tx: Tx, device: str) -> int:
    """Let everything that waits for a device be due at once: it has come back; say how many jobs that are."""
    due = query(
        tx.conn,
        "UPDATE outbox SET next_try_at = ? WHERE device = ? AND state = 'queued' AND next_try_at > ?",
        (tx.at, device, tx.at),
    ).rowcount
    if due:
        tx.touch("outbox")
    return int(due)


def put_off_behind(tx: Tx, job: Job) -> None:
    """Let what is queued behind a job of the same device be due no sooner: jobs come out in their order."""
    query(
        tx.conn,
        "UPDATE outbox SET next_try_at = ? WHERE device = ? AND channel = ? AND state = 'queued'"
        " AND id > ? AND next_try_at < ?",
        (job.next_try_at, job.device, job.channel, job.id, job.next_try_at),
    )


def by_id(conn: Connection, job_id: str) -> Job | None:
    """Return one job."""
    return _only(query(conn, f"{JOB} WHERE id = ?", (job_id,)).fetchone())


def latest(conn: Connection, ref: str, kind: str) -> Job | None:
    """Return the latest job of a kind about `ref`, for example the receipt R1-000042."""
    newest = f"{JOB} WHERE {_ABOUT} ORDER BY id DESC LIMIT 1"
    return _only(query(conn, newest, (ref, kind)).fetchone())


def jobs_about(conn: Connection, ref: str, kind: str) -> int:
    """Count the jobs of a kind about `ref`: the original and its copies."""
    count = f"SELECT count(*) FROM outbox WHERE {_ABOUT}"
    found: int = query(conn, count, (ref, kind)).fetchone()[0]
    return found


def about(conn: Connection, ref: str, kind: str) -> tuple[Job, ...]:
    """Return all jobs of a kind about `ref`, oldest first."""
    rows = query(conn, f"{JOB} WHERE {_ABOUT} ORDER BY id", (ref, kind))
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
    """Move a job from state `was`; say whether it was still there (else somebody else moved it).

    The bytes of one that came out are forgotten: what was on it stays.
    """
    ended = state in ("printed", "sent")
    moved = query(
        tx.conn,
        "UPDATE outbox SET state = ?, last_status = ?,"
        " bytes = CASE ? WHEN 1 THEN NULL ELSE coalesce(?, bytes) END,"
        " attempts = attempts + ?, next_try_at = coalesce(?, next_try_at) WHERE id = ? AND state = ?",
        (state, status, int(ended), data, int(state == "sending"), next_try_at, job_id, was),
    ).rowcount
    if ended:
        query(tx.conn, f"{_FORGET} id = ? AND state = ?", (b"", PRIVATE, job_id, state))
    tx.touch("outbox")
    return bool(moved == 1)


UNDECIDED: tuple[State, ...] = ("queued", "unknown", "failed", "expired")
"""States in which a person may settle a job."""

OPEN_STATES = ("queued", "sending", "unknown", "failed", "expired")


def unfinished(conn: Connection, register: int | None = None, most: int = 200) -> tuple[Job, ...]:
    """Return jobs that did not end well and are not settled, oldest first: somebody may have to look."""
    open_states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    rows = query(
        conn,
        f"{JOB} WHERE state IN ({open_states}) AND channel NOT IN ('drawer', 'mail', 'net')"
        " AND coalesce(register = ?, true) ORDER BY id LIMIT ?",
        (register, most),
    )
    return tuple(_job(row) for row in rows)
