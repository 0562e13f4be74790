"""Runs the list of print jobs: what did not come out of the printer, and what people decide about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import outgoing, reprinting
from bookwish_desk.db.outbox import PRIVATE, Job
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.receipt import moment
from bookwish_desk.ui.jobs.state import JobRow, JobsState, Verdict

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class JobsPresenter:
    """Shows the register's unfinished jobs. `render` gets each state, `on_count` how many there are."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = JobsState()
        self.render: Callable[[JobsState], None] = lambda _state: None
        self.on_count: Callable[[int], None] = lambda _count: None
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Load the jobs."""
        self._load()

    def hidden(self) -> None:
        """Forget the last refusal."""
        self.state = replace(self.state, notice="")

    def _changed(self, nouns: frozenset[str]) -> None:
        if "outbox" in nouns:
            self._load()

    def _load(self) -> None:
        register = self.station.register
        self.station.lanes.read(
            lambda store: outgoing.unfinished(store, register), then=self._loaded, latest="jobs"
        )

    def _loaded(self, jobs: tuple[Job, ...]) -> None:
        rows = tuple(self._row(job) for job in reversed(jobs))
        kept = self.state.selected if any(r.id == self.state.selected for r in rows) else ""
        self._show(rows=rows, selected=kept or (rows[0].id if rows else ""))
        self.on_count(len(rows))

    def _row(self, job: Job) -> JobRow:
        settings = self.station.settings
        return JobRow(
            id=job.id,
            what=f"{reprinting.job_name(job)} {job.ref}".strip(),
            words=reprinting.job_words(job, settings.devices),
            since=moment(job.created_at, settings.zone, settings.locale),
            badge=reprinting.job_badge(job),
            waits=job.state in ("queued", "sending"),
            open=job.state != "sending",
            again=job.state != "sending" and job.kind != PRIVATE and bool(job.payload),
        )

    def choose(self, job_id: str) -> None:
        """Choose the job that the verbs work on."""
        if job_id != self.state.selected:
            self._show(selected=job_id, notice="")

    def decide(self, verdict: Verdict) -> None:
        """Settle the chosen job: it printed, print it again, or leave it."""
        row = self.state.row
        if row is None or not row.open or (verdict == "again" and not row.again):
            return
        job = row.id
        self.station.act(
            lambda store, actor: outgoing.decide(store, actor, job, verdict), failed=self._refused
        )

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message)
