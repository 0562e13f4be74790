"""What the sheet of one label shows, as frozen values. No Qt here."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["ok", "warn", "error", "off"]
NoticeKind = Literal["ok", "info", "warn", "error"]
Act = Literal["reprint", "return", "insure", "void", "void_again", "bought", "not_bought", "look"]

ACTS: dict[Act, str] = {
    "reprint": "Print it again",
    "return": "Label for the way back",
    "insure": "Insure the parcel",
    "void": "Give the label back",
    "void_again": "Ask for the refund again",
    "look": "Look it up now",
    "bought": "It was bought",
    "not_bought": "It was not bought",
}
"""What can be done with a label, and what stands on the button."""


class Offer(msgspec.Struct, frozen=True):
    """Something that can be done with the label, or why it cannot be now."""

    act: Act
    why_not: str = ""


class ScanRow(msgspec.Struct, frozen=True):
    """One scan of the parcel on its way: when, what, where."""

    key: str
    when: str
    what: str
    where: str = ""


class LabelView(msgspec.Struct, frozen=True):
    """One label: how it stands, all that is known of it, where its parcel was, and what can be done."""

    heading: str = "Label"
    status: str = ""
    tone: Tone = "off"
    facts: tuple[tuple[str, str], ...] = ()
    scans: tuple[ScanRow, ...] = ()
    no_scans: str = ""
    offers: tuple[Offer, ...] = ()
    notice: str = ""
    notice_tone: NoticeKind = "info"
