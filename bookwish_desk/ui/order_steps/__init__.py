"""Guided steps with an order: sheets in front of any screen that ask, say what will happen, and do it.

Whoever opens one listens to the noun "orders"; every sheet commits by itself.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bookwish_desk.actions.telling import Telling
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_problem import ProblemKind
from bookwish_desk.ui.order_steps.asking import USUAL, StepPresenter
from bookwish_desk.ui.order_steps.cancelling import CancelPresenter
from bookwish_desk.ui.order_steps.holding import HoldPresenter
from bookwish_desk.ui.order_steps.noting import MemoPresenter, MessagePresenter, OwnStatusPresenter
from bookwish_desk.ui.order_steps.payment import PaymentPresenter
from bookwish_desk.ui.order_steps.problem import ProblemPresenter
from bookwish_desk.ui.order_steps.problem_sheet import ProblemSheet
from bookwish_desk.ui.order_steps.sheet import StepSheet
from bookwish_desk.ui.station import Station


def ask_payment(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask what happened to the money of an order."""
    presenter = PaymentPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, PaymentPresenter.title, width=720), presenter)


def ask_cancel(parent: QWidget, station: Station, order: Order, telling: Telling = USUAL) -> StepSheet:
    """Ask what of an order is cancelled, by whom and why."""
    presenter = CancelPresenter(station, order).tells(telling)
    return _opened(StepSheet(parent, CancelPresenter.title, 720, "Keep it"), presenter)


def ask_hold(parent: QWidget, station: Station, order: Order) -> StepSheet:
    """Ask what an order waits for, or let it go on."""
    return _opened(StepSheet(parent, HoldPresenter.title), HoldPresenter(station, order))


def ask_memo(parent: QWidget, station: Station, order: Order) -> StepSheet:
    """Ask for the staff's own note on an order."""
    return _opened(StepSheet(parent, MemoPresenter.title), MemoPresenter(station, order))


def ask_own_status(parent: QWidget, station: Station, order: Order) -> StepSheet:
    """Ask which of the shop's own statuses an order has."""
    return _opened(StepSheet(parent, OwnStatusPresenter.title), OwnStatusPresenter(station, order))


def ask_message(parent: QWidget, station: Station, order: Order) -> StepSheet:
    """Write to the customer of an order, and see the message as it will arrive."""
    return _opened(StepSheet(parent, MessagePresenter.title, width=720), MessagePresenter(station, order))


def ask_problem(
    parent: QWidget,
    station: Station,
    order: Order,
    line_id: str = "",
    telling: Telling = USUAL,
    kind: ProblemKind | None = None,
) -> ProblemSheet:
    """Ask what is wrong with an order, or with one of its lines, and settle it; `kind` is what is known."""
    presenter = ProblemPresenter(station, order, line_id, kind).tells(telling)
    sheet = ProblemSheet(parent, presenter.title)
    sheet.typed.connect(presenter.typed)
    sheet.entered.connect(presenter.replacement.entered)
    sheet.taken.connect(presenter.replacement.pick)
    sheet.photo_chosen.connect(presenter.choose_photo)
    _opened(sheet, presenter)
    return sheet


def _opened(sheet: StepSheet, presenter: StepPresenter) -> StepSheet:
    presenter.render = sheet.show_state
    sheet.changed.connect(presenter.changed)
    sheet.submitted.connect(presenter.submit)
    sheet.finished.connect(lambda _result: presenter.close())
    presenter.open()
    sheet.open()
    return sheet
