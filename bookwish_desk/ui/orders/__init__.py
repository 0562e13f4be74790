"""Orders: what the online store sold, from new to handed over, in queues and one by one."""

from __future__ import annotations

from bookwish_desk.shop.order import Order
from bookwish_desk.ui.orders.at_store import SYNC
from bookwish_desk.ui.orders.detail import OrderDetail
from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
from bookwish_desk.ui.orders.many import ManyPresenter
from bookwish_desk.ui.orders.many_panel import ManyPanel
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
    screen.promises_asked.connect(lambda: station.show_screen("promises"))
    presenter.detail = _detail(station, screen, presenter)
    presenter.many = _many(station, screen, presenter)
    return screen, presenter


def _detail(station: Station, screen: OrdersScreen, presenter: OrdersPresenter) -> DetailPresenter:
    detail, shown = DetailPresenter(station), OrderDetail()
    detail.render = shown.show_state
    presenter.on_chosen = detail.show
    presenter.on_shown = detail.set_shown
    shown.page_chosen.connect(detail.show_page)
    shown.did.connect(detail.do)
    shown.keyed.connect(detail.press)
    shown.did_next.connect(detail.do_next)
    shown.told.connect(detail.tell)
    shown.passed.connect(detail.let_pass)
    shown.kept.connect(detail.keep_unpaid)
    screen.add_side(shown)
    _tie_askers(station, screen, detail)
    return detail


def _tie_askers(station: Station, screen: OrdersScreen, detail: DetailPresenter) -> None:
    """Tie what needs to be asked for to the sheets that ask; each is imported when it is first wanted."""
    from bookwish_desk.ui import order_form, order_papers, order_steps, packing, sync

    screen.new_asked.connect(lambda: order_form.ask_new(screen, station))
    detail.askers = {
        "edit": lambda order: order_form.ask_edit(screen, station, order),
        "ship": lambda order: packing.ask_ship(screen, station, order, detail.telling),
        "deliver": lambda order: packing.ask_delivered(screen, station, order, detail.telling),
        "recall": lambda order: packing.ask_recall(screen, station, order),
        "retrack": lambda order: packing.ask_retrack(screen, station, order, detail.telling),
        "print": lambda order: order_papers.ask_print(screen, station, (order.id,)),
        "problem": lambda order: order_steps.ask_problem(screen, station, order, telling=detail.telling),
        "payment": lambda order: order_steps.ask_payment(screen, station, order, detail.telling),
        "cancel": lambda order: order_steps.ask_cancel(screen, station, order, detail.telling),
        "hold": lambda order: order_steps.ask_hold(screen, station, order),
        "own_status": lambda order: order_steps.ask_own_status(screen, station, order),
        "memo": lambda order: order_steps.ask_memo(screen, station, order),
        "message": lambda order: order_steps.ask_message(screen, station, order),
        SYNC: lambda _order: station.show_screen("sync"),
    }
    detail.askers["label"] = lambda order: _see_label(station, screen, order)
    detail.on_differs = lambda conflict, choice: sync.decide(screen, station, conflict, choice)


def _see_label(station: Station, screen: OrdersScreen, order: Order) -> None:
    """Show the label of an order; where it has several, ask which."""
    from bookwish_desk.db import postages
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.postage import Postage
    from bookwish_desk.ui import label_steps
    from bookwish_desk.ui.orders import labels_told

    def read(store: Store) -> tuple[Postage, ...]:
        with store.read() as conn:
            return labels_told.counting(postages.of_order(conn, order.id))

    station.lanes.read(
        read,
        then=lambda found: label_steps.ask_one_of(screen, station, order.number, found),
        latest="order-labels",
    )


def _many(station: Station, screen: OrdersScreen, presenter: OrdersPresenter) -> ManyPresenter:
    from bookwish_desk.ui import order_papers

    many, panel = ManyPresenter(station), ManyPanel()
    many.render = panel.show_state
    many.goes["print"] = lambda ids: order_papers.ask_print(screen, station, ids)
    many.on_running = presenter.hold
    many.on_batch = presenter.show_failures
    many.on_end = presenter.leave_marked
    presenter.on_marked = many.choose
    panel.asked.connect(many.run)
    panel.went.connect(many.go)
    panel.stopped.connect(many.stop)
    panel.cleared.connect(lambda: presenter.mark(frozenset()))
    screen.add_side(panel)
    return many
