"""Rows that say just what the catalogue has: passed over before they are staged.

Of the list of every night hardly a row is new. Looking each one up costs less than half of staging it,
comparing it there and finding it unchanged.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import compress

import msgspec

from bookwish_desk.db.merging import FAR
from bookwish_desk.db.staging import ALWAYS, Stage
from bookwish_desk.db.titles import SEQ_BITS, bucket_of
from bookwish_desk.shop.catalogue import Batch
from bookwish_desk.shop.title import FACTS, RejectedRow, TitleRow

_NOT_COMPARED = ("supplier_at",)
"""A new date alone is no news."""

_BUCKETS = [bucket_of((1 << bits) >> 1) for bits in range(64)]
"""The bucket of a demand with so many binary digits."""

_MANY = 20  # stretches that are written at once


class Passing:
    """What was passed over so far, by line, should another row of the list be about the same title."""

    def __init__(self, stage: Stage, fields: Collection[str]) -> None:
        self._stage = stage
        self._driver = stage.driver
        self._names = [name for name in FACTS if name in fields and name not in _NOT_COMPARED]
        columns = "".join(f", t.{name}" for name in self._names)
        self._known = (
            f"SELECT t.id >> {SEQ_BITS}{columns} FROM json_each(?) AS asked "
            "LEFT JOIN catalogue.titles AS t ON t.ean = asked.value"
        )
        self._ranked = "demand" in fields
        self._same: list[tuple[int, str]] = []
        self.added = self.repaired = 0
        self._driver.execute("CREATE TABLE stage.same(line INTEGER PRIMARY KEY, eans TEXT)")

    def take(self, batch: Batch) -> list[TitleRow | RejectedRow]:
        """Note the rows that say nothing new, and return the others."""
        if len(batch.odd) == len(batch.eans):
            return batch.rows()
        asked = _json(batch.eans)
        same = self._said_already(batch, asked)
        self.repaired += sum(compress(batch.said["repaired"], same))
        if all(same):
            left: list[TitleRow | RejectedRow] = []
        else:
            asked = _json([ean if one else None for ean, one in zip(batch.eans, same, strict=True)])
            left = batch.rows([place for place, one in enumerate(same) if not one])
        self._same.append((batch.first, asked))
        self._write(_MANY)
        return left

    def _said_already(self, batch: Batch, asked: str) -> list[bool]:
        """Say of each row whether the catalogue has just what it says: in its columns, which mostly agree."""
        # As they are asked for: the left side of a LEFT JOIN leads, and an array is read in its order.
        buckets, *known = zip(*self._driver.execute(self._known, (asked,)), strict=True)
        same = [bucket is not None for bucket in buckets]
        for name, had in zip(self._names, known, strict=True):
            said = batch.said[name]
            if had != tuple(said):
                same = [one and old == new for one, old, new in zip(same, had, said, strict=True)]
        if self._ranked:
            same = [
                one and (demand is None or -FAR < _BUCKETS[demand.bit_length()] - bucket < FAR)
                for one, demand, bucket in zip(same, batch.said["demand"], buckets, strict=True)
            ]
        if any(batch.skus):
            same = [one and not sku for one, sku in zip(same, batch.skus, strict=True)]
        for place in batch.odd:
            same[place] = False
        return same

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
            f"INSERT INTO stage.rows(line, ean, raw{names}) SELECT DISTINCT s.line + one.key, t.ean, "
            f"concat(t.ean, ', ', t.title){values} FROM stage.same AS s CROSS JOIN json_each(s.eans) AS one "
            "CROSS JOIN stage.rows AS r ON r.ean = one.value AND r.ean <> '' "
            "CROSS JOIN catalogue.titles AS t ON t.ean = r.ean"
        )


def _json(eans: list[int | None]) -> str:
    return msgspec.json.encode(eans).decode()
