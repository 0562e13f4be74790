"""The drawer behind a printer: it opens also beside a job that waits, never late and never twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.hardware.model import Drawer, Outcome
from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from tests.hardware.engine import Engine
from tests.hardware.printing import InBackground, Told, at, by, device, network_printer, soon
from tests.hardware.slips import latin, receipt
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer


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
