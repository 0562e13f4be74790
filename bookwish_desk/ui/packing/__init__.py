"""Packing: copies checked against their orders, put into parcels, and handed to a carrier by hand."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bookwish_desk.actions.telling import Telling
from bookwish_desk.shop.order import Order
from bookwish_desk.ui import order_papers
from bookwish_desk.ui.order_steps.asking import USUAL, StepPresenter
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.packing.again import RecallPresenter, RetrackPresenter
from bookwish_desk.ui.packing.presenter import PackingPresenter
from bookwish_desk.ui.packing.screen import PackingScreen
from bookwish_desk.ui.packing.shipping import DeliverPresenter, ShipPresenter
from bookwish_desk.ui.station import Station


def ask_ship(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask by which carrier the parcels of an order go, and ship them with all that lies in the same boxes."""
    presenter = ShipPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, ShipPresenter.title, width=760), presenter)


def ask_delivered(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask which parcels of an order arrived."""
    presenter = DeliverPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, DeliverPresenter.title), presenter)


def ask_recall(parent: QWidget, station: Station, order: Order) -> StepSheet:
    """Ask which parcels of an order are here again."""
    presenter = RecallPresenter(station, order)
    return _opened(StepSheet(parent, RecallPresenter.title), presenter)


def ask_retrack(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask by which carrier and number a parcel of an order goes after all."""
    presenter = RetrackPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, RetrackPresenter.title, width=760), presenter)


def _opened(sheet: StepSheet, presenter: StepPresenter) -> StepSheet:
    presenter.render = sheet.show_state
    sheet.changed.connect(presenter.changed)
    sheet.submitted.connect(presenter.submit)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet


def build(station: Station) -> tuple[PackingScreen, PackingPresenter]:
    """Make the packing screen and what runs it, and tie them together."""
    presenter = PackingPresenter(station)
    screen = PackingScreen()
    presenter.render = screen.show_state
    presenter.on_packed = lambda ids: order_papers.print_slips(station, ids)

    def pack() -> None:
        asking = presenter.confirming()
        if asking is not None:
            _opened(StepSheet(screen, asking.title, width=680), asking)

    def problem() -> None:
        from bookwish_desk.ui import order_steps

        concerned = presenter.concerned()
        if concerned is not None:
            order_steps.ask_problem(screen, station, *concerned)

    def ship() -> None:
        if station.settings.shipping.connected and presenter.order is not None:
            presenter.on_ship(presenter.order_ids)
        else:
            by_hand()

    def by_hand() -> None:
        if presenter.order is not None and presenter.state.phase == "packed":
            ask_ship(screen, station, presenter.order)

    def delivered() -> None:
        if presenter.order is not None:
            ask_delivered(screen, station, presenter.order)

    screen.back_asked.connect(presenter.back)
    screen.chosen.connect(presenter.choose)
    screen.order_chosen.connect(presenter.choose_order)
    screen.box_chosen.connect(presenter.choose_box)
    screen.together_asked.connect(presenter.together)
    screen.by_eye_asked.connect(presenter.check_by_eye)
    screen.box_asked.connect(presenter.begin_box)
    screen.move_asked.connect(presenter.move)
    screen.problem_asked.connect(problem)
    screen.papers_asked.connect(lambda: order_papers.ask_print(screen, station, presenter.order_ids))
    screen.pack_asked.connect(pack)
    screen.ship_asked.connect(ship)
    screen.by_hand_asked.connect(by_hand)
    screen.unpack_asked.connect(presenter.unpack)
    screen.delivered_asked.connect(delivered)
    screen.next_asked.connect(presenter.next)
    return screen, presenter
