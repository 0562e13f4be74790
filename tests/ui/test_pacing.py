"""Doing something at most so often, and one thing after another."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.ui.pacing import Pump, Rests


class Clock:
    """What is to be called later, until the test lets time pass."""

    def __init__(self) -> None:
        self.later: list[tuple[int, Callable[[], None]]] = []

    def __call__(self, ms: int, do: Callable[[], None]) -> None:
        self.later.append((ms, do))

    def passes(self) -> None:
        waiting, self.later = self.later, []
        for _ms, do in waiting:
            do()


def test_what_is_asked_for_while_it_rests_is_done_once_after() -> None:
    clock, done = Clock(), list[str]()
    loads = Rests(clock, 300, lambda: done.append("read"))
    assert loads.soon() and [ms for ms, _ in clock.later] == [300]
    assert not loads.soon() and not loads.soon()
    assert done == ["read"]
    clock.passes()
    assert done == ["read", "read"]
    clock.passes()
    assert (done, clock.later) == (["read", "read"], [])
    assert loads.soon() and len(done) == 3


def test_what_nobody_wants_any_more_is_not_done() -> None:
    clock, done, shown = Clock(), list[str](), [True]
    loads = Rests(clock, 300, lambda: done.append("read"), lambda: shown[0])
    loads.soon()
    loads.soon()
    shown[0] = False
    clock.passes()
    assert not loads.soon() and done == ["read"]
    shown[0] = True
    assert loads.soon() and done == ["read", "read"]


def test_a_thousand_things_that_answer_at_once_are_done_in_order_and_on_a_flat_stack() -> None:
    waiting, done, depth = list(range(2_000)), list[int](), [0]

    def begin() -> bool:
        if not waiting:
            return False
        depth[0] += 1
        assert depth[0] == 1, "one is begun inside of another"
        done.append(waiting.pop(0))
        pump.go()
        depth[0] -= 1
        return True

    pump = Pump(begin)
    pump.go()
    assert done == list(range(2_000))


def test_what_answers_later_is_waited_for() -> None:
    waiting, begun = ["one", "two"], list[str]()

    def begin() -> bool:
        if waiting:
            begun.append(waiting.pop(0))
            return True
        return False

    pump = Pump(begin)
    pump.go()
    assert begun == ["one"]
    pump.go()
    assert begun == ["one", "two"]
    pump.go()
    assert begun == ["one", "two"]


def test_a_beginning_that_fails_leaves_the_rest_to_be_gone_on_with() -> None:
    begun: list[str] = []

    def begin() -> bool:
        begun.append("again")
        if len(begun) == 1:
            raise ZeroDivisionError
        return False

    pump = Pump(begin)
    try:
        pump.go()
    except ZeroDivisionError:
        pump.go()
    assert begun == ["again", "again"]
