"""The title screen: everything known of a title, its copies, and what happened to them."""

from __future__ import annotations

from bookwish_desk.shop.item import Item
from bookwish_desk.ui import labels
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.titles.presenter import TitlesPresenter
from bookwish_desk.ui.titles.screen import TitleScreen


def build(station: Station) -> tuple[TitleScreen, TitlesPresenter]:
    """Make the title screen and what runs it, and tie them together."""
    presenter = TitlesPresenter(station)
    screen = TitleScreen(presenter.forms)
    presenter.render = screen.show_state
    presenter.on_labels = lambda lines: labels.ask(screen, station, lines)
    presenter.on_customer_order = lambda item: _ask_order(screen, station, item)
    screen.back_asked.connect(presenter.back)
    screen.typed.connect(presenter.typed)
    screen.entered.connect(presenter.entered)
    screen.picked.connect(presenter.pick)
    screen.page_chosen.connect(presenter.show_page)
    screen.history_filtered.connect(presenter.filter_history)
    screen.copy_chosen.connect(presenter.choose)
    screen.sell_asked.connect(presenter.sell)
    screen.labels_asked.connect(presenter.print_labels)
    screen.customer_order_asked.connect(presenter.order_for_customer)
    screen.receipt_asked.connect(presenter.open_receipt)
    screen.dismissed.connect(presenter.dismiss)
    return screen, presenter


def _ask_order(screen: TitleScreen, station: Station, item: Item) -> None:
    # Imported when it is first wanted: most days nobody orders from here.
    from bookwish_desk.ui import order_form

    order_form.ask_new(screen, station, ((item, 1),))
