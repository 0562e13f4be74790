"""One merge under way: the order as it would be, and what was found so far. Part of `shop.merging`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from bookwish_desk.shop.conflict import Conflict, Kind
from bookwish_desk.shop.far_edit import FarEdit, changed
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step

Show = Callable[[int], str]

RULE_EDIT = "Both sides changed it: ours stays until somebody decides."
RULE_PICKED = "What the store says goes before work in the shop."
RULE_TOO_LATE = "The order is set aside or on its way: more copies are for a person to add."


def copies(count: int) -> str:
    """Return a number of copies in words."""
    return {0: "no copy", 1: "1 copy"}.get(count, f"{count} copies")


class Merged(msgspec.Struct, frozen=True):
    """What follows from an order of the store.

    First `edits`, then `steps`, each tried on the order. `opened` are differences for a person, `settled`
    those that are none any more. `late` says that it is old news, to be left alone as a whole.
    """

    edits: tuple[FarEdit, ...] = ()
    steps: tuple[Step, ...] = ()
    opened: tuple[Conflict, ...] = ()
    settled: tuple[tuple[Kind, str], ...] = ()
    late: bool = False


class Work:
    """An order on its way through one merge: what was found so far."""

    def __init__(self, order: Order, at: int, show: Show, held: Sequence[Conflict]) -> None:
        self.order, self.at, self.show = order, at, show
        self.held = {(c.kind, c.subject): c for c in held}
        self.edits: list[FarEdit] = []
        self.steps: list[Step] = []
        self.opened: list[Conflict] = []
        self.settled: list[tuple[Kind, str]] = []

    def is_held(self, kind: Kind, subject: str) -> bool:
        """Say whether a person has to decide something already."""
        return (kind, subject) in self.held

    def found(self, kind: Kind, subject: str) -> Conflict | None:
        """Return what a person has to decide already."""
        return self.held.get((kind, subject))

    def open(self, kind: Kind, subject: str, sentence: str, **facts: Any) -> None:
        """Leave a difference to a person."""
        made = Conflict(
            id="", kind=kind, subject=subject, order_id=self.order.id, sentence=sentence,
            theirs_at=self.at, **facts,
        )  # fmt: skip
        self.opened.append(made)

    def settle(self, kind: Kind, subject: str) -> None:
        """Say that there is no such difference, or none any more."""
        if self.is_held(kind, subject):
            self.settled.append((kind, subject))

    def step(self, step: Step) -> None:
        """Take a step on the order as it would be. Raises Refused."""
        self.order = apply(self.order, step, self.at)
        self.steps.append(step)

    def edit(self, change: FarEdit) -> None:
        """Make a change on the order as it would be. Raises Refused."""
        after = changed(self.order, change, self.at)
        if after != self.order:
            self.order = after
            self.edits.append(change)


def fetched(order: Order) -> int:
    """Return how many copies were fetched for an order and are still in the shop."""
    return sum(x.picked - x.shipped - x.handed_over for x in order.lines)


def put_back(work: Work, count: int, why: str, theirs: str) -> None:
    """Have somebody put back copies that were fetched for an order and are not for it any more."""
    order = work.order
    label = theirs == "Cancelled" and any(p.tracking and not p.shipped_at for p in order.parcels)
    where = f", from {order.shelf}" if order.shelf else ""
    work.open(
        "gone", f"{order.id}:put_back",
        f"{order.number}: {why}. Put {copies(count)} back on the shelf{where}"
        f"{', and void the label' if label else ''}.",
        ours=f"{copies(count)} picked", theirs=theirs, rule=RULE_PICKED, field="status", choices=("noted",),
    )  # fmt: skip
