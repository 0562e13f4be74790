"""The promise board: every deadline of every order as one list, what breaks next first."""

from __future__ import annotations

from bookwish_desk.ui.promises.presenter import PromisesPresenter
from bookwish_desk.ui.promises.screen import PromisesScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[PromisesScreen, PromisesPresenter]:
    """Make the promise board and what runs it, and tie them together."""
    screen, presenter = PromisesScreen(), PromisesPresenter(station)
    presenter.render = screen.show_state
    screen.section_chosen.connect(presenter.show_section)
    screen.kind_chosen.connect(presenter.show_kind)
    screen.chosen.connect(presenter.choose)
    screen.opened.connect(presenter.open)
    screen.figures_asked.connect(lambda: station.show_screen("figures"))
    screen.left.connect(lambda: station.show_screen("orders"))
    return screen, presenter
