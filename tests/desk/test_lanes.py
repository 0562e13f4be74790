"""The lanes: order, coming home to the GUI thread, refusals, bugs, and being superseded."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from bookwish_desk.actions.action import Outcome
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.sync.running import LaneBooks
from tests.support.shops import found_shop


@pytest.fixture
def lanes(tmp_path: Path, qtbot):
    store, _actor = found_shop(tmp_path)
    lanes = Lanes(store)
    yield lanes
    lanes.close()
    store.close()


def test_actions_run_in_order_and_come_home(lanes, qtbot):
    threads: set[threading.Thread] = set()
    seen: list[tuple[int, threading.Thread]] = []

    def act(number):
        def run(store):
            threads.add(threading.current_thread())
            return Outcome(number, frozenset({f"noun-{number}"}))

        return run

    nouns: list[object] = []
    lanes.changed.connect(nouns.append)
    for number in range(50):
        lanes.act(act(number), then=lambda v: seen.append((v, threading.current_thread())))
    qtbot.waitUntil(lambda: len(seen) == 50 and len(nouns) == 50)
    assert [v for v, _ in seen] == list(range(50))
    assert {t for _, t in seen} == {threading.main_thread()}
    assert threading.main_thread() not in threads
    assert nouns[7] == frozenset({"noun-7"})


def test_a_refusal_reaches_its_control_and_a_bug_reaches_the_dialog(lanes, qtbot, caplog):
    refusals: list[ShopError] = []
    sentences: list[str] = []
    lanes.broken.connect(sentences.append)

    def refuse(store):
        raise Refused("no", "Not like this.")

    def bug(store):
        raise ZeroDivisionError("secret detail")

    lanes.act(refuse, failed=refusals.append)
    lanes.act(bug, failed=refusals.append)
    lanes.act(refuse)
    qtbot.waitUntil(lambda: len(refusals) == 1 and len(sentences) == 2)
    assert refusals[0].code == "no"
    assert "secret" not in sentences[0]
    assert sentences[1] == "Not like this."
    assert "event=bug" in caplog.text


def test_the_lane_goes_on_after_a_bug(lanes, qtbot):
    done: list[str] = []
    lanes.work(lambda: 1 // 0)
    lanes.work(lambda: "alive", then=done.append)
    qtbot.waitUntil(lambda: done == ["alive"])


def test_a_newer_read_makes_older_ones_moot(lanes, qtbot):
    gate = threading.Event()
    ran: list[str] = []
    shown: list[str] = []

    def slow(store):
        gate.wait(60)
        return "old"

    def reading(word):
        def run(store):
            ran.append(word)
            return word

        return run

    lanes.read(slow, then=shown.append, latest="search")
    for word in ("a", "ab", "abc"):
        lanes.read(reading(word), then=shown.append, latest="search")
    gate.set()
    qtbot.waitUntil(lambda: bool(shown))
    lanes.read(reading("other"), then=shown.append)
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert shown == ["abc", "other"]
    assert ran == ["abc", "other"], "superseded reads are not even run"


def test_a_device_lane_writes_through_the_one_writer(lanes, qtbot):
    threads: list[str] = []
    got: list[str] = []
    nouns: list[object] = []
    lanes.changed.connect(nouns.append)

    def write(store):
        threads.append(threading.current_thread().name)
        return Outcome("written", frozenset({"outbox"}))

    lanes.work(lambda: lanes.write_now(write), then=got.append, lane="device-paper")
    qtbot.waitUntil(lambda: got == ["written"] and nouns == [frozenset({"outbox"})])
    assert threads == ["lane-shop"]


def test_what_people_do_overtakes_what_waits_behind_it(lanes, qtbot):
    books, gate, done = LaneBooks(lanes), threading.Event(), []

    def write(word):
        def run(store):
            done.append(word)
            return Outcome(word, frozenset())

        return run

    def hold(store):
        assert gate.wait(30)
        return Outcome(None, frozenset())

    lanes.act(hold)
    behind = [lanes.lane("shop").submit(lambda w=w: done.append(w), behind=True) for w in ("one", "two")]
    for word in ("scan", "pay"):
        lanes.act(write(word))
    gate.set()
    assert [future.result(30) for future in behind] == [None, None]
    assert done == ["scan", "pay", "one", "two"]
    assert lanes.lane("sync").submit(lambda: books.act(write("three"))).result(30) == "three"


def test_what_is_written_behind_learns_that_somebody_waits(lanes, qtbot):
    books, begun, gate = LaneBooks(lanes), threading.Event(), threading.Event()
    seen, done = [], []

    def long(store):
        seen.append(books.wanted())
        begun.set()
        assert gate.wait(30)
        seen.append(books.wanted())
        return Outcome(None, frozenset())

    def write(word):
        def run(store):
            done.append(word)
            return Outcome(None, frozenset())

        return run

    syncing = lanes.lane("sync").submit(lambda: books.act(long))
    assert begun.wait(30)
    more = lanes.lane("more").submit(lambda: books.act(write("more")))
    lanes.act(write("pay"))
    gate.set()
    syncing.result(30)
    more.result(30)
    assert seen == [False, True]
    assert done == ["pay", "more"]
    assert not books.wanted()


def test_closing_finishes_what_was_submitted(tmp_path, qtbot):
    store, _actor = found_shop(tmp_path)
    lanes = Lanes(store)
    done: list[int] = []
    for number in range(20):
        lanes.work(partial(done.append, number))
    lanes.lane("desk").submit(partial(done.append, 20), behind=True)
    lanes.close()
    store.close()
    assert done == list(range(21))
