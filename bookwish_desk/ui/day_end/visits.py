"""What is asked for a carrier's visit: when, then by which service at which price. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.actions import handing_over
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.carriage import Rate
from bookwish_desk.shop.day_list_words import parcels
from bookwish_desk.shop.handover import Visit
from bookwish_desk.shop.opening_hours import local, moment
from bookwish_desk.shop.presets import cheapest_first, service_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.day_end.words import visit_words
from bookwish_desk.ui.forms.inputs import Input
from bookwish_desk.ui.order_steps.asking import Asking, StepPresenter, Wrong
from bookwish_desk.ui.order_steps.state import Asked, StepState

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

DAYS = 7
HOURS = tuple(range(6, 22))


class VisitStep(StepPresenter):
    """A step about a carrier's visit; no order and no customer has to do with it."""

    def __init__(self, station: Station) -> None:
        Asking.__init__(self, station)
        self.state = StepState(title=self.title)
        self._said: tuple[object, ...] | None = None

    def saying(self) -> None:
        """Return nothing: no letter goes out by this."""

    def reload(self) -> None:
        """Ask as it was shown."""

    def _taken(self, _value: Any) -> None:
        self.station.say(self.said)
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)


class AskVisitStep(VisitStep):
    """Asks a carrier when and for how much it would come."""

    title = "Ask for the carrier's visit"
    said = "The carrier is asked. What it offers stands at its list in a moment."
    fields: dict[str, str] = {"time": "first"}  # noqa: RUF012

    def __init__(self, station: Station, carrier: str, ids: Sequence[str]) -> None:
        super().__init__(station)
        self._carrier, self._ids = carrier, tuple(ids)

    def ask(self) -> Asked:
        """Ask for the day, the hours and what the driver should know."""
        settings = self.station.settings
        today = local(settings.opening, self.at).date()
        days = [today + timedelta(days=n) for n in range(DAYS)]
        names = {0: "Today", 1: "Tomorrow"}
        options = tuple(
            (
                d.isoformat(),
                ", ".join(x for x in (names.get(n, ""), short_day(d.isoformat(), settings.locale)) if x),
            )
            for n, d in enumerate(days)
        )
        inputs = (
            Input("day", "Day", "choice", value=options[1][0], options=options),
            Input("first", "From", "choice", value="9", options=_hours(), half=True),
            Input("last", "Until", "choice", value="17", options=_hours(), half=True),
            Input("words", "What should the driver know?", hint="Such as: ring at the back door", limit=200),
        )
        about = (f"{carrier_words(self._carrier)} is asked to collect {parcels(len(self._ids))}.",)
        return Asked(about, inputs, ("Asking costs nothing. You book by choosing a service.",), verb="Ask")

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Ask the carrier."""
        opening = self.station.settings.opening
        today = local(opening, self.at).date()
        day = date.fromisoformat(self.text("day", (today + timedelta(days=1)).isoformat()))
        first, last = int(self.text("first", "9")), int(self.text("last", "17"))
        if last <= first:
            raise Wrong("last", "Choose an hour after the first.")
        between = moment(opening, day, first * 60), moment(opening, day, last * 60)
        ids, words = self._ids, self.text("words")
        return lambda store, actor: handing_over.ask_visit(store, actor, ids, *between, words)


class BookVisitStep(VisitStep):
    """Books a visit at one of the prices that the carrier gave."""

    title = "Book the carrier's visit"
    said = "The visit is being booked."

    def __init__(self, station: Station, visit: Visit) -> None:
        super().__init__(station)
        self._visit = visit

    @property
    def _rates(self) -> list[Rate]:
        found = self._visit.collection
        return sorted(found.rates, key=cheapest_first) if found is not None else []

    def ask(self) -> Asked:
        """Ask for the service."""
        about = (f"{carrier_words(self._visit.carrier)}. {visit_words(self._visit, self.station.settings)}",)
        if not self._rates:
            return Asked((*about, "Call it off, and ask for another time."))
        options = tuple((r.service, self._priced(r)) for r in self._rates)
        choice = Input("service", "Service", "choice", value=options[0][0], options=options)
        return Asked(about, (choice,), verb="Book it")

    def _priced(self, rate: Rate) -> str:
        price = self.show_money(rate.cents) if rate.cents else "free"
        return clean(f"{service_words(rate.carrier, rate.service)}, {price}", 80)

    def action(self) -> Callable[[Store, Actor], Outcome[Any]]:
        """Book it; beyond a limit a manager must approve."""
        visit, service = self._visit.id, self.text("service") or self._rates[0].service
        return lambda store, actor: handing_over.book_visit(store, actor, visit, service)


def _hours() -> tuple[tuple[str, str], ...]:
    return tuple((str(h), f"{(h - 1) % 12 + 1}:00 {'AM' if h < 12 else 'PM'}") for h in HOURS)
