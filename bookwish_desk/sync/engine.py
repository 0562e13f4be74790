"""The work with the online store, one step at a time: what is due next, who does it, how long to rest.

It never sleeps and has no thread: whoever drives it calls `step`, or `up` and `down` on a thread each, and
waits as long as they say. One register does it for the whole shop, by a lease in the books.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import msgspec

from bookwish_desk.actions import connecting, uploading
from bookwish_desk.db import online
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.sync_state import Pass, PassKind, Progress, SyncState
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.cadence import RENEW_MS, Cadence
from bookwish_desk.sync.lines import Lines, OneLine
from bookwish_desk.sync.looking import Looking, row
from bookwish_desk.sync.port import OnlineStore
from bookwish_desk.sync.pulling import Pulling
from bookwish_desk.sync.pushing import Pushing
from bookwish_desk.sync.reach import Reach
from bookwish_desk.sync.standing import Doing, standing
from bookwish_desk.sync.taking_in import BrokenOff, Intake, Tally

log = logging.getLogger(__name__)

LEASE_MS = 30_000
SLICE = 200
"""So many rows are sent before anything else has its turn."""
IDLE_MS = 15_000
"""With nothing to send it is looked this often, should nobody say that there is something."""
ABLE_MS = 24 * 3_600_000
PAUSE_MS = 10_000
"""How long to rest after the books could not be read or written."""
LEAST_MS = 1_000
WAIT_S = 25
"""A store that can wait for something to happen is asked to wait so long."""
REGULAR: tuple[PassKind, ...] = ("orders", "stock", "open", "compare")
FIRST = "first"
STOCK_READ = "stock.read"
DONE = "done"
STOCK_IN_VAIN = 10
"""A list of stock that could not be read so many times holds nothing up any more."""


class Running(msgspec.Struct):
    """A pass that goes on."""

    kind: PassKind
    steps: Iterator[None]
    tally: Tally
    began_at: int


class Engine:
    """Sends and reads for one register; `holder` tells it from the others.

    `lines` carry the requests (one after the other unless given), `books` are the shop's. `up` and `down` may
    be called on two threads; the other calls may come from any.
    """

    def __init__(
        self,
        port: OnlineStore,
        books: Books,
        clock: Callable[[], int],
        chance: Callable[[], float],
        register: int,
        holder: str,
        lines: Lines | None = None,
    ) -> None:
        self._port = port
        self._books = books
        self._clock = clock
        self._chance = chance
        self._register = register
        self._holder = holder
        self._closed = False
        self.reach = Reach(clock, chance)
        lines = lines or OneLine()
        self._pushing = Pushing(port, books, lines, self.reach, register, chance, self._stops)
        self._looking = Looking(port, books, self.reach, clock)
        self._pulling = Pulling(Intake(port, books, lines, self.reach, self._online))
        self._lock = threading.Lock()
        self._leased_at: int | None = None
        self._holds_lease = False
        self._recovered = False
        self._able_at: int | None = None
        self._able_ms = 0
        self._fault_at = 0
        self._fault = ""
        self._cadence = Cadence(books, clock, chance, self._lists_only)
        self._running: Running | None = None
        self._first_done = ""
        self._stock_known = ""
        self._stock_vain = 0
        self._cancel_first = False
        self._asked_first = False
        self._quiet: Pass | None = None
        self.first_stopped = False
        self.sending = False

    # ---- what people and the desk say to it ----

    def close(self) -> None:
        """Begin nothing more."""
        self._closed = True

    def give_up_lease(self) -> None:
        """Let another register go on at once: when this one closes."""
        if self._holds_lease:
            self._holds_lease = False
            self._books.act(lambda s: connecting.drop_lease(s, self._holder))

    def sync_now(self) -> None:
        """Do everything that was put off at the next steps, whatever held it up."""
        self.reach.try_now()
        self._fault = ""
        self._asked_first = self.first_stopped
        self._cadence.forget()

    def signed_in(self) -> None:
        """Go on: somebody has signed in, perhaps as somebody else."""
        self._able_at = None
        self._pulling.begin_anew()
        self.reach.sign_in()
        self._cadence.forget()

    def cancel_first(self) -> None:
        """Break off reading everything for the first time; later passes bring the rest."""
        self._cancel_first = True

    def look_up(self, job_id: str) -> None:
        """Look at once what became of a row. For the thread of `up`."""
        job = self._books.read(lambda s: row(s, job_id))
        if job is not None and not self._stops():
            self._looking.look_up(job, self._online().account)

    # ---- steps ----

    def step(self) -> int:
        """Do what is due next, of each side; return after how long (ms) to step again."""
        return min(self.up(), self.down())

    def up(self) -> int:
        """Send a slice of what waits, or look up what became of what was sent."""
        return self._guarded(self._up)

    def down(self, *, wait: bool = False) -> int:
        """Read a page of what is due; with `wait` a store that can wait for news is asked to."""
        return self._guarded(lambda: self._down(wait=wait))

    def _guarded(self, work: Callable[[], int]) -> int:
        """Work where it is this register's turn; a fault of the books makes it rest."""
        if self._rests_after_fault():
            return PAUSE_MS
        try:
            held = self._held()
            return held if held else work()
        except ShopError as fault:
            log.warning("event=sync_rests code=%s", fault.code)
            self._fault, self._fault_at = fault.message, self._clock()
        except Exception:
            log.exception("event=bug sync")
            self._fault, self._fault_at = "Something went wrong. It is tried again.", self._clock()
        return PAUSE_MS

    def _rests_after_fault(self) -> bool:
        return bool(self._fault) and 0 <= self._clock() - self._fault_at < PAUSE_MS

    def _held(self) -> int:
        """Return for how long nothing is done, 0 where all is well."""
        self._fault = ""
        settings = self._online()
        if self._closed or not settings.connected or settings.paused:
            return IDLE_MS
        with self._lock:
            if not self._leads():
                return RENEW_MS
            if not self._recovered:
                self._books.act(lambda s: uploading.recover(s, None))
                self._recovered = True
        if self.reach.signed_out:
            return IDLE_MS
        if rests := self.reach.rests_ms:
            return min(rests, RENEW_MS)
        return 0 if self._knows_abilities() else 1_000

    def _leads(self) -> bool:
        """Take the lease, or renew it in time; say whether this register has it."""
        now = self._clock()
        if self._holds_lease and self._leased_at is not None and 0 <= now - self._leased_at < RENEW_MS:
            return True
        # A lease that ran out while this computer slept may have been somebody else's in between.
        had = self._holds_lease and self._leased_at is not None and 0 <= now - self._leased_at < LEASE_MS
        self._holds_lease = self._books.act(lambda s: connecting.take_lease(s, self._holder, LEASE_MS))
        self._leased_at = now
        if self._holds_lease and not had:
            # Somebody else may have sent meanwhile, and died over it.
            self._recovered = False
        return self._holds_lease

    def _knows_abilities(self) -> bool:
        """Ask once after each sign-in, and once a day or when it is said, what the store can do."""
        now = self._clock()
        with self._lock:
            if self._able_at is not None and 0 <= now - self._able_at < self._able_ms:
                return True
            reply = self.reach.hear("", self._port.discover())
            if reply.result == "done":
                able = reply.value or self._port.abilities
                self._books.act(lambda s: connecting.note_abilities(s, able))
                self._able_at, self._able_ms = now, reply.wait_ms or ABLE_MS
            return reply.result == "done"

    def _stops(self) -> bool:
        """Say whether to send nothing more now."""
        settings = self._online()
        return self._closed or settings.paused or not settings.connected or not self._still_leads()

    def _still_leads(self) -> bool:
        """Say whether the lease is ours for long enough; while much is sent it is renewed in between."""
        return self._leased_at is not None and 0 <= self._clock() - self._leased_at < LEASE_MS // 2

    def _online(self) -> OnlineSettings:
        return self._books.read(lambda s: s.settings.online)

    # ---- up ----

    def _up(self) -> int:
        self._looking.look(self._online().account)
        if not self._knows_stock():
            return LEAST_MS
        self.sending = True
        try:
            sent = self._pushing.push(SLICE)
        finally:
            self.sending = False
        until = self._books.read(uploading.waiting_until)
        now = self._clock()
        wait = IDLE_MS if until is None else min(IDLE_MS, max(0, until - now))
        if sent and wait:
            self._cadence.bring_forward("orders")
        if not wait and not sent:
            # Something is due that cannot be done just now.
            return max(LEAST_MS, self.reach.rests_ms)
        return wait

    def _knows_stock(self) -> bool:
        """Say whether it is known which line of the store's stock is which book here.

        Before that the store would not subtract the copies of a sale, and never hear of other changes.
        """
        name = f"{STOCK_READ}@{self._online().store_id}"
        if self._stock_known != name and self._books.read(lambda s: _mark(s, name)) == DONE:
            self._stock_known = name
        return self._stock_known == name or self._stock_vain >= STOCK_IN_VAIN

    def _stock(self, tally: Tally, *, whole: bool = False) -> Iterator[None]:
        yield from self._pulling.stock(tally, whole=whole)
        if not self._knows_stock() or self._stock_vain:
            name = f"{STOCK_READ}@{self._online().store_id}"
            self._books.act(lambda s: connecting.note_mark(s, name, DONE))
            self._stock_vain = 0

    def _lists_only(self) -> bool:
        able = self._port.abilities
        return not able.feed and not able.changed_since

    # ---- down ----

    def _down(self, *, wait: bool) -> int:
        if self._running is None:
            kind = self._due_kind()
            if kind is None:
                return self._wait_for_news() if wait and self._can_wait() else self._until_due()
            self._begin(kind)
        return self._until_due() if self._go_on() else 0

    def _due_kind(self) -> PassKind | None:
        if self._first_is_owed():
            return "first" if self._until("first") <= 0 else None
        return next((kind for kind in REGULAR if self._until(kind) <= 0), None)

    def _first_is_owed(self) -> bool:
        """Say whether everything is to be read for the first time before anything else."""
        name = f"{FIRST}@{self._online().store_id}"
        if self._first_done != name and self._books.read(lambda s: _mark(s, name)) == DONE:
            self._first_done = name
        if self._first_done == name:
            return False
        return self._asked_first or not self.first_stopped

    def _until_due(self) -> int:
        kinds: tuple[PassKind, ...] = ("first",) if self._first_is_owed() else REGULAR
        return max(50, min(RENEW_MS, *(self._until(kind) for kind in kinds)))

    def _until(self, kind: PassKind) -> int:
        """Return how long (ms) until a pass is due."""
        if kind == "orders" and self._pulling.only_own and self._cadence.knows(kind):
            return ABLE_MS
        return self._cadence.until(kind)

    def _begin(self, kind: PassKind) -> None:
        tally = Tally()
        if kind == "first":
            self._asked_first = self._cancel_first = self.first_stopped = False
            tally.progress = Progress()
        self._running = Running(kind, self._steps(kind, tally), tally, self._clock())

    def _steps(self, kind: PassKind, tally: Tally) -> Iterator[None]:
        if kind == "orders":
            yield from self._pulling.orders(tally)
        elif kind == "open":
            yield from self._pulling.open_orders(tally)
        elif kind == "stock":
            yield from self._stock(tally)
        elif kind == "compare":
            yield from self._pulling.compare(tally)
            yield from self._stock(tally, whole=True)
        else:
            yield from self._stock(tally, whole=True)
            tally.progress = Progress(what="orders")
            yield from self._pulling.orders(tally)
            name = f"{FIRST}@{self._online().store_id}"
            self._books.act(lambda s: connecting.note_mark(s, name, DONE))

    def _go_on(self) -> bool:
        """Do one part of the pass under way; say whether it has ended."""
        running = self._running
        if running is None:
            return True
        if running.kind == "first" and self._cancel_first:
            self.first_stopped = True
            self._end(running, "It was broken off here. Later passes bring the rest.")
            return True
        try:
            next(running.steps)
        except StopIteration:
            self._end(running, "")
        except BrokenOff as broken:
            self._end(running, str(broken))
        except Exception:
            self._end(running, "It broke off here; it is tried again.")
            raise
        else:
            return False
        return True

    def _end(self, running: Running, broken: str) -> None:
        self._running = None
        tally = running.tally
        now = self._clock()
        made = Pass(
            kind=running.kind,
            began_at=running.began_at,
            ended_at=now,
            complete=not broken and tally.complete,
            seen=tally.seen,
            changed=tally.changed,
            left_out=tally.left_out,
            missing=tally.missing,
            words=broken or tally.words,
        )
        self._stock_vain += bool(broken) and running.kind in ("first", "stock")
        self._cadence.put_off(running.kind, broken=bool(broken), stopped=self.first_stopped)
        if running.kind == "orders" and not broken:
            self.first_stopped = False
        if made.kind == "orders" and made.complete and not (made.changed or made.words):
            # One that found nothing every few seconds would push all others out.
            self._quiet = made
            return
        self._books.act(lambda s: connecting.note_pass(s, made))

    def _can_wait(self) -> bool:
        able = self._port.abilities
        return able.feed and able.long_poll > 0 and not self._first_is_owed()

    def _wait_for_news(self) -> int:
        """Read the feed with patience: the answer comes as soon as something happens."""
        began = self._clock()
        patience = min(WAIT_S, self._port.abilities.long_poll)
        tally = Tally()
        self._running = Running("orders", self._pulling.orders(tally, patience), tally, began)
        ended = self._go_on()
        if ended and not tally.changed and self._clock() - began < patience * 500:
            return self._until_due()  # it does not wait after all
        return 0

    # ---- how it stands ----

    def state(self) -> SyncState:
        """Return how it stands, read from the books where they know it. On no thread that paints."""
        running = self._running
        doing = Doing(
            standby=self._leased_at is not None and not self._holds_lease,
            fault=self._fault,
            quiet=self._quiet,
            no_orders=self._pulling.only_own,
            first=running.tally.progress if running is not None and running.kind == "first" else None,
            first_stopped=self.first_stopped,
            busy=self.sending or (running is not None and running.kind != "orders"),
        )
        return standing(self._port, self._books, self.reach, self._clock(), doing)


def _mark(store: Store, name: str) -> str:
    with store.read() as conn:
        return online.mark(conn, name)
