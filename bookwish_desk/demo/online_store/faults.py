"""Faults that a test asks the online store for: before, during or after a request, or in its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec

from bookwish_desk.demo.loopback import die
from bookwish_desk.demo.online_store.limits import too_many
from bookwish_desk.demo.online_store.refusal import Refusal
from bookwish_desk.demo.online_store.sessions import unauthorized

Kind = Literal[
    "delay", "fail-before", "drop-before", "kill-before", "limit", "sign-out",
    "kill-within",
    "fail-after", "drop-after", "kill-after", "hold", "cut", "garbage",
]  # fmt: skip
"""delay: wait `ms` first. fail: answer 500. drop: close the connection without an answer. kill: end the
program at once, like SIGKILL. limit: answer 429 with `ms` to wait. sign-out: answer 401. within: after all
was written, before the commit. after: when it is done. hold: wait `ms` before answering. cut: close after
`octets` of the body. garbage: answer 200 with what is no JSON."""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One fault: for the next `times` requests of a method whose path holds `path`."""

    kind: Kind
    times: int = 1
    method: str = ""
    path: str = ""
    ms: int = 0
    octets: int = 0


class Dropped(Exception):
    """The connection is closed without an answer."""


class Faults:
    """The faults that are to come, in their order."""

    def __init__(self) -> None:
        self.coming: list[Fault] = []

    def set(self, faults: Sequence[Fault]) -> None:
        """Let these faults come, and no others."""
        self.coming = list(faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of a request, and count it."""
        for fault in self.coming:
            if fault.times > 0 and fault.method in ("", method) and fault.path in path:
                fault.times -= 1
                return fault
        return None


async def before(fault: Fault | None) -> None:
    """Let a fault come before anything is done."""
    if fault is None:
        return
    if fault.kind == "delay":
        await asyncio.sleep(fault.ms / 1000)
    elif fault.kind == "fail-before":
        raise failed()
    elif fault.kind == "drop-before":
        raise Dropped
    elif fault.kind == "kill-before":
        die()
    elif fault.kind == "limit":
        raise too_many({}, fault.ms)
    elif fault.kind == "sign-out":
        raise unauthorized("Token no longer valid")


def within(fault: Fault | None) -> None:
    """Let a fault come before the commit."""
    if fault is not None and fault.kind == "kill-within":
        die()


async def after(fault: Fault | None) -> None:
    """Let a fault come when everything is done and nothing answered."""
    if fault is None:
        return
    if fault.kind == "fail-after":
        raise failed()
    if fault.kind == "drop-after":
        raise Dropped
    if fault.kind == "kill-after":
        die()
    if fault.kind == "hold":
        await asyncio.sleep(fault.ms / 1000)


def failed() -> Refusal:
    """Return the answer of a server at fault."""
    return Refusal(500, "InternalServerError", "Something went wrong")
