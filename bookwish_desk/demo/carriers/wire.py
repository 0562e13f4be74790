"""How EasyPost writes things: ids, times, money, addresses, parcels, customs, rates, fees."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec

from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal, not_found

_ADDRESS = ("name", "company", "street1", "street2", "city", "state", "zip", "country", "phone", "email")


class Call(msgspec.Struct, frozen=True):
    """One request: what it may touch, who asks, what is asked.

    `mode` is that of the key, `base` where the broker is reached.
    """

    tx: Tx
    mode: str
    path: dict[str, str]
    query: dict[str, str]
    body: Json
    house: House
    base: str = ""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """How a broker goes about things. Times are ms.

    A day of travel takes `day_ms`; a parcel that nobody hands over is found in the post after `idle_ms`.
    A refund is decided after `refund_ms`, a form is ready after `form_ms`, a batch after `batch_ms`; rates
    are void after `rates_ms` (0: never). Beyond `spend_limit_cents` in all nothing is bought (0: no limit).
    `zone` is where it is day.
    """

    day_ms: int = 86_400_000
    idle_ms: int = 43_200_000
    refund_ms: int = 15 * 86_400_000
    form_ms: int = 2_000
    batch_ms: int = 200
    rates_ms: int = 0
    spend_limit_cents: int = 0
    zone: str = "America/New_York"


class Answer(msgspec.Struct, frozen=True):
    """What is answered: JSON, or octets with a type of their own."""

    value: Any = None
    status: int = 200
    octets: bytes = b""
    kind: str = ""


def fresh(prefix: str) -> str:
    """Return an id that is nobody's yet, such as "shp_" and 32 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(16)}"


def moment(at: int) -> str:
    """Return a time (ms UTC) as most things have it."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def money(cents: int, places: int = 2) -> str:
    """Return money as text: a rate has two places, a fee five."""
    return f"{cents // 100}.{cents % 100:02d}{'0' * (places - 2)}"


def cents_of(value: object, field: str = "amount") -> int:
    """Return what a text or a number says in money. Raises Refusal."""
    try:
        cents = round(float(str(value)) * 100)
    except (ValueError, OverflowError):
        cents = -1
    if cents < 0:
        raise Refusal(
            422, "PARAMETER.INVALID", "Invalid parameter.", [{"field": field, "message": "is invalid"}]
        )
    return cents


def public(thing: Json) -> Json:
    """Return a thing without what is the broker's own."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def reached(thing: Json | None, base: str, *names: str) -> Json | None:
    """Return a thing with its paths as addresses."""
    if thing is None:
        return None
    return thing | {name: f"{base}{thing[name]}" for name in names if thing.get(name)}


def page_size(call: Call) -> int:
    """Return how many things a page of a list has."""
    size = call.query.get("page_size", "20")
    return min(100, int(size)) if size.isdigit() and int(size) else 20


def text_of(asked: Json, name: str, most: int = 200) -> str | None:
    """Return a text field, None for none."""
    value = asked.get(name)
    return str(value)[:most] if value not in (None, "") else None


def number_of(asked: Json, name: str) -> float | None:
    """Return a number field, None for none and for what is no number."""
    value = asked.get(name)
    try:
        return float(value) if value is not None else None
    except (TypeError, ValueError):
        return None


# ---- things that shipments are made of ----


def address_of(call: Call, asked: Any, field: str) -> Json:
    """Return an address: one that is known by its id, or a new one. Raises Refusal."""
    if not isinstance(asked, dict) or not asked:
        raise Refusal(
            422, "SHIPMENT.INVALID_PARAMS", "Unable to create shipment, one or more parameters were invalid.",
            [{field: "Required and missing."}],
        )  # fmt: skip
    if set(asked) == {"id"}:
        return call.tx.need("address", str(asked["id"]))
    return call.tx.keep("address", new_address(asked, call.tx.at, call.mode))


def new_address(asked: Json, at: int, mode: str) -> Json:
    """Return a new address as it was written."""
    country = (text_of(asked, "country") or "US").upper()
    if len(country) != 2:
        raise Refusal(
            422,
            "ADDRESS.COUNTRY.INVALID",
            "Invalid 'country', please provide a 2 character ISO country code.",
        )
    stamp = moment(at).replace("Z", "+00:00")
    made: Json = {"id": fresh("adr"), "object": "Address", "created_at": stamp, "updated_at": stamp}
    made |= {name: text_of(asked, name) for name in _ADDRESS}
    made |= {"country": country, "mode": mode, "carrier_facility": None}
    made |= {"residential": asked.get("residential"), "federal_tax_id": None, "state_tax_id": None}
    return made | {"verifications": {}}


def parcel_of(call: Call, asked: Any) -> Json:
    """Return a parcel: one that is known by its id, or a new one. Raises Refusal."""
    if not isinstance(asked, dict) or not asked:
        raise Refusal(
            422, "SHIPMENT.INVALID_PARAMS", "Unable to create shipment, one or more parameters were invalid.",
            [{"parcel": "Required and missing."}],
        )  # fmt: skip
    if set(asked) == {"id"}:
        return call.tx.need("parcel", str(asked["id"]))
    weight = number_of(asked, "weight") or 0.0
    if weight <= 0:
        raise Refusal(
            422, "PARCEL.PARAMETERS.INVALID", "Invalid parcel parameters.", ["weight must be greater than 0"]
        )
    stamp = moment(call.tx.at)
    made: Json = {"id": fresh("prcl"), "object": "Parcel", "created_at": stamp, "updated_at": stamp}
    made |= {name: number_of(asked, name) for name in ("length", "width", "height")}
    made |= {"predefined_package": text_of(asked, "predefined_package"), "weight": weight, "mode": call.mode}
    return call.tx.keep("parcel", made)


def customs_of(call: Call, asked: Any) -> Json | None:
    """Return what customs is told, None for nothing. Raises Refusal."""
    if not isinstance(asked, dict) or not asked:
        return None
    if set(asked) == {"id"}:
        found = call.tx.find("customs", str(asked["id"]))
        if found is None:
            raise not_found()
        return found
    stamp = moment(call.tx.at)
    made: Json = {"id": fresh("cstinfo"), "object": "CustomsInfo", "created_at": stamp, "updated_at": stamp}
    for name in ("contents_explanation", "contents_type"):
        made[name] = asked.get(name)
    made["customs_certify"] = str(asked.get("customs_certify", False)).lower() == "true"
    for name in (
        "customs_signer",
        "eel_pfc",
        "non_delivery_option",
        "restriction_comments",
        "restriction_type",
    ):
        made[name] = asked.get(name)
    made |= {"mode": call.mode, "declaration": asked.get("declaration")}
    made["customs_items"] = [_customs_item(call, item) for item in asked.get("customs_items") or ()]
    return call.tx.keep("customs", made)


def _customs_item(call: Call, asked: Json) -> Json:
    if not asked.get("origin_country"):
        raise Refusal(
            422, "CUSTOMS_ITEM.ORIGIN_COUNTRY.REQUIRED", "The customs item origin_country is required."
        )
    stamp = moment(call.tx.at)
    return {
        "id": fresh("cstitem"),
        "object": "CustomsItem",
        "created_at": stamp,
        "updated_at": stamp,
        "description": text_of(asked, "description"),
        "hs_tariff_number": text_of(asked, "hs_tariff_number"),
        "origin_country": asked["origin_country"],
        "quantity": int(number_of(asked, "quantity") or 1),
        "value": str(number_of(asked, "value") or 0.0),
        "weight": number_of(asked, "weight") or 0.0,
        "code": text_of(asked, "code"),
        "mode": call.mode,
        "manufacturer": None,
        "currency": text_of(asked, "currency"),
        "eccn": None,
        "printed_commodity_identifier": None,
    }


def fee(kind: str, cents: int, refunded: bool = False) -> Json:
    """Return a fee."""
    return {
        "object": "Fee",
        "type": kind,
        "amount": money(cents, 5),
        "charged": True,
        "refunded": refunded,
    }
