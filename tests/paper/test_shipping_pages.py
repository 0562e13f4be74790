"""Labels on paper: a carrier's at 100 %, an address label that names its order."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from bookwish_desk.paper.shipping_pages import address_label, label_page
from bookwish_desk.shop.errors import Refused
from tests.hardware.test_labels import CARRIED, carrier, png
from tests.support.papers import codes_on, ink_box, pictures_of, read, words_of

TO = "Ada Example\n12 Elm Street\nFlat 3\nSpringfield CT 06001"


@pytest.mark.parametrize("size", ["letter", "a4"])
@pytest.mark.capability("OMG-19")
def test_a_carriers_label_is_four_by_six_inches_on_a_page(size: str) -> None:
    pdf = label_page(png(carrier(300)), size, mark="BW-1")  # type: ignore[arg-type]
    assert len(read(pdf).pages) == 1
    (page,) = pictures_of(pdf, 300)
    label = page.crop(((page.width - 1200) // 2, 150, (page.width + 1200) // 2, 150 + 1800))
    own = carrier(300).convert("L").point(lambda grey: 255 if grey > 127 else 0)
    apart = ImageChops.difference(label.point(lambda grey: 255 if grey > 127 else 0), own)
    assert sum(apart.histogram()[128:]) < 0.01 * 1200 * 1800
    assert sorted(text for text, _ in codes_on(page)) == CARRIED
    assert words_of(pdf) == ["BW-1 · Print at 100 % and cut along the lines."]


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(Refused, match="damaged"):
        label_page(png(carrier(203))[:900], "letter")


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.capability("OMG-19", "OMG-20")
def test_an_address_label_has_both_addresses_and_the_orders_number(dpi: int) -> None:
    pdf = address_label(TO, "Test Books\n1 Main Street", number="BW-20260921-AB12", service="USPS Media Mail")
    (words,) = words_of(pdf)
    for part in ("Test Books", "USPS Media Mail", "Ada Example", "Flat 3", "BW-20260921-AB12"):
        assert part in words
    (page,) = pictures_of(pdf, dpi)
    assert abs(page.width - 4 * dpi) <= 1 and abs(page.height - 6 * dpi) <= 1
    assert [text for text, _ in codes_on(page)] == ["BW-20260921-AB12"]


@pytest.mark.parametrize(
    "to",
    [
        "\n".join(["Ada " * 30] * 9),
        "Łódź 東京 😀\x1b@^XA^XZ\n<b>1</b> Long Street",
        "Ada",
    ],
)
def test_whatever_an_address_is_it_stays_on_its_label(to: str) -> None:
    pdf = address_label(to, "Shop\n" * 9, number="W1-" + "9" * 60)
    (page,) = pictures_of(pdf, 100)
    left, top, right, bottom = ink_box(page)
    assert left >= 10 and top >= 10 and right <= 390 and bottom <= 590


def test_no_address_is_refused() -> None:
    with pytest.raises(Refused, match="no address"):
        address_label(" \n", "Shop", number="1")
