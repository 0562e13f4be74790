"""The parcels that are worked on, as they stand now: the one place where they change. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bookwish_desk.settings import Settings
from bookwish_desk.shop.postage import Postage
from bookwish_desk.ui.many_labels import entries as standing
from bookwish_desk.ui.many_labels import words
from bookwish_desk.ui.many_labels.entries import Entry
from bookwish_desk.ui.many_labels.state import ManyRow, Stage
from bookwish_desk.ui.shipping.state import ToShip

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_MINUTE_MS = 60_000


class Seen(NamedTuple):
    """How a parcel stood in a minute: worked out once while nothing of it changes."""

    entry: Entry
    minute: int
    settings: Settings
    stage: Stage
    row: ManyRow


class Table:
    """Parcels in their order. Whatever is changed is a new frozen entry."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._seen: dict[str, Seen] = {}
        self.entries: tuple[Entry, ...] = ()

    @property
    def settings(self) -> Settings:
        """Return the settings of the shop."""
        return self._station.settings

    @property
    def at(self) -> int:
        """Return the moment, ms UTC."""
        return self._station.lanes.store.clock()

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what tells the parcels apart."""
        return tuple(e.key for e in self.entries)

    @property
    def label_ids(self) -> tuple[str, ...]:
        """Return the ids of all labels."""
        return tuple(e.label.id for e in self.entries if e.label is not None)

    def seen(self) -> tuple[Seen, ...]:
        """Return how every parcel stands now: hundreds of unchanged ones cost next to nothing."""
        at, settings = self.at, self.settings
        minute = at // _MINUTE_MS
        found = {}
        for entry in self.entries:
            known = self._seen.get(entry.key)
            if known is None or known.entry is not entry or known[1:3] != (minute, settings):
                stage = standing.stage_of(entry, at)
                known = Seen(entry, minute, settings, stage, words.row(entry, stage, settings))
            found[entry.key] = known
        self._seen = found
        return tuple(found.values())

    def to_ask(self) -> tuple[Entry, ...]:
        """Return the parcels whose prices have to be asked for."""
        return tuple(s.entry for s in self.seen() if standing.is_to_ask(s.entry, s.stage))

    def buyable(self) -> tuple[Entry, ...]:
        """Return the parcels that are bought by the one key."""
        return tuple(s.entry for s in self.seen() if s.stage == "priced")

    def find(self, key: str) -> Entry | None:
        """Return one of the parcels."""
        return next((e for e in self.entries if e.key == key), None)

    def some(self, keys: Collection[str]) -> tuple[Entry, ...]:
        """Return these parcels, in their order."""
        return tuple(e for e in self.entries if e.key in keys)

    def change(self, keys: Collection[str], changed: Callable[[Entry], Entry]) -> None:
        """Change these parcels."""
        self.entries = tuple(changed(e) if e.key in keys else e for e in self.entries)

    def labelled(self, key: str, label: Postage) -> None:
        """Give a parcel another label."""
        self.change({key}, lambda e: standing.with_label(e, label, self.settings))

    def take(self, labels: Iterable[Postage]) -> None:
        """Take up what became of labels."""
        by_id = {p.id: p for p in labels}

        def taken(entry: Entry) -> Entry:
            known = entry.parcel.postage
            label = by_id.get(known.id) if known is not None else None
            changed = label is not None and label != known
            return standing.with_label(entry, label, self.settings) if changed and label else entry

        self.entries = tuple(taken(e) for e in self.entries)


def begun(parcels: Sequence[ToShip], known: Iterable[Entry], settings: Settings) -> tuple[Entry, ...]:
    """Return these parcels to be worked on; what was chosen for those known already is kept. For a lane."""
    before = {e.key: e for e in known}
    return tuple(standing.entry_of(p, settings, before.get(p.key)) for p in parcels if not p.shipped)


def refreshed(found: Mapping[str, ToShip], known: Iterable[Entry], settings: Settings) -> tuple[Entry, ...]:
    """Return what became of parcels; those that are gone go, but for those just bought. For a lane."""
    return tuple(
        standing.entry_of(found.get(e.key, e.parcel), settings, e)
        for e in known
        if e.key in found or (e.label is not None and e.label.state in ("bought", "voiding"))
    )
