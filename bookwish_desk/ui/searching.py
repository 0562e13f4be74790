"""Search as it is typed, for every screen that has a search line: an answer at once, and a longer look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Item

if TYPE_CHECKING:
    from bookwish_desk.db import search
    from bookwish_desk.ui.station import Stale, Work

Found = Callable[[tuple[Item, ...], bool], bool]


def look_for(lanes: Work, typed: str, found: Found, *, latest: str, limit: int = 20) -> None:
    """Look for what was typed: `found(items, whole)` comes at once and, where that was not all, once more.

    It says whether anybody still waits. The longer look goes on beside everything else until the next
    search or read of the name `latest`.
    """
    # Imported here, because it brings SQLAlchemy in, which no scan needs: see `db.link`.
    from bookwish_desk.db import search

    def at_once(store: Store, stale: Stale) -> search.Answer:
        with store.read(stale) as conn:
            return search.first(conn, typed, limit)

    def everywhere(store: Store, stale: Stale) -> tuple[Item, ...]:
        with store.read(stale) as conn:
            return search.search(conn, typed, limit)

    def answered(answer: search.Answer) -> None:
        if found(answer.items, answer.whole) and not answer.whole:
            lanes.search(everywhere, then=at_last, latest=latest, lane="deep")

    def at_last(items: tuple[Item, ...]) -> None:
        found(items, True)

    lanes.search(at_once, then=answered, latest=latest)
