"""What is printed once and kept in a drawer: the recovery key of a database and the owner's recovery code.

Base 32 (RFC 4648: A to Z and 2 to 7, no 0, 1, 8 or 9) in groups of four, with a check in it, so that a
slip of the finger is told from a wrong paper before anything is tried with it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.secret import Secret

KEY_BYTES = 32

_LINES = 4
_LINE_BYTES = 8
_LINE_SIZE = 16
_CODE_BYTES = 13
_CODE_SIZE = 24
_CHECK = 2

# What people make of letters that the alphabet has: 0 is O, 8 is B, and 1 is I or L.
_READ_AS = tuple(str.maketrans("081", f"OB{one}") for one in "IL")
_ALIKE = str.maketrans("081L", "OBII")


def recovery_text(key: bytes) -> str:
    """Return a 32-byte key as four lines of four groups, each line with a check of its own."""
    if len(key) != KEY_BYTES:
        raise ValueError("a database key has 32 bytes")
    parts = [key[i : i + _LINE_BYTES] for i in range(0, KEY_BYTES, _LINE_BYTES)]
    return "\n".join(_grouped(_sealed(f"key {no}", part)) for no, part in enumerate(parts, 1))


def key_from_recovery(text: str) -> bytes:
    """Return the key of a typed recovery text; blanks, hyphens, lines and capitals do not matter.

    Raises Refused and names the line that does not fit.
    """
    bare = _bare(text)
    if len(bare) != _LINES * _LINE_SIZE:
        raise Refused(
            "recovery",
            f"A recovery key has {_LINES} lines of {_LINE_SIZE} letters and digits. "
            f"{len(bare)} were typed instead of {_LINES * _LINE_SIZE}.",
        )
    key = b""
    for no in range(1, _LINES + 1):
        part = _opened(f"key {no}", bare[(no - 1) * _LINE_SIZE : no * _LINE_SIZE])
        if part is None:
            raise Refused("recovery", f"Line {no} does not fit. Compare it with the paper, letter by letter.")
        key += part
    return key


def new_owner_code() -> Secret:
    """Return a fresh recovery code of the owner: six groups of four, 104 random bits."""
    return Secret(_grouped(_sealed("owner", secrets.token_bytes(_CODE_BYTES))))


def read_owner_code(text: str) -> Secret:
    """Return a typed owner's code as it was printed. Raises Refused when it is mistyped."""
    bare = _bare(text)
    if len(bare) != _CODE_SIZE:
        raise Refused("recovery", f"A recovery code has {_CODE_SIZE} letters and digits.")
    part = _opened("owner", bare)
    if part is None:
        raise Refused("recovery", "This code does not fit. Compare it with the paper, letter by letter.")
    return Secret(_grouped(_sealed("owner", part)))


def ends_with(text: str, typed: str) -> bool:
    """Say whether `typed` is the last group of a printed text: the proof that somebody has the paper."""
    return _bare(typed).translate(_ALIKE) == _bare(text)[-4:].translate(_ALIKE)


def _bare(text: str) -> str:
    return "".join(c for c in text[:400].upper() if c.isascii() and c.isalnum())


def _grouped(bare: str) -> str:
    return "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def _sealed(what: str, part: bytes) -> str:
    return base64.b32encode(part + _check(what, part)).decode("ascii")


def _opened(what: str, bare: str) -> bytes | None:
    for table in _READ_AS:
        try:
            whole = base64.b32decode(bare.translate(table))
        except ValueError:
            continue
        if whole[-_CHECK:] == _check(what, whole[:-_CHECK]):
            return whole[:-_CHECK]
    return None


def _check(what: str, part: bytes) -> bytes:
    """Return two bytes over the part and what it is: lines in the wrong order do not fit either."""
    return hashlib.sha256(f"bookwish recovery {what}:".encode() + part).digest()[:_CHECK]
