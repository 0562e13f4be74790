"""Shipments as they are made: of addresses, a parcel, options, customs. Making and pricing one is free."""

from __future__ import annotations

from bookwish_desk.demo.carriers import paying, shipments
from bookwish_desk.demo.carriers.refusal import Json, required
from bookwish_desk.demo.carriers.wire import (
    Answer,
    Call,
    address_of,
    customs_of,
    fresh,
    moment,
    parcel_of,
    public,
)


def create(call: Call) -> Answer:
    """Make a shipment and price it: 201, whatever the carriers say. It costs nothing."""
    asked = call.body.get("shipment")
    if not isinstance(asked, dict) or not asked:
        raise required("shipment")
    stamp = moment(call.tx.at)
    given = asked.get("options")
    options = dict(given) if isinstance(given, dict) else {}
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
    shipments.label_format(options)
    shipments.price(call, made)
    kept = shipments.keep(call.tx, made)
    if asked.get("service") and asked.get("carrier_accounts"):
        kept = paying.one_call(call, kept, str(asked["service"]))
    return Answer(shipments.shown(call, kept), 201)
