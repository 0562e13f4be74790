"""What comes after buying, in any order and with any fault: nothing is done twice, and all comes to rest.

Hypothesis chooses what people do, what the broker does to each call, and when the desk stops.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bookwish_desk.actions import handing_over, voiding
from bookwish_desk.db import checks, handovers, order_checks, orders, postage_checks, postages
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.handover import Visit
from bookwish_desk.shop.postage import PAID, Postage
from bookwish_desk.shop.staff import Actor
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.carriers.following import Following
from bookwish_desk.sync.carriers.handing import Handing
from bookwish_desk.sync.carriers.voiding import Voiding
from tests.support.after_desk import DAY, HOUR, after_desk
from tests.support.fake_after import AfterCarriers
from tests.support.fake_carriers import DONE, LOST
from tests.support.shops import FrozenClock

CALLS = ("refund", "read", "insure", "tracks", "manifest", "manifest_now", "manifest_file", "collection",
         "book", "collection_now", "cancel_collection")  # fmt: skip
FAULTS = sorted({*LOST, *DONE} - {"funds", "failure", "exists"})
STATUSES = (
    "pre_transit",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "failure",
    "return_to_sender",
    "unknown",
)
LABELS = 3


@lru_cache
def _template(work: Path) -> tuple[Path, Actor, AfterCarriers, int, tuple[str, ...]]:
    """Return a shop with bought labels to copy, who works in it, its broker, the time, and the labels."""
    folder = work / "template"
    desk = after_desk(folder)
    labels = [desk.bought()]
    labels += [desk.bought(desk.packed(f"BW-{n}")) for n in range(1, LABELS)]
    desk.store.close()
    return folder, desk.actor, desk.carriers, desk.clock.at, tuple(p.id for p in labels)


@pytest.fixture(autouse=True, scope="module")
def work_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    AfterMachine.work = tmp_path_factory.mktemp("after")


class AfterMachine(RuleBasedStateMachine):
    """A desk at its day's end."""

    work: Path
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.work))
        self.visits: list[str] = []
        self.booked: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        """Begin with three labels, bought today."""
        template, self.actor, carriers, at, self.labels = _template(self.work)
        shutil.copytree(template, self.folder / "shop")
        self.clock = FrozenClock(at)
        self.store = open_store(self.folder / "shop", clock=self.clock)
        self.carriers = copy.copy(carriers)
        for name, value in vars(carriers).items():
            if isinstance(value, dict | list):
                setattr(self.carriers, name, copy.deepcopy(value))
        self.carriers.clock = self.clock
        self.restart()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            try:
                self.all_comes_to_rest()
            finally:
                self.store.close()
        shutil.rmtree(self.folder)

    # ---- the desk ----

    @rule()
    def restart(self) -> None:
        """Stop the desk, and start it again."""
        parts = (self.carriers, DirectBooks(self.store), self.clock, lambda: 0.5)
        self.engines = (Voiding(*parts), Handing(*parts), Following(*parts))

    @rule(call=st.sampled_from(CALLS), fault=st.sampled_from(FAULTS))
    def goes_wrong(self, call: str, fault: str) -> None:
        self.carriers.faults[call, self.carriers.count(call)] = fault

    @rule(often=st.integers(1, 6))
    def works(self, often: int) -> None:
        for _ in range(often):
            waits = [wait for engine in self.engines if (wait := engine.step()) is not None]
            self.clock.at += min((w for w in waits if w), default=0) if 0 not in waits else 0

    @rule(hours=st.sampled_from([1, 5, 30]))
    def time_passes(self, hours: int) -> None:
        self.clock.at += hours * HOUR

    def all_comes_to_rest(self) -> None:
        self.carriers.faults.clear()
        hours = 0
        for _ in range(400):
            waits = [wait for engine in self.engines if (wait := engine.step()) is not None]
            near = [w for w in waits if w < 20 * 60_000]
            if near:
                self.clock.at += min(near)
            elif hours == 4:  # what was put off for an hour had its turn, and its doubts theirs
                break
            else:
                hours += 1
                self.clock.at += HOUR
        with self.store.read() as conn:
            assert [m.state for m in handovers.manifests_in(conn, ("new", "asking", "uncertain"))] == []
            doubtful = handovers.visits_in(conn, ("new", "booking", "uncertain", "cancelling"))
            assert [v.state for v in doubtful] == []
            unasked = [p for p in postages.in_state(conn, ("voiding",)) if not p.refund]
            assert unasked == []
            assert postage_checks.everything(conn)[0] == []

    # ---- people ----

    def row(self, data: st.DataObject) -> Postage:
        with self.store.read() as conn:
            return postages.load(conn, data.draw(st.sampled_from(self.labels)))

    def tried(self, act: Any, *args: Any, **more: Any) -> Any:
        try:
            return act(self.store, self.actor, *args, **more).value
        except Refused as refused:
            assert refused.message.endswith(".")
            return None

    @rule(data=st.data(), again=st.booleans())
    def gives_a_label_back(self, data: st.DataObject, again: bool) -> None:
        self.tried(voiding.void, self.row(data).id, "Wrong box", goes_again=again)

    @rule(data=st.data())
    def insures(self, data: st.DataObject) -> None:
        self.tried(voiding.insure, self.row(data).id, 5_000)

    @rule()
    def lists_the_day(self) -> None:
        self.tried(handing_over.make_manifests)

    @rule(data=st.data())
    def hands_over(self, data: st.DataObject) -> None:
        self.tried(handing_over.hand_over, [self.row(data).id])

    @rule(data=st.data())
    def asks_for_a_visit(self, data: st.DataObject) -> None:
        at = self.clock.at
        visit = self.tried(handing_over.ask_visit, [self.row(data).id], at + HOUR, at + 3 * DAY)
        if visit is not None:
            self.visits.append(visit.id)

    def visit(self, data: st.DataObject) -> Visit | None:
        if not self.visits:
            return None
        with self.store.read() as conn:
            return handovers.visit(conn, data.draw(st.sampled_from(self.visits)))

    @rule(data=st.data())
    def books_a_visit(self, data: st.DataObject) -> None:
        if (visit := self.visit(data)) and self.tried(handing_over.book_visit, visit.id, "SameDay"):
            self.booked[visit.collection.id if visit.collection else ""] += 1

    @rule(data=st.data())
    def calls_a_visit_off(self, data: st.DataObject) -> None:
        if visit := self.visit(data):
            self.tried(handing_over.cancel_visit, visit.id)

    # ---- carriers ----

    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def a_parcel_moves(self, data: st.DataObject, status: str) -> None:
        self.carriers.move(self.row(data).tracking, status)

    @rule(state=st.sampled_from(["refunded", "rejected"]))
    def refunds_are_settled(self, state: str) -> None:
        self.carriers.settle_refunds(state)

    @rule()
    def a_refund_is_rejected(self) -> None:
        self.carriers.rejects = 1

    # ---- what is always true ----

    @invariant()
    def nothing_is_done_twice(self) -> None:
        if not hasattr(self, "store"):
            return
        inside = Counter(x for shipments in self.carriers.forms.values() for x in shipments)
        assert all(count == 1 for count in inside.values())
        assert all(len(amounts) == 1 for amounts in self.carriers.insured.values())
        for pickup, count in Counter(self.carriers.bookings).items():
            assert count <= self.booked[pickup]
        assert len(self.carriers.purchases) == LABELS

    @invariant()
    def the_books_are_sound(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.read() as conn:
            assert order_checks.everything(conn) == []
            assert checks.stock(conn) == []
            assert postage_checks.everything(conn)[0] == []
            rows = postages.by_ids(conn, self.labels)
            assert postages.spent_cents(conn, 0) == sum(postages.cents_of(p) for p in rows if p.state in PAID)
            for label in rows:
                refund = self.carriers.shipments[label.shipment].refund
                assert label.state != "voided" or refund == "refunded", "asked for is not given back"
                order = orders.load(conn, label.orders[0])
                if label.state == "voided":
                    assert order.parcels[0].tracking != label.tracking


TestAfter = AfterMachine.TestCase
TestAfter.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAfter = pytest.mark.capability("OMG-22", "WSM-18")(TestAfter)
