"""What may be done to an order, as one table: each verb with the axes it starts from and what it needs.

`apply` and `edit` are the only ways from an order to the next. They refuse in plain words and store
nothing; who may do it (`permission`) and whether a manager consents (`Step.override`) is for the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop import order_copies as copies
from bookwish_desk.shop import order_payment as money
from bookwish_desk.shop import order_states as states
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import WORKING, Kind, Order, Override, State, fault, source_of
from bookwish_desk.shop.order_step import Step, Verb, chosen
from bookwish_desk.shop.sale import plain

Change = Callable[[Order, Step, int], Order]

STATE_WORDS: dict[State, str] = {
    "in_checkout": "in checkout",
    "abandoned": "abandoned",
    "pending": "pending",
    "confirmed": "confirmed",
    "processing": "being processed",
    "completed": "completed",
    "cancelled": "cancelled",
}


class Need(msgspec.Struct, frozen=True):
    """Something that must hold of an order before a verb, and what is said when it does not."""

    code: str
    sentence: str
    met: Callable[[Order, Step, int], bool]


class Rule(msgspec.Struct, frozen=True):
    """One row: from which states, kinds and owner a verb starts, what else it needs, what it changes.

    `name` stands on a button, `done` completes "only ... can be". `paid` is how certain the money must be;
    of all needs it is the one that a manager may override. `nothing` is said when no copy is left for it.
    """

    name: str
    done: str
    states: frozenset[State]
    change: Change
    permission: str = "order.work"
    kind: Kind | None = None
    owner: Literal["store", "wholesaler", "either"] = "store"
    held: bool = True
    paid: Literal["", "secured", "paid"] = ""
    needs: tuple[Need, ...] = ()
    nothing: str = ""


# ---- what a verb may need beside the columns of the table ----

IN_TIME = Need(  # BW+11
    "too_late",
    "A customer can cancel until the order is ready for pickup or shipped.",
    lambda order, step, _: step.by != "customer" or not (order.ready_at or order.packed_off),
)
ALL_HERE = Need(
    "gone",
    "Part of this order has left the shop. Cancel the copies still here; those gone can be taken back.",
    lambda order, _, __: not order.gone,
)
ALL_GONE = Need(
    "open",
    "Copies of this order are still here. Ship them, hand them over or cancel them first.",
    lambda order, _, __: order.sent,
)
NOT_READY = Need("ready", "The order is ready for pickup already.", lambda order, _, __: not order.ready_at)
READY = Need("not_ready", "The order is not ready for pickup.", lambda order, _, __: order.ready_at > 0)
HELD = Need("not_held", "The order is not on hold.", lambda order, _, __: bool(order.hold))
PARCEL_HERE = Need(
    "no_parcel",
    "No parcel is packed. Check the copies and pack them first.",
    lambda order, _, __: any(not p.shipped_at for p in order.parcels),
)
PARCEL_AWAY = Need(
    "no_parcel",
    "No parcel of this order is on its way.",
    lambda order, _, __: any(p.shipped_at and not p.delivered_at for p in order.parcels),
)
PARCEL_LEFT = Need(
    "no_parcel",
    "No parcel of this order has left the shop.",
    lambda order, _, __: order.packed_off,
)
TROUBLED = Need(
    "no_trouble",
    "Nothing is wrong with a parcel of this order.",
    lambda order, _, __: any(p.trouble for p in order.parcels),
)
NOTHING_PICKED = Need(
    "picked",
    "Copies are picked for this order. Give them back to the stock first.",
    lambda order, _, __: not order.gone and not any(x.picked for x in order.lines),
)
NOT_SENT_YET = Need(
    "wholesaler",
    "The wholesaler has shipped it already.",
    lambda order, _, __: order.owner.state == "pending",
)
SENT_BY_THEM = Need(
    "wholesaler",
    "The wholesaler has not shipped it yet.",
    lambda order, _, __: order.owner.state == "shipped",
)
DUE = Need("nothing_due", "There is nothing to collect.", lambda order, _, __: order.to_collect_cents > 0)
REFUND_DUE = Need("nothing_due", "No refund is due.", lambda order, _, __: order.refund_due_cents > 0)
CREDIT_DUE = Need("nothing_due", "No trade credit is due.", lambda order, _, __: order.credit_due_cents > 0)
NOT_AUTHORISED = Need(
    "authorised",
    "A payment is authorised already. Authorise it again, or void it first.",
    lambda order, _, __: not order.payment.authorised_cents,
)
WAS_AUTHORISED = Need(
    "not_authorised",
    "No payment was authorised for this order.",
    lambda order, _, __: order.payment.expires_at > 0,
)
AUTHORISED = Need(
    "not_authorised",
    "No payment is authorised for this order.",
    lambda order, _, __: order.payment.authorised_cents > 0,
)
NOT_PREPAID = Need(  # BW+09
    "prepaid",
    "Orders from this store are paid before pickup. Nothing is collected at the counter.",
    lambda order, _, __: not source_of(order).prepaid,
)


# ---- the table ----

CHECKOUT: frozenset[State] = frozenset({"in_checkout", "abandoned"})
PLACED: frozenset[State] = WORKING | {"completed"}
EVER: frozenset[State] = frozenset(get_args(State))
PENDING: frozenset[State] = frozenset({"pending"})
STARTED: frozenset[State] = frozenset({"processing"})

RULES: dict[Verb, Rule] = {
    "place": Rule("Place", "placed", CHECKOUT, states.place, "order.edit"),
    "abandon": Rule("Abandon", "abandoned", frozenset({"in_checkout"}), states.abandon),
    "confirm": Rule("Confirm", "confirmed", PENDING, states.confirm, held=False, paid="secured"),
    "start": Rule("Start", "started", frozenset({"pending", "confirmed"}), states.start, held=False),
    "complete": Rule("Complete", "completed", STARTED, states.complete, paid="paid", needs=(ALL_GONE,)),
    "cancel": Rule(
        "Cancel the order", "cancelled", WORKING | CHECKOUT, states.cancel, "order.cancel",
        needs=(IN_TIME, ALL_HERE),
    ),
    "hold": Rule("Hold", "held", WORKING, states.hold),
    "release_hold": Rule("Release", "released", WORKING, states.release_hold, needs=(HELD,)),
    "allocate": Rule(
        "Allocate", "allocated", WORKING, copies.allocate, nothing="Every copy is allocated already."
    ),
    "release": Rule("Give back", "given back", WORKING, copies.release, nothing="No copy is allocated."),
    "pick": Rule(
        "Pick", "picked", WORKING, copies.pick, held=False, nothing="No allocated copy is left to pick."
    ),
    "short": Rule("Report missing", "reported missing", WORKING, copies.short, nothing="No copy is left."),
    "backorder": Rule("Backorder", "put on backorder", WORKING, copies.backorder, nothing="No copy is left."),
    "check": Rule(
        "Check", "checked", STARTED, copies.check, held=False, nothing="No picked copy is left to check."
    ),
    "pack": Rule(
        "Pack", "packed", STARTED, copies.pack, kind="ship", held=False,
        nothing="No checked copy is left to pack. Pick and check the copies first.",
    ),
    "unpack": Rule("Unpack", "unpacked", STARTED, copies.unpack, kind="ship", needs=(PARCEL_HERE,)),
    "split": Rule("Split the parcel", "split", STARTED, copies.split, kind="ship", needs=(PARCEL_HERE,)),
    "ready": Rule(
        "Make ready", "made ready", WORKING, copies.ready, kind="pickup", held=False, paid="secured",
        needs=(NOT_READY,), nothing="No copy is picked. Pick the copies first.",
    ),
    "unready": Rule("Take back", "taken back", STARTED, copies.unready, kind="pickup", needs=(READY,)),
    "remind": Rule("Remind", "reminded", STARTED, copies.remind, kind="pickup", needs=(READY,)),
    "hand_over": Rule(
        "Hand over", "handed over", STARTED, copies.hand_over, kind="pickup", held=False, paid="paid",
        needs=(READY,), nothing="No copy is checked. Scan each book out first.",
    ),
    "ship": Rule(
        "Ship", "shipped", STARTED, copies.ship, kind="ship", held=False, paid="paid", needs=(PARCEL_HERE,)
    ),
    "deliver": Rule(
        "Mark delivered", "marked delivered", PLACED, copies.deliver, owner="either", needs=(PARCEL_AWAY,)
    ),
    "recall": Rule(
        "Take the parcel back", "taken back", STARTED, copies.recall, kind="ship", needs=(PARCEL_AWAY,)
    ),
    "retrack": Rule(
        "Change the tracking number", "given another number", PLACED, copies.retrack, owner="either",
        needs=(PARCEL_AWAY,),
    ),
    "track": Rule(
        "Follow the parcel", "followed", PLACED, copies.track, owner="either", needs=(PARCEL_LEFT,)
    ),
    "settle_parcel": Rule(
        "Settle the parcel", "settled", PLACED, copies.settle_parcel, owner="either", needs=(TROUBLED,)
    ),
    "cancel_copies": Rule(
        "Cancel copies", "reduced", WORKING, copies.cancel_copies, "order.cancel",
        nothing="No copy is left that could be cancelled. Unpack those in a parcel first.",
    ),
    "take_back": Rule(
        "Take back copies", "taken back", PLACED, copies.take_back, "order.refund", owner="either",
        nothing="No copy is with the customer.",
    ),
    "send_to_wholesaler": Rule(
        "Send to wholesaler", "sent to the wholesaler", WORKING, states.send_to_wholesaler,
        "order.wholesaler", kind="ship", held=False, paid="secured", needs=(NOTHING_PICKED,),
    ),
    "wholesaler_ship": Rule(
        "Shipped by wholesaler", "shipped", STARTED, copies.wholesaler_ship, owner="wholesaler",
        paid="secured", needs=(NOT_SENT_YET,),
    ),
    "wholesaler_complete": Rule(
        "Completed by wholesaler", "completed", PLACED, states.wholesaler_complete, owner="wholesaler",
        needs=(SENT_BY_THEM,),
    ),
    "bounce_back": Rule(
        "Return to the store", "returned to the store", STARTED, states.bounce_back, owner="wholesaler",
        needs=(NOT_SENT_YET,),
    ),
    "authorise": Rule(
        "Authorise", "authorised", PLACED, money.authorise, "order.payment", needs=(DUE, NOT_AUTHORISED)
    ),
    "reauthorise": Rule(
        "Authorise again", "authorised", PLACED, money.authorise, "order.payment", needs=(DUE, WAS_AUTHORISED)
    ),
    "expire": Rule(
        "Expire", "expired", EVER, money.expire, owner="either", needs=(AUTHORISED,)
    ),
    "void": Rule(
        "Void the authorisation", "voided", EVER, money.void, "order.payment", needs=(AUTHORISED,)
    ),
    "await_outside": Rule(
        "Await payment", "left to wait for payment", WORKING, money.await_outside, "order.payment",
        needs=(DUE, NOT_AUTHORISED),
    ),
    "pay_at_pickup": Rule(
        "Pay at pickup", "paid at pickup", WORKING, money.pay_at_pickup, "order.payment", kind="pickup",
        needs=(NOT_PREPAID, DUE, NOT_AUTHORISED),
    ),
    "capture": Rule(
        "Record payment", "paid", PLACED, money.capture, "order.payment", owner="either", needs=(DUE,)
    ),
    "settle": Rule("Pay now", "paid", PLACED, money.settle, "order.payment", kind="pickup", needs=(DUE,)),
    "grant": Rule("Give money back", "credited", PLACED, money.grant, "order.refund", owner="either"),
    "refund": Rule(
        "Refund", "refunded", EVER, money.refund, "order.refund", owner="either", needs=(REFUND_DUE,)
    ),
    "return_credit": Rule(
        "Return credit", "given credit back", EVER, money.return_credit, "order.refund", owner="either",
        needs=(CREDIT_DUE,),
    ),
}  # fmt: skip


class Allowed(msgspec.Struct, frozen=True):
    """A verb with what stands on its button, the permission it asks for, and why it is not possible now."""

    verb: Verb
    name: str
    permission: str
    why_not: str = ""
    code: str = ""


def allowed(order: Order, at: int) -> tuple[Allowed, ...]:
    """Return every verb, and for those not possible at a moment the reason, before anything is typed."""
    found = []
    for verb, rule in RULES.items():
        why = _why_not(order, Step(verb), rule, at)
        found.append(
            Allowed(verb, rule.name, rule.permission, why.message if why else "", why.code if why else "")
        )
    return tuple(found)


def apply(order: Order, step: Step, at: int) -> Order:
    """Return the order after a step at a moment (ms UTC), or raise Refused with what would be needed.

    An unpaid order passes only with `step.override`; that and its reason then stand in `overrides`.
    """
    rule = RULES[step.verb]
    override = plain(step.override)
    why = _why_not(order, step, rule, at)
    if why is not None and (why.code != "unpaid" or not override):
        raise why
    changed = rule.change(order, step, at)
    if why is not None:
        changed = replace(changed, overrides=(*changed.overrides, Override(step.verb, override, at)))
    return _sound(_follow(changed, step, at))


def edit(order: Order, change: Callable[[Order], Order], at: int) -> Order:
    """Return the order after an edit of `shop.order_edit`, with what follows from it at a moment (ms UTC)."""
    return _sound(_follow(change(order), Step("complete"), at))


def _sound(order: Order) -> Order:
    if wrong := fault(order):
        raise AssertionError(wrong)
    return order


def _follow(order: Order, step: Step, at: int) -> Order:
    """Return the order with what follows by itself: cancelled, no longer ready, completed, money owed."""
    if order.state in WORKING and order.lines and order.live == 0:
        order = states.cancel(order, step, at)
    if order.ready_at and not any(x.set_aside for x in order.lines):
        order = replace(order, ready_at=0, shelf="")
    if order.state == "processing" and order.delivered and order.paid:
        order = states.complete(order, step, at)
    owes = bool(order.refund_due_cents or order.credit_due_cents)
    return replace(order, owed_since=(order.owed_since or at) if owes else 0)


def _why_not(order: Order, step: Step, rule: Rule, at: int) -> Refused | None:
    """Return why a verb is not possible; what a manager may override comes last."""
    if why := _wrong_axes(order, rule):
        return why
    for needs in rule.needs:
        if not needs.met(order, step, at):
            return Refused(needs.code, needs.sentence)
    room = copies.ROOM.get(step.verb)
    if room and rule.nothing:
        if not any(room(x) > 0 for x in order.lines):
            return Refused("nothing", rule.nothing)
        try:
            chosen(order, step, room)
        except Refused as refused:
            return refused
    if rule.paid and not (order.paid if rule.paid == "paid" else order.secured(at)):
        return _unpaid(order, rule, at)
    return None


def _wrong_axes(order: Order, rule: Rule) -> Refused | None:
    if rule.owner not in (order.owner.name, "either"):
        if rule.owner == "store":
            return Refused("owner", "The wholesaler fills this order. It can be read here, not changed.")
        return Refused("owner", "The store fills this order, not the wholesaler.")
    if rule.kind and order.kind != rule.kind:
        other = "picked up" if order.kind == "pickup" else "shipped"
        return Refused("kind", f"This order is to be {other}. It cannot be {rule.done}.", kind=order.kind)
    if order.state not in rule.states:
        fit = " or ".join(word for state, word in STATE_WORDS.items() if state in rule.states)
        return Refused(
            "state",
            f"This order is {STATE_WORDS[order.state]}. Only one that is {fit} can be {rule.done}.",
            state=order.state,
        )
    if order.hold and not rule.held:
        return Refused("held", f"The order is on hold: {order.hold}. Release it first.")
    return None


def _unpaid(order: Order, rule: Rule, at: int) -> Refused:
    pay = order.payment
    if pay.authorised_cents and at >= pay.expires_at:
        then = "The authorisation has expired. Authorise the payment again, or have it paid."
    elif pay.authorised_cents and pay.authorised_cents < order.to_collect_cents:
        then = "The order comes to more than was authorised. Authorise it again, or have it paid."
    elif rule.paid == "secured":
        pickup = ", or agree on payment at pickup" if order.kind == "pickup" else ""
        then = f"Capture or authorise the payment{pickup}."
    else:
        then = "Take the payment first."
    return Refused(
        "unpaid",
        f"This order is not paid and cannot be {rule.done}. {then}",
        to_collect_cents=order.to_collect_cents,
    )
