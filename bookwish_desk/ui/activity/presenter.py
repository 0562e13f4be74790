"""Runs the activity log: who did what, read from the journal and narrowed as asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import auditing
from bookwish_desk.db import journal, people
from bookwish_desk.db.store import Store
from bookwish_desk.shop.activity import GROUPS, sentence
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.journal import Entry
from bookwish_desk.shop.receipt import moment
from bookwish_desk.ui.activity.state import ActivityRow, ActivityState

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

PAGE = 100
"""Entries loaded at a time."""

Read = tuple[tuple[Entry, ...], dict[str, str]]


class ActivityPresenter:
    """Shows the journal to those who may read it; `render` gets each state."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ActivityState()
        self.render: Callable[[ActivityState], None] = lambda _state: None
        self._seen = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Ask whether whoever is signed in may read the journal, and load it."""
        self._seen = True
        self._show(notice="")
        self.station.act(auditing.open_log, then=lambda _none: self._opened(), failed=self._refused)

    def hidden(self) -> None:
        """Put the log away: the next person is asked again."""
        self._seen = False
        self.state = ActivityState()
        self.render(self.state)

    def _opened(self) -> None:
        if self._seen:
            self._show(open=True, notice="")
            self._load()

    def _refused(self, error: ShopError) -> None:
        self._show(open=False, rows=(), notice=error.message)

    def _changed(self, nouns: frozenset[str]) -> None:
        if "journal" in nouns and self.state.open and not self._reading_older:
            self._load()

    @property
    def _reading_older(self) -> bool:
        return len(self.state.rows) > PAGE

    def _load(self, before: int | None = None) -> None:
        if not self.state.open:
            return
        group, person, words = self.state.group, self.state.person, self.state.words
        kinds = next((starts for name, _, starts in GROUPS if name == group), ())

        def reading(store: Store) -> Read:
            with store.read() as conn:
                found = journal.entries(
                    conn, kinds=kinds, staff=person, words=words, before=before, most=PAGE + 1
                )
                return found, {p.id: p.name for p in people.staff(conn, left=True)}

        self.station.lanes.read(
            reading, then=lambda read: self._loaded(read, older=before is not None), latest="activity"
        )

    def _loaded(self, read: Read, *, older: bool) -> None:
        found, names = read
        if not self.state.open:
            return
        rows = tuple(self._row(entry, names) for entry in found[:PAGE])
        self._show(
            rows=self.state.rows + rows if older else rows,
            more=len(found) > PAGE,
            people=tuple(sorted(names.items(), key=lambda item: item[1].casefold())),
        )

    def _row(self, entry: Entry, names: dict[str, str]) -> ActivityRow:
        settings = self.station.settings
        return ActivityRow(
            seq=entry.seq,
            when=moment(entry.at, settings.zone, settings.locale),
            who=names.get(entry.staff, ""),
            what=sentence(entry, settings.money.show, names),
        )

    def typed(self, words: str) -> None:
        """Look for entries with all these words, as they are typed."""
        self._show(words=words)
        self._load()

    def choose_group(self, group: str) -> None:
        """Narrow it to one group of entries; "" is everything."""
        self._show(group=group)
        self._load()

    def choose_person(self, person: str) -> None:
        """Narrow it to what one person did; "" is everybody."""
        self._show(person=person)
        self._load()

    def load_older(self) -> None:
        """Load the entries before the oldest one shown."""
        if self.state.more:
            self._load(before=self.state.rows[-1].seq)
