"""Printing the receipts of completed sales again, and gift receipts for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from bookwish_desk.actions.action import action
from bookwish_desk.actions.outgoing import slip_of
from bookwish_desk.actions.people import name_of, register_name
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import letterhead, post_slip
from bookwish_desk.db import outbox, sales
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.device import Device, can_do
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.receipt import gift_receipt, sale_receipt
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor

NOT_ON_PAPER = ("failed", "expired")
"""States of a job that surely printed nothing: what follows it is still the first."""


@action
def reprint(tx: Tx, actor: Actor, receipt: str) -> str:
    """Print a receipt again, marked COPY unless none was ever printed; return the job's id.

    Raises Refused when nobody knows the receipt, or when it is still waiting for the printer.
    """
    present(tx, actor)
    sale = _sale(tx.conn, receipt)
    before = outbox.latest(tx.conn, sale.receipt, "receipt")
    if before is not None and before.state in ("queued", "sending"):
        raise Refused(
            "printing", f"Receipt {sale.receipt} is waiting for the printer already.", state=before.state
        )
    slip = sale_receipt(
        sale,
        letterhead(tx.settings),
        clerk=name_of(tx.conn, sale.staff),
        register=register_name(tx.conn, sale.register),
        copy=_was_printed(before),
    )
    job = post_slip(tx, slip, register=actor.register)
    _record(tx, actor, "receipt.printed", sale, {"copy": slip.copy})
    return job


def _was_printed(job: Job | None) -> bool:
    return job is not None and (job.state not in NOT_ON_PAPER or slip_of(job).copy)


@action
def gift(tx: Tx, actor: Actor, receipt: str, lines: Collection[int] | None = None) -> str:
    """Print a gift receipt for all sold lines, or for those with these numbers; return the job's id.

    The same one printed a second time is marked COPY. Raises Refused when nobody knows the receipt or
    none of these lines was sold on it.
    """
    present(tx, actor)
    sale = _sale(tx.conn, receipt)
    sold = {x.no for x in sale.lines if x.quantity > 0}
    wanted = frozenset(sold if lines is None else sold.intersection(lines))
    if not wanted:
        raise Refused("nothing_sold", f"Nothing was sold on receipt {sale.receipt} that could be a gift.")
    slip = gift_receipt(sale, letterhead(tx.settings), lines=wanted)
    earlier = [j for j in outbox.about(tx.conn, sale.receipt, "gift") if j.state not in NOT_ON_PAPER]
    if any(slip_of(j).elements == slip.elements for j in earlier):
        slip = gift_receipt(sale, letterhead(tx.settings), lines=wanted, copy=True)
    job = post_slip(tx, slip, register=actor.register)
    _record(tx, actor, "receipt.gift", sale, {"lines": sorted(wanted), "copy": slip.copy})
    return job


def _record(tx: Tx, actor: Actor, kind: str, sale: Sale, body: dict[str, object]) -> None:
    tx.record(kind, staff=actor.staff, register=actor.register, ref=sale.receipt, body=body)


def _sale(conn: Connection, receipt: str) -> Sale:
    sale = sales.by_receipt(conn, receipt)
    if sale is None:
        raise Refused("no_sale", f"Receipt {receipt} is not in this shop's books.", receipt=receipt)
    return sale


def printing_words(store: Store, receipt: str) -> str:
    """Return how the printing of a receipt stands, in a sentence; an empty text when none was asked for."""
    with store.read() as conn:
        job = outbox.latest(conn, receipt, "receipt")
    return "" if job is None else job_words(job, store.settings.devices)


def job_name(job: Job) -> str:
    """Return what people call what a job prints."""
    return _NAMES.get((job.channel, job.kind)) or _SLIPS.get(job.kind, "Slip")


def job_words(job: Job, devices: Iterable[Device] = ()) -> str:
    """Return how a print job stands, in a sentence.

    `devices` are those of the shop: where its register has several printers, this one is named.
    """
    what, printer = f"{job_name(job)} {job.ref}".strip(), _printer_name(job, devices)
    if job.state == "queued" and job.attempts:
        return f"{what} waits for {printer}. {job.status}".strip()
    sentence = _STATES[job.state].format(what, printer)
    if job.state in ("failed", "expired", "unknown") and job.status:
        return f"{sentence} {job.status}"
    return sentence


def job_badge(job: Job) -> str:
    """Return how an unfinished job stands, in a word or two."""
    if job.state in ("queued", "sending"):
        return "Waiting"
    return "Perhaps printed" if job.state == "unknown" else "Not printed"


def _printer_name(job: Job, devices: Iterable[Device]) -> str:
    printers = [d for d in devices if d.register == job.register and can_do(d.role)]
    named = next((d.name for d in printers if d.id == job.device), "")
    return named if named and len(printers) > 1 else "the printer"


_SLIPS = {
    "receipt": "Receipt",
    "gift": "Gift receipt",
    "hold": "Hold slip",
    "order": "Pickup slip",
    "report": "Report",
    "test": "Printer test",
    "key": "Key",
}
"""What people call each kind of slip."""

_NAMES = {
    ("label", "price"): "Price label",
    ("label", "shelf"): "Shelf label",
    ("label", "shipping"): "Shipping label",
    ("label", "test"): "Test label",
    ("label", "packing_slip"): "Packing slip",
    ("page", "pages"): "Document",
}
"""What people call what is no slip, by channel and kind."""

_STATES = {
    "queued": "{} is being printed.",
    "sending": "{} is being printed.",
    "printed": "{} was printed.",
    "sent": "{} was sent to {}.",
    "unknown": "{} may not have printed.",
    "failed": "{} was not printed.",
    "expired": "{} was not printed.",
}
