"""Trackers: where parcels are, as EasyPost tells it, of labels bought here and of labels made elsewhere."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from bookwish_desk.demo.carriers import travel
from bookwish_desk.demo.carriers.rating import ACCOUNTS
from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal
from bookwish_desk.demo.carriers.travel import Scan, Way
from bookwish_desk.demo.carriers.wire import Answer, Call, House, fee, fresh, moment, page_size

TRACKER_FEE_CENTS = 2


def new(tx: Tx, mode: str, code: str, carrier: str, shipment: str = "", way: Way | None = None) -> Json:
    """Keep a new tracker; its number is its other name."""
    made: Json = {"id": fresh("trk"), "_code": code, "_carrier": carrier, "_shipment": shipment}
    made |= {"_mode": mode, "_at": tx.at, "_way": msgspec.to_builtins(way)}
    return tx.keep("tracker", made, code)


def way_of(kept: Json) -> Way | None:
    """Return the way of a tracker's parcel, None for one that the broker knows nothing of."""
    return msgspec.convert(kept["_way"], Way) if kept["_way"] else None


def set_way(tx: Tx, kept: Json, way: Way) -> Json:
    """Keep another way of a tracker's parcel."""
    return tx.keep("tracker", kept | {"_way": msgspec.to_builtins(way)}, kept["_code"])


def happened(kept: Json, now: int, house: House) -> list[Scan]:
    """Return what has happened to a tracker's parcel."""
    way = way_of(kept)
    if way is not None:
        return [scan for scan in travel.scans(way, house.day_ms, house.idle_ms) if scan.at <= now]
    if kept["_code"] in travel.CODES:
        return travel.by_code(kept["_code"], kept["_at"])
    return []


def told(kept: Json, now: int, house: House) -> Json:
    """Return a tracker as EasyPost writes it."""
    past, way = happened(kept, now, house), way_of(kept)
    status = travel.status_of(past)
    ends = None
    if way is not None and past and not way.voided_at:
        ends = moment((way.handed_at or way.bought_at + house.idle_ms) + way.days * house.day_ms)
    elif past and way is None:
        ends = moment(kept["_at"])
    public_url = base64.urlsafe_b64encode(f"v1:{kept['id']}".encode()).decode().rstrip("=")
    return {
        "id": kept["id"],
        "object": "Tracker",
        "mode": kept["_mode"],
        "tracking_code": kept["_code"],
        "status": status,
        "status_detail": travel.detail_of(status),
        "created_at": moment(kept["_at"]),
        "updated_at": moment(past[-1].at if past and way is not None else kept["_at"]),
        "signed_by": None,
        "weight": None,
        "est_delivery_date": ends,
        "shipment_id": kept["_shipment"] or None,
        "carrier": kept["_carrier"],
        "tracking_details": [travel.detail(scan, kept["_carrier"]) for scan in past],
        "fees": [] if kept["_shipment"] else [fee("TrackerFee", TRACKER_FEE_CENTS)],
        "carrier_detail": None,
        "public_url": f"https://track.easypost.example/{public_url}",
    }


# ---- what is asked ----


def create(call: Call) -> Answer:
    """Follow a parcel by its number; one that is followed already is the same tracker."""
    asked = call.body.get("tracker") or {}
    code = str(asked.get("tracking_code") or "").replace(" ", "")
    carrier = str(asked.get("carrier") or _carrier_of(code))
    if not code:
        raise Refusal(422, "TRACKER.CREATE.ERROR", "Unable to create tracker.", ["tracking_code is required"])
    if carrier not in ACCOUNTS:
        raise Refusal(422, "TRACKER.UNSUPPORTED_CARRIER", f"The carrier {carrier[:40]} is not supported.")
    known = call.tx.find("tracker", code)
    if known is None:
        known = new(call.tx, call.mode, code, carrier)
        call.tx.enter("tracker", -TRACKER_FEE_CENTS)
    return _answer(call, known)


def read(call: Call) -> Answer:
    """Return a tracker by its id or its number."""
    return _answer(call, call.tx.need("tracker", call.path["id"]))


def _answer(call: Call, kept: Json) -> Answer:
    return Answer(told(kept, call.tx.at, call.house) | {"finalized": True, "is_return": False})


def batch(call: Call) -> Answer:
    """Return the trackers of many numbers; unknown ones are left out."""
    codes = call.body.get("tracking_codes") or ()
    if not isinstance(codes, list) or not codes or len(codes) > 100:
        raise Refusal(422, "TRACKER.INVALID_PARAMS", "tracking_codes must hold 1 to 100 numbers.")
    return _many(call, codes)


def _many(call: Call, codes: list[Any]) -> Answer:
    found = (call.tx.find("tracker", str(code)) for code in codes)
    trackers = [told(kept, call.tx.at, call.house) for kept in found if kept is not None]
    return Answer({"trackers": trackers, "has_more": False})


def listed(call: Call) -> Answer:
    """Return trackers, the newest first, or those of one number."""
    if call.query.get("tracking_code"):
        return _many(call, [call.query["tracking_code"]])
    size = page_size(call)
    found = call.tx.listed("tracker", size + 1, call.query.get("before_id", ""))
    trackers = [told(kept, call.tx.at, call.house) for kept in found[:size]]
    return Answer({"trackers": trackers, "has_more": len(found) > size})


def _carrier_of(code: str) -> str:
    if code.upper().startswith("1Z"):
        return "UPS"
    return "FedEx" if len(code) == 12 and code.isdigit() else "USPS"
