"""The one window: a cover, and behind it a header, a stack of screens and messages. It knows no screen.

The window is shown before the rest of the program is there, so nothing but Qt is imported with it. What
stands behind the cover is made when it is first asked for (`ui.behind`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from bookwish_desk.ui.behind import Behind
    from bookwish_desk.ui.widgets.buttons import Kind
    from bookwish_desk.ui.widgets.panel import Chip, NoticeKind

PAUSED = "The scanner is paused: another window is in front. Click here to go on."
_FRAME = 48
"""What a window's title may take of the screen."""


class MainWindow(QWidget):
    """The shell of the application.

    `add_screen("sell", "Sell", "screen.sell", widget)` makes a tab with that key; `show_screen("sell")`
    goes there. A screen may be given as what builds it: then it is built when it is first shown. One
    without a title has no tab (pay, return). `cover(widget)` hides everything behind a sign-in screen,
    `uncover()` takes it away. `status([...])`, `toast(...)`, `set_till(...)`.
    """

    screen_changed = Signal(str)
    lock_asked = Signal()
    closing = Signal()

    def __init__(self, register: str = "Register 1", product: str = "Bookwish Desk") -> None:
        super().__init__()
        self.setWindowTitle(product)
        self.setMinimumSize(1000, 680)
        self.resize(1280, 800)
        # What would be lost by closing now, as a sentence; empty when nothing would.
        self.open_end: Callable[[], str] = lambda: ""
        self._register = register
        self._cover: QWidget | None = None
        self._layers = QStackedLayout(self)

    @cached_property
    def _behind(self) -> Behind:
        """What stands behind the cover."""
        from bookwish_desk.ui.behind import Behind

        made = Behind(self, self._register)
        made.screen_changed.connect(self.screen_changed)
        made.lock_asked.connect(self.lock_asked)
        self._layers.insertWidget(0, made)
        if self._cover is None:
            self._layers.setCurrentWidget(made)
        return made

    # ---- screens ----

    def add_screen(
        self, screen_id: str, title: str, key: str | None, screen: QWidget | Callable[[], QWidget]
    ) -> None:
        """Add a screen; with a title it has a tab, worked by `key` (an id in `ui.keys`)."""
        self._behind.add_screen(screen_id, title, key, screen)

    def add_tool(self, title: str, key: str, act: Callable[[], object]) -> None:
        """Add a verb beside Lock and Keys, worked by `key`."""
        self._behind.add_tool(title, key, act)

    def show_screen(self, screen_id: str) -> None:
        """Bring a screen to the front; KeyError for one that was never added."""
        self._behind.show_screen(screen_id)

    def set_tab(self, screen_id: str, title: str) -> None:
        """Put other words on the tab of a screen, such as how much waits there."""
        self._behind.set_tab(screen_id, title)

    def current_screen(self) -> str:
        """Return the id of the screen in front."""
        return self._behind.current

    def cover(self, widget: QWidget) -> None:
        """Put `widget` over everything: nothing behind it is seen, reached by Tab or worked by a key.

        Sheets that are open are given up: they would lie above it.
        """
        self.uncover()
        if "_behind" in self.__dict__:
            self._behind.give_way()
        self._cover = widget
        self._layers.addWidget(widget)
        self._layers.setCurrentWidget(widget)

    def uncover(self) -> None:
        """Take the cover away; it is not deleted."""
        if self._cover is not None:
            cover, self._cover = self._cover, None
            self._layers.setCurrentWidget(self._behind)
            self._layers.removeWidget(cover)
            cover.hide()
            self._behind.come_forward()

    def covered(self) -> bool:
        """Say whether a cover hides the screens."""
        return self._cover is not None

    # ---- what the header says ----

    def set_register(self, name: str) -> None:
        """Show the register's name."""
        self._behind.header.register.setText(name)

    def set_till(self, text: str) -> None:
        """Show the till and the clerk: "Till open since 9:02 · Maya R."."""
        self._behind.header.till.setText(text)

    def status(self, chips: Sequence[Chip]) -> None:
        """Show these states at the right of the header."""
        self._behind.header.set_chips(chips)

    def chips(self) -> tuple[Chip, ...]:
        """Return the states shown."""
        return self._behind.header.chips()

    # ---- messages ----

    def toast(
        self, text: str, kind: NoticeKind = "ok", verb: str = "", then: Callable[[], object] | None = None
    ) -> None:
        """Say something at the bottom of the window; an error stays until it is closed."""
        self._behind.toast.show_text(text, kind, verb, then)

    def toast_text(self) -> str:
        """Return the message at the bottom, or an empty text."""
        return self._behind.toast.text()

    def show_keys(self) -> None:
        """Show every key that works here: those of the screen in front, then those of the window."""
        self._behind.show_keys()

    # ---- the window itself ----

    def fit(self, room: QSize) -> None:
        """Take the whole screen where what it has free, `room`, holds the window and its frame only just."""
        if room.width() < self.width() + _FRAME or room.height() < self.height() + _FRAME:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def set_scans_need_window(self, needed: bool) -> None:
        """Tell of scans that stop while another window is in front, or not: scanners may need no window."""
        self._behind.set_scans_need_window(needed)

    def paused(self) -> bool:
        """Say whether the bar tells that scans do not arrive."""
        return not self._behind.paused.isHidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if "_behind" in self.__dict__:
            self._behind.place_paused()

    def closeEvent(self, event: QCloseEvent) -> None:
        open_end = self.open_end()
        if open_end:
            from bookwish_desk.ui.widgets import ask

            event.ignore()
            verbs: list[tuple[str, str, Kind]] = [("", "Stay", "plain"), ("close", "Close anyway", "danger")]
            ask(self, "Close the desk?", open_end, verbs, then=self._close_anyway)
            return
        self.closing.emit()
        super().closeEvent(event)

    def _close_anyway(self, answer: str) -> None:
        if answer:
            self.open_end = lambda: ""
            self.close()
