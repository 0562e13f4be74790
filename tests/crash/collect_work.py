"""What a doomed process does at the counter: collects orders in sales, paid and to be paid, without end.

Runs in a child of the nest (see `nest`), never in the test's own process, and knows no Qt.
"""

from __future__ import annotations

import random
from pathlib import Path

from bookwish_desk.actions import (
    collecting,
    ordering,
    paying,
    pickup,
    placing,
    returning,
    selling,
    stocking,
)
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_step import Step
from tests.crash.till_work import EANS, Tell, owner_of
from tests.support.orders import line, made

BOOKS = tuple(Item(str(ean), f"Title {n}", ean=ean, price_cents=899 + 111 * n) for n, ean in enumerate(EANS))


def collect(tell: Tell, folder: str, seed: int = 0) -> None:
    """Collect orders without end; tells `["sold", sale id, order ids]` after each commit of a sale."""
    store = open_store(Path(folder))
    actor, chance = owner_of(store), random.Random(seed)
    left = selling.current(store, 1).draft
    if left is not None:
        # What a killed register left on the counter goes on as it lies there.
        try:
            paying.pay_cash(store, actor, left.id, 1_000_000)
        except Refused:
            selling.void(store, actor, left.id, "left behind")
    tell("ready")
    number = seed * 100_000
    while True:
        ids = []
        for _ in range(chance.randint(1, 2)):
            number += 1
            lines = [line(book, chance.randint(1, 2)) for book in chance.sample(BOOKS, chance.randint(1, 3))]
            to_pay = chance.random() < 0.5
            more = {"source": "phone", "payment": Payment(promise="at_pickup")} if to_pay else {}
            for x in lines:
                # One more than is wanted: an order that a kill left half-way may take some.
                stocking.receive(store, actor, next(b for b in BOOKS if b.sku == x.sku), x.ordered + 1)
            order = placing.receive(store, actor, made(f"C-{number}", *lines, **more)).value
            for verb in (Step("start"), Step("pick")):
                order = ordering.take(store, actor, order.id, verb).value
            order = pickup.make_ready(store, actor, order.id, "EXA").value
            copies = tuple((x.id, x.set_aside) for x in order.lines if x.set_aside)
            draft = collecting.add_order(store, actor, order.id, copies, "Photo ID").value.draft
            ids.append(order.id)
        if chance.random() < 0.7:
            extra = chance.choice(BOOKS)
            stocking.receive(store, actor, extra, 1)
            draft = selling.scan(store, actor, extra.sku).value.draft
        assert draft is not None
        sold = paying.pay_cash(store, actor, draft.id, 1_000_000).value.sale
        assert sold is not None
        tell("sold", sold.id, ids)
        books = [x for x in sold.lines if x.quantity > 0]
        if books and chance.random() < 0.4:
            # Some of it comes back at once, of an order or beside it.
            book = chance.choice(books)
            back = returning.add(store, actor, "", sold.id, book.no, book.quantity).value.draft
            assert back is not None
            paying.pay_cash(store, actor, back.id, 0)


JOBS = {"collect": collect}
