"""Runs the till screen: opening, cash movements, reports, the blind count and closing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bookwish_desk.actions import tilling
from bookwish_desk.actions.tilling import Opened, Standing
from bookwish_desk.shop.errors import ShopError, StorageError
from bookwish_desk.shop.till import ClosedTill, Count, Move, TillReport, denominations
from bookwish_desk.shop.till_words import clock, day, title
from bookwish_desk.ui.till.state import (
    Answer,
    PastRow,
    TillState,
    closed_facts,
    float_words,
    last_verdict,
    move_rows,
    open_facts,
    over_tone,
    past_row,
)

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
        settings, standing = self.station.settings, self._standing or Standing(None)
        money, zone, till = settings.money, settings.zone, standing.till
        last = standing.past[0] if standing.past else None
        words = {
            "money": money,
            "denominations": denominations(settings.currency, settings.cash_step),
            "before_cents": last.left_cents if last else None,
        }
        if till is not None:
            late = standing.day_now > till.business_date
            date = day(till.business_date, money.locale)
            return {
                **words,
                "heading": f"Till open since {clock(till.opened_at, zone, money.locale)}",
                "facts": open_facts(till, money, zone),
                "warning": f"This till is still that of {date}. Count and close it." if late else "",
                "verdict": "",
                "moves": move_rows(standing.movements, money, zone),
            }
        return {
            **words,
            "heading": "The till is closed",
            "facts": closed_facts(last, money, zone),
            "warning": "",
            "verdict": last_verdict(last.over_cents, money) if last else "",
            "tone": over_tone(last.over_cents) if last else "ok",
            "moves": (),
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
        if kind == "no_sale":
            self._did(lambda s, a: tilling.no_sale(s, a, reason), answer, lambda _: self._moved(kind))
            return
        try:
            cents = self.station.settings.money.read(amount)
        except ShopError as error:
            answer(error.message)
            return
        verb = _MOVES[kind]
        self._did(lambda s, a: verb(s, a, cents, reason), answer, lambda _: self._moved(kind))

    def _moved(self, kind: Move) -> None:
        self.station.say(_DONE[kind])

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
        self._standing = Standing(opened.till, past=self._past(), day_now=opened.till.business_date)
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
        self._standing = Standing(None, past=self._past())
        self._show(mode="report", report=report, fresh=True, pdf="", saving=False, **self._words())
        self.save_pdf()

    def _past(self) -> tuple[ClosedTill, ...]:
        return self._standing.past if self._standing else ()

    # Reports

    def x_report(self) -> None:
        """Look into the open till."""
        self.station.act(tilling.x_report, then=self._show_report)

    def past_report(self, till_id: str) -> None:
        """Show the Z report of a closed session."""
        self.station.act(lambda store, actor: tilling.z_report(store, actor, till_id), then=self._show_report)

    def _show_report(self, report: TillReport) -> None:
        self._show(mode="report", report=report, fresh=False, pdf="", saving=False)

    def print_report(self) -> None:
        """Print the report that is shown; a Z report again is marked as a copy."""
        report = self.state.report
        if report is not None:
            self.station.act(
                lambda store, actor: tilling.print_report(store, actor, report),
                then=lambda _value: self.station.say(f"{title(report)} is being printed."),
            )

    def save_pdf(self) -> None:
        """Save the report that is shown as PDF in the data folder; one of the past is marked as a copy."""
        report = self.state.report
        if report is None or self.state.saving:
            return
        copy = report.kind == "Z" and not self.state.fresh
        self._show(saving=True)
        self.station.lanes.read(
            lambda store: store.folder / "reports" / pdf_name(report, copy=copy),
            then=lambda path: self.station.lanes.work(
                lambda: _write(report, path, copy=copy),
                then=lambda saved: self._saved(report, saved),
                failed=self._not_saved,
            ),
        )

    def _saved(self, report: TillReport, path: Path) -> None:
        if self.state.report == report:
            self._show(pdf=str(path), saving=False)

    def _not_saved(self, error: ShopError) -> None:
        self._show(saving=False)
        self.station.say(error.message, "error")

    def save_copy(self, target: str) -> None:
        """Copy the saved PDF to where a person wants it."""
        source = self.state.pdf
        if source and target:
            self.station.lanes.work(
                lambda: _copy(source, target),
                then=lambda path: self.station.say(f"Saved as {path}"),
                failed=self._not_saved,
            )


def pdf_name(report: TillReport, *, copy: bool) -> str:
    """Return the name of a report's file: Z-1-12.pdf; Z-1-12-copy.pdf; X-1-13-1790000000.pdf."""
    if report.kind == "X":
        return f"{report.name}-{report.made_at // 1000}.pdf"
    return f"{report.name}-copy.pdf" if copy else f"{report.name}.pdf"


def _write(report: TillReport, path: Path, *, copy: bool) -> Path:
    from bookwish_desk.paper.z_report import write_z_report

    return write_z_report(report, path, copy=copy)


def _copy(source: str, target: str) -> str:
    try:
        shutil.copyfile(source, target)
    except OSError as fault:
        raise StorageError("copy", f"The file could not be saved as {target}.") from fault
    return target
