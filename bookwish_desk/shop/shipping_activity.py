"""What the journal's entries about labels, carriers' forms and visits say in plain words. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Show = Callable[[int], str]

WORDS: dict[str, str] = {
    "label.wanted": "Had a shipping label bought for order {orders}{money}",
    "label.bought": "Bought a shipping label for order {orders}{money}{tracking}{test}",
    "label.refused": "A shipping label for order {orders} was not bought{words}",
    "label.not_bought": "Found out that a shipping label for order {orders} was not bought",
    "labels.found": "Found shipping labels that were bought after the backup in use was made: {count}",
    "labels.untold": "Could not look up which shipping labels were bought after the backup in use was made",
    "label.settled": "Settled by hand whether the shipping label for order {orders} was bought: {verdict}",
    "label.dropped": "Left a shipping label for order {orders}",
    "label.reprinted": "Printed the shipping label of order {orders} again",
    "label.void": "Asked for the postage of a label of order {orders} back{money}{reason}",
    "label.voided": "The postage of a label of order {orders} came back{money}",
    "label.not_voided": "The postage of a label of order {orders} does not come back{words}",
    "label.insure": "Had the parcel of order {orders} insured{money}",
    "label.insured": "The parcel of order {orders} is insured{money}",
    "manifest.made": "Listed {parcels} for {carrier}{by_hand}",
    "manifest.created": "{carrier} made its form for {parcels}",
    "parcels.handed_over": "Handed {parcels} over",
    "visit.booked": "Booked {carrier} to collect {parcels}{money}",
    "visit.cancelled": "Called off {carrier} for {parcels}",
    "carriers.connected": "Connected the account of carriers at {base}{test}",
    "carriers.disconnected": "Disconnected the account of carriers at {base}",
}
"""The journal's kinds, with places for what their bodies hold."""

_VERDICTS = {"bought": "bought", "not_bought": "not bought"}


def sentence(kind: str, body: Mapping[str, Any], show: Show) -> str:
    """Return what an entry of one of WORDS says, without its full stop; `show` writes money."""
    orders = body.get("orders")
    numbers = [x for x in orders if isinstance(x, str)] if isinstance(orders, list) else []
    cents, count = body.get("cents"), body.get("parcels")
    many = count if isinstance(count, int) else 0
    return WORDS[kind].format(
        orders=", ".join(numbers) or "unknown",
        money=f" for {show(cents)}" if isinstance(cents, int) and cents else "",
        tracking=_behind(body, "tracking", ", "),
        words=_behind(body, "words", ": ").rstrip("."),
        reason=_behind(body, "reason", ": "),
        test=", as a sample" if body.get("test") is True else "",
        verdict=_VERDICTS.get(_text(body, "verdict"), "unknown"),
        parcels="1 parcel" if many == 1 else f"{many} parcels",
        carrier=_text(body, "carrier") or "a carrier",
        by_hand=", on a list of our own" if body.get("by_hand") is True else "",
        base=_text(body, "base"),
    )


def _behind(body: Mapping[str, Any], name: str, mark: str) -> str:
    found = _text(body, name)
    return f"{mark}{found}" if found else ""


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
