"""Orders: what the online store sold, from new to handed over, in queues and one by one."""

from __future__ import annotations

from bookwish_desk.ui.orders.presenter import OrdersPresenter
from bookwish_desk.ui.orders.screen import OrdersScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[OrdersScreen, OrdersPresenter]:
    """Make the order screen and what runs it, and tie them together."""
    presenter = OrdersPresenter(station)
    screen = OrdersScreen()
    presenter.render = screen.show_state
    screen.queue_chosen.connect(presenter.show_queue)
    screen.typed.connect(presenter.typed)
    screen.entered.connect(presenter.entered)
    screen.narrowed.connect(presenter.narrow)
    screen.chosen.connect(presenter.choose)
    screen.marked.connect(presenter.mark)
    screen.all_marked.connect(presenter.mark_all)
    screen.more_asked.connect(presenter.load_more)
    return screen, presenter
