"""What customs is told of a parcel abroad: each title with its tariff number, value and weight. Pure.

What the shop cannot say by itself is a sentence, for people to settle before money moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.carriage import BOOKS_HS, NO_EEI, Customs, CustomsItem
from bookwish_desk.shop.delivery_address import is_military
from bookwish_desk.shop.media_mail import is_isbn
from bookwish_desk.shop.money import half_up, share
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.parcel_weight import Inside, Known, Weighed, copy_grams
from bookwish_desk.shop.shipping import Package, ShippingSettings
from bookwish_desk.shop.text import clean

EEI_CENTS = 250_000
"""Up to $2,500 for one tariff number no export filing is needed (15 CFR 30.37(a))."""
NO_EEI_CANADA = "NOEEI 30.36"
"""Nor for anything that stays in Canada (15 CFR 30.36)."""
MOST_WORDS = 50

_HOME_ISLANDS = frozenset({"US", "PR", "VI"})
_FAR_ISLANDS = frozenset({"GU", "AS", "MP", "UM", "FM", "MH", "PW"})
"""Served as the United States by the post, but behind a customs form (DMM 608.2)."""

_TARIFF: tuple[tuple[str, str, str], ...] = (
    ("PI", "4904.00", "Printed music"),
    ("PC", "4910.00", "Printed calendar"),
    ("C", "4905.90", "Printed map"),
    ("PJ", "4909.00", "Printed postcards"),
    ("PD", "4909.00", "Printed cards"),
    ("PF", "4820.10", "Diary"),
    ("PR", "4820.10", "Notebook"),
    ("PB", "4820.10", "Address book"),
    ("PS", "4820.10", "Organizer"),
    ("PK", "4911.91", "Printed poster"),
    ("PN", "4911.91", "Printed pictures"),
    ("PO", "4911.91", "Printed wallchart"),
    ("AM", "8523.80", "Vinyl record"),
    ("A", "8523.49", "Sound recording on disc"),
    ("V", "8523.49", "Film on disc"),
    ("ZJ", "9503.00", "Jigsaw puzzle"),
    ("ZE", "9504.90", "Game"),
    ("ZB", "9503.00", "Toy"),
    ("ZC", "9503.00", "Soft toy"),
    ("ZD", "9503.00", "Toy"),
    ("ZX", "9503.00", "Toy"),
    ("ZK", "6912.00", "Ceramic mug"),
    ("ZF", "6109.10", "T-shirt, cotton"),
    ("ZL", "4202.92", "Tote bag, textile"),
    ("B", BOOKS_HS, "Printed book"),
    ("MM", BOOKS_HS, "Printed book"),
    ("S", BOOKS_HS, "Printed books"),
)
"""Forms of `shop.trade` by how they begin, their Harmonised System number (2022) and what they are."""


class Declared(msgspec.Struct, frozen=True):
    """What customs is told, and what must be settled first: sentences, empty where all is known."""

    customs: Customs
    faults: tuple[str, ...] = ()


def needed(sender: PostalAddress, to: PostalAddress) -> bool:
    """Say whether a parcel needs a customs form: abroad, to the forces, to the islands of the Pacific."""
    home, away = sender.country.upper(), _country(to)
    if is_military(to) or away in _FAR_ISLANDS:
        return True
    return home != away and not {home, away} <= _HOME_ISLANDS


def customs_of(
    copies: Inside,
    known: Known,
    to: PostalAddress,
    settings: ShippingSettings,
    *,
    grams: int,
    package: Package | None = None,
    currency: str = "USD",
) -> Declared:
    """Return what customs is told of a parcel of `grams` in all.

    Values are net of discounts, of the copies in this parcel only; weights are shared out over the titles so
    that together they are the parcel's without its package.
    """
    faults: dict[str, None] = {}
    copies = [(x, n) for x, n in copies if x.sku not in known or known[x.sku].stocked]  # no gift wrap
    net = _net_grams(grams, package)
    weights = share(net, [max(1, copy_grams(x, known, settings) * n) for x, n in copies])
    items: list[CustomsItem] = []
    for (line, count), weight in zip(copies, weights, strict=True):
        item = known.get(line.sku, Weighed(line.sku))
        # What no catalogue has may still be known as a book by the number that was ordered.
        hs, what = tariff(item if item.ean is not None else replace(item, ean=line.ean))
        title = clean(line.title, 60) or line.sku
        if not hs:
            faults.setdefault(f"{title}: say what it is and its tariff number.")
        # The discount is for all copies that are not cancelled: each carries its part of it.
        value = half_up(line.net_cents * count, line.live) if line.live else 0
        if value <= 0:
            faults.setdefault(f"{title} has no value: customs wants what it would cost.")
        items.append(CustomsItem(_described(what, title), count, value, weight, hs, settings.sender.country))
    if not items:
        faults.setdefault("Nothing lies in the parcel.")
    signer = clean(settings.signer, 60)
    if not signer:
        faults.setdefault("Type who signs for customs.")
    eel, filing = _export(items, settings.sender, to, currency)
    if filing:
        faults.setdefault(filing)
    return Declared(Customs(tuple(items), signer, eel_pfc=eel), tuple(faults))


def tariff(item: Weighed) -> tuple[str, str]:
    """Return a title's tariff number and what it is called; both empty where the shop cannot know."""
    for start, hs, what in _TARIFF:
        if item.format.startswith(start):
            return hs, what
    if not item.format and is_isbn(item.ean) and item.stocked:
        return BOOKS_HS, "Printed book"
    return "", ""


def _described(what: str, title: str) -> str:
    """Return a description of Latin letters: customs of most countries reads no others."""
    from anyascii import anyascii

    plain = clean(anyascii(title))
    return clean(": ".join(x for x in (what, plain) if x), MOST_WORDS) or "Goods"


def _net_grams(grams: int, package: Package | None) -> int:
    tare = package.tare_grams if package is not None else 0
    return grams - tare if grams > tare else grams


def _export(
    items: Sequence[CustomsItem], sender: PostalAddress, to: PostalAddress, currency: str
) -> tuple[str, str]:
    """Return by which rule no export filing is needed, and a sentence where one is. The US's law only."""
    if sender.country.upper() not in _HOME_ISLANDS:
        return "", ""
    if _country(to) == "CA":
        return NO_EEI_CANADA, ""
    sums: dict[str, int] = {}
    for item in items:
        sums[item.hs] = sums.get(item.hs, 0) + item.value_cents
    if currency == "USD" and max(sums.values(), default=0) > EEI_CENTS:
        return NO_EEI, (
            "More than $2,500 of one kind of goods goes abroad: that needs an export filing (EEI). "
            "Split the parcel or file it yourself."
        )
    return NO_EEI, ""


def _country(address: PostalAddress) -> str:
    """Return where a parcel goes; a territory may be written as a state of the US."""
    country, state = address.country.upper(), address.state.strip().upper()
    return state if country == "US" and state in _FAR_ISLANDS | {"PR", "VI"} else country
