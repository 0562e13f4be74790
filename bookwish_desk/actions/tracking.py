"""What carriers tell of parcels, written down: where they are, when they arrive, what went wrong.

A delivered parcel is delivered by the carrier's word (OMG-23), what went wrong is a task of its order.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.handing_over import ship_with
from bookwish_desk.actions.postage_notes import actor_of
from bookwish_desk.db import orders, postage_after, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import tracking
from bookwish_desk.shop.carriage import Track
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Parcel
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import PAID, Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.street import told_day
from bookwish_desk.shop.text import clean

log = logging.getLogger(__name__)

CARRIER = Actor("", 0)
"""Who did it, in the history: nobody of the shop."""
HAS_IT = "The carrier has the parcel, but its order could not be marked shipped: "
USED = "The carrier has a parcel with this label, though it was given back."


@action
def applied(tx: Tx, postage_id: str, heard: Track) -> bool:
    """Write down what a carrier tells of a label's parcel; its orders follow. Say whether it is news."""
    return _applied(tx, postage_id, heard)


@action
def all_applied(tx: Tx, heard: Sequence[tuple[str, Track]]) -> int:
    """Do what `applied` does for several labels, as one; return of how many there was news."""
    return sum(_applied(tx, postage_id, track) for postage_id, track in heard)


@action
def put_off(tx: Tx, postage_ids: Sequence[str], next_at: int) -> None:
    """Ask about labels of which nothing was heard at a moment (ms UTC), or later where they are that old."""
    for before in postages.by_ids(tx.conn, postage_ids):
        due = tracking.next_poll(before.track, before.bought_at, tx.at) if before.state in PAID else 0
        postages.save(tx, before, replace(before, track_next_at=max(due, next_at) if due else 0))


@action
def due_now(tx: Tx) -> None:
    """Ask about every label that is followed at once: somebody wants to know."""
    for before in postage_after.later_tracks(tx.conn, tx.at):
        postages.save(tx, before, replace(before, track_next_at=tx.at))


@action
def not_followed(tx: Tx, postage_ids: Sequence[str]) -> None:
    """Ask no more about labels that nobody follows at the broker."""
    for before in postages.by_ids(tx.conn, postage_ids):
        postages.save(tx, before, replace(before, track_next_at=0))


def _applied(tx: Tx, postage_id: str, heard: Track) -> bool:
    before = postages.load(tx.conn, postage_id)
    if before.state not in PAID or before.bought is None:
        postages.save(tx, before, replace(before, track_next_at=0))
        return False
    track = tracking.merged(before.track, heard)
    due = tracking.next_poll(track, before.bought_at, tx.at)
    after = replace(before, track=track, track_status=track.status, track_next_at=due)
    if before.state == "voiding":
        moves = track.status in tracking.MOVING
        postages.save(tx, before, replace(after, words=USED) if moves else after)
        return track != before.track
    words = _follow(tx, after, track) if after.purpose == "out" else ""
    if words or before.words.startswith(HAS_IT):
        after = replace(after, words=words)
    postages.save(tx, before, after)
    return track != before.track


def _follow(tx: Tx, postage: Postage, track: Track) -> str:
    """Let the orders of a parcel follow what the carrier says; return what stands in the way of one."""
    words = ""
    left = track.status in tracking.MOVING and not tracking.came_back(track)
    for found in orders.by_ids(tx.conn, postage.orders):
        order, parcel = found, found.parcel(postage.box)
        if parcel is None or (parcel.tracking and parcel.tracking != postage.tracking):
            continue
        if left and not parcel.shipped_at:
            # Nobody said that it was handed over: the carrier's scan does.
            try:
                (order,) = ship_with(tx, actor_of(postage), order, postage, by="carrier")
            except Refused as refused:
                words = clean(f"{HAS_IT}{refused.message}", 300)
                continue
            parcel = order.parcel(postage.box)
        if parcel is not None and parcel.shipped_at:
            _news(tx, order, parcel, track)
    return words


def _news(tx: Tx, order: Order, parcel: Parcel, track: Track) -> None:
    """Take the step that news of a parcel ask for, where they are news to its order."""
    if tracking.arrived(track):
        step = None if parcel.delivered_at else Step("deliver", parcel=parcel.id, by="carrier")
    else:
        step = _track_step(parcel, track)
    if step is None:
        return
    try:
        ordering.advanced(tx, CARRIER, order, step)
    except Refused as refused:
        # An order that was cancelled or refunded meanwhile: the label itself knows where the parcel is.
        log.info("event=track_refused order=%s code=%s", order.id, refused.code)


def _track_step(parcel: Parcel, track: Track) -> Step | None:
    status = tracking.parcel_status(track)
    known = parcel.status == status or (not parcel.status and status in tracking.QUIET)
    wrong = tracking.trouble(track)
    day = told_day(track.expected_on)
    other_day = bool(day) and day != parcel.expected_on
    later = other_day and not parcel.delivered_at and not wrong
    if known and not later:
        return None
    # What somebody has dealt with does not come back as long as the carrier says the same.
    reason = parcel.trouble if known else wrong
    return Step(
        "track", parcel=parcel.id, status=status, expected_on=day if later else "",
        reason=reason, by="carrier",
    )  # fmt: skip
