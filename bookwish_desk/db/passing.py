"""Rows that say just what the catalogue has: passed over before they are staged.

Of the list of every night hardly a row is new. Looking each one up costs less than half of staging it,
comparing it there and finding it unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from itertools import compress, repeat

from bookwish_desk.db.merging import FAR
from bookwish_desk.db.staging import ALWAYS, Stage
from bookwish_desk.db.titles import SEQ_BITS, bucket_of
from bookwish_desk.shop.catalogue import Batch
from bookwish_desk.shop.title import FACTS, RejectedRow, TitleRow

_NOT_COMPARED = ("tax_class", "supplier_at")
"""The tax class is looked at where a list has one; a new date alone is no news."""


_FILED = (
    "SELECT t.ean, t.id, t.tax_class FROM json_each(?) AS asked "
    "CROSS JOIN catalogue.titles AS t ON t.ean = asked.value"
)
_BUCKETS = [bucket_of((1 << bits) >> 1) for bits in range(64)]
"""The bucket of a demand with so many binary digits."""

_MANY = 5_000  # rows that are written at once


class Passing:
    """What was passed over so far, by line, should another row of the list be about the same title."""

    def __init__(self, stage: Stage, fields: Collection[str]) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._names = [name for name in FACTS if name in fields and name not in _NOT_COMPARED]
        columns = ", ".join(f"t.{name}" for name in ("ean", *self._names))
        self._known = (
            f"SELECT {columns} FROM json_each(?) AS asked "
            "CROSS JOIN catalogue.titles AS t ON t.ean = asked.value"
        )
        self._classed, self._ranked = "tax_class" in fields, "demand" in fields
        self._same: list[tuple[int, int | None]] = []
        self.added = self.repaired = 0
        self._driver.execute("CREATE TABLE stage.same(line INTEGER PRIMARY KEY, ean INTEGER)")

    def take(self, batch: Batch) -> list[TitleRow | RejectedRow]:
        """Note the rows that say nothing new, and return the others."""
        if len(batch.odd) == len(batch.eans):
            return batch.rows()
        asked = json.dumps(batch.eans)
        # Row by row what it says, and what the catalogue has; both begin with the EAN.
        said = zip(batch.eans, *(batch.said[name] for name in self._names), strict=True)
        known = {title[0]: title for title in self._driver.execute(self._known, (asked,))}
        same = [known.get(row[0]) == row for row in said]
        self._take_back(batch, same, asked)
        lines = range(batch.first, batch.first + len(same))
        self._same += compress(zip(lines, batch.eans, strict=True), same)
        self.repaired += sum(compress(batch.said["repaired"], same))
        self._write(_MANY)
        return [] if all(same) else batch.rows([place for place, one in enumerate(same) if not one])

    def _take_back(self, batch: Batch, same: list[bool], asked: str) -> None:
        """Leave out what says the same but for its SKU, its tax class or how it sells."""
        for place in batch.odd:
            same[place] = False
        for place, sku in enumerate(batch.skus):
            same[place] &= not sku
        if not self._classed and not self._ranked:
            return
        filed = {ean: (place, kind) for ean, place, kind in self._driver.execute(_FILED, (asked,))}
        classes = batch.said.get("tax_class") or repeat(None)
        demands = batch.said.get("demand") or repeat(None)
        for place, (ean, kind, demand) in enumerate(zip(batch.eans, classes, demands, strict=False)):
            if not same[place]:
                continue
            stands, classed = filed[ean]
            far = 0 if demand is None else abs(_BUCKETS[demand.bit_length()] - (stands >> SEQ_BITS))
            same[place] = (not self._classed or kind == classed) and far < FAR

    def _write(self, least: int) -> None:
        if len(self._same) >= least:
            self._driver.execute("BEGIN")
            self._driver.executemany("INSERT INTO stage.same VALUES (?, ?)", self._same)
            self._driver.execute("COMMIT")
            self._same.clear()

    def settle(self) -> None:
        """Stage what was passed over after all where another row is about the same title."""
        self._write(1)
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
