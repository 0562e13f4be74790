"""Promises: until when what must happen, in the opening hours of the shop, across changes of the clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.opening_hours import (
    OpeningHours,
    after_days,
    after_months,
    after_open_days,
    checked_hours,
    last_open,
    local,
    open_between,
)
from bookwish_desk.shop.order import Owner, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import (
    PROMISES,
    Deadline,
    board,
    captured_not_completed,
    deadlines,
    due_at,
)
from tests.shop.orders import CAPTURED, SHIP, TO_PARCEL, TO_SHELF, do, order

ZONE = "America/New_York"
DAYTIME = ((600, 1080),)
HOURS = OpeningHours(ZONE, (*(DAYTIME,) * 5, ((600, 780), (840, 960)), ()), frozenset({"2026-11-26"}))
"""Ten to six on weekdays, Saturday with a break until four, closed on Sunday and at Thanksgiving."""


def at(text: str, zone: str = ZONE) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def wall(moment: int, hours: OpeningHours = HOURS) -> str:
    return local(hours, moment).strftime("%Y-%m-%d %H:%M")


def only(found: tuple[Deadline, ...], promise: str) -> Deadline:
    return next(d for d in found if d.promise == promise)


@pytest.mark.capability("OMG-12", "OMG-01")
def test_confirm_in_24_hours_and_the_whole_in_48_whoever_is_there() -> None:
    placed = at("2026-11-20 17:00")  # a Friday
    found = deadlines(order(placed_at=placed), HOURS)
    assert [d.promise for d in found] == ["confirm", "process"]
    confirm, process = found
    assert (wall(confirm.soon_at), wall(confirm.act_by), wall(confirm.at)) == (
        "2026-11-21 05:00",
        "2026-11-21 16:00",
        "2026-11-21 17:00",
    )
    assert (wall(process.at), wall(process.act_by)) == ("2026-11-22 17:00", "2026-11-21 16:00")
    assert confirm.stage(placed) == "later"
    assert confirm.stage(confirm.soon_at) == "soon"
    assert confirm.stage(confirm.at) == "late"


@pytest.mark.capability("OMG-27")
def test_business_days_are_days_on_which_the_shop_opens() -> None:
    confirmed = replace(order(), state="confirmed", placed_at=at("2026-11-24 11:00"))
    confirmed = replace(confirmed, confirmed_at=at("2026-11-25 12:00"))
    found = only(deadlines(confirmed, HOURS), "confirmed")
    assert (wall(found.soon_at), wall(found.at)) == ("2026-11-27 18:00", "2026-11-28 16:00")
    started = do(order(placed_at=at("2026-11-20 11:00")), "start", at=at("2026-11-20 12:00"))
    processing = only(deadlines(started, HOURS), "processing")
    assert (wall(processing.soon_at), wall(processing.at)) == ("2026-11-21 16:00", "2026-11-24 18:00")


@pytest.mark.capability("BW+09")
def test_a_pickup_is_reminded_of_after_seven_and_fourteen_days_by_the_clock_on_the_wall() -> None:
    shelf = do(order("pickup", paid=CAPTURED), *TO_SHELF, at=at("2026-10-29 15:00"))
    found = deadlines(shelf, HOURS)
    assert [(d.promise, wall(d.at)) for d in found] == [
        ("hold_first", "2026-11-05 15:00"),
        ("hold_last", "2026-11-12 15:00"),
    ]
    reminded = do(shelf, "remind", at=at("2026-11-05 16:00"))
    assert [d.promise for d in deadlines(reminded, HOURS)] == ["hold_last"]
    assert deadlines(do(reminded, "remind", at=at("2026-11-12 16:00")), HOURS) == ()


@pytest.mark.capability("IC-23")
def test_a_wholesaler_who_is_silent_for_72_hours_is_asked() -> None:
    since = at("2026-11-16 12:00")
    theirs = do(order(), "send_to_wholesaler", at=since)
    found = deadlines(theirs, HOURS)
    assert [(d.promise, wall(d.soon_at), wall(d.at)) for d in found] == [
        ("wholesaler", "2026-11-18 12:00", "2026-11-19 12:00")
    ]
    away = do(theirs, "wholesaler_ship", at=at("2026-11-18 12:00"))
    assert wall(deadlines(away, HOURS)[0].at) == "2026-11-21 12:00"
    assert deadlines(do(away, "wholesaler_complete"), HOURS) == ()
    back = deadlines(replace(theirs, owner=Owner("store", "", since)), HOURS)
    assert "wholesaler" not in {d.promise for d in back}


@pytest.mark.capability("IC-05")
def test_a_checkout_is_given_up_after_a_month_or_what_the_shop_says() -> None:
    cart = order(state="in_checkout", paid=Payment(), placed_at=at("2026-01-31 12:00"))
    assert [wall(d.at) for d in deadlines(cart, HOURS)] == ["2026-02-28 12:00"]
    two = tuple(replace(p, most=2) if p.id == "checkout" else p for p in PROMISES)
    assert [wall(d.at) for d in deadlines(cart, HOURS, two)] == ["2026-03-31 12:00"]
    none = tuple(replace(p, active=False) for p in PROMISES)
    assert deadlines(cart, HOURS, none) == ()


@pytest.mark.capability("IC-28")
def test_an_authorisation_runs_out_at_its_own_time() -> None:
    ends = at("2026-11-29 09:00")  # a Sunday
    some = order(placed_at=at("2026-11-20 11:00"), paid=Payment(authorised_cents=5_500, expires_at=ends))
    found = only(deadlines(some, HOURS), "authorisation")
    assert (wall(found.soon_at), wall(found.act_by), found.at) == (
        "2026-11-27 09:00",
        "2026-11-28 16:00",
        ends,
    )
    assert "authorisation" not in {d.promise for d in deadlines(do(some, "capture"), HOURS)}


@pytest.mark.capability("WSM-21")
def test_the_day_a_parcel_is_expected_is_the_day_to_complete() -> None:
    when = at("2026-11-24 12:00")
    sent = do(order(placed_at=when), *TO_PARCEL, replace(SHIP, expected_on="2026-11-28"), at=when)
    found = deadlines(sent, HOURS)
    assert [(d.promise, wall(d.at)) for d in found] == [("delivery", "2026-11-28 16:00")]
    assert deadlines(do(sent, "deliver"), HOURS) == ()


@pytest.mark.capability("BB-10")
def test_street_date_backorder_and_the_day_told_are_deadlines_too() -> None:
    some = do(order(placed_at=at("2026-11-24 12:00")), "start", Step("backorder", (("b", 1),)))
    first, second = some.lines
    some = replace(
        some,
        expected_on="2026-12-04",
        lines=(replace(first, street_date="2026-12-01"), replace(second, expected_on="2026-12-02")),
    )
    found = {d.promise: wall(d.at) for d in deadlines(some, HOURS)}
    assert found["street_date"] == "2026-12-01 10:00"
    assert found["backorder"] == "2026-12-02 18:00"
    assert found["told"] == "2026-12-04 18:00"


@pytest.mark.capability("IC-08", "OMG-01")
def test_a_book_that_is_not_out_yet_makes_no_order_late_but_it_is_confirmed_in_time() -> None:
    presold = order("pickup", placed_at=at("2026-11-20 12:00"))
    first, second = presold.lines
    presold = replace(presold, lines=(replace(first, street_date="2026-12-01"), second))
    found = {d.promise: wall(d.at) for d in deadlines(presold, HOURS)}
    assert found["confirm"] == "2026-11-21 12:00"
    assert found["process"] == "2026-12-03 10:00", "48 hours from when it may be sold"
    started = do(presold, "start", at=at("2026-11-20 13:00"))
    assert wall(only(deadlines(started, HOURS), "processing").at) == "2026-12-04 18:00"
    alone = replace(presold, lines=(replace(first, street_date="2026-12-01", cancelled=2), second))
    assert wall(only(deadlines(alone, HOURS), "process").at) == "2026-11-22 12:00"


def test_the_board_has_what_breaks_next_first() -> None:
    old = order(id="o1", number="1", placed_at=at("2026-11-23 11:00"))
    new = order(id="o2", number="2", placed_at=at("2026-11-24 11:00"))
    found = board((new, old), HOURS)
    assert [(d.number, d.promise) for d in found] == [
        ("1", "confirm"),
        ("1", "process"),
        ("2", "confirm"),
        ("2", "process"),
    ]
    assert [d.act_by for d in found] == sorted(d.act_by for d in found)


def test_what_is_done_is_waited_for_no_more() -> None:
    for gone in (
        do(order(), Step("cancel", reason="No"), "refund"),
        do(order("pickup"), *TO_SHELF, "check", "hand_over"),
        order(state="abandoned"),
    ):
        assert deadlines(gone, HOURS) == ()


@pytest.mark.capability("OMG-28")
def test_a_refund_after_a_cancellation_is_waited_for() -> None:
    when = at("2026-11-24 12:00")
    gone = do(order(), Step("cancel", reason="No"), at=when)
    assert [(d.promise, wall(d.at)) for d in deadlines(gone, HOURS)] == [("refund", "2026-11-25 12:00")]


@pytest.mark.capability("OMG-28")
def test_a_refund_of_a_part_is_waited_for_from_when_it_was_due() -> None:
    """Copies cancelled out of a paid order, or money granted, are owed from that moment until it is given."""
    when, later = at("2026-11-24 12:00"), at("2026-11-24 15:00")
    fewer = do(order(), Step("cancel_copies", (("b", 1),), reason="Out of print"), at=when)
    granted = do(fewer, Step("grant", cents=500, reason="Late"), at=later)
    for owing in (fewer, granted):
        assert wall(only(deadlines(owing, HOURS), "refund").at) == "2026-11-25 12:00"
    paid = do(granted, "refund", at=later)
    assert (paid.owed_since, "refund" in {d.promise for d in deadlines(paid, HOURS)}) == (0, False)
    again = do(paid, Step("grant", cents=100, reason="Torn"), at=at("2026-11-26 10:00"))
    assert wall(only(deadlines(again, HOURS), "refund").since) == "2026-11-26 10:00"


def test_every_rule_has_a_sentence_and_an_id_of_its_own() -> None:
    assert len({p.id for p in PROMISES}) == len(PROMISES)
    for promise in PROMISES:
        assert promise.sentence.endswith(".")
        assert 0 < promise.soon <= promise.most


@pytest.mark.parametrize(
    ("start", "days", "then"),
    [
        ("2026-03-01 15:00", 7, "2026-03-08 15:00"),  # the clock is put forward on that morning
        ("2026-03-07 02:30", 1, "2026-03-08 03:30"),  # half past two does not exist then
        ("2026-10-31 15:00", 1, "2026-11-01 15:00"),  # a day of 25 hours
    ],
)
def test_a_day_is_a_day_when_the_clock_is_changed(start: str, days: int, then: str) -> None:
    assert wall(after_days(HOURS, at(start), days)) == then


def test_months_end_where_their_last_day_is() -> None:
    assert wall(after_months(HOURS, at("2026-12-31 10:00"), 2)) == "2027-02-28 10:00"
    assert wall(after_months(HOURS, at("2026-11-15 10:00"), 1)) == "2026-12-15 10:00"
    assert wall(after_months(HOURS, at("2026-12-15 10:00"), 1)) == "2027-01-15 10:00"


def test_single_days_have_hours_of_their_own() -> None:
    fair = replace(HOURS, special=(("2026-11-22", ((720, 1440),)), ("2026-11-23", ())))
    assert wall(after_open_days(fair, at("2026-11-21 12:00"), 1), fair) == "2026-11-23 00:00"
    assert wall(after_open_days(fair, at("2026-11-21 12:00"), 2), fair) == "2026-11-24 18:00"


def test_without_hours_the_shop_counts_as_always_open() -> None:
    always = OpeningHours(ZONE)
    assert wall(after_open_days(always, at("2026-11-21 12:00"), 1)) == "2026-11-23 00:00"
    assert last_open(always, at("2026-11-22 03:00"), at("2026-11-20 03:00")) == at("2026-11-22 03:00")


def test_who_orders_and_is_answered_while_the_shop_is_shut_has_all_the_time_there_is() -> None:
    since, until = at("2026-11-21 20:00"), at("2026-11-22 20:00")
    assert last_open(HOURS, until, since) == until


def test_a_shop_that_never_opens_again_still_has_deadlines() -> None:
    first, last = date(2026, 1, 1).toordinal(), date(2029, 1, 1).toordinal()
    closed = frozenset(date.fromordinal(n).isoformat() for n in range(first, last))
    never = OpeningHours(ZONE, (DAYTIME, *((),) * 6), closed)
    assert wall(after_open_days(never, at("2026-11-21 12:00"), 1)) == "2026-11-22 12:00"


@pytest.mark.parametrize(
    "spans", [((600, 600),), ((700, 600),), ((0, 1441),), ((600, 800), (700, 900)), ((-5, 60),)]
)
def test_hours_that_cannot_be_are_refused(spans: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Refused):
        checked_hours(OpeningHours(ZONE, (spans, *((),) * 6)))
    with pytest.raises(Refused):
        checked_hours(OpeningHours(ZONE, special=(("2026-11-22", spans),)))
    assert checked_hours(HOURS) is HOURS
    with pytest.raises(Refused):
        checked_hours(OpeningHours(ZONE, ((),) * 6))


@given(
    st.integers(at("2026-01-01 00:00"), at("2027-12-31 00:00")),
    st.integers(0, 20 * 24 * 60),
    st.sampled_from(["America/New_York", "Europe/London", "Pacific/Auckland", "Asia/Kolkata"]),
)
def test_the_last_moment_to_act_lies_in_opening_hours_and_never_after_the_deadline(
    since: int, minutes: int, zone: str
) -> None:
    hours = replace(HOURS, zone=zone)
    until = since + minutes * 60_000
    act = last_open(hours, until, since)
    assert since <= act <= until
    there = local(hours, act)
    minute = there.hour * 60 + there.minute
    inside = any(a <= minute <= b for a, b in hours.spans(there.date()))
    assert inside or act == until


@pytest.mark.capability("OMG-22", "IC+11")
def test_a_parcel_of_which_nobody_knows_when_it_arrives_is_looked_for_after_a_week() -> None:
    when = at("2026-11-24 12:00")
    sent = do(order(placed_at=when), *TO_PARCEL, SHIP, at=when)
    (found,) = deadlines(sent, HOURS)
    assert (found.promise, found.since) == ("complete", when)
    assert (wall(found.soon_at), wall(found.at)) == ("2026-12-01 12:00", "2026-12-08 12:00")
    assert found.sentence == "Look whether the parcel has arrived, and complete the order."
    assert deadlines(do(sent, "deliver"), HOURS) == ()
    # One that is expected on a day is looked for on that day and not twice.
    dated = do(order(placed_at=when), *TO_PARCEL, replace(SHIP, expected_on="2026-11-28"), at=when)
    assert [d.promise for d in deadlines(dated, HOURS)] == ["delivery"]
    # While copies are still here, sending them comes first.
    part = do(order(placed_at=when), "allocate", "pick", "check", Step("pack", (("a", 1),)), SHIP, at=when)
    assert "complete" not in {d.promise for d in deadlines(part, HOURS)}


@pytest.mark.capability("IC+11", "OMG-26")
def test_money_of_orders_not_completed_is_counted_until_they_are() -> None:
    sent = do(order(id="o1"), *TO_PARCEL, SHIP)
    fresh = order(id="o2")
    others = (
        order(id="o3", paid=Payment(authorised_cents=5_500, expires_at=2**50)),
        do(order(id="o4"), Step("cancel", reason="No")),
        do(order("pickup", id="o5"), *TO_SHELF, "check", "hand_over"),
        order(id="o6", state="in_checkout", paid=Payment()),
    )
    assert captured_not_completed((sent, fresh, *others)) == (2, 11_000)
    granted = do(sent, Step("grant", cents=500, reason="Late"), Step("refund", cents=500))
    assert captured_not_completed((granted,)) == (1, 5_000)
    assert captured_not_completed((do(sent, "deliver"),)) == (0, 0)


def test_open_hours_between_two_moments() -> None:
    friday = at("2026-11-20 17:00")
    assert open_between(HOURS, friday, at("2026-11-20 17:30")) == 30 * 60_000
    # An hour on Friday, three and two on Saturday, none on Sunday, half an hour on Monday.
    assert open_between(HOURS, friday, at("2026-11-23 10:30")) == (60 + 180 + 120 + 30) * 60_000
    # Thanksgiving is closed.
    assert open_between(HOURS, at("2026-11-25 18:00"), at("2026-11-27 10:00")) == 0
    assert open_between(HOURS, friday, friday) == open_between(HOURS, friday, friday - 1) == 0
    assert open_between(OpeningHours(ZONE), friday, friday + 5) == 5


@given(st.lists(st.integers(0, 30 * 86_400_000), min_size=3, max_size=3).map(sorted))
def test_open_hours_add_up_and_are_never_longer_than_the_time(ends: list[int]) -> None:
    a, b, c = (at("2026-10-20 00:00") + x for x in ends)  # over the change of the clock in November
    assert open_between(HOURS, a, b) + open_between(HOURS, b, c) == open_between(HOURS, a, c)
    assert 0 <= open_between(HOURS, a, c) <= c - a


def test_when_a_promise_breaks_is_the_same_as_on_the_board() -> None:
    process = next(p for p in PROMISES if p.id == "process")
    some = order(placed_at=at("2026-11-24 11:00"))
    assert due_at(process, HOURS, some.placed_at) == only(deadlines(some, HOURS), "process").at
