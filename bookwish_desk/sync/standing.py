"""How the work with the online store stands, as one value: out of the books, the way there and what is done.

Nothing is decided here. On no thread that paints: it reads the books.
"""

from __future__ import annotations

import msgspec

from bookwish_desk.actions import uploading
from bookwish_desk.db import conflicts, passes
from bookwish_desk.db.store import Store
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.sync_state import Pass, Progress, RateBudget, SyncState, Way
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.port import OnlineStore
from bookwish_desk.sync.reach import Reach


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """What this register is about.

    `fault` says why it rests, `quiet` is the last pass that was not worth keeping; for the others see
    `shop.sync_state.SyncState`.
    """

    standby: bool
    fault: str
    quiet: Pass | None
    no_orders: str
    first: Progress | None
    first_stopped: bool
    busy: bool


def standing(port: OnlineStore, books: Books, reach: Reach, now: int, doing: Doing) -> SyncState:
    """Return how it stands at this moment (ms UTC)."""
    settings = books.read(lambda s: s.settings.online)
    counts = books.read(uploading.counted)
    open_conflicts, kept = books.read(_known)
    lately = sorted((*kept, *filter(None, (doing.quiet,))), key=lambda p: p.ended_at, reverse=True)
    budget = port.budget
    way = _way(settings, reach, standby=doing.standby)
    return SyncState(
        way=way,
        words=doing.fault or _words(way, reach),
        store_name=settings.store_name or settings.store_id,
        address=settings.address,
        account=settings.email,
        heard_at=reach.heard_at,
        away_since=reach.away_since,
        next_try_at=now + reach.rests_ms if reach.rests_ms else 0,
        waiting=counts.waiting,
        uncertain=counts.uncertain,
        refused=counts.refused,
        conflicts=open_conflicts,
        clock_off_ms=reach.off_ms,
        budget=RateBudget(
            budget.limit, budget.remaining, budget.resets_at and budget.resets_at - reach.off_ms
        ),
        abilities=port.abilities,
        passes=tuple(lately),
        no_orders=doing.no_orders,
        first=doing.first,
        first_stopped=doing.first_stopped,
        busy=doing.busy,
    )


def _way(settings: OnlineSettings, reach: Reach, *, standby: bool) -> Way:
    if not settings.connected:
        return "none"
    if settings.paused:
        return "paused"
    if standby:
        return "standby"
    if reach.signed_out:
        return "signed_out"
    if reach.away_since:
        return "away"
    if reach.limited and reach.rests_ms:
        return "limited"
    return "ok" if reach.heard_at else "starting"


def _words(way: Way, reach: Reach) -> str:
    if way == "standby":
        return "Another register of the shop works with the store."
    return reach.words if way in ("away", "limited", "signed_out") else ""


def _known(store: Store) -> tuple[int, tuple[Pass, ...]]:
    with store.read() as conn:
        return conflicts.count(conn), passes.latest(conn)
