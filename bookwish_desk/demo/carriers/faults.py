"""What goes wrong at the broker, by rule: before or after a request was carried out, or in its answer.

A rule is set by a test, from any thread, or over the control path.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

Kind = Literal[
    "cut", "half", "hang", "slow", "limit", "error", "unavailable", "gateway", "torn", "empty", "portal",
    "funds", "refuse", "timed_out", "kill",
]  # fmt: skip
"""cut: the connection is closed without an answer. half: closed within the answer. hang: no answer, for as
long as the client waits. slow: carried out only after the client has gone and `ms` of the broker's clock have
passed, or `release` was called (0: only then). limit: 429 with Retry-After. error: 500. unavailable: 503.
gateway: 502 with HTML. torn: JSON that ends too early. empty: 200 without a body. portal: 200 with HTML, as
of a hotel's network. funds: 402. refuse: the carrier refuses (422 SHIPMENT.POSTAGE.FAILURE). timed_out: 422
SHIPMENT.POSTAGE.TIMED_OUT. kill: the server's process ends."""


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One rule. `call` is a pattern of the names in `routes`, such as "shipments.buy" or "shipments.*".

    It meets the `nth` request that fits and the following, `times` in all (0: always), each with a `chance`
    by `seed`. `after`: the request is carried out first. `ms` is for slow and limit.
    """

    kind: Kind
    call: str = "*"
    after: bool = False
    nth: int = 1
    times: int = 1
    chance: float = 1.0
    seed: int = 0
    ms: int = 0


class Faults:
    """The rules in force, and what was asked for so far. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Rule, random.Random, Counter[str]]] = []
        self._waiting: list[Callable[[], None]] = []
        self.asked: list[tuple[str, str]] = []

    def set(self, *rules: Rule) -> None:
        """Let these rules be in force, and no others."""
        with self._lock:
            self._rules = [(rule, random.Random(rule.seed), Counter()) for rule in rules]

    def add(self, kind: Kind, call: str = "*", **more: object) -> None:
        """Put one more rule in force, behind the others."""
        rule = msgspec.convert({"kind": kind, "call": call, **more}, Rule)
        with self._lock:
            self._rules.append((rule, random.Random(rule.seed), Counter()))

    def take(self, call: str, path: str) -> Rule | None:
        """Note a request, and return the rule that it meets."""
        with self._lock:
            self.asked.append((call, path))
            for rule, luck, seen in self._rules:
                if not fnmatchcase(call, rule.call):
                    continue
                seen["fits"] += 1
                spent = rule.times and seen["met"] >= rule.times
                if seen["fits"] < rule.nth or spent or luck.random() >= rule.chance:
                    continue
                seen["met"] += 1
                return rule
        return None

    def count(self, call: str) -> int:
        """Return how many requests of a kind came."""
        with self._lock:
            return sum(1 for name, _ in self.asked if fnmatchcase(name, call))

    # ---- requests that are slow ----

    def wait(self, wake: Callable[[], None]) -> None:
        """Note a slow request; `wake` lets it go on."""
        with self._lock:
            self._waiting.append(wake)

    @property
    def waiting(self) -> int:
        """Return how many requests are waited for."""
        with self._lock:
            return len(self._waiting)

    def release(self) -> int:
        """Let every slow request go on, and return how many there were."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for wake in waiting:
            wake()
        return len(waiting)


def rules_of(asked: Sequence[object]) -> tuple[Rule, ...]:
    """Return rules that came as JSON."""
    return tuple(msgspec.convert(one, Rule) for one in asked)
