"""Links to orders: what is linked is found again, and no other link is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order_link import MOST, link_to, number_in
from bookwish_desk.shop.text import clean


@pytest.mark.capability("WSM-14")
@given(st.text(min_size=1, max_size=MOST).filter(lambda t: bool(t) and t == clean(t, MOST)))
def test_a_link_names_its_order(number: str) -> None:
    link = link_to(number)
    assert number_in(link) == number
    assert link.isascii() and " " not in link


@pytest.mark.parametrize(
    "link",
    [
        "", "bookwish-desk:order/", "https://example.com/order/1", "bookwish-desk:settings/1", "order/1",
        "bookwish-desk:order/%1B%40", "bookwish-desk:order/" + "9" * 65, "bookwish-desk:order/a%0Ab",
    ],
)  # fmt: skip
def test_anything_else_is_refused(link: str) -> None:
    with pytest.raises(Refused):
        number_in(link)
