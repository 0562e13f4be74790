"""The first list into an empty catalogue: its books go straight into the table, in one open transaction.

Staging them first would double the work of the longest import that a shop ever does. Whatever is not
plainly a new book of the trade is staged, and merged as in every later import (`db.merging`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from bookwish_desk.db.engine import driver
from bookwish_desk.db.staging import ALWAYS, Stage
from bookwish_desk.db.titles import LAST_BUCKET, SEQ_BITS, bucket_of
from bookwish_desk.shop.title import FACTS, TitleRow

OF_SHOP = frozenset({"stock", "shelf", "stocked", "on_order", "reference", "gone", "whole"})
"""What a list of the trade does not say; where one does, its rows have consequences elsewhere."""

_BOOKS = 9780000000000, 9799999999999
_MUSIC = 9790000000000, 9790999999999
_MOST_LINES = 1 << SEQ_BITS
_STARTS = [bucket_of((1 << bits) >> 1) << SEQ_BITS for bits in range(64)]
"""Where the bucket begins of a demand with so many binary digits (`titles.bucket_of`)."""

_LINE = f"(t.id & {_MOST_LINES - 1})"
_INDEX = "CREATE UNIQUE INDEX catalogue.title_ean ON titles(ean)"


def fits(driver: Any, fields: Collection[str]) -> bool:
    """Say whether a list that can say `fields` may go straight into the catalogue: it holds no title yet."""
    empty: bool = driver.execute("SELECT NOT EXISTS (SELECT 1 FROM catalogue.titles)").fetchone()[0]
    return empty and not OF_SHOP.intersection(fields)


class Fill:
    """An empty catalogue that is being filled; nobody sees it before the merge is committed.

    A title's place holds the line of its row, so that one that is taken back is staged as that line.
    """

    def __init__(self, stage: Stage, fields: Collection[str], classes: tuple[str, str]) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._book, self._other = classes
        # The title in any case: a getter of one name alone would not give a tuple.
        self._names = ("title", *(f for f in FACTS if f in fields and f not in ("title", "tax_class")))
        self._values = attrgetter("ean", *self._names)
        self._classed, self._ranked = "tax_class" in fields, "demand" in fields
        self.added = self.repaired = 0
        columns = ("id", "tax_class", "ean", *self._names)
        marks = ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO catalogue.titles({', '.join(columns)}) VALUES ({marks})"
        self._driver.execute("CREATE TABLE stage.mended(line INTEGER PRIMARY KEY)")
        self._driver.execute("BEGIN IMMEDIATE")
        self._driver.execute("DROP INDEX catalogue.title_ean")

    def take(self, rows: Sequence[TitleRow]) -> list[TitleRow]:
        """Take in the plain new books among `rows` and return the others."""
        first, last = _BOOKS
        plain = [
            row
            for row in rows
            if row.title and not row.sku and first <= (row.ean or 0) <= last and row.line < _MOST_LINES
        ]
        taken = list(map(_joined, self._places(plain), self._classes(plain), map(self._values, plain)))
        taken.sort()
        self._driver.executemany(self._insert, taken)
        self.added += len(plain)
        mended = [(row.line,) for row in plain if row.repaired]
        self._driver.executemany("INSERT INTO stage.mended VALUES (?)", mended)
        self.repaired += len(mended)
        if len(plain) == len(rows):
            return []
        lines = {row.line for row in plain}
        return [row for row in rows if row.line not in lines]

    def _places(self, rows: Sequence[TitleRow]) -> list[int]:
        if not self._ranked:
            return [_STARTS[0] + row.line for row in rows]
        return [_STARTS[(row.demand or 0).bit_length()] + row.line for row in rows]

    def _classes(self, rows: Sequence[TitleRow]) -> list[str]:
        book, other = self._book, self._other
        first, last = _MUSIC
        classes = [other if first <= (row.ean or 0) <= last else book for row in rows]
        if self._classed:
            return [row.tax_class or kind for row, kind in zip(rows, classes, strict=True)]
        return classes

    def settle(self) -> None:
        """Leave to `Stage.settle` what came under a code that another row has too, and index all else."""
        self._driver.execute("CREATE TABLE stage.rivals(id INTEGER PRIMARY KEY)")
        try:
            self._driver.execute(_INDEX)
            self._stage_rivals()
        except driver().IntegrityError:
            self._driver.execute("CREATE INDEX catalogue.title_ean ON titles(ean)")
            self._driver.execute(
                "INSERT INTO stage.rivals SELECT id FROM catalogue.titles WHERE ean IN "
                "(SELECT ean FROM catalogue.titles GROUP BY ean HAVING count(*) > 1)"
            )
            self._stage_rivals()
            self._driver.execute("DROP INDEX catalogue.title_ean")
            self._driver.execute(_INDEX)
        self._driver.execute("INSERT INTO catalogue.unsearched SELECT id FROM catalogue.titles ORDER BY id")

    def _stage_rivals(self) -> None:
        self._driver.execute(
            "INSERT OR IGNORE INTO stage.rivals SELECT t.id FROM stage.rows AS r "
            "JOIN catalogue.titles AS t ON t.ean = r.ean"
        )
        columns = {name: f"t.{name}" for name in self._names}
        if self._classed:
            columns["tax_class"] = "t.tax_class"
        if self._ranked:
            columns["demand"] = f"(1 << ({LAST_BUCKET} - (t.id >> {SEQ_BITS}))) - 1"
        self._stage.fields.update((*ALWAYS, *columns))
        moved = self._driver.execute(
            f"INSERT INTO stage.rows(line, ean, raw, repaired, {', '.join(columns)}) "
            f"SELECT {_LINE}, t.ean, concat(t.ean, ', ', t.title), m.line IS NOT NULL, "
            f"{', '.join(columns.values())} FROM stage.rivals AS v JOIN catalogue.titles AS t ON t.id = v.id "
            f"LEFT JOIN stage.mended AS m ON m.line = {_LINE}"
        )
        self.added -= moved.rowcount
        mended = self._driver.execute("DELETE FROM stage.mended WHERE line IN (SELECT line FROM stage.rows)")
        self.repaired -= mended.rowcount
        self._driver.execute("DELETE FROM catalogue.titles WHERE id IN (SELECT id FROM stage.rivals)")


def _joined(place: int, tax_class: str, said: tuple[Any, ...]) -> tuple[Any, ...]:
    return (place, tax_class, *said)
