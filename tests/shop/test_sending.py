"""What an order is to be sent as, by the rules, before anybody packed it."""

import pytest
from msgspec.structs import replace

from bookwish_desk.shop.order import Owner, PostalAddress
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.sending import is_to_send, sent_as
from bookwish_desk.shop.shipping import PACKAGES, PRESETS, PresetRule, ShippingSettings
from tests.shop.orders import TO_PARCEL, do, order

SHOP = ShippingSettings()
HOME = PostalAddress("Ada Byron", "12 Elm Street", "", "Springfield", "CT", "06001")
WATCH, BELOVED = "9780143127741", "9780307476463"
KNOWN = {sku: Weighed(sku, ean=int(sku), grams=300, format="BC", of_trade=True) for sku in (WATCH, BELOVED)}


@pytest.mark.capability("OMG-18")
def test_books_alone_for_home_get_media_mail_by_the_rules_of_every_shop() -> None:
    found = sent_as(order(address=HOME), KNOWN, SHOP)

    assert (found.preset, found.package, found.grams) == (PRESETS[0], PACKAGES[0], 3 * 300 + 30)
    assert found.media.ok and found.faults == found.cautions == found.guessed == ()


def test_one_mug_takes_media_mail_from_the_parcel() -> None:
    known = {**KNOWN, BELOVED: Weighed(BELOVED, grams=300, format="ZK")}

    found = sent_as(order(address=HOME), known, SHOP)

    assert found.preset == PRESETS[1]
    assert found.media.mixed and found.media.why == ("Beloved is a mug.",)


def test_a_rule_goes_by_what_the_books_weigh() -> None:
    shop = replace(SHOP, rules=(PresetRule("fastest", under_grams=901), *SHOP.rules))

    assert sent_as(order(address=HOME), KNOWN, shop).preset == PRESETS[2]
    assert sent_as(order(address=HOME), {}, shop).preset == PRESETS[1]


def test_only_copies_that_lie_in_no_parcel_count() -> None:
    packed = do(
        order(address=HOME), "allocate", "pick", "check", Step("pack", copies=(("a", 2),), parcel="p")
    )

    assert sent_as(packed, KNOWN, SHOP).grams == 300 + 30
    assert is_to_send(packed) and not is_to_send(do(packed, "pack"))
    assert is_to_send(order()) and not is_to_send(order("pickup"))
    assert not is_to_send(order(owner=Owner("wholesaler"))) and not is_to_send(do(order(), *TO_PARCEL))


def test_what_is_amiss_with_the_address_is_said_before_anybody_packs() -> None:
    wrong = replace(HOME, postal_code="", line2="Apt")

    found = sent_as(order(address=wrong), KNOWN, SHOP)

    assert found.faults == ("Type the ZIP code.",)
    assert found.cautions == ("The number behind Apt is missing.",)
    assert sent_as(order(address=None), KNOWN, SHOP).faults
