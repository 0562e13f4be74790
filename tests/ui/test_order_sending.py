"""What the page of an order says of sending it, before anybody packed it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import configuring
from bookwish_desk.db import titles
from bookwish_desk.shop.order import Owner
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.shipping import PRESETS, ShippingSettings
from bookwish_desk.shop.title import Title
from tests.support.order_desk import OrderDesk
from tests.support.orders import EMMA, HOME, ORLANDO, line


@pytest.fixture
def desk(tmp_path: Path) -> OrderDesk:
    desk = OrderDesk(tmp_path)
    desk.shelf()
    with desk.store.catalogue.begin() as conn:
        titles.add(conn, [Title(ORLANDO.ean or 0, "Orlando", grams=310, format="BC", pages=336)])
    desk.list.shown()
    return desk


def sending(desk: OrderDesk, number: str) -> dict[str, str]:
    desk.show(number)
    found = desk.detail.state.view
    assert found is not None
    return desk.facts("Sending") if "Sending" in [s.heading for s in found.facts] else {}


@pytest.mark.capability("OMG-18", "BB-04")
def test_an_order_that_we_send_ourselves_says_what_it_goes_as(desk: OrderDesk) -> None:
    desk.order("SHIP-1", line(ORLANDO, 2), kind="ship")
    desk.order("PICK-1", line(ORLANDO))
    desk.order("AWAY-1", line(ORLANDO), kind="ship", owner=Owner("wholesaler", "pending"))

    assert sending(desk, "SHIP-1") == {
        "By the rules": "Media Mail, in Small mailer", "Weighs about": "1 lb 6.9 oz",
    }  # fmt: skip
    assert sending(desk, "PICK-1") == sending(desk, "AWAY-1") == {}


def test_what_nobody_knows_of_a_book_is_said_and_it_gets_no_media_mail(desk: OrderDesk) -> None:
    desk.order("SHIP-1", line(ORLANDO), line(EMMA), kind="ship")

    found = sending(desk, "SHIP-1")

    assert found["By the rules"] == "Cheapest, in Small mailer"
    assert found["Weighs about"].endswith("oz, Emma guessed")
    assert found["Not Media Mail"].startswith("Emma is not known to be a book or a recording.")


def test_rules_of_the_shop_and_its_habits_are_followed(desk: OrderDesk) -> None:
    own = replace(ShippingSettings(), presets=(PRESETS[2],), rules=())
    configuring.change_settings(desk.store, desk.owner, shipping=own, locale="en_GB")
    desk.station.settings = desk.store.settings
    desk.order("SHIP-1", line(ORLANDO), kind="ship")

    found = sending(desk, "SHIP-1")

    assert found["By the rules"] == "No rule fits: the preset is chosen when it is shipped"
    assert found["Weighs about"] == "310 g"


def test_an_address_that_no_label_can_have_is_seen_at_once(desk: OrderDesk) -> None:
    desk.order("SHIP-1", line(ORLANDO), kind="ship", address=replace(HOME, postal_code="9021"))

    assert sending(desk, "SHIP-1")["Address"] == "A ZIP code has 5 digits, or 9 as in 06001-1234."


def test_another_order_to_the_same_address_is_suggested_until_it_is_packed(desk: OrderDesk) -> None:
    desk.order("SHIP-1", line(ORLANDO), kind="ship")
    other = desk.order("SHIP-2", line(ORLANDO), kind="ship", steps=("confirm",))

    assert sending(desk, "SHIP-1")["Goes the same way"] == "SHIP-2: pack it with this one, in one parcel"
    desk.order("SHIP-3", line(ORLANDO), kind="ship", address=replace(HOME, line1="1 Elm Street"))
    assert sending(desk, "SHIP-3").get("Goes the same way") is None
    from bookwish_desk.actions import ordering

    ordering.take(
        desk.store, desk.owner, other.id, Step("cancel", reason="Changed their mind", by="customer")
    )
    assert "Goes the same way" not in sending(desk, "SHIP-1")
