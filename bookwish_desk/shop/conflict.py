"""Differences between the shop and its online store that a person decides: one value a difference.

The rules by which everything else is merged without asking are in `shop.merging`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["status", "gone", "cancel_there", "back", "edit", "stock", "variance", "unmapped", "payment"]
"""status: the store's word contradicts ours. gone: cancelled there after the books left. cancel_there:
cancelled here, not there. back: went a step back here, which a store cannot be told. edit: the same thing
was changed on both sides. stock: the counts differ. variance: the store's total of a sale is another.
unmapped: a line that no book here fits. payment: what the store says of the money cannot be true here."""

Choice = Literal["theirs", "ours", "send", "done_there", "take_back", "count", "noted"]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. `subject` names what it is about and, with `kind`, is unique among open ones.

    `ours` and `theirs` are both values in words; `ours_by` is who set ours (a staff id) and `ours_at` when;
    `theirs_at` is when it was heard. `rule` is the sentence of the rule that was applied meanwhile.
    `field` and `body` are for the program that carries a choice out.
    """

    id: str
    kind: Kind
    subject: str
    order_id: str = ""
    sentence: str
    ours: str = ""
    theirs: str = ""
    ours_by: str = ""
    ours_at: int = 0
    theirs_at: int = 0
    rule: str = ""
    deadline_at: int = 0
    field: str = ""
    body: str = ""
    choices: tuple[Choice, ...] = ()


CHOICES: dict[Kind, tuple[tuple[Choice, str], ...]] = {
    "status": (("theirs", "Follow the store"), ("ours", "Keep ours")),
    "gone": (
        ("take_back", "Expect the books back"),
        ("ours", "Let the customer keep them"),
        ("noted", "They are put back"),
    ),
    "cancel_there": (("send", "Cancel it in the store"), ("done_there", "It is cancelled there")),
    "back": (("noted", "Seen"),),
    "edit": (("theirs", "Take the store's"), ("ours", "Keep ours"), ("noted", "Seen")),
    "stock": (("send", "Send our count"), ("count", "Take the store's count"), ("noted", "Leave it")),
    "variance": (("noted", "Seen"),),
    "unmapped": (("noted", "Seen"),),
    "payment": (("theirs", "Believe the store"), ("ours", "Keep ours")),
}
"""What may be decided of each kind of conflict, with what stands on the button."""


def choice_words(kind: str, choice: str) -> str:
    """Return what stands on the button of a choice; a choice that nobody knows any more is said by itself."""
    return next(
        (words for k, rows in CHOICES.items() if k == kind for x, words in rows if x == choice), choice
    )
