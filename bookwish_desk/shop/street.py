"""Street dates: the day before which publishers and shops agreed that nobody sells a title."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item


def too_early(item: Item, at: int, zone: str) -> bool:
    """Say whether a moment (ms UTC) lies before the day on which an item may first be sold.

    The day is that of the calendar on the shop's wall, not the business date: at a release party the
    first copy goes over the counter at midnight.
    """
    if not item.street_date:
        return False

    from zoneinfo import ZoneInfo

    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date().isoformat() < item.street_date


def before_street(item: Item, locale: str) -> Refused:
    """Return the refusal to sell an item too early."""
    return Refused(
        "street_date",
        f"{item.title} may not be sold before {long_day(item.street_date, locale)}.",
        sku=item.sku,
        title=item.title,
        street_date=item.street_date,
    )


def long_day(day: str, locale: str) -> str:
    """Return a date (YYYY-MM-DD) as people write it with its weekday: Tuesday, 24 November 2026."""
    return _written(day, "full", locale)


def short_day(day: str, locale: str) -> str:
    """Return a date (YYYY-MM-DD) as people write it where there is little room: 24 Nov 2026."""
    return _written(day, "medium", locale)


def _written(day: str, how: Literal["full", "medium"], locale: str) -> str:
    from babel.dates import format_date

    try:
        return str(format_date(date.fromisoformat(day), how, locale=locale))
    except ValueError:
        return day  # no day of any calendar: the shop's list said so, and it is shown as it stands


def told_day(text: str) -> str:
    """Return a date that somebody outside told, nothing for what is none: no slip of theirs holds work up."""
    try:
        return checked_day(text)
    except Refused:
        return ""


def checked_day(text: str) -> str:
    """Return a date as it was typed, YYYY-MM-DD, or nothing for none. Raises Refused for anything else."""
    day = text.strip()
    if not day:
        return ""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise Refused("street_date", "Type the date as 2026-11-24: year, month, day.") from None
