"""Pages of lists, whichever of three ways a server pages: offset, page number or cursor.

Callers count rows from 0. The first answer shows which way it is; then the right page is asked for.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from bookwish_desk.sync.bookwish import decoding
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.far import Far, Query
from bookwish_desk.sync.bookwish.judging import not_offered, refusal, unreadable
from bookwish_desk.sync.port import Reply

Way = Literal["offset", "page", "cursor"]

_LISTS = 16
_LONGEST_CURSOR = 1_024


class Page(msgspec.Struct, frozen=True):
    """Rows as they came; `total` None where the server does not say."""

    rows: list[Any]
    total: int | None
    more: bool
    end: Answer


class _Place(msgspec.Struct):
    """Where the pages of one list are: cursors and the first row by offset, rows a page by what was asked."""

    cursors: dict[int, str] = msgspec.field(default_factory=dict)
    sizes: dict[int, int] = msgspec.field(default_factory=dict)
    first: str = ""


class Lists:
    """Reads pages of the lists of one server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ways: dict[str, Way] = {}
        self._places: OrderedDict[tuple[str, Query], _Place] = OrderedDict()

    def page(
        self,
        far: Far,
        path: Sequence[str],
        family: str,
        names: Sequence[str],
        query: Query,
        offset: int,
        limit: int,
        signed: bool = True,
    ) -> Page | Reply[Any]:
        """Return the rows from `offset` on, about `limit` of them."""
        place = self._place(family, query, fresh=offset == 0)
        for _ in range(3):  # as asked; then in the server's way; then by its own size of pages
            way = self._ways.get(family, "offset")
            size = place.sizes.get(limit, limit)
            cursor = place.cursors.get(offset, "")
            if way == "cursor" and offset and not cursor:
                return Reply("gone", words="The list is read from its start again.", code="cursor")
            where = _where(way, offset, size, cursor)
            asked = (*query, ("limit", str(limit)), *where)
            end = far.ask("GET", *path, family=family, query=asked, signed=signed)
            if isinstance(end, Reply):
                return end
            if end.status == 404:
                return not_offered(status=404)
            if not end.well:
                return refusal(end)
            rows = decoding.rows(end.told, names)
            if rows is None or len(rows) > decoding.MOST_ROWS:
                return unreadable(end, "a list was expected" if rows is None else "far too many rows")
            told = end.told if isinstance(end.told, dict) else {}
            found, found_size = _way(told), _size(told, limit)
            place.sizes[limit] = found_size
            self._ways[family] = found
            if offset and (found != way or (found == "page" and found_size != size)):
                continue
            return self._read(place, found, offset, found_size, rows, told, end)
        return Reply(
            "unknown", None, "The pages of the online store's list do not fit together.", 200, "paging"
        )

    def _place(self, family: str, query: Query, fresh: bool) -> _Place:
        with self._lock:
            place = self._places.pop((family, query), None)
            if place is None or fresh:
                sizes = place.sizes if place else {}
                place = _Place(sizes=sizes)
            self._places[family, query] = place
            while len(self._places) > _LISTS:
                self._places.popitem(last=False)
            return place

    def _read(
        self,
        place: _Place,
        way: Way,
        offset: int,
        size: int,
        rows: list[Any],
        told: dict[str, Any],
        end: Answer,
    ) -> Page:
        total = _total(told)
        first = _first(rows)
        if offset == 0:
            place.first = first
        elif first and first == place.first and total is None and way == "offset":
            return Page([], None, False, end)  # the server has but one page, and gives it again
        if way == "page":
            rows = rows[offset % size :]
        after = offset + len(rows)
        if way == "cursor":
            cursor = told.get("nextCursor")
            fits = isinstance(cursor, str) and 0 < len(cursor) <= _LONGEST_CURSOR
            more = fits and told.get("hasMore") is not False and bool(rows)
            if more:
                place.cursors[after] = str(cursor)
        elif total is not None:
            more = bool(rows) and after < total
        else:
            more = len(rows) >= size
        return Page(rows, total, more, end)


def _where(way: Way, offset: int, size: int, cursor: str) -> Query:
    if way == "page":
        return (("page", str(offset // size + 1)),)
    if way == "cursor":
        return (("cursor", cursor),) if cursor else ()
    return (("offset", str(offset)),)


def _way(told: dict[str, Any]) -> Way:
    """Return how a server pages, as its answer shows."""
    if isinstance(told.get("pagination"), dict):
        return "page"
    if "nextCursor" in told or "hasMore" in told:
        return "cursor"
    return "offset"


def _size(told: dict[str, Any], limit: int) -> int:
    """Return how many rows a page has: a server may give fewer than it is asked for."""
    inner = told.get("pagination")
    found = decoding.number(inner if isinstance(inner, dict) else told, "limit")
    return found if found else limit


def _total(told: dict[str, Any]) -> int | None:
    for holder in (told, told.get("pagination"), told.get("meta"), told.get("data")):
        if isinstance(holder, dict) and (found := decoding.number(holder, "total")) is not None:
            return found
    return None


def _first(rows: list[Any]) -> str:
    return str(rows[0].get("id", ""))[:200] if rows and isinstance(rows[0], dict) else ""
