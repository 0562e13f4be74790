"""The rows of online orders: 20 000 of them in the books, 500 of them open."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import select

from bookwish_desk.actions import ordering
from bookwish_desk.db import orders, tables
from bookwish_desk.db.folding import prefixes, terms
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.order import Order, Payment, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_queue import Queue, count_queues
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import Deadline, board
from tests.benchmarks.measure import Call, Limit, Row, in_turn, row
from tests.benchmarks.rows import Bench

ALL = 20_000
OPEN = 500
_NAMES = ("Ada", "Ben", "Clara", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "Noah")
_FAMILIES = ("Whitlock", "Okafor", "Lindqvist", "Petrov", "Marchetti", "Haddad", "Mbeki", "Tanaka")
_OPENS = "SELECT body FROM orders WHERE open ORDER BY placed_at, no"
_FIND = (
    "SELECT orders.no, orders.body FROM order_search CROSS JOIN orders ON orders.no = order_search.rowid"
    " WHERE order_search MATCH ? ORDER BY orders.no DESC LIMIT 201"
)


def desk(bench: Bench) -> Iterator[Row]:
    """Read the queues and the promise board, find orders as it is typed, and take a step."""
    made = _made(bench)
    yield _queues(bench)
    yield _found(bench)
    yield _stepped(bench, [order for order in made if order.state == "pending"])


def _made(bench: Bench) -> list[Order]:
    t = tables.titles.c
    with bench.store.read() as conn:
        titles = conn.execute(select(t.title, t.authors, t.ean, t.price_cents).limit(5_000)).all()
    rnd = random.Random(11)
    now = bench.store.clock()
    made = [_order(number, now, rnd, rnd.sample(titles, 3)) for number in range(ALL)]
    with bench.store.write() as tx:
        for order in made:
            orders.insert(tx, order)
    bench.store.checkpoint()
    return made


def _order(number: int, now: int, rnd: random.Random, books: list[Any]) -> Order:
    name = f"{rnd.choice(_NAMES)} {rnd.choice(_FAMILIES)} {number}"
    lines = tuple(
        OrderLine(f"{n}", str(b.ean), b.title, 1, b.price_cents or 999, ean=b.ean, detail=b.authors)
        for n, b in enumerate(books, 1)
    )
    closed = number < ALL - OPEN
    if closed:
        lines = tuple(
            msgspec.structs.replace(x, allocated=1, picked=1, checked=1, handed_over=1) for x in lines
        )
    return Order(
        id=new_id(),
        number=f"BW-2026{number:06d}",
        source="bookwish",
        kind="pickup" if number % 2 else "ship",
        placed_at=now - (ALL - number) * 60_000,
        customer=Customer("", name, f"c{number}@example.com", f"555 {number:06d}"),
        address=PostalAddress(name, f"{number} Long Street", "", "Springfield", "IL", "62701"),
        lines=lines,
        state="completed" if closed else "pending",
        payment=Payment(captured_cents=sum(x.price_cents for x in lines)),
    )


def _queues(bench: Bench) -> Row:
    """Count every queue and put every deadline in order; the floor decodes the same bodies into dicts."""
    hours = OpeningHours("America/New_York", ((((540, 1080),),) * 6 + ((),)))
    now = bench.store.clock()

    def ours() -> tuple[dict[Queue, int], tuple[Deadline, ...]]:
        with bench.store.read() as conn:
            found = orders.open_orders(conn)
        return count_queues(found, now), board(found, hours)

    def floor() -> list[Any]:
        with bench.store.glance() as raw:
            return [msgspec.json.decode(body) for (body,) in raw.execute(_OPENS)]

    assert sum(ours()[0].values()) == len(floor()) == OPEN
    timed = in_turn([[(ours, floor)] * bench.times(100)] * bench.rounds)
    return row("orders", f"queues and deadlines of {OPEN} orders", timed, gate=Limit("p99_ms", 250))


def _found(bench: Bench) -> Row:
    """Find orders by what is typed of a name, a number, an address or a code."""
    rnd = random.Random(12)
    typed = [f"{rnd.choice(_NAMES)[:3]} {rnd.choice(_FAMILIES)[:4]}" for _ in range(40)]
    typed += [f"bw-2026{rnd.randrange(ALL):06d}" for _ in range(40)]
    typed += [f"c{rnd.randrange(ALL)}@ex" for _ in range(40)]

    def pair(words: str) -> tuple[Call, Call]:
        match = prefixes(terms(words))

        def ours() -> orders.Page:
            with bench.store.read() as conn:
                return orders.search(conn, words)

        def floor() -> list[Any]:
            with bench.store.glance() as raw:
                return list(raw.execute(_FIND, (match,)).fetchall())

        return ours, floor

    timed = in_turn([[pair(words) for words in typed]] * bench.rounds)
    return row("orders", f"find among {ALL} orders", timed, gate=Limit("p99_ms", 50))


def _stepped(bench: Bench, pending: list[Order]) -> Row:
    """Confirm an order; the floor commits the same body, event and journal entry with everything known."""
    waiting = iter(pending)
    writer = bench.floor.writer
    template = (
        "INSERT INTO journal (seq, at, kind, staff, register, ref, body, previous, keyed, hash)"
        " VALUES (?, 0, 'order.confirm', '', 1, ?, '{}', ?, 1, ?)"
    )
    numbers = iter(range(50_000_000, 60_000_000))

    def pairs() -> Iterator[tuple[Call, Call]]:
        for place, order in enumerate(waiting):
            if place >= bench.times(100):
                return
            if place % 40 == 0:
                bench.store.checkpoint()
                bench.floor.checkpoint()
            body = msgspec.json.encode(order).decode()
            no = next(numbers)
            row_ = (no, order.id, "bookwish", f"F{no}", "pending", 1, 0, 0, 1, body)
            writer.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row_)

            def floor(no: int = no, kept: str = order.id, body: str = body + " ") -> None:
                writer.execute("BEGIN IMMEDIATE")
                writer.execute("UPDATE orders SET body = ?, state = 'confirmed' WHERE no = ?", (body, no))
                event = (kept, "confirm", 0, "", 1, "{}")
                writer.execute(
                    "INSERT INTO order_events (order_id, kind, at, staff, register, body)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    event,
                )
                writer.execute(template, (no, kept, "0" * 64, "0" * 64))
                writer.execute("COMMIT")

            yield partial(ordering.take, bench.store, bench.actor, order.id, Step("confirm")), floor

    timed = in_turn([pairs() for _ in range(bench.rounds)])
    return row(
        "orders", "an order confirmed", timed, "wall", gate=Limit("p99_ms", 100), sync_ms=bench.sync_ms()
    )
