"""What is asked of carriers and what they answer, as values free of any broker's own spelling.

Weights are grams, sizes millimetres, money minor units. Texts are as the carrier wrote them: shown plain,
never acted on.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import LabelFormat

BOOKS_HS = "4901.99"
"""Printed books, brochures and similar printed matter, Harmonised System 2022."""
NO_EEI = "NOEEI 30.37(a)"
"""No export filing is needed up to $2,500 a commodity (15 CFR 30.37(a))."""

TrackStatus = Literal[
    "unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered", "available_for_pickup",
    "return_to_sender", "failure", "cancelled", "error",
]  # fmt: skip
RefundState = Literal["", "submitted", "refunded", "rejected", "not_applicable"]


class Box(msgspec.Struct, frozen=True):
    """A parcel as carriers see it, packed. `kind` is a carrier's own package, empty for the shop's own."""

    weight_grams: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    kind: str = ""


class CustomsItem(msgspec.Struct, frozen=True):
    """Copies of one title for customs: value and weight are of all of them together."""

    description: str
    quantity: int
    value_cents: int
    weight_grams: int
    hs: str = BOOKS_HS
    origin: str = "US"


class Customs(msgspec.Struct, frozen=True):
    """What customs wants to know of a parcel abroad, and who signs for it."""

    items: tuple[CustomsItem, ...]
    signer: str
    contents: Literal["merchandise", "gift", "returned_goods"] = "merchandise"
    eel_pfc: str = NO_EEI


class Consignment(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel to be sent: just what carriers are told of it, frozen when it is first asked about.

    `reference` is the id of its postage. `marks` are printed where the label has room: the order's number
    first. `label_on` is the day it is handed over (YYYY-MM-DD, empty for today). For a return the addresses
    stand as it was sent out; the carrier turns them round.
    """

    reference: str
    to: PostalAddress
    sender: PostalAddress
    box: Box
    email: str = ""
    format: LabelFormat = "png"
    media_mail: bool = False
    signature: bool = False
    marks: tuple[str, ...] = ()
    label_on: str = ""
    is_return: bool = False
    customs: Customs | None = None
    currency: str = "USD"


class Rate(msgspec.Struct, frozen=True):
    """What a service costs; it belongs to one shipment.

    `retail_cents` is the price at the counter, 0 where it is not told; `days` 0: nobody knows.
    """

    id: str
    carrier: str
    service: str
    cents: int
    currency: str = "USD"
    retail_cents: int = 0
    days: int = 0
    arrives_on: str = ""
    guaranteed: bool = False


class Failure(msgspec.Struct, frozen=True):
    """A carrier that gave no price, and its words."""

    carrier: str
    words: str


class Quoted(msgspec.Struct, frozen=True):
    """A shipment that exists at the broker, unpaid, with its prices in no fixed order."""

    shipment: str
    rates: tuple[Rate, ...] = ()
    failures: tuple[Failure, ...] = ()
    test: bool = False
    at: int = 0


class Bought(msgspec.Struct, frozen=True):
    """A shipment that was paid. `cents` is the postage, `fees_cents` what the broker took beside it."""

    shipment: str
    carrier: str
    service: str
    cents: int
    tracking: str
    tracker: str = ""
    rate: str = ""
    fees_cents: int = 0
    insured_cents: int = 0
    expected_on: str = ""
    label_url: str = ""
    label_format: LabelFormat = "png"
    currency: str = "USD"
    test: bool = False


class ShipmentNow(msgspec.Struct, frozen=True):
    """How a shipment stands at the broker: `bought` is None for one that nobody paid.

    `reference` and `marks` are what was told of it when it was made, at `made_at` (0: not told).
    """

    quoted: Quoted
    bought: Bought | None = None
    refund: RefundState = ""
    manifest: str = ""
    reference: str = ""
    marks: tuple[str, ...] = ()
    is_return: bool = False
    made_at: int = 0


class LabelFile(msgspec.Struct, frozen=True):
    """A label as the carrier drew it."""

    data: bytes
    format: LabelFormat


class CheckedAddress(msgspec.Struct, frozen=True):
    """What carriers say of an address: whether mail arrives there, how they write it, what is amiss.

    `warnings` are soft: it can be delivered all the same (a flat number is missing).
    """

    deliverable: bool
    suggested: PostalAddress
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    residential: bool | None = None


class TrackEvent(msgspec.Struct, frozen=True):
    """One scan on the way."""

    at: int
    status: TrackStatus
    words: str = ""
    place: str = ""


class Track(msgspec.Struct, frozen=True):
    """Where a parcel is. `expected_on` is YYYY-MM-DD or empty; `delivered_at` 0 until it is."""

    tracker: str
    tracking: str
    status: TrackStatus
    carrier: str = ""
    detail: str = ""
    expected_on: str = ""
    delivered_at: int = 0
    signed_by: str = ""
    events: tuple[TrackEvent, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """A carrier's list of what it collects today: one form to scan instead of each parcel."""

    id: str
    state: Literal["creating", "created", "failed"]
    url: str = ""
    words: str = ""
    tracking: tuple[str, ...] = ()


class Collection(msgspec.Struct, frozen=True):
    """A carrier's visit: quoted (`rates`), then booked (`confirmation`)."""

    id: str
    state: Literal["quoted", "booked", "cancelled", "failed"]
    rates: tuple[Rate, ...] = ()
    confirmation: str = ""
    carrier: str = ""
    service: str = ""
    cents: int = 0
    words: str = ""


class CarrierAccount(msgspec.Struct, frozen=True):
    """Whose account it is; `test`: labels are samples and nothing is paid. `balance_cents` None: not told."""

    name: str = ""
    test: bool = False
    balance_cents: int | None = None
    carriers: tuple[str, ...] = ()
