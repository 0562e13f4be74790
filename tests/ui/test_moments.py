"""Moments near to now, in a sentence and where there is little room."""

from __future__ import annotations

import pytest

from bookwish_desk.settings import Settings
from bookwish_desk.ui.moments import shortly, when

NOW = 1_790_000_000_000
"""Monday, 21 September 2026, 10:13 AM in New York."""
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("hours", "sentence", "short"),
    [
        (1, "11:13 AM", "11:13 AM"),
        (-3, "7:13 AM", "7:13 AM"),
        (24, "tomorrow 10:13 AM", "tomorrow"),
        (-24, "yesterday 10:13 AM", "yesterday"),
        (48, "Wed 10:13 AM", "Wed"),
        (-72, "Fri 10:13 AM", "Fri"),
        (-14 * 24, "Sep 7, 2026", "Sep 7, 2026"),
    ],
)
def test_a_moment_is_told_as_people_do(hours: int, sentence: str, short: str) -> None:
    at, settings = NOW + hours * HOUR, Settings()
    assert when(at, NOW, settings) == sentence
    assert shortly(at, NOW, settings) == short
