"""The search words of titles: what an import left in `unsearched` goes into the indexes, chunk by chunk.

Each chunk is a transaction and takes the best-selling titles that are left, so that what is asked for
most is quick to find first; when none is left, `close_build` puts the index in order, again in steps.
Killed at any moment it goes on where it stopped. Text stays inside the database: only what is not plain
ASCII is folded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bookwish_desk.db.codes import GROUPS_AT, LEAST, groups
from bookwish_desk.db.folding import TEXT, fold
from bookwish_desk.db.link import driver_of
from bookwish_desk.db.titles import LAST_BUCKET, SEQ_BITS

if TYPE_CHECKING:
    from sqlalchemy import Connection

CHUNK = 50_000
"""Titles a transaction: half a second, and what the index keeps in memory until its end."""

LARGE = 1_500_000
"""With more titles than these the best places have an index of their own, which answers at once."""

HOT = 500_000
"""So many titles have the best places."""

_INDEXES = ("title_search", "hot_search", "code_search")

_STEP = 1_000
"""Pages of an index that one step of `close_build` writes: a tenth of a second."""

MOST_PIECES = 32
"""Each chunk is a piece of an index. Into so many a search looks as quickly as into one."""

_WAITING = "FROM catalogue.unsearched AS u CROSS JOIN catalogue.titles AS t ON t.id = u.id WHERE u.id <= ?"
# The index itself folds the case of ASCII and parts words at anything but letters and digits. (The limit
# keeps SQLite from working the text out anew wherever it is named.)
_WORDS = (
    "SELECT id, CASE WHEN octet_length(text) <> length(text) THEN fold(text) ELSE replace(text, '''', '') "
    f"END FROM (SELECT t.id, {TEXT} AS text {_WAITING} ORDER BY u.id LIMIT -1)"
)
_BOOK = "t.ean BETWEEN 9780000000000 AND 9799999999999"
_GROUPS = f"concat_ws(' ', {', '.join(f'substr(t.ean, {at + 4}, {LEAST})' for at in GROUPS_AT)})"
_LAST = "SELECT max(id), count(*) FROM (SELECT id FROM catalogue.unsearched ORDER BY id LIMIT ?)"


def left(conn: Connection) -> int:
    """Return how many titles wait for their search words."""
    return _number(conn, "SELECT count(*) FROM catalogue.unsearched")


def write_words(conn: Connection, most: int = CHUNK) -> int:
    """Write the search words of up to `most` titles that wait for it; return how many were done.

    Those of titles that are no longer there are forgotten.
    """
    driver = driver_of(conn)
    driver.create_function("fold", 1, fold, deterministic=True)
    driver.create_function("code_groups", 1, groups, deterministic=True)
    hot = _hot_end(conn)
    last, count = driver.execute(_LAST, (most,)).fetchone()
    if not count:
        return 0
    _write(driver, "title_search", last)
    if hot is not None:
        _write(driver, "hot_search", min(last, hot))
    driver.execute(
        "INSERT INTO catalogue.code_search(rowid, digits) "
        f"SELECT t.id, CASE WHEN {_BOOK} THEN {_GROUPS} ELSE code_groups(t.ean) END {_WAITING} ORDER BY u.id",
        (last,),
    )
    driver.execute("DELETE FROM catalogue.unsearched WHERE id <= ?", (last,))
    _mark(driver, "pieces", (_marked(driver, "pieces") or 0) + 1)
    return int(count)


def _write(driver: Any, index: str, last: int) -> None:
    known = f"SELECT id FROM catalogue.{index}_docsize JOIN catalogue.unsearched USING (id) WHERE id <= ?"
    driver.execute(f"DELETE FROM catalogue.{index} WHERE rowid IN ({known})", (last,))
    driver.execute(f"INSERT INTO catalogue.{index}(rowid, words) {_WORDS}", (last,))


def close_build(conn: Connection) -> bool:
    """Put the indexes in order by one short step, where they have too many pieces; say whether there is more.

    A merge that was begun goes on from where it stopped.
    """
    driver = driver_of(conn)
    if (_marked(driver, "pieces") or 0) <= MOST_PIECES:
        return False
    step = _marked(driver, "merged") or 0
    if step == 2 * len(_INDEXES):
        _mark(driver, "pieces", 1)
        _mark(driver, "merged", 0)
        return False
    # A negative number begins the merge of all pieces into one, a positive one goes on with it.
    index, begun = _INDEXES[step // 2], step % 2
    before = driver.total_changes
    pages = _STEP if begun else -_STEP
    driver.execute(f"INSERT INTO catalogue.{index}({index}, rank) VALUES ('merge', ?)", (pages,))
    there_is_more = driver.total_changes - before > 1
    _mark(driver, "merged", step | 1 if there_is_more else (step // 2 + 1) * 2)
    return True


def _hot_end(conn: Connection) -> int | None:
    """Return the last place of the hot tier, beginning one when the catalogue has become large."""
    driver = driver_of(conn)
    end = _marked(driver, "hot")
    if end is None and _at_most(driver) > LARGE and _count(driver) > LARGE:
        end = _number(conn, f"SELECT id FROM catalogue.titles ORDER BY id LIMIT 1 OFFSET {HOT - 1}")
        _mark(driver, "hot", end)
        driver.execute(
            "INSERT OR IGNORE INTO catalogue.unsearched SELECT id FROM catalogue.titles WHERE id <= ?", (end,)
        )
    return end


def _count(driver: Any) -> int:
    return int(driver.execute("SELECT count(*) FROM catalogue.titles").fetchone()[0])


def _at_most(driver: Any) -> int:
    """Return a number of titles that there are not more of, which is quicker than to count them."""
    within = (1 << SEQ_BITS) - 1
    found = [
        driver.execute(
            "SELECT max(id) FROM catalogue.titles WHERE id <= ?", ((bucket << SEQ_BITS) + within,)
        ).fetchone()[0]
        for bucket in range(LAST_BUCKET + 1)
    ]
    return sum(place & within for place in set(found) if place is not None)


def _marked(driver: Any, name: str) -> int | None:
    row = driver.execute("SELECT value FROM catalogue.marks WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def _mark(driver: Any, name: str, value: int) -> None:
    driver.execute("INSERT OR REPLACE INTO catalogue.marks VALUES (?, ?)", (name, value))


def _number(conn: Connection, sql: str) -> int:
    return int(driver_of(conn).execute(sql).fetchone()[0])
