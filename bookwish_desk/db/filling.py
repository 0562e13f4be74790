"""The first list into an empty catalogue: its books go straight into the table, in one open transaction.

Staging them first would double the work of the longest import that a shop ever does. Whatever is not
plainly a new book of the trade is staged, and merged as in every later import (`db.merging`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import compress, count
from operator import add, and_
from typing import Any

from bookwish_desk.db.engine import driver
from bookwish_desk.db.staging import ALWAYS, Stage
from bookwish_desk.db.titles import LAST_BUCKET, SEQ_BITS, bucket_of
from bookwish_desk.shop.catalogue import Batch
from bookwish_desk.shop.title import FACTS, RejectedRow, TitleRow

OF_SHOP = frozenset({"stock", "shelf", "stocked", "on_order", "reference", "gone", "whole"})
"""What a list of the trade does not say; where one does, its rows have consequences elsewhere."""

_BOOKS = 9780000000000, 9799999999999
_MUSIC = 9790000000000, 9790999999999
_MOST_LINES = 1 << SEQ_BITS
_STARTS = [bucket_of((1 << bits) >> 1) << SEQ_BITS for bits in range(64)]
"""Where the bucket begins of a demand with so many binary digits (`titles.bucket_of`)."""

_MENDED = "INSERT INTO stage.mended VALUES (?)"
_LINE = f"(t.id & {_MOST_LINES - 1})"
_INDEX = "CREATE UNIQUE INDEX catalogue.title_ean ON titles(ean)"


def fits(driver: Any, fields: Collection[str]) -> bool:
    """Say whether a list that can say `fields` may go straight into the catalogue: it holds no title yet."""
    empty: bool = driver.execute("SELECT NOT EXISTS (SELECT 1 FROM catalogue.titles)").fetchone()[0]
    return empty and "title" in fields and not OF_SHOP.intersection(fields)


class Fill:
    """An empty catalogue that is being filled; nobody sees it before the merge is committed.

    A title's place holds the line of its row, so that one that is taken back is staged as that line.
    """

    def __init__(self, stage: Stage, fields: Collection[str], classes: tuple[str, str]) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._book, self._other = classes
        self._names = [name for name in FACTS if name in fields and name != "tax_class"]
        self._classed, self._ranked = "tax_class" in fields, "demand" in fields
        self.added = self.repaired = 0
        columns = ("id", "tax_class", "ean", *self._names)
        marks = ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO catalogue.titles({', '.join(columns)}) VALUES ({marks})"
        self._driver.execute("CREATE TABLE stage.mended(line INTEGER PRIMARY KEY)")
        self._driver.execute("BEGIN IMMEDIATE")
        self._driver.execute("DROP INDEX catalogue.title_ean")

    def take(self, batch: Batch) -> list[TitleRow | RejectedRow]:
        """Take in the plain new books of a batch and return the other rows."""
        if len(batch.odd) == len(batch.eans):
            return batch.rows()
        plain = self._plain(batch)
        if batch.first + len(plain) >= _MOST_LINES:
            return batch.rows()
        columns = (self._places(batch), self._classes(batch), batch.eans, *map(batch.said.get, self._names))
        whole = all(plain)
        rows: Iterable[tuple[Any, ...]] = zip(*columns, strict=True)
        self._driver.executemany(self._insert, rows if whole else compress(rows, plain))
        self.added += sum(plain)
        if any(batch.said["repaired"]):
            repaired = map(and_, batch.said["repaired"], plain)
            mended = [(line,) for line in compress(count(batch.first), repaired)]
            self._driver.executemany(_MENDED, mended)
            self.repaired += len(mended)
        return [] if whole else batch.rows([place for place, one in enumerate(plain) if not one])

    def _plain(self, batch: Batch) -> list[bool]:
        """Say of each row whether it is plainly a new book of the trade, as all of most stretches are."""
        first, last = _BOOKS
        titles = batch.said["title"]
        if not batch.odd and not any(batch.skus) and all(titles):
            eans = [ean or 0 for ean in batch.eans]
            if min(eans) >= first and max(eans) <= last:
                return [True] * len(eans)
        plain = [
            bool(title) and not sku and first <= (ean or 0) <= last
            for title, sku, ean in zip(titles, batch.skus, batch.eans, strict=True)
        ]
        for place in batch.odd:
            plain[place] = False
        return plain

    def _places(self, batch: Batch) -> Iterable[int]:
        lines = range(batch.first, batch.first + len(batch.eans))
        if not self._ranked:
            return map(_STARTS[0].__add__, lines)
        starts = [_STARTS[(demand or 0).bit_length()] for demand in batch.said["demand"]]
        return map(add, starts, lines)

    def _classes(self, batch: Batch) -> Iterable[str]:
        book, other = self._book, self._other
        first, last = _MUSIC
        classes = [other if first <= (ean or 0) <= last else book for ean in batch.eans]
        if self._classed:
            return [said or kind for said, kind in zip(batch.said["tax_class"], classes, strict=True)]
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
