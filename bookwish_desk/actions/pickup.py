"""Pickup: an order made ready on the hold shelf with its slip, found again by scan or name, and handed over.

Each is one step of the order (`actions.ordering`) with what belongs to it at the counter. An order collected
in a sale is `actions.collecting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.collecting import handed_over, in_other_sale, seen_of
from bookwish_desk.actions.permits import present, require
from bookwish_desk.actions.posting import letterhead, post_slip
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.collecting import Copies, left_unscanned
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.hold_slip import hold_slip, order_code, stands_for
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import HOUR, deadlines
from bookwish_desk.shop.staff import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOLD_DAYS = 14
"""How long an order is held where the shop's promises do not say (BW+09)."""
PRINTED = "printed"
"""What the history of an order calls a paper."""

_ENDING = "SELECT id FROM orders WHERE id LIKE ?"


@action
def make_ready(
    tx: Tx,
    actor: Actor,
    order_id: str,
    shelf: str,
    *,
    partly: bool = False,
    override: str = "",
    telling: Telling = Telling(),  # noqa: B008
    slip: bool = True,
) -> Order:
    """Set an order aside on the hold shelf: the customer is told, and its slip is printed.

    Raises Refused where it is not picked (unless `partly`) or its money is not certain (unless a manager
    gives a reason for an `override`).
    """
    step = Step("ready", shelf=shelf, partly=partly, override=override)
    order = ordering.taken(tx, actor, order_id, step, telling)
    if slip:
        _print(tx, actor, order, by_itself=True)
    return order


@action
def print_slip(tx: Tx, actor: Actor, order_id: str) -> str:
    """Print the slip of an order on the hold shelf again; return the job's id. Raises Refused for others."""
    present(tx, actor)
    order = orders.load(tx.conn, order_id)
    if not order.ready_at:
        raise Refused("not_ready", "The order is not ready for pickup.")
    return _print(tx, actor, order)


def _print(tx: Tx, actor: Actor, order: Order, *, by_itself: bool = False) -> str:
    until = held_until(order, tx)
    slip = hold_slip(order, letterhead(tx.settings), until=until)
    job = post_slip(tx, slip, register=actor.register, by_itself=by_itself)
    if job:
        body = {"what": "pickup slip", "code": order_code(order)}
        orders.record(tx, order.id, PRINTED, staff=actor.staff, register=actor.register, body=body)
    return job


def held_until(order: Order, tx: Tx) -> int:
    """Return until when an order that is ready is held for its customer (ms UTC)."""
    found = deadlines(order, tx.settings.opening, tx.settings.promises)
    usual = order.ready_at + HOLD_DAYS * 24 * HOUR
    return next((d.at for d in found if d.promise == "hold_last"), usual)


@action
def hand_over(
    tx: Tx,
    actor: Actor,
    order_id: str,
    copies: Copies,
    seen: str,
    *,
    partly: bool = False,
    override: str = "",
    telling: Telling = Telling(),  # noqa: B008
) -> Order:
    """Give the copies that were scanned out to the customer, and note by what the customer was known (BW+09).

    Raises Refused while copies that lie ready were not scanned, unless only a `partly` one is meant; for an
    unpaid order unless a manager gives a reason for an `override`; and for one that is in a sale.
    """
    require(tx, actor, "order.work", f"{order_id} hand_over")
    if override:
        require(tx, actor, "order.override", f"{order_id} hand_over override")
    in_other_sale(tx, order_id)
    order = orders.load(tx.conn, order_id)
    if not copies:
        raise Refused("nothing", "Scan each book out first.")
    missing = left_unscanned(order, copies)
    if missing and not partly:
        raise Refused("missing", unscanned(missing), copies=missing)
    return handed_over(tx, actor, order, copies, seen_of(seen), Step("hand_over", override=override), telling)


def unscanned(copies: int) -> str:
    """Return what is said while copies of an order were not scanned out."""
    books = "1 book is" if copies == 1 else f"{copies} books are"
    return f"{books} not scanned out yet. Scan every book, or hand over a part."


# ---- finding ----


def find(store: Store, code: str) -> tuple[Order, ...]:
    """Return the orders that a scanned or typed code stands for: on the hold shelf first, then the newest."""
    with store.read() as conn:
        found = _by_code(conn, code)
    return tuple(sorted(found, key=lambda o: (not o.ready_at, o.state not in WORKING, o.kind != "pickup")))


def _by_code(conn: Connection, code: str) -> tuple[Order, ...]:
    found = orders.by_number(conn, code)
    ending = stands_for(code)
    if found or not ending:
        return found
    return orders.by_ids(conn, [row[0] for row in query(conn, _ENDING, (f"%{ending}",))])


def waiting(store: Store, words: str) -> tuple[Order, ...]:
    """Return the pickups that words lead to, those on the hold shelf first; without words, just these."""
    with store.read() as conn:
        found = orders.search(conn, words).orders if words.strip() else orders.open_orders(conn)
    mine = [o for o in found if o.kind == "pickup" and o.state in WORKING and o.owner.name == "store"]
    if not words.strip():
        mine = [o for o in mine if o.ready_at]
    return tuple(sorted(mine, key=lambda o: (not o.ready_at, o.ready_at or o.placed_at)))
