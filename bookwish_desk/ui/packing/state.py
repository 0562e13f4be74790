"""What the packing screen shows, as frozen values, and how orders and boxes become its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from bookwish_desk.shop.boxes import Boxes, lying
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine

Tone = Literal["ok", "info", "warn", "error"]
Phase = Literal["nothing", "checking", "packed", "shipped"]


class PackRow(msgspec.Struct, frozen=True):
    """Copies of one line on the pack table; `key` is the order's and the line's id."""

    key: str
    title: str
    about: str
    order: str
    checked: int
    wanted: int
    later: int
    boxes: str

    @property
    def done(self) -> bool:
        """Say whether every copy that is here was checked."""
        return self.checked >= self.wanted


class OrderFacts(msgspec.Struct, frozen=True):
    """What a packer needs to see of an order; texts are empty where there is nothing."""

    id: str
    number: str
    to: str
    method: str = ""
    gift: bool = False
    gift_message: str = ""
    instructions: str = ""
    memo: str = ""


class BoxRow(msgspec.Struct, frozen=True):
    """A parcel: what it is called, how many copies are in it, and whether copies go into it now."""

    id: str
    name: str
    words: str
    current: bool


class BatchRow(msgspec.Struct, frozen=True):
    """An order of those that are packed one after the other."""

    id: str
    number: str
    who: str
    badge: str
    tone: Literal["soft", "ok", "warn"]


class PackingState(msgspec.Struct, frozen=True):
    """Everything on the packing screen.

    `together` names the other orders that go to the same address. `alarm` counts the books that were
    refused: each makes a sound.
    """

    batch: tuple[BatchRow, ...] = ()
    current: str = ""
    rows: tuple[PackRow, ...] = ()
    selected: str = ""
    orders: tuple[OrderFacts, ...] = ()
    boxes: tuple[BoxRow, ...] = ()
    phase: Phase = "nothing"
    together: tuple[str, ...] = ()
    why: str = ""
    notice: str = ""
    tone: Tone = "info"
    alarm: int = 0
    more: bool = False

    @property
    def checked(self) -> int:
        """Return how many copies were held against their order."""
        return sum(row.checked for row in self.rows)

    @property
    def wanted(self) -> int:
        """Return how many copies are to be in the parcels."""
        return sum(row.wanted for row in self.rows)

    @property
    def heading(self) -> str:
        """Return which orders are on the table."""
        return " and ".join(order.number for order in self.orders) or "No order"

    @property
    def progress(self) -> str:
        """Return how far it is: 2 of 3 copies checked."""
        if not self.wanted:
            return ""
        words = f"{self.checked} of {self.wanted} {'copy' if self.wanted == 1 else 'copies'} checked"
        return {"packed": f"{words}, packed", "shipped": "Shipped"}.get(self.phase, words)

    @property
    def can_pack(self) -> bool:
        """Say whether every copy that is here was checked and waits for its parcel."""
        return self.phase == "checking" and self.wanted > 0 and all(row.done for row in self.rows)


def on_table(line: OrderLine) -> int:
    """Return the copies of a line that are on the pack table, or should be: promised and not shipped."""
    return line.allocated - line.shipped - line.handed_over


def phase_of(orders: Iterable[Order]) -> Phase:
    """Return how far orders that are packed together are: as far as the least of them."""
    known = tuple(orders)
    if any(x.to_pick or x.to_check or x.at_hand for order in known for x in order.lines):
        return "checking"
    if any(not p.shipped_at for order in known for p in order.parcels):
        return "packed"
    if known and all(order.packed_off for order in known):
        return "shipped"
    return "nothing"


def pack_rows(orders: Sequence[Order], items: Mapping[str, Item], boxes: Boxes) -> tuple[PackRow, ...]:
    """Return the lines of orders that are packed together."""
    return tuple(
        pack_row(order, line, items.get(line.sku), boxes)
        for order in orders
        for line in order.lines
        if line.live > line.handed_over + line.supplied
    )


def pack_row(order: Order, line: OrderLine, item: Item | None, boxes: Boxes) -> PackRow:
    """Return one line on the pack table; a line that was shipped shows what went."""
    inside = lying(boxes, order, line)
    numbers = [(boxes.number(box), copies) for box, copies in inside.items()]
    split = ", ".join(f"{copies} in {number}" for number, copies in numbers)
    author = item.authors if item is not None and item.authors else line.detail
    copy = item.copy_words if item is not None else ""
    gone = line.shipped if not on_table(line) else 0
    return PackRow(
        key=f"{order.id}/{line.id}",
        title=line.title,
        about=" · ".join(x for x in (copy, author, line.sku) if x),
        order=order.number,
        checked=line.checked - line.shipped - line.handed_over + gone,
        wanted=on_table(line) + gone,
        later=line.open - on_table(line),
        boxes=split if len(numbers) > 1 else "".join(str(number) for number, _ in numbers),
    )


def order_facts(order: Order, to: str) -> OrderFacts:
    """Return what a packer needs to see of an order that goes `to` a name and address."""
    return OrderFacts(
        id=order.id,
        number=order.number,
        to=to,
        method=order.method,
        gift=order.gift,
        gift_message=order.gift_message,
        instructions=order.instructions,
        memo=order.memo,
    )


def box_rows(orders: Sequence[Order], boxes: Boxes) -> tuple[BoxRow, ...]:
    """Return the parcels on the table."""
    inside = dict.fromkeys(boxes.ids, 0)
    for order in orders:
        for line in order.lines:
            for box, copies in lying(boxes, order, line).items():
                inside[box] += copies
    return tuple(
        BoxRow(
            box,
            f"Parcel {boxes.number(box)}",
            "Empty" if not copies else f"{copies} {'copy' if copies == 1 else 'copies'}",
            box == boxes.current,
        )
        for box, copies in inside.items()
    )


def batch_row(order: Order, current: Iterable[str]) -> BatchRow:
    """Return an order as the list of the batch shows it."""
    who = order.customer.name if order.customer is not None else ""
    phase = phase_of((order,))
    badge: tuple[str, Literal["soft", "ok", "warn"]] = {
        "checking": ("To pack", "soft"),
        "packed": ("Packed", "ok"),
        "shipped": ("Shipped", "ok"),
        "nothing": ("Not here", "warn"),
    }[phase]  # type: ignore[assignment]
    if order.kind == "pickup":
        badge = ("Pickup", "warn")
    elif order.hold:
        badge = ("On hold", "warn")
    elif order.id in set(current) and phase == "checking":
        badge = ("On the table", "soft")
    return BatchRow(order.id, order.number, who, *badge)
