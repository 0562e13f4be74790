"""What the import screen shows, as frozen values, and how a list and its import are put into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.headings import FIELDS, refuse_unclear
from bookwish_desk.shop.import_words import CANCELLABLE, PHASES, Phase, figures
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import ImportReport

Stage = Literal["choose", "looking", "ready", "running", "done"]
MOST_COLUMNS = 60
"""So many columns are shown; what is beyond them is taken as its headings say."""

_CELL = 80  # characters of a cell: more than a column is wide

_HINTS: dict[Phase, str] = {
    "reading": "You can go on selling meanwhile. If you cancel now, nothing is changed.",
    "merging": "You can go on selling meanwhile. If you cancel now, nothing is changed.",
    "items": "The catalogue is up to date; the shop's own items follow. You can go on selling meanwhile.",
    "indexing": "The list is in. The search index is being finished; everything is found meanwhile, too.",
}
_CANCELLING = "Cancelling. Nothing will have been changed."


class SheetColumn(msgspec.Struct, frozen=True):
    """A column of the list: its heading, the field it is ("" when left out), its first cells.

    `wrong` says that another column is the same field.
    """

    heading: str
    field: str
    cells: tuple[str, ...] = ()
    wrong: bool = False


class Running(msgspec.Struct, frozen=True):
    """An import on its way, in words."""

    step: int = 1
    phase: str = PHASES["reading"]
    per_cent: int = 0
    figures: str = ""
    hint: str = _HINTS["reading"]
    can_cancel: bool = True


class Result(msgspec.Struct, frozen=True):
    """What became of a list: `counts` as (key, figure), the first rejected rows as (line, reason)."""

    sentence: str
    counts: tuple[tuple[str, str], ...]
    extras: str = ""
    rejected: tuple[tuple[str, str], ...] = ()
    more_rejected: str = ""
    report: str = ""


class ImportState(msgspec.Struct, frozen=True):
    """Everything on the import screen. `problem` is why the list cannot be imported as it is mapped."""

    stage: Stage = "choose"
    path: str = ""
    name: str = ""
    about: str = ""
    table: bool = False
    columns: tuple[SheetColumn, ...] = ()
    beyond: str = ""
    encoding: str = ""
    counts: bool = False
    problem: str = ""
    running: Running = Running()
    result: Result | None = None
    notice: str = ""
    tone: Literal["ok", "info", "warn", "error"] = "error"


# ---- the list ----


def size_words(size: int) -> str:
    """Return a number of bytes as people say it: 12.4 MB."""
    if size < 1_000:
        return f"{size} bytes"
    for unit, step in (("kB", 1_000), ("MB", 1_000_000)):
        if size < 999.5 * step:
            return f"{size / step:.1f} {unit}" if size < 100 * step else f"{size / step:.0f} {unit}"
    return f"{size / 1_000_000_000:.1f} GB"


_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}


def table_words(columns: int, delimiter: str, encoding: str) -> str:
    """Return what a table is: A table of 9 columns, separated by semicolons, Windows 1252."""
    one = "one column" if columns == 1 else f"{columns} columns"
    between = f", separated by {_SEPARATORS.get(delimiter, 'one character')}" if columns > 1 else ""
    return f"A table of {one}{between}" + (f", {encoding}" if encoding else "")


def columns_of(
    headings: Sequence[str], fields: Sequence[str], rows: Sequence[Sequence[str]], wrong: frozenset[int]
) -> tuple[SheetColumn, ...]:
    """Return the columns of the preview: cells made safe to show, and short."""
    return tuple(
        SheetColumn(
            clean(heading, _CELL),
            field,
            tuple(clean(row[place], _CELL) if place < len(row) else "" for row in rows),
            place in wrong,
        )
        for place, (heading, field) in enumerate(zip(headings, fields, strict=True))
    )


def problem_of(headings: Sequence[str], fields: Sequence[str], counts: bool) -> tuple[str, frozenset[int]]:
    """Return why a mapping cannot be imported, "" when it can, and the columns that it is about."""
    if not {"code", "sku"} & set(fields):
        return "Choose which column holds the ISBN, EAN or SKU.", frozenset()
    try:
        refuse_unclear(headings, fields)
    except Refused as refusal:
        twice = {f for f in fields if f not in ("", "code") and fields.count(f) > 1}
        first = next(f for f in fields if f in twice)
        return refusal.message, frozenset(place for place, f in enumerate(fields) if f == first)
    if counts and "stock" not in fields:
        return f'A count of the shelves needs a column of copies: "{FIELDS["stock"]}".', frozenset()
    return "", frozenset()


# ---- on its way ----


def running_words(
    phase: Phase, rows: int, per_cent: int, rows_per_second: int, seconds_left: int | None
) -> Running:
    """Return the progress of an import in words."""
    return Running(
        step=list(PHASES).index(phase) + 1,
        phase=PHASES[phase],
        per_cent=max(0, min(100, per_cent)),
        figures=figures(rows, rows_per_second, seconds_left),
        hint=_HINTS[phase],
        can_cancel=phase in CANCELLABLE,
    )


def cancelling(running: Running) -> Running:
    """Return the progress of an import that was told to stop."""
    return msgspec.structs.replace(running, can_cancel=False, hint=_CANCELLING)


# ---- what became of it ----

COUNTS = (
    ("read", "Rows read"),
    ("added", "Added"),
    ("updated", "Updated"),
    ("unchanged", "Unchanged"),
    ("rejected", "Rejected"),
)
"""What is counted, and its label: the first is the sum of the others."""


def result_of(name: str, report: ImportReport) -> Result:
    """Return what an import did, in words."""
    rejected = tuple(_rejected(problem) for problem in report.problems)
    more = report.rejected - len(rejected)
    return Result(
        sentence=f"{name} is imported.",
        counts=tuple((key, f"{getattr(report, key):,}") for key, _ in COUNTS),
        extras=" ".join(_extras(report)),
        rejected=rejected,
        more_rejected=f"{more:,} more are in the report." if more > 0 else "",
        report=report.report_path,
    )


def _extras(report: ImportReport) -> Iterator[str]:
    """Yield what is worth saying of rows that are in the counts."""
    if report.repaired:
        yield f"Damaged codes that were put right: {report.repaired:,}."
    if report.removed:
        yield f"Titles taken out: {report.removed:,}."
    if report.superseded:
        yield f"Records that come again later in the list, where the later one counts: {report.superseded:,}."


def _rejected(problem: str) -> tuple[str, str]:
    line, colon, reason = problem.partition(": ")
    return (line, reason) if colon and line.isdigit() else ("", problem)


def done_words(name: str, report: ImportReport) -> str:
    """Return the sentence for whoever works on another screen meanwhile."""
    rows = "1 row" if report.read == 1 else f"{report.read:,} rows"
    refused = f", {report.rejected:,} of them rejected" if report.rejected else ""
    return f"{name} is imported: {rows} read{refused}."
