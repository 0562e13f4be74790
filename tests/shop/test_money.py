"""Money: rounding both ways alike, sharing out to the cent, reading what people type, and cash steps."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from babel.numbers import format_currency, get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.money import (
    MILLION,
    MOST_CENTS,
    Currency,
    half_up,
    portion,
    read_percent,
    round_cash,
    share,
    show_percent,
)

DATA = Path(__file__).parent.parent / "data" / "money"
PLACES = [
    ("USD", "en_US"),
    ("CAD", "en_CA"),
    ("CAD", "fr_CA"),
    ("GBP", "en_GB"),
    ("EUR", "de_DE"),
    ("EUR", "fr_FR"),
    ("CHF", "de_CH"),
    ("SEK", "sv_SE"),
    ("NOK", "nb_NO"),
    ("DKK", "da_DK"),
    ("PLN", "pl_PL"),
    ("JPY", "ja_JP"),
    ("INR", "en_IN"),
    ("AUD", "en_AU"),
    ("NZD", "en_NZ"),
    ("EUR", "en_IE"),
]


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


# ---- rounding ----


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_halves_go_away_from_zero_as_decimal_says(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    assert half_up(numerator, denominator) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_rounding_a_refund_is_the_opposite_of_rounding_the_sale(numerator: int, denominator: int) -> None:
    assert half_up(-numerator, denominator) == -half_up(numerator, denominator)
    assert half_up(numerator, -denominator) == -half_up(numerator, denominator)


def test_a_portion_rounds_at_the_third_decimal() -> None:
    assert portion(1000, 88_750) == 89  # 0.8875
    assert portion(100, 5_000) == 1  # 0.005
    assert portion(99, 5_000) == 0  # 0.00495
    assert portion(-100, 5_000) == -1


def test_every_row_of_the_cash_rounding_table() -> None:
    with (DATA / "cash-rounding-5c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 20
    for row in rows:
        total = cents(row["total"])
        assert round_cash(total, 5) == cents(row["cash_due"]), row
        assert round_cash(total, 5) - total == cents(row["rounding"]), row
        assert round_cash(total, 1) == cents(row["card_due"]), row


@given(st.integers(-100_000, 100_000), st.sampled_from([1, 5, 10, 20, 100]))
def test_cash_is_the_nearest_multiple_and_the_same_for_a_refund(total: int, step: int) -> None:
    rounded = round_cash(total, step)
    assert rounded % step == 0
    assert 2 * abs(rounded - total) <= step
    assert round_cash(-total, step) == -rounded


# ---- sharing out ----

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12)


@given(st.integers(-100_000, 100_000), weights)
def test_shares_add_up_exactly_and_are_within_a_cent_of_fair(total: int, parts: list[int]) -> None:
    shares = share(total, parts)
    assert sum(shares) == total
    if sum(parts):
        for got, weight in zip(shares, parts, strict=True):
            fair = Decimal(total) * weight / sum(parts)
            assert abs(got - fair) < 1
            assert got * total >= 0, "no share goes the other way"


@given(weights, st.data())
def test_no_share_is_more_than_its_weight_when_there_is_enough(parts: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(parts)))
    assert all(got <= weight for got, weight in zip(share(total, parts), parts, strict=True))


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(0, 500), st.integers()), max_size=8), st.data())
def test_who_gets_the_odd_cent_does_not_hang_on_the_order(
    total: int, marked: list[tuple[int, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(marked))

    def dealt(rows: list[tuple[int, int]]) -> list[tuple[int, tuple[int, int]]]:
        shares = share(total, [w for w, _ in rows], rows)
        return sorted(zip(shares, rows, strict=True))

    assert dealt(marked) == dealt(shuffled)


def test_shares_of_nothing() -> None:
    assert share(5, []) == []
    assert share(0, [0, 0]) == [0, 0]
    assert share(3, [0, 0]) == [3, 0], "where nothing weighs anything, one carries it"


# ---- reading and showing ----


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12,50", 1250),
        (" 12.50 ", 1250),
        (".5", 50),
        (",50", 50),
        ("5.", 500),
        ("0", 0),
        ("$12", 1200),
        ("12 $", 1200),
        ("US$ 12", 1200),
        ("USD 12.00", 1200),
        ("kr. 12,50", 1250),
        ("12 kr", 1200),
        ("1,234", 123400),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1 234,50", 123450),
        ("1\N{NARROW NO-BREAK SPACE}234,50 €", 123450),
        ("CHF 1\N{RIGHT SINGLE QUOTATION MARK}234.50", 123450),
        ("12.500", 1250),
    ],
)
def test_amounts_as_people_type_them(typed: str, meant: int) -> None:
    assert Currency().read(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "$",
        ".",
        "..5",
        "1..2",
        "-5",
        "\N{MINUS SIGN}5",
        "(5)",
        "1e5",
        "12abc34",
        "12½",
        "#12",
        "twelve",
        "1 2",
        "1,23,4",
        "1,2,3",
        "12.345",
        "1.234",
        "٣",
        "１２",
        "9780306406157",
        "1000000.00",
        "12\x1b5",
        "1" * 25,
    ],
)
def test_what_is_no_amount_is_refused_and_never_guessed_at(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        Currency().read(typed)
    assert refusal.value.code == "amount"
    assert refusal.value.message.endswith(".")


def test_a_thousand_is_written_as_the_country_writes_it() -> None:
    assert Currency("EUR", "de_DE").read("1.234") == 123400
    with pytest.raises(Refused):
        Currency("EUR", "de_DE").read("1,234")
    assert Currency("JPY", "ja_JP").read("1,234") == 1234
    with pytest.raises(Refused):
        Currency("JPY", "ja_JP").read("12.5")


@pytest.mark.parametrize(("code", "locale"), PLACES)
@given(amount=st.integers(0, MOST_CENTS))
def test_what_is_shown_can_be_read_back(code: str, locale: str, amount: int) -> None:
    currency = Currency(code, locale)
    assert currency.read(currency.show(amount)) == amount
    assert currency.read(currency.plain(amount)) == amount


@pytest.mark.parametrize(("code", "locale"), PLACES)
@given(amount=st.integers(0, MOST_CENTS))
def test_amounts_are_shown_as_the_locale_has_them(code: str, locale: str, amount: int) -> None:
    currency = Currency(code, locale)
    assert currency.decimals == get_currency_precision(code)
    exact = Decimal(amount).scaleb(-currency.decimals)
    assert currency.show(amount) == format_currency(exact, code, locale=locale)


@given(st.integers(1, MOST_CENTS))
def test_a_negative_amount_is_the_positive_one_with_a_minus(amount: int) -> None:
    currency = Currency()
    assert currency.show(-amount) == "-" + currency.show(amount)
    assert currency.plain(-amount) == "-" + currency.plain(amount)


def test_amounts_as_they_are_shown() -> None:
    assert Currency().show(123450) == "$1,234.50"
    assert Currency().show(-5) == "-$0.05"
    assert Currency("JPY", "ja_JP").show(1234).endswith("1,234")
    assert Currency("JPY", "ja_JP").decimals == 0


@pytest.mark.parametrize(
    ("typed", "ppm"),
    [("10", 100_000), ("8.875 %", 88_750), ("7,5", 75_000), (".5", 5_000), ("100", MILLION), ("0", 0)],
)
def test_percentages_as_people_type_them(typed: str, ppm: int) -> None:
    assert read_percent(typed) == ppm


@pytest.mark.parametrize("typed", ["", "%", ".", "-1", "100.0001", "8.87555", "1e2", "٣", "ten"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_percent(typed)


@given(st.integers(0, MILLION))
def test_a_percentage_reads_back_as_shown(ppm: int) -> None:
    assert read_percent(show_percent(ppm)) == ppm
