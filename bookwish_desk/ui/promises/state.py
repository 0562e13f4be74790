"""What the promise board shows, as frozen values."""

from __future__ import annotations

from typing import Literal

import msgspec

Section = Literal["late", "today", "week", "later"]

SECTION_NAMES: dict[Section, str] = {
    "late": "Late",
    "today": "Today",
    "week": "This week",
    "later": "Later",
}
"""The sections from top to bottom; "week" is the coming seven days."""


class PromiseRow(msgspec.Struct, frozen=True):
    """One deadline in words: what is to be done, why, with which order, whose it is, and when.

    `key` tells rows apart and stays the same while the deadline does; `kind` is the promise.
    """

    key: str
    order_id: str
    kind: str
    section: Section
    what: str
    why: str
    number: str
    customer: str
    when: str
    left: str
    badge: str = ""
    tone: Literal["soft", "warn", "danger"] = "soft"


class PromisesState(msgspec.Struct, frozen=True):
    """Everything on the promise board.

    `rows` are those that pass both filters, `section` and `kind` ("" is all); `counts` are those of each
    section within the kind, `kinds` the kinds there are as (id, words with their count).
    """

    loaded: bool = False
    rows: tuple[PromiseRow, ...] = ()
    selected: str = ""
    section: Section | Literal[""] = ""
    kind: str = ""
    counts: tuple[tuple[Section, int], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    facts: str = ""
    empty: str = ""
    notice: str = ""
