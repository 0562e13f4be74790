"""Asks for the prices of many parcels, one after the other, and for their addresses. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import buying
from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.delivery_address import printed
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.postage import Postage
from bookwish_desk.ui.many_labels import entries as standing
from bookwish_desk.ui.many_labels import reading, words
from bookwish_desk.ui.many_labels.entries import Entry
from bookwish_desk.ui.many_labels.plan import wanted as wanted_of
from bookwish_desk.ui.many_labels.runs import OneByOne
from bookwish_desk.ui.many_labels.table import Table
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.draft import Draft

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class Pricing:
    """Asks for what has no price that holds, and for nothing else: asking too often costs money.

    `told()` comes after each change of the table, `loads()` asks for the labels to be read anew.
    """

    def __init__(
        self, station: Station, table: Table, told: Callable[[], object], loads: Callable[[], object]
    ) -> None:
        self._station, self._table, self._told, self._loads = station, table, told, loads
        self._keys: tuple[str, ...] = ()
        self._checking: set[str] = set()
        self._asking: OneByOne[Postage] = OneByOne(station, self._asked, self._not_asked, loads)
        self._leaving: OneByOne[Postage] = OneByOne(station, self._left, _ignored, loads)
        self.running = False

    @property
    def count(self) -> int:
        """Return how many parcels are asked about."""
        return len(self._keys)

    @property
    def done(self) -> int:
        """Return how many of them have an answer, about their address too where that is looked up."""
        return sum(not e.asking and e.key not in self._checking for e in self._table.some(self._keys))

    def begin(self) -> None:
        """Ask for all that has to be asked for."""
        wanted = self._table.to_ask()
        if not wanted:
            return
        self._keys = tuple(e.key for e in wanted)
        self._table.change(self._keys, lambda e: replace(e, asking=True, refusal=""))
        self.running = True
        self._told()
        self._check(wanted)
        actor = self._station.actor
        self._asking.begin(
            [
                (e.key, partial(buying.ask, actor=actor, wanted=wanted_of(e.parcel, e.draft, e.plan)))
                for e in wanted
            ]
        )

    def _check(self, wanted: Iterable[Entry]) -> None:
        """Have addresses looked up that were not yet: each is paid for once and kept by the desk."""
        work, settings = self._station.shipping, self._table.settings
        if work is None:
            return
        for entry in wanted:
            if entry.checked is None and words.in_scope(entry.plan.to, settings):
                key, asked = entry.key, drafts.written(entry.parcel)
                self._checking.add(key)
                work.check_address(
                    printed(asked), partial(self._checked, key, asked), partial(self._unchecked, key)
                )

    def _checked(self, key: str, asked: PostalAddress, found: CheckedAddress) -> None:
        """Take up what carriers say of an address; a spelling that was chosen before stays."""
        settings = self._table.settings

        def told(draft: Draft) -> Draft:
            return replace(draft, checked=found, checked_for=asked)

        self._checking.discard(key)
        self._table.change({key}, lambda e: standing.chosen(e, settings, told))
        self._told()
        self._loads()

    def _unchecked(self, key: str, _error: ShopError) -> None:
        """Go on without: the row says that its address was not checked."""
        self._checking.discard(key)
        self._loads()

    def _asked(self, key: str, label: Postage) -> None:
        self._table.labelled(key, label)
        self._loads()

    def _not_asked(self, key: str, why: str) -> None:
        self._table.change({key}, lambda e: replace(e, asking=False, refusal=why))
        self._told()

    def stop(self) -> None:
        """Ask for no further price; what nobody has answered yet is left."""
        self._asking.stop()
        asked = tuple(e.label.id for e in self._table.some(self._keys) if e.asking and e.label is not None)
        self._table.change(self._keys, lambda e: replace(e, asking=False))
        self._checking.clear()
        self.running = False
        self._told()
        self._station.lanes.read(
            lambda store: reading.labels(store, asked),
            then=self._leave_unanswered,
            latest="many-labels-stop",
        )

    def _leave_unanswered(self, labels: Iterable[Postage]) -> None:
        """Leave what nobody has answered; prices that came meanwhile are shown."""
        found = tuple(labels)
        self._table.take(p for p in found if p.state != "new")
        self.leave(p for p in found if p.state == "new")
        self._told()

    def leave(self, labels: Iterable[Postage]) -> None:
        """Leave labels that were not bought: their parcels can be priced anew."""
        actor = self._station.actor
        self._leaving.begin([(p.id, partial(buying.drop, actor=actor, postage_id=p.id)) for p in labels])

    def _left(self, _key: str, label: Postage) -> None:
        self._table.take((label,))
        self._told()

    def ended(self) -> bool:
        """Say whether everybody has answered; then it is not running any more."""
        if self.running and not self._asking.running and self.done == self.count:
            self.running = False
            return True
        return False


def _ignored(_key: str, _why: str) -> None:
    """Do nothing: the label was priced or bought meanwhile, and is shown as that."""
