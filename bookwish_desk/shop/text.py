"""Text from outside, made safe to show and to print: the one place that strips control characters."""

from __future__ import annotations

import unicodedata


def clean(text: str, limit: int = 200) -> str:
    """Return `text` on one line without anything a printer or a screen could take for a command.

    C0 and C1 controls, DEL, bidirectional and zero-width format characters, surrogates and private
    use go; every kind of white space becomes one blank; composed to NFC; at most `limit` characters.
    Unprintable is what `str.isprintable` says (facts: python-escpos passes ESC through).
    """
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if c.isspace() else c for c in composed)
    kept = "".join(c for c in spaced if c.isprintable())
    return " ".join(kept.split())[:limit].rstrip()


def clean_lines(text: str, limit: int = 2000) -> str:
    """Like `clean`, but keeps line breaks: for notes, addresses and receipt texts of several lines."""
    lines = [clean(line, limit) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")[:limit]


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_book(digits: str) -> bool:
    """Say whether 13 digits are an EAN with a good check digit: a book must not be taken for a card."""
    if len(digits) != 13:
        return False
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return total % 10 == 0


def _card_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of `text` that look like a payment card number.

    13 to 19 digits, optionally grouped by single blanks, dashes or dots, passing the Luhn check
    (PCI DSS requirement 3), except a valid EAN-13.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        if not _digit(text[start]):
            start += 1
            continue
        end, places = start, []
        while end < len(text):
            if _digit(text[end]):
                places.append(end)
                end += 1
            elif text[end] in " -." and end + 1 < len(text) and _digit(text[end + 1]):
                end += 1
            else:
                break
        digits = "".join(text[p] for p in places)
        found = None
        for size in range(min(19, len(digits)), 12, -1):
            for first in range(len(digits) - size + 1):
                part = digits[first : first + size]
                if _luhn(part) and not _is_book(part) and int(part):
                    found = (places[first], places[first + size - 1] + 1)
                    break
            if found:
                break
        whole = len(digits) in (10, 12, 13, 15, 18) and _is_book(digits[:13])
        if found and not whole:
            spans.append(found)
        start = end
    return spans


def _digit(char: str) -> bool:
    return char in "0123456789"


def holds_card_number(text: str) -> bool:
    """Say whether `text` holds what looks like a payment card number. Such text is refused."""
    return bool(_card_spans(text))


def mask_cards(text: str) -> str:
    """Return `text` with every card number but its last four digits masked: for logs and messages."""
    for first, last in reversed(_card_spans(text)):
        seen, masked = 0, []
        for char in reversed(text[first:last]):
            if _digit(char):
                seen += 1
                masked.append(char if seen <= 4 else "•")
            else:
                masked.append(char)
        text = text[:first] + "".join(reversed(masked)) + text[last:]
    return text
