"""Reads of the journal for people who look something up; writing it is `db.store.Tx.record`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from bookwish_desk.db import tables
from bookwish_desk.shop.journal import Entry

_j = tables.journal.c


def entries(
    conn: Connection,
    *,
    kinds: Sequence[str] = (),
    staff: str = "",
    words: str = "",
    before: int | None = None,
    most: int = 200,
) -> tuple[Entry, ...]:
    """Return the latest entries, newest first.

    `kinds` are beginnings of kinds ("sale."), `staff` an id, `before` a number that all come before.
    All `words` must stand in the entry: in its kind, what it is about, or what was written down.
    """
    query = select(tables.journal)
    if kinds:
        query = query.where(or_(*(_j.kind.startswith(kind, autoescape=True) for kind in kinds)))
    if staff:
        query = query.where(_j.staff == staff)
    for word in words.split()[:6]:
        query = query.where(or_(*(c.icontains(word, autoescape=True) for c in (_j.ref, _j.body, _j.kind))))
    if before is not None:
        query = query.where(_j.seq < before)
    rows = conn.execute(query.order_by(_j.seq.desc()).limit(most))
    return tuple(Entry(**{name: getattr(row, name) for name in Entry.__struct_fields__}) for row in rows)
