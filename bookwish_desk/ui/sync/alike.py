"""Decides many differences of one kind alike: one after the other, so that selling never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import deciding
from bookwish_desk.shop.conflict import CHOICES, Choice, Conflict, Kind
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.ui.sync.state import MOST_ROWS

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.ui.station import Station

STOP = "stop"
_TELL_EACH = 10
_MANAGER = "A manager must sign in to decide all of them."


class AllAlike:
    """Works through the differences of a kind; `told(words, tone)` gets how far it is and how it ended.

    What only notes them is one commit. Anything else is one commit each: it may be stopped in between.
    """

    def __init__(self, station: Station, told: Callable[[str, str], None]) -> None:
        self._station = station
        self._told = told
        self._kind: Kind = "stock"
        self._choice: Choice = "noted"
        self._left: list[str] = []
        self._tried: set[str] = set()
        self._done = 0
        self._more = self._stopping = self._due = self._stepping = False
        self.running = False

    def run(self, kind: Kind, choice: Choice) -> None:
        """Decide every open difference of a kind in this way."""
        if self.running:
            return
        if choice == "noted":
            self._station.act(
                lambda store, actor: deciding.resolve_all(store, actor, kind, choice),
                then=lambda number: self._told(f"Decided {number:,}.", "ok"),
                failed=lambda error: self._told(error.message, "warn"),
            )
            return
        self._kind, self._choice, self._left, self._tried, self._done = kind, choice, [], set(), 0
        self.running, self._stopping = True, False
        self._told("They are being decided…", "info")
        self._read()

    def stop(self) -> None:
        """Stop before the next one."""
        self._stopping = True

    def _read(self) -> None:
        kind, most = self._kind, MOST_ROWS + len(self._tried) - self._done

        def reading(store: Store) -> tuple[Conflict, ...]:
            from bookwish_desk.db import sync_board

            with store.read() as conn:
                # Those that could not be decided stay open: they must not hide what lies behind them.
                return sync_board.differences(conn, [kind], most)

        self._station.lanes.read(
            reading,
            then=lambda found: self._go_on_with(found, len(found) == most),
            failed=self._failed,
            latest="sync-alike",
        )

    def _go_on_with(self, found: tuple[Conflict, ...], more: bool) -> None:
        self._more = more
        known = tuple(choice for choice, _ in CHOICES[self._kind])
        self._left = [
            c.id for c in reversed(found) if c.id not in self._tried and self._choice in (c.choices or known)
        ]
        self._next()

    def _next(self) -> None:
        self._due = True
        if self._stepping:
            return  # lanes that answer at once: one after the other all the same, however many there are
        self._stepping = True
        while self._due and self.running:
            self._due = False
            self._step()
        self._stepping = False

    def _step(self) -> None:
        if self._stopping:
            self._end(f"Stopped. {self._done:,} were decided.", "warn")
            return
        if not self._left:
            if self._more:
                self._read()
            else:
                self._end(f"Decided {self._done:,}.", "ok")
            return
        conflict_id = self._left.pop()
        self._tried.add(conflict_id)
        actor, choice = self._station.actor, self._choice
        self._station.lanes.act(
            lambda store: deciding.resolve(store, actor, conflict_id, choice),
            then=lambda _none: self._decided(),
            failed=self._failed,
        )

    def _decided(self) -> None:
        self._done += 1
        if self._done % _TELL_EACH == 0:
            self._told(f"{self._done:,} are decided…", "info")
        self._next()

    def _failed(self, error: ShopError) -> None:
        if error.code == "settled":
            self._next()  # it went by itself meanwhile
        elif isinstance(error, NeedsApproval):
            self._end(f"{_MANAGER} {self._done:,} were decided.", "warn")
        else:
            self._end(f"{error.message} {self._done:,} were decided.", "warn")

    def _end(self, words: str, tone: str) -> None:
        self.running = False
        self._told(words, tone)
