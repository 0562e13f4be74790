"""Selling: the screen that is open all day, with the payment panel in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from bookwish_desk.ui.sell.presenter import SellPresenter
from bookwish_desk.ui.sell.screen import SellScreen
from bookwish_desk.ui.station import Station

if TYPE_CHECKING:
    from bookwish_desk.ui.pay.presenter import PayPresenter


def build(station: Station) -> tuple[SellScreen, SellPresenter, Callable[[], PayPresenter]]:
    """Make the sell screen and what runs it, and tie them together.

    The last of the three returns what runs the payment panel. Panel and all are made when it is first
    called, at the first payment: the first scan of a day need not wait for them.
    """
    presenter = SellPresenter(station)
    screen = SellScreen(presenter)

    @cache
    def paying() -> PayPresenter:
        from bookwish_desk.ui import pay

        panel, made = pay.build(station)
        screen.add_pay_panel(panel)
        presenter.payer = made
        made.on_back = presenter.back
        made.on_completed = presenter.completed
        made.on_next = presenter.next_sale
        made.on_scan = presenter.scanned
        return made

    screen.use_tax_classes(tuple((c.code, c.label) for c in station.settings.tax.classes))
    presenter.render = screen.show_state
    presenter.on_pay = lambda ringing: paying().start(ringing)
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
    screen.reroute_asked.connect(presenter.reroute)
    screen.pickup_asked.connect(lambda: presenter.on_order(""))
    screen.open_till_asked.connect(lambda: station.show_screen("till"))
    return screen, presenter, paying
