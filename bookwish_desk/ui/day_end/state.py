"""What the screen of the day's end shows, as frozen values. No Qt here."""

from __future__ import annotations

from typing import Literal

import msgspec

NoticeKind = Literal["ok", "info", "warn", "error"]
Tone = Literal["ink", "soft", "ok", "warn", "danger"]


class CarrierRow(msgspec.Struct, frozen=True):
    """One carrier: how many parcels wait for it, what they weigh and cost, and how far its list is.

    `asks` says that a list has still to be made of some of them, `prints` that there is one to print,
    `visits` that a visit can be asked for, or booked where it `books`; `cancels` that one can be called off.
    """

    key: str
    name: str
    parcels: str
    weight: str
    cost: str
    badge: str = ""
    tone: Tone = "soft"
    facts: tuple[tuple[str, str], ...] = ()
    asks: bool = False
    prints: bool = False
    visits: bool = False
    books: bool = False
    cancels: bool = False
    hands: int = 0


class DayParcel(msgspec.Struct, frozen=True):
    """One parcel of the chosen carrier: whose it is, where it goes, its number, weight and cost."""

    key: str
    number: str
    to: str
    tracking: str
    weight: str
    cost: str
    badge: str = ""
    tone: Tone = "soft"


class DayEndState(msgspec.Struct, frozen=True):
    """Everything on the screen. `heading` is the day, `sums` all its parcels in words.

    `ships` says that orders become shipped when their parcels are handed over.
    """

    heading: str = ""
    sums: str = ""
    carriers: tuple[CarrierRow, ...] = ()
    selected: str = ""
    parcels: tuple[DayParcel, ...] = ()
    parcel: str = ""
    ships: bool = False
    busy: bool = False
    barred: str = ""
    notice: str = ""
    tone: NoticeKind = "info"
    simulated: str = ""

    @property
    def carrier(self) -> CarrierRow | None:
        """Return the chosen carrier."""
        return next((c for c in self.carriers if c.key == self.selected), None)
