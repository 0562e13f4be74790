"""The first list into an empty catalogue: its books go straight into the table, in one open transaction.

Staging them first would double the work of the longest import that a shop ever does. Whatever is not
plainly a new book of the trade is staged, and merged as in every later import (`db.merging`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from bookwish_desk.db.engine import driver
from bookwish_desk.db.staging import Stage
from bookwish_desk.db.titles import SEQ_BITS, bucket_of
from bookwish_desk.shop.title import FACTS, RejectedRow, TitleRow, refused_row

_OF_SHOP = frozenset({"stock", "shelf", "stocked", "on_order", "reference", "gone", "whole"})
"""What a list of the trade does not say; where one does, its rows have consequences elsewhere."""

_BOOKS = 9780000000000, 9799999999999
_MUSIC = 9790000000000, 9790999999999
_MOST_LINES = 1 << SEQ_BITS
_STARTS = [bucket_of((1 << bits) >> 1) << SEQ_BITS for bits in range(64)]
"""Where the bucket begins of a demand with so many binary digits (`titles.bucket_of`)."""

_INDEX = "CREATE UNIQUE INDEX catalogue.title_ean ON titles(ean)"


def fits(driver: Any, fields: Collection[str]) -> bool:
    """Say whether a list that can say `fields` may go straight into the catalogue: it holds no title yet."""
    empty: bool = driver.execute("SELECT NOT EXISTS (SELECT 1 FROM catalogue.titles)").fetchone()[0]
    return empty and not _OF_SHOP.intersection(fields)


class Fill:
    """An empty catalogue that is being filled; nobody sees it before the merge is committed.

    A title's place holds the line of its row, so that a code that comes twice is told in words.
    """

    def __init__(self, stage: Stage, fields: Collection[str], classes: tuple[str, str]) -> None:
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
        self._driver.execute("BEGIN IMMEDIATE")
        self._driver.execute("DROP INDEX catalogue.title_ean")

    def add(self, rows: Sequence[TitleRow]) -> list[TitleRow]:
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
        self.repaired += sum(row.repaired for row in plain)
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

    def settle(self) -> tuple[list[RejectedRow], int]:
        """Decide between rows of one code, as `Stage.settle` does in a table afterwards.

        Return those that are refused, and how many said just what another had said.
        """
        refused, same = self._index()
        refused += self._known()
        self._driver.execute("INSERT INTO catalogue.unsearched SELECT id FROM catalogue.titles ORDER BY id")
        return refused, same

    def _index(self) -> tuple[list[RejectedRow], int]:
        try:
            self._driver.execute(_INDEX)
            return [], 0
        except driver().IntegrityError:
            return self._decide()

    def _decide(self) -> tuple[list[RejectedRow], int]:
        self._driver.execute("CREATE INDEX catalogue.title_ean ON titles(ean)")
        twice = self._driver.execute(
            "SELECT ean FROM catalogue.titles GROUP BY ean HAVING count(*) > 1"
        ).fetchall()
        refused: list[RejectedRow] = []
        same = 0
        for (ean,) in twice:
            names = ", ".join(("tax_class", *self._names))
            (kept, first), *rest = (
                (place, said)
                for place, *said in self._driver.execute(
                    f"SELECT id, {names} FROM catalogue.titles WHERE ean = ? ORDER BY id & {_MOST_LINES - 1}",
                    (ean,),
                ).fetchall()
            )
            for place, said in rest:
                self._driver.execute("DELETE FROM catalogue.titles WHERE id = ?", (place,))
                if said == first:
                    same += 1
                else:
                    refused.append(_refused(_line(place), _line(kept), ean, said[1]))
        self.added -= len(refused) + same
        self._driver.execute("DROP INDEX catalogue.title_ean")
        self._driver.execute(_INDEX)
        return refused, same

    def _known(self) -> list[RejectedRow]:
        """Refuse staged rows about titles that another row has brought."""
        found = self._driver.execute(
            "SELECT r.line, t.id, r.ean, r.title FROM stage.rows AS r "
            "JOIN catalogue.titles AS t ON t.ean = r.ean WHERE r.fate = ''"
        ).fetchall()
        self._driver.executemany("DELETE FROM stage.rows WHERE line = ?", [(line,) for line, *_ in found])
        return [_refused(line, _line(place), ean, title) for line, place, ean, title in found]


def _joined(place: int, tax_class: str, said: tuple[Any, ...]) -> tuple[Any, ...]:
    return (place, tax_class, *said)


def _line(place: int) -> int:
    return place & (_MOST_LINES - 1)


def _refused(line: int, other: int, ean: int, title: str) -> RejectedRow:
    return refused_row(line, f"{ean}, {title}", f"{ean} is in line {other} too, and there it says otherwise.")
