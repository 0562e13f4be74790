"""What carriers' news mean: words, trouble, what stays known, when it is asked again."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from bookwish_desk.shop import tracking
from bookwish_desk.shop.carriage import Track, TrackEvent, TrackStatus
from bookwish_desk.shop.tracking import DAY, HOUR, merged, next_poll, trouble

AT = 1_795_600_000_000


def track(status: TrackStatus, **more: object) -> Track:
    return Track("trk_1", "9400", status, **more)  # type: ignore[arg-type]


@pytest.mark.capability("OMG-22")
def test_every_status_has_words_and_says_whether_somebody_must_look() -> None:
    wrong = {s for s in get_args(TrackStatus) if trouble(track(s))}
    assert wrong == {"available_for_pickup", "return_to_sender", "failure", "cancelled", "error"}
    assert all(tracking.STATUS_NAMES[s] for s in get_args(TrackStatus))
    assert tracking.status_name("teleported_away") == "Teleported away"
    assert tracking.status_name("came_back") == "Brought back to the shop"
    said = trouble(track("failure", detail="address_correction"))
    assert said.endswith("Carrier: address correction.")


def test_a_parcel_brought_back_to_the_shop_is_not_delivered() -> None:
    back = track("delivered", events=(TrackEvent(AT, "return_to_sender"), TrackEvent(AT + 1, "delivered")))
    assert not tracking.arrived(back)
    assert trouble(back) == tracking.CAME_BACK
    assert tracking.arrived(track("delivered"))


@pytest.mark.capability("OMG-23")
def test_delivered_stays_delivered_and_what_was_known_stays_known() -> None:
    there = track("delivered", delivered_at=AT, signed_by="A. Byron", expected_on="2026-11-25")
    late = merged(there, track("in_transit", events=(TrackEvent(AT - 1, "in_transit"),)))
    assert (late.status, late.delivered_at, late.signed_by) == ("delivered", AT, "A. Byron")
    assert (late.expected_on, len(late.events)) == ("2026-11-25", 1)
    assert merged(there, track("return_to_sender")).status == "return_to_sender"
    assert merged(track("in_transit"), track("unknown")).status == "in_transit"
    assert merged(None, track("unknown")).status == "unknown"
    twice = TrackEvent(AT, "in_transit", "Left", "Hartford")
    assert merged(track("in_transit", events=(twice,)), track("in_transit", events=(twice,))).events == (
        twice,
    )


@pytest.mark.capability("OMG-22")
def test_the_older_a_parcel_the_rarer_it_is_asked_about() -> None:
    ages = (0, 3 * DAY, 10 * DAY, 21 * DAY)
    assert [next_poll(None, AT, AT + a) - (AT + a) for a in ages] == [
        HOUR // 2,
        2 * HOUR,
        6 * HOUR,
        24 * HOUR,
    ]
    assert next_poll(None, AT, AT + 45 * DAY) == 0
    assert next_poll(track("delivered"), AT, AT) == 0
    assert next_poll(track("failure"), AT, AT) > AT
    assert next_poll(track("cancelled"), AT, AT) == AT + DAY, "it may be used all the same"


@pytest.mark.capability("BB-09")
def test_a_parcel_is_traced_scan_by_scan_the_latest_first() -> None:
    events = (
        TrackEvent(AT, "pre_transit"),
        TrackEvent(AT + 2, "in_transit", "Missent to \x1b[31mReno", "Reno, NV"),
        TrackEvent(AT + 1, "in_transit", "Accepted", "Hartford, CT"),
    )
    told = tracking.trace(track("in_transit", events=events))
    assert [(e.at - AT, e.place) for e in told] == [(2, "Reno, NV"), (1, "Hartford, CT"), (0, "")]
    assert "\x1b" not in told[0].words
    assert told[2].words == "Label made, not with the carrier yet"


def test_everybody_finds_the_usual_carriers() -> None:
    assert "usps.com" in tracking.public_link("USPS")
    assert "ups.com" in tracking.public_link("UPSDAP")
    assert "fedex.com" in tracking.public_link("FedEx Default")
    assert tracking.public_link("Bike") == ""


def test_words_of_a_carrier_that_look_like_a_card_number_stop_nothing() -> None:
    told = tracking.trace(track("in_transit", events=(TrackEvent(AT, "in_transit", "4111 1111 1111 1111"),)))
    assert len(told) == 1
    plain = trouble(track("failure"))
    for detail in ("4111 1111 1111 1111", "Left with Ada Byron, 12 Elm Street", "return", "\x1b[2J"):
        assert trouble(replace(track("failure"), detail=detail)) == plain
