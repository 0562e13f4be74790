"""Runs the screen of figures: reads and counts them beside the selling, and saves them as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from bookwish_desk.db import order_figures, orders
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused, ShopError, Stopped
from bookwish_desk.shop.figures import Choice, Figures, Period, days_between, figures, period_of
from bookwish_desk.shop.opening_hours import local
from bookwish_desk.shop.promises import captured_not_completed
from bookwish_desk.ui.figures import filing, words
from bookwish_desk.ui.figures.state import DaysForm, FiguresState, Shown, View

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Stale, Station


class Counted(NamedTuple):
    """Figures, the orders with money and not completed with how much it is, and the settings they hold by."""

    figures: Figures
    captured: tuple[int, int]
    settings: Settings


class FiguresPresenter:
    """Shows how fast and how right orders were. `render` gets each state."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = FiguresState()
        self.render: Callable[[FiguresState], None] = lambda _state: None
        self._recent: Choice = "days30"
        self._days: Period | None = None
        self._counted: Counted | None = None
        self._shown = False
        self._came_from = "orders"
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Count what is there by now."""
        self._shown = True
        self._load()

    def hidden(self) -> None:
        """Stop counting."""
        self._shown = False
        self.station.lanes.drop("figures")
        self._show(notice="", busy=False, progress=0)

    def come_from(self, screen: str) -> None:
        """Remember the screen that Back leads to: it has a key that works everywhere."""
        self._came_from = screen

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"orders", "settings"}:
            self._load()

    # ---- counting ----

    def _load(self) -> None:
        recent, days = self._recent, self._days
        self._show(busy=True, progress=0)

        def reading(store: Store, stale: Stale) -> Counted:
            settings, at = store.settings, store.clock()
            hours = settings.opening
            period = days or period_of(recent, local(hours, at).date())
            with store.read(stale) as conn:
                courses = order_figures.courses(conn, *period.bounds(hours))
                waiting = orders.open_orders(conn)

            def told(done: int) -> None:
                if stale():
                    raise Stopped
                per_cent = done * 100 // len(courses)
                self.station.lanes.home(lambda: self._progress(stale, per_cent))

            found = figures(courses, period, hours, settings.promises, at, told)
            return Counted(found, captured_not_completed(waiting), settings)

        self.station.lanes.search(
            reading, then=self._arrived, failed=self._failed, latest="figures", lane="figures"
        )

    def _progress(self, stale: Stale, per_cent: int) -> None:
        if self.state.busy and not stale():
            self._show(progress=per_cent)

    def _arrived(self, counted: Counted) -> None:
        self._counted = counted
        period = counted.figures.period
        self.state = replace(
            self.state,
            busy=False,
            progress=0,
            first=period.first,
            last=period.last,
            file_name=f"orders-{period.first}-to-{period.last}.csv",
        )
        self._tell()

    def _tell(self) -> None:
        found = self._counted
        if found is None:
            return
        told: Shown = words.shown(
            found.figures, found.captured, found.settings, in_open_hours=self.state.in_open_hours
        )
        self._show(shown=told)

    def _failed(self, error: ShopError) -> None:
        self._show(busy=False, saving=False, progress=0, notice=error.message)

    # ---- intents ----

    def choose(self, choice: Choice) -> None:
        """Look at another period that ends today."""
        self._recent, self._days = choice, None
        self._show(choice=choice, notice="")
        self._load()

    def choose_days(
        self, form: DaysForm, taken: Callable[[], None], refused: Callable[[str, str], None]
    ) -> None:
        """Look at the days that were typed; `refused` gets the field that is wrong and why."""
        try:
            self._days = days_between(form.first, form.last)
        except Refused as error:
            refused(str(error.facts.get("field", "")), error.message)
            return
        taken()
        self._show(choice="custom", notice="")
        self._load()

    def count_in(self, in_open_hours: bool) -> None:
        """Count times in opening hours, or by the clock."""
        self.state = replace(self.state, in_open_hours=in_open_hours)
        self._show()
        self._tell()

    def show_view(self, view: View) -> None:
        """Show another table: by source, in time, or what went wrong."""
        self._show(view=view)

    def save(self, target: str) -> None:
        """Save the figures that are shown as a file; who chose it has agreed to replace what is there."""
        found = self._counted
        if not target or found is None or self.state.saving:
            return

        def saved(path: str) -> None:
            self._show(saving=False)
            self.station.say(f"Saved as {path}")

        self._show(saving=True, notice="")
        self.station.lanes.work(
            lambda: filing.write(target, found.figures, found.settings.money, found.captured),
            then=saved,
            failed=self._failed,
        )
