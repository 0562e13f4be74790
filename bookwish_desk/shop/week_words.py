"""An ordinary week's opening hours as a shop writes them on its door: Monday to Friday 9 am – 6 pm."""

from __future__ import annotations

from bookwish_desk.shop.hours_words import DAYS, has_twelve_hours, show_spans
from bookwish_desk.shop.opening_hours import OpeningHours


def week_in_words(hours: OpeningHours, locale: str) -> str:
    """Return a week in lines, days that are alike together and closed ones left out; empty for no hours."""
    if not hours.known:
        return ""
    twelve, lines, first = has_twelve_hours(locale), [], 0
    for last in range(7):
        if last < 6 and hours.week[last + 1] == hours.week[first]:
            continue
        if hours.week[first]:
            days = DAYS[first] if first == last else f"{DAYS[first]} to {DAYS[last]}"
            lines.append(f"{days} {show_spans(hours.week[first], twelve)}")
        first = last + 1
    return "\n".join(lines)
