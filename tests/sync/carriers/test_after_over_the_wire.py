"""What comes after buying, over real requests: the client, the adapter, the engines, a broker on a port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import buying, handing_over, spending, voiding
from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.db import handovers, orders
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.tracking import trace
from bookwish_desk.sync.carriers.easypost import open_easypost
from bookwish_desk.sync.carriers.following import Following
from bookwish_desk.sync.carriers.handing import Handing
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.carriers import KEY, Reached, carriers_server
from tests.support.parcels import ParcelDesk, copied_desk, packed
from tests.support.shops import NOON
from tests.sync.carriers.test_buy_once_over_the_wire import BOX, PATIENT, TO

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def broker() -> Iterator[tuple[Reached, list[int]]]:
    at = [NOON + 1_000_000]
    with carriers_server(clock=lambda: at[0], form_ms=0, batch_ms=0) as server:
        yield server, at


class Wired:
    """A shop with labels of a broker on a port, and the engines for what comes after."""

    def __init__(self, made: ParcelDesk, far: Reached, at: list[int]) -> None:
        self.desk, self.far, self._at = made, far, at
        made.clock.at = max(made.clock.at, at[0])
        self.port = open_easypost(far.base, Secret(KEY), timeout=PATIENT, clock=made.clock)
        made.carriers = self.port  # type: ignore[assignment]
        made.started()
        self.store, self.actor, self.clock = made.store, made.actor, made.clock
        parts = (self.port, made.books, made.clock, lambda: 0.0)
        self.following, self.voiding, self.handing = Following(*parts), Voiding(*parts), Handing(*parts)

    def bought(self, order: Order | None = None, service: str = "Priority") -> Postage:
        order = order or self.desk.order
        to = Wanted(order_ids=(order.id,), parcel=order.parcels[0].id, box=BOX, to=TO)
        priced = self.settled(buying.ask(self.store, self.actor, to).value)
        assert priced.quoted is not None
        rate = next(r for r in priced.quoted.rates if (r.carrier, r.service) == ("USPS", service))
        buying.want(self.store, self.actor, [(priced.id, rate.id)])
        return self.settled(priced)

    def settled(self, postage: Postage) -> Postage:
        self.desk.run()
        return self.desk.now(postage)

    def pass_by(self, ms: int) -> None:
        self.clock.at += ms
        self._at[0] = self.clock.at

    def run(self, engine: Any, most: int = 60) -> None:
        for _ in range(most):
            wait = engine.step()
            if wait is None or wait > 20 * 60_000:
                return
            self.pass_by(wait)
        raise AssertionError("the engine does not come to rest")

    def order(self) -> Order:
        with self.store.read() as conn:
            return orders.load(conn, self.desk.order.id)


@pytest.fixture
def wired(tmp_path: Path, broker: tuple[Reached, list[int]]) -> Iterator[Wired]:
    far, at = broker
    far.faults.set()
    made = Wired(copied_desk(tmp_path / "shop"), far, at)
    yield made
    far.faults.set()
    made.port.close()
    made.store.close()


@pytest.mark.capability("OMG-22", "OMG-23", "BB-09")
def test_a_parcel_is_followed_to_the_door(wired: Wired) -> None:
    label = wired.bought()
    wired.pass_by(HOUR)
    wired.far.house.tell(label.tracking, "failure")
    wired.far.faults.add("gateway", "trackers.batch")
    wired.run(wired.following)
    assert [t.kind for t in tasks(wired.order(), wired.clock.at)] == ["parcel"]
    wired.pass_by(HOUR)
    wired.far.house.tell(label.tracking, "delivered")
    wired.run(wired.following)
    label = wired.desk.now(label)
    assert (wired.order().state, label.track_status, label.track_next_at) == ("completed", "delivered", 0)
    assert label.track is not None
    assert [e.status for e in trace(label.track)][:2] == ["delivered", "failure"]


@pytest.mark.capability("OMG-22")
def test_whoever_wants_to_know_hears_at_once_where_parcels_are(wired: Wired) -> None:
    label = wired.bought()
    wired.far.house.tell(label.tracking, "out_for_delivery")
    asked = wired.far.faults.count("trackers.batch")
    wired.run(wired.following)
    assert wired.far.faults.count("trackers.batch") == asked  # it is not due yet
    wired.following.look_now()
    wired.run(wired.following)
    label = wired.desk.now(label)
    assert label.track_status == "out_for_delivery" and label.track_next_at > wired.clock.at
    assert wired.far.faults.count("trackers.batch") == asked + 1


@pytest.mark.capability("OMG-19")
def test_a_label_given_back_is_refunded_by_the_carrier(wired: Wired) -> None:
    label = wired.bought()
    before = wired.far.ledger.balance_cents
    voiding.void(wired.store, wired.actor, label.id, "Wrong box")
    wired.run(wired.voiding)
    assert (wired.desk.now(label).refund, wired.far.ledger.balance_cents) == ("submitted", before)
    wired.pass_by(16 * DAY)
    wired.run(wired.voiding)
    label = wired.desk.now(label)
    assert label.state == "voided"
    assert label.bought is not None
    assert wired.far.ledger.balance_cents == before + label.bought.cents
    assert not wired.order().parcels[0].shipped_at


@pytest.mark.parametrize("worth", [2_699, 10_000, 24_950])  # a dollar at the least, a hundredth else
def test_a_parcel_is_insured_once_for_what_was_said(wired: Wired, worth: int) -> None:
    label = wired.bought()
    wired.far.faults.add("cut", "shipments.insure", after=True)
    voiding.insure(wired.store, wired.actor, label.id, worth)
    wired.run(wired.voiding)
    assert wired.desk.now(label).insured_cents == worth
    entries = [e for e in wired.far.ledger.entries if e.kind == "insurance" and e.reference == label.id]
    assert [-e.cents for e in entries] == [spending.insurance_cents(worth)]


@pytest.mark.capability("OMG-19")
def test_a_label_for_the_way_back_is_bought(wired: Wired) -> None:
    sent = wired.bought()
    back = wired.settled(voiding.return_label(wired.store, wired.actor, sent.id).value)
    assert back.quoted is not None
    buying.want(wired.store, wired.actor, [(back.id, back.quoted.rates[0].id)])
    back = wired.settled(back)
    assert (back.state, back.purpose) == ("bought", "return")
    told = wired.far.get(f"/shipments/{back.shipment}").json()
    assert told["is_return"] is True
    assert wired.order().parcels[0].tracking == sent.tracking


@pytest.mark.capability("OMG-14", "BB-04")
@pytest.mark.parametrize("fault", ["", "cut", "error"])
def test_the_parcels_of_a_day_stand_on_one_form(wired: Wired, fault: str) -> None:
    first = wired.bought()
    second = wired.bought(packed(wired.store, wired.actor, "BW-2"))
    taken = wired.bought(packed(wired.store, wired.actor, "BW-3"))
    assert wired.far.post("/scan_forms", scan_form={"shipments": [{"id": taken.shipment}]}).status_code == 200
    (made,) = handing_over.make_manifests(wired.store, wired.actor).value
    if fault:
        wired.far.faults.add(fault, "scan_forms.create", after=True, nth=2)  # type: ignore[arg-type]
    wired.run(wired.handing)
    with wired.store.read() as conn:
        form, file = handovers.manifest(conn, made.id), handovers.form(conn, made.id)
    assert (form.state, set(form.postages)) == ("created", {first.id, second.id})
    assert [number for number, _ in form.left_out] == list(taken.numbers)
    assert file is not None and file.data.startswith(b"%PDF")
    assert form.form is not None
    assert wired.far.get(f"/shipments/{first.shipment}").json()["scan_form"]["id"] == form.form.id


@pytest.mark.capability("WSM-18")
@pytest.mark.parametrize("fault", ["", "cut", "gateway"])
def test_a_visit_is_booked_once_and_called_off(wired: Wired, fault: str) -> None:
    first, second = wired.bought(), wired.bought(packed(wired.store, wired.actor, "BW-2"))
    at = wired.clock.at
    ids = [first.id, second.id]
    visit = handing_over.ask_visit(wired.store, wired.actor, ids, at + DAY, at + DAY + 4 * HOUR).value
    wired.run(wired.handing)

    def now() -> Any:
        with wired.store.read() as conn:
            return handovers.visit(conn, visit.id)

    assert now().state == "quoted", now().words
    asked = wired.far.faults.count("pickups.buy")
    if fault:
        wired.far.faults.add(fault, "pickups.buy", after=True)  # type: ignore[arg-type]
    handing_over.book_visit(wired.store, wired.actor, visit.id, now().collection.rates[0].service)
    wired.run(wired.handing)
    assert (now().state, bool(now().collection.confirmation)) == ("booked", True)
    assert wired.far.faults.count("pickups.buy") == asked + 1
    handing_over.cancel_visit(wired.store, wired.actor, visit.id)
    wired.run(wired.handing)
    assert now().state == "cancelled"
    assert wired.far.get(f"/pickups/{now().collection.id}").json()["status"] == "canceled"
