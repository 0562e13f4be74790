"""The small parts of EasyPost's JSON: ids, texts, days, money. Nothing raises, whatever is there.

EasyPost writes money as text ("6.07", fees with five decimals, carriers of other countries "35,65").
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bookwish_desk.shop.text import mask_cards
from bookwish_desk.sync.bookwish.decoding import word

Fields = dict[str, Any]

MOST_RATES = 500
MOST_CENTS = 100_000_000
"""A million: no label costs more. What does is not read as a price."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_FIGURES = re.compile(r"\d{1,12}(?:[.,]\d{1,20})*")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:$|[T ])")
_CURRENCY = re.compile(r"[A-Z]{3}")


def fields(told: object, *names: str) -> Fields:
    """Return an object: itself, or what stands in it under names, one within the other; else an empty one."""
    found = told
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def listed(told: object, name: str, most: int = MOST_RATES) -> list[Any]:
    """Return a list that stands in an object under a name; else an empty one."""
    found = told.get(name) if isinstance(told, dict) else None
    return found[:most] if isinstance(found, list) else []


def ident(told: object, name: str = "id") -> str:
    """Return an id as EasyPost makes them, empty where there is none: it becomes part of a path."""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) and _ID.fullmatch(value) and value.strip(".") else ""


def words(told: object, *names: str, limit: int = 300) -> str:
    """Return a text that somebody wrote, on one line: no card number in it is kept (PCI DSS 3)."""
    return mask_cards(word(told, *names, limit=limit)) if isinstance(told, dict) else ""


def link(told: object, name: str) -> str:
    """Return where a file is said to be, empty where that cannot be; not whether it may be fetched."""
    value = told.get(name) if isinstance(told, dict) else None
    sound = isinstance(value, str) and len(value) <= 2_000 and value.isascii() and value.isprintable()
    return value if isinstance(value, str) and sound else ""


def amount(told: object) -> Decimal | None:
    """Return an amount of money, None where there is none: "6.07", "1,234.50", "35,65", 7.42, 7.

    A mark counts as decimal unless three figures follow it and it can be no other: EasyPost writes fees with
    five decimals behind a dot, so a single dot is always one; a single comma before three figures is not.
    """
    if isinstance(told, bool) or not isinstance(told, (str, int, float)):
        return None
    text = repr(told) if isinstance(told, (int, float)) else told[:40]
    bare = re.sub(r"[\s'\u00a0\u202f]|^[A-Z]{3}|[A-Z]{3}$|[$€£]", "", text.strip())
    if not _FIGURES.fullmatch(bare) or not bare.isascii():
        return None
    dots, commas = bare.count("."), bare.count(",")
    if dots and commas:
        decimal = "." if bare.rfind(".") > bare.rfind(",") else ","
        whole, _, part = bare.rpartition(decimal)
        if decimal in whole or not _THOUSANDS.fullmatch(whole):
            return None
        return Decimal(f"{re.sub('[.,]', '', whole)}.{part}")
    if dots > 1 or commas > 1 or (commas and _THOUSANDS.fullmatch(bare)):
        return Decimal(re.sub("[.,]", "", bare)) if _THOUSANDS.fullmatch(bare) else None
    return Decimal(bare.replace(",", "."))


def cents(told: object) -> int | None:
    """Return an amount of money in minor units, rounded half up; None where there is none."""
    found = amount(told)
    return None if found is None else minor_units(found)


def minor_units(found: Decimal) -> int | None:
    """Return an amount in minor units, rounded half up; None for more than any label costs."""
    whole = int((found * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return whole if whole <= MOST_CENTS else None


def day(told: object, *names: str) -> str:
    """Return the day of a moment as the carrier wrote it, YYYY-MM-DD, empty where there is none."""
    for name in names:
        value = told.get(name) if isinstance(told, dict) else None
        found = _DATE.match(value) if isinstance(value, str) else None
        if found and 2000 <= int(found[1]) < 2100 and 1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= 31:
            return found[0][:10]
    return ""


def whole(told: object, *names: str) -> int:
    """Return a number of days, 0 where there is none."""
    for name in names:
        value = told.get(name) if isinstance(told, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1000:
            return value
    return 0


def currency(told: object, name: str = "currency") -> str:
    """Return a currency's code, dollars where there is none."""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) and _CURRENCY.fullmatch(value) else "USD"
