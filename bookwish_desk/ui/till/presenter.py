"""Runs the till screen: opening, cash movements, reports, the blind count and closing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.actions import tilling
from bookwish_desk.actions.tilling import Opened
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.till import Count, Move, Standing, TillReport, denominations
from bookwish_desk.shop.till_words import title
from bookwish_desk.ui.till.filing import Filing
from bookwish_desk.ui.till.state import Answer, PastRow, TillState, float_words, past_row, standing_words

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.staff import Actor
    from bookwish_desk.ui.station import Station

_MOVES: dict[Move, Any] = {"paid_in": tilling.pay_in, "paid_out": tilling.pay_out, "drop": tilling.drop}
_DONE: dict[Move, str] = {
    "paid_in": "Paid in: the drawer is open.",
    "paid_out": "Paid out: the drawer is open.",
    "drop": "Dropped: the drawer is open.",
    "no_sale": "The drawer is open.",
}


class TillPresenter:
    """Owns the till screen. `render` gets each new state; `on_date` asks whether an odd date is right."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = TillState()
        self.render: Callable[[TillState], None] = lambda _state: None
        self.on_date: Callable[[str, Callable[[], None]], None] = lambda _fault, _open_anyway: None
        self._standing: Standing | None = None
        self._person = ""
        self._visible = False
        self.filing = Filing(station, lambda: self.state, self._show)
        station.on_change(self._changed)

    def shown(self) -> None:
        """Show how the till stands; a count goes on only for whoever began it."""
        self._visible = True
        self.station.own_scans(self)
        if self.station.actor.staff != self._person:
            self._base()
        self._person = self.station.actor.staff
        self._reload()

    def hidden(self) -> None:
        """Put a shown report away: the next person may not be allowed to see it."""
        self._visible = False
        self.station.release_scans(self)
        if self.state.mode == "report":
            self._base()

    def scanned(self, code: str) -> None:
        """Go and sell what was scanned, unless the drawer is being counted."""
        if self.state.mode == "count":
            self.station.say("The drawer is being counted: the scan was not used.", "warn")
            return
        self.station.release_scans(self)
        self.station.show_screen("sell")
        self.station.scanned(code)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._visible and nouns & {"till", "settings"}:
            self._reload()

    def _reload(self) -> None:
        register = self.station.register

        def reading(store: Store) -> tuple[Standing, tuple[PastRow, ...]]:
            settings, standing = store.settings, tilling.standing(store, register)
            return standing, tuple(past_row(p, settings.money, settings.zone) for p in standing.past)

        self.station.lanes.read(reading, then=self._stand, latest="till-standing")

    def _stand(self, read: tuple[Standing, tuple[PastRow, ...]]) -> None:
        self._standing = read[0]
        if self.state.mode in ("count", "report"):
            self._show(past=read[1], **self._words())
        else:
            self._base(past=read[1])

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def _base(self, **changes: object) -> None:
        """Show the screen as it is when nothing is being counted or read."""
        standing = self._standing
        mode = "loading" if standing is None else "open" if standing.till else "closed"
        self._show(mode=mode, report=None, fresh=False, pdf="", saving=False, **self._words(), **changes)

    def _words(self) -> dict[str, Any]:
        settings = self.station.settings
        return {
            "denominations": denominations(settings.currency, settings.cash_step),
            "pages": settings.device_for("documents", self.station.register) is not None,
            **standing_words(self._standing or Standing(None), settings.money, settings.zone),
        }

    def _did(
        self, action: Callable[[Store, Actor], Any], answer: Answer, then: Callable[[Any], None]
    ) -> None:
        """Do an action for a form: `answer` gets "" when it is done, else why not."""

        def done(value: Any) -> None:
            answer("")
            then(value)

        def refused(error: ShopError) -> None:
            answer(error.message)

        self.station.act(action, then=done, failed=refused)

    # In and out of the drawer

    def move(self, kind: Move, amount: str, reason: str, answer: Answer) -> None:
        """Put cash in, take it out, or open the drawer without a sale."""

        def moved(_value: None) -> None:
            self.station.say(_DONE[kind])

        if kind == "no_sale":
            self._did(lambda s, a: tilling.no_sale(s, a, reason), answer, moved)
            return
        try:
            cents = self.station.settings.money.read(amount)
        except ShopError as error:
            answer(error.message)
            return
        verb = _MOVES[kind]
        self._did(lambda s, a: verb(s, a, cents, reason), answer, moved)

    # Counting

    def start_count(self) -> None:
        """Open the drawer and show an empty count sheet: to open the till, or to close it."""
        closing = self.state.mode == "open"

        def begun(_value: None) -> None:
            self._show(mode="count", closing=closing, counting=self.state.counting + 1)

        self.station.act(tilling.begin_count, then=begun)

    def open_drawer(self) -> None:
        """Open the drawer again while it is being counted."""
        self.station.act(tilling.begin_count)

    def leave(self) -> None:
        """Go back from a count or a report."""
        self._base()

    def counted(self, count: Count) -> None:
        """Open the till with the float that was counted."""
        self._open(count, "")

    def _open(self, count: Count, confirmed: str) -> None:
        def refused(error: ShopError) -> None:
            if error.code == "date":
                today = str(error.facts["today"])
                self.on_date(error.message, partial(self._open, count, today))
            else:
                self.station.say(error.message, "error")
                if error.code == "till_open":
                    self._base()
                    self._reload()

        self.station.act(
            lambda store, actor: tilling.open_till(store, actor, count, confirmed),
            then=self._opened,
            failed=refused,
        )

    def _opened(self, opened: Opened) -> None:
        money = self.station.settings.money
        odd = float_words(opened.till.float_cents, opened.before_cents, money)
        past = self._standing.past if self._standing else ()
        self._standing = Standing(opened.till, past=past, day_now=opened.till.business_date)
        self._base()
        if odd:
            self.station.say(f"The till is open. There is {odd}", "warn")
        else:
            self.station.say("The till is open.")

    def close(self, count: Count, left: str, answer: Answer) -> None:
        """Commit the count and close the till; its Z report is shown, printed and saved as PDF."""
        try:
            left_cents = self.station.settings.money.read(left)
        except ShopError as error:
            answer(error.message)
            return
        self._did(
            lambda store, actor: tilling.close_till(store, actor, count, left_cents), answer, self._closed
        )

    def _closed(self, report: TillReport) -> None:
        self._standing = Standing(None, past=self._standing.past if self._standing else ())
        self._show(mode="report", report=report, fresh=True, pdf="", saving=False, **self._words())
        self.filing.save()

    # Reports

    def x_report(self) -> None:
        """Look into the open till."""
        self.station.act(tilling.x_report, then=self._show_report)

    def past_report(self, till_id: str) -> None:
        """Show the Z report of a closed session."""
        self.station.act(lambda store, actor: tilling.z_report(store, actor, till_id), then=self._show_report)

    def _show_report(self, report: TillReport) -> None:
        if not self._visible:
            return  # whoever asked has left the screen: it is not for the next person
        self._show(mode="report", report=report, fresh=False, pdf="", saving=False)

    def print_report(self) -> None:
        """Print the report that is shown; a Z report again is marked as a copy."""
        report = self.state.report
        if report is not None:
            self.station.act(
                lambda store, actor: tilling.print_report(store, actor, report),
                then=lambda _value: self.station.say(f"{title(report)} is being printed."),
            )
