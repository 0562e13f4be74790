"""One runner at a time on a lane, and who watches a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.sync.driving import Driven, Wanted, Watched


class Slow:
    """A lane whose jobs run when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], None], Callable[[ShopError], None]]] = []

    def work(self, job: Callable[[], None], *, failed: Callable[[ShopError], None], lane: str) -> None:
        assert lane == "driven"
        self.jobs.append((job, failed))

    def run(self) -> None:
        job, failed = self.jobs.pop(0)
        try:
            job()
        except ShopError as error:
            failed(error)


class Drives:
    """Something driven, with what became of its runners."""

    def __init__(self) -> None:
        self.lane = Slow()
        lanes: Any = self.lane
        self.driven: Driven[str] = Driven(lanes, "driven")
        self.made: list[str] = []
        self.ran: list[str] = []
        self.left: list[str] = []
        self.failed: list[tuple[str, bool]] = []

    def begin(self, name: str, while_made: Callable[[], object] = lambda: None) -> None:
        def make(_wanted: Wanted) -> str:
            self.made.append(name)
            while_made()
            return name

        self.driven.begin(
            make, self.ran.append, self.left.append, lambda e, wanted: self.failed.append((e.code, wanted()))
        )


def test_a_runner_is_made_and_run_on_the_lane_and_let_go_of_once() -> None:
    drives = Drives()
    drives.begin("one")
    assert drives.ran == []
    drives.lane.run()
    assert (drives.driven.runner, drives.ran, drives.left) == ("one", ["one"], [])
    assert (drives.driven.stop(), drives.driven.stop()) == ("one", None)


def test_what_is_stopped_before_the_lane_comes_to_it_is_never_made() -> None:
    drives = Drives()
    drives.begin("one")
    drives.driven.stop()
    drives.begin("two")
    drives.lane.run()
    drives.lane.run()
    assert (drives.made, drives.ran, drives.driven.runner) == (["two"], ["two"], "two")


def test_what_is_stopped_while_it_is_made_is_left_and_never_run() -> None:
    drives = Drives()
    drives.begin("one", while_made=drives.driven.stop)
    drives.lane.run()
    assert (drives.made, drives.ran, drives.left) == (["one"], [], ["one"])
    assert drives.driven.runner is None


def test_a_failure_says_whether_it_still_matters() -> None:
    drives = Drives()

    def fails() -> None:
        raise Refused("no_key", "There is no key.")

    drives.begin("one", while_made=fails)
    drives.lane.run()

    def fails_late() -> None:
        drives.driven.stop()
        fails()

    drives.begin("two", while_made=fails_late)
    drives.lane.run()
    assert drives.failed == [("no_key", True), ("no_key", False)]


def test_watchers_hear_each_new_state_until_they_end_it() -> None:
    known = Watched(0)
    first: list[int] = []
    second: list[int] = []
    known.watch(first.append)
    end = known.watch(second.append)
    known.show(1)
    known.show(1)
    end()
    end()
    known.show(2)
    assert (first, second, known.state) == ([1, 2], [1], 2)
