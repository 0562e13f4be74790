"""Rows that say just what the catalogue has: passed over before they are staged.

Of the list of every night hardly a row is new. Looking each one up costs less than half of staging it,
comparing it there and finding it unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from bookwish_desk.db.merging import FAR
from bookwish_desk.db.staging import ALWAYS, Stage
from bookwish_desk.db.titles import SEQ_BITS, bucket_of
from bookwish_desk.shop.title import FACTS, TitleRow

_NOT_COMPARED = ("tax_class", "supplier_at")
"""A list that leaves the tax class open says nothing against it; a new date alone is no news."""


class Passing:
    """What was passed over so far, by line, should another row of the list be about the same title."""

    def __init__(self, stage: Stage, fields: Collection[str]) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._names = [name for name in FACTS if name in fields and name not in _NOT_COMPARED]
        # The EAN in any case: a getter of one name alone would not give a tuple.
        self._said = attrgetter("ean", *self._names) if self._names else lambda row: (row.ean,)
        self._classed, self._ranked = "tax_class" in fields, "demand" in fields
        columns = ", ".join(f"t.{name}" for name in ("id", "tax_class", "ean", *self._names))
        self._known = (
            f"SELECT {columns} FROM json_each(?) AS asked "
            "CROSS JOIN catalogue.titles AS t ON t.ean = asked.value"
        )
        self.added = self.repaired = 0
        self._driver.execute("CREATE TABLE stage.same(line INTEGER PRIMARY KEY, ean INTEGER)")

    def take(self, rows: Sequence[TitleRow]) -> list[TitleRow]:
        """Note the rows that say nothing new, and return the others."""
        asked = json.dumps([row.ean for row in rows if row.ean is not None])
        left: list[TitleRow] = []
        same: list[tuple[int, int | None]] = []
        self._driver.execute("BEGIN")
        known = {row[2]: row for row in self._driver.execute(self._known, (asked,))}
        for row, said in zip(rows, map(self._said, rows), strict=True):
            found = known.get(said[0])
            if found is not None and found[2:] == said and not row.sku and self._stays(row, found):
                same.append((row.line, said[0]))
                self.repaired += row.repaired
            else:
                left.append(row)
        self._driver.executemany("INSERT INTO stage.same VALUES (?, ?)", same)
        self._driver.execute("COMMIT")
        return left

    def _stays(self, row: TitleRow, found: Sequence[Any]) -> bool:
        if self._classed and row.tax_class and row.tax_class != found[1]:
            return False
        if not self._ranked or row.demand is None:
            return True
        far: int = abs(bucket_of(row.demand) - (found[0] >> SEQ_BITS))
        return far < FAR

    def settle(self) -> None:
        """Stage what was passed over after all where another row is about the same title."""
        names = "".join(f", {name}" for name in self._names)
        values = "".join(f", t.{name}" for name in self._names)
        self._stage.fields.update((*ALWAYS, *self._names))
        self._stage.index("ean")
        # That a code of theirs was put right is counted already.
        self._driver.execute(
            f"INSERT INTO stage.rows(line, ean, raw{names}) SELECT DISTINCT s.line, t.ean, "
            f"concat(t.ean, ', ', t.title){values} FROM stage.same AS s "
            "CROSS JOIN stage.rows AS r ON r.ean = +s.ean AND r.ean <> '' "
            "CROSS JOIN catalogue.titles AS t ON t.ean = s.ean"
        )
