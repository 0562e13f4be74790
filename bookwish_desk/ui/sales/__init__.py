"""Sales: past sales, what was not printed, and who did what."""

from __future__ import annotations

from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.ui import activity, jobs, mail, returns
from bookwish_desk.ui.sales.presenter import SalesPresenter
from bookwish_desk.ui.sales.screen import SalesScreen
from bookwish_desk.ui.sales.state import Page
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[SalesScreen, SalesPresenter]:
    """Make the sales screen with its pages and what runs them, and tie them together."""
    jobs_screen, printing = jobs.build(station)
    log_screen, log = activity.build(station)
    screen, presenter = SalesScreen(jobs_screen, log_screen), SalesPresenter(station)

    def turn(page: Page | None) -> None:
        if page is not None:
            printing.shown()
        if page == "activity":
            log.shown()
        else:
            log.hidden()

    def take_back(receipt: str) -> None:
        returns.ask(screen, station, taken_back, receipt)

    def send(receipt: str, address: str) -> None:
        mail.ask_receipt(screen, station, receipt, address)

    def taken_back(_ringing: Ringing) -> None:
        station.show_screen("sell")

    presenter.render = screen.show_state
    presenter.on_page = turn
    presenter.on_return = take_back
    presenter.on_email = send
    printing.on_count = presenter.count_jobs
    screen.page_chosen.connect(presenter.show_page)
    screen.typed.connect(presenter.typed)
    screen.entered.connect(presenter.entered)
    screen.chosen.connect(presenter.choose)
    screen.reprint_asked.connect(presenter.reprint)
    screen.gift_asked.connect(presenter.gift)
    screen.email_asked.connect(presenter.ask_email)
    screen.mails_asked.connect(lambda: station.show_screen("mail"))
    screen.return_asked.connect(presenter.ask_return)
    return screen, presenter
