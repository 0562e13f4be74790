"""What the scanner set-up page shows, as frozen values."""

from __future__ import annotations

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One thing to set: what it is for, and where in the maker's handbook it stands."""

    goal: str
    where: str


class DrawnCode(msgspec.Struct, frozen=True):
    """A programming code that is drawn: `text` is what it holds, `modules` its bars, a `1` for black."""

    title: str
    text: str
    modules: str = ""


class Reading(msgspec.Struct, frozen=True):
    """One scan as the page tells of it: facts in rows, then what may be done better."""

    facts: tuple[tuple[str, str], ...]
    advice: tuple[str, ...] = ()


class SetupState(msgspec.Struct, frozen=True):
    """The page. `source` says where the codes come from; it is empty where none are drawn."""

    makers: tuple[tuple[str, str], ...] = ()
    maker: str = ""
    steps: tuple[Step, ...] = ()
    codes: tuple[DrawnCode, ...] = ()
    source: str = ""
    reading: Reading | None = None
