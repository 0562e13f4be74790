"""Drives the work with carriers on one lane until it is closed: engines by turns, buying before the rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.sync.carriers.buying import Buying
    from bookwish_desk.sync.carriers.port import Carriers

log = logging.getLogger(__name__)

REST_MS = 10_000
"""How long an engine rests after the books could not be read or written, or after a bug."""
IN_BETWEEN = 8
"""So many steps of buying, then one of everything else: a long batch must not stop that."""


class Engine(Protocol):
    """What works on rows of the books through the port to carriers."""

    def step(self) -> int | None:
        """Do one thing; return 0, after how many milliseconds to come again, or None: nothing waits."""


class Runner:
    """Drives buying and whatever else there is; `told` is called on the lane after each thing done.

    `warm` loads what the first label needs: once, when somebody is about to buy and nothing else is to do.
    """

    def __init__(
        self,
        port: Carriers,
        buying: Buying,
        others: Sequence[Engine],
        told: Callable[[], None],
        warm: Callable[[], None] = lambda: None,
    ) -> None:
        self.port = port
        self.buying = buying
        self._others = tuple(others)
        self._told = told
        self._closed = False
        self._wake = threading.Event()
        self._looks = False
        self._warm: Callable[[], None] | None = warm
        self._warms = False

    def run(self) -> None:
        """Work until it is closed: for a lane of its own."""
        while not self._closed:
            self._wake.clear()
            if self._looks:
                self._looks = False
                self._look()
            wait = self.round()
            if not self._closed:
                self._told()
            if wait != 0 and self._warms and not self._closed:
                self._warm_up()
            if wait != 0 and not self._closed:
                self._wake.wait(None if wait is None else wait / 1000)

    def round(self) -> int | None:
        """Buy for a while, then let every other engine do one thing; return how long there is nothing."""
        waits = []
        for _ in range(IN_BETWEEN):
            bought = self._step(self.buying)
            if bought != 0 or self._closed:
                waits.append(bought)
                break
            self._warms = True
            self._told()
        else:
            waits.append(0)
        # Where the broker cannot be reached, or the key is wrong, that holds for all.
        if self.buying.now.way == "ready" and not self._closed:
            waits += [self._step(engine) for engine in self._others]
        found = [wait for wait in waits if wait is not None]
        return min(found) if found else None

    def _step(self, engine: Engine) -> int | None:
        try:
            return engine.step()
        except ShopError as fault:
            log.warning("event=carriers_rest engine=%s code=%s", type(engine).__name__, fault.code)
        except Exception:
            log.exception("event=bug engine=%s", type(engine).__name__)
        return REST_MS

    def _warm_up(self) -> None:
        warm, self._warm = self._warm, None
        if warm is not None:
            try:
                warm()
            except Exception:
                log.exception("event=bug engine=warm")

    def _look(self) -> None:
        for engine in (self.buying, *self._others):
            look = getattr(engine, "look_now", None)
            if look is not None:
                look()

    def prepare(self) -> None:
        """Load what the first label needs, before one is bought. For any thread; returns at once."""
        if self._warm is not None:
            self._warms = True
            self._wake.set()

    def wake(self, *, look: bool = False) -> None:
        """See at once whether something is due; `look` also what was put off. For any thread."""
        self._looks = self._looks or look
        self._wake.set()

    def close(self) -> None:
        """End soon: begin nothing more and break off what is under way. Returns at once."""
        self._closed = True
        self._wake.set()
        threading.Thread(target=self.port.close, name="carriers-close", daemon=True).start()
