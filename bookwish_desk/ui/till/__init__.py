"""The till: opening, cash in and out of the drawer, X reports, the blind count, Z reports and past tills."""

from __future__ import annotations

from bookwish_desk.ui.station import Station
from bookwish_desk.ui.till.presenter import TillPresenter
from bookwish_desk.ui.till.screen import TillScreen


def build(station: Station) -> tuple[TillScreen, TillPresenter]:
    """Make the till screen and what runs it, and tie them together."""
    presenter = TillPresenter(station)
    screen = TillScreen(presenter)
    presenter.render = screen.show_state
    presenter.on_date = screen.ask_date
    screen.count_asked.connect(presenter.start_count)
    screen.counted.connect(presenter.counted)
    screen.drawer_asked.connect(presenter.open_drawer)
    screen.x_asked.connect(presenter.x_report)
    screen.past_asked.connect(presenter.past_report)
    screen.print_asked.connect(presenter.print_report)
    screen.pages_asked.connect(presenter.filing.print_pages)
    screen.pdf_asked.connect(presenter.filing.save)
    screen.copy_asked.connect(presenter.filing.save_copy)
    screen.left.connect(presenter.leave)
    return screen, presenter
