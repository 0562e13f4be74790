"""No label is ever paid twice: every fault at every call, and a stop of the desk between any two commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.actions import buying
from bookwish_desk.db import orders, postages
from bookwish_desk.shop.postage import RATES_LIVE_MS, Postage
from bookwish_desk.sync.books import DirectBooks
from tests.support.fake_carriers import FAULTS
from tests.support.parcels import ParcelDesk, copied_desk, wanted

CALLS = ("create", "buy", "read", "label", "rerate")
FINAL = ("funds", "failure")
"""Faults after which a label is certainly not bought, and stays so until somebody decides."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


class Crash(BaseException):
    """The desk stops here."""


class Crashing(DirectBooks):
    """Books that stop the desk at the moments of a list: before or after a commit."""

    def __init__(self, desk: ParcelDesk, tick: Callable[[], None]) -> None:
        super().__init__(desk.store)
        self._tick = tick

    def act(self, action: Any) -> Any:
        """Do it, or stop before or after it."""
        self._tick()
        done = super().act(action)
        self._tick()
        return done


def settle(desk: ParcelDesk, postage: Postage, *, most_ms: int = 3_600_000) -> Postage:
    """Let everything come to rest; where the key was called wrong, begin anew as with a new one."""
    desk.run(most_ms)
    if desk.engine.now.way == "key":
        desk.started()
        desk.run(most_ms)
    return desk.now(postage)


def hold(desk: ParcelDesk, label: Postage, *, bought: bool = True) -> None:
    """Hold what must be true at the end, whatever happened."""
    paid = [made for made in desk.carriers.shipments.values() if made.bought is not None]
    assert len(paid) == len(desk.carriers.purchases) == (1 if bought else 0)
    if not bought:
        assert label.state == "refused" and label.words and not label.wanted_at
        return
    assert label.state == "bought" and label.shipment == paid[0].id
    assert desk.carriers.spent_cents == 420 == label.bought.cents  # type: ignore[union-attr]
    with desk.store.read() as conn:
        order = orders.load(conn, desk.order.id)
        assert postages.label(conn, label.id) is not None
    assert order.parcels[0].shipped_at and order.parcels[0].tracking == label.tracking
    assert len(label.printed) == 1


@pytest.mark.capability("BW-11", "BW-12")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_one_fault_at_one_call_buys_one_label(desk: ParcelDesk, call: str, fault: str) -> None:
    if call == "read":
        # What is never in doubt is never read.
        desk.carriers.faults["buy", 0] = "lost_after"
    desk.carriers.faults[call, 0] = fault
    asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
    priced = settle(desk, asked)
    if call == "create" and fault in (*FINAL, "exists", "in_progress"):
        assert priced.state == "refused" and not desk.carriers.purchases
        buying.ask_again(desk.store, desk.actor, asked.id)
        priced = settle(desk, asked)
    assert priced.state == "created" and not desk.carriers.purchases, "nobody wanted it yet"
    if call == "rerate":
        desk.clock.at += RATES_LIVE_MS + 1
        fresh = buying.want(desk.store, desk.actor, [(asked.id, priced.quoted.rates[0].id)])  # type: ignore[union-attr]
        assert fresh.value
    else:
        desk.want(priced)
    label = settle(desk, asked)
    refused = fault in FINAL and call in ("buy", "rerate")
    hold(desk, label, bought=not refused)
    # A stop of the desk changes nothing any more.
    desk.started()
    assert msgspec.structs.replace(settle(desk, asked), proven_at=0) == label
    assert desk.carriers.count("buy") <= 3


# ---- stops of the desk ----


class Stops:
    """Stops the desk at the moments of a list: each commit and each call counts before and after it."""

    def __init__(self, desk: ParcelDesk, at: Sequence[int]) -> None:
        self.desk = desk
        self._at = set(at)
        self.moments = 0
        desk.books = Crashing(desk, self.tick)
        desk.carriers.before = desk.carriers.after = lambda _call: self.tick()

    def tick(self) -> None:
        """Go on, or stop the desk."""
        self.moments += 1
        if self.moments in self._at:
            raise Crash

    def run(self) -> None:
        """Let the desk work, starting it again after each stop; a slow broker goes on meanwhile."""
        while True:
            try:
                self.desk.run(7_200_000)
            except Crash:
                self.desk.clock.at += 500
                self.desk.started()
                continue
            return


def bought_through(folder: Path, at: Sequence[int], faults: dict[tuple[str, int], str]) -> Stops:
    """Buy a label through stops and faults, and hold that there is one."""
    desk = copied_desk(folder)
    try:
        desk.carriers.faults = faults
        stops = Stops(desk, at)
        desk.started()
        asked = buying.ask(desk.store, desk.actor, wanted(desk.order)).value
        stops.run()
        priced = desk.now(asked)
        assert priced.state == "created"
        desk.want(priced)
        stops.run()
        label = desk.now(asked)
        if label.state == "created" and not label.wanted_at:
            # The desk was off for too long: somebody goes on.
            assert label.words and not desk.carriers.purchases
            desk.want(label)
            stops.run()
            label = desk.now(asked)
        hold(desk, label)
        return stops
    finally:
        desk.store.close()


@pytest.mark.capability("BW-11", "BW-12")
@pytest.mark.parametrize("fault", ["", "lost_after", "slow", "lost_before"])
def test_a_stop_at_any_moment_buys_one_label(tmp_path: Path, fault: str) -> None:
    """The shortest way has some moments; the desk is stopped at each of them once."""
    plan = {("buy", 0): fault} if fault else {}
    moments = bought_through(tmp_path / "whole", (), dict(plan)).moments
    assert moments >= 16
    for moment in range(1, moments + 1):
        bought_through(tmp_path / str(moment), (moment,), dict(plan))


_FAULTS = st.sampled_from([name for name in FAULTS if name not in (*FINAL, "signed_out")])
_PLANS = st.dictionaries(st.tuples(st.sampled_from(("buy", "read", "label")), st.integers(0, 2)), _FAULTS)
_UNPRICED = st.dictionaries(
    st.tuples(st.just("create"), st.integers(0, 2)),
    st.sampled_from(("not_sent", "lost_before", "lost_after", "html_after", "limited")),
)


@pytest.mark.capability("BW-11", "BW-12")
@settings(max_examples=100)
@given(at=st.lists(st.integers(1, 40), max_size=4), plan=_PLANS, unpriced=_UNPRICED)
def test_stops_and_faults_together_buy_one_label(
    tmp_path_factory: pytest.TempPathFactory,
    at: list[int],
    plan: dict[tuple[str, int], str],
    unpriced: dict[tuple[str, int], str],
) -> None:
    bought_through(tmp_path_factory.mktemp("shop"), at, {**plan, **unpriced})
