"""Disk space held back: a file that is given up when the disk is full, so that the day can be closed.

After a crash on a full disk a database cannot even be opened; giving the ballast up lets it be.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

FILE = "ballast"
BYTES = 32 << 20
LOW_BYTES = 500 << 20
"""Under this much free space a person is warned."""

_MAKE_WITH = 4
"""Made anew only when this many times its size is free: what was just given up stays free to use."""


def free_bytes(folder: Path) -> int:
    """Return how much room is left on the disk of the folder."""
    return shutil.disk_usage(folder).free


def keep(folder: Path, size: int = BYTES) -> bool:
    """Make sure the ballast is there, where there is room for it; say whether it is.

    It is filled with random bytes: no file system stores less than all of it.
    """
    path = folder / FILE
    if path.exists() and path.stat().st_size >= size:
        return True
    if free_bytes(folder) < size * _MAKE_WITH:
        return path.exists()
    part = path.with_suffix(".part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
            for start in range(0, size, 1 << 20):
                file.write(os.urandom(min(1 << 20, size - start)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        return False
    return True


def give_up(folder: Path) -> bool:
    """Free the ballast's room; say whether there was any to free."""
    path = folder / FILE
    try:
        freed = path.stat().st_size > 0
        path.unlink()
    except OSError:
        return False
    return freed
