"""A link in an e-mail to the staff opens its order on the desk that is running."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk import __main__ as program
from bookwish_desk.shop.order_link import link_to
from tests.journeys.person import Person


@pytest.mark.capability("WSM-14", "WSM-02")
def test_the_order_of_a_link_is_shown_once_somebody_is_there(
    at_the_register: Person, shop_folder: Path
) -> None:
    person = at_the_register
    assert program.main(["--data", str(shop_folder), "open", link_to("7731")]) == 0
    person.sign_in()
    person.see("Dmitri Petrov", "Regular: likes a call before we ship")
    person.key("Ctrl+1")
    assert program.main(["--data", str(shop_folder), "open", link_to("100455")]) == 0
    person.see("Hiro Tanaka", "Canceled–Fraud")
