"""Orders follow what carriers tell of their parcels; customers hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import packing
from bookwish_desk.actions import tracking as actions
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.handing_over import hand_over
from bookwish_desk.db import order_checks, orders, postage_checks, postages
from bookwish_desk.shop.carriage import Track, TrackEvent
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.tracking import CAME_BACK
from tests.support.after_desk import DAY, HOUR, AfterDesk, after_desk
from tests.support.letters import EVERY, HERE, composed, kinds, mails
from tests.support.orders import stepped
from tests.support.parcels import with_shipping


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    with made.store.read() as conn:
        assert order_checks.everything(conn) == []
    made.store.close()


@pytest.mark.capability("OMG-23", "OMG-22")
def test_the_carrier_s_delivery_completes_an_order(desk: AfterDesk) -> None:
    label = desk.bought()
    assert label.track_next_at > 0
    desk.carriers.move(label.tracking, "in_transit", expected_on="2026-09-26")
    desk.clock.at = label.track_next_at
    desk.run(desk.following)
    assert desk.carriers.count("tracks") == 1
    order = desk.order()
    assert (order.parcels[0].status, order.parcels[0].expected_on) == ("in_transit", "2026-09-26")
    assert order.state == "processing"
    desk.run(desk.following)
    assert desk.carriers.count("tracks") == 1, "nothing is due before its time"
    desk.carriers.move(label.tracking, "out_for_delivery", expected_on="tomorrow, perhaps")
    desk.clock.at = desk.now(label).track_next_at
    desk.run(desk.following)
    parcel = desk.order().parcels[0]
    assert (parcel.status, parcel.expected_on) == ("out_for_delivery", "2026-09-26")
    assert (parcel.carrier, parcel.service) == ("USPS", "Ground Advantage"), "as people write it"
    desk.carriers.move(label.tracking, "delivered", delivered_at=desk.clock.at)
    desk.clock.at = desk.now(label).track_next_at
    desk.run(desk.following)
    order = desk.order()
    assert (order.state, order.parcels[0].status) == ("completed", "delivered")
    assert desk.now(label).track_next_at == 0
    with desk.store.read() as conn:
        said = [e.body for e in orders.history(conn, order.id) if e.kind == "deliver"]
    assert '"by":"carrier"' in said[0]
    actions.applied(desk.store, label.id, Track("t", label.tracking, "in_transit"))
    assert desk.now(label).track_status == "delivered"


@pytest.mark.capability("OMG-22", "OMG-33", "BB-09")
def test_trouble_is_a_task_and_does_not_come_back_after_it_was_dealt_with(desk: AfterDesk) -> None:
    label = desk.bought()

    def told(status: str, **more: object) -> None:
        desk.carriers.move(label.tracking, status, **more)
        desk.clock.at = desk.now(label).track_next_at
        desk.run(desk.following)

    told("failure", detail="no_secure_location")
    order = desk.order()
    assert queue(order, desk.clock.at) == "problems"
    assert "no secure location" in tasks(order, desk.clock.at)[0].sentence
    stepped(desk.store, desk.actor, order, Step("settle_parcel", reason="Called her"))
    told("failure")
    assert tasks(desk.order(), desk.clock.at) == ()
    told("in_transit")
    told("return_to_sender", events=(TrackEvent(1, "return_to_sender"),))
    assert [t.kind for t in tasks(desk.order(), desk.clock.at)] == ["parcel"]
    told("delivered", events=(TrackEvent(2, "delivered"),))
    order = desk.order()
    assert (order.state, order.parcels[0].trouble) == ("processing", CAME_BACK)
    back = stepped(desk.store, desk.actor, order, "recall")
    assert queue(back, desk.clock.at) == "ready_to_ship"


@pytest.mark.capability("BW-12", "OMG-33")
def test_a_parcel_that_came_back_gets_another_label_as_often_as_it_comes_back(desk: AfterDesk) -> None:
    labels = []
    for _ in range(2):
        label = desk.bought()
        desk.carriers.move(label.tracking, "return_to_sender")
        desk.clock.at = label.track_next_at
        desk.run(desk.following)
        packing.recall(desk.store, desk.actor, [(desk.order().id, label.box)], "It came back")
        labels.append(desk.now(label))
        assert (labels[-1].state, labels[-1].purpose) == ("bought", "used"), "paid, and for nothing else"
    last = desk.bought()
    assert desk.order().parcels[0].tracking == last.tracking
    assert len({x.tracking for x in (*labels, last)}) == 3
    desk.carriers.move(labels[0].tracking, "delivered", delivered_at=desk.clock.at)
    desk.clock.at += 30 * DAY
    desk.run(desk.following)
    assert not desk.order().parcels[0].delivered_at, "what becomes of the used label tells of another parcel"
    with desk.store.read() as conn:
        assert postages.of_box(conn, last.box) == desk.now(last)
        assert postage_checks.everything(conn) == ([], [])


def test_a_label_that_the_carrier_never_saw_stays_with_its_parcel(desk: AfterDesk) -> None:
    label = desk.bought()
    packing.recall(desk.store, desk.actor, [(desk.order().id, label.box)], "Not yet")
    assert desk.now(label).purpose == "out"


@pytest.mark.capability("BW-12", "OMG-20", "OMG-22")
def test_a_scan_of_the_carrier_ships_what_nobody_said_was_handed_over(desk: AfterDesk) -> None:
    with_shipping(desk.store, shipped_with="handover")
    label = desk.bought()
    assert not desk.order().parcels[0].shipped_at
    desk.carriers.move(label.tracking, "in_transit")
    desk.clock.at = label.track_next_at
    desk.run(desk.following)
    order = desk.order()
    assert order.parcels[0].shipped_at and order.parcels[0].tracking == label.tracking


def test_an_order_on_hold_is_not_shipped_by_a_scan_and_the_label_says_why(desk: AfterDesk) -> None:
    with_shipping(desk.store, shipped_with="handover")
    label = desk.bought()
    stepped(desk.store, desk.actor, desk.order(), Step("hold", reason="She wants to add one"))
    desk.carriers.move(label.tracking, "in_transit")
    desk.clock.at = label.track_next_at
    desk.run(desk.following)
    assert not desk.order().parcels[0].shipped_at
    assert desk.now(label).words.startswith(actions.HAS_IT)
    stepped(desk.store, desk.actor, desk.order(), "release_hold")
    hand_over(desk.store, desk.actor, [label.id])
    desk.clock.at = desk.now(label).track_next_at
    desk.run(desk.following)
    assert (desk.now(label).words, bool(desk.order().parcels[0].shipped_at)) == ("", True)


def test_many_are_asked_at_once_old_ones_never_and_unknown_ones_later(desk: AfterDesk) -> None:
    label = desk.bought()
    other = desk.bought(desk.packed("BW-2"))
    desk.carriers.move(label.tracking, "in_transit")
    desk.clock.at = max(label.track_next_at, other.track_next_at)
    desk.run(desk.following)
    assert [what.count(",") for name, what in desk.carriers.calls if name == "tracks"] == [1]
    assert desk.now(other).track_next_at >= desk.clock.at + 5 * HOUR
    desk.clock.at += 46 * DAY
    desk.run(desk.following)
    assert (desk.now(label).track_next_at, desk.now(other).track_next_at) == (0, 0)
    assert desk.following.step() is None


@pytest.mark.parametrize(
    "fault", ["not_sent", "limited", "500_before", "lost_after", "signed_out", "failure"]
)
def test_following_rests_where_the_broker_fails_and_goes_on(desk: AfterDesk, fault: str) -> None:
    label = desk.bought()
    desk.carriers.move(label.tracking, "out_for_delivery")
    desk.clock.at = label.track_next_at
    desk.carriers.faults["tracks", 0] = fault
    wait = desk.following.step()
    assert wait is not None
    assert desk.now(label).track is None
    desk.clock.at += 2 * HOUR
    desk.run(desk.following)
    assert desk.order().parcels[0].status == "out_for_delivery"


def test_one_order_that_cannot_follow_keeps_no_other(
    desk: AfterDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = desk.bought()
    other = desk.bought(desk.packed("BW-2"))
    for each in (label, other):
        desk.carriers.move(each.tracking, "in_transit")
    real = actions._follow

    def broken(tx: object, postage: object, track: object) -> str:
        if postage.id == label.id:  # type: ignore[attr-defined]
            raise AssertionError("does not add up")
        return real(tx, postage, track)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "_follow", broken)
    desk.clock.at = max(label.track_next_at, other.track_next_at)
    desk.run(desk.following)
    assert desk.now(other).track_status == "in_transit"
    assert desk.now(label).track_next_at > desk.clock.at


@pytest.mark.capability("OMG-33", "OMG-21", "OMG-23", "WSM-19", "BW-13", "OMG-30")
def test_the_customer_gets_number_link_and_day_and_hears_of_a_delay_and_the_delivery(desk: AfterDesk) -> None:
    with desk.store.write() as tx:
        keep_settings(tx, replace(tx.settings, mail=HERE, notices=EVERY), ("mail", "notices"))
    label = desk.bought(desk.packed("O1-7", source="email"))

    def last(kind: str) -> str:
        job = [j for j in mails(desk.store) if j.kind == kind][-1]
        return composed(job).message.text

    def told(status: str, **more: object) -> None:
        desk.carriers.move(label.tracking, status, **more)
        desk.clock.at = desk.now(label).track_next_at
        desk.run(desk.following)

    link = f"https://tools.usps.com/go/TrackConfirmAction?tLabels={label.tracking}"
    shipped = last("shipped")
    assert f"Tracking number: {label.tracking}" in shipped
    assert link in shipped
    assert "Friday, September 25, 2026" in shipped
    told("in_transit", expected_on="2026-09-25")
    told("in_transit", expected_on="2026-09-28")
    told("out_for_delivery", expected_on="2026-09-27")
    said = kinds(desk.store)
    assert said.count("delayed") == 1, "an earlier day is no delay"
    delayed = last("delayed")
    assert "Monday, September 28, 2026" in delayed
    assert link in delayed and label.tracking in delayed
    assert "cancel" not in delayed
    told("failure", expected_on="2026-10-04")
    assert kinds(desk.store).count("delayed") == 1, "what may not come at all is no delay"
    assert desk.order().parcels[0].expected_on == "2026-09-27"
    told("delivered")
    assert kinds(desk.store)[-1] == "delivered"
    assert kinds(desk.store).count("shipped") == 1


@pytest.mark.capability("OMG-33", "OMG-21")
def test_a_parcel_with_another_label_is_told_with_its_new_number(desk: AfterDesk) -> None:
    with desk.store.write() as tx:
        keep_settings(tx, replace(tx.settings, mail=HERE, notices=EVERY), ("mail", "notices"))
    desk.bought(desk.packed("O1-7", source="email"))
    order = desk.order()
    step = Step(
        "retrack", carrier="UPS", service="Ground", tracking="1Z999AA10123456784", expected_on="2026-10-01"
    )
    stepped(desk.store, desk.actor, order, step)
    job = mails(desk.store)[-1]
    assert job.kind == "shipped"
    text = composed(job).message.text
    assert "https://www.ups.com/track?tracknum=1Z999AA10123456784" in text
    assert "Thursday, October 1, 2026" in text
