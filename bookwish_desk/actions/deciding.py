"""Differences from the online store: opened and closed by what is heard, decided by people with a trace.

What the store's side of an order means for it is carried out by `actions.downloading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import require
from bookwish_desk.db import conflicts, netbox, orders
from bookwish_desk.db.conflicts import Closed, close_conflict, open_conflict
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.conflict import CHOICES, Choice, Conflict, Kind
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_choice import standing
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.promises import deadlines
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.upload import CancelUpload, StockUpload

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "Closed", "close_conflict", "closed", "of_order", "open_conflict", "open_conflicts",
    "order_changed", "resolve", "resolve_all", "until",
]  # fmt: skip

CONFLICT = "conflict"
"""What the history of an order calls a decided difference."""
PRIVATE = frozenset(("customer", "address", "instructions", "gift"))
"""Fields of an order whose values are the customer's own affair."""
OF_ORDERS: frozenset[Kind] = frozenset(("status", "gone", "edit", "payment"))
"""Kinds of which `downloading` carries the choice out."""


def open_conflicts(store: Store) -> tuple[Conflict, ...]:
    """Return every open conflict, the oldest first."""
    with store.read() as conn:
        return conflicts.all_open(conn)


def closed(store: Store, most: int = 100) -> tuple[Closed, ...]:
    """Return what was decided or went by itself, the latest first."""
    with store.read() as conn:
        return conflicts.closed(conn, most=most)


def of_order(conn: Connection, order_id: str) -> tuple[Conflict, ...]:
    """Return the open conflicts of an order, the oldest first."""
    return conflicts.of_order(conn, order_id)


def order_changed(tx: Tx, order: Order) -> None:
    """Bring what is still to decide of an order up to date with how it is now (what was done here)."""
    for found in conflicts.of_order(tx.conn, order.id):
        if found.kind == "edit" and order.state == "cancelled":
            close_conflict(tx, found.kind, found.subject)
            continue
        now = standing(found, order, tx.at)
        conflicts.open_conflict(tx, replace(now, deadline_at=until(tx, order, now)))


def until(tx: Tx, order: Order, conflict: Conflict) -> int:
    """Return until when a difference of an order should be decided (ms UTC), 0 where nothing hangs on it."""
    if conflict.choices == ("noted",):
        return 0
    return next((due.at for due in deadlines(order, tx.settings.opening, tx.settings.promises)), 0)


@action
def resolve(tx: Tx, actor: Actor, conflict_id: str, choice: Choice, reason: str = "") -> None:
    """Decide a difference and carry the choice out; both values stay in the journal, or with the order.

    Needs "sync.decide"; what a choice does may need another permission instead (to cancel an order, to
    count). Raises Refused where it is none any more, or for a choice that it does not offer.
    """
    found = conflicts.by_id(tx.conn, conflict_id)
    if found is None:
        raise Refused("settled", "This is no difference any more: it was decided, or went by itself.")
    _resolve(tx, actor, found, choice, plain(reason, 200))


@action
def resolve_all(tx: Tx, actor: Actor, kind: Kind, choice: Choice) -> int:
    """Decide every open difference of a kind alike, and say how many these were: to say that all were seen.

    Raises Refused for a choice that does more than that: each of those is decided by itself.
    """
    if choice != "noted":
        raise Refused("choice", "Decide these one by one.")
    found = conflicts.of_kind(tx.conn, kind)
    for one in found:
        _resolve(tx, actor, one, choice, "")
    return len(found)


def _resolve(tx: Tx, actor: Actor, found: Conflict, choice: Choice, reason: str) -> None:
    if choice not in (found.choices or tuple(x for x, _ in CHOICES[found.kind])):
        raise Refused("choice", "Choose one of the ways that are offered.")
    _permit(tx, actor, found, choice)
    # Closed first: what the choice does may close or open others of this subject.
    conflicts.close_decided(tx, found.id, choice=choice, staff=actor.staff, reason=reason)
    body = {
        "kind": found.kind, "choice": choice, "sentence": found.sentence, "ours": found.ours,
        "theirs": found.theirs, "reason": reason,
    }  # fmt: skip
    number = orders.load(tx.conn, found.order_id).number if found.order_id else found.subject
    # The journal is kept for ever and says no address; what was decided on stays with the order.
    private = found.kind == "edit" and found.field in PRIVATE
    logged = {**body, "ours": "", "theirs": "", "field": found.field} if private else body
    tx.record("online.resolved", staff=actor.staff, register=actor.register, ref=number, body=logged)
    if found.order_id:
        orders.record(tx, found.order_id, CONFLICT, staff=actor.staff, register=actor.register, body=body)
    _carry_out(tx, actor, found, choice, reason)


def _permit(tx: Tx, actor: Actor, found: Conflict, choice: Choice) -> None:
    """Let the actor decide: one permission each, so that one approval is enough."""
    permission = "sync.decide"
    if (found.kind, choice) == ("cancel_there", "send"):
        permission = "order.cancel"
    elif (found.kind, choice) == ("stock", "count"):
        permission = "stock.adjust"
    require(tx, actor, permission, found.id)


def _carry_out(tx: Tx, actor: Actor, found: Conflict, choice: Choice, reason: str) -> None:
    if found.kind in OF_ORDERS:
        # Imported here: what is heard of orders opens conflicts itself.
        from bookwish_desk.actions import downloading

        downloading.decided(tx, actor, found, choice, reason)
    elif (found.kind, choice) == ("cancel_there", "send"):
        order = orders.load(tx.conn, found.order_id)
        upload = CancelUpload(order.id, reason or order.cancel_reason)
        netbox.post(tx, [(order.id, upload)], register=actor.register)
        tx.touch(netbox.RETRY)
    elif found.kind == "stock" and choice in ("send", "count"):
        _even_stock(tx, actor, found, choice, reason)


def _even_stock(tx: Tx, actor: Actor, found: Conflict, choice: Choice, reason: str) -> None:
    """Bring the two counts of a SKU together by what they differ now, whatever they did when it was found."""
    from bookwish_desk.actions import stock_watching, stocking

    differ = stock_watching.stock_difference(tx.conn, found.subject)
    if differ is None:
        raise Refused(
            "on_its_way", "Copies of it are on their way to or from the store. Wait until both were counted."
        )
    if choice == "send":
        if tx.settings.online.stock_from_elsewhere:
            raise Refused("elsewhere", "The store takes its stock from elsewhere. Change it there.")
        if differ:
            netbox.post(
                tx, [(found.subject, StockUpload(found.subject, differ, "count", found.id))],
                register=actor.register,
            )  # fmt: skip
            tx.touch(netbox.RETRY)
    elif differ:
        stocking.recounted(tx, actor, found.subject, -differ, reason or "The online store's count")
