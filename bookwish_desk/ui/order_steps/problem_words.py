"""What reporting a problem of an order will do, in sentences; and which answers are proposed. No Qt here."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import WORKING, Order
from bookwish_desk.shop.order_problem import (
    AFTER,
    KIND_NAMES,
    WITH_COPIES,
    Answer,
    Problem,
    ProblemKind,
    room,
    usual_cents,
)
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.order_steps.words import change_words

Show = Callable[[int], str]

REASONS: dict[ProblemKind, tuple[str, ...]] = {
    "out_of_stock": ("Our stock was wrong", "Sold out at the publisher", "The last copy was sold"),
    "damaged": ("The copy is damaged", "Damaged on the way"),
    "wrong_item": ("We sent the wrong book",),
    "missing_item": ("A book was missing in the parcel",),
    "returned": ("Customer changed their mind", "Came back undelivered", "Not as described"),
    "delay": ("The publisher has moved the day", "Our supplier is late", "The carrier is late"),
    "misrouted": ("The carrier has lost the parcel", "It went to another address"),
    "payment": ("The payment was declined", "Cheque not honoured", "The bank asks questions"),
}
"""Why it happened, as the customer may be told."""


def possible_kinds(order: Order) -> tuple[ProblemKind, ...]:
    """Return what can go wrong with an order as it stands."""
    found: list[ProblemKind] = []
    for kind in KIND_NAMES:
        if kind in WITH_COPIES:
            here = order.state in WORKING and order.owner.name == "store"
            fits = any(room(x, kind) > 0 for x in order.lines) and (here or kind in AFTER)
            if fits or (kind == "damaged" and any(room(x, kind, gone=True) > 0 for x in order.lines)):
                found.append(kind)
        elif kind == "misrouted":
            if any(p.shipped_at for p in order.parcels):
                found.append(kind)
        elif order.state in WORKING:
            found.append(kind)
    return tuple(found)


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"


def consequences(order: Order, problem: Problem, at: int, show: Show) -> tuple[str, ...]:
    """Return what will be done about a problem, as sentences."""
    count = sum(n for _, n in problem.copies)
    if problem.kind in WITH_COPIES and not count:
        return ("Say which copies it is about.",)
    copies = _copies(count)
    are = "is" if count == 1 else "are"
    said = []
    if problem.kind == "damaged" and not problem.gone:
        said.append(f"{copies} {are} written off.")
    elif problem.kind == "out_of_stock" and problem.correct_stock:
        said.append("The stock is set to what is really there.")
    if problem.back:
        said.append(
            f"{copies} {'goes' if count == 1 else 'go'} back to the stock."
            if problem.back == "restock"
            else f"{copies} {are} written off as damaged."
        )
    said += _AFTER.get(problem.answer, _nothing)(order, problem, at, show, copies)
    if problem.answer in ("cancel", "refund"):
        said.append("It stays a task until somebody records the refund.")
    return tuple(said)


def _nothing(_order: Order, problem: Problem, _at: int, _show: Show, copies: str) -> list[str]:
    if problem.kind == "delay":
        return [f"The day told to the customer becomes {problem.expected_on or 'the one you type'}."]
    if problem.kind in ("out_of_stock", "damaged") and not problem.after:
        stay = "stays" if copies == "1 copy" else "stay"
        return [f"{copies} {stay} missing until the customer has chosen."]
    return ["Nothing else is changed."]


def _wait(_order: Order, problem: Problem, _at: int, _show: Show, copies: str) -> list[str]:
    until = f" until {problem.expected_on}" if problem.expected_on else ""
    ordered = " They are noted as on order." if problem.on_order else ""
    return [f"{copies} of it {'is' if copies == '1 copy' else 'are'} waited for{until}.{ordered}"]


def _swap(order: Order, problem: Problem, _at: int, show: Show, copies: str) -> list[str]:
    line = order.line(problem.copies[0][0]) if problem.copies else None
    if problem.swap is None or line is None:
        return ["Choose what takes its place."]
    prices = f"{show(problem.swap.price_cents)} instead of {show(line.price_cents)} a copy"
    take = "takes" if copies == "1 copy" else "take"
    said = [f"{copies} of {problem.swap.title} {take} the place of {line.title}, at {prices}."]
    if problem.swap.price_cents != line.price_cents:
        said.append("No charge is changed: what is then to be paid or given back stays a task.")
    return said


def _cancel(order: Order, problem: Problem, at: int, show: Show, copies: str) -> list[str]:
    leave = "leaves" if copies == "1 copy" else "leave"
    try:
        after = apply(order, Step("cancel_copies", copies=problem.copies, reason="-"), at)
    except Refused:
        return [f"{copies} {leave} the order."]
    return [f"{copies} {leave} the order. {change_words(order, after, show)}".strip()]


def _replace(_order: Order, problem: Problem, _at: int, _show: Show, copies: str) -> list[str]:
    if problem.after:
        what = copies if problem.copies else "what was in the parcel"
        return [f"A new order without a price is made for {what}."]
    return ["Other copies from the shelf are promised instead, as far as there are any."]


def _refund(order: Order, problem: Problem, _at: int, show: Show, _copies_: str) -> list[str]:
    cents = problem.cents or usual_cents(order, problem)
    return [
        f"{show(cents)} is to be given back." if cents else "The price of the copies is to be given back."
    ]


def _trace(_order: Order, _problem: Problem, _at: int, _show: Show, _copies_: str) -> list[str]:
    return ["The memo says that the parcel is traced. Ask the carrier."]


def _hold(_order: Order, _problem: Problem, _at: int, _show: Show, _copies_: str) -> list[str]:
    return ["The order is held until somebody lets it go on."]


_AFTER: dict[Answer, Callable[[Order, Problem, int, Show, str], list[str]]] = {
    "wait": _wait,
    "swap": _swap,
    "cancel": _cancel,
    "replace": _replace,
    "refund": _refund,
    "trace": _trace,
    "hold": _hold,
}
