"""Pickup: orders on the hold shelf, made ready and handed over to who collects them."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from bookwish_desk.actions.telling import Telling
from bookwish_desk.shop.order import Order
from bookwish_desk.ui.order_steps.asking import USUAL, StepPresenter
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.pickup.presenter import PickupPresenter
from bookwish_desk.ui.pickup.ready import PassPresenter, ReadyPresenter
from bookwish_desk.ui.pickup.screen import PickupScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[PickupScreen, PickupPresenter]:
    """Make the pickup screen and what runs it, and tie them together."""
    presenter = PickupPresenter(station)
    screen = PickupScreen()
    presenter.render = screen.show_state
    presenter.on_alarm = QApplication.beep
    presenter.on_ready = lambda order: ask_ready(screen, station, order)
    presenter.on_unpaid = lambda order, sentence: _ask_pass(screen, presenter, order, sentence)
    screen.back_asked.connect(presenter.back)
    screen.typed.connect(presenter.typed)
    screen.entered.connect(presenter.entered)
    screen.picked.connect(presenter.pick)
    screen.known.connect(presenter.know)
    screen.checked.connect(presenter.check_by_hand)
    screen.again_asked.connect(presenter.start_over)
    screen.ready_asked.connect(presenter.make_ready)
    screen.slip_asked.connect(presenter.print_slip)
    screen.sale_asked.connect(presenter.add_to_sale)
    screen.hand_asked.connect(presenter.hand_over)
    screen.part_asked.connect(presenter.part)
    return screen, presenter


def ask_ready(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask for the place of an order on the hold shelf, and make it ready: in front of any screen."""
    presenter = ReadyPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, ReadyPresenter.title, width=680), presenter)


def _ask_pass(parent: QWidget, presenter: PickupPresenter, order: Order, sentence: str) -> StepSheet:
    asked = PassPresenter(presenter.station, order, sentence=sentence, on_pass=presenter.let_pass)
    return _opened(StepSheet(parent, PassPresenter.title), asked)


def _opened(sheet: StepSheet, presenter: StepPresenter) -> StepSheet:
    presenter.render = sheet.show_state
    sheet.changed.connect(presenter.changed)
    sheet.submitted.connect(presenter.submit)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet
