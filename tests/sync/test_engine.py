"""The engine: what is due next, who does it, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import configuring, connecting
from bookwish_desk.db import passes
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.online import Abilities, OnlineSettings
from bookwish_desk.shop.opening_hours import OpeningHours
from bookwish_desk.shop.sync_state import CLOCK_WARNING_MS, Pass
from bookwish_desk.sync import cadence, engine
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.reach import MOST_IN_A_ROW, Reach, jittered
from tests.simulation.far_shop import STORE
from tests.support.shops import FrozenClock, hire
from tests.sync.online_bed import ALL, Bed, Make, beds

HOUR = 3_600_000


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with beds(tmp_path) as make:
        yield make


def between(bed: Bed, name: str, most_ms: int) -> list[int]:
    """Return the times (ms) between requests of a kind while time passes."""
    moments: list[int] = []
    call = getattr(bed.port, name)

    def watched(*arguments: Any, **named: Any) -> Any:
        moments.append(bed.clock.at)
        return call(*arguments, **named)

    setattr(bed.port, name, watched)
    bed.settle(most_ms)
    return [b - a for a, b in pairwise(moments)]


# ---- when ----


def test_everything_is_read_once_when_the_store_is_connected(make: Make) -> None:
    bed = make(first=False)
    order = bed.ordered()
    bed.run()
    assert bed.ours(order.id) is not None
    (first,) = [p for p in bed.engine.state().passes if p.kind == "first"]
    assert first.complete
    bed.engine = bed.made_engine()
    bed.run()
    assert [p.kind for p in bed.engine.state().passes].count("first") == 1, "a restart does not read all anew"


@pytest.mark.capability("BW-01")
def test_orders_are_asked_for_often_while_the_shop_is_open_and_seldom_when_it_is_closed(make: Make) -> None:
    bed = make(Abilities(feed=True))
    gaps = between(bed, "order_feed", 3 * 60_000)
    assert gaps
    assert all(14_000 <= gap <= 19_000 for gap in gaps)
    week = tuple(((1, 2),) for _ in range(7))
    configuring.change_settings(bed.store, bed.owner, hours=OpeningHours(week=week))
    bed.settle(60_000)
    gaps = between(bed, "order_feed", 6 * 60_000)
    assert all(59_000 <= gap <= 64_000 for gap in gaps[1:])


def test_a_whole_list_is_asked_for_at_most_once_a_minute(make: Make) -> None:
    bed = make()
    assert min(between(bed, "order_list", 10 * 60_000)) >= 59_000


def test_what_was_sent_brings_the_next_look_forward(make: Make) -> None:
    bed = make(Abilities(feed=True))
    bed.settle(20_000)
    bed.sold()
    bed.asked.clear()
    bed.settle(cadence.SOON_MS + 1_000)
    assert bed.calls("send_sale")
    assert bed.calls("order_feed")


def test_looks_are_not_all_at_the_same_distance() -> None:
    clock = FrozenClock()
    draws = iter((0.0, 0.5, 1.0) * 20)
    made = cadence.Cadence(_NoHours(), clock, lambda: next(draws), lambda: False)  # type: ignore[arg-type]
    waits = set()
    for _ in range(3):
        made.put_off("stock", broken=False)
        waits.add(round(made.until("stock") / cadence.AGAIN_MS, 1))
    assert waits == {0.8, 1.0, 1.2}


class _NoHours:
    def read(self, _reading: Any) -> Any:
        return OpeningHours()


@pytest.mark.parametrize("jump", [-HOUR, HOUR, -30 * 24 * HOUR])
def test_a_clock_that_jumps_holds_nothing_up(make: Make, jump: int) -> None:
    bed = make(Abilities(feed=True))
    bed.wire.always = "late"
    bed.sold()
    bed.settle(60_000)
    bed.wire.always = ""
    bed.clock.at += jump
    order = bed.ordered()
    bed.settle(6 * 60_000)
    assert bed.ours(order.id) is not None
    assert bed.engine.state().way == "ok"


# ---- who ----


def test_one_register_does_it_and_the_other_takes_over_when_it_is_gone(make: Make) -> None:
    bed = make()
    other = bed.made_engine("another")
    sale = bed.sold()
    other.step()
    assert bed.states("sale") == ["new"]
    assert other.state().way == "standby"
    assert "another register" in other.state().words.casefold()
    bed.pass_time(engine.LEASE_MS)
    other.step()
    assert bed.states("sale") == ["done"]
    assert bed.far.sale_ids == [sale.id]
    bed.engine.step()
    assert bed.engine.state().way == "standby"


def test_whoever_closes_lets_the_other_go_on_at_once(make: Make) -> None:
    bed = make()
    other = bed.made_engine("another")
    bed.sold()
    other.step()
    bed.engine.close()
    bed.engine.give_up_lease()
    other.step()
    assert bed.states("sale") == ["done"]


def test_a_lease_from_before_the_clock_was_put_back_is_over(make: Make) -> None:
    bed = make()
    bed.clock.at -= 10 * HOUR
    other = bed.made_engine("another")
    bed.sold()
    other.step()
    assert bed.states("sale") == ["done"]


# ---- paused, disconnected ----


def test_paused_nothing_is_asked_and_nothing_is_lost(make: Make) -> None:
    bed = make()
    connecting.pause(bed.store, bed.owner)
    bed.sold()
    bed.asked.clear()
    bed.settle(10 * 60_000)
    assert bed.asked == []
    assert bed.engine.state().way == "paused"
    assert bed.states("sale") == ["new"]
    connecting.resume(bed.store, bed.owner)
    bed.settle(20_000)
    assert bed.states("sale") == ["done"]


def test_disconnected_what_waits_is_kept(make: Make) -> None:
    bed = make()
    bed.sold()
    connecting.disconnect(bed.store, bed.owner)
    bed.settle(60_000)
    assert bed.states("sale") == ["new"]
    assert bed.engine.state().way == "none"


def test_another_store_is_refused_while_something_waits_for_this_one(make: Make) -> None:
    bed = make()
    bed.sold()
    other = OnlineSettings("https://other.example", "a@b.example", "st-other", "Other")
    with pytest.raises(Refused, match="still waits for the online store Simulated"):
        connecting.connect(bed.store, bed.owner, other)
    bed.settle(20_000)
    connecting.connect(bed.store, bed.owner, other)
    assert bed.store.settings.online.store_id == "st-other"


def test_a_store_that_moved_to_another_address_is_the_same_one(make: Make) -> None:
    bed = make()
    before = bed.store.settings.online
    bed.sold()
    bed.pass_time(HOUR)
    connecting.connect(bed.store, bed.owner, replace(before, address="https://new.example"))
    assert bed.store.settings.online.since == before.since


def test_who_may_connect_is_asked_and_it_is_written_down(make: Make) -> None:
    bed = make()
    with pytest.raises(NeedsApproval):
        connecting.connect(bed.store, hire(bed.store, "staff"), bed.store.settings.online)
    with pytest.raises(NeedsApproval):
        connecting.pause(bed.store, hire(bed.store, "staff", "Ann"))
    connecting.pause(bed.store, bed.owner)
    connecting.disconnect(bed.store, bed.owner)
    with bed.store.read() as conn:
        kinds = conn.exec_driver_sql(
            "SELECT kind FROM journal WHERE kind LIKE 'online.%' ORDER BY seq"
        ).fetchall()
    assert [k for (k,) in kinds] == ["online.connected", "online.paused", "online.disconnected"]


# ---- the first reading ----


def until_orders_are_read(bed: Bed) -> None:
    for _ in range(20):
        first = bed.engine.state().first
        if first is not None and first.what == "orders":
            return
        bed.engine.step()
    pytest.fail("orders were never read")


def test_the_first_reading_can_be_broken_off_and_gone_on_with(make: Make) -> None:
    bed = make(first=False, copies=200)
    orders = [bed.ordered() for _ in range(90)]
    until_orders_are_read(bed)
    bed.engine.cancel_first()
    bed.engine.step()
    state = bed.engine.state()
    assert state.first is None
    assert state.first_stopped
    assert any(bed.ours(o.id) is None for o in orders)
    bed.engine.sync_now()
    bed.run(30)
    assert not bed.engine.state().first_stopped
    assert all(bed.ours(o.id) is not None for o in orders)


def test_what_was_broken_off_comes_with_later_passes(make: Make) -> None:
    bed = make(first=False, copies=200)
    orders = [bed.ordered() for _ in range(90)]
    until_orders_are_read(bed)
    bed.engine.cancel_first()
    bed.settle(5 * 60_000)
    assert all(bed.ours(o.id) is not None for o in orders)


# ---- waiting for news ----


def test_a_store_that_can_wait_is_asked_to_and_news_comes_at_once(make: Make) -> None:
    bed = make(Abilities(feed=True, long_poll=30))
    bed.settle(20_000)
    bed.asked.clear()
    waited: list[int] = []
    feed = bed.port.order_feed

    def patient(after: str, limit: int, wait_s: int = 0) -> Any:
        if wait_s and not waited:
            waited.append(wait_s)
            bed.clock.at += 3_000
            bed.ordered()
        return feed(after, limit)

    bed.port.order_feed = patient  # type: ignore[method-assign]
    for _ in range(6):
        bed.engine.down(wait=True)
    assert waited == [engine.WAIT_S]
    with bed.store.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM online_orders").scalar() == 1


def test_a_store_that_answers_at_once_though_asked_to_wait_is_not_stormed(make: Make) -> None:
    bed = make(Abilities(feed=True, long_poll=30))
    bed.settle(20_000)
    bed.engine.down(wait=True)
    assert bed.engine.down(wait=True) > 1_000


# ---- what it says of itself ----


@pytest.mark.capability("OMG-08")
def test_it_says_since_when_the_store_is_away_and_what_waits(make: Make) -> None:
    bed = make(Abilities(feed=True))
    assert bed.engine.state().way == "ok"
    bed.wire.always = "late"
    since = bed.clock.at
    for _ in range(2):
        bed.sold()
    bed.settle(5 * 60_000)
    state = bed.engine.state()
    assert state.way == "away"
    assert since <= state.away_since <= since + 2 * 60_000
    assert state.waiting + state.uncertain == 2
    assert state.next_try_at > bed.clock.at or state.next_try_at == 0
    bed.wire.always = ""
    bed.settle(6 * 60_000)
    state = bed.engine.state()
    assert (state.way, state.away_since) == ("ok", 0)


@pytest.mark.parametrize(
    ("off", "differs"), [(60_000, False), (CLOCK_WARNING_MS + 5_000, True), (-HOUR, True)]
)
def test_it_says_when_the_clocks_differ_and_still_syncs(make: Make, off: int, differs: bool) -> None:
    bed = make(first=False)
    bed.far.now = lambda: bed.clock.at + off
    bed.run()
    bed.sold()
    bed.settle(20_000)
    assert bed.states("sale") == ["done"]
    state = bed.engine.state()
    assert abs(state.clock_off_ms - off) < 1_000
    assert state.clock_differs == differs


def test_a_fault_of_the_books_rests_and_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    bed = make()

    def broken(_store: Any) -> Any:
        raise ValueError("nonsense")

    monkeypatch.setattr("bookwish_desk.actions.uploading.waiting_until", broken)
    assert bed.engine.up() == engine.PAUSE_MS
    assert bed.engine.state().words == "Something went wrong. It is tried again."
    monkeypatch.undo()
    bed.pass_time(engine.PAUSE_MS)
    bed.engine.up()
    assert not bed.engine.state().words


def test_only_the_latest_passes_are_remembered(make: Make) -> None:
    bed = make()
    for n in range(passes.KEPT + 10):
        connecting.note_pass(bed.store, Pass(kind="stock", began_at=n, ended_at=n, complete=True))
    with bed.store.read() as conn:
        kept = passes.latest(conn, 1_000)
    assert len(kept) == passes.KEPT
    assert kept[0].began_at == passes.KEPT + 9


def test_what_the_store_can_do_is_asked_once_a_day(make: Make) -> None:
    bed = make(first=False)
    bed.run()
    bed.settle(60_000)
    assert len(bed.calls("discover")) == 1
    bed.pass_time(engine.ABLE_MS)
    bed.run()
    assert len(bed.calls("discover")) == 2


# ---- the way there ----


def test_one_request_that_fails_again_and_again_holds_up_nothing_else() -> None:
    reach = Reach(FrozenClock(), lambda: 0.5)
    for _ in range(10):
        reach.hear("row", Reply("unknown"))
    assert not reach.holds
    for n in range(MOST_IN_A_ROW):
        reach.hear(f"row {n}", Reply("unknown", words="No answer."))
    assert reach.holds
    assert reach.words == "No answer."
    reach.try_now()
    reach.hear("other", Reply("done", 1, status=200))
    assert not reach.holds
    assert reach.away_since == 0


def test_waits_are_drawn_from_spans_that_double_up_to_five_minutes() -> None:
    assert jittered(0, lambda: 0.0) == jittered(9, lambda: 0.0) == 500
    spans = [jittered(n, lambda: 1.0) for n in range(10)]
    assert spans[:3] == [2_500, 4_500, 8_500]
    assert spans[-1] == 300_500


def test_the_engine_never_sleeps_and_has_no_thread(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    bed = make(ALL, first=False)
    monkeypatch.setattr(time, "sleep", lambda _s: pytest.fail("it slept"))
    before = threading.active_count()
    bed.sold()
    bed.settle(30_000)
    assert threading.active_count() == before
    assert STORE in bed.store.settings.online.store_id
