"""What the order screen reads on a lane: queues with their counts, the list, and one order with all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bookwish_desk.actions.mailing import TOLD
from bookwish_desk.settings import Settings
from bookwish_desk.shop import barcode, boxes
from bookwish_desk.shop.order import SOURCES, Order
from bookwish_desk.shop.order_queue import QUEUE_NAMES, queue
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Verb
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.sending import is_to_send
from bookwish_desk.ui.orders import words
from bookwish_desk.ui.orders.at_store import AtStore
from bookwish_desk.ui.orders.detail_state import Photo
from bookwish_desk.ui.orders.facts import Here
from bookwish_desk.ui.orders.notices_told import told_jobs
from bookwish_desk.ui.orders.state import OrderRow, Shown

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.db.orders import Event
    from bookwish_desk.db.store import Store
    from bookwish_desk.ui.station import Stale

PAGE = 200
"""Orders of the full history loaded at a time."""


class Ask(msgspec.Struct, frozen=True):
    """What the list shall show: a queue, or what words find; `pages` of those that are many."""

    queue: Shown
    words: str = ""
    kind: str = ""
    source: str = ""
    pages: int = 1


class Listing(msgspec.Struct, frozen=True):
    """The list as read, the counts of all queues, the sources seen, whether there is more."""

    rows: tuple[OrderRow, ...]
    counts: dict[Shown, int]
    sources: tuple[tuple[str, str], ...]
    more: bool = False


def listing(store: Store, settings: Settings, ask: Ask, stale: Stale) -> Listing:
    """Read what was asked for; only open orders are decoded, and older ones page by page."""
    from bookwish_desk.db import orders, sync_board

    at = store.clock()
    with store.read(stale) as conn:
        waiting = orders.open_orders(conn)
        found, more = _found(conn, waiting, at, ask)
        counts = _counts(waiting, orders.count_closed(conn), at)
        differing = sync_board.orders_that_differ(conn)
    rows = tuple(
        words.row(order, at, settings, deadline, differs=order.id in differing)
        for order, deadline in found_in_order(found, settings, ask)
    )
    return Listing(rows, counts, sources(waiting), more)


def found_in_order(found: list[Order], settings: Settings, ask: Ask) -> list:
    """Return the orders with what breaks next of each: sorted by it, but the history, which is by age."""
    if ask.words.strip() or ask.queue in ("all", "done", "carts"):
        return [(order, words.next_due(order, settings)) for order in found]
    return words.ordered(found, settings)


def _found(conn: Connection, waiting: tuple[Order, ...], at: int, ask: Ask) -> tuple[list[Order], bool]:
    if ask.words.strip() or ask.queue == "all":
        return _paged(conn, ask, closed=False)
    here = [o for o in waiting if words.fits(o, at, ask.queue, ask.kind, ask.source)]
    if ask.queue not in ("done", "carts"):
        return here, False
    older, more = _paged(conn, ask, closed=True)
    known = {o.id for o in here}
    older = [o for o in older if o.id not in known and queue(o, at) == ask.queue]
    return [*reversed(here), *older], more


def _paged(conn: Connection, ask: Ask, *, closed: bool) -> tuple[list[Order], bool]:
    from bookwish_desk.db import orders

    found: list[Order] = []
    before = 0
    while len(found) < ask.pages * PAGE:  # of those that pass the filters: there may be few among many
        page = (
            orders.closed(conn, carts=ask.queue == "carts", before=before, limit=PAGE)
            if closed
            else orders.search(conn, ask.words, before=before, limit=PAGE)
        )
        found += [o for o in page.orders if words.passes(o, ask.kind, ask.source)]
        before = page.more
        if not before:
            break
    return found, bool(before)


def _counts(waiting: tuple[Order, ...], closed: dict[str, int], at: int) -> dict[Shown, int]:
    counts: dict[Shown, int] = dict.fromkeys(QUEUE_NAMES, 0)
    for order in waiting:
        counts[queue(order, at)] += 1
    carts = closed.get("abandoned", 0) + closed.get("in_checkout", 0)
    done = sum(closed.values()) - carts
    counts["all"] = len(waiting) + done + carts
    counts["done"] += done
    counts["carts"] += carts
    return counts


def sources(waiting: tuple[Order, ...]) -> tuple[tuple[str, str], ...]:
    """Return the sources to filter by: every known one and those of the orders at hand."""
    names = {key: source.name for key, source in SOURCES.items()}
    names.update({o.source: o.source for o in waiting if o.source not in names})
    return tuple(names.items())


def matching(store: Store, typed: str) -> tuple[str, ...]:
    """Return the ids of the orders that a scan means: those of this number, or open ones with this book.

    A number of digits alone may be a sound article code as well: it is the number where an order has it.
    """
    from bookwish_desk.actions import pickup
    from bookwish_desk.db import orders

    scan = barcode.parse(typed)
    if scan.ean is None and (named := pickup.find(store, scan.code)):
        return tuple(o.id for o in named)
    with store.read() as conn:
        if named := orders.by_number(conn, typed):
            return tuple(o.id for o in named)
        return tuple(
            o.id
            for o in orders.open_orders(conn)
            if any(x.sku == scan.code or (scan.ean and x.ean == scan.ean) for x in o.lines if x.open)
        )


def queue_of(store: Store, order_id: str) -> Shown:
    """Return the queue in which an order is found. Raises Refused when it is not in the books."""
    from bookwish_desk.db import orders

    with store.read() as conn:
        return queue(orders.load(conn, order_id), store.clock())


class Whole(NamedTuple):
    """One order as read, with all that its page shows of it."""

    order: Order
    at: int
    here: dict[str, Here]
    events: tuple[Event, ...]
    names: dict[str, str]
    photos: tuple[Photo, ...]
    mails: Mapping[str, tuple[str, str]]
    there: AtStore
    known: Mapping[str, Weighed] = {}
    same_way: tuple[str, ...] = ()
    labels: tuple[Postage, ...] = ()


def whole(store: Store, order_id: str) -> Whole:
    """Read one order with its books, history, photos, notices, and what the online store has of it.

    Raises Refused when there is none.
    """
    from bookwish_desk.db import (
        conflicts,
        lookup,
        mailbox,
        netbox,
        online,
        orders,
        people,
        postages,
        weighing,
    )

    with store.read() as conn:
        order = orders.load(conn, order_id)
        events = orders.history(conn, order_id)
        items = {i.sku: i for i in lookup.by_skus(conn, sorted({x.sku for x in order.lines}))}
        here = {sku: Here(item, orders.promised_copies(conn, sku)) for sku, item in items.items()}
        names = {p.id: p.name for p in people.staff(conn, left=True)}
        photos = tuple(Photo(f.picture, f.note) for f in orders.files(conn, order_id))
        jobs = [job for event in events if event.kind == TOLD for job in told_jobs(event.body)]
        mails = {job.id: (job.state, job.status) for job in mailbox.by_ids(conn, jobs).values()}
        link = online.link_of(conn, order_id)
        told = netbox.about(conn, order_id) if link is not None else ()
        there = AtStore(link, told, conflicts.of_order(conn, order_id))
        labels = postages.of_order(conn, order_id) if order.parcels else ()
        known: Mapping[str, Weighed] = {}
        others: tuple[Order, ...] = ()
        if is_to_send(order):
            known = weighing.of_lines(conn, order.lines)
            code = order.address.postal_code if order.address is not None else ""
            others = boxes.same_way(order, orders.open_near(conn, code))
    same_way = tuple(other.number for other in others)
    return Whole(order, store.clock(), here, events, names, photos, mails, there, known, same_way, labels)


def possible(store: Store, ids: tuple[str, ...], stale: Stale) -> dict[Verb, int]:
    """Return with how many of these orders each step is possible now; checking is the way to packing."""
    from bookwish_desk.db import orders

    counts: Counter[Verb] = Counter()
    with store.read(stale) as conn:
        for order in orders.by_ids(conn, ids):
            can = {rule.verb for rule in allowed(order, store.clock()) if not rule.why_not}
            if order.kind == "ship" and "check" in can:
                can.add("pack")  # the pack table checks first
            counts.update(can)
    return counts
