"""Shipping: packed orders become labelled parcels, weighed, priced, bought once and printed."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.shop.order import Order
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.chosen import Weigh
from bookwish_desk.ui.shipping.panel import ParcelPanel
from bookwish_desk.ui.shipping.parcel_presenter import ParcelPresenter
from bookwish_desk.ui.shipping.presenter import ShippingPresenter
from bookwish_desk.ui.shipping.screen import ShippingScreen
from bookwish_desk.ui.shipping.state import ToShip
from bookwish_desk.ui.station import Station


def build(station: Station, weigh: Weigh) -> tuple[ShippingScreen, ShippingPresenter]:
    """Make the shipping screen and what runs it, and tie them together; `weigh` reads a scale."""
    presenter, screen = ShippingPresenter(station), ShippingScreen()
    presenter.render = screen.show_state
    screen.list_chosen.connect(presenter.show_list)
    screen.chosen.connect(presenter.choose)
    screen.marked.connect(presenter.mark)
    screen.all_marked.connect(presenter.mark_all)
    screen.many_asked.connect(presenter.many)
    screen.back_asked.connect(presenter.back)
    screen.set_up_asked.connect(presenter.set_up)
    screen.day_end_asked.connect(lambda: station.show_screen("day_end"))
    presenter.detail = _detail(station, screen, presenter, weigh)
    return screen, presenter


def _detail(
    station: Station, screen: ShippingScreen, presenter: ShippingPresenter, weigh: Weigh
) -> ParcelPresenter:
    detail, panel = ParcelPresenter(station, weigh), ParcelPanel()
    detail.render = panel.show_state
    presenter.on_chosen = detail.show
    presenter.on_shown = detail.set_shown
    panel.changed.connect(detail.changed)
    panel.weigh_asked.connect(detail.weigh)
    panel.check_asked.connect(detail.check)
    panel.spelled.connect(detail.spell)
    panel.rate_chosen.connect(detail.choose_rate)
    panel.price_asked.connect(detail.price)
    panel.buy_asked.connect(detail.buy)
    panel.reprint_asked.connect(detail.reprint)
    panel.did.connect(detail.do)
    panel.unfolded.connect(detail.unfold)
    panel.next_asked.connect(presenter.next)
    panel.next_asked.connect(screen.rows.setFocus)
    screen.set_side(panel)
    _tie_askers(station, screen, detail)
    return detail


def _tie_askers(station: Station, screen: ShippingScreen, detail: ParcelPresenter) -> None:
    """Tie what needs to be asked for to the sheets that ask; each is imported when it is first wanted."""

    def with_order(ask: Callable[[Order], object]) -> Callable[[ToShip], object]:
        return lambda parcel: ask(parcel.orders[0])

    def by_hand(order: Order) -> None:
        from bookwish_desk.ui import packing

        packing.ask_ship(screen, station, order)

    def edit(order: Order) -> None:
        from bookwish_desk.ui import order_form

        order_form.ask_edit(screen, station, order)

    def address(parcel: ToShip) -> None:
        from bookwish_desk.ui.shipping.sheets import address_sheet

        address_sheet(screen, parcel.number, drafts.own(parcel, detail.draft), detail.set_address)

    def customs(parcel: ToShip) -> None:
        from bookwish_desk.ui.shipping.sheets import customs_sheet

        settings = station.settings
        told = drafts.declared(parcel, detail.draft, settings)
        if told is None:
            detail.say("This parcel needs no customs form.", "info")
            return
        customs_sheet(
            screen, parcel.number, told.customs, settings.money, settings.locale, detail.set_customs
        )

    def settle(parcel: ToShip, *, bought: bool) -> None:
        from bookwish_desk.ui.shipping.sheets import settle_sheet

        label = parcel.postage
        if label is not None:
            settle_sheet(
                screen,
                bought=bought,
                then=lambda reason: detail.settle(label.id, bought=bought, reason=reason),
            )

    detail.askers = {
        "by_hand": with_order(by_hand),
        "address": address,
        "edit": with_order(edit),
        "address_label": detail.print_address_label,
        "customs": customs,
        "settled_bought": lambda parcel: settle(parcel, bought=True),
        "settled_not": lambda parcel: settle(parcel, bought=False),
    }
