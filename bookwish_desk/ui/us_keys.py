"""What a key types on a US keyboard, whatever this computer's layout makes of it.

A scanner presses keys as its own layout wants them, as it comes nearly always that of the USA. On a French
computer its 9 is then a ç.
"""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

_ROWS = (  # by place: the first code of set 1, which Linux counts on from, without and with Shift
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_KEYPAD = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 74), "7894561230-", strict=True))
_PLAIN = {first + n: c for first, lower, _ in _ROWS for n, c in enumerate(lower)} | _KEYPAD
_SHIFTED = {first + n: c for first, _, upper in _ROWS for n, c in enumerate(upper)}
_X_OFFSET = 8  # X11 and Wayland count from 8 on
_CODE = re.compile(r"(?:\][A-Za-z])?[0-9A-Za-z-]+", re.ASCII)


def us_text(event: QKeyEvent) -> str:
    """Return what the key types on a US keyboard, empty where that is not known, as on a Mac."""
    platform = QGuiApplication.platformName()
    if platform == "cocoa":
        return ""
    code = event.nativeScanCode() - (0 if platform == "windows" else _X_OFFSET)
    shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    return (_SHIFTED if shifted else _PLAIN).get(code, "")


def meant(typed: str, pressed: str) -> str:
    """Return what a scanner meant that typed `typed` here, which were the keys of `pressed` in the USA.

    Its own layout is believed unless it is clear that it is not this computer's: digits came as other signs.
    """
    code = _CODE.fullmatch(pressed) and not _CODE.fullmatch(typed)
    return pressed if pressed and (code or (pressed.isascii() and not typed.isascii())) else typed
