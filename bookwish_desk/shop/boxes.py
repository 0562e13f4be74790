"""Which copies of orders that are packed together lie in which box, and which orders may share one.

Boxes of several orders are parcels of the same id, one in each order: they get the same tracking number.
Copies that are checked and not packed yet lie in a box by a plan that nothing keeps. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.order import Order, Parcel, PostalAddress
from bookwish_desk.shop.order_line import OrderLine

Place = tuple[str, str]
"""An order's id and a line's id."""


class Filled(msgspec.Struct, frozen=True):
    """A box as it is to be packed: its id, (order id, line id, copies), and what it weighs in all."""

    id: str
    contents: tuple[tuple[str, str, int], ...]
    weight_grams: int = 0


class Boxes(msgspec.Struct, frozen=True):
    """The boxes on the table, the one that copies go into now, and where the unpacked ones lie.

    `planned` is (order id, line id, box id, copies). There is always one box.
    """

    ids: tuple[str, ...]
    current: str
    planned: tuple[tuple[str, str, str, int], ...] = ()

    def number(self, box: str) -> int:
        """Return what a box is called: 1 for the first."""
        return self.ids.index(box) + 1


def boxes_of(orders: Iterable[Order]) -> Boxes:
    """Return the boxes in which orders lie that are still here, or one new, empty one."""
    ids = dict.fromkeys(p.id for order in orders for p in order.parcels if not p.shipped_at)
    found = tuple(ids) or (new_id(),)
    return Boxes(found, found[-1])


def follow(boxes: Boxes, orders: Iterable[Order]) -> Boxes:
    """Return the boxes with a place for every copy checked, in the current one unless it has one already.

    Boxes that orders were packed into meanwhile are added; a plan for copies that are gone is dropped.
    """
    known = tuple(orders)
    parcels = dict.fromkeys(p.id for order in known for p in order.parcels if not p.shipped_at)
    ids = tuple(dict.fromkeys((*boxes.ids, *parcels)))
    left = {(order.id, x.id): max(0, x.at_hand) for order in known for x in order.lines}
    planned: list[tuple[str, str, str, int]] = []
    for order_id, line_id, box, copies in boxes.planned:
        kept = min(copies, left.get((order_id, line_id), 0))
        if kept:
            planned.append((order_id, line_id, box, kept))
            left[order_id, line_id] -= kept
    for (order_id, line_id), copies in left.items():
        if copies:
            planned.append((order_id, line_id, boxes.current, copies))
    return Boxes(ids, boxes.current, _joined(planned))


def another(boxes: Boxes) -> Boxes:
    """Return the boxes with one more, which copies go into from now on."""
    made = new_id()
    return replace(boxes, ids=(*boxes.ids, made), current=made)


def moved(boxes: Boxes, place: Place) -> Boxes:
    """Return the boxes with one planned copy of a line more in the current one, from the first other."""
    for at, (order_id, line_id, box, copies) in enumerate(boxes.planned):
        if (order_id, line_id) == place and box != boxes.current:
            rest = [*boxes.planned[:at], *boxes.planned[at + 1 :]]
            if copies > 1:
                rest.append((order_id, line_id, box, copies - 1))
            return replace(boxes, planned=_joined([*rest, (order_id, line_id, boxes.current, 1)]))
    return boxes


def lying(boxes: Boxes, order: Order, line: OrderLine) -> dict[str, int]:
    """Return how many copies of a line lie in which box, packed or planned, in the order of the boxes."""
    inside: dict[str, int] = {}
    for parcel in order.parcels:
        copies = 0 if parcel.shipped_at else dict(parcel.contents).get(line.id, 0)
        inside[parcel.id] = inside.get(parcel.id, 0) + copies
    for order_id, line_id, box, copies in boxes.planned:
        if (order_id, line_id) == (order.id, line.id):
            inside[box] = inside.get(box, 0) + copies
    return {box: inside[box] for box in boxes.ids if inside.get(box)}


def filled(boxes: Boxes, weights: dict[str, int]) -> tuple[Filled, ...]:
    """Return what is to be packed: every box that a plan puts copies into."""
    return tuple(
        Filled(box, inside, weights.get(box, 0))
        for box in boxes.ids
        if (inside := tuple((o, x, n) for o, x, b, n in boxes.planned if b == box))
    )


def _joined(planned: list[tuple[str, str, str, int]]) -> tuple[tuple[str, str, str, int], ...]:
    sums: dict[tuple[str, str, str], int] = {}
    for order_id, line_id, box, copies in planned:
        sums[order_id, line_id, box] = sums.get((order_id, line_id, box), 0) + copies
    return tuple((*key, copies) for key, copies in sums.items())


# ---- which orders may share a box ----


def packable(order: Order) -> bool:
    """Say whether copies of an order are here that could go into a parcel."""
    here = any(x.picked > x.shipped + x.handed_over or x.to_pick for x in order.lines)
    ours = order.kind == "ship" and order.owner.name == "store" and not order.hold
    return ours and here and order.state in ("pending", "confirmed", "processing")


def same_way(order: Order, others: Iterable[Order]) -> tuple[Order, ...]:
    """Return the customer's other orders to the same address that can be packed now, oldest first."""
    way = _way(order)
    found = [
        x for x in others if x.id != order.id and way and packable(x) and _way(x) == way and _known(order, x)
    ]
    return tuple(sorted(found, key=lambda x: (x.placed_at, x.number)))


def boxed_with(order: Order, others: Iterable[Order], *, away: bool = False) -> tuple[Order, ...]:
    """Return the other orders of which copies lie in the same boxes, oldest first.

    The boxes that are still here, or those `away` that have not arrived. What goes elsewhere lies in no box
    with it: other systems may call parcels of any two orders 1.
    """

    def meant(parcels: Iterable[Parcel]) -> set[str]:
        return {p.id for p in parcels if bool(p.shipped_at) is away and not p.delivered_at}

    ids, way = meant(order.parcels), _way(order)
    found = [x for x in others if x.id != order.id and _way(x) == way and ids & meant(x.parcels)]
    return tuple(sorted(found, key=lambda x: (x.placed_at, x.number)))


def _way(order: Order) -> tuple[str, ...]:
    where = order.address
    if where is None or not where.line1.strip():
        return ()
    return tuple(_same(part) for part in _parts(where))


def _parts(where: PostalAddress) -> tuple[str, ...]:
    return (where.name, where.line1, where.line2, where.city, where.state, where.postal_code, where.country)


def _same(text: str) -> str:
    """Return a text as two people write the same: without case, points, commas and second blanks."""
    return " ".join(text.casefold().replace(".", " ").replace(",", " ").split())


def _known(one: Order, other: Order) -> bool:
    """Say whether two orders are of one customer: by the shop's own record, else e-mail, else name."""
    a, b = one.customer, other.customer
    if a is None or b is None:
        return a is b
    if a.id and b.id:
        return a.id == b.id
    if a.email and b.email:
        return _same(a.email) == _same(b.email)
    return _same(a.name) == _same(b.name)
