"""Text from outside, made safe to show and to print: the one place that strips control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# A card number is 13 to 19 digits in one piece or in pieces parted by at most two of these marks.
_MARKS = r"[ ._/\-\u2010-\u2015\u2212]{1,2}"
_NUMBER = re.compile(rf"\d+(?:{_MARKS}\d+)*")
_PIECE = re.compile(r"\d+")
_MAJOR_BRANDS = (
    (re.compile(r"4"), 16),
    (re.compile(r"5[1-5]|22[2-9]|2[3-6]|27[01]|2720"), 16),
    (re.compile(r"3[47]"), 15),
    (re.compile(r"6(?:011|4[4-9]|5)"), 16),
)


def clean(text: str, limit: int = 200) -> str:
    """Return `text` on one line without anything a printer or a screen could take for a command.

    C0 and C1 controls, DEL, bidirectional and zero-width format characters, surrogates and private
    use go; every kind of white space becomes one blank; composed to NFC; at most `limit` characters.
    Unprintable is what `str.isprintable` says. The printing library passes ESC through: this is the guard.
    """
    joined = " ".join(text.split())
    if joined.isprintable() and unicodedata.is_normalized("NFC", joined):
        return joined[:limit].rstrip()  # nearly every text: imports clean millions of them
    spaced = "".join(" " if c.isspace() else c for c in text)
    kept = "".join(c for c in spaced if c.isprintable())
    composed = unicodedata.normalize("NFC", kept)
    return " ".join(composed.split())[:limit].rstrip()


def clean_lines(text: str, limit: int = 2000) -> str:
    """Like `clean`, but keeps line breaks: for notes, addresses and receipt texts of several lines."""
    lines = [clean(line, limit) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")[:limit].rstrip()


def clean_block(text: str, limit: int = 20_000) -> str:
    """Like `clean_lines`, but keeps the blanks within and before a line: for text that stands in columns."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    spaced = ("".join(" " if c.isspace() else c for c in line) for line in lines)
    kept = ("".join(c for c in line if c.isprintable()) for line in spaced)
    composed = "\n".join(unicodedata.normalize("NFC", line).rstrip() for line in kept)
    return composed.strip("\n")[:limit].rstrip()


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_ean(digits: str) -> bool:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return len(digits) == 13 and total % 10 == 0


def _is_article(digits: str) -> bool:
    """Say whether digits are a trade number: a book must not be taken for a card.

    An EAN-13; one of 977 to 979 with its add-on of 2 or 5 digits, or with a digit misread, since no
    card of 13 digits begins so; and an EAN-13 behind the 01 that GS1 codes put before it.
    """
    if _is_ean(digits) or (len(digits) == 16 and digits.startswith("01") and _is_ean(digits[3:])):
        return True
    if not digits.startswith(("977", "978", "979")):
        return False
    return len(digits) == 13 or (len(digits) in (15, 18) and _is_ean(digits[:13]))


def _is_parcel(digits: str) -> bool:
    """Say whether digits are a whole parcel number of USPS (IMpb): 22 of them, or with 420 and a ZIP before.

    Card numbers are shorter; groups of such a number often look like one.
    """
    number = digits[-22:]
    if len(digits) not in (22, 30, 34) or (len(digits) > 22 and not digits.startswith("420")):
        return False
    if number[0] != "9" or number[1] not in "12345":
        return False
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(reversed(number)))
    return total % 10 == 0


def _is_card(digits: str) -> bool:
    """Say whether digits look like a card's: 13 to 19, not from 0, fitting the Luhn check (PCI DSS 3)."""
    return 13 <= len(digits) <= 19 and digits[0] != "0" and _luhn(digits) and not _is_article(digits)


def _card_spans(text: str) -> list[tuple[int, int]]:
    """Return where card numbers stand in `text`, in order and without overlap."""
    spans: list[tuple[int, int]] = []
    for number in _NUMBER.finditer(text):
        if _is_parcel(_ascii("".join(_PIECE.findall(number[0])))):
            continue
        pieces = [(p.start() + number.start(), p.end() + number.start()) for p in _PIECE.finditer(number[0])]
        for first, last in _spans_in(text, pieces):
            if spans and first < spans[-1][1]:
                spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
            else:
                spans.append((first, last))
    return spans


def _spans_in(text: str, pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the card numbers that begin with each piece; whole pieces only, articles passed over.

    Digits glued behind a card number (an expiry date, a security code) do not hide a major brand.
    """
    skip_to = 0
    for start, (first, end) in enumerate(pieces):
        if start < skip_to:
            continue
        digits = ""
        longest = 0
        for stop in range(start, min(len(pieces), start + 19)):
            digits += _ascii(text[pieces[stop][0] : pieces[stop][1]])
            if len(digits) > 19:
                break
            if _is_article(digits):
                if digits.startswith(("977", "978", "979")):
                    skip_to = stop + 1
            elif _is_card(digits):
                longest = pieces[stop][1]
        if longest:
            yield first, longest
            continue
        if end - first > 16 and start >= skip_to:
            whole = _ascii(text[first:end])
            for prefix, size in _MAJOR_BRANDS:
                if prefix.match(whole) and _luhn(whole[:size]) and not _is_article(whole):
                    yield first, end


def _ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits)


def holds_card_number(text: str) -> bool:
    """Say whether `text` holds what looks like a payment card number. Such text is refused."""
    return bool(_card_spans(text))


def is_card_number(text: str) -> bool:
    """Say whether `text` is the card number of a major brand and nothing else.

    For numbers of parcels, which are long, are typed in groups, and hold what would pass for a card.
    """
    digits = re.sub(_MARKS, "", text.strip())
    if not digits.isdecimal():
        return False
    number = _ascii(digits)
    fits = any(prefix.match(number) and len(number) == size for prefix, size in _MAJOR_BRANDS)
    return fits and _luhn(number)


def mask_cards(text: str) -> str:
    """Return `text` with every card number but its last four digits masked: for logs and messages."""
    while spans := _card_spans(text):  # again, for the four digits left may run on into a new number
        for first, last in reversed(spans):
            text = text[:first] + _all_but_last_four(text[first:last]) + text[last:]
    return text


def _all_but_last_four(number: str) -> str:
    seen, masked = 0, []
    for char in reversed(number):
        seen += char.isdecimal()
        masked.append("•" if char.isdecimal() and seen > 4 else char)
    return "".join(reversed(masked))
