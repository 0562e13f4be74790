"""Lines: everything that is taken ends and is told, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from bookwish_desk.sync.lines import ManyLines, OneLine


def counting(most: int) -> Iterator[Callable[[], int]]:
    for n in range(most):
        yield lambda n=n: n  # type: ignore[misc]


def test_one_line_does_one_after_the_other_when_it_is_asked_for() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[Callable[[], int]]:
        for n in range(3):
            taken.append(n)
            yield lambda n=n: n  # type: ignore[misc]

    ended = OneLine().each(jobs())
    assert next(ended) == 0
    assert taken == [0]
    assert list(ended) == [1, 2]


@pytest.mark.parametrize("spare", [0, 8])
def test_many_lines_do_each_job_once(spare: int) -> None:
    lines = ManyLines(4)
    assert sorted(lines.each(counting(100), spare)) == list(range(100))
    lines.close()


def test_no_more_is_taken_than_lines_and_spares_can_hold() -> None:
    lines, go = ManyLines(2), threading.Event()
    taken: list[int] = []

    def jobs() -> Iterator[Callable[[], int]]:
        for n in range(10):
            taken.append(n)
            if len(taken) == 3:
                go.set()  # the lines are full, and one is spare
            yield lambda n=n: n if go.wait(20) else -1  # type: ignore[misc]

    ended = lines.each(jobs(), 1)
    next(ended)
    assert taken == [0, 1, 2]
    assert len(list(ended)) == 9
    lines.close()


def test_what_breaks_in_taking_is_told_when_everything_under_way_has_ended() -> None:
    lines = ManyLines(2)

    def jobs() -> Iterator[Callable[[], int]]:
        yield lambda: 1
        yield lambda: 2
        raise ValueError("no more")

    got: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        for one in lines.each(jobs()):
            got.append(one)
    assert sorted(got) == [1, 2]
    lines.close()


def test_closed_lines_still_tell_what_was_taken() -> None:
    lines = ManyLines(1)
    ended = lines.each(counting(5), 3)
    got = [next(ended)]
    lines.close()
    assert sorted([*got, *ended]) == list(range(5))
    assert lines.ahead(lambda: 7)() == 7


def test_what_is_begun_ahead_is_there_when_it_is_asked_for() -> None:
    lines = ManyLines(1)
    begun = threading.Event()

    def work() -> int:
        begun.set()
        return 5

    result = lines.ahead(work)
    assert begun.wait(20)
    assert result() == 5
    lines.close()
