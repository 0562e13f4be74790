"""What goes wrong with an order, and what can be done about it: the answers to each kind, their cost.

Values and words. What an answer changes in the books is `actions.problems`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.new_order import NewLine, checked_line
from bookwish_desk.shop.notice_kinds import Kind as NoticeKind
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_copies import ROOM, free
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_payment import value_of
from bookwish_desk.shop.sale import plain
from bookwish_desk.shop.street import checked_day

ProblemKind = Literal[
    "out_of_stock", "damaged", "wrong_item", "missing_item", "returned", "delay", "misrouted", "payment"
]
Answer = Literal["tell", "wait", "swap", "cancel", "replace", "refund", "trace", "hold"]
Cause = Literal[
    "stock", "picking", "packing", "damage", "carrier", "supplier", "payment", "customer", "other"
]
Back = Literal["", "restock", "damaged"]

KIND_NAMES: dict[ProblemKind, str] = {
    "out_of_stock": "Not on the shelf",
    "damaged": "Damaged",
    "wrong_item": "Wrong item sent",
    "missing_item": "Item missing from what was sent",
    "returned": "Brought or sent back",
    "delay": "It will be late",
    "misrouted": "Parcel lost or misrouted",
    "payment": "Trouble with the payment",
}
ANSWER_NAMES: dict[Answer, str] = {
    "tell": "Only tell the customer",
    "wait": "Wait for more copies",
    "swap": "Give another title or copy instead",
    "cancel": "Take the copies out and refund them",
    "replace": "Replace the copies",
    "refund": "Give money back",
    "trace": "Trace the parcel",
    "hold": "Hold the order",
}
CAUSE_NAMES: dict[Cause, str] = {
    "stock": "The stock was wrong",
    "picking": "Picked wrongly",
    "packing": "Packed wrongly",
    "damage": "Damaged in the shop",
    "carrier": "Carrier",
    "supplier": "Supplier or publisher",
    "payment": "Payment",
    "customer": "Customer",
    "other": "Something else",
}
USUAL_CAUSE: dict[ProblemKind, Cause] = {
    "out_of_stock": "stock",
    "damaged": "damage",
    "wrong_item": "picking",
    "missing_item": "packing",
    "returned": "customer",
    "delay": "supplier",
    "misrouted": "carrier",
    "payment": "payment",
}
AFTER: frozenset[ProblemKind] = frozenset({"wrong_item", "missing_item", "returned"})
"""Problems with copies that have left the shop; a damaged copy may be here or there."""

WITH_COPIES: frozenset[ProblemKind] = AFTER | {"out_of_stock", "damaged"}
"""Problems of which must be said which copies they are about."""

_HERE: tuple[Answer, ...] = ("tell", "wait", "swap", "cancel")
_ANSWERS: dict[ProblemKind, tuple[Answer, ...]] = {
    "out_of_stock": _HERE,
    "damaged": ("replace", *_HERE),
    "wrong_item": ("replace", "refund", "tell"),
    "missing_item": ("replace", "refund", "tell"),
    "returned": ("refund", "replace", "tell"),
    "delay": ("tell",),
    "misrouted": ("trace", "replace", "refund"),
    "payment": ("hold", "tell"),
}
_NOTICES: dict[ProblemKind, NoticeKind] = {
    "out_of_stock": "out_of_stock",
    "damaged": "damaged",
    "delay": "delayed",
}
CHOICES: tuple[str, ...] = ("wait until we have it again", "another title or copy", "your money back")
"""What a customer may choose who is told that something is missing or damaged."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with an order, what is done about it, why it happened and what it cost.

    `copies` are (line id, copies). `gone` says of damaged copies that they had left the shop. `reason` is
    told to the customer, `note` is for the shop. `swap` takes the place of the copies; `expected_on`
    (YYYY-MM-DD) is when those waited for come, or the new day of a delay, `on_order` says that they were
    ordered. `correct_stock` takes off the stock what the books still have of copies that are not there.
    `back` says where copies went that came back, or turned up. `sent_sku` is what was sent in their place.
    `cents` is what is given back, 0 the price of the copies. `parcel` is the parcel that is traced.
    """

    kind: ProblemKind
    answer: Answer = "tell"
    copies: tuple[tuple[str, int], ...] = ()
    gone: bool = False
    reason: str = ""
    note: str = ""
    expected_on: str = ""
    on_order: bool = False
    swap: NewLine | None = None
    correct_stock: bool = True
    back: Back = ""
    sent_sku: str = ""
    cents: int = 0
    parcel: str = ""
    picture: bytes = b""
    cause: Cause | Literal[""] = ""
    labour_cents: int = 0
    postage_cents: int = 0
    replacement_cents: int = 0

    @property
    def after(self) -> bool:
        """Say whether the copies had left the shop."""
        return self.kind in AFTER or self.gone or self.kind == "misrouted"


class Reported(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem as the history of an order keeps it. `cost_cents` is the whole of what it cost (BB-11).

    `replacement` is the number of the order that replaces copies, `picture` the id of the photo.
    """

    kind: ProblemKind
    answer: Answer
    cause: Cause
    cost_cents: int = 0
    labour_cents: int = 0
    postage_cents: int = 0
    replacement_cents: int = 0
    note: str = ""
    reason: str = ""
    copies: tuple[tuple[str, int], ...] = ()
    new_date: str = ""
    refund_cents: int = 0
    replacement: str = ""
    picture: str = ""

    @property
    def journalled(self) -> dict[str, Any]:
        """Return what the journal keeps for ever of it: nothing that somebody typed about a customer."""
        return {
            "kind": self.kind, "answer": self.answer, "cause": self.cause, "cost_cents": self.cost_cents
        }  # fmt: skip


def answers(kind: ProblemKind, *, gone: bool = False) -> tuple[Answer, ...]:
    """Return what can be done about a kind of problem, the usual first."""
    if kind == "damaged" and gone:
        return ("replace", "refund", "tell")
    return _ANSWERS[kind]


def room(line: OrderLine, kind: ProblemKind, *, gone: bool = False) -> int:
    """Return of how many copies of a line a kind of problem can be reported.

    Damaged can be what the order has: a copy that is missing or waited for is not here to be damaged.
    """
    if gone or kind in AFTER:
        return line.gone - line.returned
    return ROOM["release"](line) if kind == "damaged" else free(line)


def usual_cents(order: Order, problem: Problem) -> int:
    """Return what is given back for the copies of a problem unless an amount is named: what they cost."""
    found = 0
    for line_id, copies in problem.copies:
        line = order.line(line_id)
        found += value_of(line, copies, order.tax_included) if line else 0
    return min(found, order.worth_cents)


def notice_of(problem: Problem) -> NoticeKind | None:
    """Return the kind of notice with which a customer is told of a problem, None where there is none."""
    return _NOTICES.get(problem.kind)


def checked(order: Order, problem: Problem) -> Problem:
    """Return what was typed, cleaned. Raises Refused with the fact `field` where something is missing."""
    merged: dict[str, int] = {}
    for line_id, copies in problem.copies:
        # Two rows of one line are one, and a row of no copies stays to be refused.
        merged[line_id] = merged.get(line_id, 0) + copies if copies > 0 else copies
    problem = replace(problem, copies=tuple(merged.items()))
    if problem.answer not in answers(problem.kind, gone=problem.gone):
        raise Refused("answer", "Choose what is to be done about it.", field="answer")
    if problem.kind in WITH_COPIES:
        _check_copies(order, problem)
    if problem.answer == "swap" and problem.swap is None:
        raise Refused("swap", "Choose what takes its place.", field="swap")
    if problem.kind == "delay" and not problem.expected_on.strip():
        raise Refused("expected_on", "Type the new day.", field="expected_on")
    costs = (problem.labour_cents, problem.postage_cents, problem.replacement_cents, problem.cents)
    if any(not 0 <= c <= MOST_CENTS for c in costs):
        raise Refused("amount", "That amount is out of bounds.", field="cents")
    reason = plain(problem.reason)
    if not reason and problem.answer in ("cancel", "refund", "hold"):
        raise Refused("reason", "Say why: the customer may ask.", field="reason")
    if problem.kind == "misrouted":
        _check_parcel(order, problem)
    return replace(
        problem,
        reason=reason,
        note=plain(problem.note, 500),
        expected_on=checked_day(problem.expected_on),
        swap=checked_line(problem.swap) if problem.swap else None,
        sent_sku=plain(problem.sent_sku, 40),
        cause=problem.cause or USUAL_CAUSE[problem.kind],
        gone=problem.after,
    )


def _check_copies(order: Order, problem: Problem) -> None:
    if not problem.copies:
        raise Refused("copies", "Choose which copies it is about.", field="copies")
    for line_id, wanted in problem.copies:
        line = order.line(line_id)
        if line is None:
            raise Refused("no_line", "That line is not in this order.", field="copies")
        most = room(line, problem.kind, gone=problem.gone)
        if not 1 <= wanted <= most:
            packed = " Unpack the parcel first." if line.packed > line.shipped and not problem.after else ""
            why = f"{line.title}: it can be about at most {most} copies.{packed}"
            raise Refused("copies", why, field="copies", line=line_id, room=most)
        if problem.kind == "wrong_item" and problem.sent_sku.strip() == line.sku:
            raise Refused("sent_sku", f"{line.title} is what was ordered.", field="sent_sku")
    if len(problem.copies) > 1 and problem.answer == "swap":
        raise Refused("swap", "Swap one title at a time.", field="copies")


def _check_parcel(order: Order, problem: Problem) -> None:
    away = [p for p in order.parcels if p.shipped_at]
    if not away or (problem.parcel and problem.parcel not in {p.id for p in away}):
        raise Refused("no_parcel", "No parcel of this order is on its way.", field="parcel")


def next_steps(order: Order, problem: Problem) -> tuple[str, ...]:
    """Return what is to be done next about an order in which a problem was reported, as sentences."""
    found = []
    if order.state == "cancelled":
        found.append("Nothing is left of the order: it is cancelled.")
    if order.refund_due_cents:
        found.append("Give the money back and record the refund: the task stays until then.")
    elif order.to_collect_cents and order.payment.held_cents:
        found.append("The order comes to more than was paid. Collect the rest.")
    if problem.answer == "replace" and problem.after:
        found.append("The replacement is an order of its own without a price: it waits to be picked.")
    if any(x.short for x in order.lines):
        found.append("Ask the customer: wait, take something else, or have the money back.")
    if problem.answer == "wait":
        found.append("The copies go to this order when they come in.")
    if problem.answer in ("replace", "swap") and not problem.after and any(x.to_pick for x in order.lines):
        found.append("Pick what was promised instead.")
    if problem.kind == "misrouted" and problem.answer == "trace":
        found.append("Ask the carrier, and write into the memo what they say.")
    if order.hold:
        found.append("Release the order when it can go on.")
    return tuple(found)
