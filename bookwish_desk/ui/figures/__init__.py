"""Figures: how fast and how right orders were handled, as charts, as tables and as a file."""

from __future__ import annotations

from bookwish_desk.ui.figures.presenter import FiguresPresenter
from bookwish_desk.ui.figures.screen import FiguresScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[FiguresScreen, FiguresPresenter]:
    """Make the screen of figures and what runs it, and tie them together."""
    presenter = FiguresPresenter(station)
    screen = FiguresScreen(presenter)
    presenter.render = screen.show_state
    screen.period_chosen.connect(presenter.choose)
    screen.hours_chosen.connect(presenter.count_in)
    screen.view_chosen.connect(presenter.show_view)
    screen.file_chosen.connect(presenter.save)
    screen.left.connect(presenter.back)
    return screen, presenter
