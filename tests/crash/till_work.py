"""What a doomed process does: the real actions, telling on a pipe what each returned commit made true.

Runs in a child of the nest (see `nest`), never in the test's own process, and knows no Qt.
"""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bookwish_desk.actions import backing_up, founding, paying, returning, selling, tilling
from bookwish_desk.actions.returning import Part
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import engine as engines
from bookwish_desk.db import migrate, titles
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Discount, Draft
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title
from tests.support import days
from tests.support.books import new_store
from tests.support.shops import printer

EANS = (9780141439518, 9780140449136, 9780261103344, 9780060850524, 9780743273565, 9780452284234)
FLOAT_CENTS = 15_000

Tell = Callable[..., None]


def teller(pipe: int) -> Tell:
    """Return a function that writes one line to the pipe at once: what it says has been committed."""

    def tell(*words: object) -> None:
        os.write(pipe, json.dumps(words).encode() + b"\n")

    return tell


def die() -> None:
    """End as a pulled plug ends a process: nothing more is run, flushed or closed."""
    os.kill(os.getpid(), signal.SIGKILL)


def found(folder: Path, *, key: str | None = None, settings: Settings | None = None) -> Actor:
    """Make a shop with a catalogue and an open till, and close its files."""
    store = open_store(folder, key=key) if key else new_store(folder)
    owner = founding.found(
        store,
        settings or days.settings(cash_step=5, devices=(printer(),)),
        "Register 1",
        "Olive Owner",
        "!",
    ).value
    actor = Actor(owner, 1)
    made = [Title(ean, f"Title {n}", price_cents=899 + 111 * n) for n, ean in enumerate(EANS)]
    with store.write_catalogue() as conn:
        titles.add(conn, made)
    days.open_till(store, actor, FLOAT_CENTS)
    store.close()
    return actor


def owner_of(store: Store) -> Actor:
    """Return the owner of an opened shop."""
    with store.read() as conn:
        return Actor(conn.exec_driver_sql("SELECT id FROM staff WHERE role = 'owner'").scalar_one(), 1)


# ---- jobs: each is called in a fresh child ----


def sell(tell: Tell, folder: str, seed: int = 0, synchronous: str = "FULL", key: str | None = None) -> None:
    """Sell without end: scans, discounts, holds, recalls, split payments, and now and then a day close."""
    store = open_store(Path(folder), key=key)
    if synchronous != "FULL":
        _weaken(store, synchronous)
    for _ in Counter(store, tell, random.Random(seed)).trade():
        pass


def _weaken(store: Store, synchronous: str) -> None:
    """Sync less than the register does: for the proof that the power cut notices."""
    with store.writer.bare() as raw:  # there is only the one
        raw.execute(f"PRAGMA synchronous = {synchronous}")


class Counter:
    """A clerk who never stops, deciding by a seeded random generator."""

    def __init__(self, store: Store, tell: Tell, chance: random.Random) -> None:
        self.store = store
        self.tell = tell
        self.chance = chance
        self.actor = owner_of(store)
        self._receipt = ""

    def trade(self) -> Iterator[None]:
        """Yield after each sale; begins with what the last process left open."""
        if tilling.current_till(self.store, 1) is None:
            self._open_the_till()
        left = selling.current(self.store, 1).draft
        if left is not None and not left.empty:
            self._pay(left)
        while True:
            self._customer()
            yield
            if self.chance.random() < 0.05:
                self._close_the_day()

    def _customer(self) -> None:
        if self._receipt and self.chance.random() < 0.1:
            self._take_back(self._receipt)
        held = selling.held(self.store)
        if held and self.chance.random() < 0.3:
            ringing = selling.recall(self.store, self.actor, self.chance.choice(held).id).value
            draft = self._told(ringing)
        else:
            draft = self._scan()
        if self.chance.random() < 0.2:
            discount = Discount("percent", 100_000, "regular")
            draft = self._told(selling.discount_sale(self.store, self.actor, draft.id, discount).value)
        if self.chance.random() < 0.2:
            aside = selling.hold(self.store, self.actor, draft.id).value
            self.tell("held", aside.id, aside.held_as)
            return
        self._pay(draft)

    def _scan(self) -> Draft:
        draft: Draft | None = None
        for _ in range(self.chance.randint(1, 4)):
            code = str(self.chance.choice(EANS))
            draft = self._told(selling.scan(self.store, self.actor, code).value)
        assert draft is not None
        return draft

    def _told(self, ringing: Ringing) -> Draft:
        assert ringing.draft is not None
        self.tell("draft", ringing.draft.id, sum(x.quantity for x in ringing.draft.lines))
        return ringing.draft

    def _pay(self, draft: Draft) -> None:
        due = _due(self.store, draft)
        sale: Sale | None = None
        taken = next((t for t in draft.tenders if t.state == "intended"), None)
        by_card = not draft.tenders and not draft.returns and self.chance.random() < 0.4
        if taken is None and by_card:
            part = due if self.chance.random() < 0.5 else due // 2
            if part:
                started = paying.start_card(self.store, self.actor, draft.id, part).value.draft
                assert started is not None
                taken = started.tenders[-1]
                self.tell("tender", draft.id, taken.id)
        if taken is not None:
            done = paying.confirm_card(
                self.store, self.actor, draft.id, taken.id, "Visa", "4242", "OK1"
            ).value
            sale = done.sale
        if sale is None:
            sale = paying.pay_cash(self.store, self.actor, draft.id, 100_000).value.sale
        assert sale is not None
        self._sold(sale)
        if not draft.returns:
            self._receipt = sale.receipt

    def _take_back(self, receipt: str) -> None:
        """Give the money back for one copy of a receipt that has any left."""
        opened = returning.start(self.store, self.actor, receipt)
        line = next((x for x in opened.lines if x.left), None)
        if line is None:
            return
        part = Part(line.line.no, 1)
        draft = returning.add_all(self.store, self.actor, "", opened.sale.id, [part]).value.draft
        assert draft is not None
        self.tell("draft", draft.id, 0)
        done = paying.pay_cash(self.store, self.actor, draft.id, 0).value.sale
        assert done is not None
        self._sold(done)

    def _sold(self, sale: Sale) -> None:
        self.tell("sale", sale.id, sale.receipt, sale.total_cents)

    def _close_the_day(self) -> None:
        report = tilling.close_till(self.store, self.actor, Count(other_cents=20_000), FLOAT_CENTS).value
        self.tell("closed", report.till.id, report.z_number)
        self._open_the_till()

    def _open_the_till(self) -> None:
        opened = tilling.open_till(self.store, self.actor, Count(other_cents=FLOAT_CENTS)).value
        self.tell("opened", opened.till.id)


def _due(store: Store, draft: Draft) -> int:
    from bookwish_desk.shop.sale import totals

    return totals(draft, store.settings.tax).due_cents


# ---- dying at the n-th statement of one action ----


class Fuse:
    """Counts the statements of a process once it is lit, and kills it before the n-th."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.lit = False

    def trace(self, statement: str) -> None:
        """Hear of a statement that is about to run."""
        if not self.lit or statement.startswith("--"):
            return
        if self.seen == self.at:
            die()
        self.seen += 1


def _fused(at: int) -> Fuse:
    """Put a fuse into every connection that this process opens from now on."""
    fuse = Fuse(at)

    def fusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(*args: Any, **named: Any) -> Any:
            raw = real(*args, **named)
            raw.set_trace_callback(fuse.trace)
            return raw

        return connect

    for name in ("connect", "connect_catalogue"):
        setattr(engines, name, fusing(getattr(engines, name)))
    return fuse


PREPARED: dict[str, Callable[[Store, Actor], Callable[[], object]]] = {}


def prepared(function: Callable[[Store, Actor], Callable[[], object]]) -> Any:
    """Name a transaction: the function sets the scene and returns the call that commits it."""
    PREPARED[function.__name__] = function
    return function


@prepared
def split_sale(store: Store, actor: Actor) -> Callable[[], object]:
    """Complete a sale of three lines, paid by card and cash."""
    draft = _rung(store, actor)
    started = paying.start_card(store, actor, draft.id, 700).value.draft
    assert started is not None
    paying.confirm_card(store, actor, draft.id, started.tenders[-1].id, "Visa", "4242", "OK1")
    return lambda: paying.pay_cash(store, actor, draft.id, 50_000)


@prepared
def return_of_a_sale(store: Store, actor: Actor) -> Callable[[], object]:
    """Complete a return against a receipt."""
    sale = days.pay(store, actor, _rung(store, actor))
    draft = returning.add_all(store, actor, "", sale.id, [Part(1, 1)]).value.draft
    assert draft is not None
    return lambda: paying.pay_cash(store, actor, draft.id, 0)


@prepared
def scan_of_a_book(store: Store, actor: Actor) -> Callable[[], object]:
    """Add a scanned line to an open sale."""
    _rung(store, actor)
    return lambda: selling.scan(store, actor, str(EANS[4]))


@prepared
def hold_of_a_sale(store: Store, actor: Actor) -> Callable[[], object]:
    """Put the open sale aside."""
    draft = _rung(store, actor)
    return lambda: selling.hold(store, actor, draft.id)


@prepared
def close_of_the_till(store: Store, actor: Actor) -> Callable[[], object]:
    """Count and close the till after some sales."""
    for _ in range(3):
        days.pay(store, actor, _rung(store, actor))
    return lambda: tilling.close_till(store, actor, Count(other_cents=20_000), FLOAT_CENTS)


def _rung(store: Store, actor: Actor) -> Draft:
    draft: Draft | None = None
    for ean in EANS[:3]:
        draft = selling.scan(store, actor, str(ean)).value.draft
    assert draft is not None
    return draft


def prepare(tell: Tell, folder: str, scene: str) -> None:
    """Set the scene of a transaction and close the files."""
    store = open_store(Path(folder))
    PREPARED[scene](store, owner_of(store))
    store.close()
    tell("prepared")


def die_in(tell: Tell, folder: str, scene: str, at: int) -> None:
    """Die before the n-th statement of a transaction; say how many there are when it came through."""
    fuse = _fused(at)
    store = open_store(Path(folder))
    commit = PREPARED[scene](store, owner_of(store))
    tell("ready")
    fuse.lit = True
    commit()
    if fuse.seen == at:
        # Durable, but nobody was told.
        die()
    tell("through", fuse.seen)


# ---- upgrades, backups and restores ----


def upgrade(tell: Tell, folder: str, scripts: str, newer: str, at: int) -> None:
    """Bring the books to a newer schema and die before the n-th statement of it."""
    migrate.SCRIPTS = Path(scripts)
    migrate.HEADS["shop"] = newer
    fuse = _fused(at)
    fuse.lit = True
    open_store(Path(folder)).close()
    tell("through", fuse.seen)


def back_up(tell: Tell, folder: str, file: str) -> None:
    """Make backups over one another without end, selling in between."""
    store = open_store(Path(folder))
    clerk = Counter(store, lambda *_words: None, random.Random(1)).trade()
    for number in range(10_000):
        next(clerk)
        made = backing_up.backup(Path(folder), Path(file), force=True)
        assert made[0].mark is not None
        tell("made", number, made[0].mark.sales)


def import_list(tell: Tell, folder: str, file: str, at: int = -1, waits: bool = False) -> None:
    """Import a list in small steps, and die at the n-th of them, or say so and wait there."""
    from bookwish_desk.actions import importing

    importing.CHUNK = 100
    store = open_store(Path(folder))
    steps = 0

    def step(progress: importing.Progress) -> None:
        nonlocal steps
        if steps == at and waits:
            tell("waiting")
            signal.pause()
        elif steps == at:
            die()
        steps += 1
        tell(progress.phase, steps)

    report = importing.run_import(store, importing.Plan(Path(file)), progress=step)
    store.close()
    tell("through", report.added, report.updated)


def follow_list(tell: Tell, folder: str, file: str = "", at: int = -1) -> None:
    """Import a list, or go on with one, and die before the n-th statement after the new catalogue is in."""
    from bookwish_desk.actions import following, importing

    following.CHUNK = 2
    fuse = _fused(at)
    store = open_store(Path(folder))
    fuse.lit = not file

    def step(progress: importing.Progress) -> None:
        fuse.lit = progress.phase == "items"

    if file:
        importing.run_import(store, importing.Plan(Path(file)), actor=owner_of(store), progress=step)
    else:
        importing.finish_import(store, progress=step)
    fuse.lit = False
    store.close()
    tell("through", fuse.seen)


def restore(tell: Tell, folder: str, file: str, at: int) -> None:
    """Put a backup back and die before the n-th thing that is done to files."""
    seen = 0

    def doomed(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal seen
            if seen == at:
                die()
            seen += 1
            return real(*args, **named)

        return call

    for name in ("link", "rename", "replace", "unlink", "fsync", "open"):
        setattr(os, name, doomed(getattr(os, name)))
    done, _ = backing_up.put_back(Path(folder), Path(file), force=True)
    tell("through", seen, done.sales)


def fill_up(tell: Tell, folder: str) -> None:
    """Sell one book and die with the books open, so that their log stays behind."""
    store = open_store(Path(folder))
    sale = days.sell(store, owner_of(store), (Item(sku="X", title="X", price_cents=500), 1))
    tell("sale", sale.id, sale.receipt, sale.total_cents)
    die()


JOBS = {
    f.__name__: f
    for f in (sell, prepare, die_in, upgrade, back_up, restore, import_list, follow_list, fill_up)
}
