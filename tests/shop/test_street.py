"""Street dates: from which moment on an item may be sold, and how the day is said and typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.street import before_street, checked_day, long_day, too_early

BOOK = Item("B", "Rival Queens", street_date="2026-11-24")


@pytest.mark.parametrize(
    ("at", "zone", "early"),
    [
        ("2026-11-24 04:59:59", "America/New_York", True),
        ("2026-11-24 05:00:00", "America/New_York", False),
        ("2026-11-23 23:59:59", "Europe/London", True),
        ("2026-11-24 00:00:00", "Europe/London", False),
        ("2026-11-23 10:59:59", "Pacific/Auckland", True),
        ("2026-11-23 11:00:00", "Pacific/Auckland", False),
        ("2027-06-01 00:00:00", "Europe/London", False),
    ],
)
def test_the_day_begins_at_midnight_where_the_shop_is(at: str, zone: str, early: bool) -> None:
    moment = int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000)
    assert too_early(BOOK, moment, zone) is early
    assert not too_early(Item("B", "Rival Queens"), moment, zone)


def test_the_day_is_said_as_people_there_write_it() -> None:
    assert long_day("2026-11-24", "en_GB") == "Tuesday, 24 November 2026"
    assert long_day("2026-11-24", "en_US") == "Tuesday, November 24, 2026"
    assert long_day("2026-02-30", "en_US") == "2026-02-30"
    refused = before_street(BOOK, "en_GB")
    assert refused.message == "Rival Queens may not be sold before Tuesday, 24 November 2026."
    assert refused.facts == {"sku": "B", "title": "Rival Queens", "street_date": "2026-11-24"}


def test_a_typed_day_is_one_of_the_calendar() -> None:
    assert (checked_day(" 2026-11-24 "), checked_day("20261124"), checked_day(" ")) == (
        "2026-11-24",
        "2026-11-24",
        "",
    )
    for wrong in ("24.11.2026", "2026-02-30", "tomorrow"):
        with pytest.raises(Refused) as refused:
            checked_day(wrong)
        assert refused.value.code == "street_date"
