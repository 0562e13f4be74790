"""What the activity log shows, as one frozen value."""

from __future__ import annotations

import msgspec


class ActivityRow(msgspec.Struct, frozen=True):
    """One journal entry in words: when, who and what."""

    seq: int
    when: str
    who: str
    what: str


class ActivityState(msgspec.Struct, frozen=True):
    """Everything in the activity log. `open` says that whoever is signed in may read it.

    `group` and `person` narrow it ("" is everything and everybody), `words` are what is looked for.
    """

    open: bool = False
    rows: tuple[ActivityRow, ...] = ()
    more: bool = False
    group: str = ""
    person: str = ""
    people: tuple[tuple[str, str], ...] = ()
    words: str = ""
    notice: str = ""
