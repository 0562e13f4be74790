"""How an import is put into words, on the screen and on the command line alike."""

from __future__ import annotations

from typing import Literal

Phase = Literal["reading", "merging", "items", "indexing"]

PHASES: dict[Phase, str] = {
    "reading": "Reading the list",
    "merging": "Bringing the catalogue up to date",
    "items": "The shop's items",
    "indexing": "Search index",
}
"""What an import does, one after the other."""

CANCELLABLE: tuple[Phase, ...] = ("reading", "merging")
"""Until the end of these nothing of the catalogue has changed."""

CANCELLED = "The import was cancelled. Nothing was changed."

LEFT = (
    "The list is in the catalogue. What is left to do for it goes on when the desk is started, or with the "
    "next list."
)


def figures(rows: int, rows_per_second: int, seconds_left: int | None) -> str:
    """Return how far and how fast: 41,200 rows · 31,400 rows a second · about 40 seconds left."""
    parts = [f"{rows:,} rows" if rows != 1 else "1 row"] if rows else []
    if rows_per_second:
        parts.append(f"{rows_per_second:,} rows a second")
    if seconds_left is not None:
        parts.append(left_words(seconds_left))
    return " · ".join(parts)


def left_words(seconds: int) -> str:
    """Return a time that is left as people say it: about 2 minutes left."""
    if seconds < 1:
        return "almost done"
    if seconds < 60:
        return "about 1 second left" if seconds == 1 else f"about {seconds} seconds left"
    minutes = round(seconds / 60)
    if minutes < 60:
        return "about 1 minute left" if minutes == 1 else f"about {minutes} minutes left"
    hours, rest = divmod(minutes, 60)
    return f"about {hours} h {rest} min left"
