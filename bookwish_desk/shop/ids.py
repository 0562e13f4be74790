"""Identities made here before anything is sent anywhere: time-ordered, unique, never recycled."""

from __future__ import annotations

import secrets
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return 32 hexadecimal digits: milliseconds since 1970 (12 digits), then random (RFC 9562 version 7).

    Ids made by one process sort in the order they were made, even when the clock is put back.
    """
    global _last  # noqa: PLW0603 - the order of ids is a property of the process
    with _lock:
        _last = max(time.time_ns() // 1_000_000, _last + 1)
        stamp = _last
    random = secrets.randbits(74)
    value = stamp << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | (random & (1 << 62) - 1)
    return f"{value:032x}"
