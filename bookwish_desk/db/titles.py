"""Titles of the trade: reads and writes of the catalogue's database, but for its search words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from bookwish_desk.db import tables
from bookwish_desk.shop.title import FACTS, Title

_t = tables.titles.c
_BY_EAN = select(tables.titles).where(_t.ean.in_(bindparam("eans", expanding=True)))
_MOST_ASKED = 500
SEQ_BITS = 26
"""A place is the number of its bucket and, in this many bits, a count within the bucket."""

LAST_BUCKET = 15


def bucket_of(demand: int | None) -> int:
    """Return the bucket of titles with this demand, 0 (sells most) to 15 (hardly, or nobody knows).

    Each of the sixteen holds twice the demand of the one behind it: places fall in popularity without
    anything being numbered anew when a title comes.
    """
    return LAST_BUCKET - min(LAST_BUCKET, (demand or 0).bit_length())


def by_eans(conn: Connection, eans: Collection[int]) -> dict[int, Title]:
    """Return the titles that the catalogue has of these EANs."""
    asked = list(eans)
    found: dict[int, Title] = {}
    for start in range(0, len(asked), _MOST_ASKED):
        rows = conn.execute(_BY_EAN, {"eans": asked[start : start + _MOST_ASKED]})
        found.update((row.ean, _title(row)) for row in rows)
    return found


def add(conn: Connection, titles: Sequence[Title], demand: int | None = None) -> None:
    """Add titles that are new behind those that sell alike; `db.indexing` makes them found."""
    if not titles:
        return
    first = bucket_of(demand) << SEQ_BITS
    in_bucket = _t.id.between(first, first + (1 << SEQ_BITS) - 1)
    last = conn.execute(select(func.coalesce(func.max(_t.id), first)).where(in_bucket)).scalar_one()
    rows = [{"id": place, **asdict(title)} for place, title in enumerate(titles, int(last) + 1)]
    conn.execute(insert(tables.titles), rows)
    conn.execute(insert(tables.unsearched), [{"id": row["id"]} for row in rows])


def change(conn: Connection, titles: Sequence[Title]) -> None:
    """Write titles that the catalogue has; `db.indexing` writes their search words anew."""
    if not titles:
        return
    conn.execute(
        _CHANGE.values({name: bindparam(f"new_{name}") for name in FACTS}),
        [{"of_ean": t.ean, **{f"new_{name}": getattr(t, name) for name in FACTS}} for t in titles],
    )
    conn.execute(_REDO, [{"of_ean": t.ean} for t in titles])


_CHANGE = update(tables.titles).where(_t.ean == bindparam("of_ean"))
_REDO = text("INSERT OR IGNORE INTO catalogue.unsearched SELECT id FROM catalogue.titles WHERE ean = :of_ean")


def _title(row: Any) -> Title:
    return Title(**{name: getattr(row, name) for name in Title.__struct_fields__})
