"""Opening hours as they are typed and read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.hours_words import has_twelve_hours, read_spans, show_spans, what_follows
from bookwish_desk.shop.opening_hours import OpeningHours, Span, moment

DAY = ((540, 1080),)
OPEN = OpeningHours("Europe/Dublin", (*(DAY,) * 6, ()))


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("", ()),
        (" Closed ", ()),
        ("9-18", ((540, 1080),)),
        ("9:00–13:00, 14:30 to 18:00", ((540, 780), (870, 1080))),
        ("9.30-12; 13-17", ((570, 720), (780, 1020))),
        ("9 am - 6 pm", ((540, 1080),)),
        ("9:30AM–12pm and 1 p.m.-5 p.m.", ((570, 720), (780, 1020))),
        ("0-24", ((0, 1440),)),
        ("12 am – 12 am", ((0, 1440),)),
        ("18:00-0:00", ((1080, 1440),)),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, spans: tuple[Span, ...]) -> None:
    assert read_spans(typed) == spans


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nine", "opens and closes"),
        ("9", "opens and closes"),
        ("9-12-17", "opens and closes"),
        ("9-x", "no time of the day"),
        ("9-25", "no time of the day"),
        ("9:60-17", "no time of the day"),
        ("9-24:30", "no time of the day"),
        ("9 am - 17 pm", "no time of the day"),
        ("9-5", "before it closes"),
        ("9-5pm", "am or pm of both"),
        ("9-13, 12-18", "begins after the first"),
        ("14-18, 9-13", "begins after the first"),
        ("9-13,", "opens and closes"),
    ],
)
def test_what_are_no_hours_is_refused_in_a_sentence(typed: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        read_spans(typed)
    assert refused.value.message.endswith(".")


@given(st.lists(st.integers(0, 1440), unique=True, min_size=4, max_size=4), st.booleans(), st.integers(0, 2))
def test_what_is_shown_is_read_back(minutes: list[int], twelve: bool, count: int) -> None:
    a, b, c, d = sorted(minutes)
    spans = ((a, b), (c, d))[:count]
    assert read_spans(show_spans(spans, twelve)) == spans


def test_who_counts_hours_to_twelve() -> None:
    assert [has_twelve_hours(x) for x in ("en_US", "en_IE", "de_DE", "nowhere")] == [
        True,
        False,
        False,
        False,
    ]


def test_what_follows_from_the_hours_is_said_with_a_promise() -> None:
    thursday = moment(OPEN, date(2026, 11, 19), 600)
    # Saturday is the first working day, Monday the second.
    assert what_follows(OPEN, thursday) == "A promise of 2 working days from Friday 17:00 ends Monday 18:00."
    weekdays = OpeningHours("Europe/Dublin", (*(DAY,) * 5, (), ()))
    said = "A promise of 2 working days from Friday 5 pm ends Tuesday 6 pm."
    assert what_follows(weekdays, thursday, twelve=True) == said
    holidays = OpeningHours("Europe/Dublin", weekdays.week, frozenset(f"2026-11-{d}" for d in range(21, 29)))
    assert "ends Tuesday, 2026-12-01 18:00" in what_follows(holidays, thursday)
    late = OpeningHours("Europe/Dublin", (((0, 1440),),) * 7)
    assert "ends Sunday at midnight" in what_follows(late, thursday)
    assert "every day counts" in what_follows(OpeningHours(), thursday)
