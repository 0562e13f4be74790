"""Opening hours as people type them and get them back: 9:00–13:00, 14:00–18:00 or 9 am – 6 pm. Pure.

As they stand on the door they are in `opening_words`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.opening_hours import OpeningHours, Span, after_open_days, local, moment

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIDNIGHT = 1440
EXAMPLE = "9:00–18:00, or 9:00–13:00, 14:00–18:00"

_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?\.?m?\.?")
_BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")
_CLOSED = ("", "closed", "-", "–")


def read_spans(typed: str) -> tuple[Span, ...]:
    """Return when a shop is open on a day as it was typed; nothing, or "closed", is a closed day.

    Raises Refused with code "hours" for what is no time, is upside down or overlaps.
    """
    text = typed.strip().casefold()
    if text in _CLOSED:
        return ()
    spans = tuple(_span(part) for part in re.split(r"[,;&]|\band\b", text))
    ends = [minute for span in spans for minute in span]
    if ends != sorted(set(ends)):
        raise Refused("hours", "The second opening begins after the first has ended.")
    return spans


def _span(text: str) -> Span:
    parts = _BETWEEN.split(text.strip())
    if len(parts) != 2:
        raise Refused("hours", f"Type when the shop opens and closes: {EXAMPLE}.")
    (opens, first), (closes, second) = (_minute(part) for part in parts)
    if bool(first) != bool(second):
        raise Refused("hours", "Say am or pm of both times: 9 am – 6 pm.")
    closes = closes or MIDNIGHT
    if opens >= closes:
        raise Refused("hours", "The shop opens before it closes: 9:00–17:00, or 9 am – 5 pm.")
    return opens, closes


def _minute(text: str) -> tuple[int, str]:
    """Return a time as minutes after midnight, and whether it was said with a (am) or p (pm)."""
    found = _TIME.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    half = (found[3] or "") if found else ""
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half:
        hour = 99
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Refused("hours", f"That is no time of the day. Type {EXAMPLE}.")
    return hour * 60 + minute, half


def read_time(typed: str) -> int:
    """Return a time of the day such as 17:00 or 5 pm as minutes after midnight; raises Refused for none."""
    try:
        return _minute(typed.casefold())[0] % MIDNIGHT
    except Refused as fault:
        raise Refused("time", "Type a time of the day, such as 17:00 or 5 pm.") from fault


def show_spans(spans: tuple[Span, ...], twelve: bool = False) -> str:
    """Return spans as `read_spans` takes them back; an empty text for a closed day."""
    between = " – " if twelve else "–"
    return ", ".join(f"{show_time(a, twelve)}{between}{show_time(b, twelve)}" for a, b in spans)


def show_time(minute: int, twelve: bool = False) -> str:
    """Return a time of the day: 18:00 or 6 pm."""
    hour, rest = divmod(minute, 60)
    if not twelve:
        return f"{hour}:{rest:02}"
    half = "am" if hour % 24 < 12 else "pm"
    return f"{(hour - 1) % 12 + 1}{f':{rest:02}' if rest else ''} {half}"


def has_twelve_hours(locale: str) -> bool:
    """Say whether people of a locale count the hours to twelve. Imports babel."""
    from babel import Locale, UnknownLocaleError

    try:
        return "a" in str(Locale.parse(locale).time_formats["short"].pattern)
    except (UnknownLocaleError, ValueError):
        return False


def what_follows(hours: OpeningHours, at: int, twelve: bool = False) -> str:
    """Return in a sentence how the hours count: with a promise of 2 working days given next Friday.

    `at` is now, ms UTC.
    """
    if not hours.known:
        return "Without opening hours every day counts as a working day that ends at midnight."
    today = local(hours, at).date()
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    ends = after_open_days(hours, moment(hours, friday, 17 * 60), 2)
    told = _told(hours, ends, friday, twelve)
    return f"A promise of 2 working days from Friday {show_time(17 * 60, twelve)} ends {told}."


def _told(hours: OpeningHours, ends: int, friday: date, twelve: bool) -> str:
    wall = local(hours, ends - 1)  # a day that ends at midnight is that day still
    minute = wall.hour * 60 + wall.minute + 1
    day = wall.date()
    name = DAYS[day.weekday()] if (day - friday).days < 7 else f"{DAYS[day.weekday()]}, {day.isoformat()}"
    return f"{name} {'at midnight' if minute == MIDNIGHT else show_time(minute, twelve)}"
