"""Moving outbox jobs through their states, for dispatch and for people who decide about them."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import Printed, post_label, post_page, post_slip
from bookwish_desk.db import outbox
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.device import Purpose
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.slip import Slip
from bookwish_desk.shop.staff import Actor

_slip = msgspec.json.Decoder(Slip)
_label = msgspec.json.Decoder(LabelJob)
_pages = msgspec.json.Decoder(Pages)

ON_PAPER = ("paper", "label", "page")
"""Channels whose jobs come out of a printer: people decide about those that did not end by themselves."""


def slip_of(job: Job) -> Slip:
    """Return the slip in a job for a receipt printer, with the number of the copy that it is."""
    slip = _slip.decode(job.payload)
    return replace(slip, copy_number=job.copy) if slip.copy else slip


def printed_of(job: Job) -> Printed:
    """Return what a job puts on paper: a slip, labels or pages."""
    match job.channel:
        case "label":
            return _label.decode(job.payload)
        case "page":
            return _pages.decode(job.payload)
    return slip_of(job)


REMOVED = "The printer was removed."


def _let_go(tx: Tx, register: int) -> None:
    """Settle what is not to be sent any more: its time has passed, or its device is gone."""
    outbox.expire(tx, register)
    outbox.abandon_others(tx, register, [d.id for d in tx.settings.devices], REMOVED)


@action
def due(tx: Tx, register: int, device: str, channel: str) -> Job | None:
    """Return the next job to send to a device, after marking those whose time has passed."""
    _let_go(tx, register)
    return outbox.next_due(tx.conn, device, channel, tx.at)


def waiting_until(store: Store, device: str, channel: str) -> int | None:
    """Return the moment at which a queued job of a device is due next, or None."""
    with store.read() as conn:
        return outbox.next_moment(conn, device, channel)


@action
def try_now(tx: Tx, device: str) -> int:
    """Let what waits for a device be tried at once, since it is back; return how many jobs that are."""
    return outbox.try_now(tx, device)


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
    """Queue a job again that the device took nothing of, to be tried after `wait_ms`.

    What is queued behind it waits as well. Where the device was removed meanwhile, it fails as what waited
    for that device did.
    """
    outbox.set_state(tx, job_id, "queued", status, was=was, next_try_at=tx.at + wait_ms)
    job = outbox.by_id(tx.conn, job_id)
    if job is not None:
        outbox.put_off_behind(tx, job)
        _let_go(tx, job.register)


@action
def recover(tx: Tx, register: int) -> tuple[Job, ...]:
    """After a crash: jobs found `sending` are unknown, a person decides; nothing is printed by itself.

    Returns those jobs: a spooler may know what became of them.
    """
    found = outbox.stop(tx, register, "The desk stopped while this was being sent.")
    _let_go(tx, register)
    return found


@action
def found(tx: Tx, job_id: str, sent: bool, status: str) -> None:
    """Record what a spooler knows of a job that was unknown: it has it, or nothing of it came out."""
    outbox.set_state(tx, job_id, "sent" if sent else "failed", status, was="unknown")


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
    if (
        job is None
        or job.channel not in ON_PAPER
        or job.state not in ("queued", "unknown", "failed", "expired")
    ):
        raise Refused("settled", "This job is being sent or was settled meanwhile.")
    if verdict == "again" and not job.payload:
        raise Refused("gone", "What was on this slip is secret and was not kept. Make a new one.")
    words = {"printed": "Somebody saw it printed.", "again": "Printed again.", "drop": "Not printed."}
    outbox.set_state(tx, job_id, "printed" if verdict == "printed" else "sent", words[verdict], was=job.state)
    if verdict == "again":
        _print_again(tx, actor, job)
    tx.record(
        "print.decided",
        staff=actor.staff,
        register=actor.register,
        ref=job.ref,
        body={"job": job_id, "was": job.state, "verdict": verdict},
    )


def _print_again(tx: Tx, actor: Actor, job: Job) -> None:
    """Queue what a job had on it anew, for the printer that is the usual one now."""
    match printed_of(job):
        case Slip() as slip:
            copy = slip.copy or job.state == "unknown"
            post_slip(tx, replace(slip, copy=copy), register=actor.register)
        case LabelJob() as labels:
            purpose: Purpose = "shipping" if isinstance(labels.label, ShippingLabel) else "labels"
            post_label(tx, labels, register=actor.register, purpose=purpose, kind=job.kind)
        case Pages() as pages:
            post_page(tx, pages, register=actor.register)
