"""Putting jobs into the outbox as part of another action: slips to print, drawers to open."""

from __future__ import annotations

import msgspec

from bookwish_desk.db import outbox
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.device import Device, Purpose
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.label import LabelJob
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.slip import Slip

Printed = Slip | LabelJob | Pages

DRAWER_LIVES_MS = 5_000
"""A kick that comes later opens a drawer nobody stands at (facts: a late kick is a theft)."""


def letterhead(settings: Settings) -> Letterhead:
    """Return how the shop presents itself on paper, from its settings."""
    return Letterhead(
        name=settings.shop_name,
        address=settings.shop_address,
        contact=settings.shop_contact,
        text=settings.receipt_text,
        policy=settings.return_policy,
        logo=settings.logo,
        currency=settings.money,
        zone=settings.zone,
    )


def post_slip(tx: Tx, slip: Slip, *, register: int, by_itself: bool = False) -> str:
    """Queue a slip for the register's receipt printer and return the job's id.

    Where there is no printer, a slip that comes with something else (`by_itself`: the receipt of a sale)
    is left out and the id is empty; one that a person asked for raises Refused.
    """
    printer = tx.settings.device_for("receipts", register)
    if printer is None:
        if by_itself:
            return ""
        raise Refused("no_printer", "No receipt printer is set up. Add one on the Devices screen.")
    return post_slip_to(tx, slip, printer)


def post_slip_to(tx: Tx, slip: Slip, printer: Device) -> str:
    """Queue a slip for this receipt printer, whatever the usual one is; return the job's id."""
    return _post(tx, "paper", slip.kind, slip, printer, slip.ref, tx.settings.receipt_minutes * 60_000)


def post_label(tx: Tx, job: LabelJob, *, register: int, purpose: Purpose = "labels", kind: str = "") -> str:
    """Queue labels for the register's label printer and return the job's id; labels do not expire.

    `kind` names what is no label but comes out of this printer. Raises Refused where there is none.
    """
    printer = tx.settings.device_for(purpose, register)
    if printer is None:
        raise Refused("no_printer", "No label printer is set up. Add one on the Devices screen.")
    return post_label_to(tx, job, printer, kind)


def post_label_to(tx: Tx, job: LabelJob, printer: Device, kind: str = "") -> str:
    """Queue labels for this label printer, whatever the usual one is; return the job's id."""
    kind = kind or str(job.label.__struct_config__.tag)
    return _post(tx, "label", kind, job, printer, job.ref, None)


def post_page(tx: Tx, pages: Pages, *, register: int) -> str:
    """Queue pages for the register's document printer and return the job's id.

    They expire as receipts do. Raises Refused where there is no such printer.
    """
    printer = tx.settings.device_for("documents", register)
    if printer is None:
        raise Refused("no_printer", "No document printer is set up. Add one on the Devices screen.")
    return post_page_to(tx, pages, printer)


def post_page_to(tx: Tx, pages: Pages, printer: Device) -> str:
    """Queue pages for this document printer, whatever the usual one is; return the job's id."""
    lives_ms = tx.settings.receipt_minutes * 60_000
    return _post(tx, "page", "pages", pages, printer, pages.title, lives_ms)


def _post(
    tx: Tx, channel: str, kind: str, value: Printed, printer: Device, ref: str, lives_ms: int | None
) -> str:
    job = new_id()
    tx.post(
        job,
        channel,
        kind,
        ref=ref,
        register=printer.register,
        device=printer.id,
        copy=outbox.jobs_about(tx.conn, ref, kind) if getattr(value, "copy", False) else 0,
        payload=msgspec.json.encode(value),
        lives_ms=lives_ms,
    )
    return job


def post_drawer(tx: Tx, *, register: int, ref: str, why: str) -> str:
    """Queue the opening of the register's drawer; it expires in seconds. No drawer, no job: an empty id."""
    printer = tx.settings.device_for("receipts", register)
    if printer is None or not getattr(printer.setup, "drawer_pin", 0):
        return ""
    return post_drawer_to(tx, printer, ref=ref, why=why)


def post_drawer_to(tx: Tx, printer: Device, *, ref: str, why: str) -> str:
    """Queue the opening of the drawer behind this printer; return the job's id."""
    job = new_id()
    tx.post(
        job,
        "drawer",
        "kick",
        ref=ref,
        register=printer.register,
        device=printer.id,
        payload=msgspec.json.encode({"why": why}),
        lives_ms=DRAWER_LIVES_MS,
    )
    return job
