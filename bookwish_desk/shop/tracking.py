"""What a carrier's news of a parcel mean: in words, whether somebody must look, when to ask again.

Pure. What they change in the books is `actions.tracking`, who asks is `sync.carriers.following`.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from bookwish_desk.shop.carriage import Track, TrackEvent, TrackStatus
from bookwish_desk.shop.text import clean, mask_cards

HOUR = 3_600_000
DAY = 24 * HOUR

STATUS_NAMES: dict[TrackStatus, str] = {
    "unknown": "Nothing known yet",
    "pre_transit": "Label made, not with the carrier yet",
    "in_transit": "On its way",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "available_for_pickup": "Waits at the carrier to be collected",
    "return_to_sender": "Comes back to the shop",
    "failure": "Could not be delivered",
    "cancelled": "Label cancelled",
    "error": "The carrier has lost track of it",
}
"""Where a parcel is, in few words."""

_TROUBLE: dict[TrackStatus, str] = {
    "available_for_pickup": "The parcel waits at the carrier to be collected. Tell the customer.",
    "return_to_sender": "The parcel comes back to the shop. Ask the customer for the right address.",
    "failure": "The carrier could not deliver the parcel. Ask the carrier, tell the customer.",
    "cancelled": "The carrier cancelled the label after the parcel had left. Ask the carrier.",
    "error": "The carrier has lost track of the parcel. Ask the carrier.",
}
_REASON = re.compile("[a-z][a-z ]{2,39}")
_EMPTY = frozenset({"unknown", "error", "return", "status update"})
"""Reasons that say no more than the status."""
CAME_BACK = "The carrier brought the parcel back to the shop. Take it back, then send it again or refund."

BACK = "came_back"
"""The status of a parcel that was delivered, and to the shop."""
QUIET: frozenset[str] = frozenset({"unknown", "pre_transit"})
"""Statuses that are no news of a parcel that was shipped."""
MOVING: frozenset[TrackStatus] = frozenset(
    {"in_transit", "out_for_delivery", "delivered", "available_for_pickup", "return_to_sender", "failure"}
)
"""Statuses of a parcel that the carrier has."""

POLLS: tuple[tuple[int, int], ...] = (
    (3 * DAY, HOUR // 2),
    (10 * DAY, 2 * HOUR),
    (21 * DAY, 6 * HOUR),
    (45 * DAY, 24 * HOUR),
)
"""How old a label may be to be asked about again after how long; about older ones nobody asks."""

LINKS: tuple[tuple[str, str], ...] = (
    ("usps", "https://tools.usps.com/go/TrackConfirmAction?tLabels=#"),
    ("ups", "https://www.ups.com/track?tracknum=#"),
    ("fedex", "https://www.fedex.com/fedextrack/?trknbr=#"),
    ("dhlexpress", "https://www.dhl.com/en/express/tracking.html?AWB=#"),
)
"""Where everybody follows a parcel, by how its carrier's name begins; # is the number."""


def public_link(carrier: str) -> str:
    """Return where parcels of a carrier are followed, # for the number; empty where nobody knows."""
    name = "".join(carrier.casefold().split())
    return next((link for start, link in LINKS if name.startswith(start)), "")


def _words(text: str, limit: int) -> str:
    """Return words of a carrier as they may be kept and shown."""
    return clean(mask_cards(text), limit)


def status_name(status: str) -> str:
    """Return a status in few words; a word that is not known is shown as it came."""
    if status == BACK:
        return "Brought back to the shop"
    return STATUS_NAMES.get(status, "") or _words(status.replace("_", " "), 40).capitalize()  # type: ignore[call-overload]


def came_back(track: Track) -> bool:
    """Say whether a delivered parcel was delivered to the shop: it had been on its way back."""
    return track.status == "delivered" and any(e.status == "return_to_sender" for e in track.events)


def parcel_status(track: Track) -> str:
    """Return the status that an order keeps of its parcel: the carrier's, or that it was brought back."""
    return BACK if came_back(track) else track.status


def arrived(track: Track) -> bool:
    """Say whether the customer has the parcel, as the carrier says (OMG-23)."""
    return track.status == "delivered" and not came_back(track)


def trouble(track: Track) -> str:
    """Return what is wrong with a parcel and what to do, or an empty text.

    Of the carrier's own words only a reason of a list goes with it ("address_correction"): the journal keeps
    it for ever, and free text may name somebody.
    """
    if came_back(track):
        return CAME_BACK
    sentence = _TROUBLE.get(track.status, "")
    said = reason(track)
    known = sentence and _REASON.fullmatch(said)
    return f"{sentence} Carrier: {said}." if known else sentence


def reason(track: Track) -> str:
    """Return what the carrier adds to the status, in its words; empty where that says no more."""
    said = track.detail.replace("_", " ").strip()
    return "" if said in _EMPTY else said


def merged(before: Track | None, heard: Track) -> Track:
    """Return what is known after news of the same parcel: nothing is undone that was told for certain.

    A delivered parcel stays delivered, and answers that say nothing keep what was known; scans that a
    carrier does not repeat are kept.
    """
    if before is None:
        return heard
    events = {(e.at, e.status, e.words, e.place): e for e in (*before.events, *heard.events)}
    known = replace(
        heard,
        events=tuple(sorted(events.values(), key=lambda e: e.at)),
        expected_on=heard.expected_on or before.expected_on,
        signed_by=heard.signed_by or before.signed_by,
        carrier=heard.carrier or before.carrier,
    )
    if before.status == "delivered" and heard.status not in ("delivered", "return_to_sender"):
        return replace(
            known,
            status="delivered",
            detail=before.detail,
            delivered_at=before.delivered_at or heard.delivered_at,
        )
    if heard.status == "unknown" and before.status != "unknown":
        return replace(known, status=before.status, detail=before.detail)
    return known


def next_poll(track: Track | None, bought_at: int, at: int) -> int:
    """Return when to ask for a parcel again (ms UTC), 0 for never: delivered, or nobody asks any more."""
    if track is not None and track.status == "delivered":
        return 0
    age = at - bought_at
    pause = next((pause for most, pause in POLLS if age < most), 0)
    if track is not None and track.status == "cancelled":
        pause = pause and POLLS[-1][1]
    return at + pause if pause else 0


def trace(track: Track) -> tuple[TrackEvent, ...]:
    """Return the scans of a parcel, the latest first, each with words of its own (BB-09)."""
    return tuple(
        replace(e, words=_words(e.words, 200) or STATUS_NAMES.get(e.status, ""), place=_words(e.place, 80))
        for e in sorted(track.events, key=lambda e: e.at, reverse=True)
    )
