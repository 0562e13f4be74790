"""What every receipt printer and drawer keeps to: simulated ones, and one in software on a network socket.

A job is printed when the printer says so, unknown when nobody can know, failed when nothing came of it; a
receipt is never on paper twice by itself.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookwish_desk.hardware import delivery
from bookwish_desk.hardware.escpos import FILL_UP, UNSTICK, kick_pulse, render
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.model import PAPER_80, Attempt, Drawer, Outcome, ReceiptPrinter
from bookwish_desk.hardware.printer import EscPosPrinter
from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer, profile_of
from bookwish_desk.hardware.simulated import (
    DeviceJob,
    FileTransport,
    SimulatedDrawer,
    SimulatedPrinter,
    Trouble,
)
from bookwish_desk.shop.device import Device, DeviceState, LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import DeviceError, Refused
from bookwish_desk.shop.slip import Slip, Words
from tests.hardware.decoder import decode
from tests.hardware.engine import Engine
from tests.hardware.slips import latin, receipt
from tests.hardware.tcp_printer import TcpPrinter, closed_port, tcp_printer

LOOK = "Look at the paper."


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def by(seconds: float = 5.0, patience: float = 0.0, **more: Any) -> Attempt:
    return Attempt(soon(seconds), soon(patience) if patience else 0.0, **more)


def device(address: str = "sim:", **setup: Any) -> Device:
    return Device("receipts", "Receipts", address, ReceiptPrinterSetup(**setup))


def at(far: TcpPrinter, **setup: Any) -> Device:
    return device(f"tcp:127.0.0.1:{far.port}", **setup)


def network_printer(far: TcpPrinter, **setup: Any) -> EscPosPrinter:
    printer = open_receipt_printer(at(far, **setup), Path("unused"))
    assert isinstance(printer, EscPosPrinter)
    return printer


def on_paper(far: TcpPrinter) -> str:
    """Return the text lines that came out, whatever stands between them."""
    return bytes(far.engine.paper).decode("cp858", "replace")


class InBackground:
    """Runs a call on a thread; `result` waits for it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._found: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._found.append(call()))
        self._thread.start()

    def result(self) -> Any:
        self._thread.join(timeout=30)
        assert not self._thread.is_alive() and self._found, "it did not end"
        return self._found[0]


class Told:
    """Hears of states; `wait` waits for one."""

    def __init__(self) -> None:
        self.states: list[DeviceState] = []
        self._came = threading.Condition()

    def __call__(self, state: DeviceState) -> None:
        with self._came:
            self.states.append(state)
            self._came.notify_all()

    def wait(self, condition: str) -> None:
        with self._came:
            came = self._came.wait_for(lambda: condition in self.conditions, timeout=10)
            assert came, self.conditions

    @property
    def conditions(self) -> list[str]:
        return [state.condition for state in self.states]


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


# ---- on the network: paper, cover and cutter while a job is under way ----


@pytest.mark.parametrize("confirms", ["process_id", "status"])
def test_the_rest_is_printed_when_the_paper_is_refilled(confirms: str) -> None:
    with tcp_printer(Engine(process_ids=confirms == "process_id")) as far:
        printer = network_printer(far, confirms=confirms)
        told = Told()
        far.order("paper 900")
        slip = receipt()
        data = printer.render(slip)
        sent = InBackground(lambda: printer.send(data, by(slip=slip, patience=60, told=told)))
        told.wait("paper_out")
        assert printer.state(soon()).condition == "paper_out", (
            "its last word, while it is not to be disturbed"
        )
        far.order("paper ok")
        assert sent.result() == Outcome("printed", len(data), "Printed.")
        assert far.engine.paper == data and told.conditions == ["paper_out", "ready"]


def test_a_job_longer_than_the_buffer_goes_on_as_well() -> None:
    """The printer reads no more: only what it says by itself tells why."""
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        told = Told()
        far.order("paper 200")
        slip = receipt(logo=True)
        data = printer.render(slip) * 12
        sent = InBackground(lambda: printer.send(data, by(2, slip=slip, patience=60, told=told)))
        told.wait("paper_out")
        far.order("paper ok")
        assert sent.result() == Outcome("printed", len(data), "Printed.")
        assert far.engine.paper == data


def test_who_waits_no_longer_takes_back_what_is_not_printed() -> None:
    """Nothing comes out the next morning, when somebody puts paper in."""
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        told, stop = Told(), threading.Event()
        far.order("paper 3000")
        slip = receipt()
        attempt = by(slip=slip, patience=60, told=told, stopped=stop.is_set)
        sent = InBackground(lambda: printer.send(printer.render(slip), attempt))
        told.wait("paper_out")
        stop.set()
        assert sent.result().message == f"The paper ran out while it printed. {LOOK}"
        assert sent.result().state == "unknown"
        far.wait_free()
        came = bytes(far.engine.paper)
        far.order("paper ok")
        assert far.engine.paper == came and far.engine.cleared == 1


def test_patience_ends() -> None:
    with tcp_printer(Engine(process_ids=False)) as far:
        printer = network_printer(far, confirms="status")
        far.order("paper 300")
        outcome = printer.send(printer.render(receipt()), by(0.3, patience=0.8))
        assert (outcome.state, outcome.message) == ("unknown", f"The paper ran out while it printed. {LOOK}")


def test_a_job_of_which_nothing_can_have_come_out_has_failed() -> None:
    """The cover was opened between the question and the job, and what waited was taken back."""
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")

        def render_and_open(deadline: float, title: str = "") -> Any:
            link = TcpTransport("127.0.0.1", far.port).open(deadline)
            write = link.write

            def opening(data: bytes, until: float) -> int:
                if data.startswith(b"\x1b@"):
                    far.order("cover open")
                return write(data, until)

            link.write = opening  # type: ignore[assignment,method-assign]
            return link

        printer._transport.open = render_and_open  # type: ignore[method-assign]
        outcome = printer.send(printer.render(latin()), by(patience=1.0))
        assert (outcome.state, outcome.accepted) == ("failed", 0) and "cover" in outcome.message
        far.order("cover shut")
        assert far.engine.paper == b""


def test_a_stuck_cutter_goes_on_after_the_cover_was_opened_and_shut() -> None:
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        told = Told()
        far.order("cutter stuck")
        data = printer.render(latin())
        sent = InBackground(lambda: printer.send(data, by(slip=latin(), patience=60, told=told)))
        told.wait("cutter")
        far.order("cover open")
        told.wait("cover_open")
        far.order("cutter free", "cover shut")
        assert sent.result().state == "printed"
        assert far.engine.recoveries == [1] and far.engine.paper == data


def test_a_printer_left_with_an_error_is_made_ready_before_the_next_job() -> None:
    with tcp_printer(Engine(process_ids=False)) as far:
        printer = network_printer(far, confirms="status")
        far.order("cutter stuck")
        assert printer.send(printer.render(latin()), by(0.3, patience=0.5)).state == "unknown"
        far.order("cutter free")
        far.wait_free()
        far.engine.paper.clear()
        data = printer.render(latin())
        assert printer.send(data, by()).state == "printed"
        assert far.engine.recoveries == [2] and far.engine.paper.endswith(data)


# ---- on the network: how a printer confirms ----


@pytest.mark.parametrize(
    ("engine", "confirms"),
    [
        (Engine(), "process_id"),
        (Engine(process_ids=False), "status"),
        (Engine(process_ids=False, gs_r=False), "none"),
        (Engine(rubbish=True), ""),
        (Engine(paper_out=True), ""),
        (Engine(deaf=True), ""),
        (Engine(slow=8), "process_id"),
    ],
    ids=["Epson", "clone", "simple clone", "rubbish", "no paper", "deaf", "slow"],
)
def test_how_a_printer_confirms_is_found_out_without_printing(engine: Engine, confirms: str) -> None:
    with tcp_printer(engine) as far:
        printer = network_printer(far)
        assert printer.probe(soon(3)) == confirms
        assert bytes(engine.paper) in (b"", b"\x1b@\x1b@")


@pytest.mark.parametrize("confirms", ["process_id", "status", "none"])
def test_what_was_found_out_is_kept_and_not_asked_again(confirms: str) -> None:
    engine = Engine(process_ids=confirms == "process_id", gs_r=confirms == "status")
    with tcp_printer(engine) as far:
        printer = network_printer(far)
        assert printer.learned == ""
        data = printer.render(latin())
        state = "sent" if confirms == "none" else "printed"
        assert printer.send(data, by(slip=latin())).state == state
        assert printer.learned == confirms
        far.wait_free()
        engine.paper.clear()
        again = network_printer(far, confirms=confirms)
        assert again.send(data, by(slip=latin())).state == state
        assert engine.paper == data and again.learned == ""


def test_one_that_swallows_everything_and_says_nothing_is_at_best_sent() -> None:
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far)
        data = printer.render(latin())
        outcome = printer.send(data, by(slip=latin()))
        assert outcome == Outcome(
            "sent", len(data), "The printer took the job. It does not confirm printing."
        )
        assert printer.learned == "", "it may be asleep"


@pytest.mark.parametrize("confirms", ["process_id", "status", ""])
def test_one_that_answers_rubbish_confirms_nothing(confirms: str) -> None:
    with tcp_printer(Engine(rubbish=True)) as far:
        printer = network_printer(far, confirms=confirms)
        outcome = printer.send(printer.render(latin()), by(2 if confirms else 10, slip=latin()))
        assert outcome.state == ("unknown" if confirms else "sent")


def test_an_echo_confirms_nothing() -> None:
    """A serial line whose far end is plugged into itself."""

    class Echo:
        said = b""

        def write(self, data: bytes, deadline: float) -> int:
            self.said += data
            return len(data)

        def settle(self, deadline: float) -> int:
            return 0

        def read(self, size: int, deadline: float) -> bytes:
            if not self.said:
                threading.Event().wait(max(0.0, deadline - time.monotonic()))
            answer, self.said = self.said[:size], self.said[size:]
            return answer

        def close(self, deadline: float) -> None:
            pass

        def abort(self) -> None:
            pass

    class Line:
        def open(self, deadline: float, title: str = "") -> Echo:
            return Echo()

    for confirms in ("", "process_id"):
        printer = EscPosPrinter("echo", PAPER_80, Line(), confirms=confirms)
        data = printer.render(receipt(logo=True))
        assert printer.send(data, by(2, slip=receipt())).state == ("sent" if not confirms else "unknown")


def test_it_prints_when_the_status_cannot_be_had() -> None:
    with tcp_printer(Engine(status=False)) as far:
        printer = network_printer(far, confirms="process_id")
        assert printer.state(soon()).condition == "unknown"
        data = printer.render(latin())
        assert printer.send(data, by(slip=latin())).state == "printed"
        assert far.engine.paper == data


def test_one_that_was_silent_once_is_asked_again_and_one_that_never_spoke_is_not() -> None:
    with tcp_printer() as far:
        printer = network_printer(far)
        assert printer.state(soon()).condition == "ready"
        far.order("mute on")
        assert printer.state(soon()).condition == "unknown"
        far.order("mute off", "paper out")
        assert printer.send(printer.render(latin()), by(slip=latin())).state == "failed"
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far)
        assert [printer.send(printer.render(latin()), by(slip=latin())).state for _ in range(2)] == [
            "sent"
        ] * 2
        far.wait_job()
        far.wait_job()
        assert b"\x10\x04" in far.jobs[0] and b"\x10\x04" not in far.jobs[1]


def test_one_that_confirms_nothing_but_says_that_it_has_no_paper_is_waited_for() -> None:
    with tcp_printer(Engine(process_ids=False, gs_r=False)) as far:
        printer = network_printer(far, confirms="none")
        told = Told()
        far.order("paper 3000")
        data = printer.render(receipt())
        sent = InBackground(lambda: printer.send(data, by(patience=60, told=told)))
        told.wait("paper_out")
        far.order("paper ok")
        assert sent.result().state == "sent" and far.engine.paper == data
        assert told.conditions == ["paper_out", "ready"]


def test_one_that_hangs_when_asked_is_not_asked() -> None:
    with tcp_printer(Engine(hangs_when_asked=True)) as far:
        printer = network_printer(far, asks=False, confirms="process_id")
        assert printer.state(soon()).condition == "unknown"
        data = printer.render(latin())
        assert printer.send(data, by(slip=latin())).state == "sent"
        assert printer.kick(soon()).state == "sent"
        far.wait(lambda engine: engine.pulses)
        assert far.engine.paper == data and not far.engine.deaf


def test_one_that_stops_reading_costs_no_more_than_the_deadline() -> None:
    with tcp_printer(Engine(deaf=True)) as far:
        started = time.monotonic()
        outcome = network_printer(far, asks=False).send(b"x" * 20_000_000, by(0.4))
        assert time.monotonic() - started < 3
        assert outcome.state == "unknown" and outcome.accepted < 20_000_000 and LOOK in outcome.message


def test_paper_that_is_nearly_used_up_is_told_and_printed_on() -> None:
    with tcp_printer(Engine(paper_low=True)) as far:
        told = Told()
        printer = network_printer(far)
        assert printer.send(printer.render(latin()), by(slip=latin(), told=told)).state == "printed"
        assert told.conditions[0] == "paper_low" and printer.state(soon()).good


def test_a_busy_printer_refuses_the_second_job_at_its_deadline() -> None:
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        told, stop = Told(), threading.Event()
        far.order("paper 300")
        first = InBackground(
            lambda: printer.send(printer.render(receipt()), by(patience=60, told=told, stopped=stop.is_set))
        )
        told.wait("paper_out")
        assert printer.send(b"hello\n", by(0.1)) == Outcome(
            "failed", 0, "The printer is still busy with another job."
        )
        stop.set()
        first.result()


def test_a_name_that_nobody_has_fails_within_the_deadline() -> None:
    started = time.monotonic()
    with pytest.raises(DeviceError) as fault:
        TcpTransport("printer.invalid").open(soon(0.3))
    assert time.monotonic() - started < 2
    assert fault.value.facts["accepted"] == 0
    assert "does not answer" in fault.value.message


def test_a_refused_port_says_so() -> None:
    port = closed_port()
    outcome = open_receipt_printer(device(f"tcp:127.0.0.1:{port}"), Path("unused")).send(b"x", by())
    assert outcome.message == f"The device at 127.0.0.1 takes no print jobs on port {port}."


# ---- the drawer ----


def drawer_of(far: TcpPrinter, **setup: Any) -> tuple[EscPosPrinter, Drawer]:
    printer = network_printer(far, **setup)
    drawer = open_drawer(at(far, **setup), printer, Path("unused"))
    assert drawer is not None
    return printer, drawer


@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_opens_by_a_pulse_in_its_turn(pin: int) -> None:
    with tcp_printer() as far:
        _, drawer = drawer_of(far, drawer_pin=pin)
        assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer was told to open.")
        far.wait(lambda engine: engine.pulses)
        assert far.engine.pulses == [(pin, "in turn")]


@pytest.mark.parametrize("trouble", ["paper out", "cover open", "offline on"])
def test_the_drawer_opens_while_the_printer_cannot_print(trouble: str) -> None:
    """A pulse in its turn would wait, and open the drawer when somebody puts paper in."""
    with tcp_printer() as far:
        _, drawer = drawer_of(far)
        far.order(trouble)
        assert drawer.kick(soon()).state == "sent"
        far.wait(lambda engine: engine.pulses)
        far.order("paper ok", "cover shut", "offline off")
        assert far.engine.pulses == [(2, "at once")]


@pytest.mark.parametrize("confirms", ["process_id", "status"])
def test_the_drawer_opens_while_a_job_waits_for_paper(confirms: str) -> None:
    with tcp_printer(Engine(process_ids=confirms == "process_id")) as far:
        printer, drawer = drawer_of(far, confirms=confirms, drawer_sensor=True)
        told = Told()
        far.order("paper 3000")
        data = printer.render(receipt())
        sent = InBackground(lambda: printer.send(data, by(patience=60, told=told)))
        told.wait("paper_out")
        assert drawer.kick(soon(3)) == Outcome("sent", 5, "The drawer is open.")
        assert far.engine.pulses == [(2, "at once")]
        far.order("paper ok")
        assert sent.result().state == "printed" and far.engine.paper == data


def test_a_pulse_never_comes_later_than_its_deadline() -> None:
    """A job fills the printer's buffer and the network's: a pulse would come out behind it, with paper."""
    with tcp_printer() as far:
        printer, drawer = drawer_of(far, confirms="process_id")
        told = Told()
        far.order("paper 300")
        data = printer.render(receipt(logo=True)) * 12
        sent = InBackground(lambda: printer.send(data, by(3, patience=60, told=told)))
        told.wait("paper_out")
        outcome = drawer.kick(soon(0.3))
        assert (outcome.state, outcome.accepted) == ("failed", 0) and "was not opened" in outcome.message
        far.order("paper ok")
        assert sent.result().state == "printed" and far.engine.pulses == []


def test_the_drawer_opens_beside_a_slow_job() -> None:
    with tcp_printer(Engine(slow=4)) as far:
        printer, drawer = drawer_of(far, confirms="process_id")
        data = printer.render(latin())
        sent = InBackground(lambda: printer.send(data, by(20)))
        far.wait(lambda engine: engine.received > len(data))
        assert drawer.kick(soon()).state == "sent"
        far.wait(lambda engine: engine.pulses)
        far.order("slow off")
        assert sent.result().state == "printed" and far.engine.paper == data


@pytest.mark.parametrize("high", [True, False], ids=["high is open", "low is open"])
def test_the_sensor_tells_whether_the_drawer_opened(high: bool) -> None:
    with tcp_printer(Engine(drawer_high_when_open=high)) as far:
        printer, drawer = drawer_of(far, drawer_sensor=True)
        assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer is open.")
        assert printer.state(soon()).drawer_open is True
        assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer was open already.")
        far.order("drawer shut")
        assert printer.state(soon()).drawer_open is False
        far.order("drawer stuck")
        assert drawer.kick(soon(0.5)) == Outcome("failed", 5, "The drawer did not open.")
        assert len(far.engine.pulses) == 3, "never a second pulse by itself"


def test_a_drawer_that_was_never_seen_open_and_stays_shut() -> None:
    with tcp_printer(Engine(drawer_stuck=True)) as far:
        printer, drawer = drawer_of(far, drawer_sensor=True)
        assert drawer.kick(soon(0.5)).message == "The drawer did not open."
        assert printer.state(soon()).drawer_open is False


def test_a_drawer_behind_a_printer_that_is_off() -> None:
    with tcp_printer(Engine()) as far:
        _, drawer = drawer_of(far)
        far.order("power off")
        far.wait(lambda engine: not engine.powered)
        outcome = drawer.kick(soon())
        assert outcome.state == "failed" and outcome.message.startswith("The drawer was not opened. The ")


def test_a_printer_without_a_drawer_has_none() -> None:
    without = device(drawer_pin=0)
    assert open_drawer(without, open_receipt_printer(without, Path("unused")), Path("unused")) is None


# ---- from devices to drivers ----


def test_the_paper_of_a_printer_follows_its_set_up() -> None:
    wide = profile_of(ReceiptPrinterSetup())
    assert (wide.columns, wide.dots, wide.cut, wide.raster_only) == (48, 576, True, False)
    narrow = profile_of(ReceiptPrinterSetup(paper_mm=58, cutter=False, drawer_pin=5, code_page="cp437"))
    assert (narrow.columns, narrow.dots, narrow.cut, narrow.kick_pin) == (32, 384, False, 5)
    assert profile_of(ReceiptPrinterSetup(language="star")).raster_only


def test_only_a_receipt_printer_becomes_one() -> None:
    label = Device("labels", "Labels", "sim:", LabelPrinterSetup())
    with pytest.raises(Refused, match="Labels is no receipt printer"):
        open_receipt_printer(label, Path("unused"))
    with pytest.raises(Refused):
        open_receipt_printer(device("hid:0c2e:0901:"), Path("unused"))


def test_a_slow_line_has_the_time_that_it_needs() -> None:
    class Line:
        def open(self, deadline: float, title: str = "") -> Any:
            raise AssertionError("not opened")

    slow = EscPosPrinter("slow", PAPER_80, Line(), bytes_a_second=960)
    until = slow._deadline(by(20, patience=600), 119_000)
    assert 150 < until - time.monotonic() < 200
    assert slow._deadline(by(20, patience=60), 119_000) - time.monotonic() < 61


# ---- simulated devices ----


def test_jobs_become_files_with_safe_names_and_a_number(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = open_receipt_printer(device(), tmp_path, jobs.append)
    refs = ["R1-000042", "../../x", "", "C:\\aux", "a" * 300, "\x00\x1b東", "."]
    for ref in refs:
        slip = Slip("receipt", ref, (Words("Hello"),))
        assert printer.send(printer.render(slip), by(slip=slip)).state == "printed"
    folder = tmp_path / "devices" / "receipts"
    assert sorted(x.name for x in folder.iterdir()) == [
        "000001-R1-000042.bin",
        "000002-x.bin",
        "000003-receipt.bin",
        "000004-C-aux.bin",
        f"000005-{'a' * 40}.bin",
        "000006-job.bin",
        "000007-job.bin",
    ]
    for job, ref in zip(jobs, refs, strict=True):
        assert isinstance(job.slip, Slip) and job.slip.ref == ref
        assert job.path is not None and job.path.read_bytes() == job.data == printer.render(job.slip)
        assert decode(job.data).lines
        assert stat.S_IMODE(job.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        printer = open_receipt_printer(device(), tmp_path)
        printer.send(b"x\n", by(slip=latin()))
        assert (tmp_path / "devices" / "receipts" / f"{number:06d}-R1-000007.bin").exists()


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "receipts").symlink_to(outside)
    jobs: list[DeviceJob] = []
    printer = open_receipt_printer(device(), tmp_path, jobs.append)
    outcome = printer.send(b"x\n", by(slip=latin()))
    assert (outcome.state, outcome.accepted) == ("failed", 0)
    assert list(outside.iterdir()) == [] and jobs[0].path is None


def test_a_link_in_place_of_a_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "devices" / "receipts"
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("safe")
    (folder / ".000001-R1-000007.bin.part").symlink_to(victim)
    open_receipt_printer(device(), tmp_path).send(b"x\n", by(slip=latin()))
    assert victim.read_text() == "safe"
    assert (folder / "000001-R1-000007.bin").read_bytes() == b"x\n"


def test_a_folder_that_cannot_be_made_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("in the way")
    printer = open_receipt_printer(device(), tmp_path)
    assert printer.send(b"x\n", by(slip=latin())).state == "failed"


def test_a_simulated_printer_goes_on_when_its_paper_is_refilled(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = SimulatedPrinter("r", PAPER_80, tmp_path / "r", jobs.append, confirms="process_id")
    told: list[str] = []

    def runs_out() -> bool:
        """Take the paper away before the first byte of the job."""
        if not told:
            printer.trouble = Trouble(paper_out=True)
        return False

    def hear(state: DeviceState) -> None:
        told.append(state.condition)
        printer.trouble = Trouble()

    data = printer.render(latin())
    outcome = printer.send(data, by(slip=latin(), patience=60, told=hear, stopped=runs_out))
    assert outcome == Outcome("printed", len(data), "Printed.") and told == ["paper_out", "ready"]
    assert [job.data for job in jobs] == [data]


@pytest.mark.parametrize(("slow", "state"), [(0.01, "printed"), (30.0, "unknown")])
def test_a_slow_printer_confirms_in_time_or_not_at_all(tmp_path: Path, slow: float, state: str) -> None:
    printer = SimulatedPrinter("r", PAPER_80, tmp_path / "r", confirms="process_id")
    printer.trouble = Trouble(slow_seconds=slow)
    started = time.monotonic()
    assert printer.send(render(latin(), PAPER_80), by(0.5, slip=latin())).state == state
    assert time.monotonic() - started < 3


def test_a_simulated_drawer_opens_as_a_device_of_its_own(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    drawer = open_drawer(device(), open_receipt_printer(device(), tmp_path), tmp_path, jobs.append)
    assert isinstance(drawer, SimulatedDrawer) and drawer.name == "receipts-drawer"
    assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer was told to open.")
    (job,) = jobs
    assert (job.device, job.kind, job.data, job.slip) == (
        "receipts-drawer",
        "kick",
        kick_pulse(PAPER_80),
        None,
    )
    assert job.path == tmp_path / "devices" / "receipts-drawer" / "000001-kick.bin"
    drawer.trouble = Trouble(offline=True)
    assert drawer.kick(soon()).state == "failed"
    assert [x.outcome.state for x in jobs] == ["sent", "failed"] and jobs[1].path is None


def test_a_simulated_drawer_with_a_sensor_can_be_stuck(tmp_path: Path) -> None:
    setup = device(drawer_sensor=True)
    drawer = open_drawer(setup, open_receipt_printer(setup, tmp_path), tmp_path)
    assert isinstance(drawer, SimulatedDrawer)
    assert drawer.kick(soon()).message == "The drawer is open."
    drawer.trouble = Trouble(drawer_stuck=True)
    assert drawer.kick(soon(0.3)) == Outcome("failed", 5, "The drawer did not open.")


def test_a_file_transport_has_nothing_to_take_before_a_job(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "d")
    assert transport.take() == (b"", None)
    transport.open(soon()).close(soon())
    assert transport.take() == (b"", None) and not (tmp_path / "d").exists()


def test_marks_of_jobs_are_four_characters_and_differ() -> None:
    marks = [
        x for _ in range(50) for job in [delivery.envelop(b"x", "process_id")] for x in (job.began, job.ended)
    ]
    assert len(set(marks)) == 100 and all(len(mark) == 4 for mark in marks)
