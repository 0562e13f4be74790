"""Orders that a link from outside asks for: left in the data folder, taken up by the desk that is open.

A link in a message starts `bookwish-desk open LINK`. That process may not open the books beside a running
desk; it leaves a note instead, which only this user can write.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from bookwish_desk.shop.order_link import MOST
from bookwish_desk.shop.text import clean

log = logging.getLogger(__name__)

FOLDER = "asked"
_FILE = "order"


def leave(folder: Path, number: str) -> None:
    """Note that somebody wants to see this order; OSError where the folder cannot be written."""
    asked = folder / FOLDER
    asked.mkdir(mode=0o700, exist_ok=True)
    part = asked / f".{_FILE}-{os.getpid()}"
    part.write_text(number, encoding="utf-8")
    part.replace(asked / _FILE)


def take(folder: Path) -> str:
    """Return the number that was left and forget it; an empty text where there is none."""
    path = folder / FOLDER / _FILE
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            number = clean(file.read(4 * MOST), MOST)
        path.unlink()
    except OSError:
        return ""
    return number


class Pointing(QObject):
    """Watches for links. `asked` carries the number of the order, also of one left before the desk opened."""

    asked = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        with contextlib.suppress(OSError):
            (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
        self._watcher = QFileSystemWatcher(self)
        if not self._watcher.addPath(str(folder / FOLDER)):
            log.warning("event=links_unwatched")
        self._watcher.directoryChanged.connect(self.look)

    def begin(self) -> None:
        """Look for one that was left already, then for those that come."""
        QTimer.singleShot(0, self, self.look)

    def look(self) -> None:
        """Take up what was left, if anything was."""
        number = take(self._folder)
        if number:
            self.asked.emit(number)
