"""Runs the list of e-mails: what waits or did not go, and what people decide about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import mailing
from bookwish_desk.db import mailbox
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.receipt import moment
from bookwish_desk.ui.mail.state import MailRow, MailState, Tone

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

_TONES: dict[str, Tone] = {"uncertain": "warn", "refused": "danger", "dead": "danger"}


class MailPresenter:
    """Shows unfinished e-mails. `render` gets each state, `on_order` the id of an order to be opened.

    `on_elsewhere` is called with an e-mail that is to go to another address, and the present one.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = MailState()
        self.render: Callable[[MailState], None] = lambda _state: None
        self.on_order: Callable[[str], None] = lambda _order: None
        self.on_elsewhere: Callable[[str, str], None] = lambda _job, _address: None
        self._shown = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Load the e-mails."""
        self._shown = True
        self._load()

    def hidden(self) -> None:
        """Forget the last refusal."""
        self._shown = False
        self._show(notice="")

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & {"mail", "settings"}:
            self._load()

    def _load(self) -> None:
        self.station.lanes.read(mailing.unfinished, then=self._loaded, latest="mail")

    def _loaded(self, jobs: tuple[Job, ...]) -> None:
        rows = tuple(self._row(job) for job in jobs)
        kept = self.state.selected if any(r.id == self.state.selected for r in rows) else ""
        self._show(
            rows=rows,
            selected=kept or (rows[0].id if rows else ""),
            held=self.station.mail_trouble if rows else "",
        )

    def _row(self, job: Job) -> MailRow:
        settings = self.station.settings
        return MailRow(
            id=job.id,
            what=mailing.about(job),
            to=mailbox.whom(job),
            words=mailing.job_words(job),
            since=moment(job.created_at, settings.zone, settings.locale),
            badge=mailing.job_badge(job),
            tone=_TONES.get(job.state, "soft"),
            order=job.ref if mailing.is_of_order(job) else "",
            stuck=job.state in mailbox.STUCK,
            open=job.state != "sending",
        )

    # ---- what is done with them ----

    def choose(self, job_id: str) -> None:
        """Choose the e-mail that the verbs work on."""
        if job_id != self.state.selected:
            self._show(selected=job_id, notice="")

    def decide(self, verdict: mailing.Verdict) -> None:
        """Send the chosen e-mail again, or leave it unsent."""
        row = self.state.row
        if row is None or not row.open or (verdict == "again" and not row.stuck):
            return
        job = row.id
        self.station.act(
            lambda store, actor: mailing.decide(store, actor, job, verdict), failed=self._refused
        )

    def ask_elsewhere(self) -> None:
        """Ask for another address for the chosen e-mail."""
        row = self.state.row
        if row is not None and row.open:
            self.on_elsewhere(row.id, row.to)

    def try_now(self) -> None:
        """Send what waits at once, whatever held it up."""
        if self.state.waiting:
            self.station.act(mailing.try_now, then=self._tried, failed=self._refused)

    def _tried(self, _count: int) -> None:
        self.station.say("The e-mails that wait are tried again.")

    def open_order(self) -> None:
        """Go to the order that the chosen e-mail is about."""
        row = self.state.row
        if row is not None and row.order:
            self.on_order(row.order)

    def go_back(self) -> None:
        """Leave the list."""
        self.station.show_screen("sales")

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message)
