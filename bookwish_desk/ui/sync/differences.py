"""Differences between the shop and its online store in words: rows, cards, and what is asked before. Pure.

What a store says is somebody else's words: it is shortened, and shown as a value or a quotation.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bookwish_desk.settings import Settings
from bookwish_desk.shop.conflict import CHOICES, Choice, Conflict, Kind
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.moments import shortly, when
from bookwish_desk.ui.sync.state import Asked, Card, Side, SyncRow, Tone, Verb
from bookwish_desk.ui.titles.words import wrapped

MOST_SINGLE = 5
"""From more differences of one kind on, those that come in hundreds are one row with their count."""

GROUPED: tuple[Kind, ...] = ("stock", "variance", "unmapped")
"""Kinds that come in hundreds, and mean the same each time."""

RESOLVE, ALL, ENTER = "resolve:", "all:", "enter:"

_SENTENCE, _VALUE = 400, 240


class Named(msgspec.Struct, frozen=True):
    """What a kind is called on a badge, and many of it; what it means, and how urgent it is."""

    badge: str
    many: str
    meaning: str
    tone: Tone = "warn"


KINDS: dict[Kind, Named] = {
    "status": Named(
        "Status differs", "statuses differ", "The store's word contradicts what happened here.", "danger"
    ),
    "gone": Named(
        "Cancelled too late", "cancelled too late", "The books had left when it was cancelled.", "danger"
    ),
    "cancel_there": Named(
        "Not cancelled there", "not cancelled there", "It is cancelled here, not in the store.", "danger"
    ),
    "payment": Named(
        "Money differs", "money differs", "What the store says of the money cannot be true here.", "danger"
    ),
    "back": Named("Went a step back", "went a step back", "A store cannot be told of a step back."),
    "edit": Named("Changed twice", "changed twice", "The same was changed here and in the store."),
    "stock": Named("Count differs", "counts differ", "The shop counts other copies than the store."),
    "variance": Named(
        "Total differs", "totals differ", "The store's total of a sale is another. Ours stands."
    ),
    "unmapped": Named("Book not known", "books not known", "A line of an order fits no book of the shop."),
}
"""Every kind, the most urgent first."""


class Seen(msgspec.Struct, frozen=True):
    """What the words need besides: staff by id, the moment, how many of a kind, whether in a group."""

    names: Mapping[str, str]
    now: int
    alike: Mapping[str, int] = {}
    inside: bool = False


def row(c: Conflict, seen: Seen, settings: Settings) -> SyncRow:
    """Return a difference as the list shows it."""
    named = KINDS[c.kind]
    heard = shortly(c.theirs_at, seen.now, settings) if c.theirs_at else ""
    until = f"by {shortly(c.deadline_at, seen.now, settings)}" if c.deadline_at else ""
    values = f"Here: {clean(c.ours, 80) or 'nothing'} · Store: {clean(c.theirs, 80) or 'nothing'}"
    badge = "" if seen.inside else named.badge  # the group says it already
    return SyncRow(c.id, clean(c.sentence, _SENTENCE), values, heard, until, badge, named.tone)


def group_row(kind: Kind, number: int) -> SyncRow:
    """Return many differences of one kind as one row."""
    named = KINDS[kind]
    what = f"{number:,} {named.many}"
    return SyncRow(f"{ENTER}{kind}", what, named.meaning, badge="Open", tone=named.tone, strong=True)


def group_name(kind: Kind, number: int) -> str:
    """Return what stands above the list inside a group."""
    return f"{number:,} {KINDS[kind].many}"


def group_card(kind: Kind, number: int) -> Card:
    """Return many differences of one kind as the chosen row."""
    named = KINDS[kind]
    texts = (
        named.meaning,
        f"There are {number:,} of them. Look at each, or decide all of them alike.",
    )
    enter = Verb(f"{ENTER}{kind}", "Show each of them", "primary")
    return Card(
        f"{ENTER}{kind}", f"{number:,} {named.many}", texts, verbs=(enter,), many=_decide_all(number, kind)
    )


def _decide_all(number: int, kind: Kind) -> Verb:
    return Verb(f"{ALL}{kind}", f"Decide all {number:,}", asks=asked_of_all(kind, number))


def card(c: Conflict, seen: Seen, settings: Settings) -> Card:
    """Return a difference whole: the sentence, both values, the rule, and what may be decided."""
    at = seen.now
    who = seen.names.get(c.ours_by, "")
    ours_at = when(c.ours_at, at, settings) if c.ours_at else ""
    theirs_at = f"heard {when(c.theirs_at, at, settings)}" if c.theirs_at else ""
    sides = (
        Side("Here", _value(c.ours), ", ".join(x for x in (who, ours_at) if x)),
        Side("In the store", _value(c.theirs), theirs_at),
    )
    texts = [wrapped(clean(c.sentence, _SENTENCE))]
    if c.rule:
        rule = clean(c.rule, _SENTENCE)
        texts.append(rule if why_not(c) else f"Rule applied meanwhile: {rule}")
    if c.deadline_at:
        texts.append(f"To be decided by {when(c.deadline_at, at, settings)}.")
    number = seen.alike.get(c.kind, 0)
    many = _decide_all(number, c.kind) if c.kind in GROUPED and number > 1 else None
    return Card(
        c.id, KINDS[c.kind].badge, tuple(texts), sides if c.ours or c.theirs else (),
        verbs=verbs(c), many=many, opens=f"order:{c.order_id}" if c.order_id else "",
        opens_words="Open the order",
    )  # fmt: skip


def _value(text: str) -> str:
    return wrapped(clean(text, _VALUE)) or "Nothing"


def choices(c: Conflict) -> tuple[tuple[Choice, str], ...]:
    """Return what may be decided, with its words; all that its kind knows where the difference names none."""
    known = CHOICES[c.kind]
    return tuple(x for x in known if x[0] in c.choices) or known


def why_not(c: Conflict) -> str:
    """Return why the store's value cannot be taken of something changed on both sides, "" where it can."""
    return c.rule if c.kind == "edit" and "theirs" not in (c.choices or ("theirs",)) else ""


def verbs(c: Conflict) -> tuple[Verb, ...]:
    """Return the choices as verbs."""
    return tuple(
        Verb(f"{RESOLVE}{choice}", words, "danger" if asks else "plain", asks=asks)
        for choice, words in choices(c)
        for asks in (asked_before(c, choice),)
    )


_GRAVE: dict[tuple[Kind, Choice], str] = {
    ("cancel_there", "send"): (
        "The online store cancels the order and gives the customer the money back by itself. That cannot be"
        " undone."
    ),
}
"""What is asked once more before it is carried out, with what it brings about."""


def asked_before(c: Conflict, choice: Choice) -> Asked | None:
    """Return what to ask before a choice is carried out, None where it is carried out at once."""
    text = _GRAVE.get((c.kind, choice))
    if text is None:
        return None
    words = dict(CHOICES[c.kind])[choice]
    return Asked(
        f"{words}?", (clean(c.sentence, _SENTENCE), text), words, reason="optional",
        reason_label="Reason, as the store gets it", danger=True,
    )  # fmt: skip


_ALL_MEAN: dict[tuple[Kind, Choice], str] = {
    ("stock", "send"): "The store gets the shop's counts.",
    ("stock", "count"): "The shop's counts are changed to the store's; each change is a stock movement.",
    ("stock", "noted"): "Nothing is changed on either side.",
}


def asked_of_all(kind: Kind, number: int) -> Asked:
    """Return what to ask before all differences of a kind are decided alike."""
    offered = CHOICES[kind]
    named = KINDS[kind]
    texts = [f"{named.meaning} All {number:,} are decided at once, and it cannot be undone."]
    texts += [f"{words}: {mean}" for choice, words in offered if (mean := _ALL_MEAN.get((kind, choice)))]
    verb = f"Decide all {number:,}"
    return Asked(f"{verb}?", tuple(texts), verb, choices=offered, danger=True)
