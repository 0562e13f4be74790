"""A parcel made ready for carriers: what they are told of it, after every check that needs no network.

Nothing is written here and no money moves; `actions.buying` keeps what comes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.actions.label_papers import format_bought
from bookwish_desk.db import orders, weighing
from bookwish_desk.db.store import Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.carriage import Box, Consignment, Customs
from bookwish_desk.shop.customs_words import needed
from bookwish_desk.shop.delivery_address import faults
from bookwish_desk.shop.delivery_address import printed as on_label
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.media_mail import qualifies
from bookwish_desk.shop.order import Order, Parcel, PostalAddress
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.parcel_weight import MOST_GRAMS, inside
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.text import clean

MOST_MM = 3_048
"""120 inches: beyond it nothing is a parcel any more."""
MOST_INSURED_CENTS = 500_000
MOST_MARKS = 3

CHANGED = (
    "The address, or what is in the parcel, was changed after its prices were asked for. Ask for them again."
)

_DRY = "dry run"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel to be priced: `parcel` is the parcel's id in each of these orders, `box` as it was packed.

    `package` and `preset` are ids of the settings, for the books only: what counts is `box`. `override` is
    a manager's reason for sending an unpaid order.
    """

    order_ids: tuple[str, ...]
    parcel: str
    box: Box
    to: PostalAddress
    package: str = ""
    preset: str = ""
    media_mail: bool = False
    signature: bool = False
    insured_cents: int = 0
    customs: Customs | None = None
    override: str = ""
    purpose: Literal["out", "return"] = "out"


def orders_of(tx: Tx, order_ids: Sequence[str]) -> tuple[Order, ...]:
    """Return these orders. Raises Refused where one of them is not in the books, or none is named."""
    found = tuple(orders.load(tx.conn, order_id) for order_id in dict.fromkeys(order_ids))
    if not found:
        raise Refused("no_order", "Choose an order to send.")
    return found


def may_leave(order: Order, box: str, override: str, at: int) -> None:
    """Raise Refused with the reason where this box of an order cannot be shipped now."""
    parcel = order.parcel(box)
    if parcel is None:
        raise Refused("no_parcel", f"{order.number}: pack the parcel first.", order=order.id)
    unpaid = override if not order.paid else ""
    verb: Verb = "retrack" if waits_for_label(parcel) else "ship"
    try:
        apply(order, Step(verb, parcel=box, tracking=_DRY, override=unpaid), at)
    except Refused as refused:
        facts = {**refused.facts, "order": order.id}
        raise Refused(refused.code, f"{order.number}: {refused.message}", **facts) from refused


def packed_as(found: Sequence[Order], box: str) -> str:
    """Return what stands for the contents of a box and the addresses of its orders, as they are now."""
    facts = []
    for order in sorted(found, key=lambda x: x.id):
        parcel = order.parcel(box)
        inside = sorted(parcel.contents) if parcel is not None else []
        facts.append((order.id, order.address, inside))
    return hashlib.blake2b(msgspec.json.encode(facts), digest_size=12).hexdigest()


def may_go(tx: Tx, postage: Postage) -> None:
    """Raise Refused with the reason where the parcel of a label cannot be shipped as it was asked about."""
    if postage.purpose != "out":
        return
    found = orders_of(tx, postage.orders)
    for order in found:
        may_leave(order, postage.box, postage.override, tx.at)
    if postage.packed and postage.packed != packed_as(found, postage.box):
        raise Refused("changed", CHANGED, id=postage.id)


def waits_for_label(parcel: Parcel) -> bool:
    """Say whether a parcel counts as shipped and has no number: its label was given back, another follows."""
    return parcel.shipped_at > 0 and not parcel.delivered_at and not parcel.tracking


def consigned(tx: Tx, wanted: Wanted, reference: str, found: Sequence[Order], register: int) -> Consignment:
    """Return what carriers are told of a parcel.

    Raises Refused with the fact `field` (a field of the address, or "weight", "size", "media_mail",
    "customs", "insurance", "sender") where something is missing or cannot be.
    """
    settings = tx.settings.shipping
    sender = settings.sender
    if not all((sender.line1, sender.city, sender.postal_code)):
        raise _wrong("sender", "Type the address that parcels come from in the settings first.")
    box = checked_box(wanted.box)
    to = checked_address(wanted.to)
    abroad = needed(sender, to)
    if wanted.media_mail:
        _media_mail(tx, wanted, box, found)
    if abroad and (wanted.customs is None or not wanted.customs.items):
        raise _wrong("customs", "Customs must be told what is in a parcel that goes abroad.")
    if wanted.customs is not None and not plain(wanted.customs.signer):
        raise _wrong("customs", "Type who signs for customs.")
    if not 0 <= wanted.insured_cents <= MOST_INSURED_CENTS:
        raise _wrong("insurance", "That cannot be insured. Type an amount up to $5,000.")
    who = next((x.customer for x in found if x.customer is not None), None)
    return Consignment(
        reference=reference,
        to=to,
        sender=sender,
        box=box,
        email=clean(who.email, 120) if who is not None else "",
        format=format_bought(tx.settings),
        media_mail=wanted.media_mail,
        signature=wanted.signature,
        marks=tuple(x.number for x in found)[:MOST_MARKS],
        label_on=label_day(tx.settings, tx.at),
        is_return=wanted.purpose == "return",
        customs=wanted.customs if abroad else None,
        currency=tx.settings.currency,
    )


def checked_box(box: Box) -> Box:
    """Return a parcel that a carrier would take. Raises Refused (`field` weight or size)."""
    if box.weight_grams <= 0:
        raise _wrong("weight", "Weigh the parcel first: type its weight, or read the scale.")
    if box.weight_grams > MOST_GRAMS:
        raise _wrong("weight", "That is over 70 lb, more than carriers take. Split the parcel.")
    sizes = (box.length_mm, box.width_mm, box.height_mm)
    if not box.kind and (min(sizes) <= 0 or max(sizes) > MOST_MM):
        raise _wrong("size", "Type the length, width and height of the box.")
    return box


def checked_address(address: PostalAddress) -> PostalAddress:
    """Return an address that carriers can be asked about. Raises Refused (`field` of what is missing)."""
    for field, sentence in faults(address).items():
        raise _wrong(field, sentence)
    return on_label(address)


def _media_mail(tx: Tx, wanted: Wanted, box: Box, found: Sequence[Order]) -> None:
    # The forces and the islands need a customs form, and Media Mail goes there all the same.
    if box.kind:
        raise _wrong("media_mail", "Media Mail needs the shop's own packaging, not a carrier's.")
    lying = inside(found, wanted.parcel)
    with tx.store.read() as conn:
        known = weighing.of_lines(conn, [line for line, _ in lying])
    media = qualifies(lying, known, country=wanted.to.country, grams=box.weight_grams)
    if not media.ok:
        raise _wrong("media_mail", media.words)


def label_day(settings: Settings, at: int) -> str:
    """Return the day a label made now is dated: empty for today, else YYYY-MM-DD (after the cut-off)."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(settings.zone))
    if local.hour * 60 + local.minute < settings.shipping.cutoff:
        return ""
    return (local.date() + timedelta(days=1)).isoformat()


def day_began(settings: Settings, at: int) -> int:
    """Return when the day of a moment began, by the shop's own clock (ms UTC)."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(settings.zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _wrong(field: str, sentence: str) -> Refused:
    return Refused("parcel", sentence, field=field)
