"""What can still be decided of a thing that was changed both here and in the online store.

An order goes on while such a difference is open: what is offered must be what can be done. Finding the
differences is `shop.merging`.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_edit import FarEdit, What, changed
from bookwish_desk.shop.merge_work import RULE_EDIT
from bookwish_desk.shop.order import Order

EDITS = msgspec.json.Decoder(tuple[FarEdit, ...])
"""Reads the body of a conflict of kind "edit": what taking the store's value would change."""

_OURS = "Ours stays for now."
_TRAVELS: frozenset[What] = frozenset(("address", "shipping", "instructions", "gift"))
"""What says how an order is to leave: no question any more once it has left."""


def standing(conflict: Conflict, order: Order, at: int) -> Conflict:
    """Return a difference with what can be decided of it now (ms UTC), and why not more.

    Other kinds than "edit", and what is decided where the store's value still can be taken, stay as they are.
    """
    if conflict.kind != "edit":
        return conflict
    changes = EDITS.decode(conflict.body)
    if gone := _went(order, changes[0].what):
        return replace(conflict, rule=gone, choices=("noted",))
    try:
        for change in changes:
            order = changed(order, change, at)
    except Refused as refused:
        return replace(conflict, rule=f"{_OURS} {refused.message}", choices=("ours",))
    rule = RULE_EDIT if conflict.rule.startswith(_OURS) else conflict.rule
    return replace(conflict, rule=rule, choices=("theirs", "ours"))


def _went(order: Order, what: What) -> str:
    """Return that it went as it stood here, "" where it has not."""
    if what in ("address", "shipping") and any(p.shipped_at for p in order.parcels):
        return "A parcel went to the address that stands here."
    left = order.state == "completed" or (order.gone > 0 and order.gone >= order.live)
    if not left or (what not in _TRAVELS and order.state != "completed"):
        return ""
    return "The order has left the shop as it stands here."
