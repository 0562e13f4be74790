"""Single values as ONIX writes them: text, dates, numbers, weights. No record is put together here."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.onix_message import Node
from bookwish_desk.shop.text import clean

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_MISTAKEN = re.compile("[\x80-\x9f]")
_GRAMS = {
    "gr": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
_HEAVIEST = 1_000_000

_DAY_FORMATS = ("00", "06", "13", "14")  # list 55: a day, two days, a day and a time
_MONTH_FORMATS = ("01", "07")
_YEAR_FORMATS = ("02", "03", "04", "05", "08", "09", "10", "11")  # week, quarter and season are left out
_BY_LENGTH = {8: "00", 6: "01", 4: "05"}


def said(text: str, limit: int) -> str:
    """Return text in one clean line of at most `limit` characters.

    Control characters of 0x80 to 0x9F are never meant: they are quotation marks and dashes of Windows-1252
    in a file that calls itself ISO 8859-1, or that names them by number (&#146;). HTML reads them so too.
    """
    if not text:
        return ""
    if not text.isascii():
        text = _MISTAKEN.sub(_as_windows, text)
    return clean(text, limit)


def _as_windows(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("cp1252", errors="ignore")


def dated(node: Node) -> str:
    """Return the date of a node as YYYY-MM-DD, YYYY-MM or YYYY; of a period its beginning.

    Empty where there is none, or none of our calendar.
    """
    form, digits = node.get("Date") or (None, "")
    return iso_date(form or node.get("DateFormat") or "", digits)


@lru_cache(maxsize=1 << 13)
def iso_date(form: str, text: str) -> str:
    """Return a date in one of the formats of list 55; where none is named, its length tells."""
    digits = text.strip()
    form = form.strip() or _BY_LENGTH.get(len(digits), "00")
    size = 8 if form in _DAY_FORMATS else 6 if form in _MONTH_FORMATS else 4 if form in _YEAR_FORMATS else 0
    digits = digits.replace("-", "")[:size]
    if len(digits) != size or not (digits.isascii() and digits.isdigit()) or digits < "1000":
        return ""
    try:
        day = date(int(digits[:4]), int(digits[4:6] or "1"), int(digits[6:] or "1")).isoformat()
    except ValueError:
        return ""
    return day[: {8: 10, 6: 7}.get(size, 4)]


def whole(text: str) -> int | None:
    """Return a whole number from 0 up; None for anything else."""
    digits = text.strip()
    return int(digits) if _WHOLE.fullmatch(digits) else None


def weight(amount: str, unit: str) -> int | None:
    """Return a weight in grams, rounded half up; None where it is none."""
    number, factor = _NUMBER.fullmatch(amount.strip()), _GRAMS.get(unit.strip().lower())
    if not number or factor is None:
        return None
    grams = int((Decimal(number[0]) * factor).quantize(Decimal(1), ROUND_HALF_UP))
    return grams if 0 < grams <= _HEAVIEST else None


@lru_cache(maxsize=1 << 13)
def amount_cents(amount: str, decimals: int) -> int | None:
    """Return an amount in minor units of so many decimals, rounded half up; None for nought.

    ONIX allows no price of nought: what costs nothing, or has no price yet, is said by a code.
    Raises Refused for what is no amount.
    """
    number = _NUMBER.fullmatch(amount.strip())
    if not number:
        raise Refused("row", f"The price is no amount: {clean(amount, 40)}.")
    cents = int(Decimal(number[0]).scaleb(decimals).quantize(Decimal(1), ROUND_HALF_UP))
    if cents > MOST_CENTS:
        raise Refused("row", f"The price is too large: {clean(amount, 40)}.")
    return cents or None


def percent(text: str) -> str:
    """Return a percentage as it is shown: 42.5%; empty where it is none."""
    number = _NUMBER.fullmatch(text.strip())
    if not number or Decimal(number[0]) > 100:
        return ""
    plain = number[0].lstrip("0") or "0"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f"{'0' if plain.startswith('.') or not plain else ''}{plain}%"
