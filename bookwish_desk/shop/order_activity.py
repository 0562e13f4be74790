"""What the journal's entries about orders say in plain words, for the activity log. Nothing here is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bookwish_desk.shop.order import SOURCES
from bookwish_desk.shop.order_problem import ANSWER_NAMES, CAUSE_NAMES, KIND_NAMES

Show = Callable[[int], str]

WORDS: dict[str, str] = {
    "placed": "Order {} came in",
    "place": "Placed order {}",
    "abandon": "Gave up the checkout {}",
    "confirm": "Confirmed order {}",
    "start": "Began to work on order {}",
    "complete": "Completed order {}",
    "cancel": "Cancelled order {}",
    "cancel_copies": "Cancelled {copies} of order {}",
    "hold": "Put order {} on hold",
    "release_hold": "Released order {}",
    "allocate": "Promised {copies} to order {}",
    "release": "Gave {copies} of order {} back to the stock",
    "pick": "Picked {copies} for order {}",
    "short": "Missed {copies} for order {}",
    "backorder": "Put {copies} of order {} on backorder",
    "check": "Checked {copies} of order {}",
    "pack": "Packed {copies} of order {}",
    "unpack": "Unpacked order {}",
    "split": "Split a parcel of order {}",
    "ready": "Made order {} ready for pickup",
    "unready": "Took order {} off the hold shelf",
    "remind": "Reminded the customer of order {}",
    "hand_over": "Handed {copies} of order {} over",
    "ship": "Shipped order {}",
    "deliver": "Noted that order {} arrived",
    "recall": "Took a parcel of order {} back from its carrier",
    "retrack": "Gave a parcel of order {} another label",
    "track": "The carrier told of a parcel of order {}",
    "settle_parcel": "Settled what was wrong with a parcel of order {}",
    "take_back": "Took {copies} of order {} back",
    "send_to_wholesaler": "Handed order {} to the wholesaler",
    "wholesaler_ship": "The wholesaler shipped order {}",
    "wholesaler_complete": "The wholesaler completed order {}",
    "bounce_back": "Order {} came back from the wholesaler",
    "authorise": "Recorded an authorised payment of order {}",
    "reauthorise": "Recorded that the payment of order {} was authorised again",
    "expire": "The authorisation of order {} ran out",
    "void": "Voided the authorisation of order {}",
    "await_outside": "Left order {} to wait for a payment elsewhere",
    "pay_at_pickup": "Agreed on payment at pickup for order {}",
    "capture": "Recorded the payment of order {}",
    "settle": "Took the payment of order {} at the register",
    "grant": "Gave money back for order {}",
    "refund": "Recorded the refund of order {}",
    "return_credit": "Gave trade credit back for order {}",
    "rerouted": "Sold {copies} promised to order {} at the register",
    "problem": "Reported a problem of order {}",
    "message": "Wrote to the customer of order {}",
    "identity": "Checked who collects order {}",
    "checked_quality": "Looked order {} over before it left",
    "put_back": "Put {copies} of order {} back to be picked again",
    "edit.add_line": "Added to order {}",
    "edit.remove_line": "Took out of order {}",
    "edit.swap_line": "Swapped a title in order {}",
    "edit.quantity": "Changed the quantity in order {}",
    "edit.price": "Changed a price in order {}",
    "edit.discount": "Changed the discount of order {}",
    "edit.taxes": "Changed the tax of order {}",
    "edit.exemption": "Settled the exemption from tax of order {}",
    "edit.address": "Changed the address of order {}",
    "edit.shipping": "Changed the shipping of order {}",
    "edit.customer": "Attached a customer to order {}",
    "edit.gift": "Changed the gift message of order {}",
    "edit.instructions": "Changed what the customer of order {} asks for",
    "edit.tracking": "Noted the tracking number of order {}",
    "edit.amounts": "Took over what order {} comes to from the online store",
    "edit.memo": "Wrote a memo on order {}",
    "edit.own_status": "Changed the shop's own status of order {}",
    "edit.promised": "Told a new day for order {}",
    "edit.register": "Evened out order {} with the register",
}
"""The journal's kinds about one order, without their "order.", with a place for its number."""

_PROBLEMS: dict[str, str] = dict((*KIND_NAMES.items(), *ANSWER_NAMES.items()))
_CAUSES: dict[str, str] = dict(CAUSE_NAMES.items())
_MONEY = frozenset(("edit.price", "edit.discount", "edit.taxes", "edit.shipping", "edit.amounts"))
_PAPERS = {
    "packing_slip": "packing slip",
    "pick_list": "pick list",
    "hold_slip": "hold slip",
    "address_label": "address label",
}


def sentence(kind: str, ref: str, body: Mapping[str, Any], show: Show) -> str:
    """Return what an entry says, without its full stop. `kind` is as in WORDS; `show` writes money."""
    if kind == "printed":
        return _printed(ref, body)
    words = WORDS.get(kind)
    if words is None:
        return f"Order {ref}: {kind.removeprefix('edit.').replace('_', ' ')}"
    said = words.format(ref, copies=_copies(body))
    more = _more(kind, body, show)
    return f"{said}: {', '.join(more)}" if more else said


def _copies(body: Mapping[str, Any]) -> str:
    chosen = body.get("copies")
    count = chosen if isinstance(chosen, int) else 0
    if isinstance(chosen, list):
        count = sum(x[1] for x in chosen if isinstance(x, list) and len(x) == 2 and isinstance(x[1], int))
    if not count:
        return "copies"
    return "1 copy" if count == 1 else f"{count} copies"


def _more(kind: str, body: Mapping[str, Any], show: Show) -> list[str]:
    found = []
    if kind == "placed" and (source := _text(body, "source")):
        found.append(SOURCES[source].name if source in SOURCES else source)
    if kind == "problem":
        said = (_PROBLEMS.get(_text(body, name), "") for name in ("kind", "answer"))
        found += [words[:1].lower() + words[1:] for words in said]
        cause = _CAUSES.get(_text(body, "cause"), "")
        found.append(f"cause: {cause}" if cause else "")
        found.append(_amount(body, "cost_cents", show, "cost "))
    if kind.startswith("edit."):
        found += _edit(kind, body, show)
    found += [_amount(body, "cents", show), _text(body, "carrier"), _text(body, "tracking")]
    found.append("as fraud" if body.get("fraud") is True else "")
    found.append(_text(body, "reason"))
    override = _text(body, "override")
    found.append(f"let pass unpaid because {override}" if override else "")
    return [part for part in found if part]


def _edit(kind: str, body: Mapping[str, Any], show: Show) -> list[str]:
    before, after = body.get("before", 0), body.get("after", 0)
    if not (isinstance(before, int) and isinstance(after, int)) or before == after:
        return [_text(body, "about")]
    written = show if kind in _MONEY else str
    return [_text(body, "about"), f"{written(after)} instead of {written(before)}"]


def _amount(body: Mapping[str, Any], name: str, show: Show, before: str = "") -> str:
    cents = body.get(name)
    return f"{before}{show(cents)}" if isinstance(cents, int) and cents else ""


def _printed(ref: str, body: Mapping[str, Any]) -> str:
    count = body.get("count")
    what = _PAPERS.get(_text(body, "paper"), "paper")
    of = f"order {ref}" if ref else f"{count} orders" if isinstance(count, int) and count > 1 else "an order"
    done = "Saved" if _text(body, "to") == "file" else "Printed"
    return f"{done} a {what} of {of}"


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
