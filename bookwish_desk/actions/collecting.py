"""Orders collected at the register: put into the sale, and settled and handed over as it is completed.

The sale and the hand-over are one transaction: neither happens without the other. What an order costs in a
sale is `shop.collecting`; a hand-over without a sale is `actions.pickup`.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.action import action
from bookwish_desk.actions.people import register_name
from bookwish_desk.actions.permits import require
from bookwish_desk.actions.ringing import Ringing, draft_here, rung
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import drafts, lookup, orders
from bookwish_desk.db.store import Tx
from bookwish_desk.shop import collecting
from bookwish_desk.shop.collected import Collected
from bookwish_desk.shop.collecting import Copies
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_rules import edit
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.sale import Draft, ReturnLine, Totals, plain
from bookwish_desk.shop.staff import Actor

IDENTITY = "identity"
"""What the history of an order calls the look at who collects it."""
ADJUSTED = "edit.register"
"""What it calls the cents by which a register's total differs."""


@action
def add_order(tx: Tx, actor: Actor, order_id: str, copies: Copies, seen: str) -> Ringing:
    """Put an order into the sale on the actor's register, with the copies that were scanned out.

    `seen` is by what the customer was known. Raises Refused where it could not be handed over once it is
    paid, and for an order that is in another sale.
    """
    require(tx, actor, "order.work", order_id)
    draft = draft_here(tx, actor)
    in_other_sale(tx, order_id, draft.id)
    order = orders.load(tx.conn, order_id)
    who = seen_of(seen) if copies else ""
    made = collecting.collect(draft, order, copies, who, _known(tx, order), tx.settings.tax.mode, tx.at)
    return rung(tx.conn, drafts.save(tx, made), tx.settings.tax, order_id)


def seen_of(seen: str) -> str:
    """Return by what a customer was known. Raises Refused when nobody looked (BW+09)."""
    who = plain(seen, 60)
    if not who:
        raise Refused("identity", "Check who collects the order, and say what you saw.")
    return who


def in_other_sale(tx: Tx, order_id: str, but: str = "") -> None:
    """Raise Refused for an order that is in a sale already, another than the one named."""
    draft = drafts.collecting(tx.conn, order_id)
    if draft is None or draft.id == but:
        return
    number = next(c.number for c in draft.collects if c.order == order_id)
    where = f"the held sale {draft.held_as}"
    if not draft.held_as:
        where = f"sale {draft.number} on {register_name(tx.conn, draft.register)}"
    raise Refused(
        "in_sale", f"Order {number} is in {where} already. Complete that sale, or take the order out of it."
    )


def still_good(tx: Tx, draft: Draft) -> None:
    """Raise Refused where an order in a draft was collected, paid or changed since it came into it."""
    for collected in draft.collects:
        _still_good(tx, draft, collected, orders.load(tx.conn, collected.order))


def _still_good(tx: Tx, draft: Draft, collected: Collected, order: Order) -> None:
    then = "Take it out of the sale; what else is in it stays."
    gone = {x.id: x.handed_over for x in order.lines}
    ready = {x.id: x.set_aside for x in order.lines}
    if order.state in ("completed", "cancelled") or any(ready.get(x, 0) < n for x, n in collected.copies):
        was = "was cancelled" if order.state == "cancelled" else "is no longer ready"
        if order.state == "completed" or any(gone.values()):
            was = "was collected already"
        raise Refused("collected", f"Order {order.number} {was} meanwhile. {then}", number=order.number)
    if not collecting.still_the_same(draft, order, _known(tx, order), tx.settings.tax.mode):
        raise Refused(
            "changed",
            f"Order {order.number} was changed or paid meanwhile. {then} Then add it again.",
            number=order.number,
        )
    collecting.ready_to_go(order, collected.copies, tx.at)


def hand_over_collected(tx: Tx, actor: Actor, draft: Draft, priced: Totals, receipt: str) -> None:
    """Settle and hand over the orders of a draft as part of the transaction that makes it a sale.

    Raises Refused where one of them cannot be handed over any more: then there is no sale either.
    """
    for collected in draft.collects:
        order = orders.load(tx.conn, collected.order)
        _still_good(tx, draft, collected, order)
        if order.to_collect_cents:
            order = _settled(tx, actor, order, collecting.paid_in(priced, order.id), receipt)
        if collected.copies:
            handed_over(tx, actor, order, collected.copies, collected.seen, Step("hand_over"))


def _settled(tx: Tx, actor: Actor, order: Order, paid_cents: int, receipt: str) -> Order:
    """Record what the register took for an order, and make the order come to just that."""
    over = paid_cents - order.to_collect_cents
    if over:
        # The register reckons tax on the sale as a whole, and an exempt customer pays none.
        same = edit(order, lambda o: replace(o, adjustment_cents=o.adjustment_cents + over), tx.at)
        silent = Telling("silent")
        ordering.keep(tx, actor, order, same, ADJUSTED, {"cents": over, "receipt": receipt}, silent)
        order = orders.load(tx.conn, order.id)
    if not paid_cents:
        return order
    return ordering.advanced(tx, actor, order, Step("settle", cents=paid_cents, reason=f"Receipt {receipt}"))


def came_back(tx: Tx, actor: Actor, of_order: str, back: ReturnLine, receipt: str) -> None:
    """Tell an order that copies collected at the register came back there, and the money went back.

    Part of the transaction that makes the return: what was given back here is not due a second time. Raises
    Refused for copies that the customer does not have.
    """
    before = orders.load(tx.conn, of_order)
    copies = collecting.brought_back(before, back.sku, back.quantity)
    reason, silent = f"Receipt {receipt}", Telling("silent")
    step = Step("take_back", copies=copies, cents=min(back.total_cents, before.worth_cents), reason=reason)
    order = ordering.advanced(tx, actor, before, step, silent)
    pay = order.payment
    cents = min(back.total_cents, pay.captured_cents - pay.refunded_cents)
    if cents > 0:
        # Not as the step: where more was ordered since, the register gives back what is no longer due.
        given = replace(pay, refunded_cents=pay.refunded_cents + cents)
        after = edit(order, lambda o: replace(o, payment=given), tx.at)
        ordering.keep(tx, actor, order, after, "refund", Step("refund", cents=cents, reason=reason), silent)


def handed_over(
    tx: Tx,
    actor: Actor,
    order: Order,
    copies: Copies,
    seen: str,
    step: Step,
    telling: Telling = Telling(),  # noqa: B008
) -> Order:
    """Give scanned copies of an order to the customer, as part of another action."""
    orders.record(tx, order.id, IDENTITY, staff=actor.staff, register=actor.register, body={"seen": seen})
    if (check := collecting.checking(order, copies)) is not None:
        order = ordering.advanced(tx, actor, order, check)
    return ordering.advanced(tx, actor, order, replace(step, copies=copies), telling)


def _known(tx: Tx, order: Order) -> dict[str, Item]:
    """Return the items of an order's SKUs, as far as the shop or the trade knows them."""
    with tx.store.glance() as conn:
        found = {x.sku: lookup.find(conn, x.sku, x.ean) for x in order.lines}
    return {sku: item for sku, item in found.items() if item is not None}
