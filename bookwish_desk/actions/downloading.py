"""What the online store says of its orders, taken into the books: a page and its mark in one transaction.

`shop.merging` decides what follows, `actions.far_following` does it. Each order stands alone: one that cannot
be taken over becomes a difference for a person and keeps no other waiting. Stock is `actions.stock_watching`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import allocating, arriving, placing, uploading
from bookwish_desk.actions.action import action
from bookwish_desk.actions.far_following import STORE, carry_out, decided
from bookwish_desk.actions.stock_watching import (
    Observed,
    compare_stock,
    observe_stock,
    stock_counts,
    stock_difference,
)
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import conflicts, online, orders
from bookwish_desk.db.engine import driver
from bookwish_desk.db.link import core_faults, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import far_order
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.merging import heard_word, merge
from bookwish_desk.shop.online import Abilities, OnlineOrder, OrderRow
from bookwish_desk.shop.order import SOURCES, Order, Source, fault, source_of
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.text import clean

__all__ = [
    "Applied", "Observed", "applied", "apply_orders", "compare_stock", "decided", "note_unreadable",
    "observe_stock", "stock_counts", "stock_difference",
]  # fmt: skip

log = logging.getLogger(__name__)

_USUAL, _SILENT = Telling(), Telling("silent")
_ENDS = {"cancel": "cancelled", "complete": "delivered", "ship": "shipped"}
"""How an order ended, by what a word of any store asks for; it is not ended with any other."""
LONG_AGO_MS = 4 * 86_400_000
"""Longer than a shop is closed over a long weekend."""
_JUDGED = frozenset(("status", "gone", "edit", "payment"))


class Applied(msgspec.Struct, frozen=True):
    """What became of orders of the store, and how many were left out because they are not this store's."""

    new: int = 0
    changed: int = 0
    same: int = 0
    history: int = 0
    left_out: int = 0
    failed: int = 0

    @property
    def orders(self) -> int:
        """Return how many orders it is about."""
        return self.new + self.changed + self.same + self.history + self.left_out + self.failed


@action
def apply_orders(
    tx: Tx,
    orders: Sequence[OnlineOrder],
    mark: tuple[str, str] | None = None,
    abilities: Abilities | None = None,
    wanted: Callable[[], bool] = lambda: False,
) -> Applied:
    """Take over what the store says of orders, and how far was read with it (name and value of the mark).

    Orders that name another store, and those that BookWish fills itself, are left out and counted. Once
    somebody waits (`wanted`) it ends after the order at hand, without the mark: see `Applied.orders`.
    """
    return applied(tx, orders, mark, abilities, wanted)


def applied(
    tx: Tx,
    orders: Sequence[OnlineOrder],
    mark: tuple[str, str] | None = None,
    abilities: Abilities | None = None,
    wanted: Callable[[], bool] = lambda: False,
) -> Applied:
    """Do what `apply_orders` does, as part of another action."""
    settings = tx.settings.online
    source = settings.source
    able = abilities or Abilities(source, (SOURCES.get(source) or Source(source)).vocabulary)
    counts = dict.fromkeys(Applied.__struct_fields__, 0)
    for far in orders:
        foreign = not far_order.is_of(far, settings.store_id) and not far_order.names_no_store(far)
        outcome = "left_out" if foreign or far.direct else _taken_in(tx, far, source, able)
        counts[outcome] += 1
        if wanted():
            break
    made = Applied(**counts)
    if mark is not None and made.orders == len(orders):
        online.set_mark(tx, *mark)
    return made


def _taken_in(tx: Tx, far: OnlineOrder, source: str, able: Abilities) -> str:
    """Take one order over as far as it can be; what cannot is a difference for a person."""
    subject = f"far:{clean(far.id, 64)}"
    try:
        with _undone_alone(tx):
            outcome = _one(tx, far, source, able)
            conflicts.close_conflict(tx, "unmapped", subject)
            return outcome
    except Refused as refused:
        why = refused.message
        log.info("event=online_order_refused code=%s", refused.code)
    except Exception as fault:
        # A fault in one order, even one of this program, would keep every other waiting for ever.
        if _is_of_the_disk(fault):
            raise
        why = "Something in it was not foreseen."
        log.exception("event=bug online_order_failed")
    _show_left_out(tx, source, OrderRow(far.id, far.number, far.status), why)
    return "failed"


@action
def note_unreadable(tx: Tx, rows: Sequence[OrderRow]) -> None:
    """Show orders that the store has and that cannot be read: somebody waits for each of them.

    That goes by itself once an order can be read after all.
    """
    for row in rows:
        _show_left_out(tx, tx.settings.online.source, row, "What the store sends of it cannot be read.")


def _show_left_out(tx: Tx, source: str, row: OrderRow, why: str) -> None:
    subject = f"far:{clean(row.id, 64)}"
    found = online.order_link(tx.conn, source, row.id.encode(errors="replace").decode())
    number = clean(row.number, 40) or clean(row.id, 40)
    made = Conflict(
        id="", kind="unmapped", subject=subject, order_id=found.order_id if found else "",
        sentence=f"Order {number} of the store could not be taken over. {why}",
        theirs=clean(row.status, 40), theirs_at=tx.at, rule="Nothing of it was changed here.",
        choices=("noted",),
    )  # fmt: skip
    left = conflicts.noted(tx.conn, "unmapped").get(subject)
    if left is None or (left.sentence, left.theirs) != (made.sentence, made.theirs):
        conflicts.open_conflict(tx, made)


@contextmanager
def _undone_alone(tx: Tx) -> Iterator[None]:
    """Undo what was done inside when it fails, and nothing else of the transaction."""
    query(tx.conn, "SAVEPOINT one_order")
    try:
        yield
    except BaseException:
        with suppress(*_faults()):
            query(tx.conn, "ROLLBACK TO one_order")
            query(tx.conn, "RELEASE one_order")
        raise
    query(tx.conn, "RELEASE one_order")


def _faults() -> tuple[type[Exception], ...]:
    return (driver().Error, *core_faults())


def _is_of_the_disk(fault: Exception) -> bool:
    """Say whether a fault is that of the disk or the database: then the whole page waits, not one order."""
    below = getattr(fault, "orig", None) or fault
    return isinstance(below, driver().OperationalError | StorageError)


def _one(tx: Tx, far: OnlineOrder, source: str, able: Abilities) -> str:
    found = online.order_link(tx.conn, source, far.id)
    if found is not None:
        return _again(tx, far, found.order_id, found.far, able, source)
    typed = online.unlinked(tx.conn, source, clean(far.number, 40)) if far.number else ""
    if typed:
        outcome = _again(tx, far, typed, None, able, source)
        uploading.order_linked(tx, orders.load(tx.conn, typed))
        return outcome
    return _new(tx, far, source, able)


# ---- an order that is here ----


def _again(
    tx: Tx, far: OnlineOrder, order_id: str, base: OnlineOrder | None, able: Abilities, source: str
) -> str:
    held = conflicts.of_order(tx.conn, order_id)
    if far == base and not any(c.kind in _JUDGED for c in held):
        if conflicts.last_decided(tx.conn, "cancel_there", order_id) is not None:
            uploading.order_heard(tx, orders.load(tx.conn, order_id))
        return "same"
    far = far_order.filled(far, base)
    order = orders.load(tx.conn, order_id)
    store_id = tx.settings.online.store_id
    merged = merge(
        order,
        far,
        base,
        able,
        tx.at,
        store_id=store_id,
        fitted=_lines_new(tx, far, base, order),
        held=held,
        show=tx.settings.money.show,
    )
    if merged.late:
        return "same"
    if far != base:
        # What is as it was is no news: counts are judged against the last news of their orders.
        online.link(tx, source, order_id, far)
    how = _SILENT if _is_old(far_order.moment(far.updated) or 0, tx) else _USUAL
    after = carry_out(tx, order, far, merged, able, held, how)
    uploading.order_heard(tx, after)
    if after.state == "cancelled" and conflicts.find(tx.conn, "cancel_there", order_id):
        conflicts.close_conflict(tx, "status", order_id)  # that it is cancelled here is the one difference
    asked = conflicts.of_order(tx.conn, order_id)
    return "changed" if after != order or asked != held else "same"


def _lines_new(tx: Tx, far: OnlineOrder, base: OnlineOrder | None, order: Order) -> dict[str, OrderLine]:
    """Return the lines that the store has added or changed, as this order would get them."""
    store_id = tx.settings.online.store_id
    now = far_order.terms(far, store_id).lines
    then = far_order.terms(base, store_id).lines if base is not None else {}
    if now == then:
        return {}
    mine = far_order.matched(order, {**then, **now})
    new = {key: x for key, x in now.items() if key not in mine and then.get(key) != x}
    found = arriving.fitted(tx, new, special=order.special)
    for key, one in found.items():
        if one.unmapped:
            _open_unmapped(tx, order, key, one.line)
    return {key: one.line for key, one in found.items()}


# ---- a new one ----


def _new(tx: Tx, far: OnlineOrder, source: str, able: Abilities) -> str:
    wanted = far_order.terms(far, tx.settings.online.store_id)
    if not wanted.lines:
        raise Refused("no_lines", "The store names no book in it.")
    heard = heard_word(far, able.vocabulary)
    fits = arriving.fitted(tx, wanted.lines, special=far.special)
    lines = tuple(one.line for one in fits.values())
    order = arriving.arrived(far, wanted, lines, source, heard, tx.at)
    order = replace(order, memo=f"{order.memo} {_same_number(tx, order)}".strip())
    ended = _ENDS.get(heard.asks or "", "") if heard is not None else ""
    if _is_history(far, ended, tx.settings.online.since):
        _keep_history(tx, arriving.past(order, far, ended, tx.at))
        online.link(tx, source, order.id, far)
        return "history"
    old = _is_old(far.created_at or far_order.moment(far.updated) or 0, tx)
    how = _SILENT if old or ended in ("shipped", "delivered") else _USUAL
    kept = _taken_along(tx, order) if old else placing.received(tx, STORE, order, how)
    online.link(tx, source, kept.id, far)
    for key, one in fits.items():
        if one.unmapped:
            _open_unmapped(tx, kept, key, one.line)
    merged = merge(
        kept, far, None, able, tx.at, store_id=tx.settings.online.store_id, show=tx.settings.money.show
    )
    carry_out(tx, kept, far, merged, able, (), how)
    return "new"


def _same_number(tx: Tx, order: Order) -> str:
    """Return what staff should know of orders of this number that they have typed in as another source's."""
    same = [x for x in orders.by_number(tx.conn, order.number) if x.source != order.source and x.active]
    return f"{order.number} is in the books from {source_of(same[0]).name}, too." if same else ""


def _is_history(far: OnlineOrder, status: str, since: int) -> bool:
    """Say whether an order was done with before the shop worked with the store: it moves no stock then.

    One that is cancelled when it is first heard of has nothing to be done about it either, whenever that was.
    """
    if status == "cancelled":
        return True
    if not status:
        return False
    changed = far_order.moment(far.updated)
    return (changed if changed is not None else far.created_at) < since


def _is_old(at: int, tx: Tx) -> bool:
    """Say whether what happened at a moment (ms UTC, 0: nobody knows) is told to nobody any more.

    It was before the shop worked with the store, or so long ago that everybody has heard of it: after weeks
    without a network hundreds of letters would go out at once. It stands among the new orders like any other.
    """
    return 0 < at < max(tx.settings.online.since, tx.at - LONG_AGO_MS)


def _keep_history(tx: Tx, order: Order) -> None:
    if wrong := fault(order):
        raise AssertionError(wrong)
    orders.insert(tx, order)
    body = {"source": order.source, "number": order.number}
    orders.record(tx, order.id, placing.PLACED, staff="", register=0, body=body)
    tx.record("order.placed", staff="", register=0, ref=order.number, body=body)


def _taken_along(tx: Tx, order: Order) -> Order:
    """Keep an order that was placed long ago, or before the shop worked with the store, and tell nobody."""
    _keep_history(tx, order)
    allocating.share_out(tx, {x.sku for x in order.lines}, of=order.id)
    return orders.load(tx.conn, order.id)


def _open_unmapped(tx: Tx, order: Order, key: str, line: OrderLine) -> None:
    made = Conflict(
        id="", kind="unmapped", subject=f"{order.id}:{key}", order_id=order.id,
        sentence=f"{order.number}: no book here is {line.title}, as the store has it.",
        theirs=", ".join(x for x in (line.title, line.detail, str(line.ean or "")) if x), theirs_at=tx.at,
        rule="The line is kept as the store says it. Look for the book, or swap the line for the one meant.",
        choices=("noted",),
    )  # fmt: skip
    conflicts.open_conflict(tx, made)
