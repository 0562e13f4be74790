"""Search as it is typed: the shop's own items first, then the trade's titles in order of their place.

Words are found by their beginnings in full-text indexes, codes by ranges of EANs. `first` answers within
a frame; where it could not look everywhere, `search` does: a large catalogue's whole index, and what an
import has not indexed yet, title by title.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.db import codes
from bookwish_desk.db.folding import TEXT, fold, matches, prefixes, terms
from bookwish_desk.db.link import driver_of
from bookwish_desk.db.lookup import FIELDS, as_item
from bookwish_desk.shop.item import Item

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SELECT = f"SELECT {', '.join(FIELDS.values())} FROM"
_BEST_FIRST = (
    "(items.on_hand > 0 OR NOT items.stocked) DESC, items.sold DESC, items.on_hand DESC,"
    " items.title, items.id"
)
_OWN = (
    f"{_SELECT} items LEFT JOIN catalogue.titles ON titles.ean = coalesce(items.ean, items.of_ean)"
    f" WHERE items.id IN ({{}}) ORDER BY {_BEST_FIRST}"
)
_OWN_BY_WORDS = _OWN.format(
    "SELECT items.id FROM item_search CROSS JOIN items ON items.id = item_search.rowid"
    f" WHERE item_search MATCH ? ORDER BY {_BEST_FIRST} LIMIT ?"
)
_OWN_BY_DIGITS = _OWN.format(
    "SELECT id FROM items WHERE instr(sku, ?1) UNION ALL SELECT id FROM items WHERE instr(ean, ?1)"
    " UNION ALL SELECT id FROM items WHERE instr(of_ean, ?1)"
)
_AT = (
    f"{_SELECT} catalogue.titles LEFT JOIN items ON items.ean = titles.ean"
    " WHERE titles.id IN (SELECT value FROM json_each(?)) ORDER BY titles.id"
)

_STATE = (
    "SELECT (SELECT value FROM catalogue.marks WHERE name = 'hot'),"
    " (SELECT min(id) FROM catalogue.unsearched)"
)
_BY_WORDS = "SELECT rowid FROM catalogue.{0} WHERE {0} MATCH ? ORDER BY rowid LIMIT ?"
_NEARLY = (
    f"SELECT t.id, {TEXT} FROM catalogue.{{0}} AS s CROSS JOIN catalogue.titles AS t ON t.id = s.rowid"
    " WHERE {0} MATCH ? ORDER BY s.rowid LIMIT ?"
)
_LONGEST = 5
"""The indexes know beginnings of so many letters. Longer ones they put together from all words that have
them, which takes the longer the more titles fit: then it is quicker to read some titles that nearly fit."""

_NEAR = 2
"""So many times the titles wanted are read."""

_BY_GROUPS = (
    "SELECT t.id, t.ean FROM catalogue.code_search AS s CROSS JOIN catalogue.titles AS t ON t.id = s.rowid"
    " WHERE code_search MATCH ? ORDER BY s.rowid"
)
_FEW = 20_000
"""So many EANs are sorted by place, or titles looked through for those of a range, within a frame."""

_IS_MUCH = (
    "SELECT count(*) FROM (SELECT 1 FROM catalogue.titles WHERE ean BETWEEN ? AND ?"
    f" LIMIT {_FEW + 1}) HAVING count(*) > {_FEW}"
)
_IN_RANGE = "SELECT id FROM catalogue.titles WHERE ean BETWEEN ? AND ? ORDER BY +id LIMIT ?"
_ALONG = (
    f"SELECT id FROM (SELECT id, ean FROM catalogue.titles ORDER BY id LIMIT {_FEW})"
    " WHERE ean BETWEEN ? AND ? LIMIT ?"
)

_MOST_READ = 1_000
"""So many codes are held against a fragment within a frame; a few hundred are enough but for a final X."""

# While an import is indexed: a title that waits may have other words than the index knows.
_MAYBE_WORDS = (
    f"SELECT t.id, CASE WHEN u.id IS NOT NULL THEN {TEXT} END FROM catalogue.title_search AS s"
    " CROSS JOIN catalogue.titles AS t ON t.id = s.rowid LEFT JOIN catalogue.unsearched AS u ON u.id = t.id"
    " WHERE title_search MATCH ? ORDER BY s.rowid"
)
_WAITING = (
    "SELECT id, text FROM (SELECT t.id, {0} AS text FROM catalogue.unsearched AS u"
    " CROSS JOIN catalogue.titles AS t ON t.id = u.id ORDER BY u.id LIMIT -1)"
    " WHERE octet_length(text) <> length(text) OR ({1})"
)
_HAS = "replace(text, '''', '') LIKE ?"
_WAITING_CODES = (
    "SELECT t.id, t.ean FROM catalogue.unsearched AS u CROSS JOIN catalogue.titles AS t ON t.id = u.id"
    " WHERE instr(t.ean, ?) ORDER BY u.id"
)


class Answer(msgspec.Struct, frozen=True):
    """What was found at once. `whole` is False where a longer look (`search`) may find more."""

    items: tuple[Item, ...]
    whole: bool


def first(conn: Connection, typed: str, limit: int = 20) -> Answer:
    """Return what fits all words typed so far, in any order, accents and case folded both ways.

    The shop's own items come first (what can be sold at once before what is out of stock, then what sold
    most), then the trade's titles in falling popularity. Where nothing begins with the digits typed,
    codes that hold them anywhere are found. Anything typed is ordinary text.
    """
    asked = _Asked(conn, typed, limit)
    if not asked.match:
        return Answer((), whole=True)
    hot, waiting = asked.state()
    index = "title_search" if hot is None else "hot_search"
    found = asked.found(asked.known(index), asked.holding())
    if hot is None and waiting is None:
        whole = not asked.cut
    else:
        # What is found better than any place that was not looked at will stay the best.
        looked_at = min(end for end in (hot, waiting and waiting - 1) if end is not None)
        whole = not asked.cut and len(found) >= limit and asked.last <= looked_at
    return Answer(found, whole)


def search(conn: Connection, typed: str, limit: int = 20) -> tuple[Item, ...]:
    """Return what `first` would if it could look everywhere, however long that takes."""
    asked = _Asked(conn, typed, limit)
    if not asked.match:
        return ()
    _hot, waiting = asked.state()
    if waiting is not None:
        return asked.found(asked.everywhere(), asked.holding_everywhere())
    return asked.found(asked.known("title_search", patient=True), asked.holding(patient=True))


class _Asked:
    """One search: what was typed, put for each index, and the connection that answers it."""

    def __init__(self, conn: Connection, typed: str, limit: int) -> None:
        self._driver = driver_of(conn)
        self._limit = limit
        self._terms = terms(typed)
        self._code = codes.typed_code(typed)
        self._inside = codes.is_fragment(self._code)
        self.match = prefixes(self._terms)
        self.last = 0  # the last place that was found
        self.cut = False  # codes were not looked through to their end

    def state(self) -> tuple[int | None, int | None]:
        """Return the last place of the hot tier and the first that waits for words, where there are such."""
        hot, waiting = self._driver.execute(_STATE).fetchone()
        return hot, waiting

    def found(self, places: Iterator[int], holding: Iterator[int]) -> tuple[Item, ...]:
        """Return own items, then titles at these places; where nothing fits, what holds the digits."""
        own = f'({self.match}) OR "{self._code}"*' if self._code else self.match
        found: dict[str, Item] = {}
        self._take(found, self._driver.execute(_OWN_BY_WORDS, (own, self._limit)))
        if len(found) < self._limit:
            self._at(found, places)
        if not found and self._inside:
            self._take(found, self._driver.execute(_OWN_BY_DIGITS, (self._code[:-1],)), self._code)
            self._at(found, holding)
        return tuple(islice(found.values(), self._limit))

    def _at(self, found: dict[str, Item], places: Iterator[int]) -> None:
        some = list(islice(places, self._limit))
        if some:
            self.last = some[-1]
            self._take(found, self._driver.execute(_AT, (json.dumps(some),)))

    def _take(self, found: dict[str, Item], rows: Iterable[Any], inside: str = "") -> None:
        for row in rows:
            item = as_item(row)
            if not inside or inside in item.sku.lower() or codes.holds(inside, item.title_ean or 0):
                found.setdefault(item.sku, item)

    # Places of titles, best first

    def known(self, index: str, *, patient: bool = False) -> Iterator[int]:
        """Yield the places of titles whose words an index has, or whose codes begin with the digits."""
        ranges = codes.beginning(self._code)
        yield from _once(self._by_words(index), *(self._in_range(ends, patient) for ends in ranges))

    def everywhere(self) -> Iterator[int]:
        """Yield the places of titles that fit, whether or not the index has them as they are now."""
        ranges = (self._in_range(ends, True) for ends in codes.beginning(self._code))
        yield from _once(self._maybe(), self._waiting(), *ranges)

    def holding(self, *, patient: bool = False) -> Iterator[int]:
        """Yield the places of titles whose codes hold the digits."""
        most = None if patient else _MOST_READ
        yield from self._holding(_BY_GROUPS, codes.holding(self._code), most)

    def holding_everywhere(self) -> Iterator[int]:
        """Yield the same, also of titles that wait."""
        yield from _once(self.holding(patient=True), self._holding(_WAITING_CODES, self._code[:-1]))

    def _holding(self, sql: str, asked: str, most: int | None = None) -> Iterator[int]:
        for read, (place, ean) in enumerate(self._driver.execute(sql, (asked,))):
            if read == most:
                self.cut = True
                return
            if codes.holds(self._code, ean):
                yield place

    def _by_words(self, index: str) -> list[int]:
        if max(map(len, self._terms)) > _LONGEST:
            nearly, most = prefixes(term[:_LONGEST] for term in self._terms), _NEAR * self._limit
            rows = self._driver.execute(_NEARLY.format(index), (nearly, most)).fetchall()
            found = [place for place, text in rows if matches(self._terms, fold(text))]
            if len(found) >= self._limit or len(rows) < most:
                return found[: self._limit]
        return self._places(_BY_WORDS.format(index), self.match, self._limit)

    def _places(self, sql: str, *values: object) -> list[int]:
        return [row[0] for row in self._driver.execute(sql, values)]

    def _in_range(self, ends: tuple[int, int], patient: bool) -> list[int]:
        if not self._places(_IS_MUCH, *ends):
            return self._places(_IN_RANGE, *ends, self._limit)
        found = self._places(_ALONG, *ends, self._limit)
        if len(found) < self._limit:
            if patient:
                return self._places(_IN_RANGE, *ends, self._limit)
            self.cut = True
        return found

    def _maybe(self) -> Iterator[int]:
        for place, text in self._driver.execute(_MAYBE_WORDS, (self.match,)):
            if text is None or matches(self._terms, fold(text)):
                yield place

    def _waiting(self) -> Iterator[int]:
        has = " AND ".join([_HAS] * len(self._terms))
        holding = [f"%{term}%" for term in self._terms]
        for place, text in self._driver.execute(_WAITING.format(TEXT, has), holding):
            if matches(self._terms, fold(text)):
                yield place


def _once(*sources: Iterable[int]) -> Iterator[int]:
    """Yield the places of all sources, each of which is in order, in order and once."""
    last = None
    for place in heapq.merge(*sources):
        if place != last:
            last = place
            yield place
