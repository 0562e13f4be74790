"""The simulated world: one online store, one to three desks with books of their own, customers and staff.

Everything happens on one thread, drawn from one source of chance: a seed replays an episode to the letter.
What must be true of it is `oracles`.
"""

from __future__ import annotations

import heapq
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import update

from bookwish_desk.actions import founding, stocking
from bookwish_desk.db import tables
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import Settings
from bookwish_desk.shop import ids
from bookwish_desk.shop.errors import ShopError, StorageError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import Abilities, OnlineSettings
from bookwish_desk.shop.staff import Actor
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.engine import Engine
from tests.simulation.fake_store import FakeStore
from tests.simulation.far_shop import STORE, FarShop
from tests.simulation.faults import MACHINE, WIRE, Crash, Wire
from tests.support import days
from tests.support.counter import TAX
from tests.support.shops import NOON

START = NOON
MINUTE = 60_000
BOOKS: tuple[tuple[Item, int], ...] = tuple(
    (Item(str(ean), title, ean=ean, price_cents=cents), copies)
    for ean, title, cents, copies in (
        (9780156701600, "Orlando", 1699, 1),
        (9780141439587, "Emma", 1050, 1),
        (9780393356687, "The Overstory", 1895, 2),
        (9780547928227, "The Hobbit", 1499, 4),
        (9780140449136, "Crime and Punishment", 999, 9),
    )
)
"""What the shop has and the store offers, with the copies there are at first."""
OWN = Item("9780062316097", "Sapiens", ean=9780062316097, price_cents=2299)
"""A book that the store does not offer."""
POISON = Item("9781400079988", "POISON", ean=9781400079988, price_cents=500)
"""A book that the store refuses to record a sale of, every time."""


class Plan(msgspec.Struct, frozen=True):
    """What an episode is made of."""

    seed: int
    registers: int = 1
    abilities: Abilities = Abilities()
    steps: int = 60
    wire_rate: float = 0.2
    crash_rate: float = 0.08
    full_rate: float = 0.01
    silent_edits: bool = True
    kinds: tuple[str, ...] = WIRE
    slow_rate: float = 0.2
    online: int = 1
    """How many times as much as usual happens in the store itself."""
    clock_jumps: bool = True


def plan(seed: int) -> Plan:
    """Return the episode of a seed: how many registers, what the store can do, how bad the wire is."""
    chance = random.Random(seed)
    feed = chance.random() < 0.3
    changed_since = not feed and chance.random() < 0.5
    key = chance.random() < 0.5
    way = chance.choice(("delta", "delta", "cas", "absolute")) if not key else "delta"
    abilities = Abilities(
        feed=feed,
        changed_since=changed_since,
        clock_tick_ms=chance.choice((1, 1_000, 1_000)),
        key=key,
        reference=key or chance.random() < 0.3,
        precondition=chance.random() < 0.5,
        stock=way,  # type: ignore[arg-type]
        refunds=chance.random() < 0.5,
    )
    return Plan(
        seed,
        registers=chance.choice((1, 1, 1, 2, 3)),
        abilities=abilities,
        wire_rate=chance.choice((0.0, 0.1, 0.25, 0.4)),
        crash_rate=chance.choice((0.0, 0.05, 0.15)),
    )


# ---- books to start from ----


class Templates:
    """Data folders to copy: founding a shop takes longer than an episode."""

    def __init__(self) -> None:
        quick = Path("/dev/shm")
        self.folder = Path(
            tempfile.mkdtemp(prefix="bookwish-simulation-", dir=quick if quick.is_dir() else None)
        )
        self._made: dict[int, tuple[Path, Actor]] = {}

    def of(self, register: int) -> tuple[Path, Actor]:
        """Return the folder of a register with its till open and copies on its shelves, and who is there."""
        if register not in self._made:
            folder = self.folder / f"register-{register}"
            with steady_ids(random.Random(register), lambda: START - 1_000_000):
                self._made[register] = folder, _found(folder, register)
        return self._made[register]

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _found(folder: Path, register: int) -> Actor:
    at = START - 3_600_000

    def clock() -> int:
        nonlocal at
        at += 1
        return at

    store = open_store(folder, clock=clock)
    online = OnlineSettings("http://store.example", "desk@example.com", STORE, "Simulated Books")
    settings = Settings(shop_name="Test Books", tax=TAX, online=online)
    owner = founding.found(store, settings, f"Register {register}", "Olive Owner", "!").value
    with store.write() as tx:
        tx.conn.execute(update(tables.registers).values(id=register))
    actor = Actor(owner, register)
    days.open_till(store, actor)
    for item, copies in BOOKS:
        stocking.receive(store, actor, item, copies)
    for item in (OWN, POISON):
        stocking.receive(store, actor, item, 5)
    with store.write() as tx:
        since = replace(online, since=START - 60_000)
        tx.conn.execute(
            update(tables.settings)
            .where(tables.settings.c.key == "online")
            .values(value=msgspec.json.encode(since).decode())
        )
    store.checkpoint()
    store.close()
    return actor


@contextmanager
def steady_ids(chance: random.Random, now: Callable[[], int]) -> Iterator[None]:
    """Let new ids follow from the episode's chance and clock."""

    class Time:
        @staticmethod
        def time_ns() -> int:
            return now() * 1_000_000

    class Bits:
        @staticmethod
        def randbits(bits: int) -> int:
            return chance.getrandbits(bits)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ids, "time", Time)
        patched.setattr(ids, "secrets", Bits)
        patched.setattr(ids, "_last", 0)
        yield


# ---- the world ----


class Register:
    """A desk: its books, its way to the store, and the engine between them."""

    def __init__(self, world: World, number: int, folder: Path, actor: Actor) -> None:
        self.world = world
        self.number = number
        self.folder = folder
        self.actor = actor
        self.skew = 0
        self.restarts = 0
        self.wire = FakeStore(world.far, world.wire, world.later, lambda: world.meanwhile(self))
        self.store: Store
        self.engine: Engine
        self.open()
        self.moves_before = int(kept(self.store, "SELECT max(id) FROM stock_moves")[0][0])
        """The last stock move before the episode: times say nothing where clocks jump."""

    def clock(self) -> int:
        """Return what the clock of this computer shows."""
        self.world.now += 1
        return self.world.now + self.skew

    def open(self) -> None:
        """Open the books as a start of the desk does."""
        self.store = Store(self.folder, None, None, self.clock)
        self.engine = Engine(
            self.wire,
            DirectBooks(self.store),
            self.clock,
            self.world.chance.random,
            self.number,
            f"R{self.number}-{self.restarts}",
        )

    def crash(self) -> None:
        """Lose everything that is not in the files."""
        MACHINE.spare()
        self.restarts += 1
        self.store.close()
        self.open()


class World:
    """One episode."""

    def __init__(self, made: Plan, templates: Templates, folder: Path) -> None:
        self.plan = made
        self.chance = random.Random(made.seed ^ 0x5EED)
        self.now = START
        self.wire = Wire(random.Random(made.seed ^ 0xFA17), made.wire_rate, made.kinds)
        self.far = FarShop(lambda: self.now, made.abilities, {x.sku: (x, n) for x, n in BOOKS})
        self.calm = False
        self.log: list[str] = []
        self.far.note = self.note
        self.faults: list[str] = []
        self._later: list[tuple[int, int, Callable[[], object]]] = []
        self._number = 0
        self._nested = False
        self.between: Callable[[Register], None] | None = None
        self.registers: list[Register] = []
        for number in range(1, made.registers + 1):
            template, actor = templates.of(number)
            mine = folder / f"{made.seed}-{number}"
            shutil.copytree(template, mine)
            self.registers.append(Register(self, number, mine, actor))

    def close(self) -> None:
        """Close all books and remove them."""
        MACHINE.spare()
        for register in self.registers:
            register.store.close()
            shutil.rmtree(register.folder, ignore_errors=True)

    # ---- time ----

    def later(self, ms: int, do: Callable[[], object]) -> None:
        """Do something once so much time has passed."""
        self._number += 1
        heapq.heappush(self._later, (self.now + ms, self._number, do))

    def wait(self, ms: int) -> None:
        """Let time pass; what was held up arrives meanwhile, in the order of its time."""
        until = self.now + ms
        while self._later and self._later[0][0] <= until:
            at, _, do = heapq.heappop(self._later)
            self.now = max(self.now, at)
            do()
        self.now = max(self.now, until)

    def meanwhile(self, register: Register) -> None:
        """Let something else happen on a desk while one of its requests is under way."""
        if self._nested or self.calm or self.between is None or self.chance.random() > 0.15:
            return
        self._nested = True
        try:
            self.between(register)
        finally:
            self._nested = False

    def note(self, what: str) -> None:
        """Add a line to what happened."""
        self.log.append(f"{(self.now - START) / 1000:>9.3f} {what}")

    # ---- one thing on one desk ----

    def on(self, register: Register, what: str, do: Callable[[], object]) -> bool:
        """Do something on a desk that may crash, or find its disk full; say whether it came to its end.

        What people want and the rules refuse is no fault.
        """
        if what:
            self.note(f"R{register.number} {what}")
        if not self.calm and not self._nested:
            drawn = self.chance.random()
            if drawn < self.plan.crash_rate:
                MACHINE.doom("crash", self.chance.randrange(60))
            elif drawn < self.plan.crash_rate + self.plan.full_rate:
                MACHINE.doom("disk full", self.chance.randrange(20))
        try:
            do()
        except Crash as crash:
            if self._nested:
                raise
            self.note(f"R{register.number} crashes before {str(crash)[:60]!r}")
            register.crash()
        except StorageError as fault:
            self.note(f"R{register.number} {fault.code}")
            return False
        except ShopError as refused:
            self.note(f"R{register.number} refused: {refused.message}")
            return False
        finally:
            if not self._nested:
                MACHINE.spare()
        return True


def kept(store: Store, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read rows of the books as they are."""
    with store.glance() as raw:
        return list(raw.execute(sql, values).fetchall())
