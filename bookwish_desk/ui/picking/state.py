"""What the picking screen shows, as frozen values, and how orders and items become its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.packing import Pick

Tone = Literal["ok", "info", "warn", "error"]


class PickRow(msgspec.Struct, frozen=True):
    """One title to fetch: from which shelf, for which orders, and how many copies are picked of it."""

    sku: str
    title: str
    author: str
    shelf: str
    on_hand: str
    picked: int
    wanted: int
    orders: str

    @property
    def done(self) -> bool:
        """Say whether every copy is picked."""
        return self.picked >= self.wanted


class CopyRow(msgspec.Struct, frozen=True):
    """Another copy of the title: a used or signed one, or the new one."""

    sku: str
    what: str
    shelf: str
    on_hand: str


class ForOrder(msgspec.Struct, frozen=True):
    """An order that copies of the title are for, the one that has waited longest first."""

    id: str
    number: str
    customer: str
    copies: str
    whither: str


class PickDetail(msgspec.Struct, frozen=True):
    """The chosen title: where it is, what else there is of it, and for which orders."""

    sku: str
    title: str
    about: str
    shelf: str
    on_hand: str
    picked: int
    wanted: int
    copies: tuple[CopyRow, ...] = ()
    orders: tuple[ForOrder, ...] = ()


class PickingState(msgspec.Struct, frozen=True):
    """Everything on the picking screen.

    `alarm` counts the books that were refused: each makes a sound. `to_pack` orders lie picked for the pack
    table, `to_shelve` for the hold shelf; `left_out` says of orders that nobody picks now.
    """

    rows: tuple[PickRow, ...] = ()
    selected: str = ""
    detail: PickDetail | None = None
    picked: int = 0
    wanted: int = 0
    orders: int = 0
    to_pack: tuple[str, ...] = ()
    to_shelve: tuple[str, ...] = ()
    left_out: str = ""
    notice: str = ""
    tone: Tone = "info"
    alarm: int = 0
    loaded: bool = False

    @property
    def progress(self) -> str:
        """Return how far it is: 7 of 12 copies picked."""
        copies = "copy" if self.wanted == 1 else "copies"
        return f"{self.picked} of {self.wanted} {copies} picked"


def wanted_now(line: OrderLine) -> int:
    """Return the copies of a line that are to be picked or lie picked: those in no parcel yet."""
    return line.allocated - line.packed - line.handed_over


def pick_row(pick: Pick, item: Item | None, picked: int) -> PickRow:
    """Return one title of the pick list as the list shows it."""
    numbers = ", ".join(n if copies == 1 else f"{n} × {copies}" for n, copies in pick.orders)
    stock = str(item.on_hand) if item is not None and item.stocked else "–"
    return PickRow(pick.code, pick.title, pick.author, pick.shelf, stock, picked, pick.copies, numbers)


def detail_of(
    row: PickRow, item: Item | None, others: Iterable[Item], orders: Iterable[Order], names: Mapping[str, str]
) -> PickDetail:
    """Return the chosen title; `names` say by kind of order where its copies go."""
    return PickDetail(
        sku=row.sku,
        title=row.title,
        about=" · ".join(x for x in (row.author, row.sku, item.publisher if item is not None else "") if x),
        shelf=f"Shelf {row.shelf}" if row.shelf else "No shelf is written down for it",
        on_hand=row.on_hand,
        picked=row.picked,
        wanted=row.wanted,
        copies=tuple(
            CopyRow(x.sku, x.copy_words or "New", x.shelf or "No shelf", str(x.on_hand))
            for x in others
            if x.sku != row.sku and x.on_hand > 0
        ),
        orders=tuple(
            ForOrder(
                order.id,
                order.number,
                order.customer.name if order.customer is not None else "",
                f"{sum(x.set_aside for x in lines)} of {sum(wanted_now(x) for x in lines)}",
                names[order.kind],
            )
            for order in orders
            if (lines := [x for x in order.lines if x.sku == row.sku and wanted_now(x) > 0])
        ),
    )


WHITHER = {"pickup": "Hold shelf", "ship": "Pack table"}


def said_of(order: Order, title: str) -> tuple[str, bool]:
    """Return what is said when a copy was picked for an order, and whether that was its last one."""
    if any(x.to_pick for x in order.lines):
        return f"{title} is for {order.number}.", False
    lacking = sum(x.short + x.backordered + max(0, x.unallocated) for x in order.lines)
    have = "has all its copies" if not lacking else "has all copies that are here"
    more = (
        ""
        if not lacking
        else (" 1 copy is not here." if lacking == 1 else f" {lacking} copies are not here.")
    )
    if order.kind == "pickup":
        who = order.customer.name if order.customer is not None else ""
        return f"{order.number} {have}. To the hold shelf{f', for {who}' if who else ''}.{more}", True
    return f"{order.number} {have}. To the pack table, with the number {order.number}.{more}", True
