"""A desk without a window, doomed to be killed: real books, the engine and the adapter, selling all the time.

Runs in a child of `tests.crash.nest`, never in the test's own process, and knows no Qt.
"""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import msgspec

from bookwish_desk.actions import connecting, ordering, paying, selling, uploading
from bookwish_desk.db import conflicts, online, orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.bookwish.adapter import connect
from bookwish_desk.sync.bookwish.session import MemoryBox
from bookwish_desk.sync.engine import Engine
from bookwish_desk.sync.lines import ManyLines
from bookwish_desk.sync.port import OnlineStore
from tests.crash.till_work import EANS, Tell, owner_of

FORWARD: tuple[Verb, ...] = ("start", "allocate", "pick", "check", "pack", "ready", "hand_over", "ship")
FIRST_CENTS = 1_000
"""What the card in the first sale costs; that of each later one costs a cent more, which tells them apart."""


def tie(tell: Tell, folder: str, address: str, store_id: str, email: str) -> None:
    """Connect the books to a store."""
    store = open_store(Path(folder))
    connecting.connect(store, owner_of(store), OnlineSettings(address, email, store_id, "The store"))
    store.close()
    tell("tied")


def work(
    tell: Tell, folder: str, email: str, password: str, seed: int, sales: int, work_orders: bool
) -> None:
    """Sell until there are so many sales, syncing beside; then go on syncing and tell what is left."""
    store = open_store(Path(folder))
    port = connect(store.settings.online, MemoryBox())
    engine = Engine(
        port, DirectBooks(store), store.clock, random.Random(seed).random, 1, "register-1", ManyLines(4)
    )
    threading.Thread(target=_sync, args=(engine, port, email, password), daemon=True).start()
    tell("ready")
    # The desk before this one may have been killed between its last sale and saying so.
    tell("made", _last_number(store))
    chance = random.Random(seed)
    while (number := _last_number(store)) < sales:
        try:
            tell("sold", _sell(store, chance, number + 1))
            if work_orders and chance.random() < 0.6:
                _work(store, chance)
        except ShopError as fault:
            tell("refused", fault.message)
    while True:
        time.sleep(0.1)
        if work_orders:
            for _ in range(10):
                _work(store, chance)
        tell("left", _left(store))


def _sync(engine: Engine, port: OnlineStore, email: str, password: str) -> None:
    """Step the engine as fast as it can, somebody who signs in and who presses "Sync now" beside it."""
    port.sign_in(email, Secret(password))
    pressed = time.monotonic()
    while True:
        wait = engine.step()
        if engine.reach.signed_out and port.sign_in(email, Secret(password)).result == "done":
            engine.signed_in()
        if time.monotonic() - pressed > 0.5:
            pressed = time.monotonic()
            engine.sync_now()
        time.sleep(min(wait, 50) / 1000)


def _last_number(store: Store) -> int:
    with store.glance() as raw:
        return int(raw.execute("SELECT coalesce(max(number), 0) FROM sales").fetchone()[0])


def _sell(store: Store, chance: random.Random, number: int) -> int:
    actor = owner_of(store)
    left = selling.current(store, 1).draft
    if left is not None:
        selling.void(store, actor, left.id, "the computer stopped")
    selling.scan(store, actor, str(chance.choice(EANS)))
    card = selling.add_unknown(store, actor, "", f"Card {number}", FIRST_CENTS + number, "book").value.draft
    assert card is not None
    sold = paying.pay_cash(store, actor, card.id, 100_000).value.sale
    assert sold is not None
    return sold.number


def _work(store: Store, chance: random.Random) -> None:
    """Take an order a step further."""
    with store.read() as conn:
        found = orders.open_orders(conn)
    if not found:
        return
    order = chance.choice(found)
    possible = {a.verb for a in allowed(order, store.clock()) if not a.why_not}
    verbs = [verb for verb in FORWARD if verb in possible]
    if verbs:
        step = Step(verbs[-1], tracking="EX1" if verbs[-1] == "ship" else "")
        try:
            ordering.take(store, owner_of(store), order.id, step)
        except Refused:
            return


def _left(store: Store) -> int:
    """Return how much has still to be sent, and hurry what was put off, as people do on the Sync screen."""
    waiting = [job for job in uploading.unfinished(store, 500) if job.state in ("new", "sending")]
    for job in waiting:
        if job.state == "new" and job.next_try_at > store.clock():
            try:
                uploading.decide(store, owner_of(store), job.id, "again")
            except Refused:
                continue
    return len(waiting)


class Books(msgspec.Struct):
    """What the books of a killed desk say."""

    sales: list[int]
    states: dict[int, str]
    """Of each sale the state of the row that sends it."""
    words: dict[int, str]
    linked: int
    orders: dict[str, str]
    """Of each order, by the store's id, its status as last heard."""
    conflicts: dict[str, int]
    stuck: list[tuple[str, str, str]]
    """Rows of other kinds that are not done: kind, state, words."""


def read_books(folder: Path) -> Books:
    """Read the books of a desk that does not run."""
    store = open_store(folder)
    try:
        with store.read() as conn:
            numbers = {
                str(sale_id): int(number)
                for sale_id, number in conn.exec_driver_sql("SELECT id, number FROM sales ORDER BY number")
            }
            rows = conn.exec_driver_sql(
                "SELECT kind, ref, state, last_status FROM outbox WHERE channel = 'net'"
            ).fetchall()
            heard = conn.exec_driver_sql("SELECT far_id, status FROM online_orders").fetchall()
            linked = conn.exec_driver_sql("SELECT count(*) FROM online_sales").scalar_one()
            open_ones = [c.kind for c in conflicts.all_open(conn)]
            assert online.mark(conn, "abilities")
    finally:
        store.close()
    mine = [(numbers[ref], state, words) for kind, ref, state, words in rows if kind == "sale"]
    return Books(
        sales=list(numbers.values()),
        states={number: state for number, state, _ in mine},
        words={number: words for number, _, words in mine},
        linked=linked,
        orders={str(far_id): str(status) for far_id, status in heard},
        conflicts={kind: open_ones.count(kind) for kind in open_ones},
        stuck=[
            (kind, state, words)
            for kind, _, state, words in rows
            if kind != "sale" and state not in ("done", "dropped")
        ],
    )


JOBS = {"tie": tie, "work": work}
