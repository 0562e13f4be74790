"""What stands beside the list of orders while several are marked, as frozen values."""

from __future__ import annotations

from typing import Literal

import msgspec


class ManyOffer(msgspec.Struct, frozen=True):
    """Something to do with many orders, and with how many of them it is possible now."""

    act: str
    words: str
    count: int
    elsewhere: bool = False


class ManyState(msgspec.Struct, frozen=True):
    """How many orders are marked, and how far the work on them has come.

    `running` is what is being done ("confirmed"), empty when nothing is.
    """

    count: int = 0
    offers: tuple[ManyOffer, ...] = ()
    running: str = ""
    done: int = 0
    failed: int = 0
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "info"
