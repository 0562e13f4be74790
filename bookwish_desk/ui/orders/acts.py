"""What staff can do with an order: which step comes next, and what else is possible or why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_copies import ROOM
from bookwish_desk.shop.order_edit import why_fixed
from bookwish_desk.shop.order_queue import Task, queue, tasks
from bookwish_desk.shop.order_rules import Allowed, allowed
from bookwish_desk.shop.order_step import Verb
from bookwish_desk.shop.tracking import BACK
from bookwish_desk.ui.orders.detail_state import Offer, ToDo

Way = Literal["step", "ask"]


class Act(msgspec.Struct, frozen=True):
    """Something on a button. `verbs` are the steps it can come to: it is possible when one of them is.

    A "step" is taken at once unless somebody asks for it, others are always asked for. Without verbs it is
    always possible.
    """

    id: str
    words: str
    way: Way
    verbs: tuple[Verb, ...] = ()


ACTS: dict[str, Act] = {
    act.id: act
    for act in (
        Act("confirm", "Confirm", "step", ("confirm",)),
        Act("start", "Start", "step", ("start",)),
        Act("allocate", "Allocate copies", "step", ("allocate",)),
        Act("pick", "Pick", "ask", ("pick",)),
        Act("pack", "Check and pack", "ask", ("check", "pack")),
        Act("ready", "Make ready", "step", ("ready",)),
        Act("hand_over", "Hand over", "ask", ("hand_over", "unready")),
        Act("ship", "Ship", "ask", ("ship",)),
        Act("ship_by_hand", "Ship with a number by hand", "ask", ("ship",)),
        Act("deliver", "Mark delivered", "step", ("deliver",)),
        Act("settle_parcel", "Settle the parcel", "step", ("settle_parcel",)),
        Act("complete", "Complete", "step", ("complete",)),
        Act("release_hold", "Release the hold", "step", ("release_hold",)),
        Act("place", "Place the order", "step", ("place",)),
        Act("remind", "Remind the customer", "step", ("remind",)),
        Act(
            "payment", "Payment", "ask",
            ("capture", "authorise", "reauthorise", "void", "await_outside", "pay_at_pickup", "refund",
             "return_credit", "grant"),
        ),
        Act("problem", "Report a problem", "ask", ("short", "take_back", "cancel_copies", "grant")),
        Act("edit", "Edit the order", "ask"),
        Act("message", "Write to the customer", "ask"),
        Act("memo", "Change the memo", "ask"),
        Act("own_status", "Set a status of our own", "ask"),
        Act("hold", "Hold", "ask", ("hold",)),
        Act("unready", "Take off the hold shelf", "step", ("unready",)),
        Act("unpack", "Unpack", "step", ("unpack",)),
        Act("recall", "Take the parcel back", "ask", ("recall",)),
        Act("retrack", "Change the tracking number", "ask", ("retrack",)),
        Act("release", "Give the copies back", "step", ("release",)),
        Act("abandon", "Give the checkout up", "step", ("abandon",)),
        Act("cancel", "Cancel the order or copies", "ask", ("cancel", "cancel_copies")),
        Act("print", "Print", "ask"),
        Act("label", "See the label", "ask"),
    )
}  # fmt: skip
"""Every act, in the order in which they are offered."""

_AFTER_LEAVING = ("recall", "retrack")
"""Acts that mean nothing before a parcel has left."""

TASK_ACTS: dict[str, tuple[str, str]] = {
    "refund": ("payment", "Refund"),
    "return_credit": ("payment", "Return credit"),
    "collect": ("payment", "Take payment"),
    "capture": ("payment", "Record payment"),
    "reauthorise": ("payment", "Authorise"),
    "void": ("payment", "Void"),
    "missing": ("problem", "Solve"),
    "parcel": ("problem", "Deal with it"),
    "requote": ("edit", "Look at it"),
}
"""Which act does a task, and what stands on its button there."""


def next_act(order: Order, at: int) -> tuple[str, str]:
    """Return the act that comes next and its words, or nothing: it is done, or others work on it."""
    settle = next((t for t in tasks(order, at) if t.blocking), None)
    if settle is not None:
        return _act_of(order, settle)
    act = _next_step(order, at)
    return act, ACTS[act].words if act else ""


def _act_of(order: Order, task: Task) -> tuple[str, str]:
    """Return the act that does a task, and what stands on its button: a parcel that is back is taken in."""
    if task.kind == "parcel" and order.state == "processing":
        first = next(p for p in order.parcels if p.trouble)
        if first.status == BACK and not first.delivered_at:
            return "recall", "Take it back"
    return TASK_ACTS[task.kind]


def _next_step(order: Order, at: int) -> str:
    if order.state not in WORKING:
        return "deliver" if _on_its_way(order) else ""
    if order.owner.name == "wholesaler":
        return "deliver" if _on_its_way(order) else ""
    if order.hold:
        return "release_hold"
    if order.payment.kind == "pending_outside":
        return "payment"
    if order.state != "processing":
        return "confirm" if order.state == "pending" else "start"
    return _at_work(order, at)


def _at_work(order: Order, at: int) -> str:
    if order.sent:
        return "deliver" if _on_its_way(order) else "complete"
    if order.ready_at:
        return "hand_over"
    if not order.secured(at):
        return "payment"
    where = queue(order, at)
    if where == "to_pick" and not any(x.to_pick for x in order.lines):
        return "ready"
    if where == "ready_to_ship" and not order.paid:
        return "payment"
    ways = {"to_pick": "pick", "to_pack": "pack", "ready_to_ship": "ship"}
    return ways.get(where) or ("allocate" if any(ROOM["allocate"](x) for x in order.lines) else "")


def _on_its_way(order: Order) -> bool:
    return any(p.shipped_at and not p.delivered_at for p in order.parcels)


def offers(order: Order, at: int, known: Mapping[str, bool]) -> tuple[Offer, ...]:
    """Return every act that suits this kind of order, with why it is not possible now where it is not.

    `known` says which acts can be carried out at this desk.
    """
    rules = {a.verb: a for a in allowed(order, at)}
    found = []
    for act in ACTS.values():
        if known.get(act.id) and _suits(order, act):
            fixed = why_fixed(order) if act.id == "edit" else None
            found.append(Offer(act.id, act.words, fixed.message if fixed else _why_not(act, rules)))
    return tuple(found)


def _suits(order: Order, act: Act) -> bool:
    """Say whether an act is one of this kind of order at all: a parcel is never handed over."""
    if order.state in ("in_checkout", "abandoned"):
        return act.id in ("place", "abandon", "message", "memo", "own_status", "cancel")
    if act.id in ("place", "abandon"):
        return False
    if act.id in _AFTER_LEAVING and not order.packed_off:
        return False
    if act.id == "settle_parcel" and not any(p.trouble for p in order.parcels):
        return False
    other = {
        "pickup": ("pack", "ship", "ship_by_hand", "unpack"),
        "ship": ("ready", "hand_over", "remind", "unready"),
    }
    return act.id not in other[order.kind]


def _why_not(act: Act, rules: Mapping[Verb, Allowed]) -> str:
    """Return why none of an act's steps is possible: what a manager may let pass is possible."""
    if not act.verbs or any(not rules[v].why_not or rules[v].code == "unpaid" for v in act.verbs):
        return ""
    return rules[act.verbs[0]].why_not


def to_do(order: Order, at: int, said: Mapping[str, str], known: Mapping[str, bool]) -> tuple[ToDo, ...]:
    """Return what is to be settled, each with its act; `said` are the sentences by kind of task."""
    found = []
    for task in tasks(order, at):
        act, words = _act_of(order, task)
        here = known.get(act, False)
        found.append(ToDo(said[task.kind], act if here else "", words if here else "", task.blocking))
    return tuple(found)
