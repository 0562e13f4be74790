"""Rows of a list on their way into the catalogue: a scratch database beside it, thrown away afterwards.

Nothing of the books is touched here. One list is staged at a time in a data folder; what a killed import
left is removed by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bookwish_desk.db import folder as place
from bookwish_desk.db.titles import LAST_BUCKET
from bookwish_desk.shop.title import FACTS, RejectedRow, TitleRow, refused_row

STAGE_FILE = "import.tmp"

ALWAYS = ("line", "ean", "sku", "raw")
"""What is staged of every row, whatever its list can say."""

_MARKS = ("stocked", "repaired", "whole", "gone", "media_mail")
_UNMARKED = (True, False, False, False, None)
"""What hardly any row of a table says otherwise: the driver is slow with truth values."""

_FIELDS = TitleRow.__struct_fields__
_BOOLS = frozenset({"stocked", "repaired", "whole", "gone"})
_SOME_MEMORY = -32_768  # KiB of page cache while a list is staged and merged
_MUCH_MEMORY = -65_536


_Values = Callable[[TitleRow], tuple[Any, ...]]
_marks: _Values = attrgetter(*_MARKS)
_BUCKET = " ".join((
    f"CASE WHEN demand IS NULL THEN {LAST_BUCKET}",
    *(f"WHEN demand < {1 << bits} THEN {LAST_BUCKET - bits}" for bits in range(LAST_BUCKET)),
    "ELSE 0 END",
))  # fmt: skip
"""The bucket of a row (`titles.bucket_of`)."""


class Stage:
    """The staged rows of one list, as `stage.rows` on the connection of the catalogue's one writer.

    `fate` of a row is empty while it counts; "unchanged" says the list has it already, "rejected" that
    another row of the list goes before it.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.fields: set[str] = set()
        """What the list can say: the columns that are worth comparing."""
        self._ways: dict[tuple[str, ...], tuple[str, str, _Values]] = {}
        defaults = dict(
            zip(_FIELDS[-len(TitleRow.__struct_defaults__) :], TitleRow.__struct_defaults__, strict=True)
        )
        columns = [f"{name} DEFAULT {_literal(defaults.get(name))}" for name in _FIELDS if name != "line"]
        driver.execute("CREATE TABLE stage.refused(line INTEGER, reason TEXT, raw TEXT)")
        driver.execute(
            f"CREATE TABLE stage.rows(line INTEGER PRIMARY KEY, {', '.join(columns)}, "
            f"bucket INTEGER AS ({_BUCKET}), fate TEXT DEFAULT '')"
        )

    def add(self, rows: Sequence[TitleRow], fields: Iterable[str]) -> None:
        """Stage rows of a list that can say `fields`."""
        names = tuple(dict.fromkeys((*ALWAYS, *fields)))
        self.fields.update(names)
        sql, marked_sql, values = self._ways.get(names) or self._prepare(names)
        unmarked = [row for row in rows if _marks(row) == _UNMARKED]
        begun = self.driver.in_transaction
        if not begun:
            self.driver.execute("BEGIN")
        self.driver.executemany(sql, map(values, unmarked))
        if len(unmarked) < len(rows):
            marked = (row for row in rows if _marks(row) != _UNMARKED)
            self.driver.executemany(
                marked_sql, [(*values(row), *map(_number, _marks(row))) for row in marked]
            )
        if not begun:
            self.driver.execute("COMMIT")

    def _prepare(self, names: tuple[str, ...]) -> tuple[str, str, _Values]:
        plain = tuple(name for name in names if name not in _MARKS)
        sql, marked_sql = (
            f"INSERT INTO stage.rows({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            for columns in (plain, (*plain, *_MARKS))
        )
        self._ways[names] = made = sql, marked_sql, attrgetter(*plain)
        return made

    def refuse(self, rows: Iterable[RejectedRow]) -> None:
        """Put refused rows aside for the report."""
        values = [(row.line, row.reason, row.raw) for row in rows]
        self.driver.executemany("INSERT INTO stage.refused VALUES (?, ?, ?)", values)

    def refused(self) -> Iterator[RejectedRow]:
        """Return what was refused, in the order of the list."""
        found = self.driver.execute("SELECT line, raw, reason FROM stage.refused ORDER BY line")
        return (RejectedRow(*row) for row in found)

    def settle(self, *, later_counts: bool) -> Iterator[RejectedRow]:
        """Decide between rows of one code, SKU or record reference; yield those that do not count, and why.

        In a feed the later record counts. In a table what stands first does: the same once more is
        passed over, and a row that says otherwise is refused. Makes the index that merging needs.
        Nothing is decided before it is asked for.
        """
        for key in ("ean", "sku", "reference"):
            self.index(key)
        twice = " UNION ".join(
            f"SELECT r.line FROM (SELECT {key} FROM stage.rows WHERE {key} <> '' GROUP BY {key} "
            f"HAVING count(*) > 1) AS d CROSS JOIN stage.rows AS r ON r.{key} = d.{key} AND r.{key} <> ''"
            for key in ("ean", "sku", "reference")
        )
        self.driver.execute(f"CREATE TABLE stage.twice AS {twice}")
        lines = self.driver.execute(
            f"SELECT line FROM stage.twice ORDER BY line {'DESC' if later_counts else 'ASC'}"
        )
        rows = self.rows(line for (line,) in lines)
        yield from self._later(rows) if later_counts else self._earlier(rows)

    def index(self, key: str) -> None:
        """Make rows quick to find by their "ean", "sku" or "reference"."""
        self.driver.execute(f"CREATE INDEX IF NOT EXISTS stage.row_{key} ON rows({key}) WHERE {key} <> ''")

    def _earlier(self, rows: Iterable[TitleRow]) -> Iterator[RejectedRow]:
        seen: dict[str | int, tuple[int, int]] = {}
        for row in rows:
            said = hash(replace(row, line=0, raw="", repaired=False, demand=None))
            keys = [key for key in (row.sku, row.ean) if key]
            known = next((key for key in keys if key in seen), None)
            if known is None:
                seen.update((key, (row.line, said)) for key in keys)
                continue
            line, before = seen[known]
            if said == before:
                self.decide(row.line, "unchanged")
            else:
                self.decide(row.line, "rejected")
                why = f"{known} is in line {line} too, and there it says otherwise."
                yield refused_row(row.line, row.raw, why)

    def _later(self, rows: Iterable[TitleRow]) -> Iterator[RejectedRow]:
        seen: dict[str | int, int] = {}
        counts: dict[int, TitleRow] = {}
        for row in rows:
            keys = [key for key in (row.reference, row.ean) if key]
            line = next((seen[key] for key in keys if key in seen), 0)
            seen.update((key, line or row.line) for key in keys if key not in seen)
            if not line:
                counts[row.line] = row
                continue
            later = counts[line]
            if not later.whole and not later.gone and not row.gone and later.ean == row.ean:
                counts[line] = self._fill(later, row)
            self.decide(row.line, "rejected")
            why = f"Record {line} is about {row.reference or row.ean} too, and the later one counts."
            yield refused_row(row.line, row.raw, why)

    def _fill(self, later: TitleRow, earlier: TitleRow) -> TitleRow:
        """Let an update of some facts stand on the record before it in the same feed."""
        lacks = {name: getattr(earlier, name) for name in FACTS if getattr(later, name) in ("", None)}
        both = replace(later, **lacks, whole=earlier.whole)
        names = (*lacks, "whole")
        self.driver.execute(
            f"UPDATE stage.rows SET {', '.join(f'{name} = ?' for name in names)} WHERE line = ?",
            (*(getattr(both, name) for name in names), later.line),
        )
        return both

    def decide(self, line: int, fate: str) -> None:
        """Take a row out of what counts."""
        self.driver.execute("UPDATE stage.rows SET fate = ? WHERE line = ?", (fate, line))

    def repaired(self) -> int:
        """Return how many of the rows that count had a code put right."""
        return int(self.driver.execute(_REPAIRED).fetchone()[0])

    def rows(self, lines: Iterable[int]) -> Iterator[TitleRow]:
        """Return the rows of these lines, in their order."""
        sql = f"SELECT {', '.join(_FIELDS)} FROM stage.rows WHERE line = ?"
        for line in lines:
            values = dict(zip(_FIELDS, self.driver.execute(sql, (line,)).fetchone(), strict=True))
            values.update((name, bool(values[name])) for name in _BOOLS)
            if values["media_mail"] is not None:
                values["media_mail"] = bool(values["media_mail"])
            yield TitleRow(**values)


_REPAIRED = "SELECT count(*) FROM stage.rows WHERE repaired AND fate <> 'rejected'"


def _number(mark: bool | None) -> int | None:
    return None if mark is None else int(mark)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "''" if value == "" else "NULL"


@contextmanager
def staged(driver: Any, folder: Path) -> Iterator[Stage]:
    """Lend a stage on a connection that writes the catalogue, and throw it away; the connection is spent.

    Whoever asks for it holds the claim on imports (`folder.claim_import`).
    """
    path = folder / STAGE_FILE
    _remove(path)
    place.create_private(path)
    driver.execute("ATTACH DATABASE ? AS stage", (str(path),))
    try:
        # What is staged is worth nothing after a crash.
        for pragma in ("stage.journal_mode = OFF", "stage.synchronous = OFF", "temp_store = FILE"):
            driver.execute(f"PRAGMA {pragma}").fetchall()
        driver.execute(f"PRAGMA stage.cache_size = {_SOME_MEMORY}")
        driver.execute(f"PRAGMA catalogue.cache_size = {_MUCH_MEMORY}")
        yield Stage(driver)
    finally:
        driver.close()
        _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
