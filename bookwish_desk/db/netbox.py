"""What goes up to the online store, in the outbox: rows of channel "net", their states and their order.

new -> sending -> done | uncertain | refused | dead; what a person leaves is dropped. The id of a row is its
idempotency key. Which rows a fact brings is `actions.uploading`; nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import add, query
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.upload import Upload

if TYPE_CHECKING:
    from sqlalchemy import Connection

NET = "net"
NOUN = "net"
"""The noun of a commit that changed what goes up."""
RETRY = "net.retry"
"""The noun of a commit after which a row is tried again because somebody decided so."""

MOST_WAIT_MS = 3_600_000
"""No row is put off for longer: one that is was put off before the clock was put back, and is due."""
SOME_TIME = 1
"""What `Job.maybe_at` is of a row that may be there since nobody knows when."""
LOOKS = 3
"""After so many looks in vain a row waits for a person (API.md 7.3)."""

STUCK: tuple[State, ...] = ("uncertain", "refused", "dead")
"""States in which a person decides what becomes of a row."""

KINDS = ("stock", "status", "cancel", "sale", "refund")
"""The kinds of rows, in the order in which they are sent: what keeps others from buying what is gone first.

Of one `ref` a sale goes before its refunds.
"""
ONCE = ("sale", "refund", "stock", "cancel")
"""Kinds of which a second one would move money or stock again."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Upload] = msgspec.json.Decoder(Upload)

_COLUMNS = (
    "id, channel, kind, ref, register, device, copy, payload, state, attempts, created_at,"
    " next_try_at, expires_at, last_status, sent_at, looks, coalesce(bytes, x''), maybe_at"
)
_NET = f"SELECT {_COLUMNS} FROM outbox AS o WHERE channel = 'net'"
_RANK = "CASE {0}.kind" + "".join(f" WHEN '{kind}' THEN {n}" for n, kind in enumerate(KINDS)) + " END"
_HELD = (
    "EXISTS (SELECT 1 FROM outbox AS p WHERE p.ref = o.ref AND p.channel = 'net' AND p.id <> o.id"
    " AND (p.state IN ('sending', 'uncertain') OR p.state = 'new'"
    f" AND ({_RANK.format('p')}, p.id) < ({_RANK.format('o')}, o.id)))"
)
"""Whether something of the same aggregate must go first, or may be on its way."""
_WAITED = "(o.next_try_at <= :at OR o.next_try_at > :at + :most_wait)"
_DUE = f"{_NET} AND state = 'new' AND kind = :kind AND {_WAITED} AND NOT {_HELD} ORDER BY id LIMIT :most"
_FIRST = (
    "SELECT next_try_at FROM outbox AS o WHERE state = 'new' AND device = '' AND channel = 'net'"
    f" AND NOT {_HELD} ORDER BY next_try_at LIMIT 1"
)
_FIRST_LOOK = (
    "SELECT min(next_try_at) FROM outbox WHERE state = 'uncertain' AND device = '' AND channel = 'net'"
    " AND looks < ?"
)
_TO_LOOK = (
    f"{_NET} AND state = 'uncertain' AND device = '' AND looks < :looks AND {_WAITED}"
    " ORDER BY next_try_at, id"
)
_BEGIN = (
    "UPDATE outbox AS o SET state = 'sending', sent_at = :at, attempts = attempts + 1, register = :register,"
    " maybe_at = CASE WHEN maybe_at = 0 THEN :far_at ELSE maybe_at END,"
    " bytes = CASE WHEN kind IN ('sale', 'refund') THEN coalesce(bytes, :body) ELSE :body END"
    " WHERE id = :id AND channel = 'net' AND state = 'new' AND NOT EXISTS (SELECT 1 FROM outbox AS p"
    " WHERE p.ref = o.ref AND p.channel = 'net' AND p.id <> o.id AND p.state IN ('sending', 'uncertain'))"
)
_MOVE = (
    "UPDATE outbox SET state = :state, last_status = :status, next_try_at = coalesce(:next, next_try_at),"
    " looks = CASE WHEN :afresh THEN 0 ELSE looks END, maybe_at = coalesce(:maybe_at, maybe_at),"
    " bytes = CASE WHEN :forget THEN NULL ELSE bytes END"
    " WHERE id = :id AND channel = 'net' AND state IN ({})"
)
_LOOKED = (
    "UPDATE outbox SET looks = looks + :more, last_status = :status, next_try_at = :next"
    " WHERE id = :id AND channel = 'net' AND state = 'uncertain'"
)
_STOP = (
    "UPDATE outbox SET state = 'uncertain', last_status = ?, next_try_at = ?"
    " WHERE channel = 'net' AND state = 'sending' AND device = '' AND register = coalesce(?, register)"
)
_DOUBT = (
    "UPDATE outbox SET maybe_at = ? WHERE channel = 'net' AND maybe_at > 0"
    " AND state IN ('new', 'sending', 'uncertain', 'refused', 'dead')"
)
_SUPERSEDE = (
    "UPDATE outbox SET state = 'done', last_status = ?, bytes = NULL"
    " WHERE channel = 'net' AND ref = ? AND kind = 'status' AND state IN ('new', 'refused', 'dead')"
)
_COUNTS = (
    "SELECT state, count(*) FROM outbox WHERE device = '' AND channel = 'net'"
    " AND state IN ('new', 'sending', 'uncertain', 'refused', 'dead') GROUP BY state"
)
_OPEN = (
    f"{_NET} AND device = '' AND state IN ('new', 'sending', 'uncertain', 'refused', 'dead')"
    " ORDER BY CASE WHEN state IN ('new', 'sending') THEN 1 ELSE 0 END, id LIMIT ?"
)
_DROPPED = (
    f"{_NET} AND state = 'dropped' AND device = '' AND kind = ? AND last_status = ? ORDER BY id DESC LIMIT ?"
)


class UploadCount(msgspec.Struct, frozen=True):
    """How many rows are to be sent, of how many nobody knows, how many wait for a person."""

    waiting: int = 0
    uncertain: int = 0
    refused: int = 0


def upload_of(job: Job) -> Upload:
    """Return what a row sends. Raises msgspec.DecodeError for one that cannot be read."""
    return _decoder.decode(job.payload)


def post(
    tx: Tx,
    uploads: Iterable[tuple[str, Upload]],
    *,
    register: int = 0,
    state: State = "new",
    status: str = "",
) -> None:
    """Put uploads into the outbox, each with what it is about (`ref`); they are sent after the commit."""
    rows = [
        {
            "id": new_id(), "channel": NET, "kind": upload.__struct_config__.tag, "ref": ref,
            "register": register, "device": "", "copy": 0, "payload": _encoder.encode(upload),
            "state": state, "created_at": tx.at, "next_try_at": tx.at, "expires_at": None,
            "last_status": status,
        }
        for ref, upload in uploads
    ]  # fmt: skip
    if rows:
        add(tx.conn, "outbox", *rows)
        tx.touch(NOUN)


def due(conn: Connection, at: int, most: int) -> tuple[Job, ...]:
    """Return the rows whose time has come: by kind, then oldest first, one of each `ref`.

    Left out is what waits behind an older row of its `ref`, or behind one of which nobody knows.
    """
    found: list[Job] = []
    for kind in KINDS:
        if len(found) < most:
            values = {"kind": kind, "at": at, "most_wait": MOST_WAIT_MS, "most": most - len(found)}
            found += (Job(*row) for row in query(conn, _DUE, values))
    return tuple(found)


def next_moment(conn: Connection, at: int) -> int | None:
    """Return when something is to be sent or looked up next, `at` for now, None for nothing."""
    if due(conn, at, 1) or to_look_up(conn, at):
        return at
    first = query(conn, _FIRST).fetchone()
    moments = [first[0] if first else None, query(conn, _FIRST_LOOK, (LOOKS,)).fetchone()[0]]
    return min((int(moment) for moment in moments if moment is not None), default=None)


def to_look_up(conn: Connection, at: int) -> tuple[Job, ...]:
    """Return the rows of which nobody knows, and whose next look is due."""
    return tuple(
        Job(*row) for row in query(conn, _TO_LOOK, {"looks": LOOKS, "at": at, "most_wait": MOST_WAIT_MS})
    )


def begin(tx: Tx, job_id: str, body: bytes, register: int, far_at: int = 0) -> bool:
    """Move a new row to `sending` with what is sent; False: somebody else was first, or one of its `ref` is.

    What was kept of a sale or a refund before is kept: a repeat sends the same bytes. From now on it may be
    at the store, whose clock showed at least `far_at` (0: nobody knows); what may be there already stays so.
    """
    values = {
        "id": job_id, "body": body, "at": tx.at, "register": register, "far_at": far_at or SOME_TIME,
    }  # fmt: skip
    tx.touch(NOUN)
    return bool(query(tx.conn, _BEGIN, values).rowcount == 1)


def move(
    tx: Tx,
    job_id: str,
    state: State,
    status: str,
    *,
    was: Sequence[State],
    next_try_at: int | None = None,
    afresh: bool = False,
    forget: bool = False,
    maybe_at: int | None = None,
) -> bool:
    """Move a row from one of the states `was`; say whether it was still there.

    `afresh` counts looks anew, `forget` drops the bytes that were sent. `maybe_at` says since when it may be
    there, None leaves that as it is; tries are counted on, which tells one from the next.
    """
    values = {
        "id": job_id, "state": state, "status": status, "next": next_try_at, "afresh": afresh,
        "forget": forget or state == "done", "maybe_at": maybe_at,
    }  # fmt: skip
    tx.touch(NOUN)
    states = ", ".join(f"'{one}'" for one in was)
    return bool(query(tx.conn, _MOVE.format(states), values).rowcount == 1)


def looked(tx: Tx, job_id: str, status: str, next_try_at: int, *, last: bool = False) -> None:
    """Count a look in vain; `last` says that looking further is of no use."""
    more = LOOKS if last else 1
    query(tx.conn, _LOOKED, {"id": job_id, "status": status, "next": next_try_at, "more": more})
    tx.touch(NOUN)


def stop(tx: Tx, register: int | None, status: str) -> int:
    """Let what a register (None: any) was sending be uncertain; say how many rows that were."""
    found = query(tx.conn, _STOP, (status, tx.at, register)).rowcount
    if found:
        tx.touch(NOUN)
    return int(found)


def doubt_keys(tx: Tx) -> None:
    """Trust the key of nothing that may be there: the store may know it for another account only."""
    query(tx.conn, _DOUBT, (SOME_TIME,))
    tx.touch(NOUN)


def supersede(tx: Tx, order_id: str, status: str) -> None:
    """End the rows about an order's status that did not go up: what holds now is said by another."""
    if query(tx.conn, _SUPERSEDE, (status, order_id)).rowcount:
        tx.touch(NOUN)


def count(conn: Connection) -> UploadCount:
    """Return how many rows wait, of how many nobody knows, how many wait for a person."""
    found = {str(state): int(rows) for state, rows in query(conn, _COUNTS)}
    return UploadCount(
        found.get("new", 0) + found.get("sending", 0),
        found.get("uncertain", 0),
        found.get("refused", 0) + found.get("dead", 0),
    )


def unfinished(conn: Connection, most: int = 200) -> tuple[Job, ...]:
    """Return the rows that are stuck, then those that wait; oldest first."""
    return tuple(Job(*row) for row in query(conn, _OPEN, (most,)))


def about(conn: Connection, ref: str, kind: str = "") -> tuple[Job, ...]:
    """Return the rows about a sale, an order or a SKU, oldest first; of one kind only where it is named."""
    rows = query(
        conn, f"{_NET} AND ref = ? AND kind = coalesce(nullif(?, ''), kind) ORDER BY id", (ref, kind)
    )
    return tuple(Job(*row) for row in rows)


def dropped(conn: Connection, kind: str, status: str, most: int = 200) -> tuple[Job, ...]:
    """Return the rows of a kind that were left with just these words, the latest first."""
    rows = query(conn, _DROPPED, (kind, status, most))
    return tuple(Job(*row) for row in rows)


def by_id(conn: Connection, job_id: str) -> Job | None:
    """Return one row, whatever its state."""
    row = query(conn, f"{_NET} AND id = ?", (job_id,)).fetchone()
    return None if row is None else Job(*row)
