"""The day's end: parcels per carrier, their lists, a carrier's visit, and handing over."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.ui.day_end.presenter import DayEndPresenter
from bookwish_desk.ui.day_end.screen import DayEndScreen
from bookwish_desk.ui.label_steps import ask_step
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.widgets import ask


def build(station: Station) -> tuple[DayEndScreen, DayEndPresenter]:
    """Make the screen of the day's end and what runs it, and tie them together."""
    presenter, screen = DayEndPresenter(station), DayEndScreen()
    presenter.render = screen.show_state
    presenter.on_step = lambda step: ask_step(screen, step)

    def sure(title: str, text: str, verb: str, then: Callable[[], None]) -> None:
        verbs = [("", "Not yet", "plain"), ("do", verb, "primary")]
        ask(screen, title, text, verbs, lambda answer: then() if answer == "do" else None)  # type: ignore[arg-type]

    presenter.on_sure = sure
    screen.back_asked.connect(presenter.back)
    screen.carrier_chosen.connect(presenter.choose)
    screen.parcel_chosen.connect(presenter.choose_parcel)
    screen.lists_asked.connect(presenter.make_lists)
    screen.print_asked.connect(presenter.print_list)
    screen.day_list_asked.connect(presenter.print_day)
    screen.visit_asked.connect(presenter.ask_visit)
    screen.cancel_asked.connect(presenter.cancel_visit)
    screen.hand_asked.connect(presenter.hand_over)
    screen.label_asked.connect(presenter.see_label)
    return screen, presenter
