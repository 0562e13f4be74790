"""The files that answers point at: labels and forms, drawn when they are fetched. They need no key."""

from __future__ import annotations

import re

from bookwish_desk.demo.carriers import drawing
from bookwish_desk.demo.carriers.drawing import LabelWords, address_lines
from bookwish_desk.demo.carriers.rating import MEDIA
from bookwish_desk.demo.carriers.refusal import Json, not_found
from bookwish_desk.demo.carriers.service import Later
from bookwish_desk.demo.carriers.wire import Answer, Call

_MAKERS = {
    "png": (drawing.as_png, "image/png"),
    "pdf": (drawing.as_pdf, "application/pdf"),
    "zpl": (drawing.as_zpl, "application/octet-stream"),
}
_MARKS = ("print_custom_1", "print_custom_2", "print_custom_3")


def label(call: Call) -> Answer:
    """Return the file of a label."""
    name = call.path["name"]
    found = call.tx.find("file", f"/files/postage_label/{call.path['day']}/{name}")
    ending = re.sub(r".*\.", "", name)
    if found is None or ending not in _MAKERS:
        raise not_found()
    words = words_of(call.tx.need("shipment", found["shipment"]))
    make, kind = _MAKERS[ending]
    return Answer(Later(lambda: Answer(octets=make(words), kind=kind)))


def form(call: Call) -> Answer:
    """Return the file of a form."""
    found = call.tx.find("file", f"/files/scan_form/{call.path['day']}/{call.path['name']}")
    if found is None:
        raise not_found()
    kept = call.tx.need("scan_form", found["scan_form"])
    lines, codes = address_lines(kept["address"]), tuple(kept["tracking_codes"])
    made_at = str(kept["created_at"])
    return Answer(
        Later(
            lambda: Answer(
                octets=drawing.form_as_pdf(kept["id"], made_at, lines, codes), kind="application/pdf"
            )
        )
    )


def words_of(shipment: Json) -> LabelWords:
    """Return what stands on the label of a shipment that was bought. A return goes the other way."""
    sender, to = shipment["return_address"], shipment["to_address"]
    if shipment["is_return"]:
        sender, to = to, shipment["from_address"]
    options, rate = shipment["options"], shipment["selected_rate"]
    marks = [str(options[name]) for name in _MARKS if options.get(name)]
    if not marks and options.get("invoice_number"):
        marks = [str(options["invoice_number"])]
    return LabelWords(
        carrier=rate["carrier"],
        service=rate["service"],
        tracking=shipment["tracking_code"],
        sender=address_lines(sender),
        to=address_lines(to),
        ounces=shipment["parcel"]["weight"],
        date=shipment["postage_label"]["label_date"][:10],
        marks=tuple(marks),
        declared=_declared(shipment["customs_info"]) if to["country"] != "US" else (),
        media=rate["service"] in MEDIA.values(),
    )


def _declared(customs: Json | None) -> tuple[str, ...]:
    if not customs:
        return ()
    lines = [
        f"{item['quantity']} x {item['description']} ${item['value']}" for item in customs["customs_items"]
    ]
    return ("CUSTOMS DECLARATION", *lines[:3], f"Signed: {customs['customs_signer'] or ''}")
