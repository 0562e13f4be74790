"""A message to one person as the outbox keeps it: the facts and the wording of the moment it was decided.

The text is made of them when it is sent: that takes Jinja2, for which no sale waits. Also what the history
of an order keeps of it.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.mail import Message
from bookwish_desk.shop.notice_kinds import KINDS, Audience, Kind, Wording
from bookwish_desk.shop.notices import NoticeFacts, default, render
from bookwish_desk.shop.slip import Slip
from bookwish_desk.shop.text import clean


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told to one person. `wording` is the shop's own, None for the first one of its kind.

    `subject` stands in the place of that of the wording. `slip` is a receipt, to be laid out as text.
    """

    kind: Kind
    to: str
    facts: NoticeFacts
    to_name: str = ""
    wording: Wording | None = None
    subject: str = ""
    slip: Slip | None = None


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the history of an order keeps of a notice: the rows of the outbox, or why there is none."""

    kind: Kind
    jobs: tuple[str, ...] = ()
    why: str = ""

    @property
    def audience(self) -> Audience:
        """Return whom it is for."""
        return KINDS[self.kind].audience


class Composed(msgspec.Struct, frozen=True):
    """A message to be sent; `unusable` is why the shop's own wording was not used, empty where it was."""

    message: Message
    unusable: str = ""


def compose(letter: Letter, row_id: str, at: int, receipt: str = "") -> Composed:
    """Return the message that a letter makes, the same each time; `receipt` is its slip as text.

    A wording of the shop that cannot be filled in gives way to the first one of its kind.
    """
    facts = replace(letter.facts, receipt=receipt) if receipt else letter.facts
    unusable = ""
    try:
        notice = render(letter.wording or default(letter.kind), facts)
    except Refused as refused:
        if letter.wording is None:
            raise
        unusable = refused.message
        notice = render(default(letter.kind), facts)
    subject = clean(letter.subject) or notice.subject
    return Composed(Message(row_id, letter.to, subject, notice.text, at, letter.to_name), unusable)


def told_words(told: Told) -> str:
    """Return what the history says of a notice, in a sentence."""
    name = KINDS[told.kind].name
    if told.jobs:
        whom = "the customer" if told.audience == "customer" else "staff"
        return f"E-mail to {whom}: {name}."
    return f"No e-mail to the customer ({name[0].lower()}{name[1:]}): {told.why}"
