"""Stock: what the shop has, what is low, and what an item is."""

from __future__ import annotations

from bookwish_desk.ui import labels
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.stock.presenter import StockPresenter
from bookwish_desk.ui.stock.screen import StockScreen


def build(station: Station) -> tuple[StockScreen, StockPresenter]:
    """Make the stock screen and what runs it, and tie them together."""
    presenter = StockPresenter(station)
    screen = StockScreen(presenter)
    presenter.render = screen.show_state
    screen.listing_chosen.connect(presenter.show_list)
    screen.typed.connect(presenter.typed)
    screen.entered.connect(presenter.entered)
    screen.chosen.connect(presenter.choose)
    screen.title_asked.connect(presenter.show_title)
    screen.adjusted.connect(presenter.adjust)
    screen.dismissed.connect(presenter.dismiss)
    screen.labels_asked.connect(lambda: labels.ask(screen, station, presenter.label_lines()))
    screen.import_asked.connect(lambda: station.show_screen("import"))
    return screen, presenter
