"""Orders: what the online store sold, from new to handed over, in queues and one by one."""

from __future__ import annotations

from bookwish_desk.ui.orders.detail import OrderDetail
from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
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
    presenter.detail = _detail(station, screen, presenter)
    return screen, presenter


def _detail(station: Station, screen: OrdersScreen, presenter: OrdersPresenter) -> DetailPresenter:
    detail, shown = DetailPresenter(station), OrderDetail()
    detail.render = shown.show_state
    presenter.on_chosen = detail.show
    presenter.on_shown = detail.set_shown
    shown.page_chosen.connect(detail.show_page)
    shown.did.connect(detail.do)
    shown.did_next.connect(detail.do_next)
    shown.told.connect(detail.tell)
    shown.passed.connect(detail.let_pass)
    shown.kept.connect(detail.keep_unpaid)
    screen.set_side(shown)
    return detail
