"""Deadlines in words, as the board shows them: what, why, when, and under which heading. No Qt, no reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bookwish_desk.settings import Settings
from bookwish_desk.shop.opening_hours import local
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.promises import Deadline, Event, Promise, board, captured_not_completed
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.orders.words import customer, span
from bookwish_desk.ui.promises.state import SECTION_NAMES, PromiseRow, Section

KIND_NAMES: dict[str, str] = {
    "confirm": "Confirm",
    "process": "Ship or make ready",
    "confirmed": "Start",
    "processing": "Pick and pack",
    "hold_first": "First reminder of a pickup",
    "hold_last": "Pickups never fetched",
    "authorisation": "Authorisations",
    "refund": "Refunds",
    "delivery": "Parcels expected",
    "complete": "Parcels on their way",
    "told": "Days told to customers",
    "street_date": "Street dates",
    "backorder": "Backorders",
    "wholesaler": "With the wholesaler",
    "checkout": "Checkouts not finished",
}
"""What the board calls each kind of deadline, in the order of the choice."""

_SINCE: dict[Event, str] = {
    "placed": "Placed",
    "confirmed": "Confirmed",
    "started": "Started",
    "ready": "Ready since",
    "sent": "Sent",
    "with_wholesaler": "Nothing new since",
    "checkout": "Begun",
    "cancelled": "Owed since",
}
_UNITS = {"hours": "hour", "days": "day", "open_days": "working day", "months": "month"}


def rows(orders: Sequence[Order], settings: Settings, now: int) -> tuple[PromiseRow, ...]:
    """Return every deadline of these orders as a row, what breaks next first."""
    by_id = {order.id: order for order in orders}
    rules = {promise.id: promise for promise in settings.promises}
    seen: Counter[str] = Counter()
    made = []
    for deadline in board(orders, settings.opening, settings.promises):
        key = f"{deadline.promise}:{deadline.order_id}"
        seen[key] += 1
        order, rule = by_id[deadline.order_id], rules.get(deadline.promise)
        made.append(_row(f"{key}:{seen[key]}", deadline, order, rule, settings, now))
    order_of = list(SECTION_NAMES)
    return tuple(sorted(made, key=lambda row: order_of.index(row.section)))


def _row(
    key: str, deadline: Deadline, order: Order, rule: Promise | None, settings: Settings, now: int
) -> PromiseRow:
    stage = deadline.stage(now)
    # Where the last open hour has passed and the promise is not broken yet, it is the end that counts.
    at = deadline.act_by if deadline.act_by > now else deadline.at
    badge = {"late": "Late", "soon": "Soon"}.get(stage, "")
    left = f"{span(now - deadline.at)} late" if stage == "late" else f"in {span(at - now)}"
    return PromiseRow(
        key=key,
        order_id=order.id,
        kind=deadline.promise,
        section=section(deadline, settings, now),
        what=deadline.sentence,
        why=" · ".join(x for x in (why(deadline, order, rule, settings, now), _memo(deadline, order)) if x),
        number=clean(order.number, 40),
        customer=clean(customer(order), 60),
        when=when(at, now, settings),
        left=left,
        badge=badge,
        tone="danger" if stage == "late" else "warn" if badge else "soft",
    )


def section(deadline: Deadline, settings: Settings, now: int) -> Section:
    """Return under which heading a deadline stands: by the last moment at which somebody can act."""
    if deadline.stage(now) == "late":
        return "late"
    here = local(settings.opening, now).date()
    days = (local(settings.opening, deadline.act_by).date() - here).days
    return "today" if days <= 0 else "week" if days < 7 else "later"


def why(deadline: Deadline, order: Order, rule: Promise | None, settings: Settings, now: int) -> str:
    """Return why there is this deadline: the rule and since when it runs, or the day and what it is about."""
    kind = deadline.promise
    if rule is not None:
        unit = _UNITS[rule.unit] + ("" if rule.most == 1 else "s")
        began = {"placed": order.placed_at, "started": order.started_at}.get(rule.event, deadline.since)
        since = "Street date" if deadline.since > began else _SINCE[rule.event]
        return f"{since} {when(deadline.since, now, settings)}, within {rule.most} {unit}"
    if kind == "authorisation":
        return f"{settings.money.show(order.payment.authorised_cents)} authorised on a card"
    if kind == "delivery":
        sent = [p for p in order.parcels if p.shipped_at and not p.delivered_at]
        ways = (clean(f"{p.carrier} {p.tracking}", 60) for p in sent)
        return ", ".join(w for w in dict.fromkeys(ways) if w) or "On its way"
    if kind == "street_date":
        return _titles(x.title for x in order.lines if x.street_date and x.open)
    if kind == "backorder":
        return _titles(x.title for x in order.lines if x.expected_on and x.backordered)
    return "Told to the customer"


def _memo(deadline: Deadline, order: Order) -> str:
    """Return the memo where it reminds of when an order is to be completed (WSM-21)."""
    return clean(order.memo, 80) if deadline.promise in ("delivery", "complete") else ""


def _titles(titles: Iterable[str]) -> str:
    found = list(dict.fromkeys(clean(t, 60) for t in titles))
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0]}{more}" if found else ""


def kind_name(kind: str) -> str:
    """Return what the board calls a kind of deadline; one that the shop has made up goes by its id."""
    return KIND_NAMES.get(kind) or kind.replace("_", " ").capitalize()


def kinds(found: Sequence[PromiseRow]) -> tuple[tuple[str, str], ...]:
    """Return the kinds of deadlines that there are, each with its count; first all of them."""
    counts = Counter(row.kind for row in found)
    known = [kind for kind in KIND_NAMES if kind in counts]
    others = sorted(kind for kind in counts if kind not in KIND_NAMES)
    every = ("", f"Every deadline ({len(found)})")
    return (every, *((kind, f"{kind_name(kind)} ({counts[kind]})") for kind in (*known, *others)))


def facts(orders: Sequence[Order], settings: Settings) -> str:
    """Return what there is to know beside the deadlines: money that waits for completion."""
    count, cents = captured_not_completed(orders)
    if not count:
        return ""
    of = "1 order" if count == 1 else f"{count} orders"
    return f"Captured and not completed: {settings.money.show(cents)} in {of}"
