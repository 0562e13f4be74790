"""What stands beside the list of orders: one order with all that is known of it, in words."""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.ui.orders.state import Page, Tone


class LineRow(msgspec.Struct, frozen=True):
    """Copies of a title: where they stand, how many are here, and what has happened to each."""

    id: str
    title: str
    about: str
    count: str
    here: str
    way: str
    tone: Tone = "soft"


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known, with its name; `tone` says no more than the words do."""

    label: str
    text: str
    tone: Tone = "ink"


class Section(msgspec.Struct, frozen=True):
    """Facts under a heading."""

    heading: str
    facts: tuple[Fact, ...]


class ToDo(msgspec.Struct, frozen=True):
    """Something to settle, with the act that does it and what stands on its button; "" where none does.

    `choices` are several acts, each with its words, where a person decides between them.
    """

    sentence: str
    act: str = ""
    words: str = ""
    blocking: bool = True
    choices: tuple[tuple[str, str], ...] = ()


class HistoryRow(msgspec.Struct, frozen=True):
    """One change of the order: what it was, with what, who did it and when."""

    id: int
    what: str
    more: str
    who: str
    when: str


class Photo(msgspec.Struct, frozen=True):
    """A photo of the order (JPEG), with what was noted about it."""

    picture: bytes
    note: str


class Offer(msgspec.Struct, frozen=True):
    """Something that can be done with the order, or why it cannot be now."""

    act: str
    words: str
    why_not: str = ""


class DetailView(msgspec.Struct, frozen=True):
    """The chosen order. `next` is the one step that comes next, `standing` what stands in its way."""

    id: str
    number: str
    customer: str
    about: str
    status: str
    status_tone: Literal["ok", "warn", "error", "off"]
    standing: tuple[str, ...] = ()
    todo: tuple[ToDo, ...] = ()
    lines: tuple[LineRow, ...] = ()
    facts: tuple[Section, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    photos: tuple[Photo, ...] = ()
    next: Offer | None = None
    offers: tuple[Offer, ...] = ()


class DetailState(msgspec.Struct, frozen=True):
    """The chosen order and how it is shown. `how` and `comment` are what the customer hears of the next step.

    `unpaid` is an act that was refused because the order is not paid, with `why`: a manager may let it pass.
    """

    view: DetailView | None = None
    page: Page = "books"
    how: Literal["usual", "silent", "send"] = "usual"
    comment: str = ""
    busy: bool = False
    unpaid: str = ""
    why: str = ""
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "warn"
