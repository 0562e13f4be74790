"""The history of an order in plain sentences: what each change was. Nothing here is kept.

Bodies come from every version of the program that wrote to this history: what is missing is left out, and
a kind that nobody knows is said by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bookwish_desk.shop.order import Order
from bookwish_desk.ui.orders.words import copies

Show = Callable[[int], str]

VERBS: dict[str, str] = {
    "placed": "The order came in",
    "place": "Placed the order",
    "abandon": "Gave the checkout up",
    "confirm": "Confirmed the order",
    "start": "Began to work on it",
    "complete": "Completed the order",
    "cancel": "Cancelled the order",
    "cancel_copies": "Cancelled copies",
    "hold": "Put the order on hold",
    "release_hold": "Released the hold",
    "allocate": "Allocated copies",
    "release": "Gave copies back to the stock",
    "pick": "Picked copies",
    "short": "Reported copies missing",
    "backorder": "Put copies on backorder",
    "check": "Checked copies",
    "pack": "Packed a parcel",
    "unpack": "Unpacked",
    "split": "Split a parcel",
    "ready": "Made it ready for pickup",
    "unready": "Took it off the hold shelf",
    "remind": "Reminded the customer of the pickup",
    "hand_over": "Handed the books over",
    "ship": "Shipped",
    "deliver": "Marked it delivered",
    "take_back": "Took copies back",
    "send_to_wholesaler": "Sent the order to the wholesaler",
    "wholesaler_ship": "The wholesaler shipped it",
    "wholesaler_complete": "The wholesaler completed it",
    "bounce_back": "The order came back from the wholesaler",
    "authorise": "Authorised the payment",
    "reauthorise": "Authorised the payment again",
    "expire": "The authorisation expired",
    "void": "Voided the authorisation",
    "await_outside": "Waits for a payment elsewhere",
    "pay_at_pickup": "Agreed on payment at pickup",
    "capture": "Recorded the payment",
    "settle": "Took the payment at the register",
    "grant": "Agreed to give money back",
    "refund": "Gave the money back",
    "return_credit": "Gave trade credit back",
    "message": "Wrote to the customer",
    "problem": "Reported a problem",
    "identity": "Checked who collects it",
    "printed": "Printed",
}
"""What each kind of change is called."""


def said(kind: str, body: str, order: Order, show: Show) -> tuple[str, str]:
    """Return what a change was, and with what: copies, amounts, reasons. `show` writes money."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        told = {}
    facts: dict[str, Any] = told if isinstance(told, dict) else {}
    if kind.startswith("edit."):
        what = f"Changed the {kind.removeprefix('edit.').replace('_', ' ')}"
    else:
        what = VERBS.get(kind) or kind.replace("_", " ").replace(".", ": ").capitalize()
    return what, ". ".join(x for x in (_what(kind, facts, order, show), *_then(facts)) if x)


def _text(facts: Mapping[str, Any], name: str) -> str:
    found = facts.get(name)
    return found if isinstance(found, str) else ""


def _what(kind: str, facts: Mapping[str, Any], order: Order, show: Show) -> str:
    """Return what it was done with: copies, amounts, parcel, reason."""
    parts: list[str] = []
    titles = {x.id: x.title for x in order.lines}
    chosen = facts.get("copies")
    if isinstance(chosen, list):
        named = [
            f"{copies(pair[1])} of {titles[pair[0]]}"
            for pair in chosen
            if isinstance(pair, list) and len(pair) == 2 and pair[0] in titles and isinstance(pair[1], int)
        ]
        parts += named[:3] + ([f"{len(named) - 3} more titles"] if len(named) > 3 else [])
    cents = facts.get("cents")
    if isinstance(cents, int) and cents:
        parts.append(show(cents))
    parts += [x for x in (_text(facts, "carrier"), _text(facts, "tracking")) if x]
    if shelf := _text(facts, "shelf"):
        parts.append(f"shelf {shelf}")
    for name in ("what", "cause", "kind"):
        if (named_so := _text(facts, name)) and kind in ("problem", "printed", "message", "identity"):
            parts.append(named_so.replace("_", " "))
    cost = facts.get("cost_cents")
    if isinstance(cost, int) and cost:
        parts.append(f"cost {show(cost)}")
    parts += [x for x in (_text(facts, "reason"), _text(facts, "note")) if x]
    return ", ".join(parts)


def _then(facts: Mapping[str, Any]) -> list[str]:
    """Return the sentences that follow: who wanted it, that it was let pass unpaid."""
    by = {"customer": "The customer wanted it", "source": "The store told so",
          "wholesaler": "The wholesaler told so", "carrier": "The carrier told so"}  # fmt: skip
    found = [by[x] for x in (_text(facts, "by"),) if x in by]
    if facts.get("fraud") is True:
        found.append("It looks like fraud")
    if passed := _text(facts, "override"):
        found.append(f"Let pass unpaid: {passed}")
    return found
