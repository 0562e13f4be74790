"""The rows of syncing: all that waited in two weeks without a network, against what the wire alone takes.

The desk's own lanes and syncing run beside a store in a process of its own, behind a proxy that adds the way
of a real network to each round trip. The floor is the round trips that were made, times that way, divided by
the connections that carry them.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from PySide6.QtCore import QEventLoop, QTimer

from bookwish_desk.actions import connecting, paying, selling, stocking
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Actor
from bookwish_desk.syncing import Syncing
from bookwish_desk.ui.station import Station
from tests.benchmarks.measure import Limit, Row, Times, percentile, row
from tests.benchmarks.memory import peak_bytes
from tests.benchmarks.rows import Bench
from tests.benchmarks.screens import application
from tests.benchmarks.shift import Heartbeat

WAY_MS = 60
SALES, ORDERS = 10_000, 5_000
_BOOKS = 400
_IDLE_SALES = 400
"""Half of them before, half after: a percentile of 99 of fewer is the worst one."""
_PAUSE_MS = 100
_PATIENCE_S = 1_800
_PASSWORD = "correct-horse-77"


class _Process:
    """A program beside this one that says where it listens as one line of JSON."""

    def __init__(self, *command: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
        )
        self.hello = self.heard()

    def heard(self) -> Any:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def ask(self) -> Any:
        """Ask it for its figures."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        return self.heard()

    def __enter__(self) -> _Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


class _Desk:
    """The lanes and the syncing of a desk over a folder, and a clerk who sells in between."""

    def __init__(self, store: Store, actor: Actor, eans: list[int]) -> None:
        self._app = application()
        self._waker = QTimer()
        self._waker.start(100)
        self.store, self._actor, self._eans = store, actor, eans
        self.lanes = Lanes(store)
        self._station = Station(self.lanes, actor.register, store.settings)
        self._rnd = random.Random(16)
        self.syncing: Syncing | None = None

    def sync(self, email: str) -> None:
        """Begin to sync, signed in."""
        from bookwish_desk.sync.bookwish.adapter import connect
        from bookwish_desk.sync.bookwish.session import MemoryBox

        box = MemoryBox()
        port = connect(self.store.settings.online, box)
        assert port.sign_in(email, Secret(_PASSWORD)).result == "done"
        port.close()
        self.syncing = Syncing(self.lanes, self._station, boxed=lambda _settings: box)
        self.syncing.begin()

    def sell_one(self) -> int:
        """Sell a book on the shop lane; return the nanoseconds from the press until it is home again."""
        done: list[object] = []
        actor, ean = self._actor, str(self._rnd.choice(self._eans))
        self.lanes.act(lambda s: selling.scan(s, actor, ean), then=done.append)
        self.wait(lambda: bool(done))
        draft = done.pop().draft  # type: ignore[attr-defined]
        began = time.perf_counter_ns()
        self.lanes.act(lambda s: paying.pay_cash(s, actor, draft.id, 1_000_000), then=done.append)
        self.wait(lambda: bool(done))
        return time.perf_counter_ns() - began

    def wait(self, until: Callable[[], bool], seconds: float = 60) -> None:
        """Let the loop turn until something is so."""
        ends = time.monotonic() + seconds
        while not until():
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > ends:
                raise TimeoutError("it never came about")

    def rest(self, ms: int) -> None:
        """Let the loop turn for a while."""
        ends = time.monotonic() + ms / 1000
        self.wait(lambda: time.monotonic() > ends)

    def is_done(self, orders: int) -> bool:
        """Say whether nothing waits any more and every order has come."""
        with self.store.glance() as raw:
            sql = (
                "SELECT (SELECT count(*) FROM outbox WHERE channel = 'net' AND state IN ('new', 'sending')),"
                " (SELECT count(*) FROM online_orders)"
            )
            waiting, came = raw.execute(sql).fetchone()
        return waiting == 0 and came >= orders

    def rest_from_syncing(self) -> None:
        """Sync no more, and wait until what was under way has ended."""
        if self.syncing is not None:
            self.syncing.close()
            self.rest(2_000)

    def close(self) -> None:
        """Close it."""
        if self.syncing is not None:
            self.syncing.close()
        self.lanes.close()


def backlog(bench: Bench, scratch: Path) -> Iterator[Row]:
    """Send what waited for two weeks and take in what came meanwhile, with sales beside it."""
    from bookwish_desk.demo.online_store.seed import EMAIL, STORE_ID

    sales, orders = (SALES // 5, ORDERS // 5) if bench.quick else (SALES, ORDERS)
    folder = shutil.copytree(bench.made, scratch / "syncing")
    store, actor, eans = open_store(folder), bench.actor, bench.own[:_BOOKS]
    seed = scratch / "store.seed.json"
    seed.write_bytes(msgspec.json.encode(_told(store, eans, orders)))
    given = ("--data", str(scratch / "store.db"), "--seed", str(seed), "--control")
    with (
        _Process("bookwish_desk.demo.online_store", *given, BOOKWISH_STORE_PASSWORD=_PASSWORD) as shop,
        _Process(
            "tests.support.tcp_proxy", "--to", str(shop.hello["port"]), "--delay-ms", str(WAY_MS)
        ) as wire,
    ):
        address = f"http://127.0.0.1:{wire.hello['port']}"
        connecting.connect(store, actor, OnlineSettings(address, EMAIL, STORE_ID, "The store"))
        _sell(store, actor, eans, sales)
        store.checkpoint()
        yield from _measured(bench, _Desk(store, actor, eans), shop, wire, sales, orders)
    store.close()


def _told(store: Store, eans: list[int], orders: int) -> Any:
    """Return what the store has: the books, and orders that came in two weeks."""
    from bookwish_desk.demo.online_store.seed import Seed, SeedLine, SeedOrder

    rnd = random.Random(17)
    found = [selling.find(store, str(ean), ean) for ean in eans]
    books = [item for item in found if item is not None]
    lines = tuple(
        SeedLine(isbn13=x.sku, title=x.title, quantity=20_000, price_cents=x.price_cents or 999)
        for x in books
    )
    now = store.clock()
    made = []
    for number in range(orders):
        chosen = rnd.sample(books, 2)
        placed = now - rnd.randrange(14 * 24 * 3_600_000)
        made.append(
            SeedOrder(
                number=f"BW-20261101-{number:04d}",
                status="confirmed",
                kind="pickup",
                email=f"c{number % 500}@example.com",
                name=f"Customer {number % 500}",
                lines=tuple((x.sku, 1, x.price_cents or 999) for x in chosen),
                placed_at=placed,
                changed_at=placed,
            )
        )
    ppm = sum(rate.ppm for rate in store.settings.tax.classes[0].rates) if store.settings.tax.classes else 0
    return Seed(lines=lines, orders=tuple(made), tax_ppm=ppm)


def _sell(store: Store, actor: Actor, eans: list[int], sales: int) -> None:
    """Make the sales that wait, each as the counter makes it."""
    rnd = random.Random(18)
    item = selling.find(store, str(eans[0]), eans[0])
    assert item is not None
    stocking.receive(store, actor, item, 10)
    for number in range(sales):
        draft = selling.scan(store, actor, str(rnd.choice(eans))).value.draft
        assert draft is not None
        paying.pay_cash(store, actor, draft.id, 1_000_000)
        if number % 500 == 499:
            store.checkpoint()


def _measured(
    bench: Bench, desk: _Desk, shop: _Process, wire: _Process, sales: int, orders: int
) -> Iterator[Row]:
    from bookwish_desk.sync.lines import CONNECTIONS

    calm, beat, sync_ms = Heartbeat(), Heartbeat(), bench.sync_ms()
    alone: list[int] = []
    beside: list[int] = []

    def sell(into: list[int]) -> None:
        into.append(desk.sell_one())
        desk.rest(_PAUSE_MS)

    try:
        desk.rest(500)
        calm.begin()
        for _ in range(_IDLE_SALES // 2):
            sell(alone)
        calm.end()
        gc.collect()
        memory = peak_bytes()
        before = wire.ask()["requests"]
        desk.sync(desk.store.settings.online.email)
        began = time.perf_counter_ns()
        beat.begin()
        ends = time.monotonic() + _PATIENCE_S
        while not desk.is_done(orders):
            sell(beside)
            if time.monotonic() > ends:
                raise TimeoutError("the backlog was never done")
        took = time.perf_counter_ns() - began
        beat.end()
        trips = wire.ask()["requests"] - before
        grown = max(0, peak_bytes() - memory) / 1e6
        _verify(desk.store, shop)
        desk.rest_from_syncing()
        for _ in range(_IDLE_SALES // 2):
            sell(alone)
    finally:
        desk.close()
    floor = int(trips * WAY_MS * 1e6 / CONNECTIONS)
    name = f"{sales} sales up, {orders} orders down"
    note = (
        f"{trips} round trips of {WAY_MS} ms over {CONNECTIONS} connections; each once at the store;"
        f" {grown:.0f} MB more memory"
    )
    timed = Times([[took] * 2], [[took] * 2]), Times([[floor] * 2], [[floor] * 2])
    yield row("sync", name, timed, "wall", gate=Limit("ratio", 1.5), aim=Limit("ratio", 1.15), note=note)
    yield _gaps(beat, calm)
    timed = Times([beside], [beside]), Times([alone], [alone])
    gate, aim = Limit("p99_ratio", 3), Limit("p99_ratio", 1.5)
    yield row("sync", "a sale committed meanwhile", timed, "wall", gate=gate, aim=aim, sync_ms=sync_ms)


def _gaps(beat: Heartbeat, calm: Heartbeat) -> Row:
    timed = Times([beat.gaps], [beat.own]), Times([calm.gaps], [calm.own])
    own, wall = sorted(beat.own), sorted(beat.gaps)
    note = f"p99.9 {percentile(own, 99.9):.1f} ms; by the wall worst {wall[-1] / 1e6:.0f} ms"
    gate, aim = Limit("worst_ms", 100), Limit("p999_ms", 33)
    return row("sync", "gap between GUI turns meanwhile", timed, gate=gate, aim=aim, note=note)


def _verify(store: Store, shop: _Process) -> None:
    """Hold every sale of the books against the store: each is there once."""
    import httpx2

    from bookwish_desk.shop.upload import reference

    state = httpx2.get(f"http://127.0.0.1:{shop.hello['port']}/control/state", timeout=120).json()
    there = [x["clientReference"] for x in state["sales"]]
    with store.read() as conn:
        from bookwish_desk.db import sales

        ids = [row[0] for row in conn.exec_driver_sql("SELECT ref FROM outbox WHERE kind = 'sale'")]
        made = [sales.by_id(conn, sale_id) for sale_id in ids]
    ours = [reference(sale) for sale in made if sale is not None]
    if sorted(there) != sorted(ours):
        raise RuntimeError(
            f"{len(ours)} sales here, {len(there)} at the store, {len(set(there))} of them once"
        )
