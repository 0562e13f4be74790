"""Steps on parcels that left: taken back, labelled anew, followed, settled."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, promised, stock_taken
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from tests.shop.orders import DAY, HOUR, PLACED, SHIP, TO_PARCEL, do, order

AT = PLACED + HOUR
LOST = "The carrier could not deliver the parcel."


def shipped() -> Order:
    return do(order(), "allocate", "pick", "check", Step("pack", parcel="p"), SHIP)


def refusal(some: Order, step: Step | str) -> Refused:
    with pytest.raises(Refused) as caught:
        apply(some, Step(step) if isinstance(step, str) else step, AT)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.capability("BB-09")
def test_a_recalled_parcel_is_packed_again_and_its_copies_are_the_shops() -> None:
    away = shipped()
    assert stock_taken(away) == {"9780143127741": 2, "9780307476463": 1}
    back = do(away, Step("track", status="failure", reason=LOST), "recall")
    (parcel,) = back.parcels
    assert (parcel.shipped_at, parcel.tracking, parcel.carrier, parcel.status, parcel.trouble) == (
        0, "", "", "", "",
    )  # fmt: skip
    assert (stock_taken(back), promised(back)) == ({}, {"9780143127741": 2, "9780307476463": 1})
    assert (queue(back, AT), back.state) == ("ready_to_ship", "processing")
    again = do(back, replace(SHIP, tracking="1Z999AA10123456784"))
    assert again.parcels[0].tracking == "1Z999AA10123456784"
    assert do(again, "deliver").state == "completed"


def test_only_what_is_on_its_way_can_be_recalled() -> None:
    assert refusal(do(order(), *TO_PARCEL), "recall").code == "no_parcel"
    assert refusal(do(shipped(), "deliver"), "recall").code == "state"
    returned = do(shipped(), Step("take_back", (("a", 1),), reason="Torn"))
    assert refusal(returned, "recall").code == "returned"


def test_an_unpaid_parcel_that_was_let_pass_once_is_not_let_pass_again_after_it_was_recalled() -> None:
    unpaid = replace(do(order(), *TO_PARCEL), granted_cents=0)
    unpaid = replace(unpaid, payment=replace(unpaid.payment, captured_cents=0))
    away = do(unpaid, replace(SHIP, override="She pays on Friday"))
    back = do(away, "recall")
    assert refusal(back, SHIP).code == "unpaid"


def test_of_two_parcels_one_is_recalled() -> None:
    packed = do(order(), "allocate", "pick", "check", Step("pack", parcel="p"))
    two = do(packed, Step("split", (("a", 1),), parcel="p", into="q"), SHIP)
    back = do(two, Step("recall", parcel="q"))
    assert [bool(p.shipped_at) for p in back.parcels] == [True, False]
    assert (back.gone, back.open) == (2, 1)


@pytest.mark.capability("OMG-20", "OMG-21")
def test_a_parcel_on_its_way_gets_another_number_and_forgets_the_news_of_the_first() -> None:
    away = do(shipped(), Step("track", status="failure", reason=LOST, expected_on="2026-12-01"))
    other = do(away, Step("retrack", tracking="1Z999AA10123456784", carrier="UPS", service="Ground"))
    (parcel,) = other.parcels
    assert (parcel.tracking, parcel.carrier, parcel.service) == ("1Z999AA10123456784", "UPS", "Ground")
    assert (parcel.status, parcel.trouble, parcel.expected_on) == ("", "", "")
    assert other.gone == away.gone
    assert refusal(away, "retrack").code == "tracking"
    assert refusal(away, Step("retrack", tracking="4111 1111 1111 1111")).code == "card_number"
    assert do(away, Step("retrack", reason="Delivered by ourselves")).parcels[0].untracked


@pytest.mark.capability("OMG-22", "OMG-33")
def test_what_a_carrier_finds_wrong_is_a_task_until_somebody_has_dealt_with_it() -> None:
    away = shipped()
    assert (queue(away, AT), away.state) == ("done", "processing")
    wrong = do(away, Step("track", status="failure", reason=LOST, expected_on="2026-12-01"))
    assert [(t.kind, t.sentence, t.blocking) for t in tasks(wrong, AT)] == [("parcel", LOST, True)]
    assert queue(wrong, AT) == "problems"
    assert wrong.parcels[0].expected_on == "2026-12-01"
    settled = do(wrong, Step("settle_parcel", reason="Told her"))
    assert (tasks(settled, AT), queue(settled, AT)) == ((), "done")
    assert settled.parcels[0].status == "failure"
    assert refusal(settled, "settle_parcel").code == "no_trouble"
    moves = do(wrong, Step("track", status="in_transit"))
    assert (tasks(moves, AT), moves.parcels[0].expected_on) == ((), "2026-12-01")
    there = do(wrong, Step("deliver", by="carrier"))
    assert (there.state, there.parcels[0].status, tasks(there, AT)) == ("completed", "delivered", ())


def test_news_of_a_parcel_that_was_taken_for_delivered_is_still_a_task() -> None:
    done = do(shipped(), "deliver", at=AT + DAY)
    back = do(done, Step("track", status="return_to_sender", reason="It comes back."))
    assert (back.state, queue(back, AT)) == ("completed", "problems")


def test_of_several_parcels_one_must_be_named() -> None:
    packed = do(order(), "allocate", "pick", "check", Step("pack", parcel="p"))
    two = do(packed, Step("split", (("a", 1),), parcel="p", into="q"), SHIP)
    assert refusal(two, Step("track", status="failure")).message == "Choose which parcel it is about."
    both = do(
        two,
        Step("track", parcel="p", status="failure", reason=LOST),
        Step("track", parcel="q", status="failure", reason=LOST),
    )
    assert tasks(both, AT)[0].sentence == f"{LOST} 1 more needs a look."
    assert tasks(do(both, "settle_parcel"), AT) == ()
