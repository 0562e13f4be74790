"""Selling: the screen that is open all day, with the payment panel in it."""

from __future__ import annotations

from bookwish_desk.ui import pay
from bookwish_desk.ui.pay.presenter import PayPresenter
from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.sell.screen import SellScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[SellScreen, SellPresenter, PayPresenter]:
    """Make the sell screen with its payment panel and what runs them, and tie them together."""
    presenter = SellPresenter(station)
    panel, paying = pay.build(station)
    screen = SellScreen(presenter, panel)
    screen.use_tax_classes(tuple((c.code, c.label) for c in station.settings.tax.classes))
    presenter.render = screen.show_state
    presenter.on_pay = paying.start
    presenter.payer = paying
    paying.on_back = presenter.back
    paying.on_completed = presenter.completed
    paying.on_next = presenter.next_sale
    paying.on_scan = presenter.scanned
    screen.typed.connect(presenter.finder.typed)
    screen.entered.connect(presenter.entered)
    screen.chosen.connect(presenter.choose)
    screen.tile_pressed.connect(presenter.press_tile)
    screen.title_asked.connect(presenter.show_title)
    screen.line_selected.connect(presenter.select)
    screen.quantity_changed.connect(presenter.change_quantity)
    screen.remove_asked.connect(presenter.remove)
    screen.wrap_asked.connect(presenter.gift_wrap)
    screen.pay_asked.connect(presenter.pay)
    screen.dismissed.connect(presenter.dismiss)
    screen.open_till_asked.connect(lambda: station.show_screen("till"))
    return screen, presenter, paying
