"""Search as it is typed: the shop's own items first, then the trade's titles in order of their place.

Words are found by their beginnings in full-text indexes, codes by ranges of EANs. What an import has not
indexed yet is looked through title by title, which takes long: `first` leaves that to `full`.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, String, bindparam, cast, column, select, text

from bookwish_desk.db import codes, tables
from bookwish_desk.db.folding import fold, query_terms, terms
from bookwish_desk.db.items import MERGED, as_item, own_items
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.shop.item import Item

_i, _t = tables.items.c, tables.titles.c


class Answer(msgspec.Struct, frozen=True):
    """What was found at once. `whole` is False where a longer look could find more, or better."""

    items: tuple[Item, ...]
    whole: bool


MOST_OWN = 1_000
"""Of the shop's own items that match, the latest this many are looked at: 't' alone matches most of them."""

_best_first = (
    ((_i.on_hand > 0) | ~_i.stocked).desc(),
    _i.sold.desc(),
    _i.on_hand.desc(),
    _i.title,
    _i.id,
)
_own_matches = (
    text(
        "SELECT rowid AS place FROM item_search WHERE item_search MATCH :match"
        f" ORDER BY rowid DESC LIMIT {MOST_OWN}"
    )
    .columns(column("place", Integer))
    .subquery("own_matches")
)
_best_own = (
    select(_i.id)
    .join_from(_own_matches, tables.items, _i.id == _own_matches.c.place)
    .order_by(*_best_first)
    .limit(bindparam("most", type_=Integer))
)
_OWN = Prepared(own_items(_i.id.in_(_best_own), _best_first, None))

_holds = bindparam("holds", type_=String)
_in_own_code = _i.sku.bool_op("GLOB")(_holds) | cast(_i.ean, String).bool_op("GLOB")(_holds)
_OWN_BY_FRAGMENT = Prepared(
    own_items(_in_own_code, _best_first, None).limit(bindparam("most", type_=Integer))
)

_some_places = (
    text("SELECT value AS place FROM json_each(:places)")
    .columns(column("place", Integer))
    .subquery("some_places")
)
_AT = Prepared(
    select(*MERGED)
    .join_from(_some_places, tables.titles, _t.id == _some_places.c.place)
    .outerjoin(tables.items, _i.ean == _t.ean)
    .order_by(_t.id)
)

_WORDS = "SELECT rowid FROM catalogue.{0} WHERE {0} MATCH ? ORDER BY rowid LIMIT ?"
_BY_WORDS = _WORDS.format("title_search")
_IN_RANGE = "SELECT id FROM catalogue.titles WHERE ean BETWEEN ? AND ? LIMIT ?"
_ALONG = "SELECT id FROM catalogue.titles WHERE +ean BETWEEN ? AND ? ORDER BY id LIMIT ?"
_FEW = 5_000
_BY_GROUPS = (
    "SELECT t.id, t.ean FROM catalogue.code_search AS s CROSS JOIN catalogue.titles AS t ON t.id = s.rowid "
    "WHERE code_search MATCH ? ORDER BY s.rowid"
)
_WAITING = (
    "SELECT t.id, t.ean, t.title, t.subtitle, t.authors, t.publisher, t.series "
    "FROM catalogue.unsearched AS u CROSS JOIN catalogue.titles AS t ON t.id = u.id ORDER BY u.id"
)
_STATE = "SELECT EXISTS (SELECT 1 FROM catalogue.unsearched)"


def search(conn: Connection, typed: str, limit: int = 20) -> tuple[Item, ...]:
    """Return what fits everything typed so far, however long it takes; see `first`."""
    asked = _Asked(conn, typed, limit)
    return asked.found(asked.titles()) if asked.match else ()


def first(conn: Connection, typed: str, limit: int = 20) -> Answer:
    """Return what fits all words typed so far, in any order, accents and case folded both ways.

    The shop's own items come first (what can be sold at once before what is out of stock, then what sold
    most), then the trade's titles in falling popularity. Where nothing begins with the digits typed,
    codes that hold them anywhere are found. Anything typed is ordinary text.
    """
    asked = _Asked(conn, typed, limit)
    return Answer(asked.found(asked.titles()) if asked.match else (), whole=True)


class _Asked:
    """One search: what was typed, put for each index, and the connection that answers it."""

    def __init__(self, conn: Connection, typed: str, limit: int) -> None:
        self._conn = conn
        self._limit = limit
        self._terms = terms(typed)
        self._code = codes.typed_code(typed)
        self.match = query_terms(typed)

    def found(self, places: Iterable[int]) -> tuple[Item, ...]:
        own = f'({self.match}) OR "{self._code}"*' if self._code else self.match
        found: dict[str, Item] = {}
        self._take(found, _OWN.run(self._conn, {"match": own, "most": self._limit}))
        if len(found) < self._limit:
            self._at(found, places)
        if not found and codes.is_fragment(self._code):
            holds = {"holds": f"*{self._code}*", "most": self._limit}
            self._take(found, _OWN_BY_FRAGMENT.run(self._conn, holds))
            self._at(found, self._holding())
        return tuple(islice(found.values(), self._limit))

    def _at(self, found: dict[str, Item], places: Iterable[int]) -> None:
        some = list(islice(places, self._limit))
        if some:
            self._take(found, _AT.run(self._conn, {"places": json.dumps(some)}))

    def _take(self, found: dict[str, Item], rows: Iterable[Any]) -> None:
        for row in rows:
            found.setdefault(row[0], as_item(row))

    def titles(self) -> Iterator[int]:
        """Yield the places of titles that fit, best first."""
        by_words = self._places(_BY_WORDS, self.match, self._limit)
        waiting = self._waiting() if self._places(_STATE)[0] else ()
        sources = [by_words, *map(self._in_range, codes.beginning(self._code)), waiting]
        last = None
        for place in heapq.merge(*sources):
            if place != last:
                last = place
                yield place

    def _in_range(self, ends: tuple[int, int]) -> list[int]:
        found = self._places(_IN_RANGE, *ends, _FEW + 1)
        if len(found) <= _FEW:
            return sorted(found)[: self._limit]
        return self._places(_ALONG, *ends, self._limit)

    def _places(self, sql: str, *values: object) -> list[int]:
        return [row[0] for row in self._conn.exec_driver_sql(sql, values)]

    def _holding(self) -> Iterator[int]:
        for place, ean in self._conn.exec_driver_sql(_BY_GROUPS, (codes.holding(self._code),)):
            if codes.holds(self._code, ean):
                yield place

    def _waiting(self) -> Iterator[int]:
        wanted = [f" {term}" for term in self._terms]
        for place, _ean, *texts in self._conn.exec_driver_sql(_WAITING):
            words = " " + " ".join(map(fold, texts))
            if all(term in words for term in wanted):
                yield place
