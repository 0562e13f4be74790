"""Titles of the trade and the search words of each: reads and writes of the catalogue's database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.folding import fold
from bookwish_desk.db.items import codes
from bookwish_desk.shop.title import Title

_t = tables.titles.c
_BY_EAN = select(tables.titles).where(_t.ean.in_(bindparam("eans", expanding=True)))
_LAST_ID = select(func.coalesce(func.max(_t.id), 0))
_CHANGE = update(tables.titles).where(_t.ean == bindparam("of_ean"))
_FIELDS = ("title", "authors", "publisher", "year", "price_cents", "tax_class")
_FORGET = "DELETE FROM catalogue.title_search WHERE rowid = ?"
_INDEX = "INSERT INTO catalogue.title_search(rowid, title, authors, publisher, codes) VALUES (?, ?, ?, ?, ?)"
_MOST_ASKED = 500


def by_eans(conn: Connection, eans: Collection[int]) -> dict[int, Title]:
    """Return the titles that the catalogue has of these EANs."""
    return {row.ean: _title(row) for row in _rows(conn, eans)}


def add(conn: Connection, titles: Sequence[Title]) -> None:
    """Add titles that are new to the catalogue, with their search words, after all that are there."""
    if not titles:
        return
    first = int(conn.execute(_LAST_ID).scalar_one()) + 1
    numbered = list(enumerate(titles, first))
    conn.execute(insert(tables.titles), [{"id": n, "ean": t.ean, **_values(t)} for n, t in numbered])
    conn.exec_driver_sql(_INDEX, [_words(n, t) for n, t in numbered])


def change(conn: Connection, titles: Sequence[Title]) -> None:
    """Write titles that the catalogue has, and their search words anew."""
    if not titles:
        return
    conn.execute(
        _CHANGE.values({name: bindparam(f"new_{name}") for name in _FIELDS}),
        [{"of_ean": t.ean, **{f"new_{k}": v for k, v in _values(t).items()}} for t in titles],
    )
    ids = {row.ean: row.id for row in _rows(conn, [t.ean for t in titles])}
    conn.exec_driver_sql(_FORGET, [(ids[t.ean],) for t in titles])
    conn.exec_driver_sql(_INDEX, [_words(ids[t.ean], t) for t in titles])


def _rows(conn: Connection, eans: Collection[int]) -> Iterable[Any]:
    asked = list(eans)
    for start in range(0, len(asked), _MOST_ASKED):
        yield from conn.execute(_BY_EAN, {"eans": asked[start : start + _MOST_ASKED]})


def _title(row: Any) -> Title:
    return Title(row.ean, row.title, row.authors, row.publisher, row.year, row.price_cents, row.tax_class)


def _values(title: Title) -> dict[str, Any]:
    return {name: getattr(title, name) for name in _FIELDS}


def _words(number: int, title: Title) -> tuple[int, str, str, str, str]:
    code = codes(str(title.ean), title.ean)
    return number, fold(title.title), fold(title.authors), fold(title.publisher), code
