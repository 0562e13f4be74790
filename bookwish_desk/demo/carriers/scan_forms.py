"""Scan forms: one sheet for all parcels that a carrier takes today. Made slowly; a parcel is on one only."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bookwish_desk.demo.carriers import shipments, trackers
from bookwish_desk.demo.carriers.refusal import Json, Refusal
from bookwish_desk.demo.carriers.travel import Way
from bookwish_desk.demo.carriers.wire import Answer, Call, fresh, moment, public, reached

MANIFESTS = ("USPS",)
"""The carriers that take forms."""


def create(call: Call) -> Answer:
    """Make a form of shipments that were bought, of one carrier and one origin."""
    asked = call.body.get("scan_form") or call.body
    ids = [str(each.get("id")) for each in asked.get("shipments") or () if isinstance(each, dict)]
    return Answer(told(call, made(call, ids)))


def made(call: Call, ids: list[str], batch: str = "") -> Json:
    """Keep a new form. Raises Refusal for what cannot be on one."""
    if not ids:
        raise Refusal(422, "SCAN_FORM.SHIPMENTS.REQUIRED", "At least one shipment is required.")
    found = [shipments.need(call, each) for each in ids]
    _check(call, found)
    stamp = moment(call.tx.at)
    form_id = fresh("sf")
    path = f"/files/scan_form/{stamp[:10].replace('-', '')}/{secrets.token_hex(17)}.pdf"
    call.tx.keep("file", {"id": path, "scan_form": form_id})
    kept = {
        "id": form_id,
        "object": "ScanForm",
        "created_at": stamp,
        "updated_at": stamp,
        "tracking_codes": [each["tracking_code"] for each in found],
        "address": found[0]["from_address"],
        "status": "creating",
        "message": None,
        "form_url": path,
        "form_file_type": None,
        "batch_id": batch or fresh("batch"),
        "confirmation": None,
        "_ready_at": call.tx.at + call.house.form_ms,
    }
    for each in found:
        each["scan_form"] = form_id
        call.tx.keep("shipment", each)
        hand_over(call, each)
    return call.tx.keep("scan_form", kept)


def _check(call: Call, found: list[Json]) -> None:
    again = [each["id"] for each in found if each["scan_form"]]
    if again:
        words = ", ".join(again)
        raise _failure(f"One or more of the shipments has already been manifested: {words}")
    if any(not each["_bought_at"] for each in found):
        raise Refusal(422, "SCAN_FORM.BATCH.NOT_PURCHASED", "Every shipment must be purchased first.")
    carriers = {each["selected_rate"]["carrier"] for each in found}
    if len(carriers) > 1:
        raise Refusal(422, "SCAN_FORM.BATCH.MULTIPLE_CARRIERS", "All shipments must be of the same carrier.")
    if not carriers <= set(MANIFESTS):
        carrier = next(iter(carriers))
        raise Refusal(
            422, "SCAN_FORM.CREATE.CARRIER_NOT_SUPPORTED", f"{carrier} does not support scan forms."
        )
    if len({(each["from_address"]["street1"], each["from_address"]["zip"]) for each in found}) > 1:
        raise _failure("All shipments must have the same from_address.")
    if any(each["refund_status"] in ("submitted", "refunded") for each in found):
        raise _failure("A refund was requested for one or more of the shipments.")
    today = datetime.fromtimestamp(call.tx.at / 1000, UTC).astimezone(ZoneInfo(call.house.zone)).date()
    late = [each["id"] for each in found if _day(each, call.house.zone) < today.isoformat()]
    if late:
        raise _failure(f"The label date has passed: {', '.join(late)}")


def _day(shipment: Json, zone: str) -> str:
    """Return the day for which a label was made, where it is handed over."""
    said = str(shipment["postage_label"]["label_date"])
    if said.endswith("T00:00:00Z"):
        return said[:10]
    return datetime.fromisoformat(said).astimezone(ZoneInfo(zone)).date().isoformat()


def _failure(words: str) -> Refusal:
    return Refusal(422, "SCAN_FORM.CREATE.FAILURE", words)


def hand_over(call: Call, shipment: Json) -> None:
    """Let a parcel's way begin: the carrier knows that it comes."""
    tracker = call.tx.need("tracker", shipment["tracker"])
    way = trackers.way_of(tracker)
    if way is not None and not way.handed_at:
        gone = Way(
            way.bought_at, way.days, way.origin, way.target, way.fate, call.tx.at, way.voided_at, way.told
        )
        trackers.set_way(call.tx, tracker, gone)


def told(call: Call, kept: Json) -> Json:
    """Return a form as EasyPost writes it: without its file until it is ready."""
    ready = call.tx.at >= kept["_ready_at"] and kept["status"] != "failed"
    shown = public(reached(kept, call.base, "form_url") or {})
    if ready:
        return shown | {"status": "created", "updated_at": moment(kept["_ready_at"])}
    return shown | {"form_url": None}


def read(call: Call) -> Answer:
    """Return a form."""
    return Answer(told(call, call.tx.need("scan_form", call.path["id"])))
