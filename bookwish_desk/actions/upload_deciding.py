"""What a person decides about what did not go up: send it again, the same, or leave it with a reason."""

from __future__ import annotations

from typing import Literal

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import netbox, orders
from bookwish_desk.db.link import query
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor

Verdict = Literal["again", "leave"]

SPREAD_MS = 300_000
"""Over at least this long it was looked for before a second one may be sent (API.md 7.3)."""
UPLOAD = "upload"
"""What the history of an order calls a decision about what goes up."""


@action
def decide(tx: Tx, actor: Actor, job_id: str, verdict: Verdict, reason: str = "") -> None:
    """Send a row again under the same key, or leave it unsent, which needs a reason.

    What may be at the store already and would move money or stock twice needs "sync.resend", and must have
    been looked for; so does leaving anything. Raises Refused where it is under way or was settled meanwhile.
    """
    job = netbox.by_id(tx.conn, job_id)
    if job is None or job.state not in ("new", *netbox.STUCK):
        raise Refused("settled", "This is being sent just now or was settled meanwhile.")
    twice = job.state == "uncertain" and job.kind in netbox.ONCE
    require(tx, actor, "sync.resend" if twice or verdict == "leave" else "sync.decide", job_id)
    why = plain(reason, 200)
    if verdict == "again":
        if twice:
            _was_looked_for(tx, job)
        # What was refused was not carried out: it is put together anew. What may be there is sent as it was,
        # and whoever decided so after it was looked for says that it is not there.
        forget = job.state in ("refused", "dead") and not job.maybe_at
        moved = netbox.move(
            tx, job_id, "new", "", was=(job.state,), next_try_at=tx.at, afresh=True, forget=forget,
            maybe_at=0 if job.state == "uncertain" else None,
        )  # fmt: skip
        tx.touch(netbox.RETRY)
    else:
        if not why:
            raise Refused("reason", "Say why it is left.", field="reason")
        moved = netbox.move(tx, job_id, "dropped", f"It was left: {why}", was=(job.state,))
    assert moved
    body = {"verdict": verdict, "kind": job.kind, "was": job.state, "said": job.status, "reason": why}
    ref, logged = _name(tx, job), {**body, "job": job.id}
    tx.record("online.decided", staff=actor.staff, register=actor.register, ref=ref, body=logged)
    if job.kind in ("status", "cancel"):
        orders.record(tx, job.ref, UPLOAD, staff=actor.staff, register=actor.register, body=body)


def _name(tx: Tx, job: Job) -> str:
    """Return what a row is about as people call it: the receipt, the order's number, the SKU."""
    table, column = {"sale": ("sales", "receipt"), "refund": ("sales", "receipt")}.get(
        job.kind, ("orders", "number")
    )
    row = query(tx.conn, f"SELECT {column} FROM {table} WHERE id = ?", (job.ref,)).fetchone()
    return str(row[0]) if row else job.ref


def _was_looked_for(tx: Tx, job: Job) -> None:
    if job.looks < netbox.LOOKS or 0 <= tx.at - job.sent_at < SPREAD_MS:
        raise Refused(
            "not_looked_for",
            "It may have arrived. It is looked for in the store first, three times in five minutes.",
        )
