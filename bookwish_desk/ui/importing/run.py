"""One import on its way: done on the catalogue's lane, its progress brought home, given up when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bookwish_desk.actions import importing
from bookwish_desk.actions.importing import Plan, Progress
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.import_words import CANCELLABLE
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui.importing.state import Running, cancelling, running_words

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ImportRun:
    """`shown` gets the progress in words, `done` the report, `failed` a known failure; None after a bug.

    All three are called on the GUI thread.
    """

    def __init__(self, station: Station, plan: Plan, actor: Actor | None) -> None:
        self.plan = plan
        self.actor = actor
        self.shown: Callable[[Running], None] = lambda _running: None
        self.done: Callable[[ImportReport], None] = lambda _report: None
        self.failed: Callable[[ShopError | None], None] = lambda _error: None
        self._lanes = station.lanes
        self._cancelled = self._closing = False
        self._newest: Progress | None = None
        self._on_its_way = False
        self._running = Running()
        self._over = False

    def start(self) -> None:
        """Begin; returns at once."""
        self.shown(self._running)
        self._lanes.work(self._import, then=self._end, failed=self._fail, lane="catalogue")

    def cancel(self) -> None:
        """Give it up, while nothing of the catalogue has changed."""
        if self._running.can_cancel:
            self._cancelled = True
            self._show(cancelling(self._running))

    def close(self) -> None:
        """End as soon as can be: the desk is closed. What is in stays in, the index goes on next time."""
        self._closing = True

    def _given_up(self) -> bool:
        """Say whether to stop. A cancel that came too late does not cut the search index short."""
        in_time = self._newest is None or self._newest.phase in CANCELLABLE
        return self._closing or (self._cancelled and in_time)

    def _import(self) -> ImportReport:
        try:
            return importing.run_import(
                self._lanes.store,
                self.plan,
                actor=self.actor,
                progress=self._heard,
                cancelled=self._given_up,
                act=self._lanes.write_now,
            )
        except ShopError:
            raise
        except Exception:
            # The lane says it calmly, but to nobody who waits for this import.
            self._lanes.home(lambda: self._fail(None))
            raise

    def _heard(self, progress: Progress) -> None:
        """Bring progress home from the lane; what the screen is too slow for is left out."""
        self._newest = progress
        if not self._on_its_way:
            self._on_its_way = True
            self._lanes.home(self._show_newest)

    def _show_newest(self) -> None:
        # Cleared before the newest is read: what comes in between is brought home once more, never lost.
        self._on_its_way = False
        newest = self._newest
        if newest is None or self._over:
            return
        running = running_words(
            newest.phase, newest.rows, newest.per_cent, newest.rows_per_second, newest.seconds_left
        )
        self._show(cancelling(running) if self._cancelled and running.can_cancel else running)

    def _show(self, running: Running) -> None:
        self._running = running
        self.shown(running)

    def _end(self, report: ImportReport) -> None:
        self._over = True
        self.done(report)

    def _fail(self, error: ShopError | None) -> None:
        self._over = True
        self.failed(error)
