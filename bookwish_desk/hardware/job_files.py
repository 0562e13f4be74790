"""Jobs of simulated devices as files: one a job, numbered, only for their owner to read."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bookwish_desk.shop.errors import StorageError

_REF_LENGTH = 40
_NUMBERED = re.compile(r"\d{6}-")


def write_job(folder: Path, ref: str, data: bytes) -> Path:
    """Write one job under the next number; whole or not at all, and never through a symbolic link."""
    for place in (folder.parent, folder):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.is_symlink():
            raise StorageError("devices.symlink", "A device's folder is a symbolic link. Remove it.")
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
