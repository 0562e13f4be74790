"""Putting jobs into the outbox as part of another action: slips to print, drawers to open."""

from __future__ import annotations

import msgspec

from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.slip import Slip

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
    if tx.settings.printer.kind == "none":
        if by_itself:
            return ""
        raise Refused("no_printer", "No receipt printer is set up. Choose one in Settings.")
    job = new_id()
    tx.post(
        job,
        "paper",
        slip.kind,
        ref=slip.ref,
        register=register,
        payload=msgspec.json.encode(slip),
        lives_ms=tx.settings.receipt_minutes * 60_000,
    )
    return job


def post_drawer(tx: Tx, *, register: int, ref: str, why: str) -> str:
    """Queue the opening of the register's drawer; it expires in seconds. No printer, no drawer: no job."""
    if tx.settings.printer.kind == "none":
        return ""
    job = new_id()
    tx.post(
        job,
        "drawer",
        "kick",
        ref=ref,
        register=register,
        payload=msgspec.json.encode({"why": why}),
        lives_ms=DRAWER_LIVES_MS,
    )
    return job
