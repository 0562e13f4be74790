"""What the list of print jobs shows: those that did not end by themselves, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["printed", "again", "drop"]


class JobRow(msgspec.Struct, frozen=True):
    """One job in words, `badge` the shortest of them.

    `open` says that a person can settle it now, `again` that it can be printed.
    """

    id: str
    what: str
    words: str
    since: str
    badge: str
    waits: bool = False
    open: bool = True
    again: bool = True


class JobsState(msgspec.Struct, frozen=True):
    """Everything on the list of print jobs."""

    rows: tuple[JobRow, ...] = ()
    selected: str = ""
    notice: str = ""

    @property
    def row(self) -> JobRow | None:
        """Return the job that is chosen."""
        return next((r for r in self.rows if r.id == self.selected), None)
