"""What shipments cost and bring back: paid once, insured once, a label's money asked for again.

Every movement of money stands in the ledger, with the shipment and its reference.
"""

from __future__ import annotations

import secrets
from typing import Any

from bookwish_desk.demo.carriers import places, rating, refusal, trackers, travel
from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal, invalid_shipment, no_funds
from bookwish_desk.demo.carriers.shipments import keep, label_of, need, shown, voided
from bookwish_desk.demo.carriers.travel import Way
from bookwish_desk.demo.carriers.wire import Answer, Call, cents_of, fee, fresh, moment, money

LEAST_PREMIUM = 100
"""Cents that insurance costs at the least; it is a hundredth of what is insured."""
_FATES = {"bad_address": "failure", "box": "available_for_pickup"}


def buy(call: Call) -> Answer:
    """Pay a shipment by one of its rates, once."""
    shipment = need(call, call.path["id"])
    if shipment["_bought_at"]:
        raise refusal.exists()
    wanted = call.body.get("rate") or {}
    wanted_id = wanted.get("id") if isinstance(wanted, dict) else wanted
    if shipment["parcel"] and not shipment["rates"]:
        if any("customs_info" in each["message"] for each in shipment["messages"]):
            raise Refusal(
                422, "SHIPMENT.CUSTOMS_INFO.REQUIRED", "customs_info is required for international shipments."
            )
        raise Refusal(422, "SHIPMENT.RATES.UNAVAILABLE", "No rates are available for this shipment.")
    rate = next((each for each in shipment["rates"] if each["id"] == wanted_id), None)
    old = call.house.rates_ms and call.tx.at > shipment["_rated_at"] + call.house.rates_ms
    if rate is None or old:
        raise Refusal(
            422, "SHIPMENT.MISSING_RATE", "The rate is not a current rate of this shipment. Please re-rate."
        )
    insured = cents_of(call.body["insurance"], "insurance") if call.body.get("insurance") else 0
    return Answer(shown(call, _bought(call, shipment, rate, insured)))


def one_call(call: Call, shipment: Json, service: str) -> Json:
    """Buy at once what was made with a service: what the desk must never ask for."""
    rate = next((each for each in shipment["rates"] if each["service"] == service), None)
    if rate is None:
        raise invalid_shipment({"service": "is not available"})
    return _bought(call, shipment, rate, 0)


def _bought(call: Call, shipment: Json, rate: Json, insured: int) -> Json:
    tx, postage = call.tx, cents_of(rate["rate"])
    premium = _premium(insured)
    limit = call.house.spend_limit_cents
    if limit and _spent(tx) + postage + premium > limit:
        raise no_funds(f"The account has reached its spending limit of ${money(limit)}.")
    if tx.balance() < postage + premium:
        raise no_funds()
    reference = shipment["reference"] or ""
    tx.enter("postage", -postage, shipment["id"], reference)
    if premium:
        tx.enter("insurance", -premium, shipment["id"], reference)
    code = _tracking(tx, rate, shipment)
    to, sender = shipment["to_address"], shipment["from_address"]
    labelled = places.as_labelled(to, tx.at)
    target, origin = (sender, labelled) if shipment["is_return"] else (labelled, sender)
    days = rate["est_delivery_days"] or 12
    way = Way(tx.at, days, _place(origin), _place(target), _fate(target))
    tracker = trackers.new(tx, call.mode, code, rate["carrier"], shipment["id"], way)
    stamp = moment(tx.at)
    shipment |= {
        "tracking_code": code,
        "updated_at": stamp,
        "insurance": money(insured) if insured else None,
        "postage_label": label_of(tx, shipment),
        "selected_rate": rate | {"updated_at": stamp},
        "tracker": tracker["id"],
        "to_address": labelled,
        "buyer_address": labelled,
        "fees": [fee("LabelFee", 0), fee("PostageFee", postage)],
        "_bought_at": tx.at,
    }
    if premium:
        shipment["fees"].append(fee("InsuranceFee", premium))
    return keep(tx, shipment)


def _spent(tx: Tx) -> int:
    return -sum(entry.cents for entry in tx.entries() if entry.kind in ("postage", "insurance"))


def _premium(insured_cents: int) -> int:
    return max(LEAST_PREMIUM, (insured_cents + 50) // 100) if insured_cents else 0


def _place(address: Json) -> Json:
    return {name: address[name] for name in ("city", "state", "zip")}


def _fate(target: Json) -> str:
    found = places.verified(target)["verifications"]["delivery"]
    # A flat whose number is missing is not found either.
    if target["country"] == "US" and (found["errors"] or not found["success"]):
        return _FATES["bad_address"]
    return _FATES["box"] if rating.is_box(target) else ""


def _tracking(tx: Tx, rate: Json, shipment: Json) -> str:
    """Return a number that no parcel has, in the carrier's own shape."""
    serial = tx.count("tracking")
    if rate["carrier"] == "UPS":
        return f"1Z999AA1{serial % 10**10:010d}"
    if rate["carrier"] == "FedEx":
        return f"7946{serial % 10**8:08d}"
    if shipment["to_address"]["country"] != "US":
        return f"LZ{serial % 10**9:09d}US"
    first = {"Priority": "9405", "Express": "9481"}.get(rate["service"], "9400")
    body = f"{first}5999999{secrets.randbelow(100):02d}{serial % 10**8:08d}"
    odd = sum(int(digit) for digit in body[::-1][::2]) * 3
    return f"{body}{-(odd + sum(int(digit) for digit in body[::-1][1::2])) % 10}"


def refund(call: Call) -> Answer:
    """Ask for the money of a label: submitted, and decided later."""
    shipment = need(call, call.path["id"])
    if not shipment["_bought_at"]:
        raise Refusal(
            422, "SHIPMENT.REFUND.UNAVAILABLE", "Refund is not available: no postage was purchased."
        )
    if shipment["refund_status"] not in ("submitted", "refunded"):
        shipment |= {"refund_status": "submitted", "_refund_at": call.tx.at, "updated_at": moment(call.tx.at)}
        tracker = call.tx.need("tracker", shipment["tracker"])
        way = trackers.way_of(tracker)
        assert way is not None
        taken = travel.scanned(way, call.tx.at, call.house.day_ms, call.house.idle_ms)
        if not taken and not shipment["scan_form"]:
            trackers.set_way(call.tx, tracker, voided(way, call.tx.at))
        keep(call.tx, shipment)
    return Answer(shown(call, need(call, shipment["id"])))


def refunds(call: Call) -> Answer:
    """Ask for the money of labels by their numbers."""
    asked = call.body.get("refund") or {}
    made = []
    for code in asked.get("tracking_codes") or ():
        tracker = call.tx.find("tracker", str(code))
        if tracker is None or not tracker["_shipment"]:
            raise Refusal(
                422, "REFUND.TRACKING_CODE.NOT_FOUND", f"No label with the number {str(code)[:40]}."
            )
        told = refund(_for(call, tracker["_shipment"])).value
        made.append(
            {
                "id": fresh("rfnd"),
                "object": "Refund",
                "created_at": moment(call.tx.at),
                "updated_at": moment(call.tx.at),
                "tracking_code": tracker["_code"],
                "confirmation_number": None,
                "status": told["refund_status"],
                "carrier": tracker["_carrier"],
                "shipment_id": tracker["_shipment"],
            }
        )
    return Answer(made)


def _for(call: Call, shipment_id: str) -> Call:
    return Call(call.tx, call.mode, {"id": shipment_id}, {}, {}, call.house, call.base)


def insure(call: Call) -> Answer:
    """Insure a shipment that was bought, once."""
    shipment = need(call, call.path["id"])
    amount: Any = call.body.get("amount")
    if not shipment["_bought_at"]:
        raise Refusal(
            422, "INSURANCE.PURCHASE.NOT_ALLOWED", "Insurance can only be purchased for bought shipments."
        )
    if shipment["insurance"]:
        raise Refusal(
            422, "SHIPMENT.INSURANCE.ALREADY_PURCHASED", "Insurance was already purchased for this shipment."
        )
    insured = cents_of(amount)
    if not insured:
        raise Refusal(422, "INSURANCE.AMOUNT.REQUIRED", "An amount is required.")
    if insured > 500_000:
        raise Refusal(422, "INSURANCE.AMOUNT.ABOVE_MAXIMUM", "The amount is above the maximum of $5,000.")
    premium = _premium(insured)
    if call.tx.balance() < premium:
        raise no_funds()
    call.tx.enter("insurance", -premium, shipment["id"], shipment["reference"] or "")
    shipment["insurance"] = money(insured)
    shipment["fees"].append(fee("InsuranceFee", premium))
    return Answer(shown(call, keep(call.tx, shipment)))
