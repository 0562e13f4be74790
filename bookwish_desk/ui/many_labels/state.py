"""What the screen for labels of many parcels shows, as frozen values. No Qt here."""

from __future__ import annotations

from typing import Literal

import msgspec

NoticeKind = Literal["ok", "info", "warn", "error"]
Tone = Literal["ink", "soft", "ok", "warn", "danger"]
Stage = Literal[
    "blocked", "open", "asking", "priced", "waits", "buying", "bought", "refused", "uncertain", "out"
]

STAGES: dict[Stage, tuple[str, Tone]] = {
    "blocked": ("Not possible", "danger"),
    "open": ("No price yet", "soft"),
    "asking": ("Asking for prices", "soft"),
    "priced": ("Priced", "ok"),
    "waits": ("To be bought", "soft"),
    "buying": ("Buying", "soft"),
    "bought": ("Bought", "ok"),
    "refused": ("Not bought", "danger"),
    "uncertain": ("Perhaps bought", "warn"),
    "out": ("Left out", "soft"),
}
"""What stands on the row of a parcel, and the tone that says the same."""

Running = Literal["", "pricing", "buying"]


class ManyRow(msgspec.Struct, frozen=True):
    """One parcel: whose orders, where it goes, what it weighs, by which service, for how much.

    `beneath` stands under the service: its days and the preset. `note` is the reason it was not bought, or
    what to look at first.
    """

    key: str
    numbers: str
    to: str
    weight: str = ""
    weight_note: str = ""
    service: str = ""
    beneath: str = ""
    price: str = ""
    stage: Stage = "open"
    note: str = ""
    note_tone: Tone = "soft"


class CarrierSum(msgspec.Struct, frozen=True):
    """What the labels of one carrier cost together."""

    carrier: str
    count: int
    price: str


class Chosen(msgspec.Struct, frozen=True):
    """The marked parcels, or the chosen one: what can be changed of them.

    `rates` are the prices of a single parcel (id, words), `spellings` those of the address on the label.
    `lines` is all that is to be known of it.
    `turned` says that they are left out, `again` that they were refused, `fixed` that nothing can be changed
    any more.
    """

    heading: str = "No parcel chosen"
    lines: tuple[str, ...] = ()
    preset: str = ""
    package: str = ""
    weight: str = ""
    spellings: tuple[tuple[str, str], ...] = ()
    spelling: str = ""
    rates: tuple[tuple[str, str], ...] = ()
    rate: str = ""
    single: bool = False
    turned: bool = False
    again: bool = False
    fixed: bool = True
    label: bool = False
    order: bool = False


class OpenBatch(msgspec.Struct, frozen=True):
    """Labels that were to be bought when the desk stopped: which batch, and how it stands in words."""

    id: str
    sentence: str


class ManyLabelsState(msgspec.Struct, frozen=True):
    """Everything on the screen.

    `to_ask` parcels have no price that holds, `to_buy` are bought by the one key, for `total` together.
    `done` of `count` is how far the work under way is, `doing` says it in words. `barred` is why nothing can
    be asked or bought at all, `away` why it waits.
    """

    rows: tuple[ManyRow, ...] = ()
    selected: str = ""
    marked: frozenset[str] = frozenset()
    chosen: Chosen = Chosen()
    presets: tuple[tuple[str, str], ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    sums: tuple[CarrierSum, ...] = ()
    total: str = ""
    total_words: str = "Together"
    to_ask: int = 0
    to_buy: int = 0
    running: Running = ""
    done: int = 0
    count: int = 0
    doing: str = ""
    open_batch: OpenBatch | None = None
    with_slip: bool = True
    barred: str = ""
    away: str = ""
    notice: str = ""
    tone: NoticeKind = "info"
    simulated: str = ""
    wrong_weight: str = ""

    @property
    def heading(self) -> str:
        """Return how many parcels there are."""
        count = len(self.rows)
        return "1 parcel" if count == 1 else f"{count} parcels"
