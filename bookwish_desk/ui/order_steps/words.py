"""How an order stands with its money, and what a change would mean for it, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.opening_hours import OpeningHours, local
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.street import short_day

Show = Callable[[int], str]


def payment_words(order: Order, at: int, money: Currency, hours: OpeningHours) -> tuple[str, ...]:
    """Return the payment of an order as sentences: what it comes to, what was paid, what is due."""
    pay, show = order.payment, money.show
    said = [f"The order comes to {show(order.worth_cents)}."]
    if pay.captured_cents:
        said.append(f"Paid: {show(pay.captured_cents)}.")
    if pay.credit_cents:
        said.append(f"Paid by trade credit: {show(pay.credit_cents)}.")
    if pay.refunded_cents:
        said.append(f"Given back: {show(pay.refunded_cents)}.")
    if pay.credit_back_cents:
        said.append(f"Trade credit given back: {show(pay.credit_back_cents)}.")
    if pay.authorised_cents:
        day = short_day(local(hours, pay.expires_at - 1).date().isoformat(), money.locale)
        until = f"expired on {day}" if at >= pay.expires_at else f"valid until {day}"
        said.append(f"Authorised: {show(pay.authorised_cents)}, {until}.")
    if pay.promise:
        waits = "at pickup" if pay.promise == "at_pickup" else "at somebody else's, such as PayPal"
        said.append(f"The payment waits {waits}.")
    if order.to_collect_cents:
        said.append(f"Still to be paid: {show(order.to_collect_cents)}.")
    elif order.refund_due_cents or order.credit_due_cents:
        said += _back(order, show)
    elif order.worth_cents:
        said.append("Nothing is left to pay.")
    return tuple(said)


def _back(order: Order, show: Show) -> list[str]:
    said = []
    if order.refund_due_cents:
        said.append(f"To be given back: {show(order.refund_due_cents)}.")
    if order.credit_due_cents:
        said.append(f"Trade credit to be given back: {show(order.credit_due_cents)}.")
    return said


def change_words(before: Order, after: Order, show: Show) -> str:
    """Return what another worth of an order means for its money; nothing where it stays the same.

    No change of an order moves money (WSM+02): what follows is a task for a person, and said here.
    """
    if after.worth_cents == before.worth_cents:
        return ""
    held, pay = after.payment.held_cents, after.payment
    paid = f"Paid {show(held)}. " if held else "Nothing was paid. "
    worth = (
        "Nothing of the order is left"
        if not after.live
        else f"The order now comes to {show(after.worth_cents)}"
    )
    back, collect = after.refund_due_cents + after.credit_due_cents, after.to_collect_cents
    if back:
        credit = f", {show(after.credit_due_cents)} of it as trade credit" if after.credit_due_cents else ""
        return f"{paid}{worth}: {show(back)} is to be given back{credit}."
    if collect and pay.authorised_cents and not held:
        if collect > pay.authorised_cents:
            return f"{worth}: more than the {show(pay.authorised_cents)} authorised. Authorise it again."
        return f"{worth}: the authorisation of {show(pay.authorised_cents)} reaches to it."
    if collect:
        return f"{paid}{worth}: {show(collect)} is still to be paid."
    if pay.authorised_cents:
        return f"{paid}{worth}. Void the authorisation of {show(pay.authorised_cents)}."
    return f"{paid}{worth}."


def left_to_do(order: Order, at: int, show: Show) -> str:
    """Return what is still to be settled about an order, as one text; nothing where all is settled."""
    said = []
    for task in tasks(order, at):
        amount = f" ({show(task.cents)})" if task.cents and task.kind != "requote" else ""
        said.append(f"{task.sentence.removesuffix('.')}{amount}.")
    return " ".join(said)
