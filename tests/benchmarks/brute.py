"""The search done by looking at everything: slow, plain and surely right, to hold the quick one against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import select

from bookwish_desk.db import items, search, tables
from bookwish_desk.db.folding import fold, query_terms
from bookwish_desk.db.store import Store


class Everything:
    """All items and titles of a store with their words."""

    def __init__(self, store: Store) -> None:
        with store.read() as conn:
            own = conn.execute(select(tables.items).order_by(tables.items.c.id)).all()
            trade = conn.execute(select(tables.titles).order_by(tables.titles.c.id)).all()
        self._own = [(row, _words(row, row.sku)) for row in own]
        skus = {row.ean: row.sku for row in own}
        self._trade = [(skus.get(row.ean, str(row.ean)), row.ean, _words(row, str(row.ean))) for row in trade]

    def found(self, typed: str, limit: int = 20) -> list[str]:
        """Return the SKUs that the search must find, in their order."""
        terms = [f" {term}" for term in re.findall(r'"([^"]+)"', query_terms(typed))]
        if not terms:
            return []
        latest = islice((row for row, words in reversed(self._own) if _all(terms, words)), search.MOST_OWN)
        best = [row.sku for row in sorted(latest, key=_rank)]
        titles = (sku for sku, _ean, words in self._trade if _all(terms, words))
        answer = _first(limit, best, titles)
        digits = typed.replace("-", "").replace(" ", "")
        inside = len(digits) >= 4 and digits.isdigit() and not digits.startswith(("978", "979"))
        return answer or (self._holding(digits, limit) if inside else [])

    def _holding(self, digits: str, limit: int) -> list[str]:
        own = [row for row, _words in self._own if digits in row.sku or digits in str(row.ean)]
        titles = (sku for sku, ean, _words in self._trade if digits in str(ean))
        return _first(limit, [row.sku for row in sorted(own, key=_rank)], titles)


def _words(row: object, sku: str) -> str:
    ean: int | None = getattr(row, "ean")  # noqa: B009 - rows are named by their columns
    texts = [fold(getattr(row, name)) for name in ("title", "authors", "publisher")]
    return " " + " ".join([*texts, items.code_words(sku, ean)])


def _all(terms: list[str], words: str) -> bool:
    return all(term in words for term in terms)


def _rank(row: object) -> tuple[bool, int, bytes, int]:
    on_hand, stocked, title, number = (getattr(row, n) for n in ("on_hand", "stocked", "title", "id"))
    return not (on_hand > 0 or not stocked), -on_hand, title.encode(), number


def _first(limit: int, own: list[str], titles: Iterator[str]) -> list[str]:
    found = dict.fromkeys(own[:limit])
    while len(found) < limit and (sku := next(titles, None)) is not None:
        found[sku] = None
    return list(found)
