"""Jobs of simulated devices as files, numbered, only for their owner to read; and the way there."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.model import Outcome
from bookwish_desk.hardware.simulation import Trouble
from bookwish_desk.shop.errors import DeviceError, StorageError

NOT_WRITTEN = Outcome("failed", 0, "The simulated printer could not write its file. Is the disk full?")

Keep = Callable[[bytes], None]
"""What a link gives all that it brought to, when it ends."""

_REF_LENGTH = 40
_NUMBERED = re.compile(r"\d{6}-")


def make_folder(folder: Path) -> None:
    """Make the folder of a simulated device. Raises StorageError for a symbolic link, OSError."""
    for place in (folder.parent, folder):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.is_symlink():
            raise StorageError("devices.symlink", "A device's folder is a symbolic link. Remove it.")


def write_job(folder: Path, ref: str, data: bytes) -> Path:
    """Write one job under the next number; whole or not at all, and never through a symbolic link."""
    make_folder(folder)
    number = 1 + max((int(x.name[:6]) for x in folder.iterdir() if _NUMBERED.match(x.name)), default=0)
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", ref)[:_REF_LENGTH].strip("-") or "job"
    path = folder / f"{number:06d}-{safe}.bin"
    part = folder / f".{path.name}.part"
    part.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)
    return path


class FileTransport:
    """The way to a printer made of files: what one link brought is one file, `NNNNNN-<ref>.bin` in `folder`.

    `link` makes a link to the printer with its trouble, which may change under way.
    """

    def __init__(
        self,
        folder: Path,
        trouble: Callable[[], Trouble],
        link: Callable[[Callable[[], Trouble], Keep], Link],
        ref: str = "job",
    ) -> None:
        self.ref = ref
        self._folder = folder
        self._trouble = trouble
        self._link = link
        self._taken = b""
        self._path: Path | None = None

    def open(self, deadline: float, title: str = "") -> Link:
        """Return a link to the device as it is now."""
        if self._trouble().offline or time.monotonic() >= deadline:
            raise DeviceError(
                "printer.unreachable",
                "The device does not answer. Check that it is on and connected.",
                accepted=0,
                condition="unreachable",
            )
        return self._link(self._trouble, self._keep)

    def take(self) -> tuple[bytes, Path | None]:
        """Return what reached the device since the last call, and the file that holds it."""
        taken = self._taken, self._path
        self._taken, self._path = b"", None
        return taken

    def _keep(self, data: bytes) -> None:
        self._taken = data
        try:
            self._path = write_job(self._folder, self.ref, data)
        except (OSError, StorageError):
            self._path = None
