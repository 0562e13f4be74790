"""A step of an order as one value: what is to be done, with which copies, parcel, amount and reason.

What each verb needs and changes is the table of `shop.order_rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.sale import plain

Verb = Literal[
    "place", "abandon", "confirm", "start", "complete", "cancel", "cancel_copies", "hold", "release_hold",
    "allocate", "release", "pick", "short", "backorder", "check", "pack", "unpack", "split",
    "ready", "unready", "remind", "hand_over", "ship", "deliver", "take_back",
    "recall", "retrack", "track", "settle_parcel",
    "send_to_wholesaler", "wholesaler_ship", "wholesaler_complete", "bounce_back",
    "authorise", "reauthorise", "expire", "void", "await_outside", "pay_at_pickup",
    "capture", "settle", "grant", "refund", "return_credit",
]  # fmt: skip


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to do to an order.

    `copies` are (line id, copies); empty means all that can be. `parcel` empty means all parcels, or a new
    one where one is made; `into` is the parcel split off. `cents` 0 means all that is due. `until` is when
    an authorisation ends. `partly` makes ready what is there. `override` is a manager's reason for letting
    an unpaid order pass; that somebody may override is for the caller to see to. `status` is where a carrier
    says that a parcel is; `reason` is then what is wrong with it, for people.
    """

    verb: Verb
    copies: tuple[tuple[str, int], ...] = ()
    parcel: str = ""
    into: str = ""
    reason: str = ""
    cents: int = 0
    until: int = 0
    carrier: str = ""
    service: str = ""
    tracking: str = ""
    weight_grams: int = 0
    expected_on: str = ""
    shelf: str = ""
    by: Literal["store", "customer", "source", "wholesaler", "carrier"] = "store"
    status: str = ""
    fraud: bool = False
    partly: bool = False
    override: str = ""


def chosen(order: Order, step: Step, room: Callable[[OrderLine], int]) -> dict[str, int]:
    """Return the copies a step means, by line id; `room` says how many of a line can be. Raises Refused."""
    if not step.copies:
        return {x.id: room(x) for x in order.lines if room(x) > 0}
    wanted: dict[str, int] = {}
    for line_id, copies in step.copies:
        wanted[line_id] = wanted.get(line_id, 0) + copies
        line = order.line(line_id)
        if line is None:
            raise Refused("no_line", "That line is not in this order.", line=line_id)
        if copies <= 0 or wanted[line_id] > room(line):
            most = f"at most {room(line)} can be" if room(line) > 0 else "none can be now"
            raise Refused(
                "count", f"{line.title}: {most}, not {wanted[line_id]}.", line=line_id, room=room(line)
            )
    return wanted


def reason_of(step: Step, why: str, limit: int = 200) -> str:
    """Return the reason given with a step. Raises Refused, saying `why` one is needed, when there is none."""
    reason = plain(step.reason, limit)
    if not reason:
        raise Refused("reason", why)
    return reason


def amount_of(step: Step, most: int, beyond: str) -> int:
    """Return the amount of a step: what it names, or `most`. Raises Refused, saying `beyond`, above that."""
    cents = step.cents or most
    if cents < 0:
        raise Refused("amount", "Type an amount above zero.")
    if cents > most:
        raise Refused("amount", beyond, most_cents=most)
    return cents
