"""Two things timed in turn, call by call, and what came of it as a row: never a figure without its floor."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

Call = Callable[[], object]
Pairs = Iterable[tuple[Call, Call]]
Clock = Literal["processor", "wall"]
Figure = Literal["ratio", "p99_ratio", "p99_ms", "p999_ms", "worst_ms", "mb", "share"]
Measured = Literal["processor ms", "wall ms", "disk MB", "memory MB"]
_MS = 1_000_000

LEAST_SYNC_MS = 1.0
"""What a sync takes a quick SSD of a shop's computer."""

_VOID = "void: the floor itself moved by more than 2x"
_WORDS = {"p99_ratio": "p99 ratio", "p99_ms": "p99 ms", "p999_ms": "p99.9 ms", "worst_ms": "worst ms"}


class Limit(msgspec.Struct, frozen=True):
    """What a figure of a row may be at most: a gate fails the run, an aim is what we publish."""

    figure: Figure
    most: float

    def __str__(self) -> str:
        """Return it as people read it: ratio <= 5."""
        return f"{_WORDS.get(self.figure, self.figure).replace('mb', 'MB')} <= {self.most:g}"


Limits = Limit | tuple[Limit, ...] | None


class Row(msgspec.Struct, frozen=True):
    """One row of the table: ours and the floor, in milliseconds on one clock or in MB, and how they compare.

    `key` asks for it with --only, `number` is that of the list of aims. `ratio` is the middle of the
    rounds' ratios of medians; `held` and `reached` are None where there is no limit, or where the run was
    void: the floor itself moved.
    """

    key: str
    name: str
    measured: Measured
    n: int
    ours: float
    floor: float
    ratio: float
    p99: float = 0
    worst: float = 0
    floor_p99: float = 0
    wall_p99: float = 0
    gate: str = ""
    held: bool | None = None
    aim: str = ""
    reached: bool | None = None
    note: str = ""
    number: int = 0


class Times(msgspec.Struct):
    """Nanoseconds of every call on both clocks, by round."""

    wall: list[list[int]] = []
    processor: list[list[int]] = []

    def begin_round(self) -> None:
        """Start another round."""
        self.wall.append([])
        self.processor.append([])

    def take(self, call: Call, clock: Callable[[], int]) -> None:
        """Do one call and keep what it took."""
        wall, processor = time.perf_counter_ns(), clock()
        call()
        self.processor[-1].append(clock() - processor)
        self.wall[-1].append(time.perf_counter_ns() - wall)


def in_turn(rounds: Sequence[Pairs], clock: Callable[[], int] = time.thread_time_ns) -> tuple[Times, Times]:
    """Do pairs of calls (ours, the floor) in turn, who is first changing, and return what each took.

    What a round does between its pairs is not counted. `clock` is that of the processor.
    """
    ours, floor = Times(), Times()
    for pairs in rounds:
        gc.collect()
        ours.begin_round()
        floor.begin_round()
        for place, (our_call, floor_call) in enumerate(pairs):
            turns = [(ours, our_call), (floor, floor_call)]
            for times, call in turns if place % 2 else reversed(turns):
                times.take(call, clock)
    return ours, floor


def row(
    key: str,
    name: str,
    timed: tuple[Times, Times],
    clock: Clock = "processor",
    *,
    gate: Limits = None,
    aim: Limits = None,
    sync_ms: float | None = None,
    note: str = "",
) -> Row:
    """Return the row of what was timed, judged by its limits.

    `sync_ms` is for what waits for the disk. A disk that answers from a cache of its host leaves hardly
    a floor to compare with, so what it lacks of LEAST_SYNC_MS is added to both sides before judging.
    """
    ours, _floor = timed
    our_rounds, floor_rounds = (getattr(times, clock) for times in timed)
    medians = [
        (statistics.median(mine) / _MS, statistics.median(theirs) / _MS)
        for mine, theirs in zip(our_rounds, floor_rounds, strict=True)
    ]
    short = 0 if sync_ms is None else max(0.0, LEAST_SYNC_MS - sync_ms)
    judged = statistics.median((mine + short) / (theirs + short) for mine, theirs in medians)
    mine, theirs = (sorted(x for part in rounds for x in part) for rounds in (our_rounds, floor_rounds))
    p99, floor_p99 = percentile(mine, 99), percentile(theirs, 99)
    figures: dict[str, float] = {
        "ratio": judged,
        "p99_ratio": (p99 + short) / (floor_p99 + short),
        "p99_ms": p99,
        "p999_ms": percentile(mine, 99.9),
        "worst_ms": mine[-1] / _MS,
    }
    void = clock == "wall" and _moved(floor_rounds)
    said = [part for part in (note, _on_disk(sync_ms, judged, figures["p99_ratio"])) if part]
    return Row(
        key=key,
        name=name,
        measured="wall ms" if clock == "wall" else "processor ms",
        n=len(mine),
        ours=percentile(mine, 50),
        floor=percentile(theirs, 50),
        floor_p99=floor_p99,
        wall_p99=percentile(sorted(x for part in ours.wall for x in part), 99),
        gate=words(gate),
        held=None if void else within(gate, figures),
        aim=words(aim),
        reached=None if void else within(aim, figures),
        note=_VOID if void else "; ".join(said),
        ratio=statistics.median(mine / theirs for mine, theirs in medians),
        p99=p99,
        worst=figures["worst_ms"],
    )


def words(limits: Limits) -> str:
    """Return limits as people read them."""
    return " and ".join(str(limit) for limit in _all(limits))


def within(limits: Limits, figures: dict[str, float]) -> bool | None:
    """Say whether figures keep to limits; None where there are none."""
    every = _all(limits)
    return all(figures[limit.figure] <= limit.most for limit in every) if every else None


def _all(limits: Limits) -> tuple[Limit, ...]:
    return limits if isinstance(limits, tuple) else () if limits is None else (limits,)


def _on_disk(sync_ms: float | None, judged: float, p99_ratio: float) -> str:
    if sync_ms is None:
        return ""
    said = f"one sync {sync_ms:.2f} ms"
    if sync_ms >= LEAST_SYNC_MS:
        return f"{said}, p99 ratio {p99_ratio:.2f}"
    return f"{said}; at {LEAST_SYNC_MS:g} ms the ratio is {judged:.2f}, of p99 {p99_ratio:.2f}"


def percentile(ordered: Sequence[int], percent: float) -> float:
    """Return a percentile of ordered nanoseconds, in milliseconds."""
    return ordered[round(percent / 100 * (len(ordered) - 1))] / _MS


def _moved(rounds: list[list[int]]) -> bool:
    """Say whether the two halves of the run differ so much that a comparison means nothing."""
    every = [x for part in rounds for x in part]
    halves = [statistics.median(half) for half in (every[: len(every) // 2], every[len(every) // 2 :])]
    return max(halves) > 2 * min(halves)
