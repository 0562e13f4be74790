"""What a doomed process does that buys labels: the engine over the real adapter, as its lane drives it.

Runs in a child of the nest (see `nest`), never in the test's own process, and knows no Qt.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path

from bookwish_desk.db import postages
from bookwish_desk.db.store import open_store, system_clock
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.carriers.buying import Buying
from bookwish_desk.sync.carriers.easypost import open_easypost
from tests.crash.till_work import Tell
from tests.support.carriers import KEY

AHEAD = ("easypost", "bookwish_desk.sync.carriers.easypost.transport", "bookwish_desk.paper.packing_slip")
for name in AHEAD:
    importlib.import_module(name)

PAUSE_S = 0.005
"""What a desk waits for is skipped by its clock, but not so fast that it burns the computer."""


class Skipping:
    """A clock that jumps over what is waited for."""

    def __init__(self, ahead_ms: int) -> None:
        self.ahead_ms = ahead_ms

    def __call__(self) -> int:
        """Return the time."""
        return system_clock() + self.ahead_ms


def buy(tell: Tell, folder: str, base: str, ahead_ms: int = 0, most_ms: int = 3_000) -> None:
    """Buy what is wanted; tells `["bought", id]` of each label, and `["ahead", ms]` at the end.

    It ends where nothing is to be done for longer than `most_ms`.
    """
    clock = Skipping(ahead_ms)
    store = open_store(Path(folder), clock=clock)
    engine = Buying(open_easypost(base, Secret(KEY)), DirectBooks(store), clock, lambda: 0.0)
    told: set[str] = set()
    tell("ready")
    while True:
        wait = engine.step()
        with store.read() as conn:
            for label in postages.in_state(conn, ("bought",), most=1_000):
                if label.id not in told:
                    told.add(label.id)
                    tell("bought", label.id)
        if wait is None or wait > most_ms:
            break
        if wait:
            clock.ahead_ms += wait
            time.sleep(PAUSE_S)
    tell("ahead", clock.ahead_ms)


JOBS = {"buy": buy}
