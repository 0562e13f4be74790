"""Lists of titles as publishers, other tills and spreadsheets write them: text to rows, or to a reason.

Damage that the row itself proves is repaired, nothing is guessed, and what cannot be read is refused
in words. What a row means for stock and prices is decided by who imports it, not here.

Rows are read many at a time, column by column. One that is refused there is read again by itself, with
`TableReader.read`, which gives the reason: both ways have the same outcome for every row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice, repeat
from typing import Any, NamedTuple

from bookwish_desk.shop.cells import Column, Prices, columns_of
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.headings import (
    FIELDS,
    is_any_ean,
    known_headings,
    recognise,
    refuse_unclear,
    refuse_unknown,
)
from bookwish_desk.shop.identity import Identity
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.tabular import Block, Lines, Record, blocks, delimiter_of, next_record
from bookwish_desk.shop.text import clean, mask_cards
from bookwish_desk.shop.title import RejectedRow, TitleRow, refused_row

_RAW = 1_000  # characters of a refused row that are kept for the report
_SAMPLE = 2_000  # lines by which a column of dates shows how it writes them
_PREVIEWED = 20  # rows
_LOOKED_AT = 1_000  # lines of a preview, however few of them are rows
_TOO_MANY_CELLS = (
    "The row has more cells than there are headings. "
    "Text that holds the separator itself must stand in quotation marks."
)
_ROW = TitleRow.__struct_fields__
_DEFAULTS = dict(zip(_ROW[-len(TitleRow.__struct_defaults__) :], TitleRow.__struct_defaults__, strict=True))
_Said = list[tuple[int, Column]]  # columns that say one thing, and where they stand: the first that does


class Preview(NamedTuple):
    """The beginning of a list: how cells are separated, headings, the field of each, and the first rows."""

    delimiter: str
    headings: tuple[str, ...]
    fields: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(
    lines: Iterable[str],
    *,
    currency: Currency,
    tax_classes: Collection[str],
    columns: Mapping[str, str] | None = None,
) -> TableReader:
    """Read a list with a heading line: an iterable of good rows and refused ones in their order.

    Comma, semicolon, tab or bar; columns in any order under their usual names, or as a person mapped
    them: `columns` is heading to one of `FIELDS`, or to "" where it is left out. Unknown columns are left
    out. Prices are read in `currency`; tax classes must be among `tax_classes` when there are any. Blank
    rows are no rows. Raises Refused when no heading line names an ISBN, EAN or SKU, or two columns are
    one thing.
    """
    rows = Lines(lines)
    delimiter, headings = _heading(rows, columns or {})
    refuse_unknown(headings, columns or {})
    fields = recognise(headings, columns or {})
    refuse_unclear(headings, fields)
    return TableReader(rows, delimiter, headings, fields, currency, frozenset(tax_classes))


def preview(lines: Iterable[str], columns: Mapping[str, str]) -> Preview:
    """Return the beginning of a list as `read_table` would take it, also where that would refuse it.

    Cells are safe to show: on one line, cut, without card numbers.
    """
    rows = Lines(islice(lines, _LOOKED_AT))
    delimiter, headings = _heading(rows, columns)
    shown: list[tuple[str, ...]] = []
    while len(shown) < _PREVIEWED and (record := next_record(rows, delimiter)):
        found = record.cells or (record.raw,)
        if any(found):
            shown.append(tuple(mask_cards(clean(cell)) for cell in found[: len(headings)]))
    return Preview(delimiter, headings, recognise(headings, columns), tuple(shown))


def _heading(rows: Lines, columns: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Take the heading line; return the delimiter and the headings."""
    while (text := rows.peek()) is not None and _is_above(text.strip()):
        rows.take(1)
    delimiter = delimiter_of(text or "", lambda names: known_headings(names, columns))
    heading = next_record(rows, delimiter) or Record(1, "")
    return delimiter, tuple(clean(name) for name in heading.cells)


def _is_above(text: str) -> bool:
    return not text or text.strip('"').casefold().startswith("sep=")


class Batch:
    """Rows of a list in columns: `said` is what each of `TitleRow`'s fields is, row by row.

    `odd` rows, by their place, are those that had to be read by themselves; nothing else holds of them.
    """

    def __init__(
        self,
        first: int,
        eans: list[int | None],
        skus: list[str],
        said: dict[str, list[Any]],
        rest: tuple[str, ...],
        odd: dict[int, TitleRow | RejectedRow | None],
    ) -> None:
        self.first = first
        self.eans = eans
        self.skus = skus
        self.said = said
        self.odd = odd
        self._rest = rest

    @property
    def size(self) -> int:
        """Return how many rows there are; blank ones do not count."""
        return len(self.eans) - sum(row is None for row in self.odd.values())

    def rows(self, wanted: Collection[int] | None = None) -> list[TitleRow | RejectedRow]:
        """Return the rows at these places, or every row, in their order."""
        if wanted is None:
            rest = (self.said.get(name) or repeat(_DEFAULTS[name]) for name in self._rest)
            made: list[TitleRow | RejectedRow | None] = list(
                map(TitleRow, count(self.first), self.eans, self.skus, *rest)
            )
            for place, row in self.odd.items():
                made[place] = row
        else:
            made = [self.odd[place] if place in self.odd else self._row(place) for place in wanted]
        return [row for row in made if row is not None]

    def _row(self, place: int) -> TitleRow:
        said = {name: values[place] for name, values in self.said.items()}
        return TitleRow(line=self.first + place, ean=self.eans[place], sku=self.skus[place], **said)


class TableReader:
    """Reads the rows of one list, once. `headings` and `recognised` say which column is what.

    `fields` are what rows of this list can say, as `TitleRow` calls it: everything else is as in every row.
    """

    def __init__(
        self,
        lines: Lines,
        delimiter: str,
        headings: tuple[str, ...],
        recognised: tuple[str, ...],
        currency: Currency,
        tax_classes: frozenset[str],
    ) -> None:
        self.headings = headings
        self.recognised = recognised
        self._lines = lines
        self._delimiter = delimiter
        codes = [place for place, field in enumerate(recognised) if field == "code"]
        any_ean = [place for place in codes if is_any_ean(headings[place])]
        sku = recognised.index("sku") if "sku" in recognised else -1
        self._identity = Identity(codes, any_ean, sku)
        self._said = self._columns(Prices(currency), tax_classes)
        self.fields = ("ean", *(("sku",) if sku >= 0 else ()), *self._said)
        last = max(_ROW.index(name) for name in ("raw", *self._said))
        self._rest = _ROW[_ROW.index("title") : last + 1]

    def __iter__(self) -> Iterator[TitleRow | RejectedRow]:
        return chain.from_iterable(batch.rows() for batch in self.batches())

    def batches(self) -> Iterator[Batch]:
        """Read the rows many at a time, in columns: for whoever needs no row by itself."""
        for found in blocks(self._lines, self._delimiter):
            if isinstance(found, Block):
                yield self._read_many(found)
            elif row := self.read(found):
                yield Batch(row.line, [None], [""], {}, (), {0: row})

    def read(self, record: Record) -> TitleRow | RejectedRow | None:
        """Return the row that a record is; None for a blank one."""
        found, raw = record.cells, record.raw[:_RAW]
        if record.fault:
            return refused_row(record.line, raw, record.fault)
        if not any(c and not c.isspace() for c in found):
            return None
        if any(c and not c.isspace() for c in found[len(self.headings) :]):
            return refused_row(record.line, raw, _TOO_MANY_CELLS)
        try:
            ean, sku, repaired = self._identity.of(found)
            said = {name: _first_said(columns, found) for name, columns in self._said.items()}
        except Refused as refusal:
            return refused_row(record.line, raw, refusal.message)
        return TitleRow(line=record.line, ean=ean, sku=sku, repaired=repaired, raw=raw, **said)

    def _read_many(self, block: Block) -> Batch:
        """Return the rows that `read` would return one by one."""
        bad: set[int] = set()
        columns = self._fitted(block, bad)
        eans, skus, repaired = self._identity.of_many(columns, bad)
        said = {name: _values(found, columns, bad) for name, found in self._said.items()}
        said["repaired"] = repaired
        said["raw"] = [text[:_RAW] for text in block.texts]
        rows = block.rows if bad else []
        odd = {
            place: self.read(Record(block.first + place, block.texts[place], tuple(rows[place])))
            for place in bad
        }
        return Batch(block.first, eans, skus, said, self._rest, odd)

    def _fitted(self, block: Block, bad: set[int]) -> Sequence[Sequence[str]]:
        """Return as many columns as there are headings; rows with more cells than that are bad."""
        width = len(self.headings)
        if len(block.columns) == width:
            return block.columns
        rows = block.rows
        bad.update(place for place, row in enumerate(rows) if len(row) > width)
        return list(zip(*([*row[:width], *[""] * (width - len(row))] for row in rows), strict=True))

    def _columns(self, prices: Prices, tax_classes: frozenset[str]) -> dict[str, _Said]:
        """Return what rows of this list say, in the order of `TitleRow`, and the columns that say it."""
        blocks_ahead = blocks(Lines(self._lines.ahead(_SAMPLE)), self._delimiter)
        sample = [row for found in blocks_ahead if isinstance(found, Block) for row in found.rows]
        said: dict[str, _Said] = {}
        for field in FIELDS:
            if field in self.recognised:
                place = self.recognised.index(field)
                cells = [row[place] for row in sample if place < len(row)]
                for name, column in columns_of(field, self.headings[place], cells, prices, tax_classes):
                    said.setdefault(name, []).append((place, column))
        return {name: said[name] for name in _ROW if name in said}


def _first_said(columns: _Said, cells: Sequence[str]) -> Any:
    value = None
    for place, column in columns:
        value = column.value(cells[place] if place < len(cells) else "")
        if value is not None:
            break
    return value


def _values(columns: _Said, cells: Sequence[Sequence[str]], bad: set[int]) -> list[Any]:
    (place, column), *others = columns
    values = column.values(cells[place], bad)
    for place, column in others:
        more = column.values(cells[place], bad)
        values = [other if value is None else value for value, other in zip(values, more, strict=True)]
    return values
