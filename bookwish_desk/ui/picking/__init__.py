"""Picking: what orders need from the shelves, fetched in one walk and ticked copy by copy."""

from __future__ import annotations

from bookwish_desk.ui import order_papers
from bookwish_desk.ui.picking.presenter import PickingPresenter
from bookwish_desk.ui.picking.screen import PickingScreen
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[PickingScreen, PickingPresenter]:
    """Make the picking screen and what runs it, and tie them together."""
    presenter = PickingPresenter(station)
    screen = PickingScreen()
    presenter.render = screen.show_state

    def not_there() -> None:
        from bookwish_desk.ui import order_steps

        concerned = presenter.missing()
        if concerned is not None:
            order_steps.ask_problem(screen, station, *concerned, kind="out_of_stock")

    def make_ready() -> None:
        from bookwish_desk.ui import pickup

        order = presenter.to_shelve()
        if order is not None:
            pickup.ask_ready(screen, station, order)

    screen.back_asked.connect(presenter.back)
    screen.chosen.connect(presenter.choose)
    screen.one_asked.connect(presenter.pick_one)
    screen.all_asked.connect(presenter.pick_all)
    screen.put_back_asked.connect(presenter.put_back)
    screen.missing_asked.connect(not_there)
    screen.title_asked.connect(presenter.show_title)
    screen.papers_asked.connect(
        lambda: order_papers.ask_print(screen, station, presenter.order_ids, "pick_list")
    )
    screen.pack_asked.connect(presenter.pack)
    screen.pickup_asked.connect(make_ready)
    return screen, presenter
