"""A printer on the network that runs out of paper in a job, says little, or says nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.model import PAPER_80, Outcome
from bookwish_desk.hardware.receipts import open_receipt_printer
from bookwish_desk.hardware.receipts import printer as driver
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.shop.errors import DeviceError
from tests.hardware.engine import Engine
from tests.hardware.printing import LOOK, InBackground, Told, by, device, network_printer, soon
from tests.hardware.slips import latin, receipt
from tests.hardware.tcp_printer import closed_port, tcp_printer


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers be waited for briefly, where a printer leaves them out on purpose."""
    for name, seconds in (("_PROBE_SECONDS", 1.0), ("_FIRST_SECONDS", 0.5), ("_ANSWER_SECONDS", 0.3)):
        monkeypatch.setattr(driver, name, seconds)


unanswered = pytest.mark.usefixtures("brief")

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
        outcome = printer.send(printer.render(receipt()), by(1.0, patience=1.5))
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
        outcome = printer.send(printer.render(latin()), by(1.5, patience=1.0))
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
        assert printer.send(printer.render(latin()), by(1.0, patience=1.2)).state == "unknown"
        far.order("cutter free")
        far.wait_free()
        far.engine.paper.clear()
        data = printer.render(latin())
        assert printer.send(data, by()).state == "printed"
        assert far.engine.recoveries == [2] and far.engine.paper.endswith(data)


# ---- on the network: how a printer confirms ----


@unanswered
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


@unanswered
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


@unanswered
def test_one_that_swallows_everything_and_says_nothing_is_at_best_sent() -> None:
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far)
        data = printer.render(latin())
        outcome = printer.send(data, by(slip=latin()))
        assert outcome == Outcome(
            "sent", len(data), "The printer took the job. It does not confirm printing."
        )
        assert printer.learned == "", "it may be asleep"


@unanswered
@pytest.mark.parametrize("confirms", ["process_id", "status", ""])
def test_one_that_answers_rubbish_confirms_nothing(confirms: str) -> None:
    with tcp_printer(Engine(rubbish=True)) as far:
        printer = network_printer(far, confirms=confirms)
        outcome = printer.send(printer.render(latin()), by(1 if confirms else 10, slip=latin()))
        assert outcome.state == ("unknown" if confirms else "sent")


@unanswered
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
        assert printer.send(data, by(1, slip=receipt())).state == ("sent" if not confirms else "unknown")


def test_it_prints_when_the_status_cannot_be_had() -> None:
    with tcp_printer(Engine(status=False)) as far:
        printer = network_printer(far, confirms="process_id")
        assert printer.state(soon()).condition == "unknown"
        data = printer.render(latin())
        assert printer.send(data, by(slip=latin())).state == "printed"
        assert far.engine.paper == data


@unanswered
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
