"""What the money steps of an order change: authorise, capture, settle, grant, refund.

Each takes an order that `shop.order_rules` found fit for it, and returns it changed or raises Refused.
None of them moves money: they record that it moved.
"""

from __future__ import annotations

from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import half_up
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step, amount_of, reason_of

DAY = 86_400_000
SHORTEST_AUTHORISATION_DAYS = 3
LONGEST_AUTHORISATION_DAYS = 28


def authorise(order: Order, step: Step, at: int) -> Order:
    """Record an authorisation, in place of any before it; it is checked again before it is relied on.

    It ends at `until`; where nobody knows, after the shortest life that banks give (IC-28: three days).
    """
    until = step.until or at + SHORTEST_AUTHORISATION_DAYS * DAY
    if not at < until <= at + LONGEST_AUTHORISATION_DAYS * DAY:
        raise Refused("until", "An authorisation ends within four weeks from now. Check the day.")
    if step.cents < 0:
        raise Refused("amount", "Type an amount above zero.")
    cents = step.cents or order.to_collect_cents
    return _paid(order, promise="", authorised_cents=cents, expires_at=until)


def expire(order: Order, _step: Step, at: int) -> Order:
    """Record that the authorisation has run out; when it did stays known."""
    if at < order.payment.expires_at:
        raise Refused("until", "The authorisation is still valid.", expires_at=order.payment.expires_at)
    return _paid(order, authorised_cents=0)


def void(order: Order, _step: Step, _at: int) -> Order:
    """Record that the authorisation was given up."""
    return _paid(order, authorised_cents=0, expires_at=0)


def await_outside(order: Order, _step: Step, _at: int) -> Order:
    """Record that the payment waits at somebody else's (PayPal Pending)."""
    return _paid(order, promise="outside")


def pay_at_pickup(order: Order, _step: Step, _at: int) -> Order:
    """Record that the customer pays at the counter."""
    return _paid(order, promise="at_pickup")


def capture(order: Order, step: Step, at: int) -> Order:
    """Record that money was taken: of an authorisation never more than it allows, never after its end."""
    cents = amount_of(step, order.to_collect_cents, "That is more than there is to collect.")
    pay = order.payment
    if pay.authorised_cents and not pay.covers(cents, at):
        if at >= pay.expires_at:
            raise Refused("expired", "The authorisation has expired. Authorise the payment again.")
        raise Refused(
            "authorised",
            "The order comes to more than was authorised. Authorise it again, or capture less.",
            authorised_cents=pay.authorised_cents,
        )
    return _paid(
        order, promise="", authorised_cents=0, expires_at=0, captured_cents=pay.captured_cents + cents
    )


def settle(order: Order, step: Step, at: int) -> Order:
    """Record that the customer paid at the register."""
    if order.payment.authorised_cents and at < order.payment.expires_at:
        raise Refused("authorised", "A card is authorised for this order. Capture it, or void it first.")
    cents = amount_of(step, order.to_collect_cents, "That is more than there is to collect.")
    left = "" if cents == order.to_collect_cents else order.payment.promise
    taken = order.payment.captured_cents + cents
    return _paid(order, promise=left, authorised_cents=0, expires_at=0, captured_cents=taken)


def grant(order: Order, step: Step, _at: int) -> Order:
    """Give the customer part of the price back: a refund is due from then on."""
    reason_of(step, "Say what the money is given back for.")
    if step.cents <= 0:
        raise Refused("amount", "Type an amount above zero.")
    cents = amount_of(step, order.worth_cents, "That is more than the order is worth.")
    return replace(order, granted_cents=order.granted_cents + cents)


def refund(order: Order, step: Step, _at: int) -> Order:
    """Record that money was given back, all that is due or a part."""
    beyond = "That is more than is due. Grant the customer the rest first, with a reason."
    cents = amount_of(step, order.refund_due_cents, beyond)
    return _paid(order, refunded_cents=order.payment.refunded_cents + cents)


def return_credit(order: Order, step: Step, _at: int) -> Order:
    """Record that trade credit was given back."""
    cents = amount_of(step, order.credit_due_cents, "That is more credit than is due.")
    return _paid(order, credit_back_cents=order.payment.credit_back_cents + cents)


def value_of(line: OrderLine, copies: int, tax_included: bool) -> int:
    """Return what so many copies of a line were sold for, tax with them: the usual amount for a return.

    Copies that come back one after the other are worth together what all of them are.
    """
    whole, live = line.net_cents + (0 if tax_included else line.tax_cents), line.live
    if not live:
        return 0
    return half_up(whole * (line.returned + copies), live) - half_up(whole * line.returned, live)


def _paid(order: Order, **changes: object) -> Order:
    return replace(order, payment=replace(order.payment, **changes))
