"""Prices of a parcel as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.carriage import Failure, Quoted, Rate
from bookwish_desk.shop.rate_table import table
from bookwish_desk.shop.shipping import PRESETS

RATES = (
    Rate("1", "USPS", "Priority", 945, retail_cents=1_165, days=2),
    Rate("2", "USPS", "MediaMail", 413, days=7),
    Rate("3", "UPSDAP", "Ground", 3_415, days=3, retail_cents=2_000),
    Rate("4", "UPS", "NextDayAir", 4_350, days=1, guaranteed=True),
    Rate("5", "USPS", "GroundAdvantage", 607),
)


@pytest.mark.capability("OMG-18")
def test_prices_stand_cheapest_first_with_days_and_what_is_saved() -> None:
    found = table(Quoted("shp_1", RATES), PRESETS[2], media_mail=True)

    assert [(r.carrier, r.service, r.rate.cents, r.days, r.saving_cents, r.marks) for r in found.rows] == [
        ("USPS", "Media Mail", 413, "7 days", 0, "Cheapest"),
        ("USPS", "Ground Advantage", 607, "", 0, ""),
        ("USPS", "Priority", 945, "2 days", 220, ""),
        ("UPS", "Ground", 3_415, "3 days", 0, ""),
        ("UPS", "Next Day Air", 4_350, "1 day, guaranteed", 0, "Fastest"),
    ]
    assert found.chosen is not None and found.chosen.rate.id == "4"


def test_media_mail_is_not_shown_where_nobody_asked_for_it() -> None:
    found = table(Quoted("shp_1", RATES), PRESETS[0])

    assert "MediaMail" not in [r.rate.service for r in found.rows]
    assert found.chosen is None and not found.media_missing
    assert table(Quoted("shp_1", RATES[:1]), media_mail=True).media_missing


def test_a_carrier_that_gave_no_price_is_listed_once_with_its_words() -> None:
    failed = Failure("FedEx", "Too Many\x1b[31m Requests")
    found = table(Quoted("shp_1", (), (failed, failed, Failure("", ""))))

    assert found.failures == (
        Failure("FedEx", "Too Many[31m Requests"),
        Failure("A carrier", "No price, and no reason given."),
    )
    assert found.rows == ()


def test_prices_in_another_currency_are_not_compared() -> None:
    found = table(Quoted("shp_1", (*RATES, Rate("6", "Canada Post", "Xpresspost", 1, currency="CAD"))))

    assert found.rows[-1].rate.id == "6"
    assert [r.rate.id for r in found.rows if r.cheapest] == ["5"]


@given(st.permutations(RATES))
def test_the_order_in_which_carriers_answer_changes_nothing(rates: list[Rate]) -> None:
    assert table(Quoted("x", tuple(rates)), PRESETS[1], media_mail=True) == table(
        Quoted("x", RATES), PRESETS[1], media_mail=True
    )
