"""What customers and staff are told when an order changes: notices as messages in the outbox."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from bookwish_desk.db.store import Tx
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.staff import Actor


class Telling(msgspec.Struct, frozen=True):
    """Whether the customer hears of a step, and what staff add in their own words (WSM-15, WSM-16).

    `usual` sends what the shop's settings say for this kind of step; `silent` never, `send` always.
    """

    how: Literal["usual", "silent", "send"] = "usual"
    comment: str = ""


def follow(tx: Tx, actor: Actor, before: Order, after: Order, kind: str, body: Any, telling: Telling) -> None:
    """Queue the notices that a change of an order brings with it."""
