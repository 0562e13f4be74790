"""Drives an engine on two lanes: one sends, one reads and may wait for news; until it is closed.

What is asked for in between is done between two steps. It knows no screen and no settings.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.actions.action import Outcome
    from bookwish_desk.db.store import Store
    from bookwish_desk.lanes import Lanes
    from bookwish_desk.shop.sync_state import SyncState
    from bookwish_desk.sync.engine import Engine
    from bookwish_desk.sync.lines import ManyLines
    from bookwish_desk.sync.port import OnlineStore

log = logging.getLogger(__name__)
T = TypeVar("T")

TELL_MS = 300
"""How it stands is told at most so often."""
SLEPT_MS = 30_000
"""A wait that took so much longer than it should was one of a computer that slept."""


class LaneBooks:
    """The books as a lane uses them: it waits for the shop lane, one short action at a time.

    Nobody waits for what is written here: people's actions overtake it.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    def act(self, action: Callable[[Store], Outcome[T]]) -> T:
        """Do an action on the shop lane and return its value."""
        return self._lanes.write_now(action, behind=True)

    def read(self, reading: Callable[[Store], T]) -> T:
        """Read on this lane."""
        return reading(self._lanes.store)

    def wanted(self) -> bool:
        """Say whether an action of a person waits for the shop lane."""
        return self._lanes.wanted()


class Runner:
    """Drives one engine on the lanes until it is closed; `told` gets each state, on whatever lane."""

    def __init__(
        self, port: OnlineStore, engine: Engine, lines: ManyLines, told: Callable[[SyncState], None]
    ):
        self.port = port
        self.engine = engine
        self._lines = lines
        self._told = told
        self._asks: deque[Callable[[], None]] = deque()
        self._closed = self._leaves = False
        self._up, self._down = threading.Event(), threading.Event()
        self._told_at = 0.0
        self._last: SyncState | None = None
        self._telling = threading.Lock()

    def send(self) -> None:
        """Send until it is closed: for a lane of its own."""
        self._run(self._up, self._answer_and_send)
        if self._leaves:
            self._leave()

    def read(self) -> None:
        """Read until it is closed: for another lane of its own."""
        self._run(self._down, lambda: self.engine.down(wait=True))

    def _run(self, wake: threading.Event, step: Callable[[], int]) -> None:
        while not self._closed:
            wake.clear()
            wait_ms = step()
            self.tell(last=wait_ms > 0)
            if wait_ms and not self._closed:
                began = time.time()
                wake.wait(wait_ms / 1000)
                if (time.time() - began) * 1000 > wait_ms + SLEPT_MS:
                    self.engine.sync_now()

    def _answer_and_send(self) -> int:
        """Do what people asked for, between two steps."""
        while self._asks:
            try:
                self._asks.popleft()()
            except ShopError as fault:
                log.info("event=online_ask code=%s", fault.code)
            except Exception:
                log.exception("event=bug online_ask")
        return self.engine.up()

    def _leave(self) -> None:
        try:
            self.engine.give_up_lease()
        except ShopError as fault:
            log.info("event=lease_kept code=%s", fault.code)

    def ask(self, what: Callable[[], None]) -> None:
        """Let something be done soon on the lane that sends."""
        self._asks.append(what)
        self.wake()

    def wake(self) -> None:
        """Look at once whether something is due."""
        self._up.set()
        self._down.set()

    def wake_up(self) -> None:
        """Look at once whether something is to be sent."""
        self._up.set()

    def tell(self, *, last: bool) -> None:
        """Tell how it stands, not too often; `last` before a wait."""
        now = time.monotonic()
        with self._telling:
            if self._closed or (not last and (now - self._told_at) * 1000 < TELL_MS):
                return
            try:
                state = self.engine.state()
            except ShopError:
                return
            if state != self._last:
                self._last, self._told_at = state, now
                self._told(state)

    def close(self, *, for_good: bool = True) -> None:
        """End soon: begin nothing more and break off what is under way. Returns at once.

        `for_good` lets another register go on; else another engine of this one does.
        """
        self._closed, self._leaves = True, for_good
        self.engine.close()
        self.wake()
        self._lines.close()
        threading.Thread(target=self.port.close, name="online-close", daemon=True).start()
