"""No label is ever paid twice, over real requests: the client, the adapter, the engine, a broker on a port.

The broker fails by rule before or after it has done what it was asked, or in its answer; what was paid is
read from its own ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying, voiding
from bookwish_desk.actions.consigning import Wanted
from bookwish_desk.db import backup, orders, postages
from bookwish_desk.db.restore import put_back
from bookwish_desk.shop.carriage import Box
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.shop.secret import Secret
from bookwish_desk.sync.carriers.easypost import open_easypost
from bookwish_desk.sync.carriers.easypost.client import Patience
from bookwish_desk.sync.carriers.port import Carriers
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.carriers import KEY, Reached, carriers_server
from tests.support.parcels import ParcelDesk, copied_desk, opened_desk
from tests.support.shops import NOON

TO = PostalAddress("Clara Lindqvist", "8 Mill Road", "", "Bristol", "CT", "06010", "US")
BOX = Box(437, 267, 184, 25)
PATIENT = Patience(connect=2.0, read=5.0, write=5.0, money=5.0, file=5.0)
SHORT = Patience(connect=2.0, read=0.2, write=0.2, money=0.2, file=0.2)

AFTER = (
    ("cut", True), ("half", True), ("error", True), ("unavailable", True), ("gateway", True),
    ("torn", True), ("empty", True), ("portal", True), ("timed_out", True), ("hang", True),
)  # fmt: skip
"""Faults behind which the broker has done it."""
BEFORE = (
    ("cut", False), ("limit", False), ("error", False), ("unavailable", False), ("gateway", False),
    ("portal", False), ("timed_out", False), ("hang", False),
)  # fmt: skip
"""Faults behind which it has done nothing."""
REFUSED = (("funds", False), ("refuse", False))


@pytest.fixture(scope="module")
def far() -> Iterator[Reached]:
    at = [NOON + 1_000_000]
    with carriers_server(clock=lambda: at[0]) as server:
        yield server


@pytest.fixture
def rules(far: Reached) -> Iterator[Reached]:
    far.faults.set()
    yield far
    far.faults.set()


class WireDesk(ParcelDesk):
    """A shop whose broker is on a port."""

    def __init__(self, made: ParcelDesk, far: Reached, patience: Patience) -> None:
        self.far = far
        port = open_easypost(far.base, Secret(KEY), timeout=patience, clock=made.clock)
        super().__init__(made.store, made.actor, made.clock, port, made.order)  # type: ignore[arg-type]
        self.port: Carriers = port

    def close(self) -> None:
        self.port.close()
        self.store.close()

    def asked(self) -> Postage:
        """Ask for prices, and wait for them through whatever happens."""
        to = Wanted(order_ids=(self.order.id,), parcel=self.order.parcels[0].id, box=BOX, to=TO)
        asked = buying.ask(self.store, self.actor, to).value
        self.run()
        return self.now(asked)

    def cheapest(self, priced: Postage) -> list[tuple[str, str]]:
        assert priced.quoted is not None
        return [(priced.id, min(priced.quoted.rates, key=lambda rate: rate.cents).id)]

    def hold(self, label: Postage, bought: int = 1) -> None:
        """Hold that just this was paid, once, and that the books know it."""
        ledger = self.far.ledger
        assert ledger.bought(label.id) == bought
        if not bought:
            assert label.state == "refused" and label.words
            return
        paid = [-entry.cents for entry in ledger.entries if entry.reference == label.id]
        assert label.state == "bought" and label.bought is not None
        assert paid == [label.bought.cents]
        with self.store.read() as conn:
            order, file = orders.load(conn, self.order.id), postages.label(conn, label.id)
        assert order.parcels[0].tracking == label.tracking != "" and order.parcels[0].shipped_at
        assert file is not None and len(file.data) > 1_000 and len(label.printed) == 1


@pytest.fixture
def desks(tmp_path: Path, rules: Reached) -> Iterator[Any]:
    made: list[WireDesk] = []

    def opened(patience: Patience = PATIENT) -> WireDesk:
        desk = WireDesk(copied_desk(tmp_path / f"shop{len(made)}"), rules, patience)
        made.append(desk)
        return desk

    yield opened
    for desk in made:
        desk.close()


@pytest.mark.capability("BW-11", "BW-12", "OMG-19", "OMG-20")
@pytest.mark.parametrize(("kind", "after"), [*AFTER, *BEFORE, *REFUSED])
def test_a_fault_at_the_purchase_pays_once(desks: Any, kind: str, after: bool) -> None:
    desk: WireDesk = desks(SHORT if kind == "hang" else PATIENT)
    priced = desk.asked()
    desk.far.faults.add(kind, "shipments.buy", after=after)  # type: ignore[arg-type]
    buying.want(desk.store, desk.actor, desk.cheapest(priced))
    desk.run()
    label = desk.now(priced)
    desk.hold(label, 0 if (kind, after) in REFUSED else 1)
    # A stop of the desk changes nothing any more.
    desk.started()
    desk.run()
    assert replace(desk.now(priced), proven_at=0) == label
    assert desk.far.ledger.bought(label.id) <= 1


@pytest.mark.capability("BW-11", "BW-12")
def test_a_purchase_that_is_finished_after_we_gave_up_is_not_made_again(desks: Any) -> None:
    desk: WireDesk = desks(SHORT)
    priced = desk.asked()
    desk.far.faults.add("slow", "shipments.buy")
    buying.want(desk.store, desk.actor, desk.cheapest(priced))
    desk.run(5_000)
    assert desk.now(priced).state == "uncertain" and desk.now(priced).clear_at
    assert desk.far.ledger.bought(priced.id) == 0, "it is still under way"
    desk.far.faults.release()
    while not desk.far.ledger.bought(priced.id):
        pass
    desk.run()
    desk.hold(desk.now(priced))
    assert desk.far.faults.count("shipments.buy") >= 1


CALLS = ("shipments.create", "shipments.read", "shipments.rerate", "shipments.label")


@pytest.mark.capability("BW-11", "BW-12")
@pytest.mark.parametrize(
    ("kind", "after"), [("cut", True), ("limit", False), ("error", True), ("gateway", True), ("torn", True)]
)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_beside_the_purchase_pays_once(desks: Any, call: str, kind: str, after: bool) -> None:
    desk: WireDesk = desks()
    desk.far.faults.add(kind, call, after=after)  # type: ignore[arg-type]
    if call == "shipments.read":
        desk.far.faults.add("cut", "shipments.buy", after=True)
    priced = desk.asked()
    if call == "shipments.rerate":
        desk.clock.at += RATES_LIVE_MS + 1
    buying.want(desk.store, desk.actor, desk.cheapest(priced))
    desk.run()
    desk.hold(desk.now(priced))


@pytest.mark.parametrize(
    ("kind", "after"), [("cut", True), ("gateway", True), ("error", False), ("limit", False)]
)
def test_a_fault_at_the_refund_gives_back_once(desks: Any, kind: str, after: bool) -> None:
    desk: WireDesk = desks()
    priced = desk.asked()
    buying.want(desk.store, desk.actor, desk.cheapest(priced))
    desk.run()
    desk.far.faults.add(kind, "shipments.refund", after=after)  # type: ignore[arg-type]
    voiding.void(desk.store, desk.actor, priced.id, "Wrong box")
    engine = Voiding(desk.port, desk.books, desk.clock, lambda: 0.0)
    for _ in range(30):
        wait = engine.step()
        if desk.now(priced).refund == "submitted" or wait is None:
            break
        desk.clock.at += wait
    label = desk.now(priced)
    assert (label.state, label.refund) == ("voiding", "submitted"), "submitted is not refunded"
    assert desk.far.ledger.bought(priced.id) == 1


@pytest.mark.capability("BW-11", "BW-12")
@pytest.mark.parametrize("wanted", [True, False])
def test_books_put_back_from_before_the_purchase_do_not_pay_again(
    tmp_path: Path, desks: Any, wanted: bool
) -> None:
    """The backup knows the shipment, not that it was paid since: it is read before anything is bought."""
    desk: WireDesk = desks()
    priced = desk.asked()
    chosen = desk.cheapest(priced)
    if wanted:
        buying.want(desk.store, desk.actor, chosen)
    file = tmp_path / "backup.db"
    backup.copy_database(desk.store.folder / "shop.db", file, None)
    if not wanted:
        buying.want(desk.store, desk.actor, chosen)
    desk.run()
    assert desk.far.ledger.bought(priced.id) == 1
    desk.store.close()
    put_back(desk.store.folder, file, None)
    old = WireDesk(opened_desk(desk.store.folder, desk.clock.at + 60_000), desk.far, PATIENT)
    assert old.now(priced).state == "uncertain"
    old.run()
    old.hold(old.now(priced))
    old.close()


@pytest.mark.capability("BW-11", "BW-12")
def test_books_put_back_that_know_nothing_of_a_label_do_not_pay_it_again(tmp_path: Path, desks: Any) -> None:
    desk: WireDesk = desks()
    file = tmp_path / "backup.db"
    backup.copy_database(desk.store.folder / "shop.db", file, None)
    priced = desk.asked()
    buying.want(desk.store, desk.actor, desk.cheapest(priced))
    desk.run()
    paid = desk.now(priced)
    desk.store.close()
    put_back(desk.store.folder, file, None)
    old = WireDesk(opened_desk(desk.store.folder, desk.clock.at + 60_000), desk.far, PATIENT)
    old.run()
    with old.store.read() as conn:
        found = postages.of_box(conn, paid.box)
    assert found is not None and found.bought is not None
    assert (found.state, found.shipment, found.tracking) == ("bought", paid.shipment, paid.tracking)
    assert found.bought.cents == paid.bought.cents and found.label_at  # type: ignore[union-attr]
    old.close()
