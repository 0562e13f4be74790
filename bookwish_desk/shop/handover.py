"""Handing a day's parcels to carriers: the manifest of each carrier, the visits that collect them, the list.

Pure; rows are `db.handovers`. Manifests and visits are made in two steps like a label: a row is committed
first, then asked for, and what nobody knows is `uncertain` until it was read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from bookwish_desk.shop.carriage import Collection, Manifest
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.tracking import MOVING

ManifestState = Literal["new", "asking", "created", "uncertain", "refused", "by_hand"]
CollectionState = Literal[
    "new", "quoted", "booking", "booked", "uncertain", "refused", "cancelling", "cancelled"
]

COLLECTION_NAMES: dict[CollectionState, str] = {
    "new": "Asking for prices",
    "quoted": "Priced",
    "booking": "Being booked",
    "booked": "Booked",
    "uncertain": "Perhaps booked",
    "refused": "Not booked",
    "cancelling": "Being cancelled",
    "cancelled": "Cancelled",
}

TAKES_MANIFESTS: tuple[str, ...] = ("usps",)
"""How the names of carriers begin that scan one form for all parcels (USPS SCAN form, PS 5630)."""
LATE_DAYS = 14
"""A label not handed over so long after it was bought is not in the list of the day any more."""


class DayManifest(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier's parcels of a day, handed over together. `postages` are the ids of their labels.

    `by_hand` is a list of the shop's own for a carrier that takes none: parcels are handed over by it too.
    `left_out` are (number of the order, why) of labels that were in it and are not any more. `asked_at` is
    when the carrier was last asked, `clear_at` when it was first read since that there is none.
    """

    id: str
    carrier: str
    postages: tuple[str, ...]
    created_at: int
    staff: str
    register: int
    day: str = ""
    state: ManifestState = "new"
    form: Manifest | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    asked_at: int = 0
    looks: int = 0
    clear_at: int = 0
    next_try_at: int = 0
    attempts: int = 0
    words: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's visit to collect parcels, between two moments (ms UTC).

    `service` and `cents` are what was agreed to; `asked_at` and `clear_at` are as with a manifest.
    """

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
    asked_at: int = 0
    looks: int = 0
    clear_at: int = 0
    next_try_at: int = 0
    attempts: int = 0
    words: str = ""


class DayRow(msgspec.Struct, frozen=True):
    """One parcel in the list of a day. `carried` says that the carrier has scanned it."""

    postage: str
    numbers: tuple[str, ...]
    to: str
    service: str
    tracking: str
    weight_grams: int
    cents: int
    manifest: str = ""
    handed_over_at: int = 0
    carried: bool = False
    late: bool = False


class CarrierDay(msgspec.Struct, frozen=True):
    """One carrier's parcels of a day, with its totals; `by_form` says that it scans one form for all."""

    carrier: str
    rows: tuple[DayRow, ...]
    by_form: bool = False

    @property
    def parcels(self) -> int:
        """Return how many parcels there are."""
        return len(self.rows)

    @property
    def weight_grams(self) -> int:
        """Return what they weigh together."""
        return sum(r.weight_grams for r in self.rows)

    @property
    def cents(self) -> int:
        """Return what their labels cost."""
        return sum(r.cents for r in self.rows)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the ids of the labels that stand in no manifest and were not handed over."""
        return tuple(r.postage for r in self.rows if not r.manifest and not r.handed_over_at)


class DayList(msgspec.Struct, frozen=True):
    """What is handed over on a day (YYYY-MM-DD), carrier by carrier, with its manifests and visits.

    `late` ones among the rows were bought for an earlier day and never left, as far as is known.
    """

    day: str
    carriers: tuple[CarrierDay, ...]
    manifests: tuple[DayManifest, ...] = ()
    visits: tuple[Visit, ...] = ()

    @property
    def parcels(self) -> int:
        """Return how many parcels there are of all carriers."""
        return sum(c.parcels for c in self.carriers)

    @property
    def weight_grams(self) -> int:
        """Return what they weigh together."""
        return sum(c.weight_grams for c in self.carriers)

    @property
    def cents(self) -> int:
        """Return what their labels cost."""
        return sum(c.cents for c in self.carriers)


def takes_manifests(carrier: str) -> bool:
    """Say whether a carrier scans one form for all parcels of a day."""
    return carrier.strip().casefold().startswith(TAKES_MANIFESTS)


def label_day(postage: Postage, zone: str) -> str:
    """Return the day for which a label was bought (YYYY-MM-DD): the one on it, or that of buying."""
    if postage.consignment.label_on:
        return postage.consignment.label_on
    return datetime.fromtimestamp(postage.bought_at / 1000, ZoneInfo(zone)).date().isoformat()


def belongs(postage: Postage, day: str, zone: str) -> Literal["", "today", "late"]:
    """Say whether a label is handed over on a day: bought for it, or for an earlier one and still here."""
    if postage.state != "bought" or postage.purpose != "out" or postage.bought is None:
        return ""
    its = label_day(postage, zone)
    if its == day:
        return "today"
    left = postage.handed_over_at or postage.manifest or postage.track_status in MOVING
    return "late" if its < day and not left else ""


def day_list(
    day: str,
    zone: str,
    postages: Iterable[Postage],
    manifests: Sequence[DayManifest] = (),
    visits: Sequence[Visit] = (),
) -> DayList:
    """Return the list of a day from the labels of it and of the days before: carriers and rows in order."""
    by_carrier: dict[str, list[DayRow]] = {}
    for postage in postages:
        when = belongs(postage, day, zone)
        if when and postage.bought is not None:
            by_carrier.setdefault(postage.bought.carrier, []).append(_row(postage, late=when == "late"))
    carriers = tuple(
        CarrierDay(carrier, tuple(rows), takes_manifests(carrier))
        for carrier, rows in sorted(by_carrier.items())
    )
    return DayList(day, carriers, tuple(manifests), tuple(visits))


def _row(postage: Postage, *, late: bool) -> DayRow:
    assert postage.bought is not None
    to = postage.consignment.to
    return DayRow(
        postage=postage.id,
        numbers=postage.numbers,
        to=", ".join(x for x in (to.name, to.city, to.state) if x),
        service=postage.bought.service,
        tracking=postage.tracking,
        weight_grams=postage.consignment.box.weight_grams,
        cents=postage.bought.cents + postage.bought.fees_cents,
        manifest=postage.manifest,
        handed_over_at=postage.handed_over_at,
        carried=postage.track_status in MOVING,
        late=late,
    )
