"""Labels for many parcels at once: prices, a review of what they cost, and one key that buys and prints."""

from __future__ import annotations

from bookwish_desk.ui.many_labels.presenter import ManyLabelsPresenter
from bookwish_desk.ui.many_labels.screen import ManyLabelsScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[ManyLabelsScreen, ManyLabelsPresenter]:
    """Make the screen for labels of many parcels and what runs it, and tie them together."""
    presenter, screen = ManyLabelsPresenter(station), ManyLabelsScreen()
    presenter.render = screen.show_state
    screen.back_asked.connect(presenter.back)
    screen.chosen.connect(presenter.choose)
    screen.marked.connect(presenter.mark)
    screen.all_asked.connect(presenter.mark_all)
    screen.prices_asked.connect(presenter.get_prices)
    screen.buy_asked.connect(presenter.buy)
    screen.stop_asked.connect(presenter.stop)
    screen.go_on_asked.connect(presenter.go_on)
    screen.leave_asked.connect(presenter.leave)
    screen.slip_toggled.connect(presenter.set_slip)
    side = screen.side
    side.preset_picked.connect(presenter.pick_preset)
    side.package_picked.connect(presenter.pick_package)
    side.rate_picked.connect(presenter.pick_rate)
    side.spelling_picked.connect(presenter.pick_spelling)
    side.weight_typed.connect(presenter.type_weight)
    side.out_asked.connect(presenter.leave_out)
    side.label_asked.connect(presenter.see_label)
    side.order_asked.connect(presenter.see_order)
    return screen, presenter
