"""Shipping: packed orders become labelled parcels, weighed, priced, bought once and printed."""

from __future__ import annotations

from bookwish_desk.ui.shipping.presenter import ShippingPresenter
from bookwish_desk.ui.shipping.screen import ShippingScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[ShippingScreen, ShippingPresenter]:
    """Make the shipping screen and what runs it, and tie them together."""
    presenter, screen = ShippingPresenter(station), ShippingScreen()
    presenter.render = screen.show_state
    screen.list_chosen.connect(presenter.show_list)
    screen.chosen.connect(presenter.choose)
    screen.marked.connect(presenter.mark)
    screen.all_marked.connect(presenter.mark_all)
    screen.many_asked.connect(presenter.many)
    screen.back_asked.connect(presenter.back)
    return screen, presenter
