"""What carriers charge, by invented tables in the shape of real ones, and why some carry nothing.

Weights are ounces, sizes inches, money cents. Pure: the same parcel has the same price every time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from zlib import crc32

import msgspec

from bookwish_desk.demo.carriers.refusal import Json

OUNCES_PER_POUND = 16
USPS_POUNDS, PRIVATE_POUNDS = 70, 150
"""The heaviest that is carried."""
FIRST_CLASS_ABROAD_OUNCES = 64
MEDIA = {"USPS.MEDIAMAIL": "MediaMail", "USPS.LIBRARYMAIL": "LibraryMail"}
FLAT = {
    "FlatRateEnvelope": 1_010, "FlatRateLegalEnvelope": 1_040, "FlatRatePaddedEnvelope": 1_120,
    "SmallFlatRateBox": 1_085, "MediumFlatRateBox": 1_820, "LargeFlatRateBox": 2_520,
}  # fmt: skip
ACCOUNTS = {
    "USPS": "ca_51a0e0c1b7d24c0f8a0d5e3b9c7f1a01",
    "UPS": "ca_51a0e0c1b7d24c0f8a0d5e3b9c7f1a02",
    "FedEx": "ca_51a0e0c1b7d24c0f8a0d5e3b9c7f1a03",
}
"""The carriers of the account by their accounts' ids."""

_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b|\bPOST OFFICE BOX\b", re.IGNORECASE)
_SIGNATURE = {"USPS": 395, "UPS": 620, "FedEx": 605}
_GIRTH = {"USPS": 130, "UPS": 165, "FedEx": 165}


class Load(msgspec.Struct, frozen=True):
    """What is to be carried, as far as its price goes."""

    ounces: float
    sides: tuple[float, ...] = ()
    package: str = ""
    origin: str = ""
    target: str = ""
    country: str = "US"
    to_box: bool = False
    residential: bool | None = None
    media: str = ""
    signature: bool = False
    declared: bool = False

    @property
    def pounds(self) -> int:
        """Return the weight as it is charged: whole pounds, rounded up."""
        return max(1, math.ceil(round(self.ounces / OUNCES_PER_POUND, 4)))

    @property
    def zone(self) -> int:
        """Return how far it goes, 1 to 8, by the first digits of the two ZIP codes."""
        if self.origin[:3] == self.target[:3]:
            return 1
        if not (self.origin[:1].isdigit() and self.target[:1].isdigit()):
            return 4
        return min(8, 2 + abs(int(self.origin[0]) - int(self.target[0])))


class Price(msgspec.Struct, frozen=True):
    """What one service costs."""

    carrier: str
    service: str
    cents: int
    retail_cents: int
    list_cents: int
    days: int | None
    guaranteed: bool = False


class Silence(msgspec.Struct, frozen=True):
    """A carrier that gives no price, and its words."""

    carrier: str
    words: str


def load_of(shipment: Json) -> Load:
    """Return what a shipment is to a carrier. A return goes the other way."""
    to, sender = shipment["to_address"], shipment["from_address"]
    if shipment["is_return"]:
        to, sender = sender, to
    parcel, options = shipment["parcel"], shipment["options"]
    sides = tuple(sorted((parcel[name] or 0.0 for name in ("length", "width", "height")), reverse=True))
    return Load(
        ounces=parcel["weight"],
        sides=sides,
        package=parcel["predefined_package"] or "",
        origin=sender["zip"] or "",
        target=to["zip"] or "",
        country=to["country"],
        to_box=is_box(to),
        residential=to["residential"],
        media=str(options.get("special_rates_eligibility") or ""),
        signature="SIGNATURE" in str(options.get("delivery_confirmation") or "").upper(),
        declared=bool((shipment["customs_info"] or {}).get("customs_items")),
    )


def is_box(address: Json) -> bool:
    """Say whether an address is a box at a post office."""
    return bool(_BOX.search(f"{address['street1'] or ''} {address['street2'] or ''}"))


def quote(load: Load, order: str = "") -> tuple[list[Price], list[Silence]]:
    """Return the prices, in an order that nobody can rely on, and the carriers that have none."""
    prices: list[Price] = []
    silent: list[Silence] = []
    for carrier, ask in _CARRIERS.items():
        words = _refused(load, carrier)
        if words:
            silent.append(Silence(carrier, words))
        else:
            extra = _SIGNATURE[carrier] if load.signature else 0
            prices += [_with(price, extra) for price in ask(load)]
    return sorted(prices, key=lambda price: crc32(f"{order}{price.service}".encode())), silent


def _refused(load: Load, carrier: str) -> str:
    most = USPS_POUNDS if carrier == "USPS" else PRIVATE_POUNDS
    if load.ounces > most * OUNCES_PER_POUND:
        return f"The package weight exceeds the maximum of {most} lb for {carrier}."
    if len(load.sides) == 3 and load.sides[0] + 2 * (load.sides[1] + load.sides[2]) > _GIRTH[carrier]:
        return f"Length plus girth exceed the maximum of {_GIRTH[carrier]} inches for {carrier}."
    if carrier != "USPS" and load.to_box:
        return f"{carrier} cannot deliver to a PO Box. A street address is required."
    if load.package and (carrier != "USPS" or load.package not in FLAT):
        return f"Invalid predefined_package {load.package!r} for {carrier}."
    if load.country != "US" and not load.declared:
        return "customs_info is required for international shipments."
    if load.country == "US" and not load.target[:5].isdigit():
        return "The destination postal code is invalid."
    return ""


def _with(price: Price, extra: int) -> Price:
    changed = {name: getattr(price, name) + extra for name in ("cents", "retail_cents", "list_cents")}
    return msgspec.structs.replace(price, **changed)


def _usps(load: Load) -> list[Price]:
    pounds, zone = load.pounds, load.zone
    if load.country != "US":
        return _usps_abroad(load)
    if load.package:
        cents = FLAT[load.package]
        return [Price("USPS", "Priority", cents, round(cents * 1.12), cents, 2 + zone // 6)]
    light = 80 if load.ounces <= 8 else 0
    prices = [
        _priced(
            "USPS",
            "GroundAdvantage",
            607 - light + 53 * (pounds - 1) + 31 * (zone - 4),
            1.45,
            1.08,
            3 + zone // 4,
        ),
        _priced("USPS", "Priority", 842 + 90 * (pounds - 1) + 64 * (zone - 4), 1.33, 1.12, 2 + zone // 6),
        _priced("USPS", "Express", 3_415 + 426 * (pounds - 1) + 120 * (zone - 4), 1.15, 1.0, 1 + zone // 5),
    ]
    # Media Mail and Library Mail: own packaging, weight alone in whole pounds, whatever the distance.
    if load.media in MEDIA:
        cents = 463 + 75 * (pounds - 1) if load.media == "USPS.MEDIAMAIL" else 441 + 71 * (pounds - 1)
        prices.append(Price("USPS", MEDIA[load.media], cents, cents, cents, 4 + zone // 2))
    return prices


def _usps_abroad(load: Load) -> list[Price]:
    pounds = load.pounds
    prices = [
        _priced("USPS", "PriorityMailInternational", 4_580 + 610 * (pounds - 1), 1.1, 1.0, 8),
        _priced("USPS", "ExpressMailInternational", 6_890 + 720 * (pounds - 1), 1.1, 1.0, 4),
    ]
    if load.ounces <= FIRST_CLASS_ABROAD_OUNCES:
        cents = 1_540 + 48 * math.ceil(load.ounces)
        prices.append(_priced("USPS", "FirstClassPackageInternationalService", cents, 1.08, 1.0, None))
    return prices


def _ups(load: Load) -> list[Price]:
    pounds, zone = load.pounds, load.zone
    if load.country != "US":
        return [_priced("UPS", "Expedited", 7_420 + 890 * (pounds - 1), 2.1, 1.9, 5)]
    home = 0 if load.residential is False else 190
    return [
        _priced("UPS", "Ground", 899 + home + 74 * (pounds - 1) + 58 * (zone - 4), 1.75, 1.6, 1 + zone // 2),
        _priced("UPS", "2ndDayAir", 1_980 + home + 210 * (pounds - 1) + 140 * (zone - 4), 1.8, 1.7, 2),
        Price("UPS", "NextDayAirSaver", 4_390 + 480 * (pounds - 1), 9_150, 8_780, 1, True),
    ]


def _fedex(load: Load) -> list[Price]:
    pounds, zone = load.pounds, load.zone
    if load.country != "US":
        return [_priced("FedEx", "FEDEX_INTERNATIONAL_ECONOMY", 7_960 + 910 * (pounds - 1), 1.9, 1.8, 6)]
    service, home = ("FEDEX_GROUND", 0) if load.residential is False else ("GROUND_HOME_DELIVERY", 165)
    return [
        _priced("FedEx", service, 924 + home + 76 * (pounds - 1) + 55 * (zone - 4), 1.7, 1.55, 1 + zone // 2),
        _priced("FedEx", "FEDEX_2_DAY", 2_140 + 205 * (pounds - 1) + 130 * (zone - 4), 1.8, 1.7, 2),
    ]


def _priced(carrier: str, service: str, cents: int, retail: float, listed: float, days: int | None) -> Price:
    return Price(carrier, service, cents, round(cents * retail), round(cents * listed), days)


_CARRIERS: dict[str, Callable[[Load], list[Price]]] = {"USPS": _usps, "UPS": _ups, "FedEx": _fedex}
