"""Which addresses mail reaches, by an invented table and plain rules, and how the post writes them."""

from __future__ import annotations

import re
from zlib import crc32

from bookwish_desk.demo.carriers.rating import is_box
from bookwish_desk.demo.carriers.refusal import Json, Refusal
from bookwish_desk.demo.carriers.wire import Answer, Call, moment, new_address, page_size, public

FLATS = (
    ("500 LAKE SHORE DR", "12203"),
    ("220 CANAL ST", "06511"),
    ("3 HARBOR VW", "06355"),
    ("1180 MERIDIAN AVE", "06103"),
)
"""Houses of many flats: street and ZIP code. Without the flat's number mail may come back."""
OFFICES = frozenset((("27 QUARRY ST", "06099"), ("1180 MERIDIAN AVE", "06103")))
"""Houses in which nobody lives."""
CORRECTIONS = {("93 ELM TERRACE", "01609"): ("93 ELM TER", "WORCESTER", "MA", "01609")}
"""Streets that the post writes in its own way."""

# USPS Publication 28, appendix C: the suffixes and the words before a flat's number that are met here.
_SHORT = {
    "STREET": "ST", "AVENUE": "AVE", "ROAD": "RD", "LANE": "LN", "DRIVE": "DR", "COURT": "CT",
    "TERRACE": "TER", "BOULEVARD": "BLVD", "PLACE": "PL", "SQUARE": "SQ", "VIEW": "VW", "HIGHWAY": "HWY",
    "APARTMENT": "APT", "SUITE": "STE", "FLOOR": "FL", "BUILDING": "BLDG",
}  # fmt: skip
_NOWHERE = re.compile(r"UNKNOWN|NOWHERE|NO SUCH")
_NOT_FOUND = {
    "code": "E.ADDRESS.NOT_FOUND", "field": "address", "message": "Address not found", "suggestion": None,
}  # fmt: skip
_NO_HOUSE = {
    "code": "E.HOUSE_NUMBER.MISSING",
    "field": "street1",
    "message": "House number is missing",
    "suggestion": None,
}
_NO_FLAT = {
    "code": "E.SECONDARY_INFORMATION.MISSING",
    "field": "street2",
    "message": "Missing secondary information(Apt/Suite#)",
    "suggestion": None,
}
_STATES = (
    " AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC"
    " ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP AA AE AP "
)


def verified(address: Json) -> Json:
    """Return an address with what was found of it: as the post writes it where mail reaches it."""
    errors = _faults(address)
    if errors:
        failed = {"success": False, "errors": errors}
        return address | {
            "verifications": {"zip4": failed | {"details": None}, "delivery": failed | {"details": {}}}
        }
    if address["country"] != "US":
        details = {"latitude": None, "longitude": None, "time_zone": None}
        found = {"success": True, "errors": [], "details": details}
        return _upper(address) | {"verifications": {"delivery": found}}
    return _normalised(address)


def _faults(address: Json) -> list[Json]:
    street = (address["street1"] or "").upper()
    errors: list[Json] = []
    home = address["country"] == "US"
    placed = address["zip"] or (address["city"] and address["state"])
    if not street or not placed or _NOWHERE.search(street) or (home and _wrong_place(address)):
        errors.append(dict(_NOT_FOUND))
    if street and home and not any(char.isdigit() for char in street):
        if not errors:
            errors.append(dict(_NOT_FOUND))
        errors.append(dict(_NO_HOUSE))
    return errors


def _wrong_place(address: Json) -> bool:
    state, code = (address["state"] or "").upper(), address["zip"] or ""
    wrong_state = bool(state) and f" {state} " not in _STATES
    return wrong_state or (bool(code) and not re.fullmatch(r"\d{5}(-\d{4})?", code))


def _upper(address: Json) -> Json:
    said = {name: (address[name] or "").upper() or None for name in ("name", "company", "street1", "city")}
    return address | said | {"street2": (address["street2"] or "").upper()}


def _normalised(address: Json) -> Json:
    written = _upper(address)
    street, code = _shortened(written["street1"]), (address["zip"] or "")[:5]
    city, state = written["city"], (address["state"] or "").upper()
    if (written["street1"], code) in CORRECTIONS:
        street, city, state, code = CORRECTIONS[written["street1"], code]
    flat = _shortened(written["street2"])
    lacking = (street, code) in FLATS and not flat
    offices = (street, code) in OFFICES
    errors = [dict(_NO_FLAT)] if lacking else []
    whole = f"{street} {flat}".strip()
    place = crc32(f"{whole} {code}".encode())
    details = {
        "latitude": round(40.9 + place % 10_000 / 5_000, 5),
        "longitude": round(-73.9 + place // 10_000 % 10_000 / 5_000, 5),
        "time_zone": "America/New_York",
    }
    return written | {
        "street1": whole,
        "street2": "",
        "city": city,
        "state": state,
        "zip": f"{code}-{place % 9_000 + 1_000}" if code else None,
        "residential": not offices and not is_box(address),
        "verifications": {
            "zip4": {"success": True, "errors": errors, "details": None},
            "delivery": {"success": True, "errors": errors, "details": details},
        },
    }


def _shortened(text: str) -> str:
    words = re.sub(r"[.,]", " ", text).split()
    return " ".join(_SHORT.get(word, word) for word in words)


# ---- what is asked ----


def create(call: Call) -> Answer:
    """Make an address; with `verify` it is looked up, with `verify_strict` a wrong one is refused."""
    asked = call.body.get("address") or {}
    made = new_address(asked, call.tx.at, call.mode)
    strict = bool(call.body.get("verify_strict"))
    if strict or call.body.get("verify"):
        made = verified(made)
        if strict:
            _succeeded(made)
    return Answer(public(call.tx.keep("address", made)), 201)


def create_and_verify(call: Call) -> Answer:
    """Make an address and look it up. Raises Refusal for one that mail does not reach."""
    made = verified(new_address(call.body.get("address") or {}, call.tx.at, call.mode))
    return Answer({"address": public(call.tx.keep("address", _succeeded(made)))})


def verify(call: Call) -> Answer:
    """Look up an address that was made before. Raises Refusal for one that mail does not reach."""
    known = call.tx.need("address", call.path["id"])
    return Answer({"address": public(call.tx.keep("address", _succeeded(verified(known))))})


def read(call: Call) -> Answer:
    """Return an address."""
    return Answer(public(call.tx.need("address", call.path["id"])))


def listed(call: Call) -> Answer:
    """Return addresses, the newest first."""
    size = page_size(call)
    found = call.tx.listed("address", size + 1, call.query.get("before_id", ""))
    return Answer({"addresses": [public(each) for each in found[:size]], "has_more": len(found) > size})


def _succeeded(address: Json) -> Json:
    delivery = address["verifications"]["delivery"]
    if not delivery["success"]:
        raise Refusal(422, "ADDRESS.VERIFY.FAILURE", "Unable to verify address.", delivery["errors"])
    return address


def as_labelled(address: Json, at: int) -> Json:
    """Return an address as a label has it: the post's spelling at home, where mail reaches it."""
    if address["country"] != "US":
        return address
    found = verified(address)
    if not found["verifications"]["delivery"]["success"]:
        return address
    return found | {"updated_at": moment(at).replace("Z", "+00:00")}
