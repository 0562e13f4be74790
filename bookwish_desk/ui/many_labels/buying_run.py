"""Buys the labels of many parcels, follows them until nothing more happens, and stops between two. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from bookwish_desk.actions import buying
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.many_labels import words

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

Bought = tuple[Postage, ...]


class BuyingRun:
    """One batch. `told()` comes when it began or ended, `taken(labels)` with what became of labels.

    `refused(error)` says why none of it is bought; `ended(words, whole)` what became of all.
    """

    def __init__(
        self,
        station: Station,
        taken: Callable[[Bought], None],
        refused: Callable[[ShopError], None],
        ended: Callable[[str, bool], object],
    ) -> None:
        self._station, self._taken, self._refused, self._ended = station, taken, refused, ended
        self._ids: tuple[str, ...] = ()
        self._labels: Bought = ()
        self._stopped = self._asking = False
        self.running = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the labels that are followed."""
        return self._ids if self.running else ()

    @property
    def count(self) -> int:
        """Return how many labels there are."""
        return len(self._ids)

    @property
    def done(self) -> int:
        """Return of how many nothing more is awaited."""
        return sum(words.ended(p) for p in self._labels)

    @property
    def words(self) -> str:
        """Return how far it is."""
        return words.progress(self._labels)

    def begin(self, agreed: Sequence[tuple[str, str]], *, with_slip: bool) -> None:
        """Have labels bought at the prices agreed to, (label, price), and printed in this order."""
        batch = new_id()
        self._do(lambda store, actor: buying.want(store, actor, agreed, batch=batch, with_slip=with_slip))

    def resume(self, batch: str) -> None:
        """Go on with a batch that was interrupted: at what was agreed to, none a second time."""
        self._do(lambda store, actor: buying.resume(store, actor, batch))

    def _do(self, act: Callable[[Store, Actor], Outcome[Bought]]) -> None:
        if self._asking or self.running:
            return
        self._asking = True

        def freed(store: Store, actor: Actor) -> Outcome[Bought]:
            try:
                return act(store, actor)
            except NeedsApproval:
                # A manager may never answer: it can be pressed again.
                self._station.lanes.home(self._free)
                raise

        self._station.act(freed, then=self._began, failed=self._failed)

    def _free(self) -> None:
        self._asking = False

    def _failed(self, error: ShopError) -> None:
        self._asking = False
        self._refused(error)

    def _began(self, labels: Bought) -> None:
        self._asking, self._stopped, self.running = False, False, True
        self._ids, self._labels = tuple(p.id for p in labels), ()
        self._taken(labels)

    def take(self, labels: Iterable[Postage]) -> None:
        """Take up what became of labels; the last of them ends it."""
        if not self.running:
            return
        known = {p.id: p for p in (*self._labels, *labels)}
        self._labels = tuple(known[i] for i in self._ids if i in known)
        if len(self._labels) == len(self._ids) and all(words.ended(p) for p in self._labels):
            self.running = False
            whole = all(p.state == "bought" for p in self._labels)
            self._ended(words.result(self._labels, self._stopped, self._station.settings), whole)

    def stop(self) -> None:
        """Buy no further label; the one that is being bought is finished."""
        self._stopped, ids, actor = True, self._ids, self._station.actor
        self._station.lanes.act(
            lambda store: buying.unwant(store, actor, ids), then=self._taken, failed=self._refused
        )
