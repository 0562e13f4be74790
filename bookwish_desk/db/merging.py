"""The new catalogue out of the old one and a staged list: one transaction of a few statements on all rows.

Until `Merge.commit` nothing is changed. What a row means is said in `Rule`s of SQL beside the properties
of `shop.title.TitleRow` that they repeat; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bookwish_desk.db.owed import SAID, owe
from bookwish_desk.db.staging import Stage
from bookwish_desk.db.titles import SEQ_BITS
from bookwish_desk.shop.title import FACTS, KEPT

IS_TRADE = (
    "(r.ean IS NOT NULL AND r.sku = '' AND NOT r.ean BETWEEN 2000000000000 AND 2999999999999 "
    "AND NOT r.ean BETWEEN 200000000000 AND 299999999999 AND NOT r.ean BETWEEN 400000000000 AND 499999999999)"
)
"""Whether a row is a title of the trade (`TitleRow.is_trade`)."""

IS_BOOK = (
    "(r.ean BETWEEN 9780000000000 AND 9799999999999 AND NOT r.ean BETWEEN 9790000000000 AND 9790999999999)"
)
"""Whether its code is an ISBN (`TitleRow.is_book`)."""

_NUMBERS = frozenset({
    *("year", "price_cents", "pages", "grams", "media_mail", "supplier_on_hand", "supplier_on_order"),
})  # fmt: skip
_WORDS = ("title", "subtitle", "authors", "publisher", "series")
FAR = 3
"""A title moves to another bucket of `titles` only when its demand has grown or fallen eightfold."""

_MUCH = 4  # more new titles than a quarter of the old: the index is cheaper to make than to extend


def _new(name: str) -> str:
    """Return what a fact of a known title `t` is after a row `r` (`shop.title.TitleRow`)."""
    says = f"r.{name} IS NOT NULL" if name in _NUMBERS else f"r.{name} <> ''"
    if name == "last_return":
        says = f"r.returnable <> '' OR {says}"  # returns that are open again have no last day
    if name not in KEPT:
        says = f"r.whole OR {says}"
    return f"CASE WHEN {says} THEN r.{name} ELSE t.{name} END"


def _first(name: str) -> str:
    """Return what a fact of a new title is."""
    if name == "tax_class":
        return f"coalesce(nullif(r.tax_class, ''), CASE WHEN {IS_BOOK} THEN ? ELSE ? END)"
    return f"r.{name}"


def _any_differs(names: Iterable[str]) -> str:
    return f"({' OR '.join(f'({_new(name)}) IS NOT t.{name}' for name in names) or '0'})"


def _in_bucket(bucket: int) -> str:
    first = bucket << SEQ_BITS
    return f"id BETWEEN {first} AND {first + (1 << SEQ_BITS) - 1}"


_UNNAMED = (
    "(r.title = '' AND r.supplier = '' AND NOT EXISTS "
    "(SELECT 1 FROM catalogue.titles AS t WHERE t.ean = r.ean))"
)


class Merge:
    """A merge of what is staged into the catalogue, in a transaction that is open until `commit`.

    `classes` are the tax classes of books and of other goods, `owned` the EANs of the shop's own items.
    With `counts` the list is a count of the shelves: it adds titles and changes none.
    """

    def __init__(self, stage: Stage, classes: tuple[str, str], *, counts: bool, owned: Iterable[int]) -> None:
        self._driver = stage.driver
        self._said = [name for name in FACTS if name in stage.fields]
        self._classes = classes
        self._counts = counts
        self.added = self.updated = self.removed = 0
        self._driver.execute("CREATE TABLE stage.owned(ean INTEGER PRIMARY KEY)")
        if not self._driver.in_transaction:
            self._driver.execute("BEGIN IMMEDIATE")
        self._driver.executemany("INSERT INTO stage.owned VALUES (?)", [(ean,) for ean in sorted(owned)])

    def _one(self, sql: str, *values: int) -> int:
        return int(self._driver.execute(sql, values).fetchone()[0])

    def work_out(self, step: Callable[[int], None]) -> None:
        """Make the new catalogue in the open transaction; `step` gets the per cent that is done."""
        steps = (self._compare, self._change, self._remove, self._look_for_new, self._add)
        for done, work in enumerate(steps):
            step(100 * done // len(steps))
            work()
        step(100)

    def commit(self) -> None:
        """Put the new catalogue in the place of the old one."""
        self._driver.execute("COMMIT")

    # What is known and changes

    def _compare(self) -> None:
        differs = _any_differs([name for name in self._said if name != "supplier_at"])
        words = _any_differs([name for name in self._said if name in _WORDS])
        moves = f"abs(r.bucket - (t.id >> {SEQ_BITS})) >= {FAR} AND r.demand IS NOT NULL"
        if self._counts:
            # A count of the shelves says nothing new of what the trade knows.
            differs = words = moves = "0"
        self._driver.execute(
            "CREATE TABLE stage.changed(line INTEGER PRIMARY KEY, "
            "id, ean, old_price, new_price, words, moves, gone, differs)"
        )
        self._driver.execute(
            "INSERT INTO stage.changed SELECT r.line, t.id, t.ean, t.price_cents AS old_price, "
            f"{_new('price_cents')} AS new_price, {words} AS words, {moves} AS moves, r.gone, "
            f"{differs} AS differs "
            "FROM stage.rows AS r CROSS JOIN catalogue.titles AS t ON t.ean = r.ean "
            f"WHERE r.fate = '' AND {IS_TRADE} AND (r.gone OR {differs} OR {moves})"
        )
        self.updated = self._one("SELECT count(*) FROM stage.changed")

    def _change(self) -> None:
        columns = ", ".join(f"{name} = {_new(name)}" for name in self._said)
        if columns:
            self._driver.execute(
                f"UPDATE catalogue.titles AS t SET {columns} FROM stage.changed AS c "
                "JOIN stage.rows AS r ON r.line = c.line WHERE t.id = c.id AND c.differs AND NOT c.gone"
            )
        self._search_again("SELECT id FROM stage.changed WHERE words OR moves OR gone")
        moved = self._driver.execute(
            "SELECT DISTINCT r.bucket FROM stage.changed AS c JOIN stage.rows AS r ON r.line = c.line "
            "WHERE c.moves AND NOT c.gone"
        ).fetchall()
        for (bucket,) in moved:
            last = self._last(bucket)
            self._driver.execute(
                "UPDATE catalogue.titles AS t SET id = n.place FROM ("
                f"SELECT c.id, {last} + row_number() OVER (ORDER BY c.line) AS place FROM stage.changed AS c "
                "JOIN stage.rows AS r ON r.line = c.line WHERE c.moves AND NOT c.gone AND r.bucket = ?"
                ") AS n WHERE t.id = n.id",
                (bucket,),
            )
            self._search_again(f"SELECT id FROM catalogue.titles WHERE {_in_bucket(bucket)} AND id > {last}")

    def _remove(self) -> None:
        self.removed = self._one("SELECT count(*) FROM stage.changed WHERE gone")
        if self.removed:
            self._driver.execute(
                "DELETE FROM catalogue.titles WHERE id IN (SELECT id FROM stage.changed WHERE gone)"
            )

    # What is new

    def _look_for_new(self) -> None:
        self._driver.execute("CREATE TABLE stage.fresh(line INTEGER PRIMARY KEY, bucket INTEGER)")
        known = ""
        if self._one("SELECT EXISTS (SELECT 1 FROM catalogue.titles)"):
            known = "AND NOT EXISTS (SELECT 1 FROM catalogue.titles AS t WHERE t.ean = r.ean)"
        # A stock file names titles by their code alone: they are priced, and wait for a name.
        self._driver.execute(
            "INSERT INTO stage.fresh SELECT r.line, r.bucket FROM stage.rows AS r "
            f"WHERE r.fate = '' AND NOT r.gone AND {IS_TRADE} AND (r.title <> '' OR r.supplier <> '') {known}"
        )
        self.added = self._one("SELECT count(*) FROM stage.fresh")

    def _add(self) -> None:
        known = self._one("SELECT count(*) FROM catalogue.titles")
        rebuild = self.added * _MUCH > known
        if rebuild:
            self._driver.execute("DROP INDEX catalogue.title_ean")
        names = dict.fromkeys((*self._said, "title", "tax_class"))
        values = ", ".join(_first(name) for name in names)
        book, other = self._classes
        buckets = self._driver.execute("SELECT DISTINCT bucket FROM stage.fresh ORDER BY bucket").fetchall()
        for (bucket,) in buckets:
            last = self._last(bucket)
            self._driver.execute(
                f"INSERT INTO catalogue.titles(id, ean, {', '.join(names)}) "
                f"SELECT ? + row_number() OVER (ORDER BY f.line), r.ean, {values} "
                "FROM stage.fresh AS f CROSS JOIN stage.rows AS r ON r.line = f.line "
                "WHERE f.bucket = ? ORDER BY f.line",
                (last, book, other, bucket),
            )
            self._search_again(f"SELECT id FROM catalogue.titles WHERE {_in_bucket(bucket)} AND id > {last}")
        if rebuild:
            self._driver.execute("CREATE UNIQUE INDEX catalogue.title_ean ON titles(ean)")

    def _last(self, bucket: int) -> int:
        return self._one(
            f"SELECT coalesce(max(id), ?) FROM catalogue.titles WHERE {_in_bucket(bucket)}",
            bucket << SEQ_BITS,
        )

    def _search_again(self, ids: str) -> None:
        self._driver.execute(f"INSERT OR IGNORE INTO catalogue.unsearched {ids} ORDER BY id")

    # What follows for the shop

    def ending(self) -> list[tuple[int, int]]:
        """Return the EAN and price of titles that go away and that price items of the shop."""
        found = self._driver.execute(
            "SELECT ean, old_price FROM stage.changed JOIN stage.owned USING (ean) "
            "WHERE gone AND old_price IS NOT NULL"
        )
        return list(found)

    def owe(self, body: bytes) -> None:
        """Note the rows that the shop's items follow, and `body` about the import, beside the new catalogue.

        These are the shop's own goods, rows with stock or a shelf, and new prices of what it keeps.
        """
        says = "r.stock IS NOT NULL OR r.shelf <> '' OR NOT r.stocked OR r.on_order IS NOT NULL"
        adds = "1" if self._counts else f"({says} OR NOT {IS_TRADE} OR {_UNNAMED})"
        repriced = "c.old_price IS NOT c.new_price AND r.ean IN (SELECT ean FROM stage.owned)"
        said = ", ".join(f"'{name}', r.{name}" for name in SAID)
        owe(
            self._driver,
            body,
            "SELECT r.line, CASE WHEN f.line IS NOT NULL THEN 'added' WHEN c.line IS NOT NULL THEN 'updated' "
            f"ELSE 'unchanged' END, c.old_price, {adds}, json_object({said}) FROM stage.rows AS r "
            "LEFT JOIN stage.fresh AS f ON f.line = r.line LEFT JOIN stage.changed AS c ON c.line = r.line "
            f"WHERE r.fate = '' AND NOT r.gone AND ({adds} OR ({repriced})) ORDER BY r.line",
        )
