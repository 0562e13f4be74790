"""A line display that exists only as a file: it takes the bytes a real one takes, and can be switched off."""

from __future__ import annotations

import time
from pathlib import Path

from bookwish_desk.hardware.displays.line_display import (
    COLUMNS,
    ROWS,
    EpsonLineDisplay,
    OnShow,
    Shown,
    nobody_looks,
)
from bookwish_desk.hardware.job_files import make_folder
from bookwish_desk.hardware.model import CodePage
from bookwish_desk.hardware.simulation import Trouble
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.errors import StorageError

FILE = "display.txt"


class SimulatedLineDisplay:
    """A display whose two lines are in `folder`/display.txt. Set `trouble` at any time, from any thread."""

    def __init__(self, name: str, code_page: CodePage, folder: Path, on_show: OnShow = nobody_looks) -> None:
        self.name = name
        self.trouble = Trouble()
        self._folder = folder
        self._on_show = on_show
        self._glass = Glass(code_page)
        self._driver = EpsonLineDisplay(name, code_page, self._take)

    def show(self, upper: str, lower: str, deadline: float) -> DeviceState:
        """Show two lines; see `LineDisplay.show`."""
        return self._driver.show(upper, lower, deadline)

    def _take(self, data: bytes, deadline: float) -> DeviceState:
        if self.trouble.offline or time.monotonic() >= deadline:
            self._on_show(Shown(self.name, "", ""))
            return DeviceState("unplugged", "The display does not answer. Check its cable.")
        self._glass.take(data)
        upper, lower = self._glass.lines()
        try:
            _write(self._folder, f"{upper}\n{lower}\n")
        except (OSError, StorageError):
            return DeviceState("error", "The simulated display could not write its file. Is the disk full?")
        self._on_show(Shown(self.name, upper, lower))
        return DeviceState("ready", "The display shows it.")


def _write(folder: Path, words: str) -> None:
    """Write what is shown, whole or not at all. Raises as `make_folder` does."""
    make_folder(folder)
    part = folder / f".{FILE}.part"
    part.unlink(missing_ok=True)
    with part.open("x", encoding="utf-8") as file:
        file.write(words)
    part.replace(folder / FILE)


class Glass:
    """What the commands of DM-D displays do to two lines of twenty cells.

    Raises ValueError for a command that it does not know: what drives a display sends no others.
    """

    def __init__(self, code_page: CodePage) -> None:
        self._code_page = code_page
        self._reset()

    def lines(self) -> tuple[str, str]:
        """Return what is seen."""
        upper, lower = (bytes(row).decode(self._code_page) for row in self._cells)
        return upper, lower

    def _reset(self) -> None:
        self._cells = [bytearray(b" " * COLUMNS) for _ in range(ROWS)]
        self._column = self._row = 0

    def take(self, data: bytes) -> None:
        """Do what a job says."""
        place = 0
        while place < len(data):
            place += self._do(data[place : place + 4])

    def _do(self, data: bytes) -> int:
        """Do the command, or show the character, that stands first in `data`; return how long it was."""
        if data[0] >= 0x20:
            self._cells[self._row][self._column] = data[0]
            self._column += 1
            if self._column == COLUMNS:
                self._column, self._row = 0, (self._row + 1) % ROWS
            return 1
        if data[:2] == b"\x1b@":
            self._reset()
            return 2
        if data[:2] == b"\x1f\x01":
            return 2
        if data[:2] in (b"\x1bt", b"\x1fC", b"\x1b="):
            return 3
        if data[:2] == b"\x1f$" and 1 <= data[2] <= COLUMNS and 1 <= data[3] <= ROWS:
            self._column, self._row = data[2] - 1, data[3] - 1
            return 4
        raise ValueError(f"no command of a display: {data.hex()}")
