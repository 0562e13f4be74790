"""What single cells of a list mean: text, prices, counts, dates, weights. Nothing is guessed.

What is not understood of a title, a price or a count is refused in words; what is only good to know
(dates, pages, weight, popularity) is left out where it is not understood. Which column is what, and the
codes that a row is known by, are not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, Protocol

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.headings import unit, unit_of
from bookwish_desk.shop.money import Currency, half_up
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.trade import availability_name, format_code

MOST_STOCK = 99_999
"""The most copies that one row may count: more is a slip, or a column that holds something else."""

NOT_COUNTED = "not counted"
"""What stands in the stock column for goods that the shop keeps no count of, such as coffee by the cup."""

MINUS = ("-", "\N{MINUS SIGN}", "(")  # bookkeepers write (5.00)

_MOST_DEMAND = 10**12
_MOST_GRAMS = 100_000
_MOST_KNOWN = 20_000  # cells of a column that are remembered
_LONG_CELL = 60  # characters: longer ones are not remembered

_TEXTS = {
    "title": ("title", 500),
    "subtitle": ("subtitle", 500),
    "authors": ("author", 1_000),
    "publisher": ("publisher", 200),
    "series": ("series", 200),
    "subjects": ("list of subjects", 2_000),
}
_WORDS = {"shelf": ("shelf", 40), "language": ("language", 40), "discount": ("discount", 40)}
_DATES = ("published", "street_date", "last_return")

_GUARD = re.compile(r'="([^"]*)"')
_PRINTABLE = bytes(range(ord(" "), ord("~") + 1))
_CLEAN_FIGURE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,/-]{0,39}")
_WHOLE = re.compile(r"(\d{1,9})(?:[.,]0{1,2}|\.0{4,})?", re.ASCII)
_YEAR = re.compile(r"(-?\d{1,4})(?:\.0+)?", re.ASCII)
_YEAR_IN_DATE = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_MARK = r"[^\d\s.,'+\-\u2212()]{1,3}"
_PRICE = re.compile(rf"({_MARK})?\s?(\d[\d.,' ]*|[.,]\d+)\s?({_MARK})?", re.ASCII)
_PAGES = re.compile(r"(\d{1,5})(?:\.0+)?(?: ?(?:p|pp|pages)\.?)?", re.ASCII | re.IGNORECASE)
_DEMAND = re.compile(r"(\d{1,15}|\d{1,3}(?:,\d{3})+)(?:\.0+)?", re.ASCII)
_WEIGHT = re.compile(r"(\d{1,7})(?:[.,](\d{1,6}))?\s?([A-Za-z]+)?\.?", re.ASCII)
_NANOGRAMS = {"g": 10**9, "kg": 10**12, "oz": 28_349_523_125, "lb": 453_592_370_000}

_TIME = r"(?:[T ]\d\d?:.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d\d?)\2(\d\d?){_TIME}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\.0)?", re.ASCII)
_DAY_MONTH = re.compile(
    r"(\d\d?)(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})\.?[ ,-]+(\d{4})", re.ASCII | re.IGNORECASE
)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? +(\d\d?)(?:st|nd|rd|th)?,? +(\d{4})", re.ASCII | re.IGNORECASE)
_YEAR_LAST = re.compile(rf"(\d\d?)([-/.])(\d\d?)\2(\d{{4}}){_TIME}", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_RETURNS = {
    **dict.fromkeys(("y", "yes", "true", "1", "returnable"), "Y"),
    **dict.fromkeys(("n", "no", "false", "0", "nonreturnable", "notreturnable"), "N"),
    **dict.fromkeys(("c", "conditional"), "C"),
}

Meaning = Callable[[str], Any]
"""What a cell as it stands means; raises Refused."""


class Column(Protocol):
    """The cells of one column read, one by one or many at a time with the same outcome."""

    def value(self, cell: str) -> Any:
        """Return what a cell means. Raises Refused."""

    def values(self, cells: Sequence[str], bad: set[int]) -> list[Any]:
        """Return what cells mean; the places of refused ones are added to `bad`."""


class TextColumn:
    """A column of text: cleaned, and refused where it is longer than `most` characters."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most

    def value(self, cell: str) -> str:
        """Return the text without what spreadsheets put around it."""
        text = clean(unguarded(cell.strip()), self._most + 1)
        if len(text) > self._most:
            raise Refused("row", f"The {self._name} is longer than {self._most:,} characters.")
        return text

    def values(self, cells: Sequence[str], bad: set[int]) -> list[str]:
        """Return the texts: most stretches of a list have nothing to clean, which shows at once."""
        # One look for two blanks also finds those before and behind a text.
        whole = " ".join(("", *filter(None, cells), ""))
        if (
            _is_printable(whole)
            and "  " not in whole
            and not _any_begins("'", cells, whole)
            and not _any_begins('="', cells, whole)
            and unicodedata.is_normalized("NFC", whole)
            and len(max(cells, key=len, default="")) <= self._most
        ):
            return list(cells)
        return _one_by_one(self.value, cells, bad)


class KnownColumn:
    """A column in which the same cells come again and again: what they mean is remembered."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning
        self._known = _Known(meaning)

    def value(self, cell: str) -> Any:
        """Return what a cell means. Raises Refused."""
        return self._meaning(cell)

    def values(self, cells: Sequence[str], bad: set[int]) -> list[Any]:
        """Return what cells mean; the places of refused ones are added to `bad`."""
        try:
            return list(map(self._known.__getitem__, cells))
        except Refused:
            return _one_by_one(self._known.__getitem__, cells, bad)


class _Known(dict[str, Any]):
    """What cells mean, worked out at first sight. What is refused is not kept, and there is a bound."""

    def __init__(self, meaning: Meaning) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, cell: str) -> Any:
        value = self._meaning(cell)
        if len(cell) <= _LONG_CELL:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[cell] = value
        return value


def _one_by_one(meaning: Meaning, cells: Sequence[str], bad: set[int]) -> list[Any]:
    values: list[Any] = []
    for place, cell in enumerate(cells):
        try:
            values.append(meaning(cell))
        except Refused:
            bad.add(place)
            values.append(None)
    return values


def _is_printable(whole: str) -> bool:
    """Say what `str.isprintable` does, quicker of plain ASCII."""
    if whole.isascii():
        return not whole.encode().translate(None, _PRINTABLE)
    return whole.isprintable()


def _any_begins(mark: str, cells: Sequence[str], whole: str) -> bool:
    """Say whether any cell begins with a mark, of cells that stand in `whole` behind blanks."""
    return mark in whole and f" {mark}" in whole and any(cell.startswith(mark) for cell in cells)


def unguarded(text: str, number: bool = False) -> str:
    """Take off what keeps a spreadsheet from touching a cell: ="..." and a leading apostrophe.

    Before a digit an apostrophe is a guard only where a number belongs: titles begin that way.
    """
    if guarded := _GUARD.fullmatch(text):
        return guarded[1].strip()
    if text[:1] == "'" and text[1:2] and (text[1] in "=+-@\t\r" or (number and text[1].isdigit())):
        return text[1:].strip()
    return text


def figure(cell: str) -> str:
    """Return a cell that should hold a number or one word, cleaned."""
    if _CLEAN_FIGURE.fullmatch(cell):
        return cell
    return clean(unguarded(cell.strip(), number=True), 40)


def columns_of(
    field: str, heading: str, sample: Sequence[str], prices: Prices, known_classes: Collection[str]
) -> list[tuple[str, Column]]:
    """Return what a column of this field says, as `TitleRow` calls it, and what reads it.

    `sample` are some of its cells: a column of dates shows by them whether the month comes first.
    """
    if field in _TEXTS:
        return [(field, TextColumn(*_TEXTS[field]))]
    if field in _WORDS:
        return [(field, KnownColumn(TextColumn(*_WORDS[field]).value))]
    full_date = _Known(dates(is_month_first(sample) if field in _DATES else None)).__getitem__
    meanings: dict[str, dict[str, Meaning]] = {
        "format": {"format": format_of},
        "year": {"year": year},
        "published": {"year": publication_years(full_date), "published": full_date},
        "street_date": {"street_date": full_date},
        "price": {"price_cents": prices.cents},
        "tax_class": {"tax_class": tax_classes(known_classes)},
        "stock": {"stock": counts("stock"), "stocked": is_counted},
        "on_order": {"on_order": counts("number on order")},
        "demand": {"demand": demand},
        "pages": {"pages": pages},
        "weight": {"grams": weights(unit_of(heading))},
        "returnable": {"returnable": returnable},
        "last_return": {"last_return": full_date},
        "availability": {"availability": availability},
    }
    return [(name, KnownColumn(meaning)) for name, meaning in meanings.get(field, {}).items()]


# ---- what must be understood ----


class Prices:
    """Reads prices in one currency."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency
        self._symbol = "".join(
            c for c in currency.show(0) if not c.isdigit() and c not in "., \N{NO-BREAK SPACE}"
        )

    def cents(self, cell: str) -> int | None:
        """Return a price in cents; None for an empty cell. Raises Refused."""
        text = figure(cell)
        if not text:
            return None
        if text.startswith(MINUS):
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


def tax_classes(known: Collection[str]) -> Meaning:
    """Return what reads the code of a tax class, which is one of `known` where there are any."""
    text = TextColumn("tax class", 40)

    def tax_class(cell: str) -> str | None:
        code = text.value(cell).casefold()
        if known and code and code not in known:
            words = ", ".join(sorted(known))
            raise Refused("row", f'"{code}" is not one of the shop\'s tax classes: {words}.')
        return code or None

    return tax_class


def counts(name: str) -> Meaning:
    """Return what reads a number of copies; None for an empty cell, or where no count is kept."""

    def copies(cell: str) -> int | None:
        text = figure(cell)
        if not text or text.casefold() == NOT_COUNTED:
            return None
        if text.startswith(MINUS):
            raise Refused("row", f"The {name} is negative: {text}.")
        whole = _WHOLE.fullmatch(text)
        if not whole:
            raise Refused("row", f"The {name} is no whole number: {text}.")
        if int(whole[1]) > MOST_STOCK:
            raise Refused("row", f"The {name} is more than {MOST_STOCK:,}: {text}.")
        return int(whole[1])

    return copies


def is_counted(cell: str) -> bool:
    """Say whether a cell of the stock column leaves the goods counted."""
    return figure(cell).casefold() != NOT_COUNTED


# ---- what is only good to know ----


def year(cell: str) -> int | None:
    """Return the year of a year or date; None where it cannot be told. Negative: before our era."""
    text = cell.strip()
    if plain := _YEAR.fullmatch(text):
        return int(plain[1]) or None
    years = set(_YEAR_IN_DATE.findall(text[:40]))
    return int(years.pop()) if len(years) == 1 else None


def dates(month_first: bool | None) -> Meaning:
    """Return what reads a date given in full as YYYY-MM-DD, and anything else as nothing.

    5/1/2008 counts where the column has shown whether the month comes first, or where it cannot be
    meant in two ways. Years before 1000 and after 2999 stand for no date at all (00010101, 99991231).
    """

    def full_date(cell: str) -> str:
        if _is_date(cell):
            return cell
        text = figure(cell)
        if found := _YEAR_FIRST.fullmatch(text):
            return _date(found[1], found[3], found[4])
        if found := _COMPACT.fullmatch(text):
            return _date(*found.groups())
        if found := _DAY_MONTH.fullmatch(text):
            return _date(found[3], _month(found[2]), found[1])
        if found := _MONTH_DAY.fullmatch(text):
            return _date(found[3], _month(found[1]), found[2])
        if found := _YEAR_LAST.fullmatch(text):
            first, second = int(found[1]), int(found[3])
            told = first > 12 or second > 12 or first == second
            leads = second > 12 if told else month_first
            if leads is not None:
                return _date(found[4], *(first, second) if leads else (second, first))
        return ""

    return full_date


def is_month_first(cells: Iterable[str]) -> bool | None:
    """Say whether a column of dates writes 5/13/2008 or 13/5/2008; None where it shows neither, or both."""
    shown = set()
    for cell in cells:
        if found := _YEAR_LAST.fullmatch(figure(cell)):
            first, second = int(found[1]), int(found[3])
            if (first > 12) != (second > 12):
                shown.add(second > 12)
    return shown.pop() if len(shown) == 1 else None


def publication_years(full_date: Meaning) -> Meaning:
    """Return what reads the year out of a date of publication, also where it is not given in full."""

    def publication_year(cell: str) -> int | None:
        found: str = full_date(cell)
        return int(found[:4]) if found else year(cell)

    return publication_year


def pages(cell: str) -> int | None:
    """Return a number of pages; None where it is none."""
    found = _PAGES.fullmatch(figure(cell))
    return int(found[1]) or None if found else None


def demand(cell: str) -> int | None:
    """Return a count that grows with what sells; None where it is none."""
    text = figure(cell)
    if text.isdecimal() and text.isascii():
        count = int(text)
    elif found := _DEMAND.fullmatch(text):
        count = int(found[1].replace(",", ""))
    else:
        return None
    return count if count <= _MOST_DEMAND else None


def weights(heading_unit: str) -> Meaning:
    """Return what reads a weight in grams, in its own unit or that of its heading; without one it is none."""

    def grams(cell: str) -> int | None:
        found = _WEIGHT.fullmatch(figure(cell))
        if not found:
            return None
        nanograms = _NANOGRAMS.get(unit(found[3]) if found[3] else heading_unit)
        part = found[2] or ""
        if not nanograms or ("," in found[0] and len(part) == 3):  # 1,250: a thousand, or one and a bit?
            return None
        weight = half_up(int(found[1] + part) * nanograms, 10 ** (len(part) + 9))
        return weight if 0 < weight <= _MOST_GRAMS else None

    return grams


def format_of(cell: str) -> str:
    """Return how a product is bound, as a code of `shop.trade`; nothing where the words are not known."""
    return format_code(clean(unguarded(cell.strip())))


def returnable(cell: str) -> str:
    """Return Y, N or C (on conditions); nothing for other words."""
    return _RETURNS.get("".join(c for c in figure(cell).casefold() if c.isalnum()), "")


def availability(cell: str) -> str:
    """Return a code of ONIX list 65; nothing for anything else."""
    code = figure(cell)
    return code if availability_name(code) else ""


def _month(word: str) -> int:
    wanted = word.casefold()
    return next((n for n, month in enumerate(_MONTHS, 1) if month.startswith(wanted)), 0)


def _is_date(cell: str) -> bool:
    """Say whether a cell is a date just as it is kept, which is quick to see."""
    if len(cell) != 10 or cell[4] != "-" or cell[7] != "-" or not "1000" <= cell[:4] <= "2999":
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _date(year: str, month: str | int, day: str | int) -> str:
    if not 1000 <= int(year) <= 2999:
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
