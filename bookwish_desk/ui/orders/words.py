"""Orders in words, as lists and the detail show them: kind, money, age, deadlines. No Qt and no reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bookwish_desk.settings import Settings
from bookwish_desk.shop.order import Order, Vocabulary, source_of
from bookwish_desk.shop.order_queue import Queue, Task, queue, tasks
from bookwish_desk.shop.order_words import own_status, word
from bookwish_desk.shop.promises import Deadline, deadlines
from bookwish_desk.ui.moments import when
from bookwish_desk.ui.orders.state import OrderRow

Tone = Literal["ink", "soft", "ok", "warn", "danger"]

HOUR = 3_600_000
DAY = 24 * HOUR

VOCABULARIES: tuple[tuple[Vocabulary, str], ...] = (
    ("bookwish", "BookWish"),
    ("wsm", "Web Shop Manager"),
    ("indiecommerce", "IndieCommerce"),
    ("marketplace", "Marketplace"),
)

DUE: dict[str, str] = {
    "confirm": "confirm",
    "process": "finish",
    "confirmed": "start",
    "processing": "finish packing",
    "wholesaler": "ask the wholesaler",
    "hold_first": "remind the customer",
    "hold_last": "ask to keep or cancel",
    "checkout": "give it up",
    "refund": "refund",
    "authorisation": "capture",
    "delivery": "look for the delivery",
    "complete": "look whether it arrived",
    "told": "keep the day told",
    "street_date": "have it",
    "backorder": "look for copies",
}
"""What is to be done for each promise, in few words: a verb that "by 5 PM" can follow."""


def copies(count: int) -> str:
    """Return a number of copies: 1 copy, 3 copies."""
    return "1 copy" if count == 1 else f"{count} copies"


def hidden(settings: Settings, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the keys of the statuses of a vocabulary that the shop does not use (WSM-12)."""
    start = f"{vocabulary}."
    return frozenset(x.removeprefix(start) for x in settings.hidden_statuses if x.startswith(start))


def status(order: Order, settings: Settings, vocabulary: Vocabulary | None = None) -> str:
    """Return the order's status in its source's own words, or in those of a vocabulary; empty for none."""
    if vocabulary is None and (own := own_status(order, settings.own_statuses)):
        return own
    which = vocabulary or source_of(order).vocabulary
    found = word(order, which, hidden(settings, which))
    if found is None:
        return {"in_checkout": "In checkout", "abandoned": "Abandoned"}.get(order.state, "")
    return found.label


def kind(order: Order) -> str:
    """Return how it reaches the customer: Pickup, Ship, and whether it is a gift or a special order."""
    more = (", gift" if order.gift else "") + (", special order" if order.special else "")
    return ("Pickup" if order.kind == "pickup" else "Ship") + more


def customer(order: Order) -> str:
    """Return whose order it is."""
    who = order.customer
    name = (who.name or who.email or who.phone) if who else ""
    return name or (order.address.name if order.address else "") or "No customer"


def span(ms: int) -> str:
    """Return how long something has lasted: 5 min, 3 h, 2 days."""
    if ms < HOUR:
        return f"{max(0, ms) // 60_000} min"
    if ms < 2 * DAY:
        return f"{ms // HOUR} h"
    return f"{ms // DAY} days"


def days_left(expires_at: int, at: int) -> str:
    """Return how long an authorisation still holds."""
    left = expires_at - at
    if left <= 0:
        return "expired"
    return (
        f"{left // HOUR} h left"
        if left < DAY
        else "1 day left"
        if left < 2 * DAY
        else f"{left // DAY} days left"
    )


def money(order: Order, at: int) -> tuple[str, Tone]:
    """Return how the money of an order stands, and whether that needs somebody."""
    pay = order.payment
    if order.refund_due_cents or order.credit_due_cents:
        return "Refund due", "danger"
    if pay.kind == "authorised":
        left = days_left(pay.expires_at, at)
        short = pay.authorised_cents < order.to_collect_cents
        return (
            ("Authorised for less", "danger")
            if short
            else (
                f"Authorised, {left.removesuffix(' left')}",
                "danger" if at >= pay.expires_at else "warn" if pay.expires_at - at < 2 * DAY else "ink",
            )
        )
    if pay.kind == "pending_outside":
        return "Payment pending", "warn"
    if pay.kind == "at_pickup" and not order.paid:
        return "Pays at pickup", "ink"
    if pay.kind == "refunded":
        return "Refunded", "soft"
    if pay.kind == "part_refunded":
        return "Part refunded", "soft"
    if not order.paid:
        if pay.held_cents:
            return "Partly paid", "danger"
        return ("Not authorised", "danger") if pay.expires_at else ("Not paid", "warn")
    return ("Paid", "ok") if order.worth_cents else ("Nothing to pay", "soft")


def due(order: Order, deadline: Deadline, now: int, settings: Settings) -> tuple[str, Tone]:
    """Return a deadline in few words: confirm by 5:00 PM; or late, since when."""
    what = DUE.get(deadline.promise) or deadline.sentence.rstrip(".").lower()
    if deadline.promise == "process":
        what = "ship" if order.kind == "ship" else "make ready"
    stage = deadline.stage(now)
    if stage == "late":
        return f"Late: {what}, since {when(deadline.at, now, settings)}", "danger"
    if deadline.act_by <= now:
        return f"{what} now".capitalize(), "danger"
    return f"{what} by {when(deadline.act_by, now, settings)}", "warn" if stage == "soon" else "soft"


def task(found: Task, settings: Settings) -> str:
    """Return something to settle as one sentence, with its amount."""
    if found.kind == "refund":
        return f"Refund due {settings.money.show(found.cents)}."
    if found.kind == "return_credit":
        return f"Trade credit due back {settings.money.show(found.cents)}."
    if found.kind in ("collect", "reauthorise"):
        return f"{found.sentence.rstrip('.')}: {settings.money.show(found.cents)}."
    return found.sentence


def short_copies(order: Order) -> str:
    """Return how many copies are missing of how many, or nothing."""
    missing = sum(x.short for x in order.lines)
    waited = sum(x.backordered for x in order.lines)
    parts = [f"{missing} of {order.live} short"] if missing else []
    parts += [f"{waited} on backorder"] if waited else []
    return ", ".join(parts)


def next_due(order: Order, settings: Settings) -> Deadline | None:
    """Return what breaks next about an order."""
    found = deadlines(order, settings.opening, settings.promises)
    return found[0] if found else None


def row(
    order: Order, at: int, settings: Settings, deadline: Deadline | None, *, differs: bool = False
) -> OrderRow:
    """Return an order as the list shows it; `differs` from what the online store has."""
    paid, _tone = money(order, at)
    said, said_tone = due(order, deadline, at, settings) if deadline else ("", "soft")
    settle = tasks(order, at)
    notes = [order.memo, f"On hold: {order.hold}" if order.hold else "", order.trouble]
    age = span(at - order.placed_at)
    # The number first: where the line is cut, it is what the order is called by.
    facts = (order.number, f"{kind(order)}, {age}", short_copies(order), source_of(order).name)
    return OrderRow(
        id=order.id,
        number=order.number,
        customer=customer(order),
        facts=" · ".join(x for x in facts if x),
        status=status(order, settings),
        status_tone="warn" if order.hold or any(t.blocking for t in settle) else "soft",
        total=settings.money.show(order.worth_cents),
        money=paid,
        memo=" · ".join(x for x in notes if x) or (task(settle[0], settings) if settle else ""),
        age=age,
        due=said,
        due_tone=said_tone,
        fresh=queue(order, at) == "new",
        differs=differs,
    )


def ordered(found: Sequence[Order], settings: Settings) -> list[tuple[Order, Deadline | None]]:
    """Return orders with what breaks next of each, the one that breaks first at the top."""
    with_due = [(order, next_due(order, settings)) for order in found]
    far = 2**62
    return sorted(
        with_due, key=lambda x: (x[1].act_by if x[1] else far, x[1].at if x[1] else far, x[0].placed_at)
    )


def fits(order: Order, at: int, wanted: Queue, kind_wanted: str, source: str) -> bool:
    """Say whether an order is in a queue and passes the filters."""
    return queue(order, at) == wanted and passes(order, kind_wanted, source)


def passes(order: Order, kind_wanted: str, source: str) -> bool:
    """Say whether an order passes the filters by kind ("pickup", "ship", "gift") and source."""
    by_kind = not kind_wanted or (order.gift if kind_wanted == "gift" else order.kind == kind_wanted)
    return by_kind and (not source or order.source == source)
