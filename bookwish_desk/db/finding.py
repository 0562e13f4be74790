"""Whether everything that can be sold can be found: the search indexes held against what they index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from bookwish_desk.db.codes import groups
from bookwish_desk.db.folding import TEXT, fold
from bookwish_desk.db.items import code_words

MOST = 20
_SAMPLE = 500


def items_index(conn: Connection) -> list[str]:
    """Return the shop's items that a search would not find by their own words, and words of none."""
    faults = _same_rows(conn, "main.items", "main.item_search_docsize", "item")
    rows = conn.exec_driver_sql(
        "SELECT id, sku, coalesce(ean, of_ean), title, authors, publisher, series FROM main.items"
    )
    wanted = (
        (row[0], row[1], f"{' '.join(map(fold, row[3:]))} {code_words(row[1], row[2])}") for row in rows
    )
    return (faults + _unfound(conn, "main.item_search", wanted))[:MOST]


def titles_index(conn: Connection) -> list[str]:
    """Return what is wrong with the catalogue's indexes: every row is counted, a sample is looked for.

    Titles that still wait for their words are left out: a search looks through them itself.
    """
    waiting = " EXCEPT SELECT id FROM catalogue.unsearched"
    faults = _same_rows(conn, "catalogue.titles", "catalogue.title_search_docsize", "title", waiting)
    hot = "catalogue.titles WHERE id <= (SELECT value FROM catalogue.marks WHERE name = 'hot')"
    faults += _same_rows(conn, hot, "catalogue.hot_search_docsize", "best-selling title", waiting)
    count = conn.exec_driver_sql("SELECT count(*) FROM catalogue.titles").scalar_one()
    step = max(1, int(count) // _SAMPLE)
    rows = conn.exec_driver_sql(
        f"SELECT t.id, t.ean, {TEXT} FROM catalogue.titles AS t "
        "WHERE t.id % ? = 0 AND t.id NOT IN (SELECT id FROM catalogue.unsearched)",
        (step,),
    ).all()
    faults += _unfound(conn, "catalogue.title_search", ((row[0], row[1], fold(row[2])) for row in rows))
    faults += _unfound(conn, "catalogue.code_search", ((row[0], row[1], groups(row[1])) for row in rows))
    return faults[:MOST]


def _same_rows(conn: Connection, table: str, indexed: str, what: str, waiting: str = "") -> list[str]:
    lacking = conn.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT id FROM {table} EXCEPT SELECT id FROM {indexed}{waiting})"
    ).scalar_one()
    beyond = conn.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT id FROM {indexed} EXCEPT SELECT id FROM {table}{waiting})"
    ).scalar_one()
    faults = []
    if lacking:
        faults.append(f"{lacking} of the {what}s are not in the search index.")
    if beyond:
        faults.append(f"The search index has words of {beyond} {what}s that do not exist.")
    return faults


def _unfound(conn: Connection, index: str, rows: Iterable[Any]) -> list[str]:
    """Return a sentence for each row that its own words do not find."""
    name = index.rpartition(".")[2]
    faults: list[str] = []
    for row_id, sku, words in rows:
        wanted = " ".join(f'"{word}"' for word in dict.fromkeys(words.split()))
        if not wanted:
            continue
        found = conn.exec_driver_sql(
            f"SELECT 1 FROM {index} WHERE {name} MATCH ? AND rowid = ?", (wanted, row_id)
        ).first()
        if found is None:
            faults.append(f"A search for the words of {sku} does not find it.")
            if len(faults) >= MOST:
                break
    return faults
