"""What is chosen for a parcel before a carrier is asked: weight, package, options, spelling of the address.

Pure. Nothing here is kept: what was asked is frozen in the label (`shop.postage`).
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop import customs_words, delivery_address, measures, media_mail, parcel_weight, presets
from bookwish_desk.shop.carriage import Box, CheckedAddress, Customs
from bookwish_desk.shop.customs_words import Declared
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.media_mail import MediaMail
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.parcel_weight import Predicted
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.shipping import Package
from bookwish_desk.ui.shipping.state import ToShip

Source = Literal["predicted", "packed", "scale", "typed", "label"]
Spelling = Literal["", "written", "suggested"]
"""Whose spelling goes onto the label; nobody decided yet: the customer's."""

NO_ADDRESS = PostalAddress(country="")
_SPELLINGS: tuple[Spelling, ...] = ("written", "suggested")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen for one parcel.

    `weight` is text as it was typed or read, `source` where it comes from. `by_rule` says that the preset is
    the one of the shop's rules. `typed` is an address for this label only, in place of the order's. `checked`
    is what carriers said of `checked_for`, `spelling` which one goes onto the label. `customs` is what a
    person changed, `rate` the price that is chosen. `errors` stand beside their fields; `unpaid` is why the
    order may not leave.
    """

    weight: str = ""
    source: Source = "predicted"
    preset: str = ""
    by_rule: bool = True
    package: str = ""
    signature: bool = False
    insure: bool = False
    override: str = ""
    unpaid: str = ""
    typed: PostalAddress | None = None
    checked: CheckedAddress | None = None
    checked_for: PostalAddress | None = None
    spelling: Spelling = ""
    customs: Customs | None = None
    rate: str = ""
    errors: dict[str, str] = {}


def written(parcel: ToShip) -> PostalAddress:
    """Return the address as the customer wrote it."""
    return parcel.orders[0].address or NO_ADDRESS


def own(parcel: ToShip, draft: Draft) -> PostalAddress:
    """Return the address as the customer wrote it, or as it was typed for the label."""
    return draft.typed or written(parcel)


def begun(parcel: ToShip, settings: Settings) -> Draft:
    """Return what is chosen for a parcel to begin with: as its label has it, else by the shop's rules."""
    label = parcel.postage
    if label is not None and label.live:
        return _of_label(parcel, label, settings)
    locale = settings.locale
    draft = with_check(parcel, Draft())
    if parcel.weighed_grams:
        weight = measures.weight_words(parcel.weighed_grams, locale, exact=True)
        draft = replace(draft, weight=weight, source="packed")
    return by_rule(parcel, draft, settings)


def with_check(parcel: ToShip, draft: Draft) -> Draft:
    """Return the draft with what is known of the order's address, and which spelling was chosen before."""
    asked = draft.checked is not None and draft.checked_for == written(parcel)
    if parcel.checked is None or asked or draft.typed is not None:
        return draft
    spellings: dict[str, Spelling] = {"own": "written", "suggested": "suggested"}
    return replace(
        draft,
        checked=parcel.checked,
        checked_for=written(parcel),
        spelling=spellings.get(parcel.choice, ""),
    )


def _of_label(parcel: ToShip, label: Postage, settings: Settings) -> Draft:
    told = label.consignment
    draft = with_check(
        parcel,
        Draft(
            weight=measures.weight_words(told.box.weight_grams, settings.locale, exact=True),
            source="packed" if told.box.weight_grams == parcel.weighed_grams else "label",
            preset=label.preset,
            by_rule=False,
            package=label.package,
            signature=told.signature,
            insure=label.insured_cents > 0,
            override=label.override,
        ),
    )
    draft = _spelled(parcel, draft, told.to)
    by_books = declared(parcel, draft, settings)
    own_words = told.customs is not None and (by_books is None or by_books.customs != told.customs)
    return replace(draft, customs=told.customs) if own_words else draft


def _spelled(parcel: ToShip, draft: Draft, to: PostalAddress) -> Draft:
    """Return the draft with the spelling, or the address typed for the label, that carriers were told."""
    if to == to_of(parcel, draft):
        return draft
    for spelling in _SPELLINGS:
        if to == to_of(parcel, replace(draft, spelling=spelling)):
            return replace(draft, spelling=spelling)
    return replace(draft, typed=to)


def by_rule(parcel: ToShip, draft: Draft, settings: Settings) -> Draft:
    """Return the draft with the preset that the shop's rules give the parcel, and what is in it."""
    shipping = settings.shipping
    grams = grams_or_predicted(parcel, draft, settings)
    country = own(parcel, draft).country
    media = media_mail.qualifies(parcel.lines, parcel.known, country=country, grams=grams)
    found = presets.preset_for(shipping, grams=grams, media_mail=media.ok, country=country)
    return with_preset(parcel, replace(draft, by_rule=True), found.id if found is not None else "", settings)


def with_preset(parcel: ToShip, draft: Draft, preset_id: str, settings: Settings) -> Draft:
    """Return the draft with a preset's package and options; without one they stay."""
    shipping = settings.shipping
    preset = shipping.preset(preset_id)
    if preset is None:
        first = shipping.packages[0].id if shipping.packages else ""
        draft = replace(draft, preset="", package=draft.package or first, rate="")
    else:
        package = presets.package_of(preset, shipping)
        draft = replace(
            draft,
            preset=preset_id,
            package=package.id if package is not None else draft.package,
            signature=preset.signature,
            insure=preset.insure,
            rate="",
        )
    return foretold(parcel, draft, settings)


def foretold(parcel: ToShip, draft: Draft, settings: Settings) -> Draft:
    """Return the draft with the weight that is predicted, where nobody weighed the parcel."""
    if draft.source != "predicted":
        return draft
    grams = predicted(parcel, draft, settings).grams
    return replace(draft, weight=measures.weight_words(grams, settings.locale))


# ---- what a draft means ----


def package_of(draft: Draft, settings: Settings) -> Package | None:
    """Return the package that is chosen."""
    return settings.shipping.package(draft.package)


def predicted(parcel: ToShip, draft: Draft, settings: Settings) -> Predicted:
    """Return what the parcel should weigh, in the package that is chosen."""
    package = package_of(draft, settings)
    return parcel_weight.predict(parcel.lines, parcel.known, package, settings.shipping)


def grams_of(draft: Draft, settings: Settings) -> int:
    """Return the weight that stands in the field. Raises Refused for what is none."""
    return measures.read_weight(draft.weight, settings.locale)


def grams_or_predicted(parcel: ToShip, draft: Draft, settings: Settings) -> int:
    """Return the weight that stands in the field, else what is predicted."""
    try:
        return grams_of(draft, settings)
    except Refused:
        return predicted(parcel, draft, settings).grams


def box_of(parcel: ToShip, draft: Draft, settings: Settings) -> Box:
    """Return the parcel as carriers see it. Raises Refused for a weight that is none."""
    package, grams = package_of(draft, settings), grams_of(draft, settings)
    if package is None:
        return Box(grams)
    return Box(grams, package.length_mm, package.width_mm, package.height_mm, package.kind)


def media_of(parcel: ToShip, draft: Draft, settings: Settings) -> MediaMail:
    """Return whether the parcel may go by Media Mail, or what forbids it."""
    return media_mail.qualifies(
        parcel.lines,
        parcel.known,
        country=own(parcel, draft).country,
        package=package_of(draft, settings),
        grams=grams_or_predicted(parcel, draft, settings),
    )


def to_of(parcel: ToShip, draft: Draft) -> PostalAddress:
    """Return the address that goes onto the label: the carrier's spelling only where it was chosen."""
    ours = own(parcel, draft)
    if draft.spelling == "suggested" and (known := known_check(parcel, draft)) is not None:
        return delivery_address.printed(delivery_address.taken_over(ours, known.suggested))
    return delivery_address.printed(ours)


def known_check(parcel: ToShip, draft: Draft) -> CheckedAddress | None:
    """Return what carriers said of the address as it is written now; None where they were not asked."""
    return draft.checked if draft.checked_for == own(parcel, draft) else None


def undecided(parcel: ToShip, draft: Draft) -> bool:
    """Say whether somebody must decide which spelling goes onto the label, before money moves."""
    known = known_check(parcel, draft)
    if known is None or draft.spelling:
        return False
    differing = delivery_address.differences(own(parcel, draft), known.suggested)
    return not known.deliverable or bool(known.warnings) or any(not d.small for d in differing)


def needs_customs(parcel: ToShip, draft: Draft, settings: Settings) -> bool:
    """Say whether customs wants to know what is in the parcel."""
    return customs_words.needed(settings.shipping.sender, own(parcel, draft))


def declared(parcel: ToShip, draft: Draft, settings: Settings) -> Declared | None:
    """Return what customs is told, as it was changed or by the books; None for a parcel that needs none."""
    if not needs_customs(parcel, draft, settings):
        return None
    if draft.customs is not None:
        return Declared(draft.customs, customs_faults(draft.customs))
    return customs_words.customs_of(
        parcel.lines,
        parcel.known,
        own(parcel, draft),
        settings.shipping,
        grams=grams_or_predicted(parcel, draft, settings),
        package=package_of(draft, settings),
        currency=settings.currency,
    )


def customs_faults(customs: Customs) -> tuple[str, ...]:
    """Return what is missing in what a person told customs."""
    found = [f"{i.description}: type its tariff number." for i in customs.items if not i.hs]
    found += [f"{i.description} has no value." for i in customs.items if i.value_cents <= 0]
    if not customs.signer:
        found.append("Type who signs for customs.")
    return tuple(found)


def worth_cents(parcel: ToShip) -> int:
    """Return what the copies in the parcel were sold for, after discounts: what it is insured for."""
    return sum(half_up(line.net_cents * copies, line.live) for line, copies in parcel.lines if line.live)


def insured_cents(parcel: ToShip, draft: Draft) -> int:
    """Return for how much it is to be insured, 0 for not at all."""
    return worth_cents(parcel) if draft.insure else 0


def difference(parcel: ToShip, draft: Draft, settings: Settings) -> str:
    """Return by how much what was weighed or typed differs from the books, in words; empty if it fits."""
    if draft.source == "predicted":
        return ""
    try:
        grams = grams_of(draft, settings)
    except Refused:
        return ""
    expected = predicted(parcel, draft, settings)
    found = parcel_weight.compare(expected, grams, settings.shipping, settings.locale)
    return found.words if found is not None else ""


def differs(parcel: ToShip, draft: Draft, settings: Settings) -> bool:
    """Say whether something else is chosen now than carriers were told of the parcel."""
    label = parcel.postage
    if label is None:
        return False
    told = label.consignment
    try:
        box = box_of(parcel, draft, settings)
    except Refused:
        return True
    customs = declared(parcel, draft, settings)
    now = (box, to_of(parcel, draft), draft.signature, insured_cents(parcel, draft))
    then = (told.box, told.to, told.signature, label.insured_cents)
    return now != then or (customs.customs if customs is not None else None) != told.customs


def changed_since(parcel: ToShip, draft: Draft, settings: Settings) -> bool:
    """Say whether something was changed since carriers gave their prices."""
    label = parcel.postage
    return label is not None and label.quoted is not None and differs(parcel, draft, settings)
