"""Notices when nobody works at the register."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication

from bookwish_desk.ui.watching import WindowWatch

IDLE_MS = 20_000
"""After this long without input there is time for what the desk does by itself."""


class Idle(WindowWatch):
    """Notices when nobody works at the register: first it is quiet, then it locks itself."""

    def __init__(self, app: QGuiApplication, quiet: Callable[[], None], lock: Callable[[], None]) -> None:
        super().__init__(app)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(IDLE_MS)
        self._quiet.timeout.connect(quiet)
        self._lock = QTimer(self)
        self._lock.setSingleShot(True)
        self._lock.timeout.connect(lock)
        self._quiet.start()

    def set_lock(self, minutes: int) -> None:
        """Lock after this many minutes without input; 0 is never."""
        self._lock.stop()
        self._lock.setInterval(minutes * 60_000)
        if minutes:
            self._lock.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin to count anew at each key or press."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin):
            self._quiet.start()
            if self._lock.interval():
                self._lock.start()
        return False

    def close(self) -> None:
        """Notice nothing more."""
        self.stop()
        self._quiet.stop()
        self._lock.stop()
