"""What the database says when it cannot go on, in words for people. Anything else stays a bug."""

from __future__ import annotations

from bookwish_desk.shop.errors import StorageError

_WORDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("disk is full", "disk I/O error"),
        "disk_full",
        "The disk is full or cannot be written. Nothing was changed. Free some space, then try again.",
    ),
    (
        ("locked", "database is busy"),
        "busy",
        "The database is busy with something else. Nothing was changed. Try again.",
    ),
    (
        ("malformed", "not a database", "file is encrypted", "vtable constructor failed"),
        "damaged",
        "The database is damaged. Close the desk and restore the newest backup.",
    ),
    (
        ("readonly database", "unable to open database file", "authorization denied"),
        "no_access",
        "The database cannot be opened or written. Check who owns the data folder and its files.",
    ),
)


def in_words(fault: Exception) -> Exception:
    """Return the StorageError that a driver's error amounts to, or the error itself when it is none."""
    text = str(getattr(fault, "orig", None) or fault)
    for marks, code, sentence in _WORDS:
        if any(mark in text for mark in marks):
            return StorageError(code, sentence)
    return fault
