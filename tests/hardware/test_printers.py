"""What every receipt printer and drawer keeps to: simulated ones, and one in software on a network socket.

A job is printed when the printer says so, unknown when nobody can know, failed when nothing came of it; a
receipt is never on paper twice by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookwish_desk.hardware.model import PAPER_80, Outcome, ReceiptPrinter
from bookwish_desk.hardware.receipts import delivery, open_receipt_printer
from bookwish_desk.hardware.receipts.escpos import FILL_UP, UNSTICK, render
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.hardware.receipts.simulated import SimulatedPrinter
from bookwish_desk.hardware.simulation import DeviceJob, Trouble
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.slip import Slip
from tests.hardware.engine import Engine
from tests.hardware.printing import LOOK, InBackground, Told, by, device, network_printer, on_paper, soon
from tests.hardware.slips import latin, receipt
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer

# ---- what all of them keep to ----


class Bench:
    """A printer under test, its faults by name, and what came out of it."""

    def __init__(
        self, printer: ReceiptPrinter, paper: Callable[[], bytes], break_it: Callable[..., None]
    ) -> None:
        self.printer = printer
        self.paper = paper
        self.break_it = break_it


def simulated(folder: Path, stack: ExitStack) -> Bench:
    jobs: list[DeviceJob] = []
    printer = open_receipt_printer(device(), folder, jobs.append)
    assert isinstance(printer, SimulatedPrinter)

    def break_it(**trouble: Any) -> None:
        printer.trouble = Trouble(**trouble)

    return Bench(printer, lambda: b"".join(job.data for job in jobs), break_it)


def networked(folder: Path, stack: ExitStack) -> Bench:
    far = stack.enter_context(tcp_printer())
    orders = {
        "paper_out": ("paper ok", "paper out"),
        "cover_open": ("cover shut", "cover open"),
        "mute": ("mute off", "mute on"),
        "offline": ("power on", "power off"),
    }

    def break_it(gone_after: int | None = None, **trouble: bool) -> None:
        far.order(*(orders[name][trouble.get(name, False)] for name in orders))
        if gone_after is not None:
            far.order(f"cut {gone_after}")

    return Bench(network_printer(far), lambda: bytes(far.engine.paper), break_it)


@pytest.fixture(params=[simulated, networked], ids=["simulated", "network"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield request.param(tmp_path, stack)


@pytest.mark.capability("BW+03")
def test_a_receipt_comes_out_once_and_the_printer_says_so(bench: Bench) -> None:
    slip = receipt(logo=True)
    data = bench.printer.render(slip)
    assert data == render(slip, PAPER_80)
    assert bench.printer.send(data, by(slip=slip)) == Outcome("printed", len(data), "Printed.")
    assert bench.paper().removeprefix(b"\x1b@\x1b@") == data or bench.paper() == data
    assert bench.printer.learned == "process_id"  # type: ignore[attr-defined]
    assert bench.printer.state(soon()) == DeviceState("ready", "The printer is ready.")


def test_one_that_falls_silent_leaves_the_job_unknown(bench: Bench) -> None:
    data = bench.printer.render(latin())
    assert bench.printer.send(data, by(slip=latin())).state == "printed"
    bench.break_it(mute=True)
    outcome = bench.printer.send(data, by(1.5, slip=latin()))
    assert (outcome.state, outcome.accepted) == ("unknown", len(data))
    assert outcome.message == f"The printer has not said that it began to print. {LOOK}"


@pytest.mark.parametrize("trouble", ["paper_out", "cover_open"])
def test_one_that_is_not_ready_gets_nothing_and_the_job_can_wait(bench: Bench, trouble: str) -> None:
    bench.break_it(**{trouble: True})
    state = bench.printer.state(soon())
    assert (state.condition, state.good) == (trouble, False)
    told = Told()
    outcome = bench.printer.send(bench.printer.render(latin()), by(slip=latin(), told=told))
    assert outcome == Outcome("failed", 0, state.message) and told.conditions == [trouble]
    bench.break_it()
    assert bench.paper() == b""
    assert bench.printer.send(bench.printer.render(latin()), by(slip=latin())).state == "printed"


def test_one_that_is_off_fails_at_once(bench: Bench) -> None:
    bench.break_it(offline=True)
    outcome = bench.printer.send(b"hello\n", by(slip=latin()))
    assert (outcome.state, outcome.accepted) == ("failed", 0)
    assert outcome.message.endswith(".") and "rror" not in outcome.message
    assert bench.printer.state(soon()).condition == "unreachable"


def test_a_passed_deadline_sends_nothing(bench: Bench) -> None:
    assert bench.printer.send(b"hello\n", by(-1, slip=latin())).state == "failed"
    assert bench.paper() == b""


def test_jobs_do_not_mix_on_one_printer(bench: Bench) -> None:
    slip = receipt(logo=True)
    data = bench.printer.render(slip)
    sent = [InBackground(lambda: bench.printer.send(data, by(20, slip=slip))) for _ in range(4)]
    assert [x.result().state for x in sent] == ["printed"] * 4
    assert bench.paper().count(data[2:]) == 4


@pytest.mark.parametrize("after", [1, 100, 2000, 9000])
def test_a_link_that_breaks_is_unknown_or_nothing_came_of_it(bench: Bench, after: int) -> None:
    slip = receipt(logo=True)
    data = bench.printer.render(slip)
    bench.break_it(gone_after=after)
    outcome = bench.printer.send(data, by(slip=slip))
    came = bench.paper()
    assert (outcome.state, outcome.accepted) == ("failed", 0) or outcome.state == "unknown"
    assert outcome.state == "unknown" or b"Bookshop" not in came


# ---- on the network: the number of a receipt is on paper once, or the job is unknown ----


def with_number(number: int, copy: bool = False) -> Slip:
    return receipt(copy=copy, logo=True, code=f"R1-{number:06d}")


def story(printer: EscPosPrinter, far: TcpPrinter, number: int) -> tuple[list[str], int]:
    """Print as dispatch and a person do: again what failed, a copy of what is unknown."""
    slip = with_number(number)
    ends: list[str] = []
    for _ in range(4):
        outcome = printer.send(printer.render(slip), by(slip=slip))
        ends.append(outcome.state)
        far.wait_free()
        if outcome.state == "printed":
            break
        if not far.engine.powered:
            far.order("power on")
        if outcome.state == "unknown":
            slip = with_number(number, copy=True)
    return ends, on_paper(far).count(f"{{BR1-{number:06d}")


LENGTH = len(render(with_number(0), PAPER_80)) + 40


@pytest.mark.capability("BW+03")
@pytest.mark.parametrize("power", [False, True], ids=["link", "power"])
@pytest.mark.parametrize("confirms", ["process_id", "status"])
def test_cut_off_after_any_byte_no_receipt_is_lost_or_doubled(confirms: str, power: bool) -> None:
    states = set()
    with tcp_printer(Engine(process_ids=confirms == "process_id")) as far:
        for number, after in enumerate(range(1, LENGTH, 487 if confirms == "process_id" else 1461)):
            printer = network_printer(far, confirms=confirms)
            far.order(f"cut-power {after}" if power else f"cut {after}")
            ends, count = story(printer, far, number)
            assert ends[-1] == "printed", (after, ends)
            states.update(ends)
            if "unknown" not in ends:
                assert count == 1, f"cut off after {after} bytes: {ends}"
            else:
                assert 1 <= count <= 2, f"cut off after {after} bytes: {ends}"
                assert on_paper(far).count("*** COPY ***") == 1, "the second one says that it is one"
            far.engine.paper.clear()
    assert states == {"failed", "unknown", "printed"}


def test_after_a_picture_broke_off_the_next_job_comes_out_whole() -> None:
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        slip = receipt(logo=True)
        far.order("cut 1500")
        assert printer.send(printer.render(slip), by(slip=slip)).state == "unknown"
        far.wait_free()
        data = printer.render(latin())
        assert printer.send(data, by(slip=latin())).state == "printed"
        assert bytes(far.engine.paper).endswith(data) and on_paper(far).count("Hello") == 1


HEADER = b"\x1dv0\0\x48\0"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_question_is_not_taken_for_the_size_of_a_picture_that_broke_off(restarted: bool) -> None:
    """Six of the eight bytes that say how large a picture is came; DLE EOT would be its height."""
    slip = receipt(logo=True)
    data = render(slip, PAPER_80)
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        before = len(FILL_UP) + 4 * 3 + len(delivery.envelop(b"", "process_id").head)
        far.order(f"cut {before + data.rindex(HEADER) + 6}")
        assert printer.send(data, by(slip=slip)).state == "unknown"
        assert bytes(far.engine._head) == HEADER
        far.wait_free()
        if restarted:
            printer = network_printer(far, confirms="process_id")
        copy = msgspec.structs.replace(latin(), copy=True)
        assert printer.state(soon()).condition == "ready"
        assert printer.send(printer.render(copy), by(slip=copy)).state == "printed"


def test_asking_again_and_again_does_not_fill_a_printer_without_paper() -> None:
    with tcp_printer(Engine(paper_out=True)) as far:
        printer = network_printer(far)
        assert [printer.state(soon()).condition for _ in range(5)] == ["paper_out"] * 5
        assert far.engine.waiting() == len(FILL_UP)


@pytest.mark.parametrize("confirms", ["process_id", "status"])
def test_the_drawer_opens_after_a_picture_broke_off(confirms: str) -> None:
    with tcp_printer(Engine(process_ids=confirms == "process_id")) as far:
        printer = network_printer(far, confirms=confirms)
        far.order("cut 1500")
        assert printer.send(render(receipt(logo=True), PAPER_80), by()).state == "unknown"
        far.wait_free()
        assert printer.kick(soon()).state == "sent"
        far.wait(lambda engine: engine.pulses)
        far.wait_free()
        assert printer.send(render(latin(), PAPER_80), by()).state == "printed"
        assert len(far.engine.pulses) == 1 and on_paper(far).count("Hello") == 1


def test_a_second_print_after_a_restart_frees_the_printer_first() -> None:
    with tcp_printer() as far:
        far.order("cut 1500")
        before = network_printer(far, confirms="process_id")
        assert before.send(render(receipt(logo=True), PAPER_80), by()).state == "unknown"
        far.wait_free()
        slip = msgspec.structs.replace(latin(), copy=True)
        received = far.engine.received
        printer = network_printer(far, confirms="process_id")
        assert printer.send(printer.render(slip), by(slip=slip)).state == "printed"
        assert far.engine.received - received > len(UNSTICK)
        assert on_paper(far).count("Hello") == 1


def test_switched_off_in_the_middle_of_waiting_for_paper() -> None:
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        told = Told()
        far.order("paper 900")
        slip = receipt()
        sent = InBackground(lambda: printer.send(printer.render(slip), by(slip=slip, patience=60, told=told)))
        told.wait("paper_out")
        far.order("power off")
        outcome = sent.result()
        assert outcome.state == "unknown" and 0 < outcome.accepted <= len(printer.render(slip))
        assert outcome.message == f"The connection to the printer broke off while it printed. {LOOK}"
