"""Runs the list of the order screen: queues, search, filters, scans, and which orders are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop import barcode
from bookwish_desk.ui.arrivals import LANE
from bookwish_desk.ui.orders import reading
from bookwish_desk.ui.orders.reading import Ask, Listing
from bookwish_desk.ui.orders.state import OrdersState, Shown
from bookwish_desk.ui.titles.words import wrapped

if TYPE_CHECKING:
    from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
    from bookwish_desk.ui.orders.many import ManyPresenter
    from bookwish_desk.ui.station import Station

TICK_MS = 60_000
"""Ages and deadlines are written anew this often."""


class OrdersPresenter:
    """Shows the orders of a queue, or those that words find. `render` gets each state.

    `on_chosen` gets the id of the order to be shown beside the list, "" for none.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = OrdersState()
        self.render: Callable[[OrdersState], None] = lambda _state: None
        self.on_chosen: Callable[[str], None] = lambda _id: None
        self.on_shown: Callable[[bool], None] = lambda _shown: None
        self.on_marked: Callable[[tuple[str, ...]], None] = lambda _ids: None
        self.detail: DetailPresenter
        self.many: ManyPresenter
        self._shown = False
        self._pages = 1
        self._before: Shown = "new"
        self._held = self._ticking = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()
        self.on_shown(True)
        if not self._ticking:
            self._ticking = True
            self.station.lanes.later(TICK_MS, self._tick)

    def hidden(self) -> None:
        """Stop taking scans."""
        self._shown = False
        self.station.release_scans(self)
        self._show(notice="")
        self.on_shown(False)

    def _tick(self) -> None:
        self._ticking = self._shown
        if self._shown:
            self._load()
            self.station.lanes.later(TICK_MS, self._tick)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and not self._held and nouns & {"orders", "settings", "conflicts"}:
            self._load()

    def hold(self, held: bool) -> None:
        """Stay where it is while many orders are worked on, and load once when that is over."""
        self._held = held
        self._show(working=held)
        self.on_shown(self._shown and not held)
        if not held:
            self._load()

    # ---- the list ----

    def show_queue(self, shown: Shown) -> None:
        """List another queue; what was searched for goes, and what was marked."""
        self._pages, self._before = 1, shown
        self.state = replace(
            self.state, queue=shown, words="", selected="", marked=frozenset(), failures={}, notice=""
        )
        self._load()

    def typed(self, words: str) -> None:
        """Look for orders of every status as it is typed; an empty line goes back to the queue."""
        if not words.strip() and not self.state.words:
            return  # Esc with nothing to give up: what is chosen stays
        self._pages = 1
        queue: Shown = "all" if words.strip() else self._before
        self.state = replace(
            self.state, words=words, queue=queue, selected="", marked=frozenset(), failures={}, notice=""
        )
        self._load()

    def entered(self, words: str) -> None:
        """Enter in the search line: a typed code is taken as if it was scanned.

        Digits that are no sound code may be a number or a telephone: they are looked for as words.
        """
        if words.strip() and barcode.parse(words).kind not in ("other", "invalid"):
            self.scanned(words)
        else:
            self.typed(words)

    def narrow(self, kind: str, source: str) -> None:
        """Show only orders of a kind ("pickup", "ship", "gift") and of a source; "" is all."""
        self._pages = 1
        self.state = replace(self.state, kind=kind, source=source, marked=frozenset(), failures={})
        self._load()

    def load_more(self) -> None:
        """Add the next page of the history."""
        if self.state.more:
            self._pages += 1
            self._load()

    def refresh(self) -> None:
        """Read the list again."""
        self._load()

    def _ask(self) -> Ask:
        s = self.state
        return Ask(s.queue, s.words, s.kind, s.source, self._pages)

    def _load(self) -> None:
        ask, settings = self._ask(), self.station.settings
        self.station.lanes.search(
            lambda store, stale: reading.listing(store, settings, ask, stale),
            then=lambda found: self._loaded(ask, found),
            latest="orders",
            lane=LANE,
        )

    def _loaded(self, ask: Ask, found: Listing) -> None:
        if ask != self._ask():
            return
        rows = found.rows
        here = {r.id for r in rows}
        selected = self.state.selected or (rows[0].id if rows else "")
        self._show(
            rows=rows,
            counts=found.counts,
            sources=found.sources,
            more=found.more,
            selected=selected,
            marked=self.state.marked & here,
            failures={k: v for k, v in self.state.failures.items() if k in here},
        )
        self.on_chosen(selected)
        self._tell_marked()

    def lead(self, act: str, go: Callable[[tuple[str, ...]], object]) -> None:
        """Let an act with the chosen order, and with the marked ones, be done by another screen."""
        self.detail.askers[act] = lambda order: go((order.id,))
        self.many.goes[act] = go

    # ---- choosing ----

    def choose(self, order_id: str) -> None:
        """Show one of the listed orders beside the list."""
        if order_id != self.state.selected:
            self._show(selected=order_id, notice="")
            self.on_chosen(order_id)

    def open(self, order_id: str) -> None:
        """Show an order, whatever its status, in its queue: another screen leads here."""
        self.station.lanes.read(
            lambda store: reading.queue_of(store, order_id),
            then=lambda shown: self._open(order_id, shown),
            latest="order-opened",
            failed=lambda error: self._show(notice=error.message, tone="warn"),
        )

    def _open(self, order_id: str, shown: Shown) -> None:
        self._pages, self._before = 1, shown
        self.state = replace(
            self.state, queue=shown, words="", kind="", source="", selected=order_id,
            marked=frozenset(), failures={}, notice="",
        )  # fmt: skip
        self._load()

    def mark(self, ids: frozenset[str]) -> None:
        """Choose orders for work on many."""
        if not self._held and ids != self.state.marked:
            self._show(marked=ids, failures={k: v for k, v in self.state.failures.items() if k in ids})
            self._tell_marked()

    def _tell_marked(self) -> None:
        """Tell which orders are marked, in the order of the list."""
        self.on_marked(tuple(r.id for r in self.state.rows if r.id in self.state.marked))

    def mark_all(self) -> None:
        """Choose every order in the list; once all are, none."""
        every = frozenset(r.id for r in self.state.rows)
        self.mark(frozenset() if self.state.marked == every else every)

    def show_failures(self, failures: dict[str, str]) -> None:
        """Show why some orders failed, on their rows, and what the others have become."""
        self._show(failures=failures)
        self._load()

    def leave_marked(self, left: frozenset[str], failures: dict[str, str]) -> None:
        """Leave those marked that were not tried or failed, these with the reason on their rows."""
        self._show(failures=failures, marked=left | failures.keys())

    # ---- scans ----

    def scanned(self, code: str) -> None:
        """Find the order of a scanned number or slip, or the orders that wait for a scanned book."""
        scan = barcode.parse(code)
        if self._held:
            self._show(notice="Scan again when the selected orders are done.", tone="warn")
        elif scan.kind in ("card", "badge", "receipt", "held"):
            self._show(
                notice=scan.reason or f"{wrapped(scan.code)} is not the code of an order.", tone="warn"
            )
        else:
            self._look_up(code.strip(), scan.code if scan.kind == "book" else code.strip())

    def _look_up(self, raw: str, code: str) -> None:
        # As it was typed: a number of another system, such as 112-4455590, may be a sound ISBN as well.
        def found(ids: tuple[str, ...]) -> None:
            if len(ids) == 1:
                self.open(ids[0])
            elif ids:
                self.typed(code)
                self._show(notice=f"{len(ids)} orders wait for this book or have this number.", tone="info")
            else:
                self._show(notice=f"No order is waiting for {wrapped(code)}.", tone="warn")

        self.station.lanes.read(
            lambda store: reading.matching(store, raw), then=found, latest="order-scanned"
        )
