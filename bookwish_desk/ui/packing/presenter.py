"""Runs the packing screen: copies held against their orders by scan, put into parcels, order after order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import packing
from bookwish_desk.actions.order_papers import addressee
from bookwish_desk.actions.packing import Moved
from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode, boxes
from bookwish_desk.shop.boxes import Boxes
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_rules import STATE_WORDS
from bookwish_desk.ui.packing.confirming import PackPresenter, packed_words
from bookwish_desk.ui.packing.state import (
    PackingState,
    batch_row,
    box_rows,
    order_facts,
    pack_rows,
    phase_of,
)

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class _Read(msgspec.Struct, frozen=True):
    """What was read: the orders of the batch, those on the table, and those that may be packed with them."""

    batch: tuple[Order, ...]
    table: tuple[Order, ...]
    together: tuple[Order, ...]
    items: dict[str, Item]


class PackingPresenter:
    """Shows what lies on the pack table until it is packed. `render` gets each state.

    `on_packed` gets orders whose slips are to be printed now, `on_ship` those whose labels are to be bought.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = PackingState()
        self.render: Callable[[PackingState], None] = lambda _state: None
        self.on_packed: Callable[[tuple[str, ...]], None] = lambda _ids: None
        self.on_ship: Callable[[tuple[str, ...]], object] = lambda _ids: None
        self._came_from = "orders"
        self._batch: tuple[str, ...] = ()
        self._table: tuple[str, ...] = ()
        self._orders: tuple[Order, ...] = ()
        self._together: tuple[Order, ...] = ()
        self._in_batch: tuple[Order, ...] = ()
        self._boxes: Boxes | None = None
        self._shown = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- coming and going ----

    def open(self, order_ids: Sequence[str], came_from: str = "orders") -> None:
        """Pack these orders one after the other; `came_from` is the screen that Back leads to."""
        self._batch = tuple(dict.fromkeys(order_ids))
        self._came_from = came_from
        self.state = PackingState(alarm=self.state.alarm)
        self._orders = self._in_batch = ()
        self._lay(self._batch[:1])
        self._load(begin=True)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Stop taking scans."""
        self._shown = False
        self.station.release_scans(self)

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"orders", "items", "settings"}:
            self._load()

    # ---- what is on the table ----

    @property
    def order(self) -> Order | None:
        """Return the order that is on the table, the first where there are several."""
        return self._orders[0] if self._orders else None

    def concerned(self) -> tuple[Order, str] | None:
        """Return the order and the line that a problem is about: those chosen; None for an empty table."""
        order_id, _, line_id = self.state.selected.partition("/")
        order = next((x for x in self._orders if x.id == order_id), None)
        if order is not None:
            return order, line_id
        return (self._orders[0], "") if self._orders else None

    @property
    def order_ids(self) -> tuple[str, ...]:
        """Return the orders on the table."""
        return self._table

    def _lay(self, ids: Sequence[str]) -> None:
        self._table = tuple(ids)
        self._boxes = None

    def _load(self, *, begin: bool = False) -> None:
        batch, table, together = self._batch, self._table, [x.id for x in self._together]
        fresh = begin or self._boxes is None

        def reading(store: Store) -> _Read:
            with store.read() as conn:
                in_batch = _oldest_first(orders.by_ids(conn, batch))
                laid = orders.by_ids(conn, table)
                if begin:
                    laid = _first_to_pack(in_batch) or laid
                if fresh:
                    # All open orders are looked through once a table, and not at every scan.
                    others = orders.open_orders(conn)
                    laid = _with_boxed(laid, others)
                else:
                    others = orders.by_ids(conn, together)
                ids = {x.id for x in laid}
                more = boxes.same_way(laid[0], others) if laid else ()
                skus = dict.fromkeys(x.sku for order in laid for x in order.lines)
                known_items = {i.sku: i for i in items.by_skus(conn, list(skus))}
            return _Read(in_batch, laid, tuple(x for x in more if x.id not in ids), known_items)

        self.station.lanes.read(reading, then=self._read, latest="packing")

    def _read(self, read: _Read) -> None:
        if {x.id for x in read.table} != set(self._table):
            self._lay([x.id for x in read.table])
        self._orders, self._together, self._in_batch = read.table, read.together, read.batch
        table = self._boxes if self._boxes is not None else boxes.boxes_of(read.table)
        self._boxes = boxes.follow(table, read.table)
        rows = pack_rows(read.table, read.items, self._boxes)
        selected = self.state.selected
        if not any(row.key == selected for row in rows):
            selected = next((row.key for row in rows if not row.done), rows[0].key if rows else "")
        phase = phase_of(read.table)
        self._show(
            batch=tuple(batch_row(x, self._table) for x in read.batch),
            current=self._table[0] if self._table else "",
            rows=rows,
            selected=selected,
            orders=tuple(order_facts(x, addressee(x)) for x in read.table),
            boxes=box_rows(read.table, self._boxes) if phase in ("checking", "packed") else (),
            phase=phase,
            together=tuple(x.number for x in read.together) if phase == "checking" else (),
            why=_why(read.table),
            more=bool(self._following()),
        )

    def choose(self, key: str) -> None:
        """Look at one line."""
        if key and key != self.state.selected:
            self._show(selected=key)

    def choose_box(self, box: str) -> None:
        """Put copies into this parcel from now on."""
        if self._boxes is not None and box in self._boxes.ids and box != self._boxes.current:
            self._boxes = replace(self._boxes, current=box)
            self._load()

    def choose_order(self, order_id: str) -> None:
        """Bring an order of the batch to the table."""
        if order_id and order_id not in self._table:
            self._lay((order_id,))
            self._show(notice="", selected="")
            self._load()

    def next(self) -> None:
        """Bring the next order of the batch to the table that is not packed yet."""
        following = self._following()
        if following:
            self.choose_order(following)

    def _following(self) -> str:
        ids = [x.id for x in self._in_batch]
        here = max((ids.index(x) for x in self._table if x in ids), default=-1)
        for order in (*self._in_batch[here + 1 :], *self._in_batch[: here + 1]):
            if order.id not in self._table and _to_pack(order):
                return order.id
        return ""

    def together(self) -> None:
        """Lay the other orders to the same address beside this one: they are packed together."""
        if self._together and self._orders:
            numbers = ", ".join(order.number for order in self._together)
            self._table = (*self._table, *(order.id for order in self._together))
            self._show(notice=f"Packed together with {numbers}. Scan the copies of all of them.", tone="info")
            self._load()

    # ---- checking ----

    def scanned(self, code: str) -> None:
        """Hold a copy against the orders on the table; the barcode of a packing slip brings its order up."""
        words = code.strip().casefold()
        known = next((x for x in self._in_batch if x.number.casefold() == words), None)
        if known is not None:
            self.choose_order(known.id)
        elif barcode.parse(code).kind == "other":
            self._find(code)
        else:
            self._check(code)

    def _find(self, code: str) -> None:
        """Take a code that is no trade code: the number of another order, else a copy's own label."""

        def reading(store: Store) -> Order | None:
            with store.read() as conn:
                return next((x for x in orders.by_number(conn, code) if x.kind == "ship"), None)

        def read(order: Order | None) -> None:
            if order is None:
                self._check(code)
                return
            self._batch = (*self._batch, order.id)
            self.choose_order(order.id)

        self.station.lanes.read(reading, then=read)

    def _check(self, code: str) -> None:
        ids = self._table
        if self.state.why:
            self._wrong(Refused("why", self.state.why))
            return
        self.station.act(
            lambda store, actor: packing.check_scanned(store, actor, ids, code),
            then=self._checked,
            failed=self._wrong,
        )

    def check_by_eye(self) -> None:
        """Check one copy of the chosen line without scanning it."""
        order_id, _, line_id = self.state.selected.partition("/")
        if line_id:
            self.station.act(
                lambda store, actor: packing.check_by_eye(store, actor, order_id, line_id),
                then=self._checked,
                failed=self._wrong,
            )

    def _checked(self, moved: Moved) -> None:
        line = moved.order.line(moved.line)
        title = line.title if line is not None else ""
        several = len(self._table) > 1
        words = f"{title}, right for {moved.order.number}." if several else f"{title}: right."
        self._show(notice=words, tone="ok", selected=f"{moved.order.id}/{moved.line}")

    def _wrong(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="error", alarm=self.state.alarm + 1)

    # ---- parcels ----

    def begin_box(self) -> None:
        """Begin another parcel: copies go into it from now on."""
        if self._boxes is None or self.state.phase not in ("checking", "packed"):
            return
        table, inside = self._boxes, [(order, x) for order in self._orders for x in order.lines]
        if any(table.current in boxes.lying(table, order, x) for order, x in inside):
            self._boxes = boxes.another(table)
        number = self._boxes.number(self._boxes.current)
        self._show(notice=f"Copies go into parcel {number} now.", tone="info")
        self._load()

    def move(self) -> None:
        """Put one copy of the chosen line into the parcel that copies go into now."""
        order_id, _, line_id = self.state.selected.partition("/")
        if self._boxes is None or not line_id:
            return
        planned = boxes.moved(self._boxes, (order_id, line_id))
        if planned != self._boxes:
            self._boxes = planned
            self._load()
            return
        box = self._boxes.current
        self.station.act(
            lambda store, actor: packing.move_copy(store, actor, order_id, line_id, box), failed=self._said
        )

    def _said(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="warn")

    def unpack(self) -> None:
        """Take everything out of the parcels on the table that are still here."""
        ids = self._table
        self._boxes = None
        self.station.act(
            lambda store, actor: packing.unpack(store, actor, ids),
            then=lambda _none: self._show(notice="Unpacked. Pack the copies again.", tone="info"),
            failed=self._said,
        )

    def confirming(self) -> PackPresenter | None:
        """Return what asks before the parcels are closed; None, with the reason, while copies are missing."""
        if self._boxes is None or not self.state.can_pack:
            left = [row for row in self.state.rows if not row.done]
            if left:
                self._show(notice=f"Scan every copy first: {left[0].title} is missing.", tone="warn")
            return None
        settings, register = self.station.settings, self.station.register
        prints = bool(settings.device_for("documents", register) or settings.device_for("shipping", register))
        inside = {order_id for order_id, _, _, _ in self._boxes.planned}
        lying = [order for order in self._orders if order.id in inside]
        asking = PackPresenter(self.station, lying, self._boxes, prints=prints)
        asking.packed = self._packed
        return asking

    def _packed(self, packed: tuple[Order, ...], wants_slip: bool) -> None:
        ids = tuple(order.id for order in packed)
        if wants_slip:
            self.on_packed(ids)
        words = packed_words(packed)
        following = self._following()
        if not following:
            done = " All orders of this batch are packed." if len(self._batch) > 1 else ""
            self._show(notice=f"{words}{done}", tone="ok")
            self._load()
            return
        number = next(x.number for x in self._in_batch if x.id == following)
        self.choose_order(following)
        self._show(notice=f"{words} Next: {number}.", tone="ok")


def _oldest_first(found: Sequence[Order]) -> tuple[Order, ...]:
    return tuple(sorted(found, key=lambda x: (x.placed_at, x.number)))


def _to_pack(order: Order) -> bool:
    return order.kind == "ship" and not order.hold and phase_of((order,)) == "checking"


def _first_to_pack(batch: Sequence[Order]) -> tuple[Order, ...]:
    """Return the first order of a batch that has still to be packed, or nothing."""
    return tuple(x for x in batch if _to_pack(x))[:1]


def _with_boxed(laid: tuple[Order, ...], others: Sequence[Order]) -> tuple[Order, ...]:
    """Return orders with those in the same boxes: they are packed, shown and shipped together."""
    for order in laid:
        known = {x.id for x in laid}
        laid += tuple(x for x in boxes.boxed_with(order, others) if x.id not in known)
    return laid


def _why(table: Sequence[Order]) -> str:
    """Return why nothing can be done with the orders on the table, or an empty text."""
    for order in table:
        if order.hold:
            return f"{order.number} is on hold: {order.hold}."
        if order.kind == "pickup":
            return f"{order.number} is to be picked up. It goes to the hold shelf, not into a parcel."
        if order.owner.name == "wholesaler":
            return f"{order.number} is filled by the wholesaler."
    if table and phase_of(table) == "nothing":
        if table[0].state not in WORKING:
            return f"{table[0].number} is {STATE_WORDS[table[0].state]}. Nothing of it is to be packed."
        return f"No copy of {table[0].number} is here yet."
    return ""
