"""Syncing simulated: hundreds of small worlds from seeds, in which everything that can fails.

A failing seed is printed with all that happened in it: `--simulation-seed SEED` plays just that one again.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import pytest

from tests.simulation.episode import Told, run
from tests.simulation.mutants import MUTANTS, planned
from tests.simulation.world import Templates, plan

PARTS = 12
FRESH = 20
MOST_SEEDS = 120
"""A mutant that this many seeds do not catch has shown that the oracles are blind."""


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    made = Templates()
    yield made
    made.close()


def told(told: Told) -> str:
    return (
        f"{told}\nto play it again: ./desk test tests/simulation --simulation-seed {told.seed}\n"
        + "\n".join(told.log[-400:])
    )


@pytest.mark.capability("BW-01", "BW-02", "BW-03", "BW-04", "BW-05", "BW+11", "OMG-08")
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_is_done_twice_whatever_fails(
    part: int, templates: Templates, pytestconfig: pytest.Config
) -> None:
    one = pytestconfig.getoption("--simulation-seed")
    seeds = range(part, pytestconfig.getoption("--simulations"), PARTS)
    for seed in ([one] if part == 0 else []) if one is not None else seeds:
        ended = run(plan(seed), templates)
        if one is not None:
            sys.stdout.write("\n".join([*ended.log, str(ended), ""]))
        assert not ended.wrong, told(ended)


def test_nor_in_worlds_that_nobody_has_seen_before(templates: Templates, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--simulation-seed") is not None:
        pytest.skip("one seed was asked for")
    for seed in random.SystemRandom().sample(range(10**6, 10**9), FRESH):
        ended = run(plan(seed), templates)
        assert not ended.wrong, told(ended)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_desk_that_syncs_wrongly_is_caught(name: str, templates: Templates) -> None:
    change = MUTANTS[name].change
    for seed in range(MOST_SEEDS):
        with pytest.MonkeyPatch.context() as patched:
            ended = run(planned(plan(seed), name), templates, lambda world: change(world, patched))
        if ended.wrong:
            return
    pytest.fail(f"{MOST_SEEDS} seeds did not catch a desk with {name}")


def test_a_seed_plays_the_same_episode_again(templates: Templates) -> None:
    first, again = (run(plan(7), templates) for _ in range(2))
    assert first.log == again.log
    assert first.met == again.met
