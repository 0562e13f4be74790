"""Picking, checking, packing and shipping as people do it: by a code, for many orders, several steps in one.

Each step is one of `shop.order_step`, taken through `actions.ordering`; here stands which order a copy is
for and what belongs together. Papers are `actions.order_papers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.postage_notes import kept
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import items, lookup, orders, postages
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import barcode
from bookwish_desk.shop.barcode import Scan
from bookwish_desk.shop.boxes import Filled
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import KIND_NAMES, Item
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import RULES, apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tracking import MOVING

BY_EYE = "Checked by eye"
"""Why a copy was checked without its code."""

QUALITY = "checked_quality"
"""The kind of the history's entry for copies that were looked at before they were packed (OMG-16)."""


class Moved(msgspec.Struct, frozen=True):
    """What a scan or a tick did: to which order, to which line, and how many copies."""

    order: Order
    line: str
    copies: int = 1


# ---- picking ----


@action
def pick_scanned(tx: Tx, actor: Actor, order_ids: Sequence[str], code: str) -> Moved:
    """Pick the copy of a scanned code for the order that has waited longest.

    Raises Refused for a code that is no book's, one that none of the orders wants, and one too many.
    """
    known = _workable(tx, order_ids)
    line = _scanned(tx, known, code, lambda x: x.to_pick, "on this list", "picked")
    return _picked(tx, actor, known, line.sku, 1)[0]


@action
def pick(tx: Tx, actor: Actor, order_ids: Sequence[str], sku: str, copies: int) -> tuple[Moved, ...]:
    """Pick so many copies of a SKU without scanning them, each for the order that has waited longest."""
    return _picked(tx, actor, _workable(tx, order_ids), sku, copies)


def _picked(tx: Tx, actor: Actor, known: Iterable[Order], sku: str, copies: int) -> tuple[Moved, ...]:
    moved: list[Moved] = []
    for order, line in _wanting(known, sku, lambda x: x.to_pick):
        now = min(copies, line.to_pick)
        if now:
            after = ordering.taken(tx, actor, order.id, Step("pick", copies=((line.id, now),)))
            moved.append(Moved(after, line.id, now))
            copies -= now
    if copies or not moved:
        raise Refused("enough", "There are not so many copies left to pick. Look at the list again.")
    return tuple(moved)


@action
def put_back(tx: Tx, actor: Actor, order_ids: Sequence[str], sku: str) -> Moved:
    """Take back the last tick of a SKU: one copy that is in no parcel is to be picked again.

    Raises Refused where none is picked, and where all of them wait for their customers.
    """
    wanting = _wanting(orders.by_ids(tx.conn, order_ids), sku, lambda x: x.set_aside)
    for order, line in reversed([each for each in wanting if not each[0].ready_at]):
        require(tx, actor, "order.work", f"{order.id} put_back")
        free = line.to_pick + 1
        step = Step("release", copies=((line.id, free),))
        released = apply(order, step, tx.at)
        after = apply(released, Step("allocate", copies=((line.id, free),)), tx.at)
        ordering.keep(tx, actor, order, after, "put_back", Step("pick", copies=((line.id, 1),)))
        return Moved(orders.load(tx.conn, order.id), line.id)
    if wanting:
        number = wanting[-1][0].number
        raise Refused("ready", f"{number} is ready for pickup. Take it back from the hold shelf first.")
    raise Refused("nothing", "No copy of it is picked that could be put back.")


# ---- checking ----


@action
def check_scanned(tx: Tx, actor: Actor, order_ids: Sequence[str], code: str) -> Moved:
    """Hold the copy of a scanned code against orders that are packed together.

    A copy that is promised and was not picked by the list counts as picked. Raises Refused for a code that
    is no book's, a book of none of these orders, and one too many.
    """
    known = _workable(tx, order_ids)
    line = _scanned(tx, known, code, _to_check, "in this order", "checked")
    return _checked(tx, actor, known, line.sku, "")


@action
def check_by_eye(tx: Tx, actor: Actor, order_id: str, line_id: str) -> Moved:
    """Hold a copy without a readable code against an order; the history says that it was not scanned."""
    order = orders.load(tx.conn, order_id)
    line = order.line(line_id)
    if line is None or not _to_check(line):
        raise Refused("enough", "Every copy of it is checked already.")
    lone = replace(order, lines=(line,))
    return _checked(tx, actor, (lone,), line.sku, BY_EYE)


def _to_check(line: OrderLine) -> int:
    return line.to_check + line.to_pick


def _checked(tx: Tx, actor: Actor, known: Iterable[Order], sku: str, why: str) -> Moved:
    # A copy that lies picked goes before one that would have to be picked first.
    wanting = sorted(_wanting(known, sku, _to_check), key=lambda each: not each[1].to_check)
    order, line = wanting[0]
    one = ((line.id, 1),)
    if not line.to_check:
        ordering.taken(tx, actor, order.id, Step("pick", copies=one))
    after = ordering.taken(tx, actor, order.id, Step("check", copies=one, reason=why))
    return Moved(after, line.id)


@action
def confirm_quality(tx: Tx, actor: Actor, order_ids: Sequence[str], points: Sequence[str]) -> None:
    """Record that the copies of orders were looked at, point by point, before they were packed (OMG-16)."""
    _confirm(tx, actor, order_ids, points)


def _confirm(tx: Tx, actor: Actor, order_ids: Sequence[str], points: Sequence[str]) -> None:
    for order in orders.by_ids(tx.conn, order_ids):
        require(tx, actor, "order.work", f"{order.id} {QUALITY}")
        orders.record(
            tx, order.id, QUALITY, staff=actor.staff, register=actor.register, body={"points": list(points)}
        )
        tx.record(f"order.{QUALITY}", staff=actor.staff, register=actor.register, ref=order.number, body={})


# ---- packing ----


@action
def pack(tx: Tx, actor: Actor, boxes: Sequence[Filled], points: Sequence[str] = ()) -> tuple[Order, ...]:
    """Put checked copies into boxes: a parcel for each order in a box, all of one box with the same id.

    With `points` whoever packs confirms the quality of all of them first, as `confirm_quality` does.
    Raises Refused where a copy of these orders is here that was not checked, or whose quality nobody
    confirmed since. Either all boxes are packed or none.
    """
    ids = tuple(dict.fromkeys(order_id for box in boxes for order_id, _, _ in box.contents))
    if not ids:
        raise Refused("nothing", "No checked copy is left to pack. Scan the copies first.")
    if points:
        _confirm(tx, actor, ids, points)
    for order in orders.by_ids(tx.conn, ids):
        _ready_to_pack(tx, order)
    for box in boxes:
        for order_id in dict.fromkeys(order_id for order_id, _, _ in box.contents):
            inside = tuple((line, copies) for owner, line, copies in box.contents if owner == order_id)
            step = Step("pack", copies=inside, parcel=box.id, weight_grams=box.weight_grams)
            ordering.taken(tx, actor, order_id, step)
    return tuple(sorted(orders.by_ids(tx.conn, ids), key=lambda x: (x.placed_at, x.number)))


def _ready_to_pack(tx: Tx, order: Order) -> None:
    waiting = [x for x in order.lines if _to_check(x)]
    if waiting:
        copies = sum(_to_check(x) for x in waiting)
        what = "1 copy was" if copies == 1 else f"{copies} copies were"
        raise Refused(
            "not_checked", f"{order.number}: {what} not scanned yet: {waiting[0].title}.", order=order.id
        )
    if not quality_confirmed(orders.history(tx.conn, order.id)):
        raise Refused(
            "quality", f"{order.number}: confirm first that the copies are fit to send.", order=order.id
        )


def quality_confirmed(history: Iterable[orders.Event]) -> bool:
    """Say whether somebody confirmed the quality of an order's copies after the last one was checked."""
    last = ""
    for event in history:
        if event.kind in (QUALITY, "check"):
            last = event.kind
    return last == QUALITY


@action
def move_copy(tx: Tx, actor: Actor, order_id: str, line_id: str, into: str) -> Order:
    """Put one packed copy of a line into another box, from the first parcel that has one."""
    order = orders.load(tx.conn, order_id)
    for parcel in order.parcels:
        inside = dict(parcel.contents)
        if inside.get(line_id) and parcel.id != into and not parcel.shipped_at:
            if sum(inside.values()) == 1:
                return _whole(tx, actor, order_id, parcel.id, line_id, into)
            step = Step("split", copies=((line_id, 1),), parcel=parcel.id, into=into)
            return ordering.taken(tx, actor, order_id, step)
    raise Refused("nothing", "Every copy of it lies in that parcel already.")


def _whole(tx: Tx, actor: Actor, order_id: str, parcel: str, line_id: str, into: str) -> Order:
    """Move the only copy in a parcel: nothing is left of that parcel then."""
    ordering.taken(tx, actor, order_id, Step("unpack", parcel=parcel))
    return ordering.taken(tx, actor, order_id, Step("pack", copies=((line_id, 1),), parcel=into))


@action
def unpack(tx: Tx, actor: Actor, order_ids: Sequence[str]) -> None:
    """Take everything out of the parcels of these orders that are still here."""
    for order in orders.by_ids(tx.conn, order_ids):
        if any(not p.shipped_at for p in order.parcels):
            ordering.taken(tx, actor, order.id, Step("unpack"))


# ---- on its way ----


@action
def ship(
    tx: Tx,
    actor: Actor,
    wanted: Sequence[tuple[str, str]],
    step: Step,
    telling: Telling = Telling(),  # noqa: B008
) -> tuple[Order, ...]:
    """Hand parcels to the carrier with what `step` says of them: (order id, parcel id or "" for all).

    All of them or none. What goes out unpaid is let pass by one approval for all of it. Raises Refused as
    `ordering.take` does, with the order's number where there are several.
    """
    known = orders.by_ids(tx.conn, [order_id for order_id, _ in wanted])
    unpaid = sorted(x.id for x in known if not x.paid)
    if step.override and unpaid:
        require(tx, actor, "order.override", f"{' '.join(unpaid)} ship override")
    found: tuple[Order, ...] = ()
    for one in wanted:
        # What is paid needs no manager, also where it lies in one box with what is not.
        each = step if one[0] in unpaid else replace(step, override="")
        found += _each(tx, actor, (one,), each, telling, several=len(wanted) > 1)
    return found


@action
def deliver(
    tx: Tx,
    actor: Actor,
    wanted: Sequence[tuple[str, str]],
    telling: Telling = Telling(),  # noqa: B008
) -> tuple[Order, ...]:
    """Record that parcels arrived: (order id, parcel id or "" for all)."""
    return _each(tx, actor, wanted, Step("deliver"), telling, several=len(wanted) > 1)


@action
def recall(tx: Tx, actor: Actor, wanted: Sequence[tuple[str, str]], reason: str = "") -> tuple[Order, ...]:
    """Take parcels that left back: (order id, parcel id or "" for all). Their copies are packed again.

    A label with which the carrier had the parcel is used: nobody refunds it, and the parcel may get another.
    """
    found = _each(tx, actor, wanted, Step("recall", reason=reason), Telling(), several=len(wanted) > 1)
    here = {parcel.id for order in found for parcel in order.parcels if not parcel.shipped_at}
    for label in postages.of_boxes(tx.conn, here):
        if label.state == "bought" and label.track_status in MOVING:
            kept(tx, label, replace(label, purpose="used", words=""))
    return found


@action
def retrack(
    tx: Tx,
    actor: Actor,
    wanted: Sequence[tuple[str, str]],
    step: Step,
    telling: Telling = Telling(),  # noqa: B008
) -> tuple[Order, ...]:
    """Give parcels that left another carrier, service and number: (order id, parcel id)."""
    return _each(tx, actor, wanted, step, telling, several=len(wanted) > 1)


def _each(
    tx: Tx, actor: Actor, wanted: Sequence[tuple[str, str]], step: Step, telling: Telling, *, several: bool
) -> tuple[Order, ...]:
    found = []
    for order_id, parcel in wanted:
        require(tx, actor, RULES[step.verb].permission, f"{order_id} {step.verb}")
        try:
            order = orders.load(tx.conn, order_id)
            found.append(ordering.advanced(tx, actor, order, replace(step, parcel=parcel), telling))
        except Refused as refused:
            if not several:
                raise
            number = orders.load(tx.conn, order_id).number
            raise Refused(refused.code, f"{number}: {refused.message}", **refused.facts) from refused
    return tuple(found)


# ---- which order a copy is for ----


def _workable(tx: Tx, order_ids: Iterable[str]) -> tuple[Order, ...]:
    """Return those of these orders of which copies may be fetched and checked now."""
    found = orders.by_ids(tx.conn, order_ids)
    return tuple(x for x in found if not x.hold and x.owner.name == "store" and x.state in WORKING)


def _wanting(
    known: Iterable[Order], sku: str, room: Callable[[OrderLine], int]
) -> list[tuple[Order, OrderLine]]:
    """Return the lines of a SKU that have room for a copy, of the order that has waited longest first."""
    waiting = sorted(known, key=lambda order: (order.placed_at, order.number))
    return [(order, x) for order in waiting for x in order.lines if x.sku == sku and room(x) > 0]


def _scanned(
    tx: Tx, known: Sequence[Order], code: str, room: Callable[[OrderLine], int], where: str, done: str
) -> OrderLine:
    """Return the line that a scanned copy is for, or say why it is for none."""
    scan = barcode.parse(code)
    if scan.kind in ("card", "receipt", "held", "badge"):
        raise Refused("no_book", scan.reason or f"{scan.code} is not the code of a book.")
    with tx.store.read() as conn:
        item = lookup.find(conn, scan.code, scan.ean)
    lines = [x for order in known for x in order.lines]
    copies = _copies(tx, lines)
    fitting = [x for x in lines if _is(x, item, scan, copies)]
    for line in fitting:
        if room(line) > 0:
            return line
    name = item.title if item is not None else (fitting[0].title if fitting else "")
    if fitting and any(x.allocated for x in fitting):
        raise Refused("too_many", f"{name}: every copy {where} is {done} already. This one is too many.")
    if fitting:
        raise Refused("not_here", f"{name}: no copy of the shop is promised to it yet. Put it aside.")
    if scan.kind == "invalid":
        raise Refused("bad_code", scan.reason)
    if item is None:
        raise Refused("unknown", f"{scan.code} is not {where}, and nothing is known about it. Put it aside.")
    raise Refused("wrong", f"{name} is not {where}. {_whither(tx, item, lines, copies, known)}")


def _whither(
    tx: Tx, item: Item, lines: Sequence[OrderLine], copies: dict[str, Item], known: Sequence[Order]
) -> str:
    """Say where a book belongs that does not belong here: another copy of the title, or another order."""
    for line in lines:
        other = copies.get(line.sku)
        ean = other.of_ean if other is not None else line.ean
        if ean is not None and ean == item.title_ean:
            kind = KIND_NAMES[other.kind].lower() if other is not None else "new"
            return f"The {kind} copy of it is wanted, {line.sku}. This one is {item.kind}."
    ids = {order.id for order in known}
    for order in reversed(orders.holders(tx.conn, item.sku)):
        if order.id not in ids:
            return f"It is promised to {order.number}. Put it aside."
    return "Put it aside."


def _copies(tx: Tx, lines: Sequence[OrderLine]) -> dict[str, Item]:
    """Return those of the lines' items that are used or signed copies: their title's code is not theirs."""
    with tx.store.read() as conn:
        found = items.by_skus(conn, list(dict.fromkeys(x.sku for x in lines)))
    return {item.sku: item for item in found if item.kind != "new"}


def _is(line: OrderLine, item: Item | None, scan: Scan, copies: dict[str, Item]) -> bool:
    if line.sku == scan.code or (item is not None and line.sku == item.sku):
        return True
    return line.ean is not None and line.ean == scan.ean and line.sku not in copies
