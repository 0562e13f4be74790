"""How syncing with the online store stands, as one frozen value, and the words for it.

Made beside the selling, shown by the header and the Sync screen. It holds no secret and nothing of customers.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.online import Abilities

Way = Literal["none", "starting", "ok", "away", "limited", "signed_out", "paused", "standby"]
"""none: the shop works with no online store. starting: nothing was heard yet. ok: the store answers. away:
requests fail. limited: the store wants to be asked later. signed_out: somebody must sign in. paused: a person
has put it to rest. standby: another register does it for the shop."""

PassKind = Literal["first", "orders", "open", "stock", "compare"]
"""first: everything, once, when the store was connected. orders: what changed. open: every open order once
more. stock: the store's numbers of copies. compare: every night, the whole list against what is here."""

CLOCK_WARNING_MS = 120_000
"""From this difference on the clocks are said to differ; syncing goes on (nothing depends on them)."""


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of the store. `ended_at` is 0 while it goes on; one that broke off is not `complete`.

    `seen` counts rows that the store gave, `changed` those that were new or changed and were taken in,
    `left_out` those of other stores; `missing` names orders that are open here and not in the store's list:
    a note, nothing is done. `words` say why it broke off.
    """

    kind: PassKind
    began_at: int
    ended_at: int = 0
    complete: bool = False
    seen: int = 0
    changed: int = 0
    left_out: int = 0
    missing: tuple[str, ...] = ()
    words: str = ""


class Progress(msgspec.Struct, frozen=True):
    """How far the first import is: `total` 0 where the store does not say how many there are."""

    done: int = 0
    total: int = 0
    what: Literal["stock", "orders"] = "stock"


class RateBudget(msgspec.Struct, frozen=True):
    """What is left of the store's rate limit; `resets_at` by this computer's clock. `limit` 0: not told."""

    limit: int = 0
    remaining: int = 0
    resets_at: int = 0


class SyncState(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands. Times are ms UTC by this computer's clock, 0 for never.

    `heard_at` is when the store answered last, `away_since` when it first did not. `words` say why it is as
    it is, in one plain sentence, with the server's own words where it gave any. `next_try_at` is when it is
    asked again after trouble. `clock_off_ms` is the store's clock less ours. `no_orders` says in a sentence
    why no orders are read, where the store gives only the purchases of whoever is signed in. `keeps_sign_in`
    is False where there is no keyring: after a restart somebody signs in again. `first` is there while
    everything is read for the first time; `first_stopped` says that a person broke that off: later passes
    bring the rest, or all at once when it is asked for. `busy` says that something is sent or read just now.
    """

    way: Way = "none"
    words: str = ""
    store_name: str = ""
    address: str = ""
    account: str = ""
    heard_at: int = 0
    away_since: int = 0
    next_try_at: int = 0
    waiting: int = 0
    uncertain: int = 0
    refused: int = 0
    conflicts: int = 0
    clock_off_ms: int = 0
    budget: RateBudget = RateBudget()
    abilities: Abilities = Abilities()
    passes: tuple[Pass, ...] = ()
    no_orders: str = ""
    keeps_sign_in: bool = True
    first: Progress | None = None
    first_stopped: bool = False
    busy: bool = False

    @property
    def connected(self) -> bool:
        """Say whether the shop works with an online store."""
        return self.way != "none"

    @property
    def stuck(self) -> int:
        """Return how much waits for a person: uncertain, refused, and differences."""
        return self.uncertain + self.refused + self.conflicts

    @property
    def broken(self) -> Pass | None:
        """Return the last reading of orders where it broke off, None where it ended well or goes on.

        What a person stopped did not break off; why a store that does not answer gives none, `way` says.
        """
        read = [p for p in self.passes if p.kind in ("first", "orders", "open", "compare") and p.ended_at]
        last = max(read, key=lambda p: p.ended_at, default=None)
        if last is None or last.complete or self.first is not None or self.first_stopped:
            return None
        return last

    @property
    def clock_differs(self) -> bool:
        """Say whether the clocks differ so much that people should know."""
        return abs(self.clock_off_ms) >= CLOCK_WARNING_MS


def span(ms: int) -> str:
    """Return how long something is, shortly: 12 s, 3 min, 5 h, 4 days."""
    seconds = max(0, ms) // 1_000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3_600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3_600:
        return f"{seconds // 3_600} h"
    return f"{seconds // 86_400} days"


def heard_words(state: SyncState, now: int) -> str:
    """Return when the store was heard last: 12 s ago."""
    return f"{span(now - state.heard_at)} ago" if state.heard_at else "not heard yet"


def way_words(state: SyncState, now: int) -> str:
    """Return how syncing stands, in few words: for the header and the top of the Sync screen."""
    if state.way == "ok":
        return f"Store {heard_words(state, now)}"
    if state.way == "away":
        return f"Store offline for {span(now - state.away_since)}" if state.away_since else "Store offline"
    return {
        "none": "No online store",
        "starting": "Store: starting",
        "limited": "Store: waiting its turn",
        "signed_out": "Store: sign in again",
        "paused": "Store paused",
        "standby": "Store: another register",
    }[state.way]
