"""E-mail in the outbox: rows of channel "mail", their states and their order; reads and state changes.

new -> sending -> done | uncertain | refused | dead; what a person leaves is dropped. No text is made and
nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import add, query
from bookwish_desk.db.outbox import JOB, Job, State
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.letter import Letter

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAIL = "mail"
RETRY = "mail.retry"
"""The noun of a commit after which mail is tried again, whatever held it up."""
MOST_WAIT_MS = 3_600_000
"""No message is put off for longer: one that is was put off before the clock was put back, and is due."""

STUCK: tuple[State, ...] = ("uncertain", "refused", "dead")
"""States in which a person decides what becomes of a message."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Letter)

_NEW = f"{JOB} WHERE channel = 'mail' AND state = 'new' ORDER BY id"
_LATEST = f"{JOB} WHERE channel = 'mail' AND ref = ? AND kind = ? ORDER BY id DESC LIMIT 1"
_OPEN = (
    f"{JOB} WHERE channel = 'mail' AND state IN ('new', 'sending', 'uncertain', 'refused', 'dead')"
    " ORDER BY CASE WHEN state IN ('new', 'sending') THEN 1 ELSE 0 END, id DESC LIMIT ?"
)
_COUNTS = (
    "SELECT state, attempts > 0, count(*) FROM outbox WHERE channel = 'mail'"
    " AND state IN ('new', 'sending', 'uncertain', 'refused', 'dead') GROUP BY 1, 2"
)
_MOVE = (
    "UPDATE outbox SET state = :state, last_status = :status,"
    " attempts = coalesce(:attempts, attempts), next_try_at = coalesce(:next, next_try_at),"
    " register = coalesce(:register, register)"
    " WHERE id = :id AND channel = 'mail' AND state = :was"
)


class MailCount(msgspec.Struct, frozen=True):
    """How many messages are to be sent, how many of them did not go at the first try, how many are stuck."""

    waiting: int = 0
    delayed: int = 0
    stuck: int = 0


def letter_of(job: Job) -> Letter:
    """Return the letter in a row."""
    return _decoder.decode(job.payload)


def whom(job: Job) -> str:
    """Return to whom a message goes, so that two to one person can be told; empty where it is unreadable."""
    try:
        return letter_of(job).to.casefold()
    except msgspec.DecodeError:
        return ""


def post(tx: Tx, row_id: str, letter: Letter, *, ref: str, register: int) -> None:
    """Put a message into the outbox; it is sent after the commit."""
    row = {
        "id": row_id, "channel": MAIL, "kind": letter.kind, "ref": ref, "register": register,
        "device": "", "copy": 0, "payload": _encoder.encode(letter), "state": "new",
        "created_at": tx.at, "next_try_at": tx.at, "expires_at": None,
    }  # fmt: skip
    add(tx.conn, "outbox", row)
    tx.touch("mail")


def due(conn: Connection, at: int) -> tuple[Job, ...]:
    """Return the messages whose time has come, oldest first.

    Left out is what waits behind an older message to the same person: theirs arrive in their order.
    """
    held: set[str] = set()
    found: list[Job] = []
    for row in query(conn, _NEW):
        job = Job(*row)
        if at < job.next_try_at <= at + MOST_WAIT_MS:
            held.add(whom(job))
        elif whom(job) not in held:
            found.append(job)
    return tuple(found)


def next_moment(conn: Connection) -> int | None:
    """Return when the next message is due, or None when none waits."""
    first: dict[str, int] = {}
    for row in query(conn, _NEW):
        job = Job(*row)
        first.setdefault(whom(job), job.next_try_at)
    return min(first.values(), default=None)


def move(
    tx: Tx,
    job_id: str,
    state: State,
    status: str,
    *,
    was: State,
    attempts: int | None = None,
    next_try_at: int | None = None,
    register: int | None = None,
) -> bool:
    """Move a message from state `was`; say whether it was still there (else somebody else moved it)."""
    values = {
        "id": job_id, "state": state, "status": status, "was": was,
        "attempts": attempts, "next": next_try_at, "register": register,
    }  # fmt: skip
    moved = query(tx.conn, _MOVE, values).rowcount == 1
    tx.touch("mail")
    return bool(moved)


def stop(tx: Tx, register: int, status: str) -> int:
    """Let what a register was sending be uncertain; say how many messages that were."""
    found = query(
        tx.conn,
        "UPDATE outbox SET state = 'uncertain', last_status = ?"
        " WHERE channel = 'mail' AND state = 'sending' AND register = ?",
        (status, register),
    ).rowcount
    if found:
        tx.touch("mail")
    return int(found)


def try_now(tx: Tx) -> int:
    """Let every message that waits be due at once; say how many these are."""
    waiting = query(
        tx.conn,
        "UPDATE outbox SET next_try_at = ? WHERE channel = 'mail' AND state = 'new' AND next_try_at > ?",
        (tx.at, tx.at),
    ).rowcount
    tx.touch("mail", RETRY)
    return int(waiting)


def count(conn: Connection) -> MailCount:
    """Return how many messages wait and how many are stuck."""
    waiting = delayed = stuck = 0
    for state, tried, rows in query(conn, _COUNTS):
        if state in STUCK:
            stuck += rows
        else:
            waiting += rows
            delayed += rows if tried and state == "new" else 0
    return MailCount(waiting, delayed, stuck)


def unfinished(conn: Connection, most: int = 200) -> tuple[Job, ...]:
    """Return the messages that are stuck, then those that wait; newest first."""
    return tuple(Job(*row) for row in query(conn, _OPEN, (most,)))


def latest(conn: Connection, ref: str, kind: str) -> Job | None:
    """Return the latest message of a kind about `ref`: the id of an order, a receipt, a digest."""
    row = query(conn, _LATEST, (ref, kind)).fetchone()
    return None if row is None else Job(*row)


def by_ids(conn: Connection, ids: Iterable[str]) -> dict[str, Job]:
    """Return these messages by their ids."""
    found: dict[str, Job] = {}
    for job_id in ids:
        row = query(conn, f"{JOB} WHERE id = ? AND channel = 'mail'", (job_id,)).fetchone()
        if row is not None:
            found[job_id] = Job(*row)
    return found
