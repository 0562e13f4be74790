"""Prices of a parcel as a table: sorted, cheapest and fastest marked, what is saved, who gave none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from bookwish_desk.shop.carriage import Failure, Quoted, Rate
from bookwish_desk.shop.presets import (
    MEDIA_MAIL,
    cheapest_first,
    fastest_first,
    rate_for,
    same_name,
    service_words,
)
from bookwish_desk.shop.shipping import Preset
from bookwish_desk.shop.text import clean

MOST_ROWS = 60


class RateRow(msgspec.Struct, frozen=True):
    """One price. `saving_cents` is what the counter would take more; `chosen` is what the preset means.

    Names are cleaned for the screen; `rate` is as the carrier gave it. `days` is a phrase such as "2 days",
    empty where nobody knows.
    """

    rate: Rate
    carrier: str
    service: str
    days: str = ""
    saving_cents: int = 0
    cheapest: bool = False
    fastest: bool = False
    chosen: bool = False

    @property
    def marks(self) -> str:
        """Return what is said of it in words: "Cheapest, fastest"."""
        words = [w for w, on in (("cheapest", self.cheapest), ("fastest", self.fastest)) if on]
        return ", ".join(words).capitalize()


class RateTable(msgspec.Struct, frozen=True):
    """All prices of a parcel, cheapest first, and the carriers that gave none, with their words.

    `media_missing` says that Media Mail was asked for and no carrier offers it.
    """

    rows: tuple[RateRow, ...] = ()
    failures: tuple[Failure, ...] = ()
    media_missing: bool = False

    @property
    def chosen(self) -> RateRow | None:
        """Return the row that the preset means."""
        return next((row for row in self.rows if row.chosen), None)


def table(quoted: Quoted, preset: Preset | None = None, *, media_mail: bool = False) -> RateTable:
    """Return the prices of a shipment as a table.

    `media_mail` says that it was asked for: without, a price of it is left out whoever gave it. Prices in
    another currency than most are not compared, and come last.
    """
    rates = [r for r in quoted.rates if media_mail or not same_name(r.service, MEDIA_MAIL)]
    usual = _usual_currency(rates)
    compared = [r for r in rates if r.currency == usual]
    cheapest = min(compared, key=cheapest_first, default=None)
    fastest = min((r for r in compared if r.days), key=fastest_first, default=None)
    meant = rate_for(preset, compared, media_mail=media_mail) if preset is not None else None
    rates.sort(key=lambda r: (r.currency != usual, r.currency, cheapest_first(r)))
    rows = tuple(
        RateRow(
            rate,
            carrier_words(rate.carrier),
            clean(service_words(rate.carrier, rate.service), 60),
            days_words(rate),
            max(0, rate.retail_cents - rate.cents),
            rate is cheapest,
            rate is fastest,
            rate is meant,
        )
        for rate in rates[:MOST_ROWS]
    )
    failures = tuple(
        Failure(
            carrier_words(f.carrier) or "A carrier", clean(f.words, 200) or "No price, and no reason given."
        )
        for f in dict.fromkeys(quoted.failures)
    )
    missing = media_mail and not any(same_name(r.service, MEDIA_MAIL) for r in rates)
    return RateTable(rows, failures[:MOST_ROWS], missing)


def days_words(rate: Rate) -> str:
    """Return how long a service takes: "1 day", "3 days", "3 days, guaranteed"; empty where nobody knows."""
    if rate.days <= 0:
        return ""
    words = "1 day" if rate.days == 1 else f"{rate.days} days"
    return f"{words}, guaranteed" if rate.guaranteed else words


_CARRIERS = {
    "usps": "USPS",
    "ups": "UPS",
    "upsdap": "UPS",
    "fedex": "FedEx",
    "fedexdefault": "FedEx",
    "dhlexpress": "DHL Express",
    "dhlecs": "DHL eCommerce",
    "canadapost": "Canada Post",
}


def carrier_words(carrier: str) -> str:
    """Return a carrier as people know it: "UPS" of UPSDAP."""
    return _CARRIERS.get(re.sub(r"[\W_]+", "", carrier.casefold()), clean(carrier, 40))


def _usual_currency(rates: Iterable[Rate]) -> str:
    counts: dict[str, int] = {}
    for rate in rates:
        counts[rate.currency] = counts.get(rate.currency, 0) + 1
    return max(counts, key=lambda name: (counts[name], name), default="")
