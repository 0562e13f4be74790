"""What a parcel is sent as: by the shop's rules, unless somebody chose otherwise. No Qt and no reads.

What keeps it from being priced, and what is only to be looked at, is said here in words.
"""

from __future__ import annotations

import msgspec

from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.shop import delivery_address, media_mail, parcel_weight, presets
from bookwish_desk.shop.carriage import Box, Rate
from bookwish_desk.shop.media_mail import MediaMail
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.shop.shipping import Package, Preset, ShippingSettings
from bookwish_desk.ui.shipping.state import ToShip


class Picked(msgspec.Struct, frozen=True):
    """What somebody chose for a parcel; what is empty follows from the rules. `rate` is the id of a price."""

    preset: str = ""
    package: str = ""
    grams: int = 0
    rate: str = ""

    @property
    def shape(self) -> bool:
        """Say whether anything was chosen that prices depend on."""
        return bool(self.preset or self.package or self.grams)


class Plan(msgspec.Struct, frozen=True):
    """What a parcel is sent as. `guessed` are titles of unknown weight, `weighed` says that a scale was read.

    `fault` keeps it from being priced; `cautions` are to be looked at.
    """

    to: PostalAddress
    box: Box
    preset: Preset | None
    package: Package | None
    media: MediaMail
    weighed: bool = False
    guessed: tuple[str, ...] = ()
    insured_cents: int = 0
    fault: str = ""
    cautions: tuple[str, ...] = ()

    @property
    def media_mail(self) -> bool:
        """Say whether Media Mail is asked for: only where every line may go by it."""
        return self.media.ok and not (self.preset is not None and self.preset.signature)

    @property
    def signature(self) -> bool:
        """Say whether somebody must sign for it."""
        return self.preset is not None and self.preset.signature


NO_ADDRESS = PostalAddress(country="US")
AS_RULED = Picked()
ELSEWHERE = "The label is for another address than the order's."


def unpaid(parcel: ToShip) -> Postage | None:
    """Return the label that stands for a parcel and is not paid yet, None where there is none."""
    label = parcel.postage
    return label if label is not None and label.state in ("new", "created", "refused") else None


def plan(parcel: ToShip, settings: ShippingSettings, picked: Picked = AS_RULED) -> Plan:
    """Return what a parcel is sent as: as it was priced, unless something else was chosen since."""
    label = unpaid(parcel)
    priced = label if label is not None and not picked.shape else None
    to = parcel.orders[0].address or NO_ADDRESS
    if priced is not None:
        to = priced.consignment.to
    bare = parcel_weight.predict(parcel.lines, parcel.known, None, settings)
    first = media_mail.qualifies(parcel.lines, parcel.known, country=to.country)
    wanted = picked.preset or (label.preset if label is not None else "")
    preset = settings.preset(wanted) or presets.preset_for(
        settings, grams=parcel.weighed_grams or bare.grams, media_mail=first.ok, country=to.country
    )
    chosen = picked.package or (label.package if label is not None and not picked.preset else "")
    package = settings.package(chosen) or presets.package_of(preset, settings)
    if package is None and settings.packages:
        package = settings.packages[0]
    known = parcel_weight.predict(parcel.lines, parcel.known, package, settings)
    scale = picked.grams or parcel.weighed_grams
    box = priced.consignment.box if priced is not None else _box(package, scale or known.grams)
    media = media_mail.qualifies(
        parcel.lines, parcel.known, country=to.country, package=package, grams=box.weight_grams
    )
    weighed = bool(scale) or box.weight_grams != known.grams
    return Plan(
        to=to,
        box=box,
        preset=preset,
        package=package,
        media=media,
        weighed=weighed,
        guessed=() if weighed else known.guessed,
        insured_cents=worth(parcel) if preset is not None and preset.insure else 0,
        fault=_fault(to, box, package),
        cautions=_cautions(to, parcel.orders[0].address or NO_ADDRESS),
    )


def _cautions(to: PostalAddress, own: PostalAddress) -> tuple[str, ...]:
    found = tuple(delivery_address.cautions(to).values())
    elsewhere = any(not d.small for d in delivery_address.differences(own, to))
    return (ELSEWHERE, *found) if elsewhere else found


def _box(package: Package | None, grams: int) -> Box:
    if package is None:
        return Box(grams)
    return Box(grams, package.length_mm, package.width_mm, package.height_mm, package.kind)


def _fault(to: PostalAddress, box: Box, package: Package | None) -> str:
    if package is None:
        return "Choose a package: the shop has none in its settings."
    return next(iter((*delivery_address.faults(to).values(), *parcel_weight.faults(box).values())), "")


def worth(parcel: ToShip) -> int:
    """Return what the copies in a parcel cost the customer, in cents."""
    return sum(line.price_cents * copies for line, copies in parcel.lines)


def wanted(parcel: ToShip, made: Plan, override: str = "") -> Wanted:
    """Return what carriers are to be asked of a parcel."""
    return Wanted(
        order_ids=tuple(order.id for order in parcel.orders),
        parcel=parcel.box,
        box=made.box,
        to=made.to,
        package=made.package.id if made.package is not None else "",
        preset=made.preset.id if made.preset is not None else "",
        media_mail=made.media_mail,
        signature=made.signature,
        insured_cents=made.insured_cents,
        override=override,
    )


def holds(label: Postage, made: Plan, at: int) -> bool:
    """Say whether the prices of a label are those of the plan, and not too old to be agreed to."""
    quoted, asked = label.quoted, label.consignment
    if quoted is None or not quoted.at or at - quoted.at > RATES_LIVE_MS:
        return False
    told = (asked.box, asked.media_mail, asked.signature, asked.to, label.insured_cents)
    return told == (made.box, made.media_mail, made.signature, made.to, made.insured_cents)


def rates(label: Postage, made: Plan) -> tuple[Rate, ...]:
    """Return the prices that this parcel may go by, the cheapest first: Media Mail only where it may."""
    found = label.quoted.rates if label.quoted is not None else ()
    media = label.consignment.media_mail and made.media.ok
    usable = [r for r in found if media or not presets.same_name(r.service, presets.MEDIA_MAIL)]
    return tuple(sorted(usable, key=presets.cheapest_first))


def meant(label: Postage, made: Plan, picked: Picked) -> Rate | None:
    """Return the price that was chosen, else the one that the preset means, None where nobody offers it."""
    usable = rates(label, made)
    if picked.rate:
        return next((r for r in usable if r.id == picked.rate), None)
    return presets.rate_for(made.preset, usable) if made.preset is not None else None
