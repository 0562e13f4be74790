"""Steps and edits that the online store asks for, done on an order here; what people decided of the rest.

Part of `actions.downloading`: everything goes through the actions of people's own work, with the same
history, stock and notices. What follows from what the store says is decided by `shop.merging`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import deciding, ordering, uploading
from bookwish_desk.actions.mailing import TOLD
from bookwish_desk.actions.order_editing import Edited
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import conflicts, online, orders
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import order_edit as edits
from bookwish_desk.shop.conflict import Choice, Conflict
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_choice import EDITS
from bookwish_desk.shop.far_edit import EVENTS, KINDS, FarEdit, What, changed
from bookwish_desk.shop.far_order import RANKS
from bookwish_desk.shop.merging import Merged, heard_word, money_of, refunding, status_conflict
from bookwish_desk.shop.online import Abilities, OnlineOrder
from bookwish_desk.shop.order import Order, PostalAddress, source_of
from bookwish_desk.shop.order_rules import apply, edit
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import PASSED, PLACED, asked
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import clean

STORE = Actor("", 0)
"""Who does what the online store has brought about."""

_USUAL = Telling()
_NO_WORK = frozenset(("conflict", TOLD))
"""What stands in the history of an order and is no work on it."""


class FromStore(Edited, frozen=True, omit_defaults=True):
    """An edit that the online store brought."""

    by: Literal["source", "store"] = "store"


def carry_out(
    tx: Tx,
    order: Order,
    far: OnlineOrder,
    merged: Merged,
    able: Abilities,
    held: Sequence[Conflict] = (),
    how: Telling = _USUAL,
) -> Order:
    """Do what a merge has found, and return the order as it is then.

    What the books refuse after all, such as a copy that is not there, is a difference for a person.
    """
    for change in merged.edits:
        order = edited(tx, STORE, order, change)
    opened, settled = list(merged.opened), set(merged.settled)
    for step in merged.steps:
        try:
            order = ordering.advanced(tx, STORE, order, step, how)
        except Refused as refused:
            if _has_followed(step, merged.steps, refused):
                continue
            opened.append(status_conflict(order, far, able, tx.at, refused.message))
            break
    for conflict in opened:
        settled.discard((conflict.kind, conflict.subject))
        conflicts.open_conflict(tx, _dated(tx, order, conflict, held))
    for kind, subject in settled:
        conflicts.close_conflict(tx, kind, subject)
    return order


def _has_followed(step: Step, steps: Sequence[Step], refused: Refused) -> bool:
    """Say whether a step on the way followed from one before it: who has paid gets copies by that."""
    return step is not steps[-1] and refused.code in PASSED


def edited(tx: Tx, actor: Actor, before: Order, change: FarEdit) -> Order:
    """Make one change that the store has made; it stands in the history as an edit of people does."""
    after = changed(before, change, tx.at)
    if after == before:
        return before
    body = FromStore(*_both(before, after, change), by="source")
    ordering.keep(tx, actor, before, after, EVENTS[change.what], body, _USUAL)
    return orders.load(tx.conn, after.id)


def _both(before: Order, after: Order, change: FarEdit) -> tuple[str, str | int, str | int]:
    """Return what an edit was about, and what stood there before and after."""
    what = change.what
    if what in ("add_line", "quantity", "remove_line"):
        copies = [sum(x.live for x in o.lines if x.id == _line_of(change)) for o in (before, after)]
        return change.about, copies[0], copies[1]
    if what == "price":
        cents = [next((x.price_cents for x in o.lines if x.id == change.line), 0) for o in (before, after)]
        return change.about, cents[0], cents[1]
    if what == "amounts":
        return "", before.worth_cents, after.worth_cents
    if what == "shipping":
        about = " to ".join(dict.fromkeys((before.kind, after.kind)))
        return about, before.shipping_cents, after.shipping_cents
    return "", _said(before, what), _said(after, what)


def _line_of(change: FarEdit) -> str:
    return change.new.id if change.new is not None else change.line


def _said(order: Order, what: What) -> str:
    if what == "address":
        return in_line(order.address)
    if what == "customer":
        return order.customer.name if order.customer else ""
    if what == "gift":
        return order.gift_message or ("gift" if order.gift else "")
    if what == "tracking":
        return next((p.tracking for p in order.parcels if p.tracking), "")
    return order.instructions


def in_line(address: PostalAddress | None) -> str:
    """Return an address on one line."""
    if address is None:
        return ""
    a = address
    parts = (a.name, a.line1, a.line2, f"{a.postal_code} {a.city}".strip(), a.state, a.country, a.phone)
    return ", ".join(part for part in parts if part)


# ---- differences, with who and when ----


def _dated(tx: Tx, order: Order, conflict: Conflict, held: Sequence[Conflict]) -> Conflict:
    """Return a difference with who set ours and when, and until when it should be decided.

    One that is open already keeps when it was heard: asking again must not make it new.
    """
    staff, at = _last_hand(tx, order, conflict)
    due = deciding.until(tx, order, conflict)
    same = next((c for c in held if (c.kind, c.subject) == (conflict.kind, conflict.subject)), None)
    heard = same.theirs_at if same is not None and same.theirs == conflict.theirs else conflict.theirs_at
    return replace(conflict, ours_by=staff, ours_at=at, deadline_at=due, theirs_at=heard)


def _last_hand(tx: Tx, order: Order, conflict: Conflict) -> tuple[str, int]:
    """Return who of the staff changed it last, and when; who placed the order where nobody did."""
    kinds = KINDS.get(conflict.field, ()) if conflict.kind == "edit" else ()  # type: ignore[call-overload]
    for event in reversed(orders.history(tx.conn, order.id)):
        if event.staff and event.kind not in _NO_WORK and (not kinds or event.kind in (*kinds, "placed")):
            return event.staff, event.at
    return "", order.placed_at


# ---- what a person decided ----


def decided(tx: Tx, actor: Actor, conflict: Conflict, choice: Choice, reason: str = "") -> None:
    """Carry out what a person decided of a difference of kind status, gone, edit or payment.

    theirs: the store's value is written here, by the same permissions as any such step or edit; where a money
    rule stands in the way, `reason` is that of a manager who lets it pass. ours: nothing changes here, and
    the store is told where it can be. take_back: the books are with the customer and shall come back, so
    the whole price is granted back now: the refund is a task from this moment (where the store pays it back
    by itself, it ends with that), the memo tells staff to expect the books, and the step "Take back copies"
    is there for when they come. Raises Refused or NeedsApproval where it cannot be done: then nothing is.
    """
    order = orders.load(tx.conn, conflict.order_id)
    if choice == "ours":
        if conflict.kind == "status":
            uploading.order_linked(tx, order, anew=True)
    elif choice == "take_back":
        _expect_back(tx, actor, order, reason)
    elif choice == "theirs" and conflict.kind == "status":
        _follow_status(tx, actor, order, conflict, reason)
    elif choice == "theirs" and conflict.kind == "payment":
        _follow_money(tx, actor, order, conflict)
    elif choice == "theirs" and conflict.kind == "edit":
        require(tx, actor, "order.edit", f"{order.id} {conflict.field}")
        for change in EDITS.decode(conflict.body):
            order = edited(tx, actor, order, change)
        _charge(tx, actor, order)
    elif choice != "noted":
        raise Refused("choice", "Choose one of the ways that are offered.")


def _charge(tx: Tx, actor: Actor, order: Order) -> None:
    """Note what the store has taken for an order that comes to more now."""
    found = online.link_of(tx.conn, order.id)
    if found is None or not order.to_collect_cents or order.state not in PLACED:
        return
    if RANKS[money_of(heard_word(found.far, source_of(order).vocabulary), found.far)] >= RANKS["captured"]:
        ordering.advanced(tx, actor, order, Step("capture", by="source"))


class _Heard(msgspec.Struct, frozen=True):
    status: str
    tracking: str = ""
    carrier: str = ""


def _follow_status(tx: Tx, actor: Actor, order: Order, conflict: Conflict, reason: str) -> None:
    heard = msgspec.json.decode(conflict.body, type=_Heard)
    detail = Step("start", tracking=clean(heard.tracking, 64), carrier=clean(heard.carrier, 32))
    vocabulary = source_of(order).vocabulary
    told = asked(order, vocabulary, heard.status, tx.at, detail)
    if told.conflict and reason:
        told = asked(order, vocabulary, heard.status, tx.at, replace(detail, override=reason))
    if told.conflict:
        raise Refused("contradiction", told.conflict)
    for step in told.steps:
        try:
            order = ordering.taken(tx, actor, order.id, _as_far_as_needed(order, step, tx.at))
        except Refused as refused:
            if not _has_followed(step, told.steps, refused):
                raise


def _as_far_as_needed(order: Order, step: Step, at: int) -> Step:
    """Return a step without the override where it passes without: nobody is asked for what nothing needs."""
    plain_step = replace(step, override="")
    try:
        apply(order, plain_step, at)
    except Refused:
        return step
    return plain_step


def _follow_money(tx: Tx, actor: Actor, order: Order, conflict: Conflict) -> None:
    steps: tuple[Step, ...]
    if conflict.field == "refunded":
        steps = tuple(refunding(order))
    elif conflict.field == "failed":
        steps = (Step("hold", reason="The store says that the payment failed", by="source"),)
    else:
        steps = (Step("capture", by="source"),)
        if order.payment.authorised_cents:
            steps = (Step("void", by="source"), *steps)
    for step in steps:
        ordering.taken(tx, actor, order.id, step)


def _expect_back(tx: Tx, actor: Actor, order: Order, reason: str) -> None:
    if order.worth_cents:
        why = reason or "Cancelled in the store after it left"
        step = Step("grant", cents=order.worth_cents, reason=why)
        order = ordering.taken(tx, actor, order.id, step)
    else:
        require(tx, actor, "order.refund", f"{order.id} grant")
    memo = "Cancelled in the store: expect the books back."
    whole = f"{memo} {order.memo}".strip()[:200]
    if memo not in order.memo:
        after = edit(order, lambda o: edits.set_memo(o, whole), tx.at)
        ordering.keep(tx, actor, order, after, "edit.memo", Edited("", order.memo, whole), _USUAL)
