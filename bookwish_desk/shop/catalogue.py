"""Lists of titles as publishers, other tills and spreadsheets write them: text to rows, or to a reason.

Damage that the row itself proves is repaired, nothing is guessed, and what cannot be read is refused
in words. What a row means for stock and prices is decided by who imports it, not here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

import msgspec

from bookwish_desk.shop.barcode import Scan, parse
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.tabular import Record, delimiter_of, records
from bookwish_desk.shop.text import clean, holds_card_number
from bookwish_desk.shop.title import RejectedRow, TitleRow, refused_row

MOST_STOCK = 99_999
"""The most copies that one row may count: more is a slip, or a column that holds something else."""

NOT_COUNTED = "not counted"
"""What stands in the stock column for goods that the shop keeps no count of, such as coffee by the cup."""

_RAW = 1_000  # characters of a refused row that are kept for the report

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "code": (
        *("isbn", "isbn13", "isbn10", "isbn13ean", "eanisbn", "isbnean"),
        *("ean", "ean13", "gtin", "gtin13", "barcode", "upc", "upca", "upcean"),
    ),
    "sku": ("sku", "itemcode", "stockcode", "articlenumber", "articleno", "itemnumber"),
    "title": ("title", "booktitle", "productname", "itemname", "product", "name", "item", "description"),
    "authors": ("author", "authors", "authorname", "by", "contributor", "contributors", "creator"),
    "publisher": ("publisher", "imprint", "publishername", "manufacturer", "maker", "brand"),
    "year": (
        *("year", "pubyear", "publicationyear", "yearpublished", "originalpublicationyear"),
        *("pubdate", "publicationdate", "published"),
    ),
    "price": (
        *("price", "sellingprice", "saleprice", "ourprice", "unitprice", "retailprice", "retail"),
        *("listprice", "list", "rrp", "srp", "msrp"),
    ),
    "tax_class": ("taxclass", "taxcode", "taxcategory", "vatclass", "vatcode", "tax"),
    "stock": (
        *("stock", "onhand", "qtyonhand", "quantityonhand", "stockonhand", "qoh", "instock", "count"),
        *("stockcount", "openingstock", "qty", "quantity", "copies", "inventory"),
    ),
    "shelf": ("shelf", "shelflocation", "location", "bin", "section"),
}
"""The usual names of each column, without blanks and marks; the first one found in a file counts."""

_MEANING = {name: field for field, names in _SPELLINGS.items() for name in names}
_ANY_EAN = ("upc", "upca", "upcean", "ean", "ean13", "gtin", "gtin13", "barcode")
_LONGEST = {"title": 500, "authors": 1_000, "publisher": 200, "shelf": 40, "sku": 64, "tax_class": 40}
_RANK = ("book", "music", "serial", "ean", "upc", "in_shop")

_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
_GUARD = re.compile(r'="([^"]*)"')
_FLOAT = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d+)", re.ASCII)
_WHOLE = re.compile(r"(\d{1,9})(?:[.,]0+)?", re.ASCII)
_YEAR = re.compile(r"(-?\d{1,4})(?:\.0+)?", re.ASCII)
_YEAR_IN_DATE = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_MINUS = ("-", "\N{MINUS SIGN}", "(")  # bookkeepers write (5.00)
_MARK = r"[^\d\s.,'+\-\u2212()]{1,3}"
_PRICE = re.compile(rf"({_MARK})?\s?(\d[\d.,' ]*|[.,]\d+)\s?({_MARK})?", re.ASCII)


def read_catalogue(
    lines: Iterable[str], *, currency: Currency | None = None, tax_classes: Collection[str] = ()
) -> Iterator[TitleRow | RejectedRow]:
    """Read a list with a heading line, row by row, as good rows and refused ones in their order.

    Comma, semicolon, tab or bar; columns in any order under their usual names, unknown ones are left
    out. Prices are read in `currency` (US dollars without one); tax classes must be among
    `tax_classes` when there are any. Blank rows are no rows.
    Raises Refused when there is no heading line that names an ISBN, EAN or SKU.
    """
    rows = iter(lines)
    above: list[str] = []
    heading = ""
    for line in rows:
        above.append(line)
        heading = line.strip()
        if heading and not heading.strip('"').casefold().startswith("sep="):
            break
    delimiter = delimiter_of(heading, lambda cells: sum(_name(c) in _MEANING for c in cells))
    found = records(chain((("" for _ in above[:-1])), above[-1:], rows), delimiter)
    columns = _columns(next(found, Record(1, "")))
    reader = _Reader(columns, currency or Currency(), frozenset(tax_classes))
    for record in found:
        row = reader.row(record)
        if row is not None:
            yield row


class _Columns(msgspec.Struct, frozen=True):
    """Where in a row each field stands."""

    width: int
    codes: tuple[int, ...]
    any_ean: frozenset[int]
    others: dict[str, int]


def _name(cell: str) -> str:
    return "".join(c for c in _BRACKETS.sub("", clean(cell, 60)).casefold() if c.isalnum())


def _columns(heading: Record) -> _Columns:
    names = [_name(cell) for cell in heading.cells]
    others: dict[str, int] = {}
    for field, spellings in _SPELLINGS.items():
        spelling = next((s for s in spellings if s in names), "")
        if field == "code" or not spelling:
            continue
        if names.count(spelling) > 1:
            shown = clean(heading.cells[names.index(spelling)], 40)
            raise Refused("headings", f'Two columns are headed "{shown}". Keep one of them.')
        others[field] = names.index(spelling)
    codes = tuple(i for i, name in enumerate(names) if _MEANING.get(name) == "code")
    if not codes and "sku" not in others:
        raise Refused(
            "headings",
            "The first line must name the columns, and one of them must be ISBN, EAN or SKU. "
            "Others are title, author, publisher, year, price, tax class, stock and shelf.",
        )
    return _Columns(len(names), codes, frozenset(i for i in codes if names[i] in _ANY_EAN), others)


class _Reader:
    """Turns records into rows under one heading line."""

    def __init__(self, columns: _Columns, currency: Currency, tax_classes: frozenset[str]) -> None:
        self._columns = columns
        self._currency = currency
        self._symbol = "".join(
            c for c in currency.show(0) if not c.isdigit() and c not in "., \N{NO-BREAK SPACE}"
        )
        self._tax_classes = tax_classes

    def row(self, record: Record) -> TitleRow | RejectedRow | None:
        cells = record.cells
        if not record.fault and not any(c and not c.isspace() for c in cells):
            return None
        raw = record.raw[:_RAW]
        if record.fault:
            return refused_row(record.line, raw, record.fault)
        if any(c and not c.isspace() for c in cells[self._columns.width :]):
            return refused_row(record.line, raw, _TOO_MANY_CELLS)
        try:
            return self._read(record.line, raw, cells)
        except Refused as refusal:
            return refused_row(record.line, raw, refusal.message)

    def _read(self, line: int, raw: str, cells: tuple[str, ...]) -> TitleRow:
        ean, sku, repaired = self._identify(cells)
        stock = self._number(cells, "stock")
        stocked = stock.casefold() != NOT_COUNTED
        return TitleRow(
            line=line,
            ean=ean,
            sku=sku,
            title=self._text(cells, "title"),
            authors=self._text(cells, "authors"),
            publisher=self._text(cells, "publisher"),
            year=_year(self._cell(cells, "year")),
            price_cents=self._price(self._number(cells, "price")),
            tax_class=self._tax_class(cells),
            stock=_stock(stock) if stocked else None,
            shelf=self._text(cells, "shelf"),
            stocked=stocked,
            repaired=repaired,
            raw=raw,
        )

    def _cell(self, cells: tuple[str, ...], field: str) -> str:
        place = self._columns.others.get(field, -1)
        return cells[place].strip() if 0 <= place < len(cells) else ""

    def _text(self, cells: tuple[str, ...], field: str) -> str:
        most = _LONGEST[field]
        text = clean(_unguarded(self._cell(cells, field)), most + 1)
        if len(text) > most:
            raise Refused("row", f"The {field.replace('_', ' ')} is longer than {most:,} characters.")
        return text

    def _number(self, cells: tuple[str, ...], field: str) -> str:
        return clean(_unguarded(self._cell(cells, field), number=True), 40)

    def _tax_class(self, cells: tuple[str, ...]) -> str | None:
        code = self._text(cells, "tax_class").casefold()
        if self._tax_classes and code and code not in self._tax_classes:
            known = ", ".join(sorted(self._tax_classes))
            raise Refused("row", f'"{code}" is not one of the shop\'s tax classes: {known}.')
        return code or None

    def _price(self, text: str) -> int | None:
        if not text:
            return None
        if text.startswith(_MINUS):
            raise Refused("row", f"The price is negative: {text}.")
        parts = _PRICE.fullmatch(text)
        if not parts or (parts[1] and parts[3]):
            raise Refused("row", f"The price is no amount: {text}.")
        if not self._is_own_mark(parts[1] or parts[3] or ""):
            raise Refused("row", f"The price is not in {self._currency.code}: {text}.")
        try:
            return self._currency.read(parts[2])
        except Refused as refusal:
            raise Refused("row", f"The price {text} cannot be read. {refusal.message}") from None

    def _is_own_mark(self, mark: str) -> bool:
        """Say whether what stands beside a price is the shop's own currency: $, US$ or USD for a US shop."""
        code, symbol = self._currency.code, self._symbol
        if mark in symbol or mark.upper() == code:
            return True
        return symbol in mark and code.startswith(mark.replace(symbol, "").upper())

    def _identify(self, cells: tuple[str, ...]) -> tuple[int | None, str, bool]:
        """Return EAN, SKU and whether the code was repaired. Raises Refused."""
        good: list[Scan] = []
        bad: list[str] = []
        for place in self._columns.codes:
            text = _unguarded(cells[place].strip(), number=True) if place < len(cells) else ""
            scan = _scan(text, any_ean=place in self._columns.any_ean)
            if scan:
                good.append(scan)
            elif any(c.isdigit() and c != "0" for c in text):
                bad.append(text)
        sku = self._sku(cells)
        if not good and not bad and (scan := _code_in(sku)):
            good.append(scan)
        if len({s.ean for s in good if s.kind == "book"}) > 1:
            raise Refused("row", "The codes of this row belong to different books.")
        best = min(good, key=lambda s: _RANK.index(s.kind), default=None)
        damaged = [text for text in bad if _is_isbn13(text)]
        if best is None or (damaged and best.kind != "book"):
            return _without_code(bad, sku)
        if any(_contradicts(text, best.code) for text in damaged):
            raise Refused(
                "row", f"The codes of this row belong to different books: {best.code} and {damaged[0]}."
            )
        if best.code == sku.zfill(13) or best.isbn10 == sku:
            sku = ""  # a plain item, whose key is its EAN
        return best.ean, sku, best.recovered or bool(damaged)

    def _sku(self, cells: tuple[str, ...]) -> str:
        sku = self._text(cells, "sku")
        if _FLOAT.fullmatch(sku):
            raise Refused("row", f"A spreadsheet has cut the SKU short: {sku}.")
        if sku and parse(sku).kind in ("receipt", "held", "badge"):
            raise Refused("row", f"The SKU {sku} looks like a receipt, a held sale or a badge.")
        if holds_card_number(sku):
            raise Refused("row", "The SKU looks like a payment card number.")
        return sku


_TOO_MANY_CELLS = (
    "The row has more cells than there are headings. "
    "Text that holds the separator itself must stand in quotation marks."
)


def _without_code(bad: list[str], sku: str) -> tuple[None, str, bool]:
    """Take the row by its SKU, or raise Refused: a damaged code is not passed over for a SKU."""
    if not bad:
        if sku:
            return None, sku, False
        raise Refused("row", "There is no ISBN, EAN or SKU.")
    shown = clean(bad[0], 40)
    if _FLOAT.fullmatch(bad[0]):
        raise Refused("row", f"A spreadsheet has cut the code short: {shown}. Export the column as text.")
    raise Refused("row", f"{shown} is no good ISBN, EAN or UPC: its length or check digit does not fit.")


def _scan(text: str, any_ean: bool) -> Scan | None:
    """Return the trade code in a code column, if it is a good one.

    Only a column of ISBNs makes an ISBN-10 of eight digits that are a good EAN-8 too; only a column of
    EANs or UPCs gives eleven digits back the zero of a UPC. Nothing but zeros is how some tills say none.
    """
    if not text.strip("0") or _FLOAT.fullmatch(text):
        return None
    if any_ean and len(text) == 8 and (short := parse(text)).kind in _RANK:
        return short
    scan = parse(text, importing=True)
    if scan.kind in _RANK:
        return scan
    if any_ean and len(text) == 11 and text.isdecimal():
        whole = parse("0" + text)
        return msgspec.structs.replace(whole, recovered=True) if whole.kind in _RANK else None
    return None


def _code_in(sku: str) -> Scan | None:
    """Return the trade code that a SKU is. Ten digits are not enough: a shop's own numbers have them too."""
    scan = parse(sku) if len(sku) in (12, 13) and sku.isdecimal() else None
    return scan if scan and scan.kind in _RANK else None


def _cut_short(text: str) -> tuple[int, int] | None:
    """Return a number in scientific notation as value and step: what is written may be off by one step."""
    parts = _FLOAT.fullmatch(text)
    if parts is None or parts[3].lstrip("0") != "12":
        return None
    digits = (parts[1] + (parts[2] or ""))[:13]
    step: int = 10 ** (13 - len(digits))
    return int(digits) * step, step if step > 1 else 0


def _is_isbn13(text: str) -> bool:
    """Say whether a damaged text was an ISBN-13: 13 digits from 978 or 979, all or the first of them."""
    if short := _cut_short(text):
        value, step = short
        return 978 * 10**10 - step <= value < 980 * 10**10 + step
    digits = _bare(text)
    return len(digits) == 13 and digits.isdecimal() and digits.startswith(("978", "979"))


def _contradicts(text: str, code: str) -> bool:
    """Say whether a damaged ISBN-13 cannot have been `code`: the digits that are left must agree."""
    if short := _cut_short(text):
        value, step = short
        return abs(value - int(code)) > step
    return _bare(text)[3:12] != code[3:12]


def _bare(text: str) -> str:
    return text.replace("-", "").replace(" ", "")


def _unguarded(text: str, number: bool = False) -> str:
    """Take off what keeps a spreadsheet from touching a cell: ="..." and a leading apostrophe.

    Before a digit an apostrophe is a guard only where a number belongs: titles begin that way.
    """
    if guarded := _GUARD.fullmatch(text):
        return guarded[1].strip()
    if text[:1] == "'" and text[1:2] and (text[1] in "=+-@\t\r" or (number and text[1].isdigit())):
        return text[1:].strip()
    return text


def _stock(text: str) -> int | None:
    if not text:
        return None
    if text.startswith(_MINUS):
        raise Refused("row", f"The stock is negative: {text}.")
    whole = _WHOLE.fullmatch(text)
    if not whole:
        raise Refused("row", f"The stock is no whole number: {text}.")
    if int(whole[1]) > MOST_STOCK:
        raise Refused("row", f"The stock is more than {MOST_STOCK:,}: {text}.")
    return int(whole[1])


def _year(text: str) -> int | None:
    """Return the year of a year or date; None where it cannot be told. Negative: before our era."""
    if plain := _YEAR.fullmatch(text):
        return int(plain[1]) or None
    years = set(_YEAR_IN_DATE.findall(text[:40]))
    return int(years.pop()) if len(years) == 1 else None
