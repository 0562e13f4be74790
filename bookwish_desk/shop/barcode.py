"""What a scanned or typed code means, and the codes the shop prints itself: pure, no look-ups.

`parse` turns any text into one `Scan`. It decides by the text alone; whether the shop knows the code
is asked elsewhere. A price in an add-on is a hint and never the price of record.
"""

from __future__ import annotations

import base64
import re
from typing import Literal

import msgspec

from bookwish_desk.shop.text import clean, holds_card_number

Kind = Literal[
    "book", "music", "serial", "ean", "upc", "in_shop", "receipt", "held", "badge", "other", "card", "invalid"
]
Condition = Literal["", "used", "desk_copy"]

_LONGEST = 128  # characters; a GS1 QR code with a web address is the longest thing a book carries

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_CARRIERS = ("]C1", "]e0", "]d2", "]Q3")
_GUARD = re.compile(r'="?([^"]*)"?')
_LABEL = re.compile(r"(?:urn:)?(?:isbn|issn|ean|upc|gtin)(?:-1[034])?[:\s]*(?=[\d ])", re.IGNORECASE)
_FLOAT = re.compile(r"\d+[.,]\d+[eE][+-]?\d+|\d[eE]\+\d+")
_WHOLE_FLOAT = re.compile(r"(\d{7,13})\.0")
_WITH_ADDON = re.compile(r"(.+) (\d{5}|\d{2})", re.ASCII)
_FNC1 = "\x1d"
_ELEMENT = re.compile(r"01(\d{14})", re.ASCII)
_BRACKETED = re.compile(r"\(01\)(\d{14})(?!\d)", re.ASCII)
_FIXED = dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6) | {"00": 18, "01": 14, "02": 14, "20": 2}
_WEB_LINK = re.compile(r"https?://\S+?/01/(\d{8}|\d{12,14})(?:[/?#].*)?", re.ASCII | re.IGNORECASE)
_OWN = re.compile(r"([RH])([1-9]\d{0,3})-(\d{1,12})", re.ASCII)
_BADGE = re.compile(r"S-[A-Z2-7]{12}", re.ASCII)
_ISSN = re.compile(r"\d{4}-\d{3}[\dX]", re.ASCII)

_CURRENCIES = {"0": "GBP", "1": "GBP", "3": "AUD", "4": "NZD", "5": "USD", "6": "CAD"}
_CONDITIONS: dict[str, Condition] = {"99990": "used", "99991": "desk_copy"}  # NACS

_MISREAD = "The check digit does not fit. Scan it again, or type the digits from the book."
_CARTON = "This is the code of a carton. Scan one copy instead."


class Scan(msgspec.Struct, frozen=True):
    """What one scan means.

    `code` is the canonical text: 13 digits for every trade code (`ean` is the same as a number), the
    code in capitals for the shop's own printed codes, and the cleaned text for `other` and `invalid`:
    look those up in the shop's own codes before refusing. It is empty for a card, which is not kept.
    `reason` says in plain words why an `invalid` or a `card` is refused.
    `recovered` tells that leading zeros lost in a spreadsheet were put back (only when importing).
    """

    kind: Kind
    code: str
    ean: int | None = None
    isbn10: str = ""
    issn: str = ""
    addon: str = ""
    price_hint_cents: int | None = None
    price_hint_currency: str = ""
    condition: Condition = ""
    issue: str = ""
    register: int | None = None
    number: int | None = None
    recovered: bool = False
    reason: str = ""


def parse(scan: str, importing: bool = False) -> Scan:
    """Say what `scan` means; never raises.

    `importing` accepts what spreadsheets do to a column of ISBNs: leading zeros lost (7 to 9 digits
    whose padded form is a valid ISBN-10) and a trailing `.0`. A scanner never sends those.
    """
    text, carrier = _bare(scan)
    if not text:
        return Scan("invalid", "", reason="The scan was empty. Scan again.")
    found = (
        _printed_here(text)
        or _linked(text, carrier)
        or _separate_addon(text, importing)
        or _numbered(text, carrier, importing)
    )
    if found and found.kind != "invalid":
        return found
    if holds_card_number(text):
        return Scan("card", "", reason="This looks like a payment card number. It was not kept.")
    if len(text) > _LONGEST:
        return Scan("invalid", text[:_LONGEST], reason="This is too long to be a code.")
    return found or Scan("other", text)


def _bare(scan: str) -> tuple[str, str]:
    """Return what was scanned without what scanners and spreadsheets put around it, and its AIM code."""
    text = clean(scan[: 4 * _LONGEST], _LONGEST + 1)
    carrier = text[:3] if _AIM.match(text) else ""
    text = text[len(carrier) :].strip()
    if not carrier and _FNC1 in scan:
        carrier = _GS1_CARRIERS[0]  # nothing but GS1 codes has it inside
    if guarded := _GUARD.fullmatch(text):
        text = guarded[1].strip()
    return text, carrier


def corrections(scan: str) -> tuple[Scan, ...]:
    """Return every ISBN that one changed digit would make of one whose check digit does not fit.

    In the order of the digit's place, none for a code that fits as it is or has another length than 10 or
    13. 979-0 is printed music and never among them. Which of them exist, and which it is, others must say.
    """
    digits = _digits(_LABEL.sub("", _bare(scan)[0], count=1))
    if len(digits) not in (10, 13) or parse(digits).kind != "invalid":
        return ()
    changed = (
        digits[:place] + digit + digits[place + 1 :]
        for place in range(len(digits))
        for digit in ("0123456789X" if place == 9 and len(digits) == 10 else "0123456789")
    )
    return tuple(book for code in changed if (book := parse(code)).kind == "book")


def is_addon(text: str) -> bool:
    """Say whether `text` is the small barcode beside a bigger one, sent as a scan of its own."""
    return bool(_addon_digits(text))


def with_addon(scan: Scan, addon: str) -> Scan:
    """Return `scan` with the meaning of its add-on; unchanged when it cannot carry one.

    EAN-5 on a book: 5 US dollars, 6 Canadian, 4 New Zealand, 3 Australian dollars, 0 and 1 pounds,
    then the price in cents; 9999 after the first digit means "that or more", 90000 and up no price.
    On a magazine the add-on is the issue.
    """
    digits = _addon_digits(addon)
    if not digits or scan.kind not in ("book", "music", "serial", "ean", "upc"):
        return scan
    if scan.kind not in ("book", "music"):
        return msgspec.structs.replace(scan, addon=digits, issue=digits)
    currency, cents = _CURRENCIES.get(digits[0], ""), int(digits[1:])
    priced = len(digits) == 5 and currency != "" and 0 < cents < 9999
    return msgspec.structs.replace(
        scan,
        addon=digits,
        price_hint_cents=cents if priced else None,
        price_hint_currency=currency if priced else "",
        condition=_CONDITIONS.get(digits, ""),
    )


def receipt_code(register: int, number: int) -> str:
    """Return the code printed on a receipt: R1-000042."""
    return _own_code("R", register, number)


def held_code(register: int, number: int) -> str:
    """Return the code printed on a held-sale slip: H1-000042."""
    return _own_code("H", register, number)


def badge_code(seed: bytes) -> str:
    """Return a staff badge's code from at least 8 random bytes: S- and 12 characters of base 32."""
    if len(seed) < 8:
        raise ValueError("a badge needs 8 random bytes")
    return "S-" + base64.b32encode(seed[:8]).decode("ascii")[:12]


def in_shop_code(number: int, prefix: int = 20) -> str:
    """Return the 13 digits of an in-shop label: `prefix` (20 to 29), ten digits, a check digit."""
    if not 20 <= prefix <= 29 or not 0 <= number <= 9_999_999_999:
        raise ValueError("an in-shop label has a prefix of 20 to 29 and a number of up to 10 digits")
    body = f"{prefix}{number:010d}"
    return body + _check_digit(body)


def _own_code(letter: str, register: int, number: int) -> str:
    if not 1 <= register <= 9999 or not 1 <= number <= 999_999_999_999:
        raise ValueError("registers count from 1 to 9999 and numbers from 1 to 999999999999")
    return f"{letter}{register}-{number:06d}"


def _printed_here(text: str) -> Scan | None:
    code = text.upper()
    if own := _OWN.fullmatch(code):
        register, number = int(own[2]), int(own[3])
        if number:
            kind: Kind = "receipt" if own[1] == "R" else "held"
            return Scan(kind, _own_code(own[1], register, number), register=register, number=number)
    if _BADGE.fullmatch(code):
        return Scan("badge", code)
    return None


def _linked(text: str, carrier: str) -> Scan | None:
    """Read the article out of GS1 element strings ("01" + 14 digits) and GS1 web links."""
    if link := _WEB_LINK.fullmatch(text):
        return _article(link[1])
    if text.startswith("(") and (bracketed := _BRACKETED.search(text)):
        return _article(bracketed[1])
    if carrier in _GS1_CARRIERS:
        return _article(_gtin_of(text))
    if alone := _ELEMENT.fullmatch(text):
        return _article(alone[1])
    return None


def _gtin_of(elements: str) -> str:
    """Return the GTIN-14 among GS1 element strings, empty where there is none.

    A blank stands where FNC1 ended an element; those of a set length need none (GS1 General
    Specifications, 7.8.5).
    """
    for piece in elements.split(" "):
        at = 0
        while size := _FIXED.get(piece[at : at + 2]):
            if element := _ELEMENT.match(piece, at):
                return element[1]
            at += 2 + size
    return ""


def _separate_addon(text: str, importing: bool) -> Scan | None:
    parts = _WITH_ADDON.fullmatch(text)
    if not parts or len(_digits(parts[1])) not in (10, 12, 13):
        return None
    main = _numbered(parts[1], "", importing)
    return with_addon(main, parts[2]) if main and main.kind != "invalid" else None


def _numbered(text: str, carrier: str, importing: bool) -> Scan | None:
    """Read a code made of digits; None when the text is no trade number at all."""
    if _FLOAT.fullmatch(text):
        return Scan("invalid", text, reason="A spreadsheet has cut this number short. Type it from the book.")
    if importing and (whole := _WHOLE_FLOAT.fullmatch(text)):
        text = whole[1]
    bare = _LABEL.sub("", text, count=1)
    digits = _digits(bare)
    if len(digits) == 8 and (_ISSN.fullmatch(bare.upper()) or digits.endswith("X")):
        return _from_issn(digits)
    if importing and 7 <= len(digits) <= 9 and _is_isbn10(padded := digits.zfill(10)):
        return msgspec.structs.replace(_from_isbn10(padded), recovered=True)
    if len(digits) == 10:
        return _from_isbn10(digits) if _is_isbn10(digits) else Scan("invalid", digits, reason=_MISREAD)
    return _by_length(digits, carrier) if digits.isdigit() else None


def _by_length(digits: str, carrier: str) -> Scan | None:
    """Read an article number, alone or joined with its add-on; None when no article has this length."""
    size = len(digits)
    if size == 8:
        return _article(digits) or _from_issn(digits)
    if size in (15, 18) and (carrier == "]E3" or digits.startswith(("977", "978", "979"))):
        return _joined(digits, 13)
    if size == 17 or (size == 14 and carrier == "]E3"):
        return _joined(digits, 12)
    if size == 14:
        refused = Scan("invalid", digits, reason=_CARTON if _check_fits(digits) else _MISREAD)
        return _article(digits) or _joined(digits, 12) or refused
    if size in (12, 13):
        return _article(digits) or Scan("invalid", digits, reason=_MISREAD)
    return None


def _article(digits: str) -> Scan | None:
    """Return the article of a GTIN of 8, 12, 13 or 14 digits; None when its check digit does not fit.

    A GTIN-14 counts only with the indicator 0: any other is a carton's. Prefixes 02, 04 and 20-29,
    and GTIN-8 from 0 or 2, are for use inside a shop (GS1 General Specifications, 1.4.2).
    """
    if not digits or not _check_fits(digits) or (len(digits) == 14 and digits[0] != "0"):
        return None
    code = digits[-13:].zfill(13)
    ean = int(code)
    if code.startswith("9790"):  # printed music: an ISMN, though it looks like an ISBN
        return Scan("music", code, ean)
    if code.startswith(("978", "979")):
        return Scan("book", code, ean, isbn10=isbn10_of(code))
    if code.startswith("977"):
        return Scan("serial", code, ean, issn=_issn_of(code))
    if len(digits) == 8:
        return Scan("in_shop" if digits[0] in "02" else "ean", code, ean)
    if code[0] == "2" or code.startswith(("02", "04")):
        return Scan("in_shop", code, ean)
    return Scan("upc" if code[0] == "0" else "ean", code, ean)


def _joined(digits: str, size: int) -> Scan | None:
    """Split an add-on off a code of `size` digits. A card number must not pass for UPC and add-on."""
    if size == 12 and holds_card_number(digits):
        return None
    main = _article(digits[:size])
    if main:
        return with_addon(main, digits[size:])
    return Scan("invalid", digits, reason=_MISREAD) if size == 13 else None


def _digits(text: str) -> str:
    """Return `text` without hyphens and blanks when digits are left (and a final X), else nothing."""
    bare = text.translate(_DROPPED).upper()
    body = bare[:-1] if bare.endswith("X") else bare
    return bare if body.isascii() and body.isdigit() else ""


_DROPPED = {ord(c): None for c in " -\u2010\u2011\u2012\u2013\u2014\u2212"}


def _addon_digits(text: str) -> str:
    text = clean(text, 16)
    text = text[3:] if _AIM.match(text) else text
    return text if len(text) in (2, 5) and text.isascii() and text.isdigit() else ""


# Check digits are worked out here: python-stdnum takes as long to import as the window takes to be painted.
# It is the second opinion of the tests.


def _check_digit(body: str) -> str:
    """Return the check digit of a GTIN (GS1 General Specifications, 7.9)."""
    return str(-sum(int(d) * (1 if place % 2 else 3) for place, d in enumerate(reversed(body))) % 10)


def _check_letter(body: str) -> str:
    """Return the check digit of an ISBN-10 (ISO 2108:1992) or an ISSN (ISO 3297), X for ten."""
    weighed = sum(int(d) * weight for d, weight in zip(body, range(len(body) + 1, 1, -1), strict=True))
    return "0123456789X"[-weighed % 11]


def _check_fits(digits: str) -> bool:
    return _check_digit(digits[:-1]) == digits[-1]


def _is_isbn10(digits: str) -> bool:
    return digits[:-1].isdigit() and _check_letter(digits[:-1]) == digits[-1]


def _from_isbn10(digits: str) -> Scan:
    code = f"978{digits[:-1]}"
    code += _check_digit(code)
    return Scan("book", code, int(code), isbn10=digits)


def isbn10_of(code: str) -> str:
    """Return the ISBN-10 of a valid ISBN-13; empty for 979, which has none."""
    if not code.startswith("978"):
        return ""
    return code[3:12] + _check_letter(code[3:12])


def _from_issn(digits: str) -> Scan | None:
    if not digits[:-1].isdigit() or _check_letter(digits[:-1]) != digits[-1]:
        return None
    code = f"977{digits[:-1]}00"
    code += _check_digit(code)
    return Scan("serial", code, int(code), issn=f"{digits[:4]}-{digits[4:]}")


def _issn_of(code: str) -> str:
    body = code[3:10]
    return f"{body[:4]}-{body[4:]}{_check_letter(body)}"
