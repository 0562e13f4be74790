"""Parcels that are changed under their label: nothing is bought for what is not there any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying, ordering, voiding
from bookwish_desk.actions.consigning import CHANGED
from bookwish_desk.db import orders
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from tests.support.orders import now, stepped
from tests.support.parcels import ParcelDesk, bought, copied_desk, with_shipping


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def moved(desk: ParcelDesk) -> Order:
    """Let the customer move house."""
    with desk.store.write() as tx:
        order = orders.load(tx.conn, desk.order.id)
        assert order.address is not None
        orders.save(tx, order, replace(order, address=replace(order.address, line1="99 Other Road")))
    return now(desk.store, desk.order)


@pytest.mark.capability("BW-11")
def test_no_label_is_bought_to_an_address_that_was_changed_since(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    order = moved(desk)
    with pytest.raises(Refused) as refused:
        desk.want(priced)
    assert refused.value.message == CHANGED
    with pytest.raises(Refused):
        buying.ask_again(desk.store, desk.actor, priced.id)
    fresh = desk.ask(order)
    desk.want(fresh)
    desk.run()
    (paid,) = desk.carriers.purchases
    assert desk.carriers.shipments[paid].asked.to.line1 == "99 Other Road"


@pytest.mark.capability("BW-11", "BW-12")
def test_an_address_that_changes_while_a_label_waits_stops_it(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced, batch="b")
    moved(desk)
    desk.run()
    label = desk.now(priced)
    assert (label.state, label.wanted_at, label.words) == ("created", 0, CHANGED)
    buying.resume(desk.store, desk.actor, "b")
    desk.run()
    assert desk.carriers.purchases == [] and desk.now(priced).words == CHANGED


@pytest.mark.capability("BW-11")
def test_a_parcel_packed_anew_is_priced_anew(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    box = desk.order.parcels[0].id
    order = stepped(desk.store, desk.actor, desk.order, Step("unpack"))
    with pytest.raises(Refused, match="pack the parcel first"):
        desk.want(priced)
    order = stepped(desk.store, desk.actor, order, Step("pack", parcel=box))
    desk.want(priced)
    desk.run()
    assert desk.now(priced).state == "bought", "the same copies lie in the same box"


@pytest.mark.capability("BW-11", "OMG-21")
@pytest.mark.parametrize("verb", ["unpack", "cancel"])
def test_a_parcel_that_has_its_label_is_not_lost_under_it(desk: ParcelDesk, verb: str) -> None:
    with_shipping(desk.store, shipped_with="handover")
    label = bought(desk)
    step = Step(verb, reason="Nobody wants it" if verb == "cancel" else "")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="has a label"):
        ordering.take(desk.store, desk.actor, desk.order.id, step)
    voiding.void(desk.store, desk.actor, label.id, "Cancelled")
    ordering.take(desk.store, desk.actor, desk.order.id, step)


@pytest.mark.capability("BW-11")
def test_a_parcel_of_which_nobody_knows_whether_its_label_is_paid_stays_packed(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "lost_after"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    assert desk.now(priced).state == "uncertain"
    with pytest.raises(Refused, match="has a label"):
        ordering.take(desk.store, desk.actor, desk.order.id, Step("unpack"))
