"""The window as presenters reach it: sentences, screens, approvals. Ties the station to the window."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.shop.errors import NeedsApproval
from bookwish_desk.ui.station import Station, Tone
from bookwish_desk.ui.window import MainWindow


class WindowFront:
    """What `station.Front` asks for, done by the main window."""

    def __init__(self, window: MainWindow, station: Station) -> None:
        self._window = window
        self._station = station

    def say(self, sentence: str, tone: Tone = "ok") -> None:
        """Show a sentence at the bottom of the window."""
        self._window.toast(sentence, tone)

    def offer(self, sentence: str, verb: str, then: Callable[[], object]) -> None:
        """Show a sentence at the bottom of the window, with a verb."""
        self._window.toast(sentence, "info", verb, then)

    def show_screen(self, name: str) -> None:
        """Go to a screen."""
        self._window.show_screen(name)

    def ask_approval(self, needs: NeedsApproval, given: Callable[[str], None]) -> None:
        """Ask a manager for a PIN in front of whatever is shown."""
        from bookwish_desk.ui import approval

        approval.ask(self._window, self._station, needs, given)
