"""What a parcel is sent as by what was chosen for it: worked out once, shown in many places. No Qt."""

from __future__ import annotations

import msgspec

from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.settings import Settings
from bookwish_desk.shop import delivery_address, parcel_weight
from bookwish_desk.shop.carriage import Box, Customs
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.media_mail import MediaMail
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import Package, Preset
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.state import ToShip

NO_PACKAGE = "Choose a package: carriers want to know its size."


class Plan(msgspec.Struct, frozen=True):
    """What a parcel is sent as.

    `guessed` are titles of unknown weight that it depends on, `amiss` says that by its weight a book may be
    missing or one too many in it. `fault` keeps it from being priced, `cautions` are to be looked at.
    `changed` says that carriers were told something else, `undecided` that somebody must decide
    which spelling of the address is used.
    """

    to: PostalAddress
    box: Box
    preset: Preset | None
    package: Package | None
    media: MediaMail
    guessed: tuple[str, ...] = ()
    amiss: str = ""
    insured_cents: int = 0
    customs: Customs | None = None
    fault: str = ""
    cautions: tuple[str, ...] = ()
    changed: bool = False
    undecided: bool = False


def plan_of(parcel: ToShip, draft: Draft, settings: Settings) -> Plan:
    """Return what a parcel is sent as."""
    to, package = drafts.to_of(parcel, draft), drafts.package_of(draft, settings)
    fault = ""
    try:
        box = drafts.box_of(parcel, draft, settings)
    except Refused as refused:
        box, fault = Box(0), refused.message
    declared = drafts.declared(parcel, draft, settings)
    faults = (
        fault,
        "" if package is not None else NO_PACKAGE,
        *delivery_address.faults(to).values(),
        *parcel_weight.faults(box).values(),
        *(declared.faults if declared is not None else ()),
    )
    weighed = draft.source in ("packed", "scale", "typed")
    return Plan(
        to=to,
        box=box,
        preset=settings.shipping.preset(draft.preset),
        package=package,
        media=drafts.media_of(parcel, draft, settings),
        amiss=drafts.difference(parcel, draft, settings),
        guessed=() if weighed else drafts.predicted(parcel, draft, settings).guessed,
        insured_cents=drafts.insured_cents(parcel, draft),
        customs=declared.customs if declared is not None else None,
        fault=next((f for f in faults if f), ""),
        cautions=tuple(delivery_address.cautions(to).values()),
        changed=drafts.changed_since(parcel, draft, settings),
        undecided=drafts.undecided(parcel, draft),
    )


def wanted(parcel: ToShip, draft: Draft, made: Plan) -> Wanted:
    """Return what carriers are asked of a parcel."""
    return Wanted(
        order_ids=tuple(order.id for order in parcel.orders),
        parcel=parcel.box,
        box=made.box,
        to=made.to,
        package=draft.package,
        preset=draft.preset,
        media_mail=made.media.ok,
        signature=draft.signature,
        insured_cents=made.insured_cents,
        customs=made.customs,
    )
