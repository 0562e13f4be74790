"""Labels that were bought and that the books do not know, because an older backup was put back.

Used by `sync.carriers` only. What is found stands for its parcel, so that it is not paid again; whether the
parcel left is for people to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.postage_notes import kept, noted
from bookwish_desk.db import orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import Bought, Box, Consignment, ShipmentNow
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.order import Order, Parcel, PostalAddress
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tracking import next_poll

FOUND = (
    "This label was bought after the backup in use was made. Look whether its parcel has left:"
    " ship it with this number, or give the label back."
)
NOBODY = Actor("", 0)
"""Who did it, in the history: nobody who is known."""
GIVEN_BACK = ("submitted", "refunded")
NOT_ANY_MORE = "This label was given back after the backup in use was made: it cannot be used."
_OURS = re.compile(r"[0-9a-f]{32}")
"""What a shipment is called that a desk made: what was bought elsewhere with the account is none of ours."""
_APART_MS = 86_400_000
"""So far apart the clocks of the desk and of the broker may be."""


@action
def took(tx: Tx, told: Sequence[ShipmentNow]) -> tuple[Postage, ...]:
    """Keep the labels that a broker says were paid and that are in no row; return them. It is done then."""
    found = []
    since = postages.unlooked_since(tx.conn) + postages.GIVEN_BACK_MS - _APART_MS
    for now in told:
        paid = now.bought
        known = postages.by_shipment(tx.conn, now.quoted.shipment)
        back = now.refund in GIVEN_BACK
        if known is not None and back:
            _given_back(tx, known)
        if paid is None or known is not None or back or not _ours(now, since):
            continue
        after = _asked_before(tx, now, paid) or _new(tx, now, paid)
        found.append(after)
        noted(tx, NOBODY, "label_found", after, cents=paid.cents)
        _trouble(tx, after)
    postages.looked_up(tx)
    if found:
        body = {"count": len(found), "tracking": [p.tracking for p in found]}
        tx.record("labels.found", staff="", register=0, ref="labels", body=body)
    return tuple(found)


@action
def untold(tx: Tx, words: str) -> None:
    """Note that a broker does not say what was bought: it goes on without that, and the journal says so."""
    postages.looked_up(tx)
    tx.record("labels.untold", staff="", register=0, ref="labels", body={"words": words})


def _ours(now: ShipmentNow, since: int) -> bool:
    """Say whether a desk made a shipment, and after these books end: older ones of ours would be in them."""
    return bool(_OURS.fullmatch(now.reference)) and (not now.made_at or now.made_at >= since)


def _given_back(tx: Tx, known: Postage) -> None:
    """Look after the refund of a label that counted as usable when the backup was made."""
    if known.state == "bought":
        after = replace(
            known, state="voiding", refund="", refund_asked_at=tx.at, words=NOT_ANY_MORE, attempts=0, looks=0,
            next_try_at=0,
        )  # fmt: skip
        kept(tx, known, after)
        noted(tx, NOBODY, "label_void", after, reason=NOT_ANY_MORE)


def _paid(tx: Tx, before: Postage, now: ShipmentNow, paid: Bought) -> Postage:
    return replace(
        before,
        state="bought",
        quoted=now.quoted,
        rate=None,
        wanted_at=0,
        ships=False,
        prints=False,
        bought=paid,
        bought_at=tx.at,
        words=FOUND,
        attempts=0,
        next_try_at=0,
        manifest=now.manifest,
        track_next_at=next_poll(None, tx.at, tx.at) if paid.tracker else 0,
    )


def _asked_before(tx: Tx, now: ShipmentNow, paid: Bought) -> Postage | None:
    """Return the row of a label that was only asked about when the backup was made, bought now."""
    before = next(iter(postages.by_ids(tx.conn, [now.reference])), None)
    if before is None or before.bought is not None or before.state not in ("new", "dropped"):
        return None
    other = postages.of_box(tx.conn, before.box)
    if before.purpose == "out" and other is not None and other.id != before.id:
        return None
    return kept(tx, before, _paid(tx, before, now, paid))


def _new(tx: Tx, now: ShipmentNow, paid: Bought) -> Postage:
    """Keep a row for a label that is in none, with the orders whose numbers stand on it."""
    named = tuple(found[0] for mark in now.marks if (found := orders.by_number(tx.conn, mark)))
    box = "" if now.is_return else _box(tx, named, paid)
    sent = Consignment(
        reference=now.reference or paid.shipment,
        to=next((x.address for x in named if x.address is not None), PostalAddress()),
        sender=tx.settings.shipping.sender,
        box=Box(0),
        format=paid.label_format,
        marks=now.marks,
        is_return=now.is_return,
        currency=paid.currency,
    )
    row = Postage(
        id=new_id(),
        box=box or postages.NO_BOX + paid.shipment,
        orders=tuple(dict.fromkeys(x.id for x in named)),
        numbers=now.marks or (paid.tracking or paid.shipment,),
        consignment=sent,
        created_at=tx.at,
        staff="",
        register=0,
        purpose="return" if now.is_return else "out",
    )
    after = _paid(tx, row, now, paid)
    postages.insert(tx, after)
    return after


def _box(tx: Tx, named: Sequence[Order], paid: Bought) -> str:
    """Return the parcel that has a label's number, else the first that has none and is in all its orders."""
    if not named:
        return ""
    first, *others = named
    free = [p for p in first.parcels if all(x.parcel(p.id) is not None for x in others)]
    free = [p for p in free if postages.of_box(tx.conn, p.id) is None]
    numbered = (p for p in free if paid.tracking and p.tracking == paid.tracking)
    chosen = next(numbered, None) or next((p for p in free if not p.shipped_at and not p.tracking), None)
    return chosen.id if chosen is not None else ""


def _trouble(tx: Tx, label: Postage) -> None:
    """Let somebody look at the parcels for which a label was found, where those have not left."""
    for order in orders.by_ids(tx.conn, label.orders):
        parcel = order.parcel(label.box)
        if label.purpose == "out" and parcel is not None and not parcel.shipped_at:
            orders.save(tx, order, replace(order, parcels=_marked(order, parcel)))


def _marked(order: Order, parcel: Parcel) -> tuple[Parcel, ...]:
    return tuple(replace(p, trouble=FOUND) if p.id == parcel.id else p for p in order.parcels)
