"""The search words of titles: what an import left in `unsearched` is written into the index, chunk by chunk.

Each chunk is a transaction and takes the best-selling titles that are left, so that what is asked for
most is quick to find first. Killed at any moment it goes on where it stopped.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bookwish_desk.db.codes import groups
from bookwish_desk.db.folding import fold

CHUNK = 20_000
"""Titles a transaction."""

_NEXT = (
    "SELECT t.id, t.ean, t.title, t.subtitle, t.authors, t.publisher, t.series "
    "FROM catalogue.unsearched AS u CROSS JOIN catalogue.titles AS t ON t.id = u.id ORDER BY u.id LIMIT ?"
)
_INDEX = "INSERT INTO catalogue.title_search(rowid, title, authors, publisher, series) VALUES (?, ?, ?, ?, ?)"


def write_words(conn: Connection, most: int = CHUNK) -> int:
    """Write the search words of up to `most` titles that wait for it; return how many were written."""
    rows = conn.exec_driver_sql(_NEXT, (most,)).all()
    if not rows:
        return 0
    ids = [(row.id,) for row in rows]
    conn.exec_driver_sql("DELETE FROM catalogue.title_search WHERE rowid = ?", ids)
    conn.exec_driver_sql(
        _INDEX,
        [
            (
                row.id,
                fold(f"{row.title} {row.subtitle}"),
                fold(row.authors),
                fold(row.publisher),
                fold(row.series),
            )
            for row in rows
        ],
    )
    conn.exec_driver_sql("DELETE FROM catalogue.code_search WHERE rowid = ?", ids)
    conn.exec_driver_sql(
        "INSERT INTO catalogue.code_search(rowid, digits) VALUES (?, ?)",
        [(row.id, groups(row.ean)) for row in rows],
    )
    conn.exec_driver_sql("DELETE FROM catalogue.unsearched WHERE id = ?", ids)
    return len(rows)
