"""Runs the picking screen: the pick list of one or many orders, ticked by scans or keys, copy by copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import packing
from bookwish_desk.actions.order_papers import wanted_of
from bookwish_desk.actions.packing import Moved
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.packing import pick_list_of
from bookwish_desk.ui.picking.state import (
    WHITHER,
    PickingState,
    PickRow,
    detail_of,
    pick_row,
    said_of,
    wanted_now,
)

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_MOST_NAMED = 5

Read = tuple[tuple[Order, ...], dict[str, Item]]


class PickingPresenter:
    """Shows what is to be fetched until it is fetched. `render` gets each state.

    `on_pack` gets the orders to be packed, `on_title` a SKU to be shown.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = PickingState()
        self.render: Callable[[PickingState], None] = lambda _state: None
        self.on_pack: Callable[[tuple[str, ...]], None] = lambda _ids: None
        self.on_title: Callable[[str], None] = lambda _sku: None
        self.order_ids: tuple[str, ...] = ()
        self._came_from = "orders"
        self._orders: tuple[Order, ...] = ()
        self._items: dict[str, Item] = {}
        self._shown = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- coming and going ----

    def open(self, order_ids: Sequence[str], came_from: str = "orders") -> None:
        """Pick for these orders; `came_from` is the screen that Back leads to."""
        self.order_ids = tuple(dict.fromkeys(order_ids))
        self._came_from = came_from
        self._orders, self._items = (), {}
        self.state = PickingState(alarm=self.state.alarm)
        self.load()

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self.load()

    def hidden(self) -> None:
        """Stop taking scans."""
        self._shown = False
        self.station.release_scans(self)

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"orders", "stock", "items", "settings"}:
            self.load()

    # ---- the list ----

    def load(self) -> None:
        """Read the orders and what is known of their titles."""
        ids = self.order_ids

        def reading(store: Store) -> Read:
            with store.read() as conn:
                found = orders.by_ids(conn, ids)
                skus = dict.fromkeys(x.sku for order in found for x in order.lines)
                return found, {item.sku: item for item in items.by_skus(conn, list(skus))}

        self.station.lanes.read(reading, then=self._read, latest="picking")

    def _read(self, read: Read) -> None:
        found, self._items = read
        waiting = sorted(found, key=lambda x: (x.placed_at, x.number))
        self._orders = tuple(x for x in waiting if _workable(x))
        head = letterhead(self.station.settings)
        wanted = wanted_of(self._orders, self._items, wanted_now)
        picks = pick_list_of(wanted, head, made_at=0, made_by="").picks
        picked = {sku: sum(x.set_aside for x in self._lines(sku)) for sku in {p.code for p in picks}}
        rows = tuple(pick_row(p, self._items.get(p.code), picked[p.code]) for p in picks)
        selected = self.state.selected
        if not any(row.sku == selected for row in rows):
            selected = _next(rows, "")
        through = [x for x in self._orders if not any(line.to_pick for line in x.lines) and _lies(x)]
        self._show(
            rows=rows,
            selected=selected,
            picked=sum(row.picked for row in rows),
            wanted=sum(row.wanted for row in rows),
            orders=sum(any(wanted_now(line) > 0 for line in x.lines) for x in self._orders),
            to_pack=tuple(x.id for x in through if x.kind == "ship"),
            to_shelve=tuple(x.id for x in through if x.kind == "pickup" and not x.ready_at),
            left_out=_left_out([x for x in found if not _workable(x)]),
            loaded=True,
        )
        self._load_detail()

    def _lines(self, sku: str) -> list[OrderLine]:
        return [x for order in self._orders for x in order.lines if x.sku == sku]

    def choose(self, sku: str) -> None:
        """Look at one title of the list."""
        if sku and sku != self.state.selected:
            self._show(selected=sku)
            self._load_detail()

    def _load_detail(self) -> None:
        row = next((r for r in self.state.rows if r.sku == self.state.selected), None)
        if row is None:
            self._show(detail=None)
            return
        item = self._items.get(row.sku)
        waiting = self._orders
        ean = item.title_ean if item is not None else None

        def reading(store: Store) -> tuple[Item, ...]:
            if ean is None:
                return ()
            with store.read() as conn:
                return items.copies(conn, ean)

        def read(others: tuple[Item, ...]) -> None:
            if self.state.selected == row.sku:
                self._show(detail=detail_of(row, item, others, waiting, WHITHER))

        self.station.lanes.read(reading, then=read, latest="picking-title")

    # ---- picking ----

    def scanned(self, code: str) -> None:
        """Pick the copy of a scanned code for the order that has waited longest."""
        ids = self.order_ids
        self.station.act(
            lambda store, actor: packing.pick_scanned(store, actor, ids, code),
            then=lambda moved: self._picked((moved,)),
            failed=self._wrong,
        )

    def pick_one(self) -> None:
        """Pick one copy of the chosen title without scanning it."""
        self._pick(1)

    def pick_all(self) -> None:
        """Pick every copy of the chosen title without scanning them."""
        row = self._row()
        if row is not None:
            self._pick(row.wanted - row.picked)

    def _pick(self, copies: int) -> None:
        ids, row = self.order_ids, self._row()
        if row is None:
            return
        if row.done:
            self._show(notice=f"Every copy of {row.title} is picked.", tone="info")
            return
        self.station.act(
            lambda store, actor: packing.pick(store, actor, ids, row.sku, max(1, copies)),
            then=self._picked,
            failed=self._wrong,
        )

    def put_back(self) -> None:
        """Take the last tick of the chosen title back."""
        ids, row = self.order_ids, self._row()
        if row is None:
            return

        def done(moved: Moved) -> None:
            self._show(
                notice=f"{row.title}: one copy of {moved.order.number} is to be picked again.", tone="info"
            )

        self.station.act(
            lambda store, actor: packing.put_back(store, actor, ids, row.sku), then=done, failed=self._wrong
        )

    def _row(self) -> PickRow | None:
        return next((r for r in self.state.rows if r.sku == self.state.selected), None)

    def _picked(self, moved: Sequence[Moved]) -> None:
        last = moved[-1]
        line = last.order.line(last.line)
        title = line.title if line is not None else ""
        said = [said_of(m.order, title) for m in moved]
        full = [words for words, whole in said if whole]
        sku = line.sku if line is not None else ""
        left = [r for r in self.state.rows if not r.done and r.sku != sku]
        current = next((r for r in self.state.rows if r.sku == sku), None)
        through = current is not None and current.picked + sum(m.copies for m in moved) >= current.wanted
        self._show(
            notice=" ".join(full) or said[-1][0],
            tone="ok" if full else "info",
            # The eye follows the walk along the shelves: the next title is the one below.
            selected=_next(self.state.rows, sku) if through and left else sku or self.state.selected,
        )
        self._load_detail()

    def _wrong(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="error", alarm=self.state.alarm + 1)

    # ---- and then ----

    def missing(self) -> tuple[Order, str] | None:
        """Return the order and its line that go without when a copy of the chosen title is not there.

        It is the order placed last: who has waited longest gets what there is.
        """
        wanting = [
            (order, x.id)
            for order in self._orders
            for x in order.lines
            if x.sku == self.state.selected and x.to_pick
        ]
        if not wanting:
            self._show(notice="No copy of this title is left to pick.", tone="info")
            return None
        return max(wanting, key=lambda each: (each[0].placed_at, each[0].number))

    def show_title(self) -> None:
        """Show all that is known of the chosen title."""
        if self.state.selected:
            self.on_title(self.state.selected)

    def pack(self) -> None:
        """Take the orders whose copies lie picked to the pack table."""
        if self.state.to_pack:
            self.on_pack(self.state.to_pack)

    def to_shelve(self) -> Order | None:
        """Return the next pickup whose copies lie picked for the hold shelf."""
        return next((x for x in self._orders if x.id in self.state.to_shelve), None)


def _workable(order: Order) -> bool:
    return order.state in WORKING and order.owner.name == "store" and not order.hold


def _lies(order: Order) -> bool:
    return any(x.set_aside for x in order.lines)


def _left_out(others: Sequence[Order]) -> str:
    """Say which orders nobody picks for now, and why."""
    if not others:
        return ""
    numbers = ", ".join(x.number for x in others[:_MOST_NAMED])
    if len(others) > _MOST_NAMED:
        numbers += f" and {len(others) - _MOST_NAMED} more"
    if all(x.hold for x in others):
        return f"On hold, not picked: {numbers}."
    return f"Not picked, as they are on hold, done or not ours: {numbers}."


def _next(rows: Sequence[PickRow], after: str) -> str:
    """Return the first title below that is not picked yet, then the first one at all; "" for none."""
    places = [row.sku for row in rows]
    start = places.index(after) + 1 if after in places else 0
    for row in (*rows[start:], *rows[:start]):
        if not row.done and row.sku != after:
            return row.sku
    return places[0] if places else ""
