"""The contract of every driver of a printer, whatever way leads to the printer.

A job is printed only when the printer says so, failed only when nothing of it came out, unknown when nobody
can know; nothing is on paper twice; nothing waits for ever. The rigs (`rigs.py`) hold what differs.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.hardware.model import Outcome
from bookwish_desk.hardware.receipts.escpos import RESET
from tests.hardware.rigs import RIGS, Rig, UsbRig, open_rig

_numbers = itertools.count(1)
_LINES = 12


HOLDABLE = [which for which, kind in RIGS.items() if kind.holdable]
WITH_ROLL = [which for which, kind in RIGS.items() if kind.has_roll]
WITH_DRAWER = [which for which, kind in RIGS.items() if kind.has_drawer]
ON_USB = [which for which, kind in RIGS.items() if issubclass(kind, UsbRig)]


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with open_rig(request.param, tmp_path, monkeypatch) as opened:
        yield opened


class Slip:
    """A job of some lines, each of which names it: its number is the first thing on paper."""

    def __init__(self, lines: int = _LINES) -> None:
        self.number = f"No. {next(_numbers):05d}"
        self.lines = [f"{self.number} line {n} ".ljust(46, ".").encode() + b"\n" for n in range(lines)]
        self.data = RESET + b"".join(self.lines)

    def began(self, paper: bytes) -> int:
        """Return how often its first line is on paper."""
        return paper.count(self.lines[0])

    def whole(self, paper: bytes) -> bool:
        """Say whether it is on paper once, in one piece."""
        return paper.count(b"".join(self.lines)) == 1 and self.began(paper) == 1


def assert_true(outcome: Outcome, slip: Slip, rig: Rig) -> None:
    """Fail where an outcome claims what is not on paper, or hides what is."""
    paper = rig.paper()
    assert slip.began(paper) <= 1, f"twice on paper, and said to be {outcome}"
    if outcome.state == "printed":
        assert slip.whole(paper), outcome
    if outcome.state == "failed":
        assert outcome.accepted == 0
        assert not slip.began(paper), outcome
    assert outcome.message.endswith((".", "?"))


@pytest.mark.capability("BW+21")
def test_what_is_sent_is_on_paper_once(rig: Rig) -> None:
    for slip in (Slip(), Slip(1), Slip(200)):
        outcome = rig.send(slip.data)
        assert outcome.state == rig.best, outcome
        assert outcome.accepted == len(slip.data)
        rig.wait(lambda paper, waiting, slip=slip: slip.whole(paper))  # type: ignore[misc]
        assert_true(outcome, slip, rig)


def test_refused_before_the_first_byte_is_failed_and_can_be_sent_again(rig: Rig) -> None:
    slip = Slip()
    rig.leave()
    refused = rig.send(slip.data, seconds=3)
    assert (refused.state, refused.accepted) == ("failed", 0), refused
    assert not rig.state().good
    rig.come_back()
    assert rig.send(slip.data).state == rig.best
    rig.wait(lambda paper, waiting: slip.whole(paper))
    assert_true(refused, Slip(), rig)


def test_what_is_cut_off_is_never_claimed_and_never_doubled(rig: Rig) -> None:
    seen = set()
    for cut in range(rig.packet, len(Slip().data) + 96, max(rig.packet, 48)):
        slip = Slip()
        rig.order(f"cut {cut}")
        outcome = rig.send(slip.data, seconds=3)
        seen.add(outcome.state)
        rig.come_back()
        assert_true(outcome, slip, rig)
        after = Slip()
        assert rig.send(after.data).state == rig.best, f"after a cut at {cut}"
        rig.wait(lambda paper, waiting, after=after: after.began(paper) == 1)  # type: ignore[misc]
        assert slip.began(rig.paper()) <= 1
    assert ("unknown" in seen) == rig.notices


def test_without_paper_a_job_is_refused_or_waits_and_comes_out_once(rig: Rig) -> None:
    slip = Slip()
    rig.order("paper out")
    if rig.asked:
        outcome = rig.send(slip.data, seconds=3)
        assert (outcome.state, outcome.accepted) == ("failed", 0), outcome
        assert rig.state().condition == "paper_out"
        rig.order("paper ok")
        assert rig.send(slip.data).state == rig.best
    else:
        assert rig.send(slip.data, seconds=3).state == "sent"
        assert not slip.began(rig.paper())
        rig.order("paper ok")
    rig.wait(lambda paper, waiting: slip.whole(paper))


@pytest.mark.parametrize("rig", WITH_ROLL, indirect=True)
def test_paper_that_runs_out_in_a_job_is_refilled_and_the_job_goes_on(rig: Rig) -> None:
    slip = Slip()
    rig.send(Slip().data)
    rig.order("paper 130")
    job = rig.begin(slip.data, seconds=5, patience=40)
    rig.wait(lambda paper, waiting: slip.began(paper) == 1 and waiting > 0)
    rig.order("paper ok")
    assert job.result(60).state == rig.best
    rig.wait(lambda paper, waiting: slip.whole(paper))


def test_two_jobs_at_once_come_whole_one_after_another(rig: Rig) -> None:
    slips = [Slip(40), Slip(40), Slip(40)]
    jobs = [rig.begin(slip.data, seconds=30) for slip in slips]
    assert [job.result(60).state for job in jobs] == [rig.best] * 3
    for slip in slips:
        rig.wait(lambda paper, waiting, slip=slip: slip.whole(paper))  # type: ignore[misc]


def test_a_printer_that_reads_nothing_holds_nobody_up(rig: Rig) -> None:
    rig.order("deaf on")
    slip, began = Slip(2000), time.monotonic()
    outcome = rig.send(slip.data, seconds=1)
    assert time.monotonic() - began < 10, "blocked past its deadline"
    assert outcome.state in {"failed", "unknown", "sent" if rig.best == "sent" else "unknown"}
    assert_true(outcome, slip, rig)


@pytest.mark.parametrize("rig", WITH_DRAWER, indirect=True)
def test_the_drawer_opens_once_a_kick(rig: Rig) -> None:
    for kicks in (1, 2):
        outcome = rig.kick()
        assert outcome.state == "sent", outcome
        rig.wait(lambda paper, waiting, kicks=kicks: rig.pulses() == kicks)  # type: ignore[misc]


def test_how_it_is_is_said_in_words(rig: Rig) -> None:
    for order in ("paper ok", "paper out", "paper ok", "cover open", "cover shut"):
        rig.order(order)
        state = rig.state()
        assert state.message.endswith((".", "?"))
        well = order in ("paper ok", "cover shut")
        assert state.good == (well or not rig.asked), (order, state)


@pytest.mark.parametrize("rig", HOLDABLE, indirect=True)
def test_a_printer_that_another_program_holds_is_left_alone(rig: Rig) -> None:
    slip = Slip()
    rig.hold(True)
    refused = rig.send(slip.data, seconds=3)
    assert (refused.state, refused.accepted) == ("failed", 0)
    assert "another program" in refused.message.lower()
    assert rig.state().condition == "held"
    rig.hold(False)
    assert rig.send(slip.data).state == rig.best
    rig.wait(lambda paper, waiting: slip.whole(paper))


def test_it_works_again_each_time_it_comes_back_at_another_place(rig: Rig) -> None:
    for _ in range(rig.returns):
        rig.leave()
        rig.come_back()
        slip = Slip(2)
        assert rig.send(slip.data).state == rig.best
        rig.wait(lambda paper, waiting, slip=slip: slip.whole(paper))  # type: ignore[misc]


@pytest.mark.parametrize("rig", ON_USB, indirect=True)
def test_the_kernels_driver_gets_the_printer_back_whatever_happened(rig: UsbRig) -> None:
    def handed_back() -> None:
        now = rig.look()
        assert now["kernel"], now
        assert now["attached"] == now["detached"] > 0
        assert now["claims"] == now["releases"]
        assert now["resets"] == 0

    rig.send(Slip().data)
    handed_back()
    rig.order("deaf on")
    rig.send(Slip(2000).data, seconds=1)
    handed_back()
    rig.order("deaf off")
    rig.state()
    handed_back()
    if rig.has_drawer:
        rig.kick()
        handed_back()
