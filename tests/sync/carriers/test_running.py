"""The lane of carriers: buying before the rest, the rest now and then, and a fault of one stops no other."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bookwish_desk.shop.errors import StorageError
from bookwish_desk.sync.carriers.buying import WayNow
from bookwish_desk.sync.carriers.running import IN_BETWEEN, REST_MS, Runner


class Steps:
    """An engine whose steps are a list: what each says, or raises."""

    def __init__(self, *says: Any) -> None:
        self.says = list(says)
        self.done = 0
        self.looked = 0
        self.now = WayNow()

    def step(self) -> int | None:
        self.done += 1
        said = self.says.pop(0) if self.says else None
        if isinstance(said, Exception):
            raise said
        return said

    def look_now(self) -> None:
        self.looked += 1


class Port:
    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


def runner(buying: Steps, *others: Steps) -> Runner:
    return Runner(Port(), buying, others, lambda: None)  # type: ignore[arg-type]


def test_buying_goes_first_and_the_rest_has_its_turn_in_between() -> None:
    buying, other = Steps(*[0] * 20), Steps(5_000)
    made = runner(buying, other)
    assert made.round() == 0
    assert (buying.done, other.done) == (IN_BETWEEN, 1)


def test_the_next_round_is_when_the_first_of_them_is_due() -> None:
    assert runner(Steps(None), Steps(9_000), Steps(4_000)).round() == 4_000
    assert runner(Steps(None), Steps(None)).round() is None
    assert runner(Steps(700), Steps(None)).round() == 700


def test_where_the_broker_is_away_nobody_asks_it() -> None:
    buying, other = Steps(2_000), Steps(0)
    buying.now = WayNow("away", "Gone.")
    assert runner(buying, other).round() == 2_000
    assert other.done == 0


def test_a_fault_of_one_stops_no_other() -> None:
    buying, other, last = Steps(ZeroDivisionError()), Steps(StorageError("disk_full", "Full.")), Steps(0)
    assert runner(buying, other, last).round() == 0
    assert runner(Steps(ValueError()), Steps(None)).round() == REST_MS


def test_it_runs_until_it_is_closed_and_looks_when_asked() -> None:
    buying, other = Steps(), Steps()
    made = runner(buying, other)
    thread = threading.Thread(target=made.run)
    thread.start()
    made.wake(look=True)
    while not other.looked:
        made.wake()
    made.close()
    thread.join(10)
    assert not thread.is_alive()
    assert made.port.closed.wait(10)  # type: ignore[attr-defined]
    assert buying.looked == other.looked == 1


@pytest.mark.parametrize(("asked", "says"), [(True, [None]), (False, [0, None])])
def test_what_the_first_label_needs_is_loaded_once_and_after_what_waits(asked: bool, says: list[Any]) -> None:
    buying, done, warmed = Steps(*says), [], threading.Event()

    def warm() -> None:
        done.append(buying.done)
        warmed.set()
        raise ZeroDivisionError

    made = Runner(Port(), buying, (), lambda: None, warm)  # type: ignore[arg-type]
    if asked:
        made.prepare()
    thread = threading.Thread(target=made.run)
    thread.start()
    assert warmed.wait(10)
    made.prepare()
    made.wake(look=True)
    while not buying.looked:
        made.wake()
    made.close()
    thread.join(10)
    assert done == [len(says)]
