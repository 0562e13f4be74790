"""Check digits of the trade's codes in the least time: for files of millions of records.

What a scan means is decided in `barcode`; here it is only said whether digits fit their last one. They
come as ASCII bytes, whose values can be summed as they are: 48 seven times once and six times thrice is
1,200, which does not change the last digit, and 48 times 1 to 10 is a multiple of 11.
"""

from __future__ import annotations

from operator import mul

_PLACES = range(10, 0, -1)
_TEN = ord("X") - ord("0") - 10  # what X is above ten, when counted as a digit


def ean_fits(code: bytes) -> bool:
    """Say whether 13 bytes are digits and the last is their check digit (GS1 General Specifications, 7.9)."""
    return len(code) == 13 and code.isdigit() and (sum(code[::2]) + 3 * sum(code[1::2])) % 10 == 0


def isbn10_fits(code: bytes) -> bool:
    """Say whether ten bytes are an ISBN-10 with its check digit, which is X for ten (ISO 2108:1992)."""
    if len(code) != 10 or not code[:9].isdigit() or not (code[9:].isdigit() or code[9:] == b"X"):
        return False
    total: int = sum(map(mul, code, _PLACES))
    return (total - _TEN if code[9:] == b"X" else total) % 11 == 0


def isbn13_of(code: bytes) -> bytes:
    """Return the 13 digits of an ISBN-10 that fits: 978 before its first nine, and another check digit."""
    body = b"978" + code[:9]
    return body + b"%d" % (-(sum(body[::2]) + 3 * sum(body[1::2]) + ord("0")) % 10)
