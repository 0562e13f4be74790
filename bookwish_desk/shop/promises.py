"""Promises about orders as data: until when what must happen, in the shop's opening hours.

The table is the timing rules of the sources, and a shop may have others. A deadline breaks at `at`; the
last moment to act before it, when somebody is in the shop, is `act_by`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from bookwish_desk.shop.opening_hours import (
    OpeningHours,
    after_days,
    after_months,
    after_open_days,
    end_of,
    last_open,
    start_of,
)
from bookwish_desk.shop.order import WORKING, Order

HOUR = 3_600_000
Unit = Literal["hours", "days", "open_days", "months"]
MOST: dict[Unit, int] = {"hours": 2_000, "days": 365, "open_days": 200, "months": 24}
"""The longest promise in each unit."""

Event = Literal[
    "placed", "confirmed", "started", "ready", "sent", "with_wholesaler", "checkout", "cancelled"
]  # fmt: skip


class Promise(msgspec.Struct, frozen=True):
    """One rule: so long after an event, what must have happened.

    `soon` is after how long it is time to act, `most` when the promise breaks. `open_days` are days on which
    the shop opens, until closing time; `days` and `months` those of the calendar.
    """

    id: str
    event: Event
    unit: Unit
    soon: int
    most: int
    sentence: str
    active: bool = True


_ARRIVED = "Look whether the parcel has arrived, and complete the order."

PROMISES: tuple[Promise, ...] = (
    Promise("confirm", "placed", "hours", 12, 24, "Confirm the order."),  # OMG-12
    Promise("process", "placed", "hours", 24, 48, "Ship the order or make it ready."),  # OMG-01
    Promise("confirmed", "confirmed", "open_days", 1, 2, "Start the order."),  # OMG-27
    Promise("processing", "started", "open_days", 1, 3, "Finish picking and packing."),  # OMG-27
    Promise("complete", "sent", "days", 7, 14, _ARRIVED),  # OMG-22, IC+11
    Promise("wholesaler", "with_wholesaler", "hours", 48, 72, "Ask the wholesaler about the order."),  # IC-23
    Promise("hold_first", "ready", "days", 7, 7, "Remind the customer of the pickup."),  # BW+09
    Promise("hold_last", "ready", "days", 14, 14, "Ask the customer whether to keep or cancel the pickup."),
    Promise(
        "checkout", "checkout", "months", 1, 1, "Nobody finished the checkout: it can be given up."
    ),  # IC-05
    Promise("refund", "cancelled", "hours", 1, 24, "Give the customer the money back."),  # OMG-28: at once
)
"""The rules to start with; the shop's settings hold its own."""

AUTHORISATION_WARNING_DAYS = 2


class Deadline(msgspec.Struct, frozen=True):
    """A promise about one order: when it is time to act, until when somebody can, when it breaks (ms UTC).

    `since` is when its clock began to run.
    """

    promise: str
    order_id: str
    number: str
    sentence: str
    soon_at: int
    act_by: int
    at: int
    since: int = 0

    def stage(self, now: int) -> Literal["later", "soon", "late"]:
        """Return how it stands at a moment."""
        return "late" if now >= self.at else "soon" if now >= min(self.soon_at, self.act_by) else "later"


def deadlines(
    order: Order, hours: OpeningHours, promises: tuple[Promise, ...] = PROMISES
) -> tuple[Deadline, ...]:
    """Return what an order is waited for with, what breaks next first; nothing for one that is done."""
    found = [*_by_rule(order, hours, promises), *_by_date(order, hours)]
    return tuple(sorted(found, key=_next))


def board(
    orders: Iterable[Order], hours: OpeningHours, promises: tuple[Promise, ...] = PROMISES
) -> tuple[Deadline, ...]:
    """Return the deadlines of many orders as one list, what breaks next first."""
    return tuple(sorted((d for order in orders for d in deadlines(order, hours, promises)), key=_next))


def late_orders(orders: Iterable[Order], hours: OpeningHours, promises: tuple[Promise, ...], at: int) -> int:
    """Return how many orders have broken a promise at a moment (ms UTC)."""
    return sum(any(d.stage(at) == "late" for d in deadlines(o, hours, promises)) for o in orders)


def due_at(promise: Promise, hours: OpeningHours, since: int) -> int:
    """Return when a promise breaks (ms UTC) whose clock has run since a moment."""
    return _after(hours, since, promise.unit, promise.most)


def promised_from(since: int, hours: OpeningHours, street_dates: Iterable[str]) -> int:
    """Return since when (ms UTC) books can be had ready: not before the last of them comes out."""
    return max(since, *(start_of(hours, day) for day in set(street_dates) if day), 0)


def captured_not_completed(orders: Iterable[Order]) -> tuple[int, int]:
    """Return how many orders the shop has the money of and has not completed, and how much that is.

    Some sources hold such money back until the order is completed (IC+11): late costs the shop cash.
    """
    amounts = [o.payment.captured_cents - o.payment.refunded_cents for o in orders if o.state in WORKING]
    held = [cents for cents in amounts if cents > 0]
    return len(held), sum(held)


def _next(deadline: Deadline) -> tuple[int, int, str, str]:
    return (deadline.act_by, deadline.at, deadline.number, deadline.promise)


def _placed(order: Order, promise: str) -> bool:
    if promise == "confirm":
        return order.state == "pending"
    return order.state in WORKING and not order.ready_at and not order.sent


def _sent_at(order: Order) -> int:
    """Return when the last parcel left of an order of which nobody knows when it arrives; else 0."""
    away = [p for p in order.parcels if p.shipped_at and not p.delivered_at]
    unknown = order.state == "processing" and order.sent and any(not p.expected_on for p in away)
    return max(p.shipped_at for p in away) if unknown else 0


_RUNNING: dict[Event, Callable[[Order, str], int]] = {
    "checkout": lambda o, _: o.placed_at if o.state == "in_checkout" else 0,
    "placed": lambda o, which: o.placed_at if _placed(o, which) else 0,
    "confirmed": lambda o, _: o.confirmed_at if o.state == "confirmed" else 0,
    "started": lambda o, which: o.started_at if o.state == "processing" and _placed(o, which) else 0,
    "ready": lambda o, _: o.ready_at,
    "sent": lambda o, _: _sent_at(o),
    "cancelled": lambda o, _: o.owed_since,
    "with_wholesaler": lambda o, _: o.owner.since,
}
"""Since when the clock of an event runs for an order, 0 when it does not."""


def _by_rule(order: Order, hours: OpeningHours, promises: tuple[Promise, ...]) -> Iterator[Deadline]:
    theirs = order.owner.name == "wholesaler"
    for promise in promises:
        since = _RUNNING[promise.event](order, promise.id) if promise.active else 0
        if since and promise.event in ("placed", "started") and promise.id != "confirm":
            since = promised_from(since, hours, (x.street_date for x in order.lines if x.open))
        if not since or theirs != (promise.event == "with_wholesaler"):
            continue
        if theirs and (order.owner.state == "completed" or order.state == "completed"):
            continue
        soon, most = (_after(hours, since, promise.unit, n) for n in (promise.soon, promise.most))
        found = _deadline(order, hours, promise.id, promise.sentence, since, soon, most)
        if promise.event != "ready" or order.reminded_at < min(found.soon_at, found.act_by):
            yield found


def _by_date(order: Order, hours: OpeningHours) -> Iterator[Deadline]:
    """Yield the deadlines that are days or moments of the order itself, not rules of everybody."""
    pay = order.payment
    if pay.authorised_cents and order.to_collect_cents and order.state in WORKING:
        soon = pay.expires_at - AUTHORISATION_WARNING_DAYS * 24 * HOUR
        sentence = "Capture the payment before its authorisation expires."
        yield _deadline(order, hours, "authorisation", sentence, order.placed_at, soon, pay.expires_at)
    for parcel in order.parcels:
        if parcel.expected_on and parcel.shipped_at and not parcel.delivered_at:
            at = end_of(hours, parcel.expected_on)
            yield _deadline(order, hours, "delivery", _ARRIVED, parcel.shipped_at, at, at)
    if order.state not in WORKING:
        return
    if order.expected_on and not order.sent:
        at = end_of(hours, order.expected_on)
        sentence = "The day told to the customer."
        yield _deadline(order, hours, "told", sentence, order.placed_at, at, at)
    for day in sorted({x.street_date for x in order.lines if x.street_date and x.open}):
        at = start_of(hours, day)
        sentence = "Have it ready: its street date has come."
        yield _deadline(order, hours, "street_date", sentence, order.placed_at, at, at)
    for day in sorted({x.expected_on for x in order.lines if x.expected_on and x.backordered}):
        at = end_of(hours, day)
        sentence = "Look whether the backordered copies have come."
        yield _deadline(order, hours, "backorder", sentence, order.placed_at, at, at)


def _deadline(
    order: Order, hours: OpeningHours, promise: str, sentence: str, since: int, soon: int, at: int
) -> Deadline:
    act_by = last_open(hours, at, since)
    return Deadline(promise, order.id, order.number, sentence, max(since, soon), act_by, at, since)


def _after(hours: OpeningHours, at: int, unit: Unit, count: int) -> int:
    if unit == "hours":
        return at + count * HOUR
    if unit == "days":
        return after_days(hours, at, count)
    return after_months(hours, at, count) if unit == "months" else after_open_days(hours, at, count)
