"""From our values to EasyPost's parameters: ounces, inches, amounts as text. Nothing is sent from here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from bookwish_desk.shop.carriage import Box, Consignment, Customs
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.text import clean

Fields = dict[str, Any]

MEDIA_MAIL = "USPS.MEDIAMAIL"
"""Without this option the service is not among the prices at all."""
LABEL_SIZE = "4x6"
MARKS = 3
MARK_LETTERS = 25
"""What USPS prints of one mark; UPS prints 35."""

_OUNCE = Fraction(45_359_237, 1_600_000)
_INCH = Fraction(254, 10)
_NO_DIGIT = re.compile(r"[^0-9]")
_DESCRIPTION_LETTERS = 100


def ounces(grams: int) -> float:
    """Return a weight in ounces, rounded up to a tenth.

    A whole gram may stand for half a gram less: 454 g are the pound that somebody typed, not 16.1 ounces of a
    dearer class.
    """
    tenths = (Fraction(2 * grams - 1, 2) / _OUNCE * 10).__ceil__()
    return max(1, tenths) / 10


def inches(mm: int) -> float:
    """Return a length in inches, to the nearest tenth."""
    return max(1, (mm / _INCH * 20 + 1) // 2) / 10


def money(cents: int) -> str:
    """Return an amount as EasyPost writes it: "12.50"."""
    return f"{cents // 100}.{cents % 100:02d}"


def address(told: PostalAddress, email: str = "") -> Fields:
    """Return an address; what is empty is left out."""
    found = {
        "name": clean(told.name, 100),
        "street1": clean(told.line1, 100),
        "street2": clean(told.line2, 100),
        "city": clean(told.city, 100),
        "state": clean(told.state, 60),
        "zip": clean(told.postal_code, 20),
        "country": clean(told.country, 2).upper() or "US",
        "phone": clean(told.phone, 40),
        "email": clean(email, 254),
    }
    return {name: value for name, value in found.items() if value}


def parcel(box: Box) -> Fields:
    """Return a parcel: of a carrier's own package the name, of another the sizes that are known."""
    found: Fields = {"weight": ounces(box.weight_grams)}
    if box.kind:
        found["predefined_package"] = clean(box.kind, 80)
    elif box.length_mm and box.width_mm and box.height_mm:
        sizes = (("length", box.length_mm), ("width", box.width_mm), ("height", box.height_mm))
        found |= {name: inches(mm) for name, mm in sizes}
    return found


def options(told: Consignment) -> Fields:
    """Return what the label shall be and say."""
    found: Fields = {
        "label_format": told.format.upper(),
        "label_size": LABEL_SIZE,
        "currency": told.currency,
    }
    marks = [x for mark in told.marks if (x := clean(mark, MARK_LETTERS))]
    for place, mark in enumerate(marks[:MARKS], 1):
        found[f"print_custom_{place}"] = mark
    if marks:
        found["invoice_number"] = marks[0]
    if told.label_on:
        # Noon: in no zone of the country does it become another day.
        found["label_date"] = f"{told.label_on}T18:00:00Z"
    if told.signature:
        found["delivery_confirmation"] = "SIGNATURE"
    if told.media_mail and not told.box.kind:
        found["special_rates_eligibility"] = MEDIA_MAIL
    return found


def customs_info(told: Customs, currency: str) -> Fields:
    """Return what customs wants to know. Value and weight of an item are of all its copies together."""
    items = [
        {
            "description": clean(item.description, _DESCRIPTION_LETTERS) or "Books",
            "quantity": item.quantity,
            "value": money(item.value_cents),
            "currency": currency,
            "weight": ounces(item.weight_grams),
            "hs_tariff_number": _NO_DIGIT.sub("", item.hs),
            "origin_country": clean(item.origin, 2).upper() or "US",
        }
        for item in told.items
    ]
    return {
        "customs_certify": True,
        "customs_signer": clean(told.signer, 60),
        "contents_type": told.contents,
        "contents_explanation": "",
        "eel_pfc": clean(told.eel_pfc, 60),
        "restriction_type": "none",
        "non_delivery_option": "return",
        "customs_items": items,
    }


def shipment(told: Consignment) -> Fields:
    """Return a shipment to be made and priced. Never a service: that would buy it in the same call."""
    found: Fields = {
        "reference": clean(told.reference, 100),
        "to_address": address(told.to, told.email),
        "from_address": address(told.sender),
        "parcel": parcel(told.box),
        "options": options(told),
    }
    if told.is_return:
        found["is_return"] = True  # EasyPost turns the addresses round itself
    if told.customs is not None:
        found["customs_info"] = customs_info(told.customs, told.currency)
    return found


def paid_since(since_at: int) -> Fields:
    """Return which shipments are listed: those that were paid and made since a moment."""
    return {"purchased": "true", "page_size": 100, "start_datetime": _moment(since_at)}


def purchase(rate: str, insured_cents: int) -> Fields:
    """Return which price is paid, and for how much it is insured."""
    found: Fields = {"rate": {"id": rate}}
    if insured_cents > 0:
        found["insurance"] = money(insured_cents)
    return found


def visit(reference: str, sender: PostalAddress, first_at: int, last_at: int, words: str) -> Fields:
    """Return when a carrier shall come, and where to."""
    return {
        "reference": clean(reference, 100),
        "address": address(sender),
        "min_datetime": _moment(first_at),
        "max_datetime": _moment(last_at),
        "instructions": clean(words, 200),
        "is_account_address": False,
    }


def ids(shipments: Sequence[str]) -> list[Fields]:
    """Return shipments that exist, by their ids."""
    return [{"id": x} for x in shipments]


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
