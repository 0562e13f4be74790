"""Which preset a parcel gets by the shop's rules, and which price a preset means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.carriage import Rate
from bookwish_desk.shop.presets import package_of, preset_for, rate_for, rule_for, service_words
from bookwish_desk.shop.shipping import PACKAGES, PRESETS, Preset, PresetRule, ShippingSettings

SHOP = ShippingSettings()
MEDIA, CHEAPEST, FASTEST = PRESETS
RATES = (
    Rate("1", "USPS", "Priority", 945, days=2),
    Rate("2", "USPS", "MediaMail", 413, days=7),
    Rate("3", "UPS", "Ground", 1_021, days=3),
    Rate("4", "UPS", "NextDayAir", 4_350, days=1),
    Rate("5", "USPS", "GroundAdvantage", 607),
)


@pytest.mark.capability("OMG-18")
def test_books_alone_at_home_get_media_mail_and_all_else_the_cheapest() -> None:
    assert preset_for(SHOP, grams=900, media_mail=True, country="US") == MEDIA
    assert preset_for(SHOP, grams=900, media_mail=False, country="US") == CHEAPEST
    assert preset_for(SHOP, grams=900, media_mail=True, country="CA") == CHEAPEST


def test_the_first_rule_that_fits_counts() -> None:
    light = PresetRule("fastest", under_grams=300)
    shop = replace(SHOP, rules=(light, *SHOP.rules))

    assert preset_for(shop, grams=299, media_mail=True, country="US") == FASTEST
    assert preset_for(shop, grams=300, media_mail=True, country="US") == MEDIA


def test_a_rule_for_abroad_is_not_for_home_and_home_is_the_shops_own_country() -> None:
    shop = replace(SHOP, rules=(PresetRule("fastest", where="abroad"),))

    assert preset_for(shop, grams=1, media_mail=False, country="GB") == FASTEST
    assert preset_for(shop, grams=1, media_mail=False, country="us") is None
    assert preset_for(shop, grams=1, media_mail=False, country="GB", home="GB") is None


def test_no_rule_gives_media_mail_to_a_parcel_that_does_not_qualify() -> None:
    shop = replace(SHOP, rules=(PresetRule("media"), PresetRule("gone"), PresetRule("cheapest")))

    assert preset_for(shop, grams=1, media_mail=False, country="US") == CHEAPEST
    assert rule_for(replace(shop, rules=()), grams=1, media_mail=False, country="US") is None


def test_equal_prices_are_decided_by_the_days_and_equal_days_by_the_price() -> None:
    slow, quick, nobody_knows = (Rate(str(d), "UPS", f"S{d}", 700, days=d) for d in (5, 2, 0))
    dear = Rate("9", "UPS", "S9", 900, days=2)
    cheapest, fastest = Preset("c", "Cheapest"), Preset("f", "Fastest", fastest=True)
    assert rate_for(cheapest, (nobody_knows, slow, quick, dear)) == quick
    assert rate_for(cheapest, (nobody_knows, slow)) == slow
    assert rate_for(fastest, (nobody_knows, dear, slow, quick)) == quick


def test_a_preset_means_its_service_or_the_cheapest_or_fastest_of_its_carrier() -> None:
    def meant(preset: Preset, *, media: bool = True) -> str:
        found = rate_for(preset, RATES, media_mail=media)
        return found.id if found is not None else ""

    assert meant(MEDIA) == "2"
    assert meant(MEDIA, media=False) == ""
    assert meant(CHEAPEST) == "2"
    assert meant(CHEAPEST, media=False) == "5"
    assert meant(FASTEST) == "4"
    assert meant(Preset("x", "UPS", carrier="ups")) == "3"
    assert meant(Preset("x", "Priority", service="priority")) == "1"
    assert meant(Preset("x", "DHL", carrier="DHL")) == ""


@given(st.permutations(RATES), st.sampled_from(PRESETS))
def test_the_order_in_which_carriers_answer_changes_nothing(rates: list[Rate], preset: Preset) -> None:
    assert rate_for(preset, rates) == rate_for(preset, RATES)


def test_the_package_of_a_preset_is_one_that_the_shop_has() -> None:
    assert package_of(MEDIA, SHOP) == PACKAGES[0]
    assert package_of(replace(MEDIA, package="gone"), SHOP) is None
    assert package_of(None, SHOP) is None


@pytest.mark.parametrize(
    ("carrier", "service", "words"),
    [
        *(("USPS", "GroundAdvantage", "Ground Advantage"), ("FedEx", "FEDEX_2_DAY", "2 Day")),
        *(
            ("UPS", "2ndDayAir", "2nd Day Air"),
            ("UPS", "3DaySelect", "3 Day Select"),
            ("USPS", "First", "First"),
        ),
        *(("FedEx", "STANDARD_OVERNIGHT", "Standard Overnight"), ("USPS", "", "")),
    ],
)
def test_services_are_named_as_people_read_them(carrier: str, service: str, words: str) -> None:
    assert service_words(carrier, service) == words
