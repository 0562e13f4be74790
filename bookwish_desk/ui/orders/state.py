"""What the order screen shows, as frozen values: queues, rows and the chosen order in words."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.order_queue import QUEUE_NAMES, Queue

Shown = Queue | Literal["all"]
Tone = Literal["ink", "soft", "ok", "warn", "danger"]
Page = Literal["books", "facts", "history"]

NAMES: dict[Shown, str] = {**QUEUE_NAMES, "all": "All orders"}  # type: ignore[dict-item]
"""What the queues are called; "all" is the full history, whatever the status (IC-01)."""


class OrderRow(msgspec.Struct, frozen=True):
    """One order in the list, in words: `fresh` is not begun, `memo` what was noted or is to settle.

    `differs` says that the online store has it another way and a person decides.
    """

    id: str
    number: str
    customer: str
    facts: str
    status: str
    total: str
    money: str
    memo: str = ""
    age: str = ""
    due: str = ""
    status_tone: Tone = "soft"
    due_tone: Tone = "soft"
    fresh: bool = False
    differs: bool = False


class OrdersState(msgspec.Struct, frozen=True):
    """Everything on the order screen but the chosen order.

    `counts` has every queue; `words` are what is searched for, in the orders of every status. `more` says
    that there are older ones. `marked` are chosen for work on many, `failures` why that failed, by id;
    `working` says that it goes on, and the list stays where it is until it ends.
    """

    queue: Shown = "new"
    counts: dict[Shown, int] = {}
    words: str = ""
    kind: str = ""
    source: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    rows: tuple[OrderRow, ...] = ()
    selected: str = ""
    more: bool = False
    marked: frozenset[str] = frozenset()
    failures: dict[str, str] = {}
    working: bool = False
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "warn"
