"""What the Sync screen shows, as frozen values: how it stands, parts with their rows, and the chosen row."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["soft", "ok", "warn", "danger"]
Light = Literal["ok", "warn", "error", "off"]
NoticeKind = Literal["ok", "info", "warn", "error"]
Part = Literal["differences", "uncertain", "refused", "waiting", "kept", "passes", "store"]

PARTS: dict[Part, str] = {
    "differences": "Differences",
    "uncertain": "Uncertain",
    "refused": "Refused",
    "waiting": "Waiting",
    "kept": "Kept here",
    "passes": "Last passes",
    "store": "The store",
}
"""The parts of the screen, from top to bottom: first what waits for a person."""

MOST_ROWS = 200
"""No list shows more rows; what lies beyond is counted in words."""


class Headline(msgspec.Struct, frozen=True):
    """How it stands, in one plain sentence; `more` is why, `light` the shape and colour before it."""

    sentence: str = ""
    more: str = ""
    light: Light = "off"


class SyncRow(msgspec.Struct, frozen=True):
    """One row of a part. `key` tells rows apart; `aside` stands at the right, `under` beneath that."""

    key: str
    what: str
    second: str = ""
    aside: str = ""
    under: str = ""
    badge: str = ""
    tone: Tone = "soft"
    strong: bool = False


class Asked(msgspec.Struct, frozen=True):
    """What is asked before something is carried out: why in `texts`, `verb` stands on the button.

    `choices` are offered where one must be chosen. A reason that is "needed" must not be empty.
    """

    title: str
    texts: tuple[str, ...]
    verb: str
    choices: tuple[tuple[str, str], ...] = ()
    reason: Literal["", "optional", "needed"] = ""
    reason_label: str = "Reason"
    danger: bool = False


class Verb(msgspec.Struct, frozen=True):
    """Something that can be done with the chosen row, or why it cannot be now. `id` says it to the presenter.

    `asks` is what is asked before it is carried out.
    """

    id: str
    words: str
    kind: Literal["plain", "primary", "danger"] = "plain"
    why_not: str = ""
    asks: Asked | None = None


class Side(msgspec.Struct, frozen=True):
    """The value of one side of a difference: whose, what, and by whom or when."""

    whose: str
    value: str
    by: str = ""


class Card(msgspec.Struct, frozen=True):
    """The chosen row, whole. `quote` are somebody else's own words, `who_said` whose: shown as a quotation.

    Of its `verbs` the first three have a key each; `many` decides every row like it. `opens` is what can be
    opened of it, "order:" with its id or "receipt:" with its number, and `opens_words` stands on the button.
    """

    key: str = ""
    title: str = ""
    texts: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()
    quote: str = ""
    who_said: str = "The store said"
    verbs: tuple[Verb, ...] = ()
    many: Verb | None = None
    opens: str = ""
    opens_words: str = ""


class FirstImport(msgspec.Struct, frozen=True):
    """How far the first import is: in words, and in percent where that is known. `stopped`: by a person."""

    words: str = ""
    percent: int | None = None
    stopped: bool = False


class DemoStrip(msgspec.Struct, frozen=True):
    """The store of a demonstration: whether it runs, in words, too."""

    running: bool
    words: str


class SyncView(msgspec.Struct, frozen=True):
    """Everything on the Sync screen.

    `connected` is False where the shop works with no online store: the screen says then what it would do.
    `warnings` are known troubles that hold nothing up; `inside` is the group whose rows are listed, `foot`
    what lies beyond the list; `why_not_now` why nothing can be sent or fetched at once.
    """

    connected: bool = False
    headline: Headline = Headline()
    warnings: tuple[str, ...] = ()
    part: Part = "differences"
    counts: tuple[tuple[Part, int], ...] = ()
    rows: tuple[SyncRow, ...] = ()
    empty: str = ""
    foot: str = ""
    inside: str = ""
    selected: str = ""
    card: Card = Card()
    paused: bool = False
    signed_out: bool = False
    why_not_now: str = ""
    first: FirstImport | None = None
    demo: DemoStrip | None = None
    notice: str = ""
    tone: NoticeKind = "warn"
