"""Moments near to now, as people say them."""

from __future__ import annotations

from bookwish_desk.settings import Settings
from bookwish_desk.shop.opening_hours import local
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.till_words import clock


def when(at: int, now: int, settings: Settings) -> str:
    """Return a moment near to now: 5:00 PM, tomorrow 9:00 AM, Tue 5:00 PM, 24 Nov 2026."""
    there, here = (local(settings.opening, x) for x in (at, now))
    hour = clock(at, settings.zone, settings.locale)
    apart = (there.date() - here.date()).days
    if apart == 0:
        return hour
    if apart in (1, -1):
        return f"{'tomorrow' if apart == 1 else 'yesterday'} {hour}"
    if abs(apart) < 7:
        return f"{_weekday(at, settings)} {hour}"
    return short_day(there.date().isoformat(), settings.locale)


def shortly(at: int, now: int, settings: Settings) -> str:
    """Return a moment near to now where there is little room: 5:00 PM, tomorrow, Tue, 24 Nov 2026."""
    there, here = (local(settings.opening, x).date() for x in (at, now))
    apart = (there - here).days
    if apart == 0:
        return clock(at, settings.zone, settings.locale)
    if apart in (1, -1):
        return "tomorrow" if apart == 1 else "yesterday"
    return _weekday(at, settings) if abs(apart) < 7 else short_day(there.isoformat(), settings.locale)


def _weekday(at: int, settings: Settings) -> str:
    from babel.dates import format_date

    return str(format_date(local(settings.opening, at), "EEE", locale=settings.locale))
