"""How words are folded before they are indexed or looked for: one table for both sides.

Accents, case and special letters fold to plain ASCII (anyascii): "lodz" finds Łódź, "strasse" Straße.
SQLite's own folding misses these.
"""

from __future__ import annotations

from collections.abc import Iterable


class _Letters(dict[int, str | None]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        if letter in "'\N{RIGHT SINGLE QUOTATION MARK}":
            folded = None
        else:
            folded = "".join(c if c.isalnum() else " " for c in _plain(letter).lower().replace("'", ""))
        self[code] = folded
        return folded


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    from anyascii import anyascii

    return anyascii(letter)


_LETTERS = _Letters()


def fold(text: str) -> str:
    """Return the words of `text` in lower-case ASCII with single blanks between them.

    Apostrophes are left out ("o'brien" is one word); all else that is no letter or digit parts words.
    """
    return " ".join(text.translate(_LETTERS).split())


TEXT = "concat_ws(' ', t.title, t.subtitle, t.authors, t.publisher, t.series)"
"""All words of a title `t`, in one text, as SQL."""

MOST_TERMS = 12
"""Of the words typed, this many are looked for."""


def terms(typed: str) -> list[str]:
    """Return the words typed, without those that another begins with: what has that one has both."""
    words = list(dict.fromkeys(fold(typed).split()))[:MOST_TERMS]
    return [w for w in words if not any(other != w and other.startswith(w) for other in words)]


def prefixes(terms: Iterable[str]) -> str:
    """Return the FTS5 query for texts that have a word beginning with each term; empty for none."""
    return " ".join(f'"{term}"*' for term in terms)


def matches(terms: Iterable[str], folded: str) -> bool:
    """Say whether a folded text has a word beginning with each term."""
    words = f" {folded}"
    return all(f" {term}" in words for term in terms)
