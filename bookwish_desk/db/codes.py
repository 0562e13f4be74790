"""Codes as they are typed: which begin with digits, which hold them anywhere, and their search words.

A title has no search words for its codes: those that begin with digits are a range of EANs, and those
that hold them are found by groups of four digits (`code_search`) and then looked at one by one.
"""

from __future__ import annotations

from bookwish_desk.shop.barcode import isbn10_of

LEAST = 4
"""Fewer digits than these say nothing about a code; so many stand in a group of `code_search`."""

_WIDTHS = range(8, 14)
_UPC = 12


def typed_code(typed: str) -> str:
    """Return the digits typed, without hyphens and blanks, as a part of a code; nothing if it is none.

    A final X is the check digit of an ISBN-10.
    """
    code = typed.replace("-", "").replace(" ", "").lower()
    body = code[:-1] if code.endswith("x") else code
    return code if len(code) >= LEAST and body.isascii() and body.isdigit() else ""


def texts(ean: int) -> tuple[str, ...]:
    """Return an EAN as it is printed and typed: with the zeros of a UPC, and as ISBN-10."""
    plain = str(ean)
    if len(plain) < _UPC:
        return plain, plain.zfill(_UPC)
    return tuple(filter(None, (plain, _isbn10(plain))))


def _isbn10(code: str) -> str:
    return isbn10_of(code).lower() if len(code) == 13 else ""


def beginning(code: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of EANs that a code is the beginning of, as the first and the last."""
    found = []
    if code.isdigit():
        widths = (_UPC,) if code.startswith("0") else _WIDTHS
        found = [_range(code, width) for width in widths if len(code) <= width]
    if len(code) < 10 and code.isdigit():
        found.append(_range(f"978{code}", 13))
    elif len(code) == 10 and _isbn10(f"978{code[:9]}0") == code:
        found.append(_range(f"978{code[:9]}", 13))
    return tuple(found)


def _range(digits: str, width: int) -> tuple[int, int]:
    return int(digits.ljust(width, "0")), int(digits.ljust(width, "9"))


def is_fragment(code: str) -> bool:
    """Say whether to look for digits inside of codes where none begins with them: 978 and 979 begin."""
    return bool(code) and not code.startswith(("978", "979"))


# Groups of four digits stand at every second place of a code, so that whatever holds four digits in a row
# holds a group, or begins one a digit later. For the ten digits of a book, 978 left out: 0, 2, 4 and 6.

GROUPS_AT = range(0, 7, 2)
"""Where the groups of a book's digits begin."""


def groups(ean: int) -> str:
    """Return the groups of digits in a code, as the words of `code_search`."""
    digits = _body(str(ean).zfill(_UPC))
    return " ".join(digits[at : at + LEAST] for at in range(0, len(digits) - LEAST + 2, 2))


def _body(code: str) -> str:
    """Return what tells codes apart: a book's without 978 or 979."""
    return code[3:] if len(code) == 13 and code.startswith(("978", "979")) else code


def holding(fragment: str) -> str:
    """Return the FTS5 query for codes that may hold a fragment: `holds` says which do.

    It begins with a group or a digit before one. Or it ends with the check digit of an ISBN-10, which
    stands in no group: then the three digits before it begin the last group.
    """
    last = len(fragment) - LEAST
    before = [_word(fragment[at : at + LEAST]) for at in range(last - 2, -1, -2)]
    if last == 1:  # of the group before that one, all but the first digit is known
        before = [f"({' OR '.join(_word(f'{digit}{fragment[:3]}') for digit in range(10))})"]
    choices = (
        [_word(fragment[at : at + LEAST]) for at in range(0, last + 1, 2)],
        [_word(fragment[at : at + LEAST]) for at in range(1, last + 1, 2)] or [f"{_word(fragment[1:])}*"],
        [f"{_word(fragment[last:-1])}*", *before],
    )
    return " OR ".join(f"({' AND '.join(words)})" for words in choices)


def _word(digits: str) -> str:
    return f'"{digits}"'


def holds(fragment: str, ean: int) -> bool:
    """Say whether one of the codes of an EAN has the fragment in it."""
    code = str(ean).zfill(_UPC)
    body = _body(code)
    if fragment in body:
        return True
    # Most codes are none: the check digit is worked out only where it decides.
    return body[:9].endswith(fragment[:-1]) and fragment[-1] == _isbn10(code)[-1:]
