"""What the steps on copies and parcels of an order change: from allocated to handed over, and back.

Each takes an order that `shop.order_rules` found fit for it, and returns it changed or raises Refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.order import Order, Owner, Parcel
from bookwish_desk.shop.order_line import OrderLine, allocated, released, without
from bookwish_desk.shop.order_step import Step, amount_of, chosen, reason_of
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.street import checked_day
from bookwish_desk.shop.text import clean, is_card_number

Room = Callable[[OrderLine], int]


def free(line: OrderLine) -> int:
    """Return the open copies of a line that lie in no parcel: what can still be given up."""
    return line.live - line.supplied - line.packed - line.handed_over


ROOM: dict[str, Room] = {
    "allocate": lambda x: x.unallocated + x.backordered + x.short,
    "release": lambda x: x.allocated - x.packed - x.handed_over,
    "pick": lambda x: x.to_pick,
    "short": lambda x: free(x) - x.short,
    "backorder": lambda x: free(x) - x.backordered,
    "check": lambda x: x.to_check,
    "pack": lambda x: x.at_hand,
    "ready": lambda x: x.set_aside,
    "hand_over": lambda x: x.at_hand,
    "cancel_copies": free,
    "take_back": lambda x: x.gone - x.returned,
}
"""How many copies of a line a step can take; a step on copies needs one at least."""


def _lines(order: Order, step: Step, change: Callable[[OrderLine, int], OrderLine]) -> Order:
    wanted = chosen(order, step, ROOM[step.verb])
    return replace(order, lines=tuple(change(x, wanted[x.id]) if x.id in wanted else x for x in order.lines))


def allocate(order: Order, step: Step, _at: int) -> Order:
    """Promise copies of the stock to the order."""
    return _lines(order, step, allocated)


def release(order: Order, step: Step, _at: int) -> Order:
    """Give copies back to the stock; what was picked of them goes back to the shelf."""
    return _lines(order, step, released)


def pick(order: Order, step: Step, at: int) -> Order:
    """Record that copies were fetched; whoever picks has started (IC-07)."""
    return started(_lines(order, step, lambda x, n: replace(x, picked=x.picked + n)), at)


def short(order: Order, step: Step, _at: int) -> Order:
    """Record that copies are missing or damaged: somebody must decide."""
    return _lines(order, step, lambda x, n: _wanting(x, n, "short"))


def backorder(order: Order, step: Step, _at: int) -> Order:
    """Record that the customer waits for copies, until a day if one is known."""
    day = checked_day(step.expected_on)
    return _lines(order, step, lambda x, n: replace(_wanting(x, n, "backordered"), expected_on=day))


def _wanting(line: OrderLine, copies: int, what: str) -> OrderLine:
    """Return the line with copies short, taken from promised ones first, or backordered, from short ones."""
    if what == "short":
        promised = min(copies, ROOM["release"](line))
        waited = max(0, copies - promised - line.unallocated)
        return replace(
            released(line, promised), short=line.short + copies, backordered=line.backordered - waited
        )
    missing = min(copies, line.short)
    promised = max(0, copies - missing - line.unallocated)
    return replace(
        released(line, promised), short=line.short - missing, backordered=line.backordered + copies
    )


def check(order: Order, step: Step, _at: int) -> Order:
    """Record that copies were held against the order, each by its code."""
    return _lines(order, step, lambda x, n: replace(x, checked=x.checked + n))


def pack(order: Order, step: Step, _at: int) -> Order:
    """Put checked copies into a parcel, a new one or one that is still here."""
    wanted = chosen(order, step, ROOM["pack"])
    packed = _lines(order, step, lambda x, n: replace(x, packed=x.packed + n))
    old = order.parcel(step.parcel) if step.parcel else None
    parcel = _here(old) if old else Parcel(step.parcel or new_id(), ())
    grams = step.weight_grams or parcel.weight_grams
    filled = replace(parcel, contents=_sum(parcel.contents, wanted), weight_grams=grams)
    return _with_parcel(packed, filled)


def unpack(order: Order, step: Step, _at: int) -> Order:
    """Take everything out of a parcel that is still here, or out of all of them."""
    parcels = _meant(order, step, lambda p: not p.shipped_at)
    for parcel in parcels:
        _here(parcel)
        back = dict(parcel.contents)
        lines = tuple(replace(x, packed=x.packed - back.get(x.id, 0)) for x in order.lines)
        order = replace(order, lines=lines, parcels=tuple(p for p in order.parcels if p.id != parcel.id))
    return order


def split(order: Order, step: Step, _at: int) -> Order:
    """Move copies from one parcel into another, a new one unless `into` names one."""
    parcel = _here(_one(order, step.parcel))
    moving: dict[str, int] = {}
    for line_id, copies in step.copies:
        moving[line_id] = moving.get(line_id, 0) + copies
    inside = dict(parcel.contents)
    if (
        not moving
        or any(n <= 0 or n > inside.get(x, 0) for x, n in step.copies)
        or (any(n > inside[x] for x, n in moving.items()) or moving == inside)
    ):
        raise Refused("count", "Choose some of the copies in this parcel, not all, to put into another.")
    other = order.parcel(step.into) if step.into else None
    target = _here(other) if other else Parcel(step.into or new_id(), ())
    if target.id == parcel.id:
        raise Refused("parcel", "Choose another parcel to put them into.")
    less = _sum(parcel.contents, {x: -n for x, n in moving.items()})
    order = _with_parcel(order, replace(parcel, contents=less, weight_grams=0))
    return _with_parcel(order, replace(target, contents=_sum(target.contents, moving), weight_grams=0))


def ready(order: Order, step: Step, at: int) -> Order:
    """Set the order aside for the customer; all of it, unless a part is asked for."""
    waiting = order.open - sum(x.set_aside for x in order.lines)
    if waiting and not step.partly:
        raise Refused(
            "not_picked",
            f"{waiting} {'copy is' if waiting == 1 else 'copies are'} not picked yet. Pick or cancel "
            f"{'it' if waiting == 1 else 'them'} first, or make ready what is there.",
            copies=waiting,
        )
    return replace(started(order, at), ready_at=at, shelf=plain(step.shelf, 40) or order.shelf)


def unready(order: Order, _step: Step, _at: int) -> Order:
    """Take the order back from the hold shelf."""
    return replace(order, ready_at=0, shelf="")


def remind(order: Order, _step: Step, at: int) -> Order:
    """Record that the customer was reminded of the pickup."""
    return replace(order, reminded_at=at)


def hand_over(order: Order, step: Step, _at: int) -> Order:
    """Give checked copies to the customer."""
    return _lines(order, step, lambda x, n: replace(x, handed_over=x.handed_over + n))


def ship(order: Order, step: Step, at: int) -> Order:
    """Hand parcels to the carrier: with a tracking number, or the reason why there is none (OMG-20)."""
    for parcel in _meant(order, step, lambda p: not p.shipped_at):
        _here(parcel)
        tracking = tracking_number(step.tracking) or parcel.tracking
        untracked = plain(step.reason, 80) or parcel.untracked
        if not (tracking or untracked):
            raise Refused("tracking", "Type the tracking number, or say why the parcel has none.")
        sent = replace(
            parcel,
            shipped_at=at,
            tracking=tracking,
            untracked="" if tracking else untracked,
            carrier=plain(step.carrier, 32) or parcel.carrier,
            service=plain(step.service, 60) or parcel.service,
            expected_on=checked_day(step.expected_on) or parcel.expected_on,
        )
        inside = dict(parcel.contents)
        lines = tuple(replace(x, shipped=x.shipped + inside.get(x.id, 0)) for x in order.lines)
        order = _with_parcel(replace(order, lines=lines), sent)
    return order


def tracking_number(typed: str) -> str:
    """Return the number of a parcel as it is kept, as it was typed. Raises Refused for a card's."""
    if is_card_number(typed):
        raise Refused("card_number", "That looks like a card number. Card numbers are never kept here.")
    return clean(typed, 64)


def scanned_tracking(code: str) -> str:
    """Return the number of a parcel from the barcode of a carrier's label. Raises Refused for a card's.

    USPS puts 420 and the ZIP code before it (Publication 199); what is tracked begins behind them.
    """
    number = tracking_number(code)
    routed = _ROUTED.fullmatch(number)
    return routed[1] if routed else number


_ROUTED = re.compile(r"(?:\][A-Za-z][0-9])?420(?:[0-9]{5}|[0-9]{9})(9[1-5][0-9]{18}(?:[0-9]{2})?)")


def deliver(order: Order, step: Step, at: int) -> Order:
    """Record that parcels arrived."""
    for parcel in _meant(order, step, lambda p: p.shipped_at > 0 and not p.delivered_at):
        if not parcel.shipped_at:
            raise Refused("parcel", "That parcel has not been shipped yet.")
        arrived = replace(parcel, delivered_at=parcel.delivered_at or at, status="delivered", trouble="")
        order = _with_parcel(order, arrived)
    return order


def recall(order: Order, step: Step, _at: int) -> Order:
    """Take parcels back that left and did not arrive: their copies are packed, and of the shop, again.

    What the carrier knew of such a parcel goes with it: the next label has a number of its own.
    """
    parcels = _meant(order, step, lambda p: p.shipped_at > 0 and not p.delivered_at)
    for parcel in parcels:
        if not parcel.shipped_at or parcel.delivered_at:
            raise Refused("parcel", "Only a parcel on its way can be taken back.")
        inside = dict(parcel.contents)
        lines = tuple(replace(x, shipped=x.shipped - inside.get(x.id, 0)) for x in order.lines)
        if any(x.returned > x.gone for x in lines):
            raise Refused("returned", "Copies of that parcel were taken back already.")
        here = Parcel(parcel.id, parcel.contents, parcel.weight_grams)
        order = _with_parcel(replace(order, lines=lines), here)
    return order


def retrack(order: Order, step: Step, _at: int) -> Order:
    """Give a parcel that left another label: its carrier, its service, its number."""
    parcel = _only(order, step, lambda p: p.shipped_at > 0 and not p.delivered_at)
    if not parcel.shipped_at or parcel.delivered_at:
        raise Refused("parcel", "Only a parcel on its way can be given another number.")
    tracking, untracked = tracking_number(step.tracking), plain(step.reason, 80)
    if not (tracking or untracked):
        raise Refused("tracking", "Type the tracking number, or say why the parcel has none.")
    labelled = replace(
        parcel,
        tracking=tracking,
        untracked="" if tracking else untracked,
        carrier=plain(step.carrier, 32) or parcel.carrier,
        service=plain(step.service, 60) or parcel.service,
        expected_on=checked_day(step.expected_on),
        status="",
        trouble="",
    )
    return _with_parcel(order, labelled)


def track(order: Order, step: Step, _at: int) -> Order:
    """Record where the carrier says that a parcel is, when it expects it, and what is wrong (`reason`)."""
    parcel = _only(order, step, lambda p: p.shipped_at > 0)
    if not parcel.shipped_at:
        raise Refused("parcel", "That parcel has not been shipped yet.")
    heard = replace(
        parcel,
        status=plain(step.status, 32) or parcel.status,
        expected_on=checked_day(step.expected_on) or parcel.expected_on,
        trouble=plain(step.reason, 200),
    )
    return _with_parcel(order, heard)


def settle_parcel(order: Order, step: Step, _at: int) -> Order:
    """Record that somebody dealt with what was wrong with parcels."""
    for parcel in _meant(order, step, lambda p: bool(p.trouble)):
        order = _with_parcel(order, replace(parcel, trouble=""))
    return order


def take_back(order: Order, step: Step, _at: int) -> Order:
    """Record that copies came back; `cents` is what the customer gets for them, nothing unless named."""
    reason_of(step, "Say why the copies came back.")
    worth = order.worth_cents
    cents = amount_of(step, worth, "That is more than the order is worth.") if step.cents else 0
    back = _lines(order, step, lambda x, n: replace(x, returned=x.returned + n))
    return replace(back, granted_cents=order.granted_cents + cents)


def cancel_copies(order: Order, step: Step, _at: int) -> Order:
    """Take copies out of the order; those in a parcel are unpacked first."""
    reason_of(step, "Say why the copies are cancelled.")
    return _lines(order, step, without)


def wholesaler_ship(order: Order, step: Step, at: int) -> Order:
    """Record that the wholesaler sent it to the customer: the card is charged at this moment (IC-11)."""
    due = order.to_collect_cents
    if due and order.payment.covers(due, at):
        taken = order.payment.captured_cents + due
        order = replace(
            order, payment=replace(order.payment, captured_cents=taken, authorised_cents=0, expires_at=0)
        )
    parcel = Parcel(
        step.parcel or new_id(),
        (),
        carrier=plain(step.carrier, 32),
        tracking=tracking_number(step.tracking),
        expected_on=checked_day(step.expected_on),
        shipped_at=at,
    )
    lines = tuple(
        replace(x, supplied=x.supplied + x.open, short=0, backordered=0, expected_on="") for x in order.lines
    )
    return replace(
        order, lines=lines, parcels=(*order.parcels, parcel), owner=Owner("wholesaler", "shipped", at)
    )


def started(order: Order, at: int) -> Order:
    """Return the order as being worked on, since a moment unless it was before."""
    return replace(order, state="processing", started_at=order.started_at or at)


def _one(order: Order, parcel_id: str) -> Parcel:
    parcel = order.parcel(parcel_id)
    if parcel is None:
        raise Refused("no_parcel", "That parcel is not in this order.")
    return parcel


def _meant(order: Order, step: Step, fit: Callable[[Parcel], bool]) -> tuple[Parcel, ...]:
    if step.parcel:
        return (_one(order, step.parcel),)
    return tuple(p for p in order.parcels if fit(p))


def _only(order: Order, step: Step, fit: Callable[[Parcel], bool]) -> Parcel:
    """Return the parcel that a step names, or the only one that fits."""
    found = _meant(order, step, fit)
    if len(found) != 1:
        raise Refused("parcel", "Choose which parcel it is about.")
    return found[0]


def _here(parcel: Parcel) -> Parcel:
    if parcel.shipped_at:
        raise Refused("shipped", "That parcel has been shipped already.")
    return parcel


def _sum(contents: tuple[tuple[str, int], ...], more: dict[str, int]) -> tuple[tuple[str, int], ...]:
    inside = dict(contents)
    for line_id, copies in more.items():
        inside[line_id] = inside.get(line_id, 0) + copies
    return tuple((x, n) for x, n in inside.items() if n)


def _with_parcel(order: Order, parcel: Parcel) -> Order:
    if order.parcel(parcel.id) is None:
        return replace(order, parcels=(*order.parcels, parcel))
    return replace(order, parcels=tuple(parcel if p.id == parcel.id else p for p in order.parcels))
