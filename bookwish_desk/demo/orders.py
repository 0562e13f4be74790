"""The forty-five orders of the demonstration shop: every kind in every state, with what happened to each.

They are taken in and moved along by the actions of a real shop, at the times at which it happened, in one
transaction. People, places and numbers are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from bookwish_desk.actions import ordering, placing, problems
from bookwish_desk.actions.action import action
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.demo.tales import BOOKS, PEOPLE, TALES, Pay, Tale
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.opening_hours import OpeningHours, local
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_problem import Problem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor

HOUR = 3_600_000
TAX_PPM = 63_500
_NUMBERED = 6
"""Orders that the shop has given numbers of its own in these stories."""
_BUILT = "demo.orders"


def are_built(store: Store) -> bool:
    """Say whether the orders of the demonstration are in the books."""
    with store.read() as conn:
        found = conn.exec_driver_sql("SELECT 1 FROM journal WHERE kind = ? LIMIT 1", (_BUILT,))
        return found.first() is not None


@action
def build(tx: Tx, staff: tuple[Actor, ...]) -> int:
    """Take in the orders and move them along, and say how many there are; `staff` take turns.

    Copies that leave for customers come in first: what is on the shelves stays what the lists said.
    """
    now = tx.at
    _stock_up(tx, staff[0])
    kept = {tale.number: _order(tx, tale, now) for tale in TALES}
    for turn, (at, tale, done) in enumerate(sorted(_happenings(now), key=lambda h: h[0])):
        tx.at = at
        actor = staff[turn % len(staff)]
        if done is None:
            kept[tale.number] = placing.received(tx, actor, kept[tale.number], Telling("silent"))
        elif isinstance(done, Problem):
            problems.reported(tx, staff[0], kept[tale.number].id, done, Telling("silent"))
        else:
            before = orders.load(tx.conn, kept[tale.number].id)
            ordering.advanced(tx, actor, before, _dated(tx, done, now), Telling("silent"))
    tx.at = now
    while tx.count("order-1") < _NUMBERED:
        pass
    tx.record(_BUILT, staff=staff[0].staff, register=1, ref=tx.settings.shop_id, body={"orders": len(kept)})
    return len(kept)


def _happenings(now: int) -> Iterator[tuple[int, Tale, Step | Problem | None]]:
    for tale in TALES:
        yield now - round(tale.hours * HOUR), tale, None
        for hours, step in tale.then:
            yield now - round(hours * HOUR), tale, step
        for hours, problem in tale.problems:
            yield now - round(hours * HOUR), tale, problem


def _dated(tx: Tx, step: Step, now: int) -> Step:
    """Return a step with its days: the table counts them from today, and an authorisation from now."""
    day = step.expected_on
    until = now + step.until * HOUR if step.until else 0
    expected = _day(tx, now, int(day)) if day else ""
    return msgspec.structs.replace(step, expected_on=expected, until=until)


def _day(tx: Tx, at: int, days: int) -> str:
    today: date = local(OpeningHours(tx.settings.zone), at).date()
    return (today + timedelta(days=days)).isoformat()


def _stock_up(tx: Tx, actor: Actor) -> None:
    leaving: dict[str, int] = {}
    for tale in TALES:
        for (name, copies), gone in zip(tale.books, tale.gone or [0] * len(tale.books), strict=True):
            assert gone <= copies
            leaving[name] = leaving.get(name, 0) + gone
    for name, copies in leaving.items():
        if copies:
            items.move(tx, BOOKS[name], copies, "receive", staff=actor.staff)


def _order(tx: Tx, tale: Tale, now: int) -> Order:
    at = now - round(tale.hours * HOUR)
    skus = [BOOKS[name] for name, _ in tale.books]
    with tx.store.read() as conn:
        known = {item.sku: item for item in items.by_skus(conn, skus)}
    lines = []
    for no, (sku, (_, copies)) in enumerate(zip(skus, tale.books, strict=True), 1):
        item = known[sku]
        price = item.price_cents or 0
        line = OrderLine(
            f"{no}",
            sku,
            item.title,
            copies,
            price,
            ean=item.ean,
            detail=item.authors,
            tax_cents=0 if tale.exempt else half_up(price * copies * TAX_PPM, 1_000_000),
            street_date=_day(tx, now, tale.street_in) if tale.street_in else "",
        )
        lines.append(line)
    name, email, phone, where = PEOPLE[tale.who]
    ships = tale.kind == "ship"
    order = Order(
        id=new_id(),
        number=tale.number.replace("{day}", _day(tx, at, 0).replace("-", "")),
        source=tale.source,
        kind=tale.kind,
        placed_at=at,
        customer=Customer("", name, email, phone),
        address=(tale.to or PostalAddress(name, *where)) if ships else None,
        method="Media Mail" if ships else "",
        instructions=tale.instructions,
        gift=bool(tale.gift_message),
        gift_message=tale.gift_message,
        memo=tale.memo,
        lines=tuple(lines),
        shipping_cents=499 if ships else 0,
        exempt=tale.exempt,
        state=tale.state,
        trouble=tale.trouble,
    )
    return msgspec.structs.replace(order, payment=_payment(order, tale.pay, at))


def _payment(order: Order, pay: Pay, at: int) -> Payment:
    due = order.worth_cents
    if pay == "captured":
        return Payment(captured_cents=due)
    if pay == "authorised":
        return Payment(authorised_cents=due, expires_at=at + 7 * 24 * HOUR)
    return Payment(promise={"at_pickup": "at_pickup", "outside": "outside"}.get(pay, ""))  # type: ignore[arg-type]
