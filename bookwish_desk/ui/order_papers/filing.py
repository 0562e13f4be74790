"""A PDF as a file, whole or not at all. Belongs on a lane."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.ids import new_id

_WHY = {
    errno.ENOSPC: "There is no room left on that disk.",
    errno.EDQUOT: "There is no room left on that disk.",
    errno.EACCES: "That folder may not be written to. Choose another.",
    errno.EPERM: "That folder may not be written to. Choose another.",
    errno.EROFS: "That disk may not be written to. Choose another.",
    errno.ENAMETOOLONG: "The name is too long.",
    errno.ENOENT: "There is no such folder.",
    errno.EISDIR: "That is the name of a folder.",
}


def exists(path: str) -> bool:
    """Say whether there is such a file already; what cannot be looked up is none."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a name too long, a folder shut


def write(path: str, data: bytes) -> str:
    """Write a file so that it is there whole or as it was before; return its path. Raises StorageError."""
    target = Path(path)
    part = target.with_name(f".{target.name}.{new_id()}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as fault:
        _forget(part)
        why = _WHY.get(fault.errno or 0, "")
        raise StorageError("save", f"The file could not be saved as {path}. {why}".rstrip()) from fault
    return path


def _forget(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def plain_name(words: str) -> str:
    """Return words as the name of a file on any system: letters, digits and hyphens."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in words)
    return "-".join(part for part in kept.split("-") if part).lower()[:60] or "orders"
