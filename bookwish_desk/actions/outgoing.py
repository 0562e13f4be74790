"""Moving outbox jobs through their states, for dispatch and for people who decide about them."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import post_slip
from bookwish_desk.db import outbox
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.slip import Slip
from bookwish_desk.shop.staff import Actor

_slip = msgspec.json.Decoder(Slip)


def slip_of(job: Job) -> Slip:
    """Return the slip in a paper job."""
    return _slip.decode(job.payload)


@action
def due(tx: Tx, channel: str, register: int) -> Job | None:
    """Return the next job to send, after marking those whose time has passed."""
    outbox.expire(tx, channel, register)
    return outbox.next_due(tx.conn, channel, register, tx.at)


def waiting_until(store: Store, channel: str, register: int) -> int | None:
    """Return the moment at which a queued job is due next, or None."""
    with store.read() as conn:
        return outbox.next_moment(conn, channel, register)


@action
def begin_sending(tx: Tx, job_id: str, data: bytes) -> bool:
    """Commit the bytes together with `sending`, before the first byte goes out; False: somebody was first."""
    return outbox.set_state(tx, job_id, "sending", "", was="queued", data=data)


@action
def end_sending(tx: Tx, job_id: str, state: outbox.State, status: str) -> None:
    """Record how sending ended."""
    outbox.set_state(tx, job_id, state, status, was="sending")


@action
def put_back(tx: Tx, job_id: str, status: str, wait_ms: int, was: outbox.State = "sending") -> None:
    """Queue a job again that the device took nothing of, to be tried after `wait_ms`."""
    outbox.set_state(tx, job_id, "queued", status, was=was, next_try_at=tx.at + wait_ms)


@action
def recover(tx: Tx, register: int) -> int:
    """After a crash: jobs found `sending` are unknown, a person decides; nothing is printed by itself."""
    found = outbox.stop(tx, register, "The desk stopped while this was being sent.")
    for channel in ("paper", "drawer"):
        outbox.expire(tx, channel, register)
    return found


def latest(store: Store, ref: str, kind: str) -> Job | None:
    """Return the latest job of a kind about `ref`, for example the receipt R1-000042."""
    with store.read() as conn:
        return outbox.latest(conn, ref, kind)


def in_trouble(job: Job) -> bool:
    """Say whether a job did not go the plain way: it waits for a device to be mended, or for a person."""
    return job.state in ("unknown", "failed", "expired") or (job.state == "queued" and job.attempts > 0)


def unfinished(store: Store, register: int) -> tuple[Job, ...]:
    """Return the jobs of a register that still need the device or a person."""
    with store.read() as conn:
        return outbox.unfinished(conn, register)


@action
def decide(tx: Tx, actor: Actor, job_id: str, verdict: Literal["printed", "again", "drop"]) -> None:
    """Settle a job that did not end by itself: it printed, print it again (marked COPY), or leave it.

    Raises Refused when it is being sent just now or is settled already.
    """
    present(tx, actor)
    job = outbox.by_id(tx.conn, job_id)
    if job is None or job.channel != "paper" or job.state not in ("queued", "unknown", "failed", "expired"):
        raise Refused("settled", "This job is being sent or was settled meanwhile.")
    if verdict == "again" and not job.payload:
        raise Refused("gone", "What was on this slip is secret and was not kept. Make a new one.")
    words = {"printed": "Somebody saw it printed.", "again": "Printed again.", "drop": "Not printed."}
    outbox.set_state(tx, job_id, "printed" if verdict == "printed" else "sent", words[verdict], was=job.state)
    if verdict == "again":
        slip = slip_of(job)
        copy = slip.copy or job.state == "unknown"
        post_slip(tx, replace(slip, copy=copy), register=actor.register)
    tx.record(
        "print.decided",
        staff=actor.staff,
        register=actor.register,
        ref=job.ref,
        body={"job": job_id, "was": job.state, "verdict": verdict},
    )
