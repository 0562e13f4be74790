"""What EasyPost is asked, parameter by parameter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.sync.carriers.easypost import writing
from tests.sync.carriers.easypost.speech import BOX, CUSTOMS, READER, SHOP, Scripted, parcel, speaking


def options(**changes: Any) -> dict[str, Any]:
    return dict(writing.shipment(parcel(**changes))["options"])


@pytest.mark.capability("BW-11", "OMG-14")
def test_a_parcel_is_asked_about_in_ounces_and_inches() -> None:
    assert writing.shipment(parcel(email="zoe@example.com")) == {
        "reference": "postage-1",
        "to_address": {
            "name": "Zoë Brontë",
            "street1": "388 Townsend St",
            "street2": "Apt 20",
            "city": "San Francisco",
            "state": "CA",
            "zip": "94107",
            "country": "US",
            "phone": "(415) 555-0100",
            "email": "zoe@example.com",
        },
        "from_address": {
            "name": "The Corner Bookshop",
            "street1": "179 N Harbor Dr",
            "city": "Redondo Beach",
            "state": "CA",
            "zip": "90277",
            "country": "US",
        },
        "parcel": {"weight": 15.4, "length": 10.0, "width": 8.0, "height": 4.0},
        "options": {"label_format": "PNG", "label_size": "4x6", "currency": "USD"},
    }


@pytest.mark.parametrize(
    ("grams", "ounces"),
    [
        (1, 0.1),
        (28, 1.0),
        (29, 1.1),
        (100, 3.6),
        (437, 15.4),
        (453, 16.0),
        (454, 16.0),
        (455, 16.1),
        (907, 32.0),
    ],
)
def test_weights_are_rounded_up_but_a_typed_pound_stays_one(grams: int, ounces: float) -> None:
    assert writing.ounces(grams) == ounces


def test_seventy_pounds_are_not_more() -> None:
    assert writing.ounces(31_751) == 70 * 16


@given(st.integers(0, 100_000))
def test_a_weight_is_never_told_as_less_than_half_a_gram_below(grams: int) -> None:
    told = writing.ounces(grams)
    assert told >= 0.1
    assert told * 28.349523125 > grams - 0.5001
    assert told * 28.349523125 < grams + 2.84


@pytest.mark.parametrize(
    ("mm", "inches"), [(1, 0.1), (25, 1.0), (267, 10.5), (305, 12.0), (102, 4.0), (184, 7.2)]
)
def test_lengths_are_told_to_the_nearest_tenth_of_an_inch(mm: int, inches: float) -> None:
    assert writing.inches(mm) == inches


def test_a_carriers_own_package_has_a_name_and_no_sizes() -> None:
    flat = Box(437, 254, 203, 102, "FlatRatePaddedEnvelope")
    assert writing.parcel(flat) == {"weight": 15.4, "predefined_package": "FlatRatePaddedEnvelope"}
    assert writing.parcel(Box(437, 254, 0, 102)) == {"weight": 15.4}


@pytest.mark.capability("OMG-18")
def test_media_mail_is_asked_for_only_where_it_may_be() -> None:
    """Without the option the service is absent from the prices; with it in a mixed parcel it is a fraud."""
    assert options(media_mail=True)["special_rates_eligibility"] == "USPS.MEDIAMAIL"
    assert "special_rates_eligibility" not in options()
    flat = Box(437, kind="FlatRatePaddedEnvelope")
    assert "special_rates_eligibility" not in options(media_mail=True, box=flat)


@pytest.mark.capability("OMG-19")
def test_a_label_is_asked_for_with_its_marks_its_date_and_a_signature() -> None:
    marks = ("BW-1042", "", "Signed copy for the reading circle", "Shelf 4", "left out")
    found = options(format="zpl", marks=marks, label_on="2025-03-08", signature=True, currency="USD")
    assert found == {
        "label_format": "ZPL",
        "label_size": "4x6",
        "currency": "USD",
        "print_custom_1": "BW-1042",
        "print_custom_2": "Signed copy for the readi",
        "print_custom_3": "Shelf 4",
        "invoice_number": "BW-1042",
        "label_date": "2025-03-08T18:00:00Z",
        "delivery_confirmation": "SIGNATURE",
    }


def test_nothing_that_could_be_a_command_gets_into_an_address_or_a_mark() -> None:
    odd = PostalAddress(
        "Eve\x1b[2J\r\n\u202e", "1 Main St\t#2", "", "New\u2028York", "NY", "10001", "us", "1\x00"
    )
    found = writing.address(odd)
    assert (found["name"], found["street1"], found["city"]) == ("Eve[2J", "1 Main St #2", "New York")
    assert (found["country"], found["phone"]) == ("US", "1")
    assert options(marks=("BW\x1b-1",))["print_custom_1"] == "BW-1"


def test_customs_gets_what_it_wants_to_know() -> None:
    found = writing.shipment(parcel(customs=CUSTOMS, currency="EUR"))["customs_info"]
    first, second = found.pop("customs_items")
    assert first == {
        "description": "Printed books",
        "quantity": 2,
        "value": "46.50",
        "currency": "EUR",
        "weight": 28.3,
        "hs_tariff_number": "490199",
        "origin_country": "US",
    }
    assert second["value"] == "9.99"
    assert found == {
        "customs_certify": True,
        "customs_signer": "Anne Lister",
        "contents_type": "merchandise",
        "contents_explanation": "",
        "eel_pfc": "NOEEI 30.37(a)",
        "restriction_type": "none",
        "non_delivery_option": "return",
    }


def test_of_a_return_the_addresses_stay_as_it_was_sent_out() -> None:
    found = writing.shipment(parcel(is_return=True))
    assert found["is_return"] is True
    assert found["to_address"]["name"] == READER.name
    assert found["from_address"]["name"] == SHOP.name


def test_nothing_is_ever_bought_in_one_call_with_its_shipment() -> None:
    every = writing.shipment(
        parcel(customs=CUSTOMS, media_mail=True, signature=True, is_return=True, marks=("A",))
    )
    assert set(every) == {
        "reference", "to_address", "from_address", "parcel", "options", "is_return", "customs_info",
    }  # fmt: skip


@pytest.mark.capability("BW-11")
def test_what_leaves_is_just_that() -> None:
    shipment = {"id": "shp_1", "rates": [], "messages": []}
    paid = {"id": "shp_1", "tracking_code": "94", "selected_rate": {"rate": "4.13"}}
    script = Scripted(
        {"POST /v2/shipments": [(201, shipment)], "POST /v2/shipments/shp_1/buy": [(200, paid)]}
    )
    with speaking(script) as carriers:
        assert carriers.create(parcel(box=BOX)).result == "done"
        assert carriers.buy("shp_1", "rate_1").result == "done"
        assert carriers.buy("shp_1", "rate_1", 24_999).result == "done"
    assert [body for _, body in script.asked] == [
        {"shipment": writing.shipment(parcel(box=BOX))},
        {"rate": {"id": "rate_1"}},
        {"rate": {"id": "rate_1"}, "insurance": "249.99"},
    ]
