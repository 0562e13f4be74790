"""Work lanes: threads that keep the GUI thread free. Results come home to the GUI thread, in order.

shop is the one writer of the shop's database, where what people do overtakes what is done behind them;
search is for reads (a newer read replaces an older one of the same name); desk is for slow work (files, PDF,
hashing, imports); each device has its own.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from bookwish_desk.shop.errors import ShopError, Stopped

if TYPE_CHECKING:
    from bookwish_desk.actions.action import Outcome
    from bookwish_desk.db.store import Store

log = logging.getLogger(__name__)
T = TypeVar("T")

Stale = Callable[[], bool]
Then = Callable[[T], None]
Failed = Callable[[ShopError], None]


SWITCH_S = 0.001
"""How long a busy lane keeps the interpreter from the others that want it.

The GUI thread gives it up at most calls into Qt and then waits this long to get it back: with Python's
own 5 ms the register stutters beside an import.
"""


class Lane:
    """One thread that does one thing after another; `submit` never blocks.

    What is submitted `behind` comes when nothing else waits, in its own order.
    """

    def __init__(self, name: str) -> None:
        self._first: deque[Callable[[], None]] = deque()
        self._behind: deque[Callable[[], None]] = deque()
        self._turns: queue.SimpleQueue[bool] = queue.SimpleQueue()
        """One for each job of either kind; False ends the thread."""
        self._thread = threading.Thread(target=self._run, name=f"lane-{name}", daemon=True)
        self._thread.start()

    @property
    def wanted(self) -> bool:
        """Say whether something waits that is not `behind`: long work of that kind ends early then."""
        return bool(self._first)

    def submit(self, job: Callable[[], T], *, behind: bool = False) -> Future[T]:
        """Do `job` after everything of its kind submitted before; the future has its result."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as fault:
                future.set_exception(fault)

        (self._behind if behind else self._first).append(run)
        self._turns.put(True)
        return future

    def _run(self) -> None:
        while self._turns.get():
            jobs = self._first or self._behind
            jobs.popleft()()

    def close(self, seconds: float) -> bool:
        """Finish what was submitted and end; say whether it ended within `seconds`."""
        self._turns.put(False)
        self._thread.join(seconds)
        return not self._thread.is_alive()


class Lanes(QObject):
    """All lanes of a desk. Made on the GUI thread; callbacks given to it run there.

    `changed` carries the nouns that a commit touched. `broken` carries one calm sentence for a bug.
    """

    changed = Signal(object)
    broken = Signal(str)
    _home = Signal(object)

    def __init__(self, store: Store | None = None) -> None:
        super().__init__()
        sys.setswitchinterval(SWITCH_S)
        self._store = store
        self._lanes = {"shop": Lane("shop")}
        self._latest: dict[str, int] = {}
        self._closed = False
        self._home.connect(self._arrive, Qt.ConnectionType.QueuedConnection)

    @property
    def store(self) -> Store:
        """Return the store that actions and reads run on. RuntimeError before it is opened."""
        if self._store is None:
            raise RuntimeError("the store is not open yet")
        return self._store

    def use(self, store: Store) -> None:
        """Work on this store from now on: it was opened on a lane."""
        self._store = store

    def lane(self, name: str) -> Lane:
        """Return a lane by name, starting it when it is first used."""
        if name not in self._lanes:
            self._lanes[name] = Lane(name)
        return self._lanes[name]

    def act(
        self,
        action: Callable[[Store], Outcome[T]],
        *,
        then: Then[T] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Do an action on the shop lane; then `then(value)` here, or `failed(error)` for a known failure.

        `lanes.act(lambda store: selling.add(store, actor, item), then=self._rung, failed=self._refused)`
        """
        future = self.lane("shop").submit(lambda: action(self.store))
        self._bring_home(future, self._acted(then), failed)

    def _acted(self, then: Then[T] | None) -> Callable[[Outcome[T]], None]:
        def arrived(outcome: Outcome[T]) -> None:
            if then is not None:
                then(outcome.value)
            if outcome.changes:
                self.changed.emit(outcome.changes)

        return arrived

    def read(
        self,
        reading: Callable[[Store], T],
        *,
        then: Then[T],
        failed: Failed | None = None,
        latest: str = "",
    ) -> None:
        """Read on the search lane. With `latest`, a newer read of that name makes older ones moot."""
        self.search(lambda store, _stale: reading(store), then=then, failed=failed, latest=latest)

    def search(
        self,
        reading: Callable[[Store, Stale], T],
        *,
        then: Then[T],
        failed: Failed | None = None,
        latest: str,
        lane: str = "search",
    ) -> None:
        """Read what a newer read of the name `latest` makes moot even half-way: `stale()` says that it did.

        `lanes.search(lambda store, stale: ..., then=self._found, latest="search", lane="deep")`, where the
        reading gives `stale` to `Store.read`. What takes longer than a frame goes to the lane "deep".
        """
        ticket = self._latest[latest] = self._latest.get(latest, 0) + 1

        def stale() -> bool:
            return bool(latest) and self._latest.get(latest) != ticket

        def job() -> T | None:
            try:
                return None if stale() else reading(self.store, stale)
            except Stopped:
                return None

        def arrived(value: T | None) -> None:
            if not stale():
                then(value)  # type: ignore[arg-type]

        self._bring_home(self.lane(lane).submit(job), arrived, failed)

    def drop(self, latest: str) -> None:
        """Make the reads of this name moot: nobody waits for them any more."""
        self._latest[latest] = self._latest.get(latest, 0) + 1

    def work(
        self,
        job: Callable[[], T],
        *,
        then: Then[T] | None = None,
        failed: Failed | None = None,
        lane: str = "desk",
    ) -> None:
        """Do slow work that is no action on a lane of its own kind."""
        self._bring_home(self.lane(lane).submit(job), then, failed)

    def write_now(self, action: Callable[[Store], Outcome[T]], *, behind: bool = False) -> T:
        """Do an action on the shop lane and wait for it: for other lanes, never for the GUI thread.

        `behind` lets everything of people go first: for what nobody waits for. Keep it short, or let it end
        early once `wanted` says that somebody does wait.
        """
        outcome = self.lane("shop").submit(lambda: action(self.store), behind=behind).result()
        if outcome.changes:
            self.home(lambda: self.changed.emit(outcome.changes))
        return outcome.value

    def wanted(self) -> bool:
        """Say whether somebody waits for the shop lane."""
        return self._lanes["shop"].wanted

    def home(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread, after what was brought home before. May be called on any thread."""
        if not self._closed:
            self._home.emit(call)

    def later(self, ms: int, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread after `ms` milliseconds, unless the lanes are closed by then."""
        QTimer.singleShot(ms, self, lambda: self._arrive(call))

    def _bring_home(
        self, future: Future[Any], then: Callable[[Any], None] | None, failed: Failed | None
    ) -> None:
        def done(finished: Future[Any]) -> None:
            self.home(lambda: self._deliver(finished, then, failed))

        future.add_done_callback(done)

    def _deliver(
        self, future: Future[Any], then: Callable[[Any], None] | None, failed: Failed | None
    ) -> None:
        fault = future.exception()
        if fault is None:
            if then is not None:
                then(future.result())
        elif isinstance(fault, ShopError):
            log.info("event=refused code=%s", fault.code)
            if failed is not None:
                failed(fault)
            else:
                self.broken.emit(fault.message)
        else:
            log.error("event=bug lane_fault=%s", type(fault).__name__, exc_info=fault)
            self.broken.emit("Something went wrong here. The sale is safe. Try again, or restart the desk.")

    @Slot(object)
    def _arrive(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def close(self, seconds: float = 10.0) -> None:
        """Finish what was submitted, the shop lane last, and end every thread. Searches are broken off."""
        for latest in list(self._latest):
            self.drop(latest)
        names = [n for n in self._lanes if n != "shop"] + ["shop"]
        for name in names:
            if not self._lanes[name].close(seconds):
                log.warning("event=lane_busy lane=%s", name)
        self._closed = True
