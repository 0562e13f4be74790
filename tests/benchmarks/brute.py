"""The search done by looking at everything: slow, plain and surely right, to hold the quick one against.

It folds, parts and compares in its own way; only `fold` itself, which has tests of its own, is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select

from bookwish_desk.db import tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Store

_WORDS = ("title", "subtitle", "authors", "publisher", "series")


class Everything:
    """All items and titles of a store with their words, as two long texts that are looked through."""

    def __init__(self, store: Store) -> None:
        t = tables.titles.c
        with store.read() as conn:
            own = conn.execute(select(tables.items)).all()
            self._own = sorted(own, key=_rank)
            self._own_words = [_own_words(row) for row in self._own]
            skus = {row.ean: row.sku for row in own if row.ean is not None}
            self._skus: list[str] = []
            self._codes: list[tuple[str, ...]] = []
            words = []
            for ean, *texts in conn.execute(select(t.ean, *(t[name] for name in _WORDS)).order_by(t.id)):
                self._skus.append(skus.get(ean, str(ean)))
                self._codes.append(_codes(ean))
                words.append(f" {fold(' '.join(texts))}")
        self._text = "\n".join(words)
        self._ends = _ends(words)

    def found(self, typed: str, limit: int = 20) -> list[str]:
        """Return the SKUs that the search must find, in their order."""
        terms = [f" {term}" for term in fold(typed).split()[:12]]
        if not terms:
            return []
        code = re.sub("[- ]", "", typed).lower()
        if not re.fullmatch("[0-9]{3,}[0-9x]", code):
            code = ""
        own = (
            row.sku
            for row, words in zip(self._own, self._own_words, strict=True)
            if _all(terms, words) or (code and f" {code}" in words)
        )
        answer = _first(limit, own, self._titles(terms, code))
        if answer or not code or code.startswith(("978", "979")):
            return answer
        inside = (
            row.sku
            for row in self._own
            if code in row.sku.lower() or _inside(code, _codes(row.ean or row.of_ean))
        )
        held = (sku for sku, codes in zip(self._skus, self._codes, strict=True) if _inside(code, codes))
        return _first(limit, inside, held)

    def _titles(self, terms: list[str], code: str) -> Iterator[str]:
        if code:
            for place, codes in enumerate(self._codes):
                begins = any(text.startswith(code) for text in codes)
                if begins or _all(terms, self._words(place)):
                    yield self._skus[place]
            return
        # The longest term is the rarest: look for it in the whole text, then at each line that has it.
        rarest, at, place = max(terms, key=len), 0, 0
        while (at := self._text.find(rarest, at)) >= 0:
            while self._ends[place] <= at:
                place += 1
            if _all(terms, self._words(place)):
                yield self._skus[place]
            at = self._ends[place]

    def _words(self, place: int) -> str:
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place]]


def _ends(lines: list[str]) -> list[int]:
    ends, at = [], 0
    for line in lines:
        at += len(line) + 1
        ends.append(at)
    return ends


def _own_words(row: Any) -> str:
    texts = (row.title, row.authors, row.publisher, row.series, row.sku)
    return f" {' '.join((fold(' '.join(texts)), *_codes(row.ean or row.of_ean)))}"


def _codes(ean: int | None) -> tuple[str, ...]:
    """Return the code of a made-up title, all of which are ISBNs that begin with 978, and its ISBN-10."""
    if ean is None:
        return ()
    body = str(ean)[3:12]
    check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    return str(ean), body + ("x" if check == 10 else str(check))


def _inside(code: str, codes: tuple[str, ...]) -> bool:
    return any(code in text.removeprefix("978") for text in codes)


def _all(terms: list[str], words: str) -> bool:
    return all(term in words for term in terms)


def _rank(row: Any) -> tuple[bool, int, int, bytes, int]:
    available = row.on_hand > 0 or not row.stocked
    return not available, -row.sold, -row.on_hand, row.title.encode(), row.id


def _first(limit: int, own: Iterable[str], titles: Iterator[str]) -> list[str]:
    found = dict.fromkeys(islice(own, limit))
    while len(found) < limit and (sku := next(titles, None)) is not None:
        found[sku] = None
    return list(found)
