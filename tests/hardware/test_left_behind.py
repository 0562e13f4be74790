"""What a desk that crashed left in a printer, and a line that was lost: nothing is claimed that is not so."""

from __future__ import annotations

import socket

import pytest

from bookwish_desk.hardware.receipts.escpos import CONFIRM, FILL_UP, RESET
from tests.hardware.engine import Engine
from tests.hardware.printing import by, network_printer, on_paper
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer

OURS = RESET + b"Ours\n" * 60


def crash_behind(far: TcpPrinter) -> None:
    """Leave a long job in the printer, as a desk does that is killed after its last byte."""
    with socket.create_connection(("127.0.0.1", far.port)) as line:
        line.sendall(RESET + b"Theirs\n" * 120 + CONFIRM)
        far.wait(lambda engine: engine.received > 800)


@pytest.mark.parametrize("confirms", ["status", ""], ids=["known", "not known yet"])
def test_the_answer_to_a_job_before_a_crash_confirms_no_other(confirms: str) -> None:
    with tcp_printer(Engine(process_ids=False, slow=10)) as far:
        crash_behind(far)
        outcome = network_printer(far, confirms=confirms).send(OURS, by(20))
        assert (outcome.state, on_paper(far).count("Ours\n")) == ("printed", 60)


def test_a_printer_that_became_mute_still_prints_after_a_restart() -> None:
    with tcp_printer(Engine(process_ids=False, mute=True)) as far:
        outcome = network_printer(far, confirms="status").send(OURS, by(3))
        assert (outcome.state, on_paper(far).count("Ours\n")) == ("unknown", 60)


def test_one_that_confirms_nothing_and_is_lost_before_it_said_that_it_is_well_is_unknown() -> None:
    questions, job = len(FILL_UP) + 4 * 3, b"\x1b@" + b"Ours\n" * 60
    with tcp_printer(Engine(process_ids=False, gs_r=False, asb=False, slow=5)) as far:
        far.order(f"cut-power {questions + len(job) + 1}")
        outcome = network_printer(far, confirms="none").send(job, by(10))
        assert on_paper(far).count("Ours\n") < 60
        assert outcome.state == "unknown"


def test_one_that_confirms_nothing_and_has_fallen_silent_is_unknown_and_one_that_never_spoke_is_sent() -> (
    None
):
    """What the network took for a printer may lie in its door while the printer is off."""
    with tcp_printer(Engine(process_ids=False, gs_r=False, asb=False)) as far:
        printer = network_printer(far, confirms="none")
        assert printer.send(OURS, by(5)).state == "sent"
        far.wait_free()
        far.order("deaf on")
        outcome = printer.send(OURS, by(5))
        assert (outcome.state, on_paper(far).count("Ours\n")) == ("unknown", 60)
        far.order("deaf off")
    with tcp_printer(Engine(process_ids=False, gs_r=False, asb=False, status=False)) as far:
        printer = network_printer(far)  # how it confirms is known only of one that has answered
        assert [printer.send(OURS, by(5)).state for _ in range(2)] == ["sent", "sent"]
