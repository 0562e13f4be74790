"""What is told when its time has come: reminders of pickups, requests for a review, the digest for staff.

Each is a transaction of its own that looks again before it acts, so that nobody is told twice, however
often it runs, after a restart and whatever the clock does meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import mailing, telling
from bookwish_desk.actions import telling_facts as facts
from bookwish_desk.actions.action import Outcome, action
from bookwish_desk.actions.ordering import advanced
from bookwish_desk.db import mailbox, orders
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.letter import Told
from bookwish_desk.shop.opening_hours import after_days, local, moment
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import deadlines
from bookwish_desk.shop.staff import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

CLOCK = Actor("", 0)
"""Who did it, in the history: nobody."""

REVIEW_WITHIN_DAYS = 14
"""Who was not asked for a review within this many days after it was due is not asked any more."""

MOST_MISSED_DAYS = 7
"""Where no digest was written for longer, the next one tells of the last day only."""

Write = Callable[[Callable[[Store], Outcome[bool]]], Any]
"""Does an action where actions are done, and returns its value: `Lanes.write_now`."""

_PLACED = (
    "SELECT DISTINCT order_id FROM order_events WHERE kind IN ('placed', 'place') AND at >= ? AND at <= ?"
)
_ARRIVED = (
    "SELECT DISTINCT order_id FROM order_events"
    " WHERE kind IN ('hand_over', 'deliver', 'complete', 'wholesaler_complete') AND at > ? AND at <= ?"
)
_NOTICES = "SELECT body FROM order_events WHERE order_id = ? AND kind = 'notice'"


def run(store: Store, write: Write, stopped: Callable[[], bool] = lambda: False) -> int:
    """Tell what is due and return how many notices that were.

    For any lane but the shop's: sales go between any two of them. `stopped` says that the desk is closed:
    the rest is told the next time.
    """
    settings, at = store.settings, store.clock()
    if not mailing.is_set_up(settings):
        return 0
    with store.read() as conn:
        reminded = [o.id for o in orders.open_orders(conn) if is_reminder_due(settings, o, at)]
        asked = [o.id for o in _to_review(conn, settings, at)]
    work: list[Callable[[Store], Outcome[bool]]] = [digest]
    work += [lambda s, one=one: remind(s, one) for one in reminded]  # type: ignore[misc]
    work += [lambda s, one=one: ask_review(s, one) for one in asked]  # type: ignore[misc]
    return sum(_tried(write, job) for job in work if not stopped())


def _tried(write: Write, job: Callable[[Store], Outcome[bool]]) -> bool:
    try:
        return bool(write(job))
    except Refused as refused:
        log.info("event=telling_refused code=%s", refused.code)
        return False


# ---- pickups that wait ----


@action
def remind(tx: Tx, order_id: str) -> bool:
    """Remind the customer of a pickup, if it is still due; say whether that was done.

    Who cannot be written to stays on the list of promises, for staff to telephone.
    """
    order = orders.load(tx.conn, order_id)
    if not is_reminder_due(tx.settings, order, tx.at):
        return False
    kind = telling.reminder(tx, order)
    if kind not in tx.settings.notices or telling.unreachable(tx.settings, order):
        return False
    advanced(tx, CLOCK, order, Step("remind"))
    return True


def is_reminder_due(settings: Settings, order: Order, at: int) -> bool:
    """Say whether an order that waits to be collected has waited long enough, and nobody reminded of it."""
    if not order.ready_at or order.state not in WORKING or order.hold:
        return False
    found = deadlines(order, settings.opening, settings.promises)
    return any(d.promise in ("hold_first", "hold_last") and d.stage(at) != "later" for d in found)


# ---- reviews ----


@action
def ask_review(tx: Tx, order_id: str) -> bool:
    """Ask the customer of an order for a review, if that is still due; say whether that was done."""
    order = orders.load(tx.conn, order_id)
    if not _is_review_due(tx.conn, tx.settings, order, tx.at) or telling.unreachable(tx.settings, order):
        return False
    said = replace(facts.of(tx.settings, order), review_link=tx.settings.review_link)
    return telling.send(tx, CLOCK, order, "review", said) != ""


def _to_review(conn: Connection, settings: Settings, at: int) -> list[Order]:
    if "review" not in settings.notices or not settings.review_link:
        return []
    latest = after_days(settings.opening, at, -settings.review_days)
    first = after_days(settings.opening, latest, -REVIEW_WITHIN_DAYS)
    ids = [row[0] for row in query(conn, _ARRIVED, (first, latest))]
    return [o for o in orders.by_ids(conn, ids) if _is_review_due(conn, settings, o, at)]


def _is_review_due(conn: Connection, settings: Settings, order: Order, at: int) -> bool:
    """Say whether all of it came, nothing of it came back, long enough ago, and nobody asked before."""
    if "review" not in settings.notices or not settings.review_link or not order.delivered:
        return False
    if any(x.returned for x in order.lines) or not order.gone:
        return False
    came = max((p.delivered_at for p in order.parcels), default=0) or order.completed_at
    if not came or at < after_days(settings.opening, came, settings.review_days):
        return False
    told = (msgspec.json.decode(body, type=Told) for (body,) in query(conn, _NOTICES, (order.id,)))
    return not any(t.kind == "review" and t.jobs for t in told)


# ---- the digest for staff ----


@action
def digest(tx: Tx) -> bool:
    """Write the digest of the day to everybody whom the settings name, once a day (BW+07).

    Also with no new order: a shop that hears nothing would not know whether mail still comes (IC-25).
    """
    settings = tx.settings
    if settings.staff_notice == "immediate" or not settings.staff_mail or not mailing.is_set_up(settings):
        return False
    hours = settings.opening
    today = local(hours, tx.at).date()
    too_early = tx.at < moment(hours, today, settings.digest_hour * 60)
    if too_early or mailbox.latest(tx.conn, _ref(today), "digest") is not None:
        return False
    ids = [row[0] for row in query(tx.conn, _PLACED, (_since(tx, today), tx.at))]
    new = sorted(orders.by_ids(tx.conn, ids), key=lambda o: (o.placed_at, o.number))
    about = replace(
        mailing.shop_facts(settings),
        day=_about(today, settings.digest_hour).isoformat(),
        orders=tuple(facts.in_digest(settings, o) for o in new if o.state in (*WORKING, "completed")),
    )
    for to in settings.staff_mail:
        mailing.post_letter(tx, "digest", to, about, ref=_ref(today), register=CLOCK.register)
    return True


def _since(tx: Tx, today: date) -> int:
    """Return when the digest before this one was written; what came until then was told in it."""
    for back in range(1, MOST_MISSED_DAYS + 1):
        before = mailbox.latest(tx.conn, _ref(today - timedelta(days=back)), "digest")
        if before is not None:
            return before.created_at
    return moment(tx.settings.opening, today - timedelta(days=1), tx.settings.digest_hour * 60)


def _about(today: date, hour: int) -> date:
    """Return the day that a digest is about: written in the morning, it is about the day before."""
    return today - timedelta(days=1) if hour < 12 else today


def _ref(day: date) -> str:
    return f"digest {day.isoformat()}"
