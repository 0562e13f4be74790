"""What becomes of orders by the clock alone: authorisations run out, checkouts are given up, people are told.

Each order is a transaction of its own that looks again before it acts, so that nothing happens twice,
whoever else works on the order, however often it runs, and whatever the clock does meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from bookwish_desk.actions import allocating, telling_due
from bookwish_desk.actions.action import action
from bookwish_desk.actions.ordering import advanced
from bookwish_desk.actions.telling_due import CLOCK, Write
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.promises import deadlines

log = logging.getLogger(__name__)


def run(store: Store, write: Write, stopped: Callable[[], bool] = lambda: False) -> int:
    """Do and tell what is due by the clock, and return how often something was.

    For any lane but the shop's: sales go between any two orders. One that is refused keeps no other
    waiting. `stopped` says that the desk is closed: the rest is done the next time.
    """
    with store.read() as conn:
        waiting, free = orders.open_orders(conn), allocating.unshared(conn)
    at, settings = store.clock(), store.settings
    done = 0
    for order in waiting:
        for verb in due(order, settings, at):
            if stopped():
                return done
            done += _tried(write, order, verb)
    if free and not stopped():
        done += bool(write(allocating.catch_up))
    return done + telling_due.run(store, write, stopped)


def _tried(write: Write, order: Order, verb: Verb) -> bool:
    try:
        return bool(write(lambda store: advance(store, order.id, verb)))
    except Refused as refused:
        log.info("event=order_clock_refused verb=%s code=%s", verb, refused.code)
        return False


@action
def advance(tx: Tx, order_id: str, verb: Verb) -> bool:
    """Take one step that the clock brings, if it is still due; say whether it was."""
    order = orders.load(tx.conn, order_id)
    if verb not in due(order, tx.settings, tx.at):
        return False
    advanced(tx, CLOCK, order, Step(verb))
    return True


def due(order: Order, settings: Settings, at: int) -> tuple[Verb, ...]:
    """Return the steps that are due by the clock alone at a moment (ms UTC).

    An authorisation that ran out covers nothing any more (IC-28); a checkout is given up when the shop's
    promise "checkout" breaks, or never where the shop has switched that off (IC-05).
    """
    return tuple(_due(order, settings, at))


def _due(order: Order, settings: Settings, at: int) -> Iterator[Verb]:
    pay = order.payment
    if pay.authorised_cents and at >= pay.expires_at:
        yield "expire"
    if order.state == "in_checkout":
        found = deadlines(order, settings.opening, settings.promises)
        if any(at >= d.at for d in found if d.promise == "checkout"):
            yield "abandon"
