"""Pickups: a carrier's visit, priced, booked once, perhaps called off. And batches, which list parcels."""

from __future__ import annotations

from datetime import UTC, datetime

from bookwish_desk.demo.carriers import scan_forms, shipments
from bookwish_desk.demo.carriers.rating import ACCOUNTS
from bookwish_desk.demo.carriers.refusal import Json, Refusal, no_funds
from bookwish_desk.demo.carriers.wire import (
    Answer,
    Call,
    address_of,
    cents_of,
    fresh,
    moment,
    money,
    public,
    text_of,
)

PRICES = {"USPS": (("NextDay", 0),), "UPS": (("Future-day Pickup", 745), ("Same-day Pickup", 1_065))}
"""What a visit costs; the other carriers come by themselves."""


def create(call: Call) -> Answer:
    """Ask when and for how much a carrier would come for shipments, or for those of a batch."""
    asked = call.body.get("pickup") or {}
    found = _shipments(call, asked)
    if not asked.get("address"):
        raise Refusal(422, "PICKUP.ADDRESS.REQUIRED", "An address is required.")
    first_at, last_at = (_moment(asked, name) for name in ("min_datetime", "max_datetime"))
    carriers = {each["selected_rate"]["carrier"] for each in found}
    if len(carriers) > 1:
        raise Refusal(
            422, "PICKUP.BATCH_CARRIER.INCONSISTENT", "All shipments of a pickup must be of one carrier."
        )
    carrier = next(iter(carriers))
    stamp = moment(call.tx.at)
    made: Json = {
        "id": fresh("pickup"),
        "object": "Pickup",
        "created_at": stamp,
        "updated_at": stamp,
        "mode": call.mode,
        "status": "unknown",
        "reference": text_of(asked, "reference"),
        "min_datetime": moment(first_at),
        "max_datetime": moment(last_at),
        "is_account_address": bool(asked.get("is_account_address")),
        "instructions": text_of(asked, "instructions"),
        "messages": [],
        "confirmation": None,
        "address": public(address_of(call, asked["address"], "address")),
        "carrier_accounts": [],
        "pickup_rates": [],
        "_shipments": [each["id"] for each in found],
        "_paid": 0,
    }
    words = _refused(carrier, first_at, last_at, call.tx.at)
    if words:
        made["messages"] = [
            {
                "carrier": carrier,
                "carrier_account_id": ACCOUNTS[carrier],
                "type": "rate_error",
                "message": words,
            }
        ]
    else:
        made["pickup_rates"] = [_rate(call, made["id"], carrier, *each) for each in PRICES[carrier]]
    return Answer(public(call.tx.keep("pickup", made, made["reference"] or "")))


def _rate(call: Call, pickup_id: str, carrier: str, service: str, cents: int) -> Json:
    return {
        "mode": call.mode,
        "service": service,
        "rate": money(cents),
        "currency": "USD",
        "created_at": moment(call.tx.at),
        "updated_at": moment(call.tx.at),
        "carrier": carrier,
        "pickup_id": pickup_id,
        "id": fresh("pickuprate"),
        "object": "PickupRate",
    }


def _shipments(call: Call, asked: Json) -> list[Json]:
    if isinstance(asked.get("batch"), dict):
        ids = call.tx.need("batch", str(asked["batch"].get("id")))["_shipments"]
    elif isinstance(asked.get("shipment"), dict):
        ids = [str(asked["shipment"].get("id"))]
    else:
        raise Refusal(422, "PICKUP.BATCH.REQUIRED", "A shipment or a batch is required.")
    found = [shipments.need(call, each) for each in ids]
    if not found or any(not each["_bought_at"] for each in found):
        raise Refusal(422, "PICKUP.REQUEST.INVALID", "Every shipment of a pickup must be purchased first.")
    return found


def _moment(asked: Json, name: str) -> int:
    said = asked.get(name)
    if not said:
        raise Refusal(422, f"PICKUP.{name.upper()}.REQUIRED", f"{name} is required.")
    try:
        read = datetime.fromisoformat(str(said))
    except ValueError as fault:
        raise Refusal(422, "DATE.PARSE.FAILURE", f"Unable to parse {name}.") from fault
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


def _refused(carrier: str, first_at: int, last_at: int, now: int) -> str:
    if carrier not in PRICES:
        return f"{carrier} does not offer pickups by this account."
    if last_at < first_at:
        return "The end of the pickup window is before its beginning."
    if last_at < now:
        return "The pickup window is in the past."
    return ""


def read(call: Call) -> Answer:
    """Return a pickup."""
    return Answer(public(call.tx.need("pickup", call.path["id"])))


def buy(call: Call) -> Answer:
    """Book a visit by one of its rates, once."""
    kept = call.tx.need("pickup", call.path["id"])
    carrier, service = call.body.get("carrier"), call.body.get("service")
    for name, value in (("carrier", carrier), ("service", service)):
        if not value:
            raise Refusal(422, f"PICKUP.{name.upper()}.REQUIRED", f"A {name} is required.")
    if kept["status"] != "unknown":
        raise Refusal(422, "PICKUP.STATUS.INVALID", f"The pickup is already {kept['status']}.")
    rate = next((r for r in kept["pickup_rates"] if (r["carrier"], r["service"]) == (carrier, service)), None)
    if rate is None:
        raise Refusal(
            422, "PICKUP.BUY.NO_MATCHING_RATES", "No rate found matching the given carrier and service."
        )
    words = _refused(str(carrier), 0, _moment(kept, "max_datetime"), call.tx.at)
    if words:
        raise Refusal(400, "PICKUP.BUY.FAILED", words)
    cents = cents_of(rate["rate"])
    if call.tx.balance() < cents:
        raise no_funds()
    if cents:
        call.tx.enter("pickup", -cents, kept["id"], kept["reference"] or "")
    serial = call.tx.count("pickup")
    changed = {"status": "scheduled", "confirmation": f"WTC{serial:08d}", "_paid": cents}
    for each in kept["_shipments"]:
        scan_forms.hand_over(call, call.tx.need("shipment", each))
    return Answer(public(call.tx.keep("pickup", kept | changed | {"updated_at": moment(call.tx.at)})))


def cancel(call: Call) -> Answer:
    """Call a visit off; what was paid comes back."""
    kept = call.tx.need("pickup", call.path["id"])
    if kept["status"] != "scheduled":
        raise Refusal(422, "PICKUP.CANCEL.FAILED", "Only a scheduled pickup can be canceled.")
    if kept["_paid"]:
        call.tx.enter("refund", kept["_paid"], kept["id"], kept["reference"] or "")
    changed = {"status": "canceled", "updated_at": moment(call.tx.at)}
    return Answer(public(call.tx.keep("pickup", kept | changed)))


# ---- batches: lists of shipments that were bought one by one ----


def batch(call: Call) -> Answer:
    """Make a list of shipments. Whole shipments in it are refused: nobody would have their ids."""
    asked = call.body.get("batch") or {}
    ids = [str(each.get("id") or "") for each in asked.get("shipments") or () if isinstance(each, dict)]
    if not ids:
        raise Refusal(422, "BATCH.SHIPMENTS.REQUIRED", "At least one shipment is required.")
    if "" in ids:
        raise Refusal(422, "BATCH.PARAMS.INVALID", "This broker takes shipments by their ids only.")
    found = [shipments.need(call, each) for each in ids]
    kept: Json = {
        "id": fresh("batch"),
        "object": "Batch",
        "mode": call.mode,
        "reference": text_of(asked, "reference"),
        "created_at": moment(call.tx.at),
        "updated_at": moment(call.tx.at),
        "scan_form": None,
        "pickup": None,
        "label_url": None,
        "_shipments": [each["id"] for each in found],
        "_ready_at": call.tx.at + call.house.batch_ms,
    }
    return Answer(_batch_told(call, call.tx.keep("batch", kept)))


def read_batch(call: Call) -> Answer:
    """Return a list of shipments."""
    return Answer(_batch_told(call, call.tx.need("batch", call.path["id"])))


def scan_batch(call: Call) -> Answer:
    """Make a form of the shipments of a list."""
    kept = call.tx.need("batch", call.path["id"])
    if call.tx.at < kept["_ready_at"]:
        raise Refusal(423, "BATCH.STATE.CREATING", "The batch is still being created.")
    form = scan_forms.made(call, kept["_shipments"], kept["id"])
    return Answer(_batch_told(call, call.tx.keep("batch", kept | {"scan_form": {"id": form["id"]}})))


def _batch_told(call: Call, kept: Json) -> Json:
    ready = call.tx.at >= kept["_ready_at"]
    found = [call.tx.need("shipment", each) for each in kept["_shipments"]]
    bought = sum(1 for each in found if each["_bought_at"])
    told = public(kept) | {
        "state": ("purchased" if bought == len(found) else "created") if ready else "creating",
        "num_shipments": len(found),
        "shipments": [
            {
                "batch_status": "postage_purchased" if each["_bought_at"] else "created",
                "batch_message": None,
                "reference": each["reference"],
                "tracking_code": each["tracking_code"],
                "id": each["id"],
            }
            for each in found
        ],
        "status": {
            "created": len(found) - bought,
            "queued_for_purchase": 0,
            "creation_failed": 0,
            "postage_purchased": bought,
            "postage_purchase_failed": 0,
        },
    }
    if kept["scan_form"]:
        told["scan_form"] = scan_forms.told(call, call.tx.need("scan_form", kept["scan_form"]["id"]))
    return told
