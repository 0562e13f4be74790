"""Shipments: made, priced, paid once, read, labelled, refunded, insured.

A shipment can be bought once, by one of its own rates; what was bought stands in the ledger.
"""

from __future__ import annotations

import secrets
from typing import Any

from bookwish_desk.demo.carriers import places, rating, trackers, travel
from bookwish_desk.demo.carriers.rating import ACCOUNTS
from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal, invalid_shipment, no_funds, required
from bookwish_desk.demo.carriers.travel import Way
from bookwish_desk.demo.carriers.wire import (
    Answer,
    Call,
    address_of,
    cents_of,
    customs_of,
    fee,
    fresh,
    moment,
    money,
    page_size,
    parcel_of,
    public,
    reached,
)

INSURANCE_PER_100 = 100
"""Cents for each $100 insured, or part of it."""
FORMATS = {"PNG": "image/png", "PDF": "application/pdf", "ZPL": "application/zpl"}
_ENDS = {"PNG": "png", "PDF": "pdf", "ZPL": "zpl"}
_URLS = ("label_url", "label_pdf_url", "label_zpl_url")
_FATES = {"bad_address": "failure", "box": "available_for_pickup"}


def create(call: Call) -> Answer:
    """Make a shipment and price it: 201, whatever the carriers say. It costs nothing."""
    asked = call.body.get("shipment")
    if not isinstance(asked, dict) or not asked:
        raise required("shipment")
    stamp = moment(call.tx.at)
    options = {**(asked.get("options") or {})}
    options |= {"currency": "USD", "payment": {"type": "SENDER"}, "date_advance": 0}
    sender, to = (address_of(call, asked.get(name), name) for name in ("from_address", "to_address"))
    made: Json = {
        "id": fresh("shp"),
        "created_at": stamp,
        "is_return": bool(asked.get("is_return")),
        "messages": [],
        "mode": call.mode,
        "options": options,
        "reference": str(asked["reference"])[:200] if asked.get("reference") else None,
        "status": "unknown",
        "tracking_code": None,
        "updated_at": stamp,
        "batch_id": None,
        "batch_status": None,
        "batch_message": None,
        "customs_info": customs_of(call, asked.get("customs_info")),
        "from_address": public(sender),
        "insurance": None,
        "order_id": None,
        "parcel": parcel_of(call, asked.get("parcel")),
        "postage_label": None,
        "rates": [],
        "refund_status": None,
        "scan_form": None,
        "selected_rate": None,
        "tracker": None,
        "to_address": public(to),
        "usps_zone": None,
        "return_address": public(sender),
        "buyer_address": public(to),
        "forms": [],
        "fees": [],
        "object": "Shipment",
        "_rated_at": call.tx.at,
        "_bought_at": 0,
        "_refund_at": 0,
    }
    if asked.get("return_address"):
        made["return_address"] = public(address_of(call, asked["return_address"], "return_address"))
    _label_format(options)
    _rate(call, made)
    kept = _keep(call.tx, made)
    if asked.get("service") and asked.get("carrier_accounts"):
        kept = _one_call(call, kept, str(asked["service"]))
    return Answer(shown(call, kept), 201)


def _label_format(options: Json) -> str:
    wanted = str(options.get("label_format") or "PNG").upper()
    if wanted not in FORMATS:
        raise Refusal(422, "SHIPMENT.POSTAGE.INVALID_FORMAT", f"The label format {wanted[:20]} is not valid.")
    return wanted


def _keep(tx: Tx, shipment: Json) -> Json:
    return tx.keep("shipment", shipment, shipment["reference"] or "")


def _rate(call: Call, shipment: Json) -> None:
    """Price a shipment: new rates in the place of what it had."""
    load = rating.load_of(shipment)
    prices, silent = rating.quote(load, shipment["id"] + str(call.tx.at))
    stamp = moment(call.tx.at)
    shipment["usps_zone"] = load.zone if load.country == "US" else None
    shipment["_rated_at"] = call.tx.at
    shipment["messages"] = [
        {
            "carrier": each.carrier,
            "carrier_account_id": ACCOUNTS[each.carrier],
            "type": "rate_error",
            "message": each.words,
        }
        for each in silent
    ]
    shipment["rates"] = [
        {
            "id": fresh("rate"),
            "object": "Rate",
            "created_at": stamp,
            "updated_at": stamp,
            "mode": call.mode,
            "service": price.service,
            "carrier": price.carrier,
            "rate": money(price.cents),
            "currency": "USD",
            "retail_rate": money(price.retail_cents),
            "retail_currency": "USD",
            "list_rate": money(price.list_cents),
            "list_currency": "USD",
            "billing_type": "easypost",
            "delivery_days": price.days,
            "delivery_date": moment(call.tx.at + price.days * 86_400_000)
            if price.guaranteed and price.days
            else None,
            "delivery_date_guaranteed": price.guaranteed,
            "est_delivery_days": price.days,
            "shipment_id": shipment["id"],
            "carrier_account_id": ACCOUNTS[price.carrier],
        }
        for price in prices
    ]


def shown(call: Call, shipment: Json) -> Json:
    """Return a shipment as it is answered, with where its parcel is now."""
    told = public(shipment)
    told["postage_label"] = reached(told["postage_label"], call.base, *_URLS)
    if shipment["tracker"]:
        tracker = call.tx.need("tracker", shipment["tracker"])
        told["tracker"] = trackers.told(tracker, call.tx.at, call.house)
        told["status"] = told["tracker"]["status"]
    if shipment["scan_form"]:
        from bookwish_desk.demo.carriers import scan_forms

        told["scan_form"] = scan_forms.told(call, call.tx.need("scan_form", shipment["scan_form"]))
    return told


def need(call: Call, shipment_id: str) -> Json:
    """Return a shipment by its id or its reference, with what became of its refund. Raises Refusal."""
    found = call.tx.need("shipment", shipment_id)
    if found["refund_status"] == "submitted" and call.tx.at >= found["_refund_at"] + call.house.refund_ms:
        found["refund_status"] = decide(call, found)
        _keep(call.tx, found)
    return found


def read(call: Call) -> Answer:
    """Return a shipment."""
    return Answer(shown(call, need(call, call.path["id"])))


def listed(call: Call) -> Answer:
    """Return shipments, the newest first; those that were bought unless asked otherwise."""
    most = page_size(call)
    found = call.tx.listed("shipment", 10_000, call.query.get("before_id", ""))
    if call.query.get("purchased", "true") != "false":
        found = [shipment for shipment in found if shipment["_bought_at"]]
    page = [shown(call, shipment) for shipment in found[:most]]
    return Answer({"shipments": page, "has_more": len(found) > most})


def rerate(call: Call) -> Answer:
    """Price a shipment anew; its earlier rates are void."""
    shipment = need(call, call.path["id"])
    if shipment["_bought_at"]:
        raise exists()
    _rate(call, shipment)
    return Answer({"rates": _keep(call.tx, shipment)["rates"]})


# ---- money ----


def exists() -> Refusal:
    """Return the refusal of a second purchase."""
    return Refusal(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")


def in_progress() -> Refusal:
    """Return the refusal of a purchase while another is under way."""
    return Refusal(
        422, "SHIPMENT.PURCHASE.IN_PROGRESS", "A purchase of this shipment is already in progress."
    )


def buy(call: Call) -> Answer:
    """Pay a shipment by one of its rates, once."""
    shipment = need(call, call.path["id"])
    if shipment["_bought_at"]:
        raise exists()
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


def _one_call(call: Call, shipment: Json, service: str) -> Json:
    """Buy at once what was made with a service: what the desk must never ask for."""
    rate = next((each for each in shipment["rates"] if each["service"] == service), None)
    if rate is None:
        raise invalid_shipment({"service": "is not available"})
    return _bought(call, shipment, rate, 0)


def _bought(call: Call, shipment: Json, rate: Json, insured: int) -> Json:
    tx, postage = call.tx, cents_of(rate["rate"])
    premium = _premium(insured)
    spent = -sum(entry.cents for entry in tx.entries() if entry.kind in ("postage", "insurance"))
    limit = call.house.spend_limit_cents
    if limit and spent + postage + premium > limit:
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
        "postage_label": _label(tx, shipment),
        "selected_rate": rate | {"updated_at": stamp},
        "tracker": tracker["id"],
        "to_address": labelled,
        "buyer_address": labelled,
        "fees": [fee("LabelFee", 0), fee("PostageFee", postage)],
        "_bought_at": tx.at,
    }
    if premium:
        shipment["fees"].append(fee("InsuranceFee", premium))
    return _keep(tx, shipment)


def _premium(insured_cents: int) -> int:
    return -(-insured_cents // 10_000) * INSURANCE_PER_100


def _place(address: Json) -> Json:
    return {name: address[name] for name in ("city", "state", "zip")}


def _fate(target: Json) -> str:
    if target["country"] == "US" and not places.verified(target)["verifications"]["delivery"]["success"]:
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


def _label(tx: Tx, shipment: Json) -> Json:
    options, stamp = shipment["options"], moment(tx.at)
    fmt = _label_format(options)
    return {
        "object": "PostageLabel",
        "id": fresh("pl"),
        "created_at": stamp,
        "updated_at": stamp,
        "date_advance": 0,
        "integrated_form": "none",
        "label_date": _label_date(options, stamp),
        "label_resolution": 203 if fmt == "ZPL" else 300,
        "label_size": str(options.get("label_size") or "4x6"),
        "label_type": "default",
        "label_file_type": FORMATS[fmt],
        "label_url": _file(tx, shipment["id"], fmt),
        "label_pdf_url": None,
        "label_zpl_url": None,
        "label_epl2_url": None,
        "label_file": None,
    }


def _file(tx: Tx, shipment_id: str, fmt: str) -> str:
    """Return where a label can be fetched in a format; it is drawn there when somebody does."""
    day = moment(tx.at)[:10].replace("-", "")
    path = f"/files/postage_label/{day}/{secrets.token_hex(17)}.{_ENDS[fmt]}"
    tx.keep("file", {"id": path, "shipment": shipment_id})
    return path


def _label_date(options: Json, stamp: str) -> str:
    asked = str(options.get("label_date") or "")
    return f"{asked[:10]}T00:00:00Z" if len(asked) >= 10 else stamp


# ---- after the purchase ----


def label(call: Call) -> Answer:
    """Have a label in another format: only one made as a PNG can be had in another."""
    shipment = need(call, call.path["id"])
    made = shipment["postage_label"]
    fmt = call.query.get("file_format", "PNG").upper()
    if made is None:
        raise Refusal(422, "SHIPMENT.POSTAGE.REQUIRED", "Postage is required before a label can be made.")
    if fmt not in FORMATS:
        raise Refusal(422, "SHIPMENT.POSTAGE.INVALID_FORMAT", f"The label format {fmt[:20]} is not valid.")
    if made["label_file_type"] != FORMATS[fmt]:
        if made["label_file_type"] != FORMATS["PNG"]:
            raise Refusal(
                422,
                "SHIPMENT.POSTAGE.FORMAT_UNAVAILABLE",
                "Only a PNG label can be converted to another format.",
            )
        name = f"label_{fmt.lower()}_url"
        if not made[name]:
            made[name] = _file(call.tx, shipment["id"], fmt)
            made["updated_at"] = moment(call.tx.at)
            _keep(call.tx, shipment)
    return Answer(shown(call, shipment))


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
            trackers.set_way(call.tx, tracker, _voided(way, call.tx.at))
        _keep(call.tx, shipment)
    return Answer(shown(call, need(call, shipment["id"])))


def _voided(way: Way, at: int) -> Way:
    return Way(way.bought_at, way.days, way.origin, way.target, way.fate, way.handed_at, at, way.told)


def decide(call: Call, shipment: Json) -> str:
    """Say what becomes of a refund that was asked for, and pay it: nothing for what is on its way."""
    wanted = call.tx.fact(f"refund {shipment['id']}") or call.tx.fact("refund")
    tracker = call.tx.need("tracker", shipment["tracker"])
    way = trackers.way_of(tracker)
    outcome = wanted or ("refunded" if way is not None and way.voided_at else "rejected")
    if outcome == "refunded":
        back = cents_of(shipment["selected_rate"]["rate"])
        call.tx.enter("refund", back, shipment["id"], shipment["reference"] or "")
        shipment["fees"] = [
            each | {"refunded": each["type"] == "PostageFee" or each["refunded"]} for each in shipment["fees"]
        ]
    elif way is not None and way.voided_at:
        trackers.set_way(call.tx, tracker, _voided(way, 0))
    return outcome


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
    return Answer(shown(call, _keep(call.tx, shipment)))
