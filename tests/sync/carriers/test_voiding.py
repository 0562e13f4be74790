"""Labels given back, insured, and for the way back: what is asked once, what is read, what is not claimed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying, ordering, voiding
from bookwish_desk.db import order_checks, orders, postages
from bookwish_desk.shop import label_refund
from bookwish_desk.shop.carriage import Track
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.order import stock_taken
from bookwish_desk.shop.order_queue import queue
from bookwish_desk.shop.order_step import Step
from bookwish_desk.sync.port import Reply
from tests.support.after_desk import DAY, HOUR, AfterDesk, after_desk
from tests.support.fake_carriers import DONE, LOST, SLOW
from tests.support.parcels import wanted, with_shipping
from tests.support.shops import hire


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    with made.store.read() as conn:
        assert order_checks.everything(conn) == []
    made.store.close()


def on_hand(desk: AfterDesk, sku: str) -> int:
    with desk.store.read() as conn:
        return int(conn.exec_driver_sql("SELECT on_hand FROM items WHERE sku = ?", (sku,)).scalar_one())


def spent(desk: AfterDesk) -> int:
    with desk.store.read() as conn:
        return postages.spent_cents(conn, 0)


@pytest.mark.capability("BW-11", "OMG-19")
def test_a_label_given_back_takes_its_parcel_back_and_is_refunded_only_when_the_carrier_says_so(
    desk: AfterDesk,
) -> None:
    label = desk.bought()
    sku = desk.order().lines[0].sku
    assert (stock_taken(desk.order()), on_hand(desk, sku)) == ({sku: 1}, 0)
    given = voiding.void(desk.store, desk.actor, label.id, "Wrong box").value
    assert (given.state, given.refund) == ("voiding", "")
    order = desk.order()
    assert (stock_taken(order), on_hand(desk, sku), queue(order, desk.clock.at)) == ({}, 1, "ready_to_ship")
    assert order.parcels[0].tracking == ""
    desk.run(desk.voiding)
    assert (desk.now(label).state, desk.now(label).refund) == ("voiding", "submitted")
    assert label_refund.refund_words(desk.now(label)) == label_refund.SUBMITTED
    assert label.bought is not None
    assert spent(desk) == label.bought.cents, "asked for is not given back"
    desk.clock.at += 16 * DAY
    desk.carriers.settle_refunds()
    desk.run(desk.voiding)
    assert (desk.now(label).state, desk.now(label).refund) == ("voided", "refunded")
    assert (spent(desk), len(desk.carriers.refunds)) == (0, 1)
    assert desk.voiding.step() is None
    assert [k for k in desk.history() if k.startswith("label_void")] == ["label_void", "label_voided"]


def test_another_label_can_be_bought_as_soon_as_the_first_is_being_given_back(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.desk.order = desk.order()
    other = desk.bought()
    assert other.id != label.id and other.state == "bought"
    assert desk.order().parcels[0].tracking == other.tracking
    desk.carriers.rejects = 9
    desk.run(desk.voiding, 40 * HOUR)
    rejected = desk.now(label)
    assert (rejected.state, rejected.refund) == ("voiding", "rejected"), "two cannot stand for one parcel"
    assert "another label" in label_refund.refund_words(rejected)
    assert label.bought is not None and other.bought is not None
    assert spent(desk) == label.bought.cents + other.bought.cents
    voiding.void_again(desk.store, desk.actor, label.id)
    desk.carriers.rejects = 0
    desk.run(desk.voiding)
    assert desk.now(label).refund == "submitted"


def test_a_refund_rejected_seconds_after_buying_is_asked_for_again_later(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.carriers.rejects = 1
    desk.run(desk.voiding)
    assert (desk.now(label).refund, desk.now(label).words) == ("", label_refund.TOO_SOON)
    assert desk.carriers.count("refund") == 1
    desk.run(desk.voiding, HOUR)
    assert (desk.carriers.count("refund"), desk.now(label).refund) == (2, "submitted")


def test_a_refund_that_stays_rejected_leaves_the_label_to_be_used(desk: AfterDesk) -> None:
    label = desk.bought()
    desk.clock.at += 3 * HOUR
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.carriers.rejects = 1
    desk.run(desk.voiding)
    assert (desk.now(label).state, desk.now(label).refund) == ("bought", "rejected")
    assert label_refund.refund_words(desk.now(label)) == label_refund.REJECTED
    assert not desk.order().parcels[0].shipped_at


@pytest.mark.parametrize(
    "fault", sorted({*LOST, *DONE, *SLOW} - {"funds", "failure", "exists", "in_progress"})
)
def test_whatever_happens_to_the_answer_one_refund_is_asked_for(desk: AfterDesk, fault: str) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.carriers.faults["refund", 0] = fault
    desk.run(desk.voiding, most_steps=1)
    desk.restart()
    desk.run(desk.voiding, HOUR)
    assert desk.now(label).refund == "submitted"
    assert desk.carriers.refunds == [label.shipment]
    assert desk.carriers.count("refund") == (1 if fault in DONE else 2)


def test_what_the_broker_refuses_is_said_in_its_words(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.carriers.faults["refund", 0] = "failure"
    desk.run(desk.voiding)
    assert desk.now(label).state == "bought"
    assert "The carrier refused it." in desk.now(label).words


def test_a_refund_that_nobody_answers_is_not_looked_for_for_ever(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.run(desk.voiding)
    desk.clock.at += 46 * DAY
    desk.run(desk.voiding)
    assert label_refund.refund_words(desk.now(label)) == label_refund.SILENT
    assert desk.voiding.step() is None


def test_only_an_unused_label_that_is_not_too_old_is_given_back(desk: AfterDesk) -> None:
    def why(reason: str = "Wrong box") -> Refused:
        with pytest.raises(Refused) as caught:
            voiding.void(desk.store, desk.actor, label.id, reason)
        return caught.value

    priced = desk.desk.ask(desk.order())
    label = priced
    assert "never bought" in why().message
    buying.drop(desk.store, desk.actor, priced.id)
    label = desk.bought()
    assert why(" ").code == "reason"
    desk.clock.at += 31 * DAY
    assert why().message == "USPS takes a label back within 30 days. This one is older."
    desk.clock.at -= 31 * DAY
    from bookwish_desk.actions import tracking

    tracking.applied(desk.store, label.id, Track("t", label.tracking, "in_transit"))
    assert why().code == "moving"
    assert desk.now(label).state == "bought"


def test_the_orders_stay_shipped_where_the_parcel_gets_another_label_today(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Label torn", goes_again=True)
    parcel = desk.order().parcels[0]
    assert parcel.shipped_at and (parcel.tracking, parcel.untracked) == ("", voiding.ANOTHER)
    assert stock_taken(desk.order()) != {}
    desk.desk.order = desk.order()
    other = desk.bought()
    parcel = desk.order().parcels[0]
    assert parcel.shipped_at and (parcel.tracking, parcel.untracked) == (other.tracking, "")
    assert desk.history().count("ship") == 1


def test_a_label_that_was_only_put_on_its_parcel_is_taken_off_it(desk: AfterDesk) -> None:
    with_shipping(desk.store, shipped_with="handover")
    label = desk.bought()
    assert desk.order().parcels[0].tracking == label.tracking
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    parcel = desk.order().parcels[0]
    assert (parcel.tracking, parcel.carrier, parcel.shipped_at) == ("", "", 0)


def test_staff_may_give_labels_back_and_nobody_who_is_not_signed_in(desk: AfterDesk) -> None:
    label = desk.bought()
    with pytest.raises(Refused):
        voiding.void(desk.store, replace(desk.actor, staff=""), label.id, "Wrong box")
    clerk = hire(desk.store, "staff")
    assert voiding.void(desk.store, clerk, label.id, "Wrong box").value.state == "voiding"


def test_a_parcel_is_insured_once_after_its_label_was_bought(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.insure(desk.store, desk.actor, label.id, 12_000)
    desk.run(desk.voiding)
    assert desk.carriers.insured == {label.shipment: [12_000]}
    insured = desk.now(label).bought
    assert insured is not None and insured.insured_cents == 12_000
    with pytest.raises(Refused, match="insured already"):
        voiding.insure(desk.store, desk.actor, label.id, 12_000)


@pytest.mark.parametrize("fault", ["lost_after", "500_after", "never", "lost_before", "not_sent", "limited"])
def test_insurance_is_bought_once_whatever_happens_to_the_answer(desk: AfterDesk, fault: str) -> None:
    label = desk.bought()
    voiding.insure(desk.store, desk.actor, label.id, 12_000)
    desk.carriers.faults["insure", 0] = fault
    desk.run(desk.voiding, most_steps=1)
    desk.restart()
    desk.run(desk.voiding, HOUR)
    assert desk.carriers.insured == {label.shipment: [12_000]}
    assert (desk.now(label).insured_cents, desk.now(label).insure_cents) == (12_000, 0)


def test_a_label_given_back_is_not_insured_any_more(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.insure(desk.store, desk.actor, label.id, 12_000)
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.run(desk.voiding)
    assert (desk.carriers.insured, desk.now(label).refund) == ({}, "submitted")


def test_insurance_beyond_a_limit_needs_a_manager_and_a_refusal_is_said(desk: AfterDesk) -> None:
    label = desk.bought()
    with_shipping(desk.store, label_limit_cents=100)
    clerk = hire(desk.store, "staff")
    with pytest.raises(NeedsApproval):
        voiding.insure(desk.store, clerk, label.id, 50_000)
    for wrong in (0, -1, 500_001):
        with pytest.raises(Refused):
            voiding.insure(desk.store, desk.actor, label.id, wrong)
    desk.carriers.faults["insure", 0] = "funds"
    voiding.insure(desk.store, desk.actor, label.id, 50_000)
    desk.run(desk.voiding)
    assert desk.now(label).insure_words == "The parcel is not insured. Insufficient balance."
    assert desk.voiding.step() is None


@pytest.mark.capability("OMG-19")
def test_a_return_label_is_priced_and_bought_beside_the_first(desk: AfterDesk) -> None:
    label = desk.bought()
    asked = voiding.return_label(desk.store, desk.actor, label.id).value
    assert (asked.purpose, asked.consignment.is_return) == ("return", True)
    assert asked.consignment.to == label.consignment.to
    desk.desk.run(0)
    desk.desk.want(desk.now(asked))
    desk.desk.run()
    back = desk.now(asked)
    assert back.state == "bought" and back.tracking != label.tracking
    assert desk.order().parcels[0].tracking == label.tracking
    with desk.store.read() as conn:
        assert {p.purpose for p in postages.of_order(conn, desk.order().id)} == {"out", "return"}
    voiding.void(desk.store, desk.actor, back.id, "She keeps it")
    assert desk.order().parcels[0].shipped_at, "the parcel itself stays where it is"


def test_a_parcel_of_several_orders_is_taken_back_from_all_of_them(desk: AfterDesk) -> None:
    first = desk.order()
    box = first.parcels[0].id
    second = desk.packed("BW-2")
    ordering.take(desk.store, desk.actor, second.id, Step("unpack"))
    ordering.take(desk.store, desk.actor, second.id, Step("pack", parcel=box))
    asked = buying.ask(desk.store, desk.actor, replace(wanted(first), order_ids=(first.id, second.id))).value
    desk.desk.run(0)
    desk.desk.want(desk.now(asked))
    desk.desk.run()
    assert [bool(desk.order(o).parcels[0].shipped_at) for o in (first, second)] == [True, True]
    voiding.void(desk.store, desk.actor, asked.id, "Wrong box")
    assert [bool(desk.order(o).parcels[0].shipped_at) for o in (first, second)] == [False, False]
    with desk.store.read() as conn:
        assert [orders.load(conn, o.id).parcels[0].tracking for o in (first, second)] == ["", ""]


@pytest.mark.capability("OMG-19")
def test_a_parcel_that_was_insured_by_a_lost_answer_is_not_called_uninsured(desk: AfterDesk) -> None:
    label = desk.bought()
    desk.carriers.faults["insure", 0] = "lost_before"
    voiding.insure(desk.store, desk.actor, label.id, 10_000)
    desk.voiding.step()

    def late(call: str) -> None:
        """Let the slow broker be done with the first request just before the second arrives."""
        if call == "insure":
            made = desk.carriers.shipments[label.shipment]
            assert made.bought is not None
            made.bought = replace(made.bought, insured_cents=10_000)
            LOST["insured"] = Reply("refused", words="Bought.", code="SHIPMENT.INSURANCE.ALREADY_PURCHASED")
            desk.carriers.faults["insure", 1] = "insured"

    desk.carriers.before = late
    try:
        desk.run(desk.voiding, 3_600_000)
    finally:
        LOST.pop("insured", None)
    label = desk.now(label)
    assert (label.insured_cents, label.insure_words) == (10_000, "The parcel is insured.")


def test_a_label_whose_refund_is_rejected_is_not_printed_by_itself(desk: AfterDesk) -> None:
    """It was given back before its bytes had come; when the carrier says no nobody stands at the printer."""
    for nth in range(3):
        desk.carriers.faults["label", nth] = "not_sent"
    priced = desk.desk.ask(desk.desk.order)
    desk.desk.want(priced)
    desk.desk.run(0)
    assert not desk.now(priced).label_at
    desk.clock.at += 2 * HOUR
    voiding.void(desk.store, desk.actor, priced.id, "Wrong box")
    desk.run(desk.voiding)
    desk.clock.at += 16 * DAY
    desk.carriers.settle_refunds("rejected")
    desk.run(desk.voiding)
    assert desk.now(priced).state == "bought"
    desk.desk.run()
    label = desk.now(priced)
    assert label.label_at and label.printed == ()


@pytest.mark.capability("BW-11", "OMG-19")
@pytest.mark.parametrize("asked", [False, True])
def test_a_label_of_another_account_does_not_keep_its_parcel_for_ever(desk: AfterDesk, asked: bool) -> None:
    """A sample of the time before the shop went live, say: the account of now has never seen it."""
    label = desk.bought()
    there = desk.carriers.shipments
    if not asked:
        there["of the other account"] = there.pop(label.shipment)
    voiding.void(desk.store, desk.actor, label.id, "Only a sample")
    if asked:
        desk.run(desk.voiding)
        there["of the other account"] = there.pop(label.shipment)
        desk.clock.at += 2 * DAY
    desk.run(desk.voiding)
    left = desk.now(label)
    assert (left.state, left.refund, left.words) == ("voiding", "not_applicable", label_refund.NOT_KNOWN)
    assert desk.voiding.step() is None
    again = desk.bought(desk.order())
    assert again.state == "bought" and again.id != label.id
