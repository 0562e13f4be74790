"""What may be done to an order: the way of a pickup and of a parcel, and why everything else is refused."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Owner, Payment
from bookwish_desk.shop.order_payment import value_of
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_rules import RULES, allowed, apply
from bookwish_desk.shop.order_step import Step, Verb
from tests.shop.orders import (
    AT_COUNTER,
    CAPTURED,
    DAY,
    HOUR,
    ON_CARD,
    PLACED,
    SHIP,
    TO_PARCEL,
    TO_SHELF,
    do,
    order,
)

NOW = PLACED + HOUR


def refusal(start: Order, step: Step | str, at: int = NOW) -> Refused:
    with pytest.raises(Refused) as refused:
        do(start, step, at=at)
    return refused.value


def test_the_table_has_a_row_for_every_verb_and_every_refusal_is_a_sentence() -> None:
    assert set(RULES) == set(get_args(Verb))
    for some in (order(), order("pickup"), order(state="completed"), order(state="cancelled")):
        for entry in allowed(some, NOW):
            assert entry.name[0].isupper()
            assert not entry.why_not or (entry.why_not.endswith(".") and entry.code)


@pytest.mark.capability("BW-05", "BW-10", "BW-12", "BW-18", "BW-19", "BW-21", "BW-22")
def test_an_order_is_shipped_step_by_step() -> None:
    some = do(order(), "confirm")
    assert (some.state, some.confirmed_at) == ("confirmed", NOW)
    some = do(some, "start", "allocate", "pick", "check", "pack")
    assert some.state == "processing"
    assert [x.packed for x in some.lines] == [2, 1]
    some = do(some, replace(SHIP, expected_on="2026-11-27"))
    assert (some.sent, some.delivered, some.state) == (True, False, "processing")
    assert (some.parcels[0].tracking, some.parcels[0].expected_on) == (SHIP.tracking, "2026-11-27")
    some = do(some, "deliver", at=PLACED + 3 * DAY)
    assert (some.state, some.delivered, some.completed_at) == ("completed", True, PLACED + 3 * DAY)


@pytest.mark.capability("BW-04", "BW-07", "BW-09", "BW-20")
def test_a_pickup_handed_over_is_delivered() -> None:
    some = do(order("pickup"), "allocate", "pick", Step("ready", shelf="H 12"))
    assert (some.ready_at, some.shelf) == (NOW, "H 12")
    some = do(some, "check", "hand_over")
    assert (some.state, some.delivered, some.ready_at) == ("completed", True, 0)


@pytest.mark.capability("IC-07")
def test_whoever_picks_has_started() -> None:
    some = do(order(), "allocate")
    assert some.state == "pending"
    some = do(some, Step("pick", (("a", 1),)))
    assert (some.state, some.started_at, some.lines[0].picked) == ("processing", NOW, 1)


@pytest.mark.capability("OMG-34", "OMG-11", "WSM-05")
@pytest.mark.parametrize("payment", [Payment(), Payment("outside"), ON_CARD, Payment(captured_cents=5_499)])
def test_nothing_is_shipped_unpaid(payment: Payment) -> None:
    packed = do(order(paid=payment), *TO_PARCEL)
    why = refusal(packed, SHIP)
    assert why.code == "unpaid"
    assert why.message == "This order is not paid and cannot be shipped. Take the payment first."
    assert do(packed, "capture", SHIP).sent


def test_ready_needs_certain_money_and_hand_over_needs_it_paid() -> None:
    for payment in (Payment(), Payment("outside"), replace(ON_CARD, authorised_cents=10)):
        why = refusal(do(order("pickup", paid=payment), "allocate", "pick"), "ready")
        assert why.code == "unpaid"
    expired = refusal(do(order("pickup", paid=ON_CARD), "allocate", "pick"), "ready", ON_CARD.expires_at)
    assert "expired" in expired.message
    for payment in (ON_CARD, AT_COUNTER):
        shelf = do(order("pickup", paid=payment), *TO_SHELF, "check")
        assert refusal(shelf, "hand_over").code == "unpaid"
    assert do(shelf, "settle", "hand_over").state == "completed"


def test_a_manager_lets_an_unpaid_order_pass_with_a_reason_that_stays() -> None:
    packed = do(order(paid=Payment()), *TO_PARCEL)
    gone = do(packed, replace(SHIP, override="School pays by invoice"))
    assert [(o.verb, o.reason, o.at) for o in gone.overrides] == [("ship", "School pays by invoice", NOW)]
    assert refusal(packed, replace(SHIP, override="   ")).code == "unpaid"
    paid = do(do(order(), *TO_PARCEL), replace(SHIP, override="No need"))
    assert paid.overrides == ()
    # nothing but the money can be overridden
    held = do(packed, Step("hold", reason="Cheque clearing"))
    assert refusal(held, replace(SHIP, override="Now")).code == "held"
    assert refusal(held, Step("capture", cents=6_000, override="Now")).code == "amount"


@pytest.mark.capability("WSM-09", "WSM-13")
def test_an_order_on_hold_says_why_and_goes_nowhere_until_it_is_released() -> None:
    shelf = do(order("pickup"), *TO_SHELF, "check")
    assert refusal(shelf, "hold").message == "Say what the order waits for."
    held = do(shelf, Step("hold", reason="Cheque clearing"))
    why = refusal(held, "hand_over")
    assert why.message == "The order is on hold: Cheque clearing. Release it first."
    assert do(held, "release_hold", "hand_over").state == "completed"
    assert refusal(shelf, "release_hold").code == "not_held"


@pytest.mark.capability("OMG-20")
def test_a_parcel_has_a_tracking_number_or_a_reason_for_none() -> None:
    packed = do(order(), *TO_PARCEL)
    assert refusal(packed, "ship").code == "tracking"
    walked = do(packed, Step("ship", reason="Brought by bicycle"))
    assert (walked.parcels[0].tracking, walked.parcels[0].untracked) == ("", "Brought by bicycle")


@pytest.mark.capability("OMG-16", "OMG-29")
def test_nothing_is_packed_or_handed_over_that_was_not_checked() -> None:
    picked = do(order(), "allocate", "pick")
    assert refusal(picked, "pack").code == "nothing"
    checked = do(picked, Step("check", (("a", 1),)))
    why = refusal(checked, Step("pack", (("a", 2),)))
    assert why.message == "The Night Watch: at most 1 can be, not 2."
    assert refusal(checked, Step("pack", (("b", 1),))).code == "count"
    assert refusal(checked, Step("pack", (("a", 1), ("a", 1)))).code == "count"
    assert refusal(checked, Step("pack", (("z", 1),))).code == "no_line"
    shelf = do(order("pickup"), *TO_SHELF)
    assert refusal(shelf, "hand_over").message == "No copy is checked. Scan each book out first."


def test_parcels_are_split_unpacked_and_sent_one_by_one() -> None:
    packed = do(order(), "allocate", "pick", "check", Step("pack", parcel="p1", weight_grams=900))
    two = do(packed, Step("split", (("a", 1),), parcel="p1", into="p2"))
    assert [p.contents for p in two.parcels] == [(("a", 1), ("b", 1)), (("a", 1),)]
    first = do(two, replace(SHIP, parcel="p1"))
    assert (first.gone, first.sent) == (2, False)
    assert refusal(first, Step("unpack", parcel="p1")).code == "shipped"
    back = do(first, Step("unpack", parcel="p2"))
    assert [x.at_hand for x in back.lines] == [1, 0]
    done = do(do(back, Step("pack", parcel="p3"), replace(SHIP, parcel="p3")), Step("deliver", parcel="p1"))
    assert (done.sent, done.delivered) == (True, False)
    assert do(done, "deliver").state == "completed"
    for wrong in ((), (("a", 2), ("b", 1)), (("a", 3),), (("a", 2), ("a", 1)), (("a", 0),), (("z", 1),)):
        assert refusal(packed, Step("split", wrong, parcel="p1", into="p2")).code == "count", wrong
    assert refusal(packed, Step("split", (("a", 1),), parcel="p1", into="p1")).code == "parcel"
    assert refusal(packed, Step("split", (("a", 1),), parcel="p9")).code == "no_parcel"
    assert refusal(first, Step("deliver", parcel="p2")).code == "parcel"


@pytest.mark.capability("WSM-08", "OMG-32")
def test_a_missing_copy_is_decided_on_waited_for_or_cancelled() -> None:
    missing = do(order(), "allocate", "pick", Step("short", (("a", 1),)))
    assert [(x.allocated, x.picked, x.short) for x in missing.lines] == [(1, 1, 1), (1, 1, 0)]
    waiting = do(missing, Step("backorder", (("a", 1),), expected_on="2026-12-01"))
    assert (waiting.lines[0].short, waiting.lines[0].backordered) == (0, 1)
    assert waiting.lines[0].expected_on == "2026-12-01"
    there = do(waiting, "allocate")
    assert (there.lines[0].allocated, there.lines[0].backordered, there.lines[0].expected_on) == (2, 0, "")
    found = do(missing, Step("allocate", (("a", 1),)))
    assert (found.lines[0].allocated, found.lines[0].short) == (2, 0)
    given_up = do(missing, Step("cancel_copies", (("a", 1),), reason="Out of print"))
    assert (given_up.lines[0].short, given_up.lines[0].live) == (0, 1)
    assert given_up.refund_due_cents == 1_500
    assert refusal(missing, Step("cancel_copies", (("a", 1),))).code == "reason"


@pytest.mark.capability("BW+11", "OMG-28", "IC-09")
def test_a_cancelled_paid_order_is_owed_back_until_it_is_refunded() -> None:
    packed = do(order(), *TO_PARCEL)
    gone = do(packed, Step("cancel", reason="Changed mind", by="customer"))
    assert (gone.state, gone.cancelled_by, gone.cancel_reason) == ("cancelled", "customer", "Changed mind")
    assert (gone.parcels, [x.allocated for x in gone.lines]) == ((), [0, 0])
    assert (gone.worth_cents, gone.refund_due_cents, gone.payment.captured_cents) == (0, 5_500, 5_500)
    part = do(gone, Step("refund", cents=5_000))
    assert (part.refund_due_cents, part.payment.kind) == (500, "part_refunded")
    whole = do(part, "refund")
    assert (whole.refund_due_cents, whole.payment.kind) == (0, "refunded")
    assert refusal(whole, "refund").message == "No refund is due."
    assert refusal(packed, "cancel").code == "reason"


@pytest.mark.capability("IC-03", "BW-23", "WSM-11")
def test_an_order_of_which_copies_left_is_not_cancelled_but_reduced() -> None:
    two = do(order(), "allocate", "pick", "check", Step("pack", (("a", 1),), parcel="p1"), SHIP)
    assert refusal(two, Step("cancel", reason="No")).code == "gone"
    less = do(two, Step("cancel_copies", reason="Damaged"))
    assert (less.open, less.sent, less.state) == (0, True, "processing")
    assert less.refund_due_cents == 3_500
    assert do(less, "deliver").state == "completed"
    all_of_it = do(order(), Step("cancel_copies", reason="Out of stock"))
    assert (all_of_it.state, all_of_it.refund_due_cents) == ("cancelled", 5_500)


@pytest.mark.capability("IC+04")
def test_fraud_is_a_cancellation_that_says_so() -> None:
    assert do(order(), Step("cancel", reason="Stolen card", fraud=True)).fraud


def test_a_customer_can_cancel_until_it_is_ready_or_shipped() -> None:
    by_customer = Step("cancel", reason="Changed mind", by="customer")
    shelf = do(order("pickup"), *TO_SHELF)
    assert refusal(shelf, by_customer).code == "too_late"
    assert do(shelf, Step("cancel", reason="Never came")).state == "cancelled"
    assert do(do(shelf, "unready"), by_customer).state == "cancelled"


@pytest.mark.capability("IC-08", "IC-29")
def test_payment_received_is_the_capture_and_may_come_first() -> None:
    signed = do(order(paid=ON_CARD), "capture")
    assert (signed.state, signed.payment.kind, signed.payment.authorised_cents) == ("pending", "captured", 0)
    cheque = do(order(paid=Payment()), "capture")
    assert cheque.paid
    assert refusal(cheque, "capture").code == "nothing_due"


@pytest.mark.capability("IC-14")
def test_a_payment_pending_at_paypal_becomes_payment_received() -> None:
    pending = do(order(paid=Payment()), "await_outside")
    assert pending.payment.kind == "pending_outside"
    assert do(pending, "capture").payment.kind == "captured"


@pytest.mark.capability("IC-28", "IC-30", "IC+03")
def test_an_authorisation_lives_for_its_time_and_is_made_again() -> None:
    held = do(order(paid=Payment()), Step("authorise", until=NOW + 28 * DAY))
    assert held.payment == Payment(authorised_cents=5_500, expires_at=NOW + 28 * DAY)
    assert do(order(paid=Payment()), "authorise").payment.expires_at == NOW + 3 * DAY
    assert refusal(order(paid=Payment()), Step("authorise", until=NOW + 29 * DAY)).code == "until"
    assert refusal(order(paid=Payment()), Step("authorise", until=NOW)).code == "until"
    assert refusal(held, "authorise").code == "authorised"
    late = NOW + 28 * DAY
    assert refusal(held, "expire").code == "until"
    assert refusal(held, "capture", late).code == "expired"
    expired = do(held, "expire", at=late)
    assert expired.payment.kind == "none"
    again = do(expired, Step("reauthorise", until=late + DAY), at=late)
    assert again.payment.covers(5_500, late)
    assert refusal(order(paid=Payment()), "reauthorise").code == "not_authorised"


@pytest.mark.capability("IC+03")
def test_a_lower_total_captures_less_and_a_higher_one_asks_for_more() -> None:
    less = do(order(paid=ON_CARD), Step("cancel_copies", (("a", 1),), reason="Out of stock"), "capture")
    assert (less.payment.captured_cents, less.refund_due_cents) == (4_000, 0)
    small = order(paid=replace(ON_CARD, authorised_cents=5_000))
    assert refusal(small, "capture").code == "authorised"
    assert do(small, Step("capture", cents=5_000)).to_collect_cents == 500
    assert refusal(small, Step("capture", cents=-1)).code == "amount"


def test_pay_at_pickup_is_settled_at_the_register() -> None:
    some = do(order("pickup", paid=Payment()), "pay_at_pickup")
    assert some.payment.kind == "at_pickup"
    part = do(some, Step("settle", cents=1_000))
    assert (part.payment.captured_cents, part.to_collect_cents) == (1_000, 4_500)
    assert do(part, "settle").paid
    assert refusal(order("pickup", paid=ON_CARD), "settle").code == "authorised"


@pytest.mark.capability("BW+09")
def test_nothing_is_collected_at_the_counter_for_a_store_that_is_always_paid_before() -> None:
    why = refusal(order("pickup", paid=Payment(), source="bookwish"), "pay_at_pickup")
    assert why.code == "prepaid"


@pytest.mark.capability("WSM-06")
def test_copies_that_come_back_are_a_return_with_what_was_given_for_them() -> None:
    done = do(order(), *TO_PARCEL, SHIP, "deliver")
    back = do(done, Step("take_back", (("a", 1),), reason="Damaged in the post", cents=1_500))
    assert (back.state, back.lines[0].returned, back.refund_due_cents) == ("completed", 1, 1_500)
    assert do(done, Step("take_back", (("a", 1),), reason="Changed mind")).refund_due_cents == 0
    assert refusal(back, Step("take_back", (("a", 2),), reason="More")).code == "count"
    assert [value_of(x, 1, False) for x in done.lines] == [1_500, 2_000]
    odd = replace(done.lines[0], tax_cents=133, discount_cents=100)
    assert (value_of(odd, 1, False), value_of(odd, 2, False), value_of(odd, 2, True)) == (1_517, 3_033, 2_900)
    kind = do(done, Step("grant", cents=300, reason="Dented corner"), "refund")
    assert (kind.payment.refunded_cents, kind.to_collect_cents) == (300, 0)
    assert refusal(done, Step("grant", cents=5_501, reason="All of it and more")).code == "amount"
    assert refusal(done, Step("grant", reason="Nothing")).code == "amount"


@pytest.mark.capability("IC-10", "IC-11", "IC-12", "IC-16")
def test_what_the_wholesaler_fills_is_read_only_and_takes_no_stock() -> None:
    theirs = do(order(paid=ON_CARD), "allocate", "send_to_wholesaler")
    assert (theirs.owner, theirs.state) == (Owner("wholesaler", "pending", NOW), "processing")
    assert sum(x.allocated for x in theirs.lines) == 0
    assert sum(x.short for x in do(order(), "short", "send_to_wholesaler").lines) == 0
    for verb in ("allocate", "pick", "hold", "cancel", "ship", "void"):
        assert refusal(theirs, Step(verb, reason="Now")).code == "owner"
    away = do(theirs, Step("wholesaler_ship", tracking="1Z999"))
    assert (away.owner.state, away.payment.kind, away.parcels[0].tracking) == ("shipped", "captured", "1Z999")
    assert refusal(away, "bounce_back").code == "wholesaler"
    done = do(away, "wholesaler_complete")
    assert (done.owner.state, done.state, [x.supplied for x in done.lines]) == (
        "completed",
        "completed",
        [2, 1],
    )
    late = refusal(theirs, "wholesaler_ship", ON_CARD.expires_at)
    assert late.code == "unpaid"
    trusted = do(theirs, Step("wholesaler_ship", override="Card is good"), at=ON_CARD.expires_at)
    assert (trusted.payment.captured_cents, trusted.gone, len(trusted.overrides)) == (0, 3, 1)


@pytest.mark.capability("IC-24")
def test_what_the_wholesaler_cannot_fill_comes_back_as_pending() -> None:
    back = do(order(), "start", "send_to_wholesaler", "bounce_back")
    assert (back.owner.name, back.owner.since, back.state) == ("store", NOW, "pending")
    assert refusal(back, "bounce_back").code == "owner"
    assert refusal(do(order(), "allocate", "pick"), "send_to_wholesaler").code == "picked"
    assert refusal(order("pickup"), "send_to_wholesaler").code == "kind"


@pytest.mark.capability("IC-04", "IC-15")
def test_a_checkout_is_placed_or_given_up() -> None:
    cart = order(state="in_checkout", paid=Payment(), trouble="Card refused")
    assert do(cart, "abandon").state == "abandoned"
    assert do(cart, "abandon", "place").state == "pending"
    assert do(cart, Step("cancel", reason="Not wanted")).state == "cancelled"
    assert refusal(cart, "start").message == (
        "This order is in checkout. Only one that is pending or confirmed can be started."
    )


@pytest.mark.capability("IC-13", "WSM-10")
def test_completed_closes_what_is_sent_and_paid() -> None:
    sent = do(order(), *TO_PARCEL, SHIP)
    done = do(sent, "complete")
    assert (done.state, done.delivered, done.parcels[0].delivered_at) == ("completed", True, NOW)
    assert refusal(do(order(), *TO_PARCEL), "complete").code == "open"


def test_ready_is_all_that_is_open_unless_a_part_is_asked_for() -> None:
    part = do(order("pickup"), "allocate", Step("pick", (("b", 1),)))
    why = refusal(part, "ready")
    assert why.message == (
        "2 copies are not picked yet. Pick or cancel them first, or make ready what is there."
    )
    shelf = do(part, Step("ready", partly=True), "check", "hand_over")
    assert (shelf.state, shelf.ready_at, shelf.open) == ("processing", 0, 2)
    rest = do(shelf, "pick", "ready", "check", "hand_over")
    assert rest.state == "completed"
    assert refusal(do(order("pickup"), *TO_SHELF), "ready").code == "ready"
    assert refusal(order(), "ready").code == "kind"
    assert refusal(do(order("pickup"), *TO_SHELF, "unready"), "hand_over").code == "not_ready"


def test_copies_given_back_leave_the_hold_shelf() -> None:
    shelf = do(order("pickup"), *TO_SHELF)
    one = do(shelf, Step("release", (("a", 1),)))
    assert (one.ready_at, one.lines[0].allocated, one.lines[0].picked) == (NOW, 1, 1)
    none = do(shelf, "release")
    assert (none.ready_at, none.shelf) == (0, "")


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_what_is_final_stays(state: str) -> None:
    final = do(order(), Step("cancel", reason="No")) if state == "cancelled" else order(state=state)
    for verb in ("confirm", "start", "hold", "pick", "ship", "cancel"):
        assert refusal(final, Step(verb, reason="Now")).code in ("state", "kind")


def test_what_is_allowed_is_known_before_anything_is_typed() -> None:
    now = {a.verb: a.why_not for a in allowed(order(paid=ON_CARD), NOW)}
    can = {verb for verb, why in now.items() if not why}
    assert {"confirm", "start", "cancel", "hold", "allocate", "capture", "reauthorise", "void"} <= can
    assert not {"ship", "pick", "ready", "refund", "hand_over", "settle"} & can
    assert now["hand_over"] == "This order is to be shipped. It cannot be handed over."


def test_a_card_number_is_never_kept_in_a_reason() -> None:
    with pytest.raises(Refused) as refused:
        apply(order(), Step("hold", reason="card 4111 1111 1111 1111"), NOW)
    assert refused.value.code == "card_number"


def test_reminding_is_noted() -> None:
    assert do(order("pickup", paid=CAPTURED), *TO_SHELF, "remind").reminded_at == NOW


@pytest.mark.capability("IC-08", "IC-29")
def test_an_authorised_payment_is_a_task_until_it_is_captured() -> None:
    some = do(order(paid=ON_CARD), "start", "allocate", "pick")
    (task,) = tasks(some, NOW)
    assert (task.kind, task.cents, task.blocking) == ("capture", 5_500, False)
    assert queue(some, NOW) != "problems"
    assert not tasks(do(some, "capture"), NOW)
    assert [t.kind for t in tasks(some, NOW + 8 * DAY)] == ["reauthorise"]
