"""Where a parcel is: its way from the label to the door, told by a clock. Pure.

A day of travel may be as short as the broker likes; what is told stands in the order in which it happens.
"""

from __future__ import annotations

import msgspec

from bookwish_desk.demo.carriers.refusal import Json
from bookwish_desk.demo.carriers.wire import moment

CODES = {
    "EZ1000000001": "pre_transit", "EZ2000000002": "in_transit", "EZ3000000003": "out_for_delivery",
    "EZ4000000004": "delivered", "EZ5000000005": "return_to_sender", "EZ6000000006": "failure",
    "EZ7000000007": "unknown",
}  # fmt: skip
"""EasyPost's own numbers for trying things, and where such a parcel is."""
ORDER = ("unknown", "pre_transit", "in_transit", "out_for_delivery", "delivered")

_WORDS = {
    "unknown": ("Shipping Label Created, USPS Awaiting Item", "unknown"),
    "pre_transit": ("Pre-Shipment Info Sent to Carrier", "status_update"),
    "in_transit": ("In Transit to Next Facility", "status_update"),
    "out_for_delivery": ("Out for Delivery", "out_for_delivery"),
    "delivered": ("Delivered, Front Door/Porch", "arrived_at_destination"),
    "available_for_pickup": ("Available for Pickup at the Post Office", "status_update"),
    "return_to_sender": ("Return to Sender Processed", "return"),
    "failure": ("Undeliverable as Addressed", "address_correction"),
    "cancelled": ("Label voided", "status_update"),
    "error": ("The carrier cannot say where it is", "error"),
}


STATUSES = frozenset(_WORDS)
"""Where a parcel may be."""


class Way(msgspec.Struct, frozen=True):
    """How one parcel travels (ms UTC). `handed_at` 0: nobody handed it over, it is found after a while.

    `fate` is a status that it meets at the door, empty for a parcel that is delivered. `told` are moments and
    statuses that were said by hand: nothing else happens any more then.
    """

    bought_at: int
    days: int
    origin: Json
    target: Json
    fate: str = ""
    handed_at: int = 0
    voided_at: int = 0
    told: tuple[tuple[int, str], ...] = ()


class Scan(msgspec.Struct, frozen=True):
    """One thing that happened on the way."""

    at: int
    status: str
    words: str
    place: Json | None = None


def scans(way: Way, day_ms: int, idle_ms: int) -> list[Scan]:
    """Return everything that happens to a parcel, in its order."""
    minute = max(1, day_ms // 1_440)
    made = [Scan(way.bought_at + minute, "pre_transit", "Shipping Label Created", way.origin)]
    found_at = way.handed_at or way.bought_at + idle_ms
    if way.voided_at and not (way.handed_at and way.handed_at <= way.voided_at):
        return [*made, Scan(way.voided_at, "cancelled", _WORDS["cancelled"][0])]
    if way.told:
        return [*made, *(Scan(at, status, _WORDS[status][0], way.target) for at, status in way.told)]
    ends = found_at + way.days * day_ms
    made += [
        Scan(found_at + 60 * minute, "in_transit", "Accepted at Origin Facility", way.origin),
        Scan(found_at + 420 * minute, "in_transit", "Departed Regional Facility", way.origin),
    ]
    made += [
        Scan(found_at + day * day_ms, "in_transit", "In Transit to Next Facility")
        for day in range(1, way.days)
    ]
    made.append(Scan(ends - 240 * minute, "out_for_delivery", _WORDS["out_for_delivery"][0], way.target))
    if way.fate == "available_for_pickup":
        made[-1] = Scan(ends - 240 * minute, way.fate, _WORDS[way.fate][0], way.target)
    elif way.fate:
        made.append(Scan(ends, way.fate, _WORDS[way.fate][0], way.target))
        if way.fate == "failure":
            back = ends + day_ms
            made.append(Scan(back, "return_to_sender", _WORDS["return_to_sender"][0], way.target))
            home = back + way.days * day_ms
            made.append(Scan(home, "delivered", "Delivered, To Original Sender", way.origin))
        return made
    made.append(Scan(ends + (day_ms if way.fate else 0), "delivered", _WORDS["delivered"][0], way.target))
    return made


def scanned(way: Way, now: int, day_ms: int, idle_ms: int) -> bool:
    """Say whether a carrier has had the parcel in hand: nobody gets money back for its label then."""
    return any(
        scan.at <= now and scan.status not in ("pre_transit", "cancelled")
        for scan in scans(way, day_ms, idle_ms)
    )


def status_of(happened: list[Scan]) -> str:
    """Return where a parcel is by what has happened."""
    return happened[-1].status if happened else "unknown"


def detail_of(status: str) -> str:
    """Return EasyPost's finer word for a status."""
    return _WORDS[status][1]


def by_code(code: str, now: int) -> list[Scan]:
    """Return what happened to a parcel of one of EasyPost's own numbers."""
    status = CODES[code]
    if status == "unknown":
        return []
    hour = 3_600_000
    if status in ORDER:
        passed = ORDER[1 : ORDER.index(status) + 1]
    else:
        passed = ("pre_transit", "in_transit", status)
    first = now - 30 * 24 * hour
    return [Scan(first + n * 12 * hour, one, _WORDS[one][0]) for n, one in enumerate(passed)]


def detail(scan: Scan, carrier: str) -> Json:
    """Return a scan as EasyPost writes it."""
    place = scan.place or {}
    return {
        "object": "TrackingDetail",
        "message": scan.words,
        "description": "",
        "status": scan.status,
        "status_detail": detail_of(scan.status),
        "datetime": moment(scan.at),
        "source": carrier,
        "carrier_code": "",
        "tracking_location": {
            "object": "TrackingLocation",
            "city": (place.get("city") or "").upper() or None,
            "state": place.get("state"),
            "country": None,
            "zip": (place.get("zip") or "")[:5] or None,
        },
        "est_delivery_date": None,
    }
