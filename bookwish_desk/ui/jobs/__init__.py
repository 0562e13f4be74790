"""Print jobs: what did not come out of the printer, shown within the sales screen."""

from __future__ import annotations

from bookwish_desk.ui.jobs.presenter import JobsPresenter
from bookwish_desk.ui.jobs.screen import JobsScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[JobsScreen, JobsPresenter]:
    """Make the list of print jobs and what runs it, and tie them together."""
    screen, presenter = JobsScreen(), JobsPresenter(station)
    presenter.render = screen.show_state
    screen.chosen.connect(presenter.choose)
    screen.decided.connect(presenter.decide)
    return screen, presenter
