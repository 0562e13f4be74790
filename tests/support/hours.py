"""A shop with opening hours, and moments by the clock on its wall."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bookwish_desk.shop.opening_hours import OpeningHours

ZONE = "America/New_York"
DAYTIME = ((600, 1080),)
HOURS = OpeningHours(ZONE, (*(DAYTIME,) * 5, ((600, 960),), ()))
"""Ten to six, Saturdays until four, closed on Sunday."""


def at(text: str) -> int:
    """Return a moment by the clock on the shop's wall."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)
