"""When the shop is open, and counting in its days: promises are kept by people who are there.

Wall-clock hours in the shop's zone; across a change of the clock a day is still a day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.shop.errors import Refused

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Opening and closing as minutes after midnight; 1440 is midnight at the end of the day."""

MOST_CLOSED_DAYS = 400
"""A shop that does not open within this many days has no opening hours."""


class OpeningHours(msgspec.Struct, frozen=True):
    """Opening spans for Monday to Sunday, days closed besides (YYYY-MM-DD), other hours on single days, zone.

    A shop that told no hours at all counts as open all day, every day.
    """

    zone: str = "America/New_York"
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    closed: frozenset[str] = frozenset()
    special: tuple[tuple[str, tuple[Span, ...]], ...] = ()

    @property
    def known(self) -> bool:
        """Say whether the shop has told when it is open."""
        return any(self.week)

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return when it is open on a day, in order; empty when it is closed."""
        text = day.isoformat()
        for special, spans in self.special:
            if special == text:
                return spans
        if text in self.closed:
            return ()
        return self.week[day.weekday()] if self.known else ((0, 1440),)


def checked_hours(hours: OpeningHours) -> OpeningHours:
    """Return hours that can be counted with. Raises Refused for spans that overlap or are upside down."""
    if len(hours.week) != 7:
        raise Refused("hours", "Opening hours are for seven days, Monday first.")
    for spans in (*hours.week, *(spans for _, spans in hours.special)):
        ends = [minute for span in spans for minute in span]
        if ends != sorted(set(ends)) or (ends and not 0 <= ends[0] < ends[-1] <= 1440):
            raise Refused("hours", "Each opening time comes before its closing time, and none overlap.")
    return hours


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local(hours: OpeningHours, at: int) -> datetime:
    """Return what the clock on the shop's wall shows at a moment (ms UTC)."""
    return datetime.fromtimestamp(at / 1000, _zone(hours.zone))


def moment(hours: OpeningHours, day: date, minute: int) -> int:
    """Return the moment (ms UTC) at which the clock on the wall shows so many minutes after midnight."""
    wall = datetime.combine(day, datetime.min.time(), _zone(hours.zone)) + timedelta(minutes=minute)
    return int(wall.astimezone(UTC).timestamp() * 1000)


def last_open(hours: OpeningHours, at: int, since: int) -> int:
    """Return the last moment up to `at` at which somebody can act; `at` if nobody is there after `since`."""
    day = local(hours, at).date()
    first = local(hours, since).date()
    while day >= first:
        for a, b in reversed(hours.spans(day)):
            opens, closes = moment(hours, day, a), moment(hours, day, b)
            if opens < at:
                acting = min(at, closes)
                return acting if acting > since else at
        day -= timedelta(days=1)
    return at


def open_between(hours: OpeningHours, since: int, until: int) -> int:
    """Return how long the shop was open between two moments (ms); all of it where no hours were told."""
    if until <= since:
        return 0
    if not (hours.known or hours.closed or hours.special):
        return until - since
    day, last = local(hours, since).date(), local(hours, until).date()
    found = 0
    while day <= last:
        for a, b in hours.spans(day):
            found += max(0, min(until, moment(hours, day, b)) - max(since, moment(hours, day, a)))
        day += timedelta(days=1)
    return found


def after_days(hours: OpeningHours, at: int, days: int) -> int:
    """Return the same time of the clock on the wall so many calendar days later."""
    wall = local(hours, at).replace(tzinfo=None) + timedelta(days=days)
    return _wall_moment(hours, wall)


def after_months(hours: OpeningHours, at: int, months: int) -> int:
    """Return the same day so many months later, or the last day of a shorter month."""
    wall = local(hours, at).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    first_after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_after - timedelta(days=1)).day
    return _wall_moment(hours, wall.replace(year=year, month=month + 1, day=min(wall.day, last)))


def after_open_days(hours: OpeningHours, at: int, days: int) -> int:
    """Return the closing time of the so-manieth day after that of `at` on which the shop opens."""
    day = local(hours, at).date()
    left = days
    for _ in range(days * 7 + MOST_CLOSED_DAYS):
        day += timedelta(days=1)
        spans = hours.spans(day)
        left -= 1 if spans else 0
        if spans and left == 0:
            return moment(hours, day, spans[-1][1])
    return after_days(hours, at, days)


def end_of(hours: OpeningHours, day: str) -> int:
    """Return when a day (YYYY-MM-DD) ends for the shop: at its closing time, or at midnight."""
    there = date.fromisoformat(day)
    spans = hours.spans(there)
    return moment(hours, there, spans[-1][1] if spans else 1440)


def start_of(hours: OpeningHours, day: str) -> int:
    """Return when a day (YYYY-MM-DD) begins for the shop: when it opens, or at midnight."""
    there = date.fromisoformat(day)
    spans = hours.spans(there)
    return moment(hours, there, spans[0][0] if spans else 0)


def _wall_moment(hours: OpeningHours, wall: datetime) -> int:
    return int(wall.replace(tzinfo=_zone(hours.zone)).astimezone(UTC).timestamp() * 1000)
