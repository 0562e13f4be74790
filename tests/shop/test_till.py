"""Values of the till: counting, business dates, odd clocks, what may leave the drawer."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.till import (
    DENOMINATIONS,
    Count,
    business_date,
    checked_count,
    checked_move,
    date_fault,
    denominations,
    quick_cash,
)
from bookwish_desk.shop.till_words import over_short

NEW_YORK = "America/New_York"


def at(
    year: int, month: int, day: int, hour: int, minute: int = 0, fold: int = 0, zone: str = NEW_YORK
) -> int:
    local = datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone))
    return int(local.timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(2026, 11, 20, 23, 59), "2026-11-20"),
        (at(2026, 11, 21, 0, 0), "2026-11-20"),
        (at(2026, 11, 21, 3, 59), "2026-11-20"),
        (at(2026, 11, 21, 4, 0), "2026-11-21"),
        # Clocks go forward on 8 March 2026: 2:00 becomes 3:00, so 4:00 comes an hour early.
        (at(2026, 3, 8, 1, 59), "2026-03-07"),
        (at(2026, 3, 8, 3, 1), "2026-03-07"),
        (at(2026, 3, 8, 4, 0), "2026-03-08"),
        # Clocks go back on 1 November 2026: 1:30 comes twice.
        (at(2026, 11, 1, 1, 30, fold=0), "2026-10-31"),
        (at(2026, 11, 1, 1, 30, fold=1), "2026-10-31"),
        (at(2026, 11, 1, 4, 0), "2026-11-01"),
    ],
)
def test_business_date_turns_at_the_cut_off_hour_on_the_wall(moment: int, expected: str) -> None:
    assert business_date(moment, NEW_YORK, 4) == expected


def test_business_date_is_the_shops_not_utc() -> None:
    evening = at(2026, 6, 1, 20, 30)  # already 2 June in UTC
    assert business_date(evening, NEW_YORK, 0) == "2026-06-01"
    assert business_date(evening, "Asia/Tokyo", 0) == "2026-06-02"


def test_a_clock_put_back_or_far_forward_is_odd() -> None:
    assert date_fault("2026-11-20", "2026-11-20") == ""
    assert date_fault("2026-11-21", "2026-11-20") == ""
    assert date_fault("2027-01-19", "2026-11-20") == ""
    assert "2026-11-20" in date_fault("2026-11-19", "2026-11-20")
    assert "two months" in date_fault("2027-01-20", "2026-11-20")
    assert date_fault("2026-11-20", "") == ""
    assert "set up" in date_fault("1970-01-01", "", "2026-11-20")
    assert date_fault("2027-06-01", "", "2026-11-20") == ""


@given(st.dictionaries(st.sampled_from(DENOMINATIONS["EUR"]), st.integers(0, 500)), st.integers(0, 100_000))
def test_a_count_comes_to_the_sum_of_its_pieces(pieces: dict[int, int], other: int) -> None:
    count = checked_count(Count(tuple(pieces.items()), other))
    assert count.total_cents == other + sum(v * n for v, n in pieces.items())
    assert all(n for _, n in count.pieces)
    assert [v for v, _ in count.pieces] == sorted((v for v, n in pieces.items() if n), reverse=True)


def test_the_same_note_counted_twice_is_added_up() -> None:
    assert checked_count(Count(((2000, 3), (2000, 2)))).pieces == ((2000, 5),)


@pytest.mark.parametrize(
    "count",
    [
        Count(((100, -1),)),
        Count(((0, 1),)),
        Count(((-100, 1),)),
        Count(((100, 100_000),)),
        Count((), -1),
        Count(((10_000, 99_999),)),
    ],
)
def test_what_cannot_be_counted_is_refused(count: Count) -> None:
    with pytest.raises(Refused) as refused:
        checked_count(count)
    assert refused.value.code == "count"


@pytest.mark.parametrize("currency", sorted(DENOMINATIONS))
def test_denominations_fall_and_are_there_once(currency: str) -> None:
    values = denominations(currency)
    assert list(values) == sorted(set(values), reverse=True)


def test_coins_below_the_cash_step_are_not_counted() -> None:
    assert denominations("EUR", 5)[-1] == 5
    assert denominations("USD")[-1] == 1
    assert denominations("JPY")[-1] == 1
    assert denominations("XYZ") == DENOMINATIONS["EUR"]


@pytest.mark.parametrize(
    ("due", "currency", "step", "expected"),
    [
        (1237, "USD", 1, (1237, 1500, 2000, 5000, 10000)),
        (1237, "CAD", 5, (1235, 1500, 2000, 5000, 10000)),
        (2000, "USD", 1, (2000, 5000, 10000)),
        (1480, "JPY", 1, (1480, 1500, 2000, 5000, 10000)),
        (0, "USD", 1, (0,)),
    ],
)
def test_quick_cash_offers_the_amount_and_notes_above_it(
    due: int, currency: str, step: int, expected: tuple[int, ...]
) -> None:
    assert quick_cash(due, currency, step) == expected


@given(st.integers(1, 200_000), st.sampled_from(sorted(DENOMINATIONS)), st.sampled_from([1, 5, 10]))
def test_quick_cash_is_always_enough(due: int, currency: str, step: int) -> None:
    offered = quick_cash(due, currency, step)
    assert list(offered) == sorted(set(offered))
    assert len(offered) <= 5
    assert min(offered) >= due - step // 2


def test_movements_have_their_sign() -> None:
    assert checked_move("paid_in", 500, 0, shown="") == 500
    assert checked_move("paid_out", 500, 500, shown="") == -500
    assert checked_move("drop", 499, 500, shown="") == -499
    assert checked_move("no_sale", 500, 0, shown="") == 0


def test_a_refusal_tells_what_is_in_the_drawer_only_to_those_who_may_know() -> None:
    with pytest.raises(Refused) as blind:
        checked_move("paid_out", 12_346, 12_345, shown="")
    assert "12" not in blind.value.message
    assert "12345" not in str(blind.value.facts)
    with pytest.raises(Refused) as told:
        checked_move("drop", 12_346, 12_345, shown="$123.45")
    assert "$123.45" in told.value.message


@pytest.mark.parametrize("cents", [0, -1, 100_000_000])
def test_a_movement_needs_an_amount(cents: int) -> None:
    with pytest.raises(Refused) as refused:
        checked_move("paid_in", cents, 0, shown="")
    assert refused.value.code == "amount"


def test_over_and_short_in_words() -> None:
    def show(cents: int) -> str:
        return f"${cents}"

    assert over_short(0, show) == "The drawer is right to the cent."
    assert over_short(3, show) == "The drawer is $3 over."
    assert over_short(-3, show) == "The drawer is $3 short."
