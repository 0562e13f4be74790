"""What the list of e-mails shows: those that wait or did not go, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["soft", "warn", "danger"]


class MailRow(msgspec.Struct, frozen=True):
    """One e-mail in words, `badge` the shortest of them; `order` is the id of the order it is about.

    `stuck` says that it goes nowhere until a person decides, `open` that one can.
    """

    id: str
    what: str
    to: str
    words: str
    since: str
    badge: str
    tone: Tone = "soft"
    order: str = ""
    stuck: bool = False
    open: bool = True


class MailState(msgspec.Struct, frozen=True):
    """Everything on the list of e-mails. `held` is what holds all of them up, empty for nothing."""

    rows: tuple[MailRow, ...] = ()
    selected: str = ""
    held: str = ""
    notice: str = ""

    @property
    def row(self) -> MailRow | None:
        """Return the e-mail that is chosen."""
        return next((r for r in self.rows if r.id == self.selected), None)

    @property
    def waiting(self) -> bool:
        """Say whether any waits to be sent."""
        return any(r.open and not r.stuck for r in self.rows)
