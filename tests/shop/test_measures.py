"""Weights and lengths as people of a shop type and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.measures import (
    length_words,
    read_length,
    read_weight,
    size_words,
    weight_words,
)

LOCALES = st.sampled_from(("en_US", "en_GB", "de_DE", "ja_JP"))


@pytest.mark.parametrize(
    ("typed", "grams"),
    [
        *(("2 lb 3 oz", 992), ("2lb 3oz", 992), ("2 lbs., 3 oz.", 992), ("35 oz", 992), ("1.2 kg", 1200)),
        *(("980 g", 980), (".5 lb", 227), ("1 pound 4 ounces", 567), ("12,5 oz", 354), ("70 lb", 31_751)),
    ],
)
def test_a_weight_is_read_as_it_is_typed_in_either_country(typed: str, grams: int) -> None:
    assert read_weight(typed, "en_US") == read_weight(typed, "de_DE") == grams


@pytest.mark.parametrize("typed", ["980", "", "0 g", "2 lb 3", "3 oz 2 lb", "two pounds", "1,200 g", "-3 oz"])
def test_what_could_mean_two_weights_or_none_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_weight(typed, "en_US")


def test_a_number_alone_is_grams_where_the_shop_reads_grams() -> None:
    assert read_weight("980", "en_GB") == 980
    with pytest.raises(Refused, match="unit"):
        read_weight("1.2", "en_GB")


def test_an_empty_box_may_weigh_nothing_where_that_is_asked_for() -> None:
    assert read_weight("0", "en_US", least=0) == 0
    assert read_weight("0 g", "de_DE", least=0) == 0
    with pytest.raises(Refused, match="unit"):
        read_weight("500 lb", "en_US")


def test_a_shop_reads_weights_and_sizes_by_its_own_habits() -> None:
    assert [weight_words(g, "en_US") for g in (100, 992, 907, 31_751)] == [
        "3.5 oz",
        "2 lb 3 oz",
        "2 lb",
        "70 lb",
    ]
    assert [weight_words(g, "de_DE") for g in (100, 992, 1200, 31_751)] == [
        "100 g",
        "992 g",
        "1,2 kg",
        "31,75 kg",
    ]
    assert size_words(267, 184, 25, "en_US") == "10.5 x 7.25 x 1 in"
    assert size_words(305, 229, 102, "en_GB") == "30.5 x 22.9 x 10.2 cm"
    assert size_words(0, 0, 0, "en_US") == ""


@given(st.integers(1, 100_000), LOCALES)
def test_what_a_field_shows_is_read_back_as_the_same_grams(grams: int, locale: str) -> None:
    assert read_weight(weight_words(grams, locale, exact=True), locale) == grams


@given(st.integers(1, 100_000), LOCALES)
def test_what_is_told_of_a_weight_is_within_a_twentieth_of_an_ounce_or_ten_grams(
    grams: int, locale: str
) -> None:
    assert abs(read_weight(weight_words(grams, locale), locale) - grams) <= (2 if locale == "en_US" else 5)


@given(st.integers(0, 3000), LOCALES)
def test_what_a_field_shows_is_read_back_as_the_same_length(millimetres: int, locale: str) -> None:
    assert read_length(length_words(millimetres, locale), locale) == millimetres


@pytest.mark.parametrize(
    ("typed", "millimetres"),
    [("10.5", 267), ("10 1/2", 267), ('10.5"', 267), ("10-1/2 in", 267), ("26.7 cm", 267), ("267 mm", 267)],
)
def test_a_length_is_read_as_it_is_typed(typed: str, millimetres: int) -> None:
    assert read_length(typed, "en_US") == millimetres


@given(st.text(max_size=30), LOCALES)
def test_any_other_text_is_refused_and_nothing_else_happens(typed: str, locale: str) -> None:
    for read in (read_weight, read_length):
        try:
            assert read(typed, locale) >= 0
        except Refused as refused:
            assert refused.message.endswith(".")


@pytest.mark.parametrize("typed", ["1/0", "wide", "", "999 in", "1 2 3"])
def test_what_is_no_length_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_length(typed, "en_US")
