"""Runs the promise board: reads the deadlines, keeps them fresh, narrows them, leads to their orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.ui.orders.reading import matching
from bookwish_desk.ui.promises import words
from bookwish_desk.ui.promises.state import SECTION_NAMES, PromiseRow, PromisesState, Section

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Stale, Station

MINUTE_MS = 60_000

NOTHING = "No order waits for anything. Every promise is kept."
NONE_HERE = "No deadline here."

Read = tuple[tuple[PromiseRow, ...], str]


class PromisesPresenter:
    """Shows every deadline. `render` gets each state, `on_order` the id of an order to be shown."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = PromisesState()
        self.render: Callable[[PromisesState], None] = lambda _state: None
        self.on_order: Callable[[str], None] = lambda _id: None
        self._rows: tuple[PromiseRow, ...] = ()
        self._shown = self._waiting = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Take scans, load what is new, and go on loading every minute."""
        self._shown = True
        self.station.own_scans(self)
        self._load()
        self._wait()

    def hidden(self) -> None:
        """Stop taking scans and loading."""
        self._shown = False
        self.station.release_scans(self)
        self._show(notice="")

    def _wait(self) -> None:
        if not self._waiting:
            self._waiting = True
            self.station.lanes.later(MINUTE_MS, self.tick)

    def tick(self) -> None:
        """Show how long is left by now: a minute has passed."""
        self._waiting = False
        if self._shown:
            self._load()
            self._wait()

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"orders", "settings"}:
            self._load()

    def _load(self) -> None:
        def reading(store: Store, stale: Stale) -> Read:
            with store.read(stale) as conn:
                waiting = orders.open_orders(conn)
            return words.rows(waiting, store.settings, store.clock()), words.facts(waiting, store.settings)

        self.station.lanes.search(reading, then=self._loaded, latest="promises", lane="figures")

    def _loaded(self, read: Read) -> None:
        self._rows, facts = read
        kind = self.state.kind if any(r.kind == self.state.kind for r in self._rows) else ""
        self.state = replace(self.state, loaded=True, facts=facts, kind=kind)
        self._list()

    def _list(self) -> None:
        kind, section = self.state.kind, self.state.section
        of_kind = [r for r in self._rows if not kind or r.kind == kind]
        listed = tuple(r for r in of_kind if not section or r.section == section)
        selected = self.state.selected
        if all(r.key != selected for r in listed):
            selected = self._beside(selected, listed)
        self._show(
            rows=listed,
            selected=selected,
            counts=tuple((s, sum(r.section == s for r in of_kind)) for s in SECTION_NAMES),
            kinds=words.kinds(self._rows),
            empty=NONE_HERE if self._rows else NOTHING,
        )

    def _beside(self, gone: str, listed: tuple[PromiseRow, ...]) -> str:
        """Return the row that took the place of one that is done: the next in the list, else the last."""
        if not listed:
            return ""
        before = [r.key for r in self.state.rows]
        place = before.index(gone) if gone in before else 0
        return listed[min(place, len(listed) - 1)].key

    # ---- intents ----

    def show_section(self, section: Section | str) -> None:
        """List one section; "" lists all."""
        self.state = replace(self.state, section=section, notice="")
        self._list()

    def show_kind(self, kind: str) -> None:
        """List one kind of deadline; "" lists all."""
        self.state = replace(self.state, kind=kind, notice="")
        self._list()

    def choose(self, key: str) -> None:
        """Look at one row."""
        if key != self.state.selected:
            self._show(selected=key, notice="")

    def open(self, key: str = "") -> None:
        """Show the order of a row, or of the chosen one."""
        wanted = key or self.state.selected
        for row in self.state.rows:
            if row.key == wanted:
                self.on_order(row.order_id)

    def scanned(self, code: str) -> None:
        """Show the order of a scanned number or slip, or the one that waits for a scanned book."""
        scan = barcode.parse(code)

        def read(found: tuple[str, ...]) -> None:
            if len(found) == 1:
                self.on_order(found[0])
            elif found:
                self._show(notice=f"{len(found)} orders have this book or number. Find them in the orders.")
            else:
                self._show(notice=f"No order is waiting for {scan.code}.")

        self.station.lanes.read(lambda store: matching(store, code), then=read, latest="promises-scan")
