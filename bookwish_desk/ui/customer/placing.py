"""Where the customer's window stands: on its own screen, or on none. Never over the register."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, SignalInstance
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.device import CustomerScreenSetup, DeviceState
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.found import Found
from bookwish_desk.shop.text import clean

ON_REGISTER = "The register is on this screen. Choose another one, or move the register's window away."
ONE_SCREEN = "There is one screen only, and the register is on it. Plug in a second one; it comes by itself."


class Desktop(Protocol):
    """The screens of this computer, and who hears of a change: the application, or a test."""

    @property
    def screenAdded(self) -> SignalInstance:
        """A screen was plugged in."""

    @property
    def screenRemoved(self) -> SignalInstance:
        """A screen goes away; windows on it move to the first one afterwards."""

    def screens(self) -> list[QScreen]:
        """Return the screens there are."""


def screens(register: QWidget | None = None) -> tuple[Found, ...]:
    """Return the screens that can face the customer: those on which the register is not seen.

    Without its window, the register is taken to be on the first screen.
    """
    there = QGuiApplication.screens()
    taken = register.window().screen() if register is not None else QGuiApplication.primaryScreen()
    return tuple(_found(s) for s in there if not _overlap(s, taken))


def _found(screen: QScreen) -> Found:
    made = " ".join(clean(words, 40) for words in (screen.manufacturer(), screen.model())).strip()
    size = f"{screen.geometry().width()} × {screen.geometry().height()}"
    name = clean(screen.name(), 40)
    detail = " · ".join(words for words in (name if made else "", size) if words)
    address = f"screen:{screen.name()}"
    return Found(address, "customer_screen", made or name or "Screen", detail, CustomerScreenSetup())


class Placing(QObject):
    """Keeps a window on the screen called `name`, full screen and without the focus.

    It goes when the screen is unplugged, comes back with it, and gives way to the register's window.
    `told` hears each new state.
    """

    def __init__(
        self,
        name: str,
        window: QWidget,
        register: QWidget,
        told: Callable[[DeviceState], None],
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__()
        self._name = name
        self._window = window
        self._register = register
        self._told = told
        self._state: DeviceState | None = None
        app: Any = QGuiApplication.instance()
        self._desktop: Desktop = desktop or app
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.place)
        self._desktop.screenAdded.connect(self._screens_changed)
        self._desktop.screenRemoved.connect(self._removed)
        handle = self._register.window().windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self._screens_changed)
        self.place()

    @property
    def state(self) -> DeviceState:
        """Return how the screen is."""
        return self._state or DeviceState("unknown", sentence("customer_screen", "unknown"))

    def place(self) -> None:
        """Show the window where it belongs, or hide it, and say which."""
        found = next((s for s in self._desktop.screens() if s.name() == self._name), None)
        taken = self._register.window().screen()
        if found is None:
            self._hide(DeviceState("unplugged", sentence("customer_screen", "unplugged")))
        elif _overlap(found, taken):
            alone = len(self._desktop.screens()) == 1
            self._hide(DeviceState("unplugged" if alone else "error", ONE_SCREEN if alone else ON_REGISTER))
        else:
            self._show(found)

    def front(self) -> None:
        """Nothing lies over it on a screen of its own."""

    def close(self) -> None:
        """Take the window away for good."""
        self._desktop.screenAdded.disconnect(self._screens_changed)
        self._desktop.screenRemoved.disconnect(self._removed)
        handle = self._register.window().windowHandle()
        if handle is not None:
            handle.screenChanged.disconnect(self._screens_changed)
        self._soon.stop()
        self._window.close()
        self._window.deleteLater()

    def _show(self, screen: QScreen) -> None:
        window = self._window
        if not window.isVisible() or window.screen() is not screen or window.geometry() != screen.geometry():
            window.hide()
            window.setScreen(screen)
            window.setGeometry(screen.geometry())
            if sys.platform != "darwin":  # full screen would be a space of its own there, which slides in
                window.setWindowState(Qt.WindowState.WindowFullScreen)
            window.show()  # and not showFullScreen, which would make it the active window
        self._tell(DeviceState("ready", sentence("customer_screen", "ready")))

    def _hide(self, state: DeviceState) -> None:
        self._window.hide()
        self._tell(state)

    def _tell(self, state: DeviceState) -> None:
        if state != self._state:
            self._state = state
            self._told(state)

    def _removed(self, screen: QScreen) -> None:
        # Before Qt moves the window to the first screen, where the register is.
        if screen.name() == self._name:
            self._window.hide()
        self._screens_changed()

    def _screens_changed(self, _screen: object = None) -> None:
        # Screens come and go one signal at a time: look once all have been told.
        self._soon.start(0)


class Loose:
    """A customer screen that is simulated: its window is one among others, to be moved about.

    It begins beside the register, and behind it where there is no room.
    """

    def __init__(self, window: QWidget, register: QWidget, told: Callable[[DeviceState], None]) -> None:
        self.state = DeviceState("ready", sentence("customer_screen", "ready"))
        self._window = window
        window.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus)
        window.unsetCursor()
        window.setMinimumSize(400, 240)
        window.resize(640, 384)
        room, taken = register.screen().availableGeometry(), register.window().frameGeometry()
        left = min(taken.right() + 1, room.right() - window.width())
        window.move(left, room.bottom() - window.height())
        window.show()
        if window.frameGeometry().intersects(taken):
            register.window().raise_()
        told(self.state)

    def front(self) -> None:
        """Bring it before all other windows, also when a person has closed it."""
        self._window.show()
        self._window.raise_()

    def close(self) -> None:
        """Take the window away for good."""
        self._window.close()
        self._window.deleteLater()


def _overlap(one: QScreen, other: QScreen) -> bool:
    """Say whether what is on one screen is seen on the other: the same, or a mirror of it."""
    return one is other or one.geometry().intersects(other.geometry())
