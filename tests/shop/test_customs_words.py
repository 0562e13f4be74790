"""What customs is told of a parcel abroad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.carriage import BOOKS_HS, NO_EEI
from bookwish_desk.shop.customs_words import customs_of, needed, tariff
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.shipping import PACKAGES, ShippingSettings

SENDER = PostalAddress("Test Books", "1 Main Street", "", "Springfield", "CT", "06001")
SHOP = ShippingSettings(sender=SENDER, signer="Olive Owner")
PARIS = PostalAddress("Ada", "1 rue de Rivoli", city="Paris", postal_code="75001", country="FR")
TORONTO = replace(PARIS, country="CA")
ORLANDO = OrderLine("a", "9780156701600", "Orlando: Łódź", 3, 1_000, discount_cents=300)
MUG = OrderLine("b", "mug", "Shop mug", 1, 1_200)
KNOWN = {
    ORLANDO.sku: Weighed(ORLANDO.sku, ean=9780156701600, grams=300, format="BC"),
    "mug": Weighed("mug", grams=400, format="ZK"),
}


def test_each_title_has_its_tariff_number_its_value_less_discount_and_its_part_of_the_weight() -> None:
    found = customs_of(((ORLANDO, 2), (MUG, 1)), KNOWN, PARIS, SHOP, grams=1_060, package=PACKAGES[1])

    assert found.faults == ()
    book, mug = found.customs.items
    assert (book.description, book.hs, book.quantity, book.value_cents, book.weight_grams) == (
        "Printed book: Orlando: Lodz", BOOKS_HS, 2, 1_800, 600,
    )  # fmt: skip
    assert (mug.description, mug.hs, mug.value_cents, mug.weight_grams) == (
        "Ceramic mug: Shop mug", "6912.00", 1_200, 400,
    )  # fmt: skip
    assert (found.customs.signer, found.customs.eel_pfc, book.origin) == ("Olive Owner", NO_EEI, "US")


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3_000)), min_size=1, max_size=8),
    st.integers(1, 31_751),
)
def test_the_weights_of_all_titles_are_that_of_the_parcel(copies: list[tuple[int, int]], grams: int) -> None:
    lines = tuple(
        (OrderLine(str(n), str(n), f"T{n}", count, 500), count) for n, (count, _) in enumerate(copies)
    )
    known = {str(n): Weighed(str(n), grams=each) for n, (_, each) in enumerate(copies)}

    found = customs_of(lines, known, PARIS, SHOP, grams=grams)

    assert sum(item.weight_grams for item in found.customs.items) == grams


def test_more_than_the_limit_of_one_kind_of_goods_needs_a_filing_but_not_to_canada() -> None:
    dear = OrderLine("a", ORLANDO.sku, "Folio", 1, 250_001)

    assert "EEI" in customs_of(((dear, 1),), KNOWN, PARIS, SHOP, grams=500).faults[0]
    assert customs_of(((replace(dear, price_cents=250_000), 1),), KNOWN, PARIS, SHOP, grams=500).faults == ()
    north = customs_of(((dear, 1),), KNOWN, TORONTO, SHOP, grams=500)
    assert (north.customs.eel_pfc, north.faults) == ("NOEEI 30.36", ())
    two = replace(dear, price_cents=130_000)
    assert customs_of(((two, 1), (replace(two, id="b"), 1)), KNOWN, PARIS, SHOP, grams=500).faults


def test_a_shop_elsewhere_says_nothing_of_the_export_rules_of_the_us() -> None:
    shop = replace(SHOP, sender=replace(SENDER, country="GB"))

    assert customs_of(((ORLANDO, 1),), KNOWN, PARIS, shop, grams=500).customs.eel_pfc == ""


def test_what_the_shop_cannot_say_by_itself_is_asked_for() -> None:
    free = OrderLine("c", "thing", "Thing", 1, 0)

    found = customs_of(((free, 1),), {}, PARIS, replace(SHOP, signer=" "), grams=500)

    assert found.faults == (
        "Thing: say what it is and its tariff number.",
        "Thing has no value: customs wants what it would cost.",
        "Type who signs for customs.",
    )
    assert customs_of((), {}, PARIS, SHOP, grams=1).faults == ("Nothing lies in the parcel.",)


def test_gift_wrap_is_not_declared() -> None:
    wrap = OrderLine("w", "wrap", "Gift wrap", 1, 300)

    found = customs_of(
        ((ORLANDO, 1), (wrap, 1)), {**KNOWN, "wrap": Weighed("wrap", stocked=False)}, PARIS, SHOP, grams=300
    )

    assert [item.quantity for item in found.customs.items] == [1]


@pytest.mark.parametrize(
    ("fmt", "hs"),
    [*(("BB", BOOKS_HS), ("MM", BOOKS_HS), ("SB", BOOKS_HS), ("PC", "4910.00"), ("PI", "4904.00")),
     *(("AC", "8523.49"), ("AM", "8523.80"), ("VI", "8523.49"), ("ZJ", "9503.00"), ("CB", "4905.90")),
     ("ZZ", "")],
)  # fmt: skip
def test_forms_have_the_tariff_numbers_of_the_trade(fmt: str, hs: str) -> None:
    assert tariff(Weighed("x", format=fmt))[0] == hs


@pytest.mark.parametrize(
    ("to", "yes"),
    [
        (SENDER, False),
        (PARIS, True),
        (replace(SENDER, country="PR"), False),
        (replace(SENDER, state="PR"), False),
        (replace(SENDER, state="GU", postal_code="96910"), True),
        (replace(SENDER, country="GU"), True),
        (replace(SENDER, city="APO", state="AE", postal_code="09001"), True),
    ],
)
def test_a_form_is_needed_abroad_for_the_forces_and_the_far_islands(to: PostalAddress, yes: bool) -> None:
    assert needed(SENDER, to) is yes
