"""Syncing with the online store as people see it: how it stands, what waits for them, and deciding it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from bookwish_desk.shop.conflict import Choice, Conflict
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui.online_work import SignedIn
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.sync.differences import asked_before
from bookwish_desk.ui.sync.presenter import SyncPresenter
from bookwish_desk.ui.sync.screen import SyncScreen
from bookwish_desk.ui.sync.sheets import DecisionSheet, SignInSheet
from bookwish_desk.ui.sync.state import Asked


def build(station: Station) -> tuple[SyncScreen, SyncPresenter]:
    """Make the Sync screen and what runs it, and tie them together."""
    screen, presenter = SyncScreen(), SyncPresenter(station)

    def sign_in() -> None:
        ask_sign_in(screen, station)

    presenter.render = screen.show_state
    presenter.on_ask = lambda asked, answer: ask(screen, asked, answer)
    presenter.on_sign_in = sign_in
    screen.part_chosen.connect(presenter.show_part)
    screen.chosen.connect(presenter.choose)
    screen.entered.connect(presenter.enter)
    screen.did.connect(presenter.do)
    screen.opened.connect(presenter.open)
    screen.now_asked.connect(presenter.sync_now)
    screen.pause_asked.connect(presenter.pause)
    screen.sign_in_asked.connect(presenter.sign_in)
    screen.set_up_asked.connect(presenter.set_up)
    screen.first_asked.connect(presenter.first_import)
    screen.demo_run_asked.connect(presenter.demo_run)
    screen.demo_order_asked.connect(presenter.demo_order)
    screen.back_asked.connect(presenter.go_back)
    return screen, presenter


def ask(parent: QWidget, asked: Asked, answer: Callable[[str, str], object]) -> DecisionSheet:
    """Ask before something is carried out."""
    sheet = DecisionSheet(parent, asked, answer)
    sheet.open()
    return sheet


def decide(parent: QWidget, station: Station, conflict: Conflict, choice: Choice) -> None:
    """Decide a difference from elsewhere, asking first where that is needed."""
    from bookwish_desk.actions import deciding

    def go(_choice: str, reason: str) -> None:
        station.act(
            lambda store, actor: deciding.resolve(store, actor, conflict.id, choice, reason),
            then=lambda _none: station.say("Decided."),
        )

    asked = asked_before(conflict, choice)
    if asked is None:
        go("", "")
    else:
        ask(parent, asked, go)


def ask_sign_in(parent: QWidget, station: Station) -> SignInSheet | None:
    """Ask for the password of the connected store and sign in; None where nothing could be done with it."""
    online, settings = station.online, station.settings.online
    if online is None:
        return None
    hint = online.demo.account_words if online.demo is not None else ""
    sheet = SignInSheet(parent, settings.address, settings.email, hint)

    def signed_in(_who: SignedIn) -> None:
        station.say("Signed in. What waited goes up now.")
        if isValid(sheet):
            sheet.signed_in()

    def refused(error: ShopError) -> None:
        if isValid(sheet):
            sheet.refused(error)

    def submit(email: str, password: Secret) -> None:
        online.sign_in(settings.address, email, password, signed_in, refused)

    sheet.submit = submit
    sheet.open()
    return sheet
