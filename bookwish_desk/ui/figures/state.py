"""What the screen of figures shows, as frozen values."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.figures import Choice

View = Literal["groups", "times", "causes"]


class Fact(msgspec.Struct, frozen=True):
    """One figure that stands by itself: what it is, how much, and of what."""

    label: str
    text: str
    detail: str = ""


class Line(msgspec.Struct, frozen=True):
    """One line of a table: a key, its cells, and what stands beneath the first."""

    key: str
    cells: tuple[str, ...]
    second: str = ""
    strong: bool = False


class Curve(msgspec.Struct, frozen=True):
    """One row of numbers in a chart, with a gap where there is none; `look` is how it is drawn."""

    name: str
    values: tuple[float | None, ...]
    look: Literal["bars", "line", "dashed"] = "bars"


class Drawing(msgspec.Struct, frozen=True):
    """A chart: the names along it, its rows of numbers, the marks at its left, and all of it in sentences."""

    names: tuple[str, ...] = ()
    curves: tuple[Curve, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    spoken: tuple[str, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """All figures in words, counted in opening hours or by the clock.

    `troubles` are what went wrong in order of how often (name, how often, words).
    """

    heading: str = ""
    captured: str = ""
    facts: tuple[Fact, ...] = ()
    orders: Drawing = Drawing()
    orders_title: str = ""
    times: Drawing = Drawing()
    troubles: tuple[tuple[str, int, str], ...] = ()
    groups: tuple[Line, ...] = ()
    stretches: tuple[Line, ...] = ()
    causes: tuple[Line, ...] = ()
    stretch_name: str = "Day"
    empty: str = ""


class FiguresState(msgspec.Struct, frozen=True):
    """Everything on the screen of figures. `busy` while it is counted; `progress` is in per cent, 0 unknown.

    `first` and `last` are the days of the period, to begin with when others are chosen.
    """

    choice: Choice | Literal["custom"] = "days30"
    first: str = ""
    last: str = ""
    in_open_hours: bool = True
    view: View = "groups"
    shown: Shown = Shown()
    busy: bool = False
    progress: int = 0
    saving: bool = False
    file_name: str = ""
    notice: str = ""


class DaysForm(msgspec.Struct, frozen=True):
    """The days of a period as they are typed."""

    first: str
    last: str
