"""The search done by looking at everything: slow, plain and surely right, to hold the quick one against.

It folds, parts and compares in its own way; only `fold` itself, which has tests of its own, is shared.
"""

from __future__ import annotations

import heapq
import re
from array import array
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from typing import Any

from sqlalchemy import select

from bookwish_desk.db import tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Store

_WORDS = ("title", "subtitle", "authors", "publisher", "series")


class _Lines:
    """One long text of many lines, and where each of them ends."""

    def __init__(self, lines: Iterable[str]) -> None:
        made, self._ends, at = StringIO(), array("q"), 0
        for line in lines:
            at += made.write(f" {line}\n")
            self._ends.append(at)
        self._text = made.getvalue()

    def holding(self, wanted: list[str]) -> Iterator[int]:
        """Yield the numbers of the lines that hold every text wanted, in order."""
        # The longest is the rarest: look for it in the whole text, then at each line that has it.
        rarest, at, place = max(wanted, key=len), 0, 0
        while (at := self._text.find(rarest, at)) >= 0:
            while self._ends[place] <= at:
                place += 1
            if all(text in self[place] for text in wanted):
                yield place
            at = self._ends[place]

    def __getitem__(self, place: int) -> str:
        return self._text[self._ends[place - 1] if place else 0 : self._ends[place] - 1]


class Everything:
    """All items and titles of a store with their words."""

    def __init__(self, store: Store) -> None:
        t = tables.titles.c
        with store.read() as conn:
            self._own = sorted(conn.execute(select(tables.items)).all(), key=_rank)
            self._eans = array("q", conn.execute(select(t.ean).order_by(t.id)).scalars())
            rows = conn.execute(select(*(t[name] for name in _WORDS)).order_by(t.id))
            self._words = _Lines(fold(" ".join(row)) for row in rows)
        self._codes = _Lines(" ".join(_codes(ean)) for ean in self._eans)
        self._own_words = [_own_words(row) for row in self._own]
        self._skus = {row.ean: row.sku for row in self._own if row.ean is not None}

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
            if all(term in words for term in terms) or (code and f" {code}" in words)
        )
        begins = self._codes.holding([f" {code}"]) if code else iter(())
        answer = self._first(limit, own, heapq.merge(self._words.holding(terms), begins))
        if answer or not code or code.startswith(("978", "979")):
            return answer
        inside = (row.sku for row in self._own if code in row.sku.lower() or _inside(code, _ean(row)))
        held = (place for place in self._codes.holding([code]) if _inside(code, self._eans[place]))
        return self._first(limit, inside, held)

    def _first(self, limit: int, own: Iterable[str], places: Iterator[int]) -> list[str]:
        found = dict.fromkeys(islice(own, limit))
        while len(found) < limit and (place := next(places, None)) is not None:
            ean = self._eans[place]
            found[self._skus.get(ean, str(ean))] = None
        return list(found)


def _own_words(row: Any) -> str:
    texts = (row.title, row.authors, row.publisher, row.series, row.sku)
    return f" {' '.join((fold(' '.join(texts)), *_codes(_ean(row))))}"


def _ean(row: Any) -> int | None:
    return row.ean or row.of_ean


def _codes(ean: int | None) -> tuple[str, ...]:
    """Return the code of a made-up title, all of which are ISBNs that begin with 978, and its ISBN-10."""
    if ean is None:
        return ()
    body = str(ean)[3:12]
    check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    return str(ean), body + ("x" if check == 10 else str(check))


def _inside(code: str, ean: int | None) -> bool:
    return any(code in text.removeprefix("978") for text in _codes(ean))


def _rank(row: Any) -> tuple[bool, int, int, bytes, int]:
    available = row.on_hand > 0 or not row.stocked
    return not available, -row.sold, -row.on_hand, row.title.encode(), row.id
