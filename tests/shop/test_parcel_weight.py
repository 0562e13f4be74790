"""What a parcel should weigh, what the scale says to that, and what carriers take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.parcel_weight import (
    Predicted,
    Weighed,
    compare,
    copy_grams,
    faults,
    inside,
    predict,
)
from bookwish_desk.shop.shipping import PACKAGES, ShippingSettings
from tests.shop.orders import do, order

SHOP = ShippingSettings()
WATCH = OrderLine("a", "9780143127741", "The Night Watch", 2, 1_500)
BELOVED = OrderLine("b", "9780307476463", "Beloved", 1, 2_000)
WRAP = OrderLine("c", "wrap", "Gift wrap", 1, 300)
KNOWN = {
    WATCH.sku: Weighed(WATCH.sku, grams=310),
    BELOVED.sku: Weighed(BELOVED.sku),
    WRAP.sku: Weighed(WRAP.sku, stocked=False),
}


def test_the_weight_is_that_of_the_books_with_their_box() -> None:
    found = predict(((WATCH, 2), (WRAP, 1)), KNOWN, PACKAGES[0], SHOP)

    assert found == Predicted(2 * 310 + 30)


def test_a_book_whose_weight_nobody_knows_counts_as_a_usual_one_and_is_named() -> None:
    found = predict(((WATCH, 1), (BELOVED, 2)), KNOWN, None, SHOP)

    assert found == Predicted(310 + 2 * SHOP.book_grams, ("Beloved",))
    assert copy_grams(OrderLine("x", "new", "New", 1, 1), {}, SHOP) == SHOP.book_grams


def test_a_parcel_holds_the_copies_of_every_order_packed_into_it() -> None:
    one = do(order(), "allocate", "pick", "check", Step("pack", copies=(("a", 2),), parcel="box"))
    two = do(order(id="o2"), "allocate", "pick", "check", Step("pack", copies=(("b", 1),), parcel="box"))
    three = do(order(id="o3"), "allocate", "pick", "check", Step("pack", parcel="other"))

    assert [(x.title, n) for x, n in inside((one, two, three), "box")] == [
        ("The Night Watch", 2),
        ("Beloved", 1),
    ]


def test_a_lighter_parcel_may_miss_a_book() -> None:
    found = compare(Predicted(650), 340, SHOP)

    assert found is not None and found.grams == -310
    assert found.words == "10.9 oz lighter than the expected 1 lb 6.9 oz. A book may be missing."


def test_a_heavier_parcel_may_hold_one_too_many_and_a_guess_is_said() -> None:
    found = compare(Predicted(650, ("Beloved",)), 1000, SHOP, "en_GB")

    assert found is not None
    assert found.words == (
        "350 g heavier than the expected 650 g. A book too many may be in it. "
        "The weight of Beloved is only guessed."
    )


@given(st.integers(1, 31_751), st.integers(-2_000, 2_000))
def test_within_the_larger_of_both_tolerances_nothing_is_said(grams: int, off: int) -> None:
    tolerance = max(SHOP.tolerance_grams, (grams * SHOP.tolerance_ppm + 500_000) // 1_000_000)

    assert (compare(Predicted(grams), grams + off, SHOP) is None) == (abs(off) <= tolerance)


@pytest.mark.parametrize(
    ("box", "carrier", "field"),
    [
        (Box(0), "", "weight_grams"),
        (Box(-5), "", "weight_grams"),
        (Box(32_205), "", "weight_grams"),
        (Box(32_205), "UPS", "weight_grams"),
        (Box(500, 2_800, 100, 100), "UPS", "length_mm"),
        (Box(500, 1_500, 500, 500), "USPS", "length_mm"),
        (Box(500, 1_500, 900, 900), "", "length_mm"),
        (Box(500, -1, 1, 1), "", "length_mm"),
    ],
)
def test_what_no_carrier_takes_is_said_beside_its_field(box: Box, carrier: str, field: str) -> None:
    found = faults(box, carrier)

    assert list(found) == [field]
    assert found[field].endswith(".")


@pytest.mark.parametrize(
    ("box", "carrier"),
    [
        *(
            (Box(31_751, 305, 229, 102), ""),
            (Box(500, 1_500, 500, 500), "UPS"),
            (Box(500, 2_743, 1, 1), "FedEx"),
        ),
        *((Box(500, 2_800, 100, 100), "UPSSurePost"), (Box(900, kind="FlatRateEnvelope"), "USPS")),
    ],
)
def test_what_a_carrier_takes_is_let_through(box: Box, carrier: str) -> None:
    assert faults(box, carrier) == {}
