"""Orders typed in and orders changed: one large sheet in front of any screen that commits by itself.

Whoever opens one listens to the noun "orders".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.ui.order_form.edit_presenter import EditPresenter
from bookwish_desk.ui.order_form.form import OrderForm
from bookwish_desk.ui.order_form.new_presenter import NewOrderPresenter
from bookwish_desk.ui.order_form.sheet import OrderSheet
from bookwish_desk.ui.sell.sheets import customer_sheet
from bookwish_desk.ui.station import Station

if TYPE_CHECKING:
    from bookwish_desk.ui.sell.state import SellForms


def ask_new(parent: QWidget, station: Station, items: tuple[tuple[Item, int], ...] = ()) -> OrderSheet:
    """Type an order in; `items` are what it begins with, each with its number of copies."""
    presenter = NewOrderPresenter(station, items)
    return _opened(OrderSheet(parent, NewOrderPresenter.title), presenter)


def ask_edit(parent: QWidget, station: Station, order: Order) -> OrderSheet:
    """Change what was ordered: books, prices, discount, address, shipping, customer, gift, tax."""
    return _opened(OrderSheet(parent, f"{EditPresenter.title} {order.number}"), EditPresenter(station, order))


def _opened(sheet: OrderSheet, presenter: OrderForm) -> OrderSheet:
    presenter.render = sheet.show_state
    sheet.changed.connect(presenter.changed)
    sheet.submitted.connect(presenter.submit)
    sheet.typed.connect(presenter.typed)
    sheet.entered.connect(presenter.take_first)
    sheet.taken.connect(presenter.search.pick)
    sheet.typed_taken.connect(presenter.take_typed)
    sheet.line_chosen.connect(presenter.choose)
    sheet.copies_set.connect(presenter.set_copies)
    sheet.price_set.connect(presenter.set_price)
    sheet.removed.connect(presenter.remove)
    sheet.swap_asked.connect(presenter.swap)
    sheet.finished.connect(lambda _result: presenter.close())

    def ask_customer() -> None:
        # Of all that the sell screen's forms do, this sheet finds, takes and adds customers only.
        customer_sheet(sheet, cast("SellForms", presenter), presenter.text("name")).open()

    sheet.customer_asked.connect(ask_customer)
    presenter.open()
    sheet.open()
    return sheet
