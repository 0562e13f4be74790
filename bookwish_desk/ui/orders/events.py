"""The history of an order in plain words: what each change was, and with what. Nothing here is kept.

Bodies come from every version of the program that wrote to this history: what is missing is left out, and
a kind that nobody knows is said by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from bookwish_desk.actions.mailing import TOLD
from bookwish_desk.shop.conflict import choice_words
from bookwish_desk.shop.order import SOURCES, Order
from bookwish_desk.shop.order_problem import ANSWER_NAMES, CAUSE_NAMES, KIND_NAMES
from bookwish_desk.shop.tracking import status_name
from bookwish_desk.ui.orders import notices_told
from bookwish_desk.ui.orders.words import copies

Show = Callable[[int], str]

WORDS: dict[str, str] = {
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
    "put_back": "Put a copy back on its shelf",
    "short": "Reported copies missing",
    "backorder": "Put copies on backorder",
    "check": "Checked copies",
    "checked_quality": "Looked the books over",
    "pack": "Packed a parcel",
    "unpack": "Unpacked",
    "split": "Split a parcel",
    "ready": "Made it ready for pickup",
    "unready": "Took it off the hold shelf",
    "remind": "Reminded the customer of the pickup",
    "hand_over": "Handed the books over",
    "ship": "Shipped",
    "deliver": "Marked it delivered",
    "recall": "Took the parcel back from the carrier",
    "retrack": "Gave the parcel another label",
    "track": "News of the parcel",
    "settle_parcel": "Settled what was wrong with the parcel",
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
    "rerouted": "Sold promised copies at the register",
    "message": "Wrote to the customer",
    "problem": "Reported a problem",
    "identity": "Checked who collects it",
    "printed": "Printed",
    "label_bought": "Bought a shipping label",
    "label_refused": "A shipping label was not bought",
    "label_found": "Found a label that was bought after the backup in use was made",
    "label_settled": "Settled whether a label was bought",
    "label_void": "Asked for the postage of a label back",
    "label_voided": "The postage of a label came back",
    "label_not_voided": "The postage of a label does not come back",
    "label_insured": "Insured the parcel",
    "upload": "Decided what the online store is told",
    "conflict": "Decided a difference from the online store",
    "edit.own_status": "Changed the shop's own status",
    "edit.add_line": "Added a title",
    "edit.remove_line": "Took a title out",
    "edit.swap_line": "Swapped a title",
    "edit.quantity": "Changed the quantity",
    "edit.price": "Changed a price",
    "edit.discount": "Changed the discount",
    "edit.taxes": "Changed the tax",
    "edit.exemption": "Settled the exemption from tax",
    "edit.address": "Changed the address",
    "edit.shipping": "Changed the shipping",
    "edit.customer": "Attached a customer",
    "edit.gift": "Changed the gift",
    "edit.instructions": "Changed what the customer asks for",
    "edit.tracking": "Noted the tracking number",
    "edit.amounts": "Took over what it comes to",
    "edit.memo": "Changed the memo",
    "edit.promised": "Told the customer a day",
    "edit.register": "Evened the order out with the register",
}
"""What each kind of change is called."""

_IN_CENTS = frozenset({"edit.price", "edit.discount", "edit.taxes", "edit.shipping", "edit.amounts"})
_BY = {
    "customer": "The customer wanted it",
    "source": "The store told so",
    "wholesaler": "The wholesaler told so",
    "carrier": "The carrier told so",
}
_VERDICTS = {
    "again": "Sent again",
    "leave": "Left unsent",
    "bought": "it was bought",
    "not_bought": "it was not bought",
}
_NAMES: dict[str, str] = {**KIND_NAMES, **ANSWER_NAMES, **CAUSE_NAMES}  # type: ignore[dict-item]
_MOST_TITLES = 3


def said(kind: str, body: str, order: Order, show: Show) -> tuple[str, str]:
    """Return what a change was, and with what: copies, amounts, reasons. `show` writes money."""
    if kind == TOLD:
        return _notice(body)
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        told = {}
    facts: dict[str, Any] = told if isinstance(told, dict) else {}
    name = kind.removeprefix("edit.").replace("_", " ").replace(".", ": ")
    what = WORDS.get(kind) or (f"Changed: {name}" if kind.startswith("edit.") else name.capitalize())
    if kind == "printed" and facts.get("to") == "file":
        what = "Saved as a file"
    parts = ", ".join(x for x in _parts(kind, facts, order, show) if x)
    return what, ". ".join(x for x in (parts, *_then(facts)) if x)


def _notice(body: str) -> tuple[str, str]:
    found = notices_told.told(body)
    if found is None:
        return "Notice", ""
    return f"Notice: {notices_told.name(found)}", f"Not sent: {found.why}" if found.why else ""


def _text(facts: Mapping[str, Any], name: str) -> str:
    found = facts.get(name)
    return found if isinstance(found, str) else ""


def _cents(facts: Mapping[str, Any], name: str, show: Show, before: str = "") -> str:
    found = facts.get(name)
    return f"{before}{show(found)}" if isinstance(found, int) and found else ""


def _parts(kind: str, facts: Mapping[str, Any], order: Order, show: Show) -> Iterator[str]:
    """Yield what it was done with; empty texts among it."""
    if kind == "placed":
        source = _text(facts, "source")
        yield SOURCES[source].name if source in SOURCES else source
    if kind == "problem":
        yield from (_NAMES.get(_text(facts, name), "") for name in ("kind", "answer", "cause"))
    if kind.startswith("edit."):
        yield from _edit(kind, facts, show)
    yield from _copies(facts, order)
    if kind == "track" and not _text(facts, "reason"):
        yield status_name(_text(facts, "status"))
    yield _cents(facts, "cents", show)
    yield _cents(facts, "cost_cents", show, "cost ")
    yield _text(facts, "carrier")
    yield _text(facts, "tracking")
    yield f"shelf {_text(facts, 'shelf')}" if _text(facts, "shelf") else ""
    if kind == "printed":
        yield (_text(facts, "paper") or _text(facts, "what")).replace("_", " ")
        yield _text(facts, "to").replace("file", "")
    yield from (_text(facts, name) for name in ("seen", "subject", "sentence", "reason", "note"))
    yield choice_words(_text(facts, "kind"), _text(facts, "choice"))
    yield _VERDICTS.get(_text(facts, "verdict"), "")


def _edit(kind: str, facts: Mapping[str, Any], show: Show) -> Iterator[str]:
    """Yield what was edited, and what stood there before and after."""
    yield _text(facts, "about")
    before, after = facts.get("before", ""), facts.get("after", "")
    if isinstance(after, int) and not isinstance(before, str):
        written = show if kind in _IN_CENTS else str
        yield f"{written(after)} instead of {written(before)}" if isinstance(before, int) else written(after)
    else:
        old, new = _text(facts, "before"), _text(facts, "after")
        yield f"{new or 'nothing'} instead of {old}" if old else new


def _copies(facts: Mapping[str, Any], order: Order) -> Iterator[str]:
    """Yield the copies by title, the first few of them."""
    titles = {x.id: x.title for x in order.lines}
    chosen = facts.get("copies")
    if isinstance(chosen, int) and chosen:
        yield copies(chosen)
    named = [
        f"{copies(pair[1])} of {titles[pair[0]]}"
        for pair in (chosen if isinstance(chosen, list) else ())
        if isinstance(pair, list) and len(pair) == 2 and pair[0] in titles and isinstance(pair[1], int)
    ]
    yield from named[:_MOST_TITLES]
    if len(named) > _MOST_TITLES:
        yield f"{len(named) - _MOST_TITLES} more titles"


def _then(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sentences that follow: who wanted it, that it was let pass unpaid."""
    yield _BY.get(_text(facts, "by"), "")
    yield "It looks like fraud" if facts.get("fraud") is True else ""
    passed = _text(facts, "override")
    yield f"Let pass unpaid: {passed}" if passed else ""
