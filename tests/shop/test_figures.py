"""Figures held against what a person counts by hand, and percentiles against two other ways to count them."""

from __future__ import annotations

import statistics
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.figures import (
    MOST_DAYS,
    Course,
    Group,
    Mishap,
    Period,
    Times,
    Trouble,
    days_between,
    figures,
    percentile,
    period_of,
)
from bookwish_desk.shop.promises import PROMISES
from tests.support.hours import HOURS, at

HOUR = 3_600_000
WEEK = Period("2026-11-16", "2026-11-22")  # Monday to Sunday


def course(
    placed: str, done: str = "", kind: str = "ship", source: str = "bookwish", **more: object
) -> Course:
    """Return an order placed and done at moments of the wall's clock."""
    return Course(source, kind, at(placed), at(done) if done else 0, **more)  # type: ignore[arg-type]


WRONG = Mishap("wrong_item", "picking", labour_cents=500, postage_cents=450, replacement_cents=1_699)
LATE = Mishap("delay", "supplier", labour_cents=100)
BACK = Mishap("returned", "customer", postage_cents=300)

SEVEN = (
    course("2026-11-16 10:00", "2026-11-16 14:00"),  # 4 h, all of them open
    course("2026-11-16 17:00", "2026-11-17 11:00"),  # 18 h, 2 of them open
    course("2026-11-17 12:00", "2026-11-19 13:00", mishaps=(WRONG, LATE)),  # 49 h: 17 open, an hour too late
    course("2026-11-20 17:00", "2026-11-21 11:00", "pickup", mishaps=(BACK,)),  # 18 h, 2 open
    course("2026-11-20 12:00", "", "pickup"),  # not done, and 48 hours have passed
    course("2026-11-21 15:00", "", "pickup", mishaps=(WRONG,)),  # not done, and there is time
    course("2026-11-21 10:00", "", "pickup", "wsm", cancelled=True),
)
NOW = at("2026-11-22 20:00")


@pytest.mark.capability("BB-05", "OMG-01", "OMG-27")
def test_times_are_those_counted_by_hand() -> None:
    found = figures(SEVEN, WEEK, HOURS, PROMISES, NOW)
    # By the clock 4, 18, 18 and 49 hours; open 4, 2, 17 and 2 hours.
    assert found.whole.clock == Times(18 * HOUR, 18 * HOUR + 31 * HOUR * 7 // 10)
    assert found.whole.open == Times(3 * HOUR, 4 * HOUR + 13 * HOUR * 7 // 10)
    assert (found.whole.orders, found.whole.done, found.whole.cancelled) == (7, 4, 1)
    pickup, ship, other = found.groups
    assert (pickup.source, pickup.kind, pickup.orders, pickup.done) == ("bookwish", "pickup", 3, 1)
    assert (pickup.clock, pickup.open) == (Times(18 * HOUR, 18 * HOUR), Times(2 * HOUR, 2 * HOUR))
    assert (ship.kind, ship.clock.median, ship.open.median) == ("ship", 18 * HOUR, 4 * HOUR)
    assert (other.source, other.clock, other.orders) == ("wsm", Times(), 1)


@pytest.mark.capability("BB-05", "OMG-01")
def test_a_promise_is_kept_broken_or_not_decided_yet() -> None:
    found = figures(SEVEN, WEEK, HOURS, PROMISES, NOW)
    # Kept: 4, 18 and 18 hours; broken: 49 hours, and the one that waits. The last has time, one is cancelled.
    assert (found.whole.decided, found.whole.kept) == (5, 3)
    on_the_hour = course("2026-11-17 12:00", "2026-11-19 12:00")
    exact = figures((on_the_hour,), WEEK, HOURS, PROMISES, NOW).whole
    assert (exact.decided, exact.kept) == (1, 1)
    off = tuple(replace(p, active=False) for p in PROMISES)
    assert figures(SEVEN, WEEK, HOURS, off, NOW).whole.decided == 0


@pytest.mark.capability("BB-06", "BB-11")
def test_what_is_promised_of_a_book_sold_before_it_is_out_begins_when_it_is() -> None:
    presold = course("2026-11-16 12:00", "2026-11-20 12:00")
    for dates, kept in (
        ((), 0),
        (("2026-11-19",), 1),
        (("2026-11-17", "2026-11-19"), 1),
        (("2026-11-17",), 0),
    ):
        found = figures((replace(presold, street_dates=dates),), WEEK, HOURS, PROMISES, NOW).whole
        assert (found.decided, found.kept, found.clock.median) == (1, kept, 96 * HOUR)


def test_errors_have_their_causes_and_their_costs() -> None:
    found = figures(SEVEN, WEEK, HOURS, PROMISES, NOW)
    assert found.troubles == (
        Trouble("wrong_item", "picking", 2, 2, 1_000, 900, 3_398),
        Trouble("delay", "supplier", 1, 1, 100, 0, 0),
        Trouble("returned", "customer", 1, 1, 0, 300, 0),
    )
    # What a customer brings back is no error of the shop, but it costs.
    assert found.whole.wrong == 2
    assert found.whole.cost_cents == sum(t.cost_cents for t in found.troubles) == 5_698
    assert [g.wrong for g in found.groups] == [1, 1, 0]


def test_days_of_the_period_are_those_of_the_shop_also_the_empty_ones() -> None:
    night = course("2026-11-18 23:59", "2026-11-19 10:00")  # already Thursday in London
    found = figures((*SEVEN, night), WEEK, HOURS, PROMISES, NOW)
    assert [s.orders for s in found.stretches] == [2, 1, 1, 0, 2, 2, 0]
    assert [s.first for s in found.stretches][:2] == ["2026-11-16", "2026-11-17"]
    assert found.stretches[0].clock.median == 11 * HOUR
    assert found.stretches[3].clock == Times()


def test_a_period_without_orders_has_no_figures() -> None:
    found = figures((), WEEK, HOURS, PROMISES, NOW)
    assert found.whole == Group("", "", 0, 0, 0, Times(), Times(), 0, 0, 0, 0)
    assert (found.groups, found.troubles) == ((), ())
    assert len(found.stretches) == 7


def test_an_order_that_its_source_dates_later_than_it_was_done_took_no_time() -> None:
    odd = course("2026-11-17 12:00", "2026-11-17 11:00")
    assert figures((odd,), WEEK, HOURS, PROMISES, NOW).whole.clock == Times(0, 0)


def test_progress_is_told() -> None:
    heard: list[int] = []
    figures(SEVEN * 100, WEEK, HOURS, PROMISES, NOW, heard.append)
    assert heard == [200, 400, 600]


# ---- percentiles ----


@pytest.mark.parametrize(
    ("values", "median", "ninety"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 2], 2, 2),  # 1.5 and 1.9
        ([10, 20, 30], 20, 28),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 6, 9),  # 5.5 and 9.1, as a spreadsheet has them
        ([0, 0, 0, 100], 0, 70),
    ],
)
def test_percentiles_are_those_of_a_spreadsheet(
    values: list[int], median: int | None, ninety: int | None
) -> None:
    assert (percentile(values, 50), percentile(values, 90)) == (median, ninety)


TIMES = st.lists(st.integers(0, 10**10), min_size=1, max_size=60)


@given(TIMES)
def test_a_median_is_the_one_of_the_library(values: list[int]) -> None:
    exact = Fraction(statistics.median(map(Fraction, values)))
    found = percentile(values, 50)
    assert found is not None
    assert 0 <= found - exact <= Fraction(1, 2)


@given(st.lists(st.integers(0, 10**10), min_size=2, max_size=60))
def test_a_ninetieth_percentile_is_the_one_of_the_library(values: list[int]) -> None:
    cuts = statistics.quantiles(map(Fraction, values), n=10, method="inclusive")
    found = percentile(values, 90)
    assert found is not None
    assert abs(found - cuts[-1]) <= Fraction(1, 2)


@given(TIMES, st.randoms(use_true_random=False), st.integers(0, 100), st.integers(0, 100))
def test_percentiles_grow_stay_within_and_know_no_order(
    values: list[int], random: object, low: int, high: int
) -> None:
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    low, high = sorted((low, high))
    first, second = percentile(values, low), percentile(mixed, high)
    assert first is not None
    assert second is not None
    assert min(values) <= first <= second <= max(values)
    assert percentile(values, 0) == min(values)
    assert percentile(values, 100) == max(values)


@given(st.lists(st.tuples(st.integers(0, 6 * 24), st.integers(0, 100)), max_size=40))
def test_nothing_is_lost_between_the_whole_and_its_parts(orders: list[tuple[int, int]]) -> None:
    begin = at("2026-11-16 00:00")
    made = [
        Course(
            "bookwish", "ship" if took % 2 else "pickup", begin + hour * HOUR, begin + (hour + took) * HOUR
        )
        for hour, took in orders
    ]
    found = figures(made, WEEK, HOURS, PROMISES, NOW)
    assert sum(g.orders for g in found.groups) == sum(s.orders for s in found.stretches) == len(made)
    assert sum(g.kept for g in found.groups) == found.whole.kept == sum(took <= 48 for _, took in orders)
    if made:
        assert found.whole.open.median is not None
        assert found.whole.clock.median is not None
        assert found.whole.open.median <= found.whole.clock.median


# ---- periods ----


@pytest.mark.parametrize(
    ("choice", "first", "days"),
    [
        ("days7", "2026-11-16", 7),
        ("days30", "2026-10-24", 30),
        ("days90", "2026-08-25", 90),
        ("month", "2026-11-01", 22),
    ],
)
def test_periods_end_today(choice: str, first: str, days: int) -> None:
    found = period_of(choice, date(2026, 11, 22))  # type: ignore[arg-type]
    assert (found.first, found.last, found.days) == (first, "2026-11-22", days)


def test_days_of_ones_own_are_checked() -> None:
    found = days_between(" 2025-12-01", "2026-02-28 ")
    assert (found, found.step) == (Period("2025-12-01", "2026-02-28"), "week")
    for first, last, field in (
        ("", "2026-01-01", "first"),
        ("2026-01-01", "soon", "last"),
        ("2026-01-02", "2026-01-01", "last"),
        ("2020-01-01", "2026-01-01", "first"),
    ):
        with pytest.raises(Refused) as refused:
            days_between(first, last)
        assert refused.value.facts["field"] == field


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, MOST_DAYS - 1))
def test_stretches_cover_a_period_without_gap_or_overlap(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    period = Period(first.isoformat(), last.isoformat())
    stretches = list(period.stretches())
    assert (stretches[0][0], stretches[-1][1]) == (first, last)
    for (_, end), (begin, _) in pairwise(stretches):
        assert begin.toordinal() == end.toordinal() + 1
    assert len(stretches) <= 38


def test_a_day_on_which_the_clock_is_changed_has_its_own_length() -> None:
    begins, ends = Period("2026-11-01", "2026-11-01").bounds(HOURS)
    assert ends - begins == 25 * HOUR
