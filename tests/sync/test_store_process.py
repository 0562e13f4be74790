"""Desk and store as real processes, killed at random behind a wire that cuts, holds and doubles."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2
import msgspec
import pytest

from bookwish_desk.actions import selling, stocking
from bookwish_desk.db.store import open_store
from bookwish_desk.demo.online_store.seed import Seed
from bookwish_desk.settings import Settings
from bookwish_desk.shop.tax import TaxClass, TaxRules
from tests.crash.nest import Child, Nest
from tests.crash.till_work import EANS, found
from tests.support.tcp_proxy import PASS, Fate, TcpProxy
from tests.sync.store_desk import FIRST_CENTS, Books, read_books

PASSWORD = "correct-horse-77"
COPIES = 1_000
COMBINATIONS: tuple[tuple[str, ...], ...] = (
    (
        "base-url=https://api.bookwish.io/v1",
        "token-fields=token/refreshToken",
        "error-shape=nested",
        "success-envelope=named-object",
        "list-paging=page-limit",
        "pos-prefix=/pos",
        "finished-status=completed",
        "sale-line-unit-price=unitPrice-in-dollars",
        "order-number=ORD-YYYY-NNNNNN",
    ),
    (
        "base-url=https://api.bookwish.io",
        "token-fields=access_token/refresh_token",
        "success-envelope=data-meta",
        "list-paging=cursor-limit",
        "sale-line-unit-price=unitPriceCents",
    ),
)
"""With the usual values, which the other tests have, these are all that a server may serve."""


class StoreProcess:
    """The online store as a process of its own, whose data survive being killed."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.seed = data.with_suffix(".seed.json")
        self.seed.write_bytes(msgspec.json.encode(Seed(tax_ppm=0)))
        self.options = options
        self.hello: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx2.Client(timeout=10.0)

    def start(self) -> None:
        """Start it; return once it listens."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bookwish_desk.demo.online_store", "--control"),
                *("--data", str(self.data), "--seed", str(self.seed), *self.options),
            ],
            stdout=subprocess.PIPE,
            env={**os.environ, "BOOKWISH_STORE_PASSWORD": PASSWORD},
        )
        assert self._process.stdout is not None
        self.hello = json.loads(self._process.stdout.readline())

    @property
    def port(self) -> int:
        """Return where it listens; another one after each start."""
        return int(self.hello["port"])

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def ask(self, path: str, **told: Any) -> Any:
        """Ask something of its control path."""
        url = f"http://127.0.0.1:{self.port}/control/{path}"
        reply = self._client.post(url, json=told) if told else self._client.get(url)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def close(self) -> None:
        """End it for good."""
        self._client.close()
        self.kill()


class Shop:
    """A desk and its store with the wire between them; `chance` says when what is killed."""

    def __init__(self, folder: Path, nest: Nest, seed: int, *options: str) -> None:
        self.folder = folder
        self.nest = nest
        self.chance = random.Random(seed)
        self.store = StoreProcess(folder / "store.db", *options)
        self.calm = False
        self.keyless = "none" in options
        self.kills = Counter[str]()
        self.sold: set[int] = set()
        """The numbers of the sales that the desk said."""
        self.made = 0
        """How many sales there are at least, said or not."""
        self.refused: list[str] = []
        self.placed: list[str] = []
        self._desk: Child | None = None
        self._read = 0
        self.store.start()
        self.wire = TcpProxy(self.store.port, self._fate)

    def __enter__(self) -> Shop:
        self.wire.__enter__()
        books = self.folder / "books"
        _found(books)
        at = self.store.hello["address"].replace(str(self.store.port), str(self.wire.port))
        self.nest.run(
            "tie", folder=str(books), address=at, store_id=self.store.hello["storeId"],
            email=self.store.hello["email"],
        )  # fmt: skip
        self.items = [
            self.store.ask(
                "items", isbn13=str(ean), title=f"Title {n}", quantity=COPIES, priceCents=899 + 111 * n
            )
            for n, ean in enumerate(EANS)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill_desk()
        self.wire.__exit__(kind, fault, trace)
        self.store.close()

    def _fate(self, line: str) -> Fate:
        """Draw what becomes of a request; signing in is left alone, or nothing would ever begin."""
        if self.calm or "/auth/" in line or self.chance.random() > 0.12:
            return PASS
        what = self.chance.choice(("cut request", "cut reply", "double", "hold", "pass"))
        if what == "double" and ("/refresh" in line or (self.keyless and not line.startswith("GET "))):
            # A write that a store without keys hears twice it does twice, and nobody can help that.
            return PASS
        return Fate(what, self.chance.randrange(400), self.chance.uniform(0.0, 0.3))  # type: ignore[arg-type]

    # ---- what runs ----

    def run(self, sales: int, orders: int, kills: int) -> Books:
        """Let sales and orders flow while both sides are killed; return the books after all came to rest."""
        self._start_desk(sales)
        moments = sorted(self.chance.randrange(sales) for _ in range(kills))
        while moments or self.made < sales:
            self._hear(0.02)
            if len(self.placed) < orders * (self.made + 1) / sales:
                self._order()
            if moments and self.made >= moments[0]:
                moments.pop(0)
                self._kill_one(sales)
        while len(self.placed) < orders:
            self._order()
        self.calm = True
        while True:
            self._rest(sales)
            self._kill_desk()
            books = read_books(self.folder / "books")
            if not any(state in ("new", "sending") for _, state, _ in books.stuck):
                return books
            # Staff went on with an order just before they were killed.
            self._start_desk(sales)

    def _kill_one(self, sales: int) -> None:
        what = self.chance.choice(("desk", "store", "both"))
        self.kills[what] += 1
        if what != "store":
            self._kill_desk()
        if what != "desk":
            self.store.kill()
            self.store.start()
            self.wire.to_port = self.store.port
        if what != "store":
            self._start_desk(sales)

    def _start_desk(self, sales: int) -> None:
        self._desk = self.nest.start(
            "work", folder=str(self.folder / "books"), email=self.store.hello["email"], password=PASSWORD,
            seed=self.chance.randrange(10**6), sales=sales, work_orders=True,
        )  # fmt: skip
        self._read = 0
        self._desk.read_first()

    def _kill_desk(self) -> None:
        if self._desk is not None:
            self._desk.kill()
            self._note()
            self._desk = None

    def _hear(self, seconds: float) -> None:
        assert self._desk is not None
        assert self._desk.read(seconds), f"the desk ended by itself: {self._desk.acks[-3:]}"
        self._note()

    def _note(self) -> None:
        assert self._desk is not None
        for word, *rest in self._desk.acks[self._read :]:
            if word == "sold":
                self.sold.add(rest[0])
            if word in ("sold", "made"):
                self.made = max(self.made, rest[0])
            elif word == "refused":
                self.refused.append(rest[0])
        self._read = len(self._desk.acks)

    def _order(self) -> None:
        items = [[self.chance.choice(self.items)["id"], self.chance.choice((1, 1, 2))]]
        kind = self.chance.choice(("pickup", "ship"))
        made = self.store.ask("orders", items=items, kind=kind, oversell=True)
        self.placed.append(made["id"])

    def _rest(self, sales: int) -> None:
        """Wait until nothing is left to send and every order is known as the store has it."""
        until = time.monotonic() + 240 + sales / 5
        quiet = 0
        while quiet < 5:
            assert self._desk is not None
            before = len(self._desk.acks)
            self._hear(0.1)
            told = [rest[0] for word, *rest in self._desk.acks[before:] if word == "left"]
            if told:
                quiet = quiet + 1 if told[-1] == 0 and self._known() else 0
            assert time.monotonic() < until, f"it does not come to rest: {self._desk.acks[-3:]}"

    def _known(self) -> bool:
        """Say whether the desk has heard the last of every order."""
        store = open_store(self.folder / "books", upgrade=False)
        try:
            with store.glance() as raw:
                known = dict(raw.execute("SELECT far_id, status FROM online_orders").fetchall())
        finally:
            store.close()
        there = {x["id"]: x["status"] for x in self.store.ask("state")["orders"]}
        return all(_same(known.get(x, ""), there[x]) for x in self.placed)


def _found(folder: Path) -> None:
    """Make books without taxes, as the store has none, with copies on the shelves."""
    untaxed = TaxRules(classes=(TaxClass("book", "Books"), TaxClass("general", "General goods")))
    actor = found(folder, settings=Settings(shop_name="Test Books", tax=untaxed))
    store = open_store(folder)
    for ean in EANS:
        item = selling.find(store, str(ean), ean)
        assert item is not None
        stocking.receive(store, actor, item, COPIES)
    store.close()


def _same(ours: str, theirs: str) -> bool:
    finished = ("delivered", "completed")
    return ours == theirs or (ours in finished and theirs in finished)


class Figures(msgspec.Struct):
    """What came of it all."""

    sales: int
    at_store: int
    lost: list[int]
    doubled: list[int]
    conflicts: int
    unresolved: list[tuple[str, str, str]]
    kills: dict[str, int]
    wire: dict[str, int]

    def __str__(self) -> str:
        return (
            f"sales made {self.sales}, at the server {self.at_store}, lost {len(self.lost)},"
            f" doubled {len(self.doubled)}, conflicts {self.conflicts}, unresolved {len(self.unresolved)};"
            f" killed {self.kills}, wire {self.wire}"
        )


def figures(shop: Shop, books: Books) -> Figures:
    """Hold what the books of the desk say against what the store has."""
    state = shop.store.ask("state")
    there = Counter(
        price - FIRST_CENTS for sale in state["sales"] for item, _, price in sale["items"] if item is None
    )
    parked = {n for n, s in books.states.items() if s == "uncertain"}
    assert set(books.sales) >= shop.sold, "a sale that was said is not in the books"
    assert set(books.states) == set(books.sales), "a sale has no row in the outbox"
    return Figures(
        sales=len(books.sales),
        at_store=sum(there.values()),
        lost=[n for n in books.sales if not there[n] and n not in parked],
        doubled=[n for n, times in there.items() if times > 1],
        conflicts=sum(books.conflicts.values()),
        unresolved=[("sale", books.states[n], books.words[n]) for n in parked] + books.stuck,
        kills=dict(shop.kills),
        wire=shop.wire.met,
    )


@pytest.fixture(scope="module")
def nest() -> Iterator[Nest]:
    with Nest("tests.sync.store_desk") as hatching:
        yield hatching


Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print figures also where everything went well."""

    def said(words: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")

    return said


@pytest.mark.slow
@pytest.mark.capability("BW-01", "OMG-08")
def test_with_keys_nothing_is_lost_doubled_or_left_open(
    tmp_path: Path, nest: Nest, pytestconfig: pytest.Config, say: Say
) -> None:
    sales = pytestconfig.getoption("--store-sales") or 120
    with Shop(tmp_path, nest, 1) as shop:
        books = shop.run(sales, orders=sales // 4, kills=4 if sales < 500 else 30)
        found = figures(shop, books)
    say(f"with extensions: {found}")
    assert found.sales == found.at_store == sales
    assert not found.lost and not found.doubled and not found.unresolved
    assert not shop.refused


@pytest.mark.slow
@pytest.mark.capability("BW-01", "BW-02")
def test_without_any_extension_nothing_is_lost_or_doubled_and_what_nobody_knows_is_said(
    tmp_path: Path, nest: Nest, pytestconfig: pytest.Config, say: Say
) -> None:
    sales = pytestconfig.getoption("--store-sales") or 60
    with Shop(tmp_path, nest, 2, "--extensions", "none", "--orders-scope", "store") as shop:
        books = shop.run(sales, orders=sales // 4, kills=3 if sales < 500 else 30)
        found = figures(shop, books)
    say(f"without extensions: {found}")
    assert not found.lost and not found.doubled
    assert found.sales == sales
    assert all(words for _, _, words in found.unresolved), "what is unresolved says why"


@pytest.mark.slow
@pytest.mark.parametrize("variants", COMBINATIONS, ids=("second-values", "third-values"))
def test_every_spelling_of_the_wire_survives_kills(
    variants: tuple[str, ...], tmp_path: Path, nest: Nest, say: Say
) -> None:
    options = [word for variant in variants for word in ("--variant", variant)]
    with Shop(tmp_path, nest, 3, *options) as shop:
        books = shop.run(20, orders=6, kills=2)
        found = figures(shop, books)
    say(f"{', '.join(variants)}: {found}")
    assert found.sales == found.at_store == 20
    assert not found.lost and not found.doubled and not found.unresolved
