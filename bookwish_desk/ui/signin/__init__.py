"""Signing in: the cover over the screens until somebody says who they are."""

from __future__ import annotations

from collections.abc import Sequence

from bookwish_desk.ui.signin.presenter import SignInPresenter
from bookwish_desk.ui.signin.screen import SignInScreen
from bookwish_desk.ui.station import Station


def build(
    station: Station, hints: Sequence[tuple[str, str]] = (), pepper: bytes | None = None
) -> tuple[SignInScreen, SignInPresenter]:
    """Make the sign-in screen and what runs it; `hints` are names and PINs for the demonstration shop.

    `pepper` is what PINs are hashed with, from the keyring: the station keeps it for every PIN from now on.
    """
    station.pepper = pepper
    presenter = SignInPresenter(station, hints)
    screen = SignInScreen(presenter)
    presenter.render = screen.show_state
    screen.chosen.connect(presenter.choose)
    screen.stepped.connect(presenter.step)
    screen.submitted.connect(presenter.submit)
    return screen, presenter
