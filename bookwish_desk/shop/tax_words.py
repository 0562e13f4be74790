"""Tax classes in words, and the codes of new ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bookwish_desk.shop.money import show_percent
from bookwish_desk.shop.tax import TaxClass, TaxRate

UNKNOWN_PPM = -1
"""A proposed rate that only the shop can know: it must be typed before anything is sold."""


def rates_in_words(tax_class: TaxClass) -> str:
    """Return what a class is taxed with: "GST 5% and PST 7%", or "Not taxed"."""
    rates = [f"{r.name} {rate_in_words(r)}" for r in tax_class.rates]
    return " and ".join(rates) if rates else "Not taxed"


def rate_in_words(rate: TaxRate) -> str:
    """Return a rate as people read it: "8.875%"."""
    return "(type the rate)" if rate.ppm == UNKNOWN_PPM else show_percent(rate.ppm)


def class_code(label: str, taken: Iterable[str]) -> str:
    """Return a code for a new tax class, made from its label and unlike those `taken`."""
    stem = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:16] or "class"
    used, number = set(taken), 1
    code = stem
    while code in used:
        number += 1
        code = f"{stem}-{number}"
    return code
