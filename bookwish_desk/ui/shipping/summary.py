"""The sections of the panel in a line each, and which of them stand open by themselves. No Qt, no reads."""

from __future__ import annotations

from typing import NamedTuple

from bookwish_desk.actions.spending import insurance_cents
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.draft import Draft, Source
from bookwish_desk.ui.shipping.state import ToShip

_SOURCES: dict[Source, str] = {
    "predicted": "not weighed yet",
    "packed": "weighed when packed",
    "scale": "weighed",
    "typed": "typed",
    "label": "as carriers were told",
}
_BESIDE_FIELDS = frozenset({"weight", "preset", "package", "override"})


class Line(NamedTuple):
    """A section in a line, and whether it must stand open: something in it is wrong or undecided."""

    words: str
    must: bool


def parcel_line(parcel: ToShip, draft: Draft, settings: Settings) -> Line:
    """Return what is chosen for a parcel: weight, package, preset, options."""
    package = drafts.package_of(draft, settings)
    preset = settings.shipping.preset(draft.preset)
    weight = clean(draft.weight, 24)
    about = "about " if draft.source == "predicted" and weight else ""
    parts = [f"{about}{weight or 'No weight'}, {_SOURCES[draft.source]}"]
    parts.append(clean(package.name, 40) if package is not None else "No package")
    if preset is not None and clean(preset.name, 40) not in parts:
        parts.append(clean(preset.name, 40))
    if draft.signature:
        parts.append("with a signature")
    if draft.insure:
        costs = settings.money.show(insurance_cents(drafts.worth_cents(parcel)))
        parts.append(f"insured for about {costs}")
    wrong = bool(_BESIDE_FIELDS & draft.errors.keys()) or bool(draft.unpaid) or package is None
    try:
        drafts.grams_of(draft, settings)
    except Refused:
        wrong = True
    words = " · ".join(parts)
    return Line(words[:1].upper() + words[1:], wrong)


def address_line(parcel: ToShip, draft: Draft, home: str) -> str:
    """Return the address that goes onto the label, in one line; its name where the order has another one."""
    to = drafts.own(parcel, draft)
    if draft.spelling == "suggested":
        to = drafts.to_of(parcel, draft)
    named = to.name if to.name.casefold() != drafts.written(parcel).name.casefold() else ""
    return one_line(to, home, name=named)


def one_line(to: PostalAddress, home: str, *, name: str = "") -> str:
    """Return an address in one line; the country only where it is abroad of `home`."""
    place = " ".join(x for x in (clean(to.city, 80), clean(to.state, 40), clean(to.postal_code, 20)) if x)
    country = clean(to.country, 2) if to.country != home else ""
    parts = (clean(name, 80), clean(to.line1, 120), clean(to.line2, 120), place, country)
    return ", ".join(x for x in parts if x) or "No address"
