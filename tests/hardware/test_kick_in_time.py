"""Somebody stands at the drawer: no question to the printer and no job holds the pulse up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bookwish_desk.hardware.receipts import printer as driver
from bookwish_desk.shop.device import Confirms
from tests.hardware.engine import Engine
from tests.hardware.printing import InBackground, by, network_printer, soon
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer

FOR_EVER = 60.0


def asked(far: TcpPrinter) -> None:
    """Wait until somebody has asked the printer something."""
    far.wait(lambda engine: engine.received)


@pytest.mark.parametrize("confirms", ["", "status", "process_id"])
def test_a_question_that_a_mute_printer_does_not_answer_is_given_up_for_the_drawer(
    confirms: Confirms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_ANSWER_SECONDS", FOR_EVER)
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far, confirms=confirms)
        state = InBackground(lambda: printer.state(soon(FOR_EVER)))
        asked(far)
        assert printer.kick(soon(5)).state == "sent"
        assert len(far.engine.pulses) == 1
        assert state.result().condition == "busy"


def test_a_question_that_was_given_up_says_nothing_of_the_printer(monkeypatch: pytest.MonkeyPatch) -> None:
    with tcp_printer() as far:
        printer = network_printer(far, confirms="process_id")
        assert printer.state(soon()).condition == "ready"
        far.order("mute on")
        monkeypatch.setattr(driver, "_ANSWER_SECONDS", FOR_EVER)
        before = far.engine.received
        state = InBackground(lambda: printer.state(soon(FOR_EVER)))
        far.wait(lambda engine: engine.received > before)
        printer.kick(soon(5))
        assert state.result().condition == "ready", "as it was known before"
        monkeypatch.undo()
        far.order("mute off", "paper out")
        assert printer.state(soon()).condition == "paper_out"


def test_a_drawer_does_not_wait_long_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "_ANSWER_SECONDS", FOR_EVER)
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far, confirms="status", drawer_sensor=True)
        assert printer.kick(soon(5)).state == "sent"
        assert far.engine.pulses == [(2, "in turn")]


def test_a_mute_printer_known_to_take_pulses_at_once_gets_them_so() -> None:
    with tcp_printer(Engine(mute=True, paper_out=True)) as far:
        assert network_printer(far, confirms="process_id").kick(soon(5)).state == "sent"
        assert far.engine.pulses == [(2, "at once")]


@pytest.mark.parametrize("confirms", ["status", "process_id"])
def test_the_drawer_opens_while_a_mute_printer_is_waited_for(confirms: Confirms) -> None:
    with tcp_printer(Engine(mute=True)) as far:
        printer = network_printer(far, confirms=confirms)
        job = InBackground(lambda: printer.send(b"\x1b@Ours\n", by(3)))
        far.wait(lambda engine: b"Ours" in engine.paper)
        assert printer.kick(soon(5)).state == "sent"
        assert job.result().state == "unknown"
        assert len(far.engine.pulses) == 1


def test_a_printer_that_became_mute_after_a_job_broke_off_takes_jobs_and_pulses() -> None:
    with tcp_printer(Engine(process_ids=False, mute=True)) as far:
        printer = network_printer(far, confirms="status")
        assert printer.send(b"\x1b@First\n", by(1.2)).state == "unknown"
        assert printer.kick(soon(5)).state == "sent"
        assert printer.send(b"\x1b@Second\n", by(1.2)).state == "unknown"
        far.wait(lambda engine: b"Second" in engine.paper)
        assert len(far.engine.pulses) == 1


def test_the_first_pulse_of_a_day_waits_for_no_import() -> None:
    program = (
        "import sys; from bookwish_desk.hardware.receipts.printer import ESC_POS; "
        "from bookwish_desk.hardware.model import PAPER_80; assert ESC_POS.pulse(PAPER_80); "
        "sys.exit(any(name in sys.modules for name in ('escpos', 'PIL')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
