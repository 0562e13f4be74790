"""What the sheet for papers of orders shows, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

Size = Literal["page", "4x6"]


class Failed(msgspec.Struct, frozen=True):
    """An order of which there is no paper, and why."""

    order: str
    reason: str


class PapersState(msgspec.Struct, frozen=True):
    """Everything on the sheet.

    `lacking` is the sentence when nothing can be printed as chosen; without a `file_name` nothing can be
    saved. `done` of `total` orders are through; `failed` are those without a paper. `replacing` is a file
    that would be overwritten. `over` says that all of it is done and nothing is left to be read.
    """

    paper: str = "packing_slip"
    size: Size = "page"
    papers: tuple[tuple[str, str], ...] = ()
    sizes: tuple[tuple[str, str], ...] = ()
    printer: str = ""
    lacking: str = ""
    file_name: str = ""
    busy: bool = False
    stopping: bool = False
    done: int = 0
    total: int = 0
    failed: tuple[Failed, ...] = ()
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "error"
    replacing: str = ""
    over: bool = False
