"""A printer that answered before a job and not behind it may be off: nothing is claimed of the job."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.hardware.labels import open_label_printer
from bookwish_desk.hardware.labels.printer import make
from bookwish_desk.hardware.links import link_to
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts.delivery import Talk
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.shop.device import Device, LabelPrinterSetup
from bookwish_desk.shop.label import LabelJob, PriceLabel
from tests.hardware.engine import Engine
from tests.hardware.label_engine import label_engine
from tests.hardware.printing import LOOK, InBackground, by, network_printer, soon
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer

OURS = b"\x1b@Ours\n"
LABELS = LabelJob(PriceLabel("Orlando", "9780156701600", "$16.99", "Virginia Woolf"))
ANSWER = b"\x12"


def confirms_nothing() -> Engine:
    return Engine(process_ids=False, gs_r=False, asb=False)


def before_the_job(printer: Any, job: bytes, happens: Callable[[], None]) -> None:
    """Let something happen between the questions to a printer and a job."""
    opening = printer._transport.open

    def opened(deadline: float, title: str = "") -> Link:
        link: Link = opening(deadline, title)
        write = link.write

        def written(data: bytes, until: float) -> int:
            if data.startswith(job):
                happens()
            return write(data, until)

        link.write = written  # type: ignore[assignment]
        return link

    printer._transport.open = opened


def falls_silent(far: TcpPrinter) -> EscPosPrinter:
    printer = network_printer(far, confirms="none")
    before_the_job(printer, OURS, lambda: far.order("mute on"))
    return printer


def test_a_receipt_that_nothing_was_said_behind_is_unknown() -> None:
    with tcp_printer(confirms_nothing()) as far:
        outcome = falls_silent(far).send(OURS, by(2))
        assert outcome.state == "unknown"
        assert outcome.message == f"The printer took the job and says nothing any more. {LOOK}"


def test_a_printer_that_prints_first_and_then_answers_is_waited_for() -> None:
    with tcp_printer(confirms_nothing()) as far:
        printer = falls_silent(far)
        sent = InBackground(lambda: printer.send(OURS, by(30)))
        far.wait(lambda engine: b"Ours" in engine.paper)
        asked = far.engine.received
        far.wait(lambda engine: engine.received >= asked + 6)  # twice, at least
        far.order("mute off")
        assert sent.result().state == "sent"


def test_the_drawer_opens_while_an_answer_is_waited_for() -> None:
    with tcp_printer(confirms_nothing()) as far:
        printer = falls_silent(far)
        job = InBackground(lambda: printer.send(OURS, by(8)))
        far.wait(lambda engine: b"Ours" in engine.paper)
        assert printer.kick(soon(5)).state == "sent"
        assert job.result().state == "unknown"
        assert len(far.engine.pulses) == 1


class Line:
    """A way to a printer whose answers are `said`, one part at each question; it never says anything else."""

    def __init__(self, *said: bytes) -> None:
        self._said = deque(said)
        self._answers = b""

    def open(self, deadline: float, title: str = "") -> Line:
        return self

    def write(self, data: bytes, deadline: float) -> int:
        if data.startswith(b"\x10\x04") and self._said:
            self._answers += self._said.popleft()
        return len(data)

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        if not self._answers:
            time.sleep(max(0.0, deadline - time.monotonic()))
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def close(self, deadline: float) -> None:
        """Nothing was taken hold of."""

    def abort(self) -> None:
        """Nothing was taken hold of."""


@pytest.mark.parametrize(
    ("said", "state"),
    [
        # Its answer to the second question comes when it is asked after the job; and then it is off.
        ((ANSWER, b"", ANSWER), "unknown"),
        # It never answers more than the first question.
        ((ANSWER, b"", *[ANSWER, b""] * 9), "sent"),
        ([ANSWER] * 8, "sent"),
    ],
    ids=["late", "first only", "all"],
)
def test_a_late_answer_to_an_earlier_question_says_nothing_of_the_job(said: list[bytes], state: str) -> None:
    printer = EscPosPrinter("receipts", PAPER_80, Line(*said), confirms="none")
    assert printer.send(OURS, by(3)).state == state


@pytest.mark.parametrize("language", ["tspl", "epl"])
def test_labels_that_nothing_was_said_behind_are_unknown(language: str, tmp_path: Path) -> None:
    setup = LabelPrinterSetup(language)  # type: ignore[arg-type]
    with label_engine() as engine:
        printer = open_label_printer(Device("z", "Z", f"tcp:127.0.0.1:{engine.port}", setup), tmp_path)
        job = make(LABELS, setup)
        before_the_job(printer, job[:20], lambda: setattr(engine, "mute", True))
        outcome = printer.send(job, by(2))
        assert outcome.state == "unknown" and engine.taken == job
        assert outcome.message.startswith("The label printer took the job and says nothing any more.")


# ---- a desk that comes too late itself ----


def late() -> float:
    return time.monotonic() - 1


def test_an_answer_that_lies_there_is_taken_when_the_desk_comes_too_late() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = link_to(f"tcp:127.0.0.1:{server.getsockname()[1]}").open(soon())
        far, _ = server.accept()
        with far:
            talk = Talk(link)
            far.sendall(ANSWER * 2)
            assert link.read(1, soon()) == ANSWER
            assert link.read(1, late()) == ANSWER
            assert link.read(1, late()) == b"" and not talk.lost
            link.abort()


def test_an_answer_on_a_serial_line_is_taken_when_the_desk_comes_too_late() -> None:
    far, near = os.openpty()
    link = link_to(f"serial:{os.ttyname(near)}").open(soon())
    os.write(far, ANSWER * 2)
    assert link.read(1, soon()) == ANSWER
    assert link.read(1, late()) == ANSWER
    assert link.read(1, late()) == b""
    link.abort()
    os.close(near)
    os.close(far)
