"""Seeing what comes to the windows of the program, before any widget does."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QWindow


class WindowWatch(QObject):
    """A filter on every window that ever has the keys: whoever derives from it says what in `eventFilter`.

    Keys and presses come through the window that has the focus, so it is watched there and not at the
    application: there each of the thousands of events between widgets would be handed to Python.
    """

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._app = app
        self._stopped = False
        app.focusWindowChanged.connect(self._watch)
        for window in app.allWindows():
            self._watch(window)

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            # A second time does not watch it twice.
            window.installEventFilter(self)

    def stop(self) -> None:
        """See nothing more. A second time does nothing."""
        if self._stopped:
            return
        self._stopped = True
        self._app.focusWindowChanged.disconnect(self._watch)
        for window in self._app.allWindows():
            window.removeEventFilter(self)
