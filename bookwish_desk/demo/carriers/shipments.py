"""Shipments as they are kept and shown: their prices, their labels in each format, what became of a refund.

How one is made is `making`, what it costs `paying`.
"""

from __future__ import annotations

import secrets

from bookwish_desk.demo.carriers import rating, refusal, trackers
from bookwish_desk.demo.carriers.rating import ACCOUNTS
from bookwish_desk.demo.carriers.records import Tx
from bookwish_desk.demo.carriers.refusal import Json, Refusal
from bookwish_desk.demo.carriers.travel import Way
from bookwish_desk.demo.carriers.wire import (
    Answer,
    Call,
    cents_of,
    fresh,
    moment,
    money,
    page_size,
    public,
    reached,
)

FORMATS = {"PNG": "image/png", "PDF": "application/pdf", "ZPL": "application/zpl"}
_ENDS = {"PNG": "png", "PDF": "pdf", "ZPL": "zpl"}
_URLS = ("label_url", "label_pdf_url", "label_zpl_url")


def label_format(options: Json) -> str:
    """Return in which format a label is wanted. Raises Refusal."""
    wanted = str(options.get("label_format") or "PNG").upper()
    if wanted not in FORMATS:
        raise Refusal(422, "SHIPMENT.POSTAGE.INVALID_FORMAT", f"The label format {wanted[:20]} is not valid.")
    return wanted


def keep(tx: Tx, shipment: Json) -> Json:
    """Keep a shipment; its reference is its other name."""
    return tx.keep("shipment", shipment, shipment["reference"] or "")


def price(call: Call, shipment: Json) -> None:
    """Price a shipment anew: rates in the place of what it had."""
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
            "service": each.service,
            "carrier": each.carrier,
            "rate": money(each.cents),
            "currency": "USD",
            "retail_rate": money(each.retail_cents),
            "retail_currency": "USD",
            "list_rate": money(each.list_cents),
            "list_currency": "USD",
            "billing_type": "easypost",
            "delivery_days": each.days,
            "delivery_date": moment(call.tx.at + each.days * 86_400_000)
            if each.guaranteed and each.days
            else None,
            "delivery_date_guaranteed": each.guaranteed,
            "est_delivery_days": each.days,
            "shipment_id": shipment["id"],
            "carrier_account_id": ACCOUNTS[each.carrier],
        }
        for each in prices
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
        keep(call.tx, found)
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
    since = call.query.get("start_datetime", "")
    found = [shipment for shipment in found if shipment["created_at"] >= since]
    page = [shown(call, shipment) for shipment in found[:most]]
    return Answer({"shipments": page, "has_more": len(found) > most})


def rerate(call: Call) -> Answer:
    """Price a shipment anew; its earlier rates are void."""
    shipment = need(call, call.path["id"])
    if shipment["_bought_at"]:
        raise refusal.exists()
    price(call, shipment)
    return Answer({"rates": keep(call.tx, shipment)["rates"]})


def label_of(tx: Tx, shipment: Json) -> Json:
    """Return the label of a shipment that is being bought: its file is drawn when somebody fetches it."""
    options, stamp = shipment["options"], moment(tx.at)
    fmt = label_format(options)
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
            keep(call.tx, shipment)
    return Answer(shown(call, shipment))


def voided(way: Way, at: int) -> Way:
    """Return a way of a parcel whose label was given back, or is wanted after all (0)."""
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
        trackers.set_way(call.tx, tracker, voided(way, 0))
    return outcome
