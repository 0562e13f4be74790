"""Activity: the journal in plain words, shown within the sales screen to those who may read it."""

from __future__ import annotations

from bookwish_desk.ui.activity.presenter import ActivityPresenter
from bookwish_desk.ui.activity.screen import ActivityScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[ActivityScreen, ActivityPresenter]:
    """Make the activity log and what runs it, and tie them together."""
    screen, presenter = ActivityScreen(), ActivityPresenter(station)
    presenter.render = screen.show_state
    screen.typed.connect(presenter.typed)
    screen.group_chosen.connect(presenter.choose_group)
    screen.person_chosen.connect(presenter.choose_person)
    screen.older_asked.connect(presenter.load_older)
    return screen, presenter
