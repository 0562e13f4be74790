"""One order in words: its books, customer, money, dates, parcels and what other systems call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.order import Order, Parcel, source_of
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import STATE_WORDS
from bookwish_desk.shop.promises import deadlines
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.tracking import status_name
from bookwish_desk.ui.orders import words
from bookwish_desk.ui.orders.detail_state import Fact, LineRow, Section
from bookwish_desk.ui.orders.words import copies
from bookwish_desk.ui.titles.words import wrapped

OWNER_WORDS = {
    "": "has it",
    "pending": "has it and has not shipped it yet",
    "shipped": "has shipped it",
    "completed": "has shipped and invoiced it",
}


class Here(msgspec.Struct, frozen=True):
    """What the shop has of a line's title: the item, and how many of its copies are promised to orders."""

    item: Item | None = None
    promised: int = 0


def line_row(line: OrderLine, here: Here, order: Order, settings: Settings) -> LineRow:
    """Return a line: title, shelf, copies on hand and free, and what has happened to each copy."""
    item = here.item
    about = [line.detail, str(line.ean or line.sku)]
    if line.street_date:
        about.append(f"not before {short_day(line.street_date, settings.locale)}")
    if item is None or not item.stocked:
        there = "Not in stock" if item is None else "No stock is kept"
    else:
        free = max(0, item.on_hand - here.promised)
        there = f"{item.on_hand} here, {free} free"
    shelf = item.shelf if item and item.shelf else "No shelf"
    return LineRow(
        id=line.id,
        title=line.title,
        about=" · ".join(x for x in about if x),
        count=str(line.live) if not line.cancelled else f"{line.live} of {line.ordered}",
        here=f"{shelf} · {there}",
        way=way(line, order, settings),
        tone="danger" if line.short else "warn" if line.backordered else "soft",
    )


def way(line: OrderLine, order: Order, settings: Settings) -> str:
    """Return what has happened to each copy of a line, the furthest first."""
    until = f" until {short_day(line.expected_on, settings.locale)}" if line.expected_on else ""
    waiting = line.unallocated
    counts = (
        (line.returned, "came back"),
        (line.handed_over, "handed over"),
        (line.supplied, "sent by the wholesaler"),
        (line.shipped, "shipped"),
        (line.packed - line.shipped, "packed"),
        (line.at_hand, "checked"),
        (line.to_check, "on the hold shelf" if order.ready_at else "picked"),
        (line.to_pick, "allocated"),
        (line.backordered, f"on backorder{until}"),
        (line.short, "missing"),
        (waiting, "not allocated" if order.owner.name == "store" else "with the wholesaler"),
        (line.cancelled, "cancelled"),
    )
    said = [(count, what) for count, what in counts if count]
    if len(said) == 1 and said[0][0] == line.ordered == 1:
        return said[0][1].capitalize()
    return ", ".join(f"{count} {what}" for count, what in said)


def standing(order: Order, settings: Settings) -> tuple[str, ...]:
    """Return what stands in the way of working on it: the wholesaler, a hold, a checkout not finished."""
    found = []
    if order.owner.name == "wholesaler":
        since = moment(order.owner.since, settings.zone, settings.locale) if order.owner.since else ""
        found.append(
            f"The wholesaler fills this order: it {OWNER_WORDS[order.owner.state]}"
            f"{f', since {since}' if since else ''}. There is nothing for the shop to do: it can be "
            "read here, not changed."
        )
    if order.hold:
        found.append(f"On hold: {order.hold}")
    if order.state in ("in_checkout", "abandoned"):
        why = f": {order.trouble}" if order.trouble else ""
        found.append(f"The customer has not finished the checkout{why}.")
    if order.state == "cancelled":
        by = {"customer": " by the customer", "source": " at the source"}.get(order.cancelled_by, "")
        fraud = ", as fraud" if order.fraud else ""
        found.append(f"Cancelled{by}{fraud}: {order.cancel_reason}")
    return tuple(wrapped(sentence) for sentence in found)


def sections(order: Order, at: int, settings: Settings) -> tuple[Section, ...]:
    """Return everything else that is known of it, under headings; long words of others may be broken."""
    made = (
        Section("Customer", _customer(order)),
        Section("Payment", _payment(order, at, settings)),
        Section("Dates", _dates(order, at, settings)),
        Section("Parcels", tuple(_parcel(n, p, order, settings) for n, p in enumerate(order.parcels, 1))),
        Section("Other systems call it", _vocabularies(order, settings)),
    )
    return tuple(Section(s.heading, breakable(s.facts)) for s in made if s.facts)


def breakable(found: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return facts whose long words, such as addresses of e-mail, can be broken at the edge."""
    return tuple(replace(fact, text=wrapped(fact.text)) for fact in found)


def _facts(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(label, text) for label, text in pairs if text)


def _customer(order: Order) -> tuple[Fact, ...]:
    who, where = order.customer, order.address
    lines: list[str] = []
    if where is not None:
        town = " ".join(x for x in (where.city, where.state, where.postal_code) if x)
        lines = [where.name, where.line1, where.line2, town, where.country, where.phone]
    return _facts(
        ("Name", who.name if who else ""),
        ("E-mail", who.email if who else ""),
        ("Telephone", who.phone if who else ""),
        ("Send to" if order.kind == "ship" else "Address", "\n".join(x for x in lines if x)),
        ("Shipping", order.method if order.kind == "ship" else ""),
        ("Hold shelf", order.shelf),
        ("Instructions", order.instructions),
        ("Gift message", order.gift_message if order.gift else ""),
        ("Special order", "Order the books from the wholesaler first" if order.special else ""),
        ("Memo", order.memo),
        ("Tax-free claim", order.exempt),
    )


def _payment(order: Order, at: int, settings: Settings) -> tuple[Fact, ...]:
    show, pay = settings.money.show, order.payment
    stands, tone = words.money(order, at)
    until = moment(pay.expires_at, settings.zone, settings.locale) if pay.expires_at else ""
    sums = (
        ("Books", order.subtotal_cents, True),
        ("Discount", -order.discount_cents, False),
        ("Shipping", order.shipping_cents, order.kind == "ship"),
        ("Tax, included" if order.tax_included else "Tax", order.tax_cents, False),
        ("Adjustment", order.adjustment_cents, False),
        ("Given back on purpose", -order.granted_cents, False),
        ("Total", order.worth_cents, True),
        ("Trade credit", pay.credit_cents, False),
        ("Authorised", pay.authorised_cents, False),
        ("Captured", pay.captured_cents, False),
        ("Refunded", pay.refunded_cents, False),
        ("Still to collect", order.to_collect_cents, False),
        ("Refund due", order.refund_due_cents, False),
    )
    found = [Fact("Stands", stands, tone)]
    found += [Fact(label, show(cents)) for label, cents, always in sums if cents or always]
    if pay.authorised_cents and until:
        found.append(Fact("Authorisation", f"{words.days_left(pay.expires_at, at)}, until {until}", tone))
    for passed in order.overrides:
        when = moment(passed.at, settings.zone, settings.locale)
        found.append(Fact("Let pass unpaid", f"{passed.verb.replace('_', ' ')}, {when}: {passed.reason}"))
    return tuple(found)


def _dates(order: Order, at: int, settings: Settings) -> tuple[Fact, ...]:
    moments = (
        ("Placed", order.placed_at),
        ("Confirmed", order.confirmed_at),
        ("Started", order.started_at),
        ("Ready since", order.ready_at),
        ("Reminded", order.reminded_at),
        ("Completed", order.completed_at),
        ("Cancelled", order.cancelled_at),
    )
    found = [Fact(name, moment(when, settings.zone, settings.locale)) for name, when in moments if when]
    if order.expected_on:
        found.append(Fact("Told the customer", short_day(order.expected_on, settings.locale)))
    for deadline in deadlines(order, settings.opening, settings.promises):
        said, tone = words.due(order, deadline, at, settings)
        found.append(Fact("Late" if tone == "danger" else "Next", said, tone))
    return tuple(found)


def _parcel(number: int, parcel: Parcel, order: Order, settings: Settings) -> Fact:
    titles = {x.id: x.title for x in order.lines}
    inside = [f"{n} × {titles.get(x, 'a title')}" for x, n in parcel.contents]
    held = moment(parcel.delivered_at or parcel.shipped_at or 0, settings.zone, settings.locale)
    stands = (
        f"Delivered {held}" if parcel.delivered_at else f"Shipped {held}" if parcel.shipped_at else "Packed"
    )
    if parcel.status and not parcel.delivered_at:
        stands += f", {status_name(parcel.status)[:1].lower()}{status_name(parcel.status)[1:]}"
    if parcel.expected_on and not parcel.delivered_at:
        stands += f", expected {short_day(parcel.expected_on, settings.locale)}"
    by = " ".join(x for x in (parcel.carrier, parcel.service) if x)
    weight = weight_words(parcel.weight_grams, settings.locale) if parcel.weight_grams else ""
    track = parcel.tracking or (f"No tracking: {parcel.untracked}" if parcel.untracked else "")
    titles_in = ", ".join(inside[:6]) + (" …" if len(inside) > 6 else "")
    said = (stands, parcel.trouble, by, track, weight, titles_in)
    return Fact(f"Parcel {number}", "\n".join(x for x in said if x), "warn" if parcel.trouble else "ink")


def _vocabularies(order: Order, settings: Settings) -> tuple[Fact, ...]:
    named = [(name, words.status(order, settings, which)) for which, name in words.VOCABULARIES]
    return (
        Fact("Here", STATE_WORDS[order.state].capitalize()),
        *(Fact(n, t or "No word for it") for n, t in named),
    )


def about(order: Order, at: int, settings: Settings) -> str:
    """Return the line beneath the customer: number, source, kind, age."""
    age = words.span(at - order.placed_at)
    facts = (order.number, source_of(order).name, words.kind(order), f"{age} old", copies(order.live))
    return wrapped(" · ".join(facts))


def tasks_said(order: Order, at: int, settings: Settings) -> Mapping[str, str]:
    """Return what is to be settled in sentences, by kind of task."""
    from bookwish_desk.shop.order_queue import tasks

    return {t.kind: words.task(t, settings) for t in tasks(order, at)}
