"""Asks where parcels are: many at once, the younger the more often; what is heard goes into the books."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import tracking as notes
from bookwish_desk.db import postage_after
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.postage import Postage
from bookwish_desk.sync.carriers.pace import MOST_WAIT_MS, Pace, until
from bookwish_desk.sync.carriers.port import Carriers

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.carriage import Track
    from bookwish_desk.sync.books import Books
    from bookwish_desk.sync.port import Reply

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Of so many parcels is asked in one call, and written in one transaction."""
UNKNOWN_MS = 6 * 3_600_000
"""A tracker that the broker does not name is asked for again after this."""


class Following:
    """Follows the parcels of bought labels. `step` makes one call, and says when to come again."""

    def __init__(
        self, port: Carriers, books: Books, clock: Callable[[], int], chance: Callable[[], float]
    ) -> None:
        self.port = port
        self._books = books
        self._clock = clock
        self._pace = Pace(clock, chance)
        self._looks_now = False

    def look_now(self) -> None:
        """Rest no more, and ask about all of them: somebody wants to know."""
        self._pace.wake()
        self._looks_now = True

    def step(self) -> int | None:
        """Ask about what is due; return 0, after how many milliseconds to come again, or None for nothing."""
        if resting := self._pace.resting():
            return resting
        if self._looks_now:
            self._looks_now = False
            self._books.act(notes.due_now)
        at = self._clock()
        due = self._due(at)
        if not due:
            return until(self._next(), at)
        # By their numbers many are asked for in one call.
        followed = {number: p for p in due if (number := _name(p))}
        blind = [p.id for p in due if not _name(p)]
        if blind:
            self._books.act(lambda store: notes.not_followed(store, blind))
        if not followed:
            return 0
        reply = self.port.tracks(tuple(followed))
        self._pace.heard(reply)
        log.info("event=tracks asked=%s result=%s status=%s", len(followed), reply.result, reply.status)
        self._take(followed, reply)
        return self._pace.resting()

    def _due(self, at: int) -> tuple[Postage, ...]:
        def reading(store: Store) -> tuple[Postage, ...]:
            with store.read() as conn:
                return postage_after.due_tracks(conn, at, AT_ONCE)

        return self._books.read(reading)

    def _next(self) -> int | None:
        def reading(store: Store) -> int | None:
            with store.read() as conn:
                return postage_after.next_track(conn)

        return self._books.read(reading)

    def _take(self, followed: dict[str, Postage], reply: Reply[tuple[Track, ...]]) -> None:
        if reply.result != "done" or reply.value is None:
            if reply.result in ("refused", "gone", "not_offered", "stale"):
                # It would say so again: the others must have their turn.
                self._put_off([p.id for p in followed.values()], MOST_WAIT_MS)
            return
        heard = [
            (found.id, t)
            for t in reply.value
            if (found := followed.get(t.tracking) or followed.get(t.tracker)) is not None
        ]
        self._keep(heard)
        named = {key for key, _ in heard}
        if missed := [p.id for p in followed.values() if p.id not in named]:
            self._put_off(missed, UNKNOWN_MS)

    def _keep(self, heard: list[tuple[str, Track]]) -> None:
        """Write down what was heard; what is wrong with one parcel keeps no other from being followed."""
        try:
            self._books.act(lambda store: notes.all_applied(store, heard))
            return
        except StorageError:
            raise
        except Exception:
            log.exception("event=bug tracks count=%s", len(heard))
        for key, track in heard:
            try:
                self._books.act(lambda store, key=key, track=track: notes.applied(store, key, track))  # type: ignore[misc]
            except StorageError:
                raise
            except Exception:
                log.exception("event=bug track id=%s", key)
                self._put_off([key], UNKNOWN_MS)

    def _put_off(self, ids: list[str], ms: int) -> None:
        at = self._clock() + ms
        self._books.act(lambda store: notes.put_off(store, ids, at))


def _name(postage: Postage) -> str:
    """Return by what the broker knows a parcel: its number, or else the tracker of its label."""
    return postage.tracking or (postage.bought.tracker if postage.bought is not None else "")
