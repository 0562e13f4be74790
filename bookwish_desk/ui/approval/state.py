"""What the approval sheet shows, as one frozen value."""

from __future__ import annotations

import msgspec


class Approver(msgspec.Struct, frozen=True):
    """One person who may approve it."""

    id: str
    name: str
    role: str


class ApprovalState(msgspec.Struct, frozen=True):
    """`wait` are the seconds before the chosen person may try again."""

    approvers: tuple[Approver, ...] = ()
    chosen: str = ""
    notice: str = ""
    wait: int = 0
    checking: bool = False
