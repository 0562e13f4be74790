"""E-mail: the list of what waits or did not go, and the small forms that ask for an address."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from bookwish_desk.actions import mailing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.mail.presenter import MailPresenter
from bookwish_desk.ui.mail.screen import MailScreen
from bookwish_desk.ui.mail.sheet import AddressSheet
from bookwish_desk.ui.station import Station


def build(station: Station) -> tuple[MailScreen, MailPresenter]:
    """Make the list of e-mails and what runs it, and tie them together."""
    screen, presenter = MailScreen(), MailPresenter(station)

    def elsewhere(job: str, address: str) -> None:
        ask_elsewhere(screen, station, job, address)

    presenter.render = screen.show_state
    presenter.on_elsewhere = elsewhere
    screen.chosen.connect(presenter.choose)
    screen.decided.connect(presenter.decide)
    screen.elsewhere_asked.connect(presenter.ask_elsewhere)
    screen.now_asked.connect(presenter.try_now)
    screen.order_asked.connect(presenter.open_order)
    screen.back_asked.connect(presenter.go_back)
    return screen, presenter


def ask_receipt(parent: QWidget, station: Station, receipt: str, proposed: str = "") -> AddressSheet:
    """Ask to which address the receipt of a sale goes, and send it."""
    sheet = AddressSheet(parent, "E-mail the receipt", f"Receipt {receipt} goes out as plain text.", proposed)
    _commit(sheet, station, lambda store, actor, to: mailing.email_receipt(store, actor, receipt, to),
            f"Receipt {receipt} goes out by e-mail.")  # fmt: skip
    return sheet


def ask_elsewhere(parent: QWidget, station: Station, job: str, address: str) -> AddressSheet:
    """Ask to which other address an e-mail goes, and send it there."""
    text = "The same words go to this address. The address of the customer is not changed."
    sheet = AddressSheet(parent, "Send to another address", text, address)
    _commit(sheet, station, lambda store, actor, to: mailing.send_elsewhere(store, actor, job, to),
            "The e-mail goes to the other address.")  # fmt: skip
    return sheet


def _commit(
    sheet: AddressSheet, station: Station, send: Callable[[Store, Actor, str], Outcome[str]], said: str
) -> None:
    def sent(_row: str) -> None:
        station.say(said)
        if isValid(sheet):
            sheet.sent()

    def refused(error: ShopError) -> None:
        if isValid(sheet):
            sheet.refused(error)

    def submit(address: str) -> None:
        station.act(lambda store, actor: send(store, actor, address), then=sent, failed=refused)

    sheet.submit = submit
    sheet.open()
