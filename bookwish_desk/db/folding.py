"""How words are folded before they are indexed or looked for: one table for both sides.

Accents, case and special letters fold to plain ASCII (anyascii): "lodz" finds Łódź, "strasse" Straße.
SQLite's own folding misses these.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Return the words of `text` in lower-case ASCII with single blanks between them."""
    from anyascii import anyascii

    plain = anyascii(text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")).lower()
    return " ".join(_WORD.findall(plain.replace("'", "")))


MOST_TERMS = 12


def terms(typed: str) -> list[str]:
    """Return the words typed, of which at most this many are looked for."""
    return fold(typed).split()[:MOST_TERMS]


def query_terms(typed: str) -> str:
    """Return an FTS5 query for what was typed: every word a quoted prefix, all of them wanted.

    Empty when nothing but punctuation was typed. Quotes and operators lose their meaning in `fold`.
    """
    return " ".join(f'"{term}"*' for term in terms(typed))
