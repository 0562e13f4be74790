"""Money as integer minor units ("cents"): rounding, sharing out, reading and writing. Never floats."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from bookwish_desk.shop.errors import Refused

MILLION = 1_000_000
"""Rates and percentages are parts per million: 8.875 % is 88_750, 100 % is 1_000_000."""

# Thousands in groups of three, or in India's way: 12,34,567.
_GROUPED = r"\d{1,3}([.,' ])(?:\d{2}\1)*\d{3}(?:\1\d{3})*"

MOST_CENTS = 99_999_999
"""The largest amount a person may type: a slip of the finger must not become a sale of millions."""


def half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to the nearest whole, halves away from zero.

    Streamlined Sales and Use Tax Agreement s. 324: up when the third decimal is above 4. Symmetric,
    so that a refund is the exact opposite of its sale.
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    top, bottom = abs(numerator), abs(denominator)
    return sign * ((2 * top + bottom) // (2 * bottom))


def portion(cents: int, ppm: int) -> int:
    """Return `ppm` parts per million of `cents`, rounded half up."""
    return half_up(cents * ppm, MILLION)


def share(total: int, weights: Sequence[int], order: Sequence[Any] | None = None) -> list[int]:
    """Share `total` cents out over `weights` so that the parts add up to it exactly.

    Largest remainder; equal remainders are decided by `order` (one comparable value a weight), so
    that the outcome hangs on what the lines are, not on where they stand. All weights zero: all
    parts zero unless there is nothing else to carry the total, which then goes to the first.
    Weights are all of one sign.
    """
    if not weights:
        return []
    keys = list(order) if order is not None else list(range(len(weights)))
    whole = sum(weights)
    if whole == 0:
        parts = [0] * len(weights)
        parts[min(range(len(weights)), key=lambda i: keys[i])] = total
        return parts
    sign = -1 if total < 0 else 1
    exact = [divmod(abs(total) * abs(w), abs(whole)) for w in weights]
    parts = [q for q, _ in exact]
    left = abs(total) - sum(parts)
    ranked = sorted(range(len(weights)), key=lambda i: (-exact[i][1], keys[i]))
    for i in ranked[:left]:
        parts[i] += 1
    return [sign * p for p in parts]


def round_cash(cents: int, step: int) -> int:
    """Return `cents` rounded to the nearest `step` (1 leaves it alone), halves away from zero.

    Canadian federal guideline of 2013: once, on the total after tax, cash only.
    """
    return cents if step <= 1 else half_up(cents, step) * step


class Currency(msgspec.Struct, frozen=True):
    """A currency as this shop writes it: ISO 4217 code and the locale whose habits it follows."""

    code: str = "USD"
    locale: str = "en_US"

    @property
    def decimals(self) -> int:
        """Return how many digits the minor unit has: 2 for USD, 0 for JPY."""
        return _decimals(self.code)

    def show(self, cents: int) -> str:
        """Return the amount with its sign and symbol, as printed and shown: -$1,234.50."""
        return _show(cents, self.code, self.locale)

    def plain(self, cents: int) -> str:
        """Return the amount without symbol or grouping, with a point: -1234.50. For fields and files."""
        if self.decimals == 0:
            return str(cents)
        sign = "-" if cents < 0 else ""
        whole, part = divmod(abs(cents), 10**self.decimals)
        return f"{sign}{whole}.{part:0{self.decimals}d}"

    def read(self, text: str) -> int:
        """Return typed `text` as cents; accepts 12, 12.5, 12,50, 1,234.50, $12 and the symbol anywhere.

        Raises Refused when it is no amount, has too many decimals, is negative or too large.
        """
        return _read(text, self.decimals, _decimal_mark(self.locale))


# babel takes a quarter of a start to import. These are written alike, and it is the tests' second opinion.
_SIGNS = {
    ("USD", "en_US"): "$",
    ("CAD", "en_CA"): "$",
    ("AUD", "en_AU"): "$",
    ("NZD", "en_NZ"): "$",
    ("GBP", "en_GB"): "£",
    ("EUR", "en_IE"): "€",
}
_IN_CENTS = {code for code, _locale in _SIGNS}


@lru_cache(maxsize=64)
def _decimals(code: str) -> int:
    if code in _IN_CENTS:
        return 2

    from babel.numbers import get_currency_precision

    return get_currency_precision(code)


@lru_cache(maxsize=4096)
def _show(cents: int, code: str, locale: str) -> str:
    if sign := _SIGNS.get((code, locale)):
        whole, part = divmod(abs(cents), 100)
        return f"{'-' if cents < 0 else ''}{sign}{whole:,}.{part:02d}"

    from decimal import Decimal

    from babel.numbers import format_currency

    amount = Decimal(cents).scaleb(-_decimals(code))
    text = format_currency(abs(amount), code, locale=locale)
    return f"-{text}" if cents < 0 else text


@lru_cache(maxsize=8)
def _decimal_mark(locale: str) -> str:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(locale)


def _read(text: str, decimals: int, mark: str) -> int:
    refusal = Refused("amount", "Type an amount such as 12.50.", text=text[:24])
    if len(text) > 24 or not (bare := _figures(text)):
        raise refusal
    # A single mark before three digits is a thousands mark only where the locale's decimal mark is
    # another: "1,234" is a thousand in the US, "1.234" is one with too many decimals.
    last = max(bare.rfind("."), bare.rfind(","))
    if last >= 0 and re.fullmatch(_GROUPED, bare) and (bare.count(bare[last]) > 1 or bare[last] != mark):
        last = -1
    whole, tail = (bare[:last], bare[last + 1 :]) if last >= 0 else (bare, "")
    if not re.fullmatch(rf"\d*|{_GROUPED}", whole) or not re.fullmatch(r"\d*", tail) or not whole + tail:
        raise refusal
    if tail[decimals:].strip("0"):
        raise Refused("amount", f"Use at most {decimals} decimals.", text=text[:24])
    digits = re.sub(r"[.,' ]", "", whole) + tail[:decimals].ljust(decimals, "0")
    cents = int(digits)
    if cents > MOST_CENTS:
        raise Refused("amount", "That amount is too large.", text=text[:24])
    return cents


def _figures(text: str) -> str:
    """Return the digits and marks of an amount, without the currency before or after them.

    Empty when anything else is in it: what is no plain amount is refused, never guessed at ("1e5").
    """
    spaced = "".join(" " if c.isspace() else c for c in text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found = _AMOUNT.fullmatch(spaced.strip())
    return found[2] if found and all(_names_currency(found[i]) for i in (1, 3)) else ""


_AMOUNT = re.compile(r"([^0-9,']*?)([.,]?[0-9](?:[0-9.,' ]*[0-9])?[.,]?)([^0-9,']*)")


def _names_currency(text: str) -> bool:
    word = text.strip().removesuffix(".")
    known = all(c.isalpha() or unicodedata.category(c) == "Sc" for c in word)
    return known and len(word) <= 3 and bool(word or not text.strip())


def read_percent(text: str) -> int:
    """Return a typed percentage ("10", "8.875 %", "7,5") as parts per million.

    Raises Refused when it is not between 0 and 100 or has more than four decimals.
    """
    bare = text.strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d{0,4})?|\.\d{1,4}", bare, re.ASCII):
        raise Refused("percent", "Type a percentage such as 10 or 8.875.", text=text[:24])
    whole, _, part = bare.partition(".")
    ppm = int(whole or "0") * 10_000 + int(part.ljust(4, "0") or "0")
    if ppm > MILLION:
        raise Refused("percent", "A percentage cannot be more than 100.", text=text[:24])
    return ppm


def show_percent(ppm: int) -> str:
    """Return parts per million as people read them: 88_750 is 8.875%."""
    whole, part = divmod(ppm, 10_000)
    decimals = f"{part:04d}".rstrip("0")
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"
