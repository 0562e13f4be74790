"""What was changed of an order, as a list of edits: each can be tried on the order, and be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db.store import Store
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_retax import Taxation, goods_changed, retaxed
from bookwish_desk.shop.order_rules import edit
from bookwish_desk.shop.staff import Actor

Run = Callable[[Store, Actor, Telling], Outcome[Any]]


class Edit(msgspec.Struct, frozen=True):
    """One change that was typed and is not saved yet.

    `change` tries it on an order, `run` does it, `done` forgets that it was to be done. `key` is the field
    it is about, `line` the line; `texts` are the fields that are saved with it.
    """

    key: str
    change: Callable[[Order], Order]
    run: Run
    done: Callable[[], None] = lambda: None
    line: str = ""
    texts: tuple[str, ...] = ()
    retax: bool = True


def preview(order: Order, edits: tuple[Edit, ...], taxation: Taxation, at: int) -> Order:
    """Return the order as it would be after all edits at a moment. Raises Refused for what cannot be."""
    for one in edits:
        order = edit(order, partial(_changed, one, taxation), at)
    return order


def _changed(one: Edit, taxation: Taxation, before: Order) -> Order:
    after = one.change(before)
    return retaxed(after, taxation) if one.retax and goods_changed(before, after) else after
