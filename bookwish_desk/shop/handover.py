"""Handing a day's parcels to carriers: the manifest of each carrier, and the visits that collect them.

Pure; rows are `db.handovers`. Both are made in two steps like a label: a row is committed first, then asked
for, and what nobody knows is `uncertain` until it was read back.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.carriage import Collection, Manifest

ManifestState = Literal["new", "asking", "created", "uncertain", "refused", "by_hand"]
CollectionState = Literal[
    "new", "quoted", "booking", "booked", "uncertain", "refused", "cancelling", "cancelled"
]


class DayManifest(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier's parcels of a day, handed over together. `postages` are the ids of their labels.

    `by_hand` is a list of the shop's own for a carrier that takes none: parcels are handed over by it too.
    """

    id: str
    carrier: str
    postages: tuple[str, ...]
    created_at: int
    staff: str
    register: int
    state: ManifestState = "new"
    form: Manifest | None = None
    next_try_at: int = 0
    attempts: int = 0
    words: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's visit to collect parcels, between two moments (ms UTC)."""

    id: str
    carrier: str
    postages: tuple[str, ...]
    first_at: int
    last_at: int
    created_at: int
    staff: str
    register: int
    state: CollectionState = "new"
    collection: Collection | None = None
    service: str = ""
    cents: int = 0
    instructions: str = ""
    next_try_at: int = 0
    attempts: int = 0
    words: str = ""
