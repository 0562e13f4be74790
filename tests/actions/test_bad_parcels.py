"""Bad input is refused in a sentence beside its field, before a carrier is asked and before money moves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying
from bookwish_desk.db import postages, titles
from bookwish_desk.shop.carriage import Box, Customs, CustomsItem
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.title import Title
from tests.support.orders import HOME, ORLANDO
from tests.support.parcels import BOX, ParcelDesk, copied_desk, wanted, with_shipping

FORCES = replace(HOME, city="APO", state="AE", postal_code="09001")
PARIS = PostalAddress("Ada Example", "1 rue de Rivoli", "", "Paris", "", "75001", "FR")
TOLD = Customs((CustomsItem("Printed book: Orlando", 1, 1_699, 500),), "Olive Owner")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def refused(desk: ParcelDesk, **more: Any) -> tuple[str, str]:
    """Return the field and the sentence with which a parcel is not even priced."""
    with pytest.raises(Refused) as fault:
        buying.ask(desk.store, desk.actor, wanted(desk.order, **more))
    desk.run()
    with desk.store.read() as conn:
        assert postages.of_order(conn, desk.order.id) == ()
    return str(fault.value.facts["field"]), fault.value.message


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"to": PostalAddress()}, "name", "Type the name of whoever gets it."),
        ({"to": replace(HOME, line1=" ")}, "line1", "Type street and number, or the PO box."),
        ({"to": replace(HOME, name="\N{PARTY POPPER}")}, "name", "Type the name of whoever gets it."),
        ({"to": replace(HOME, postal_code="9021")}, "postal_code", "A ZIP code has 5 digits"),
        ({"to": replace(HOME, country="Mars")}, "country", "two letters"),
        ({"box": replace(BOX, weight_grams=0)}, "weight", "Weigh the parcel first"),
        ({"box": replace(BOX, weight_grams=32_205)}, "weight", "over 70 lb"),
        ({"box": Box(500)}, "size", "length, width and height"),
        ({"media_mail": True}, "media_mail", "Orlando is not known to be a book or a recording."),
        ({"media_mail": True, "box": replace(BOX, kind="FlatRateEnvelope")}, "media_mail", "own packaging"),
        ({"to": PARIS}, "customs", "Customs must be told"),
        ({"to": PARIS, "customs": replace(TOLD, signer=" ")}, "customs", "who signs for customs"),
        ({"insured_cents": 900_000}, "insurance", "up to $5,000"),
    ],
)
def test_what_cannot_be_sent_is_said_beside_its_field_and_nobody_is_asked(
    desk: ParcelDesk, more: dict[str, Any], field: str, words: str
) -> None:
    where, sentence = refused(desk, **more)

    assert where == field and words in sentence


def test_without_a_sender_no_price_is_asked_for(desk: ParcelDesk) -> None:
    with_shipping(desk.store, sender=PostalAddress())

    assert refused(desk)[0] == "sender"


@pytest.mark.parametrize(
    ("typed", "on_the_label"),
    [
        ("Ada \N{PARTY POPPER} Byron", "Ada Byron"),
        ("^XA^FO0,0^FDAda^XZ", "XA FO0,0 FDAda XZ"),
        ("~JAAda\x1b@\x00", "JAAda @"),
    ],
)
def test_pictures_and_printer_commands_in_a_name_never_reach_a_carrier(
    desk: ParcelDesk, typed: str, on_the_label: str
) -> None:
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order, to=replace(HOME, name=typed))).value

    assert asked.consignment.to.name == on_the_label


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"to": replace(HOME, line1="PO Box 12")}, "line1", "This is a PO box. UPS does not go there"),
        ({"to": FORCES, "customs": TOLD}, "state", "military address"),
        ({"to": replace(HOME, line1="1 " + "x" * 40)}, "line1", "longer than the 35 characters of UPS"),
        ({"box": Box(500, 2_800, 100, 100)}, "length_mm", "108 in long"),
    ],
)
def test_what_one_carrier_does_not_take_is_said_before_its_price_is_agreed_to(
    desk: ParcelDesk, more: dict[str, Any], field: str, words: str
) -> None:
    priced = desk.ask(desk.order, **more)
    assert priced.quoted is not None
    ups = next(r for r in priced.quoted.rates if r.carrier == "UPS")

    with pytest.raises(Refused) as fault:
        buying.want(desk.store, desk.actor, [(priced.id, ups.id)])

    assert fault.value.facts["field"] == field and words in fault.value.message
    desk.run()
    assert desk.now(priced).bought is None and not desk.now(priced).wanted_at


def test_media_mail_goes_to_the_forces_with_a_customs_form(desk: ParcelDesk) -> None:
    with desk.store.catalogue.begin() as conn:
        titles.add(conn, [Title(ORLANDO.ean or 0, "Orlando", grams=310, format="BC")])

    asked = buying.ask(
        desk.store, desk.actor, wanted(desk.order, to=FORCES, customs=TOLD, media_mail=True)
    ).value

    assert asked.consignment.media_mail and asked.consignment.customs == TOLD
    assert refused_abroad(desk) == "media_mail"


def refused_abroad(desk: ParcelDesk) -> str:
    with pytest.raises(Refused) as fault:
        buying.ask(desk.store, desk.actor, wanted(desk.order, to=PARIS, customs=TOLD, media_mail=True))
    return str(fault.value.facts["field"])
