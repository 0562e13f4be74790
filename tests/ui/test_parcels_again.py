"""Parcels that left and did not arrive: taken back, under another number, dealt with from the order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import ordering
from bookwish_desk.db import orders
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.tracking import BACK, CAME_BACK
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.order_steps.asking import StepPresenter
from bookwish_desk.ui.order_steps.problem import ProblemPresenter
from bookwish_desk.ui.orders.acts import next_act, offers
from bookwish_desk.ui.packing.again import RecallPresenter, RetrackPresenter
from tests.support.after_desk import AfterDesk, after_desk
from tests.support.shops import station_for

LOST = "The carrier could not deliver the parcel."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    made.store.close()


def shipped(desk: AfterDesk) -> Order:
    step = Step("ship", carrier="USPS", tracking="9400111899223197428490")
    return ordering.take(desk.store, desk.actor, desk.order().id, step).value


def opened(desk: AfterDesk, presenter: StepPresenter) -> StepPresenter:
    presenter.open()
    return presenter


def answered(presenter: StepPresenter, **texts: str) -> None:
    presenter.changed(Values(texts))
    presenter.submit(Values(presenter.texts))


@pytest.mark.capability("BB-09")
def test_a_parcel_is_taken_back_with_a_reason(desk: AfterDesk) -> None:
    station, front = station_for(desk.store, desk.actor)
    presenter = opened(desk, RecallPresenter(station, shipped(desk)))
    assert presenter.state.asked.verb == "Take it back"
    presenter.submit(Values({}))
    assert presenter.state.asked.inputs[0].error == "Say why it is here again."
    answered(presenter, why="It came back")
    order = desk.order()
    assert (order.parcels[0].shipped_at, order.parcels[0].tracking) == (0, "")
    assert front.said[-1][0] == f"A parcel of {order.number} is here again, packed."


@pytest.mark.capability("OMG-20", "OMG-21")
def test_a_parcel_gets_another_number(desk: AfterDesk) -> None:
    station, _ = station_for(desk.store, desk.actor)
    presenter = opened(desk, RetrackPresenter(station, shipped(desk)))
    presenter.submit(Values({}))
    assert presenter.state.wrong
    presenter.changed(Values({"carrier": "UPS"}))
    answered(presenter, carrier="UPS", service="Ground", tracking="1Z999AA10123456784", expected="2026-10-02")
    parcel = desk.order().parcels[0]
    assert (parcel.carrier, parcel.service, parcel.tracking) == ("UPS", "Ground", "1Z999AA10123456784")
    assert parcel.shipped_at and parcel.expected_on == "2026-10-02"


def test_without_a_parcel_on_its_way_both_say_so(desk: AfterDesk) -> None:
    station, _ = station_for(desk.store, desk.actor)
    for made in (RecallPresenter, RetrackPresenter):
        presenter = opened(desk, made(station, desk.order()))
        assert presenter.state.asked.about == ("No parcel of this order is on its way.",)


@pytest.mark.capability("OMG-22", "OMG-33", "BB-09")
def test_trouble_with_a_parcel_leads_to_what_can_be_done(desk: AfterDesk) -> None:
    order = shipped(desk)
    known = dict.fromkeys(("problem", "settle_parcel", "recall", "retrack"), True)
    assert "settle_parcel" not in {o.act for o in offers(order, desk.clock.at, known)}
    order = ordering.take(
        desk.store, desk.actor, order.id, Step("track", status="failure", reason=LOST)
    ).value
    assert next_act(order, desk.clock.at) == ("problem", "Deal with it")
    assert {o.act for o in offers(order, desk.clock.at, known) if not o.why_not} >= set(known)
    here = ordering.take(desk.store, desk.actor, order.id, Step("track", status=BACK, reason=CAME_BACK)).value
    assert next_act(here, desk.clock.at) == ("recall", "Take it back")
    order = ordering.take(
        desk.store, desk.actor, order.id, Step("track", status="failure", reason=LOST)
    ).value
    station, _ = station_for(desk.store, desk.actor)
    presenter = ProblemPresenter(station, order)
    presenter.open()
    assert presenter.kind == "misrouted"
    answered(presenter, answer="trace", why="The carrier has lost the parcel")
    assert [t.kind for t in tasks(desk.order(), desk.clock.at)] == ["parcel"], "it is only being traced"
    presenter = ProblemPresenter(station, desk.order())
    presenter.open()
    answered(presenter, answer="refund", why="The carrier has lost the parcel")
    order = desk.order()
    assert [t.kind for t in tasks(order, desk.clock.at)] == ["refund"]
    with desk.store.read() as conn:
        assert [e.kind for e in orders.history(conn, order.id)][-2:] == ["settle_parcel", "problem"]
