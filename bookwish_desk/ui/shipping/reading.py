"""Reads the parcels of the shipping screen: those packed, those sent today, with their labels. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.boxes import boxed_with
from bookwish_desk.shop.delivery_address import printed
from bookwish_desk.shop.opening_hours import local, moment
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.postage import LIVE, Postage, PostageState
from bookwish_desk.ui.shipping.rows import is_problem, ship_row
from bookwish_desk.ui.shipping.state import ShipRow, Shown, ToShip

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 2_000
"""So many labels are read at once: more than a day's."""

_AT_WORK: tuple[PostageState, ...] = (*(state for state in LIVE if state != "bought"), "voiding")
"""States that do not last: labels in them are few, however long the shop has been sending."""


class Listing(NamedTuple):
    """The parcels of a list, those with a problem first, their rows, and how many are in each list."""

    parcels: tuple[ToShip, ...]
    rows: tuple[ShipRow, ...]
    counts: dict[Shown, int]


def listing(
    store: Store,
    settings: Settings,
    shown: Shown,
    stale: Callable[[], bool],
    kept: frozenset[str] = frozenset(),
) -> Listing:
    """Read the parcels of a list; those `kept` (by key) stay in what is to ship though they left."""
    from bookwish_desk.db import orders, postages, weighing

    since = day_began(store.clock(), settings)
    with store.read(stale) as conn:
        waiting = orders.open_orders(conn)
        boxes = {p.id for order in waiting for p in order.parcels}
        labels = (*postages.of_boxes(conn, boxes), *postages.in_state(conn, _AT_WORK, MOST))
        today = postages.bought_between(conn, since, store.clock())
        here = {order.id for order in waiting}
        more = orders.by_ids(conn, _missing((*labels, *today), here))
        parcels = _parcels((*waiting, *more), (*today, *labels))
        lists: dict[Shown, list[ToShip]] = {
            "to_ship": [p for p in parcels if not p.shipped],
            "problems": [p for p in parcels if is_problem(p)],
            "today": [p for p in parcels if _of_today(p, since)],
        }
        shipped = [p for p in parcels if p.shipped and p.key in kept] if shown == "to_ship" else []
        found = sorted((*lists[shown], *shipped), key=lambda p: _by_urgency(p, kept))
        known = weighing.of_lines(conn, (line for p in found for line, _ in p.lines))
        parcels = [_with_known(conn, p, known, store.clock()) for p in found]
    rows = tuple(ship_row(p, settings) for p in parcels)
    return Listing(tuple(parcels), rows, {name: len(x) for name, x in lists.items()})


def day_began(at: int, settings: Settings) -> int:
    """Return when the shop's day began in which a moment lies, ms UTC."""
    return moment(settings.opening, local(settings.opening, at).date(), 0)


def _parcels(found: Iterable[Order], labels: Iterable[Postage]) -> list[ToShip]:
    """Return every parcel of these orders with its label, the live one where there were several."""
    by_box: dict[str, list[Order]] = {}
    for order in found:
        if order.kind == "ship":
            for parcel in order.parcels:
                by_box.setdefault(parcel.id, []).append(order)
    known: dict[str, list[Postage]] = {}
    for label in labels:
        if label.purpose == "out":
            known.setdefault(label.box, []).append(label)
    return [
        ToShip(box, inside, _label_of(inside, known.get(box, ())))
        for box, sharing in by_box.items()
        for inside in _together(box, sharing)
    ]


def _together(box: str, sharing: list[Order]) -> Iterable[tuple[Order, ...]]:
    """Yield orders that lie in one box: other systems may call parcels of any two orders 1."""
    while sharing:
        first, *others = sharing
        away = bool(first.parcel(box).shipped_at)  # type: ignore[union-attr]
        inside = {first.id, *(o.id for o in boxed_with(first, others, away=away) if o.parcel(box))}
        yield tuple(o for o in sharing if o.id in inside)
        sharing = [o for o in sharing if o.id not in inside]


def _label_of(inside: tuple[Order, ...], labels: Iterable[Postage]) -> Postage | None:
    ids = {order.id for order in inside}
    ours = [label for label in labels if ids & set(label.orders)]
    return max(ours, key=lambda x: (x.live, x.created_at), default=None)


def _missing(labels: Sequence[Postage], known: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(o for label in labels for o in label.orders if o not in known))


def _of_today(parcel: ToShip, since: int) -> bool:
    bought = parcel.postage.bought_at if parcel.postage is not None else 0
    return max(parcel.parcel.shipped_at, bought) >= since


def _by_urgency(parcel: ToShip, kept: frozenset[str]) -> tuple[int, int, str]:
    """Return what sorts a parcel: what needs somebody first, what has its label last.

    What got its label while it was looked at stays where it was.
    """
    label = parcel.postage
    if is_problem(parcel):
        rank = 0
    elif (label is not None and label.state in ("bought", "voiding")) or parcel.shipped:
        rank = 1 if parcel.key in kept else 2
    else:
        rank = 1
    return rank, parcel.orders[0].placed_at, parcel.name


def _with_known(conn: Connection, parcel: ToShip, known: Mapping[str, Weighed], at: int) -> ToShip:
    """Return a parcel with what is known of its books, and of its address where it is still here."""
    from bookwish_desk.db import address_checks

    here = {line.sku: known[line.sku] for line, _ in parcel.lines if line.sku in known}
    to = parcel.orders[0].address
    if to is None or parcel.shipped:
        return replace(parcel, known=here)
    told = printed(to)
    checked = address_checks.find(conn, told, at)
    choice = address_checks.choice(conn, told) if checked is not None else ""
    return replace(parcel, known=here, checked=checked, choice=choice)
