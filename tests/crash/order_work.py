"""What a doomed process does with orders: takes them in, moves them along, sells the same books beside.

Runs in a child of the nest (see `nest`), never in the test's own process, and knows no Qt.
"""

from __future__ import annotations

import random
from pathlib import Path

from bookwish_desk.actions import ordering, paying, placing, selling, stocking
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step
from tests.crash.till_work import EANS, Tell, owner_of
from tests.support.orders import line, made

BOOKS = tuple(Item(str(ean), f"Title {n}", ean=ean, price_cents=899 + 111 * n) for n, ean in enumerate(EANS))
FORWARD = (
    *("confirm", "start", "pick", "check", "pack", "ready", "hand_over", "ship", "deliver", "refund"),
    *("capture", "release", "allocate", "unpack", "unready", "short"),
)
MORE = {"reason": "asked to", "tracking": "EX1"}


def fulfil(tell: Tell, folder: str, seed: int = 0) -> None:
    """Fulfil orders without end; tells `["kept", order id, events]` after each commit."""
    store = open_store(Path(folder))
    actor, chance = owner_of(store), random.Random(seed)
    tell("ready")
    number = seed * 100_000
    while True:
        number += 1
        what = chance.random()
        if what < 0.25:
            order = _new(chance, number)
            placing.receive(store, actor, order)
            _told(store, tell, order.id)
        elif what < 0.4:
            stocking.receive(store, actor, chance.choice(BOOKS), chance.randint(1, 3))
        elif what < 0.5:
            ringing = selling.scan(store, actor, chance.choice(BOOKS).sku).value
            assert ringing.draft is not None
            sold = paying.pay_cash(store, actor, ringing.draft.id, 100_000).value.sale
            assert sold is not None
            tell("sold", sold.id)
        else:
            with store.read() as conn:
                found = orders.open_orders(conn)
            if found:
                _step(store, tell, chance, chance.choice(found))


def _new(chance: random.Random, number: int) -> Order:
    lines = [line(book, chance.randint(1, 2)) for book in chance.sample(BOOKS, chance.randint(1, 3))]
    kind = chance.choice(("pickup", "ship"))
    paid = {} if chance.random() < 0.8 else {"payment": Payment()}
    return made(f"K-{number}", *lines, kind=kind, **paid)


def _step(store: Store, tell: Tell, chance: random.Random, order: Order) -> None:
    possible = {a.verb for a in allowed(order, store.clock()) if not a.why_not}
    verbs = [verb for verb in FORWARD if verb in possible]
    if chance.random() < 0.05 and "cancel" in possible:
        verbs = ["cancel"]
    if not verbs:
        return
    try:
        ordering.take(store, owner_of(store), order.id, Step(chance.choice(verbs), **MORE))  # type: ignore[arg-type]
    except Refused:
        return
    _told(store, tell, order.id)


def _told(store: Store, tell: Tell, order_id: str) -> None:
    with store.read() as conn:
        tell("kept", order_id, len(orders.history(conn, order_id)))


JOBS = {"fulfil": fulfil}
