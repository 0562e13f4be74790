"""The life of one carrier's label, from asking what it costs until it is paid, printed, given back.

new -> created (the broker's shipment id is stored) -> buying -> bought, uncertain, refused; bought -> voiding
-> voided. A row buys only on its one shipment id, so that nothing is ever paid twice: a second buy of the
same shipment is refused by the broker, whatever became of the first. Pure; rows are `db.postages`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.carriage import (
    Bought,
    Consignment,
    Quoted,
    Rate,
    RefundState,
    Track,
    TrackStatus,
)

PostageState = Literal[
    "new", "created", "buying", "uncertain", "refused", "bought", "voiding", "voided", "dropped"
]

LIVE: tuple[PostageState, ...] = ("new", "created", "buying", "uncertain", "refused", "bought")
"""States in which a label stands for its parcel: no second one is made meanwhile."""
PAID: tuple[PostageState, ...] = ("bought", "voiding")
"""States in which money is with the carrier."""
MAYBE_PAID: tuple[PostageState, ...] = ("buying", "uncertain")
"""States in which it may be: only reading the shipment tells."""

STATE_NAMES: dict[PostageState, str] = {
    "new": "Asking for prices",
    "created": "Priced",
    "buying": "Buying",
    "uncertain": "Perhaps bought",
    "refused": "Not bought",
    "bought": "Bought",
    "voiding": "Refund asked for",
    "voided": "Refunded",
    "dropped": "Left",
}

RATES_LIVE_MS = 6 * 3_600_000
"""Older prices are asked for again before anything is bought: they go stale."""


class Postage(msgspec.Struct, frozen=True, kw_only=True):
    """One label of one parcel. `box` is the parcel's id in every order that has copies in it.

    `purpose`: "used" is one that went out and whose parcel the carrier brought back: the next one is its own.
    `packed` stands for what was in the parcel and where it was to go when prices were asked for
    (`actions.consigning`). `wanted_at` says since when it is to be bought (0: nobody asked), `batch` and
    `place` with which others and in which order; `rate` is what was agreed to. `override` is why an unpaid
    order goes out all the same. `asked_at` is when money was last asked for, `looks` how often it was read
    back since, `clear_at` when it was first read as not bought since, `proven_at` when that was read once
    more for good. `words` are the last that was said, for people. `label_at` is when the label's bytes were
    stored. `printed` are the jobs.
    `insure_cents` is for what it is to be insured after it was bought. `manifest` is the id of the list with
    which it was handed over (`shop.handover`), or the carrier's own of one that was made elsewhere.
    """

    id: str
    box: str
    orders: tuple[str, ...]
    numbers: tuple[str, ...]
    consignment: Consignment
    created_at: int
    staff: str
    register: int
    purpose: Literal["out", "return", "used"] = "out"
    state: PostageState = "new"
    package: str = ""
    preset: str = ""
    quoted: Quoted | None = None
    rate: Rate | None = None
    insured_cents: int = 0
    packed: str = ""
    wanted_at: int = 0
    batch: str = ""
    place: int = 0
    ships: bool = True
    prints: bool = True
    with_slip: bool = True
    override: str = ""
    asked_at: int = 0
    attempts: int = 0
    looks: int = 0
    clear_at: int = 0
    proven_at: int = 0
    next_try_at: int = 0
    words: str = ""
    bought: Bought | None = None
    bought_at: int = 0
    label_at: int = 0
    printed: tuple[str, ...] = ()
    refund: RefundState = ""
    refund_asked_at: int = 0
    insure_cents: int = 0
    insure_asked_at: int = 0
    insure_next_at: int = 0
    insure_words: str = ""
    manifest: str = ""
    collection: str = ""
    handed_over_at: int = 0
    track: Track | None = None
    track_status: TrackStatus = "unknown"
    track_next_at: int = 0

    @property
    def shipment(self) -> str:
        """Return the broker's id of it, empty before it has one."""
        if self.bought is not None:
            return self.bought.shipment
        return self.quoted.shipment if self.quoted is not None else ""

    @property
    def tracking(self) -> str:
        """Return the number it is followed by, empty before it is bought."""
        return self.bought.tracking if self.bought is not None else ""

    @property
    def live(self) -> bool:
        """Say whether it stands for its parcel: no second one is made meanwhile."""
        return self.state in LIVE
