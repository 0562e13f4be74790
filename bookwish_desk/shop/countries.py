"""What a shop in a country usually needs: zone, currency, language, tax. Proposals to check, never the law.

Rates are the national ones for books and for other goods; where they differ inside a country, as in the
United States and Canada, the rate is left to be typed or the largest region's is named.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from bookwish_desk.shop.tax_words import UNKNOWN_PPM


class Country(msgspec.Struct, frozen=True):
    """One country. `note` says what to look at in its tax; `cash_step` in minor units."""

    code: str
    name: str
    zones: tuple[str, ...]
    currency: str
    locale: str
    tax: TaxRules
    cash_step: int = 1
    note: str = ""


def _rules(mode: Literal["exclusive", "inclusive"], name: str, books: int, general: int) -> TaxRules:
    """Return rules of one tax; rates in parts per million, 0 for what is zero-rated."""
    classes = (
        TaxClass("book", "Books", (TaxRate(name, books),)),
        TaxClass("general", "General goods", (TaxRate(name, general),)),
        TaxClass("none", "Not taxed"),
    )
    return TaxRules(mode, "invoice", classes)


_US = _rules("exclusive", "Sales tax", UNKNOWN_PPM, UNKNOWN_PPM)
_CA = TaxRules(
    "exclusive",
    "invoice",
    (
        TaxClass("book", "Books", (TaxRate("GST", 50_000),)),
        TaxClass("general", "General goods", (TaxRate("HST", 130_000),)),
        TaxClass("none", "Not taxed"),
    ),
)
_CHECK = "Check these rates with your tax office before you sell."

COUNTRIES: tuple[Country, ...] = (
    Country(
        "US", "United States",
        ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
         "America/Anchorage", "Pacific/Honolulu"),
        "USD", "en_US", _US,
        note="Sales tax differs by state, county and city: type the combined rate of your address.",
    ),
    Country(
        "CA", "Canada",
        ("America/Toronto", "America/Halifax", "America/St_Johns", "America/Winnipeg", "America/Regina",
         "America/Edmonton", "America/Vancouver"),
        "CAD", "en_CA", _CA, 5,
        "These are Ontario's: books carry the 5% federal part only. Change them for your province.",
    ),
    Country("GB", "United Kingdom", ("Europe/London",), "GBP", "en_GB",
            _rules("inclusive", "VAT", 0, 200_000), 1, f"Printed books are zero-rated. {_CHECK}"),
    Country("IE", "Ireland", ("Europe/Dublin",), "EUR", "en_IE",
            _rules("inclusive", "VAT", 0, 230_000), 5, f"Printed books are zero-rated. {_CHECK}"),
    Country("DE", "Germany", ("Europe/Berlin",), "EUR", "de_DE",
            _rules("inclusive", "MwSt.", 70_000, 190_000), 1, _CHECK),
    Country("AT", "Austria", ("Europe/Vienna",), "EUR", "de_AT",
            _rules("inclusive", "USt.", 100_000, 200_000), 1, _CHECK),
    Country("FR", "France", ("Europe/Paris",), "EUR", "fr_FR",
            _rules("inclusive", "TVA", 55_000, 200_000), 1, _CHECK),
    Country("BE", "Belgium", ("Europe/Brussels",), "EUR", "nl_BE",
            _rules("inclusive", "BTW", 60_000, 210_000), 5, _CHECK),
    Country("NL", "Netherlands", ("Europe/Amsterdam",), "EUR", "nl_NL",
            _rules("inclusive", "BTW", 90_000, 210_000), 5, _CHECK),
    Country("ES", "Spain", ("Europe/Madrid", "Atlantic/Canary"), "EUR", "es_ES",
            _rules("inclusive", "IVA", 40_000, 210_000), 1, _CHECK),
    Country("IT", "Italy", ("Europe/Rome",), "EUR", "it_IT",
            _rules("inclusive", "IVA", 40_000, 220_000), 1, _CHECK),
    Country("PL", "Poland", ("Europe/Warsaw",), "PLN", "pl_PL",
            _rules("inclusive", "VAT", 50_000, 230_000), 1, _CHECK),
    Country("AU", "Australia",
            ("Australia/Sydney", "Australia/Melbourne", "Australia/Brisbane", "Australia/Adelaide",
             "Australia/Darwin", "Australia/Perth", "Australia/Hobart"),
            "AUD", "en_AU", _rules("inclusive", "GST", 100_000, 100_000), 5, _CHECK),
    Country("NZ", "New Zealand", ("Pacific/Auckland",), "NZD", "en_NZ",
            _rules("inclusive", "GST", 150_000, 150_000), 10, _CHECK),
    Country("", "Another country", ("Europe/London",), "EUR", "en_GB",
            _rules("inclusive", "VAT", UNKNOWN_PPM, UNKNOWN_PPM), 1,
            "Type the rates of your country, and the currency on the page before."),
)  # fmt: skip

LOCALES: tuple[tuple[str, str], ...] = (
    ("en_US", "English, United States"),
    ("en_CA", "English, Canada"),
    ("en_GB", "English, United Kingdom"),
    ("en_IE", "English, Ireland"),
    ("en_AU", "English, Australia"),
    ("en_NZ", "English, New Zealand"),
    ("en_ZA", "English, South Africa"),
    ("en_IN", "English, India"),
    ("da_DK", "Dansk, Danmark"),
    ("de_AT", "Deutsch, Österreich"),
    ("de_CH", "Deutsch, Schweiz"),
    ("de_DE", "Deutsch, Deutschland"),
    ("es_ES", "Español, España"),
    ("es_MX", "Español, México"),
    ("fr_BE", "Français, Belgique"),
    ("fr_CA", "Français, Canada"),
    ("fr_CH", "Français, Suisse"),
    ("fr_FR", "Français, France"),
    ("it_IT", "Italiano, Italia"),
    ("ja_JP", "日本語, 日本"),
    ("nb_NO", "Norsk, Norge"),
    ("nl_BE", "Nederlands, België"),
    ("nl_NL", "Nederlands, Nederland"),
    ("pl_PL", "Polski, Polska"),
    ("pt_BR", "Português, Brasil"),
    ("pt_PT", "Português, Portugal"),
    ("fi_FI", "Suomi, Suomi"),
    ("sv_SE", "Svenska, Sverige"),
    ("cs_CZ", "Čeština, Česko"),
)
"""Languages and countries to choose from, by code: how amounts and dates are written."""

CASH_STEPS: tuple[tuple[str, str], ...] = (
    ("1", "Not rounded"),
    ("5", "To 5"),
    ("10", "To 10"),
    ("20", "To 20"),
    ("50", "To 50"),
    ("100", "To 100"),
)
"""To how many minor units cash may be rounded."""


def country(code: str) -> Country:
    """Return a country by its code; the first one for a code that is not in the list."""
    return next((c for c in COUNTRIES if c.code == code), COUNTRIES[0])
