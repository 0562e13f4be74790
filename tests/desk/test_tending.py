"""Tending: how each device is, asked in its own time, and what is done when one comes back."""

from __future__ import annotations

import pytest

from bookwish_desk import tending
from bookwish_desk.dispatch import Door
from bookwish_desk.hardware.finding.presence import Seen
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.device import Device, DeviceState, ScaleSetup, ScannerSetup
from bookwish_desk.shop.errors import DeviceError
from bookwish_desk.tending import Tending
from tests.support.shops import printer

READY, OUT = DeviceState("ready", "Ready."), DeviceState("paper_out", "Paper out.")
PRINTER = printer("usb:04b8:0e28:X1")
SCANNER = Device("scanner", "Scanner", "hid:0c2e:0b61:", ScannerSetup())


class FakePrinter:
    """A printer that says of itself what the test wants."""

    name = "receipt-printer"

    def __init__(self):
        self.says = READY
        self.asked = 0

    def state(self, deadline):
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def send(self, data, attempt):
        raise AssertionError("nothing is printed here")


class FakePresence:
    """A bus on which things are as the test says."""

    def __init__(self):
        self.seen = Seen({})

    def look(self, devices):
        seen, self.seen = self.seen, Seen(self.seen.present)
        return seen


class World:
    """Something that tends a printer and a scanner which are not there."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(tending, "PRESENCE_MS", 3_600_000)
        self.lanes = Lanes()
        self.heard: list[tuple[str, str, str]] = []
        self.arrivals = 0
        self.printer, self.sending = FakePrinter(), False
        self.presence = FakePresence()
        self.tending = Tending(
            self.lanes, lambda _device: self.sending, self._hear, self._arrive, self.presence.look
        )

    def _hear(self, device, before, now):
        self.heard.append((device, before.condition if before else "", now.condition))

    def _arrive(self):
        self.arrivals += 1

    def equip(self, devices=(PRINTER, SCANNER)):
        self.tending.equip(devices, (Door(PRINTER.id, "paper", self.printer, lambda slip: b""),))

    def condition(self, device=PRINTER.id):
        return self.tending.states[device].condition if device in self.tending.states else ""

    def turn(self):
        self.tending._turn()

    def close(self):
        self.tending.close()
        self.lanes.close()


@pytest.fixture
def world(qtbot, monkeypatch):
    world = World(monkeypatch)
    yield world
    world.close()


def test_a_printer_is_asked_at_once_and_each_change_is_told_once(world, qtbot):
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "ready")
    world.tending.hear(PRINTER.id, READY)
    world.tending.hear(PRINTER.id, OUT)
    world.tending.hear(PRINTER.id, OUT)
    world.tending.hear("another", OUT)
    assert world.heard == [(PRINTER.id, "", "ready"), (PRINTER.id, "ready", "paper_out")]
    assert set(world.tending.states) == {PRINTER.id}


def test_one_in_trouble_is_asked_more_often_than_one_that_is_well(world, qtbot, monkeypatch):
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "ready")
    world.turn()
    monkeypatch.setattr(tending, "TROUBLE_MS", 0)
    world.turn()
    done: list[object] = []
    world.tending.ask(PRINTER.id, done.append)
    qtbot.waitUntil(lambda: done == [READY])
    assert world.printer.asked == 2, "once at the beginning, once by hand: it was well"
    world.printer.says = OUT
    world.tending.hear(PRINTER.id, OUT)
    world.turn()
    qtbot.waitUntil(lambda: world.printer.asked == 3)


def test_nobody_is_asked_while_it_is_at_work(world, qtbot, monkeypatch):
    world.sending = True
    world.equip()
    world.turn()
    done: list[object] = []
    world.lanes.work(lambda: 1, then=done.append, lane="device-receipt-printer")
    qtbot.waitUntil(lambda: done == [1])
    assert world.printer.asked == 0


def test_a_driver_that_fails_to_say_how_it_is_is_a_fault_in_words(world, qtbot):
    world.printer.says = DeviceError("printer.held", "Another program is using the printer.")
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "error")
    assert world.tending.states[PRINTER.id].message == "Another program is using the printer."


def test_what_is_pulled_out_is_unplugged_and_is_asked_when_it_is_back(world, qtbot):
    world.presence.seen = Seen({PRINTER.id: True, SCANNER.id: True})
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "ready" and not world.tending._looking)
    world.presence.seen = Seen({PRINTER.id: False, SCANNER.id: False}, left=(PRINTER.id, SCANNER.id))
    world.turn()
    qtbot.waitUntil(lambda: world.condition() == world.condition(SCANNER.id) == "unplugged")
    assert "Plug it in" in world.tending.states[PRINTER.id].message
    assert world.arrivals == 0
    qtbot.waitUntil(lambda: not world.tending._looking)
    world.presence.seen = Seen({PRINTER.id: True, SCANNER.id: True}, arrived=(PRINTER.id, SCANNER.id))
    world.turn()
    qtbot.waitUntil(lambda: world.condition() == "ready" and world.condition(SCANNER.id) == "unknown")
    assert world.arrivals == 1


def test_a_scale_is_ready_as_soon_as_it_is_there(world, qtbot):
    usb = Device("scale", "Scale", "hid:0922:8003:", ScaleSetup())
    drawn = Device("drawn", "Simulated scale", "sim:", ScaleSetup())
    world.presence.seen = Seen({usb.id: True})
    world.tending.equip((usb, drawn), ())
    assert world.condition(drawn.id) == "ready"
    qtbot.waitUntil(lambda: world.condition(usb.id) == "ready" and not world.tending._looking)
    world.presence.seen = Seen({usb.id: False}, left=(usb.id,))
    world.turn()
    qtbot.waitUntil(lambda: world.condition(usb.id) == "unplugged")


def test_a_printer_that_is_set_up_otherwise_keeps_its_state_and_is_asked_again(world, qtbot):
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "ready")
    world.printer.says = OUT
    world.equip((printer(PRINTER.address, confirms="process_id"),))
    assert world.condition() == "ready"
    qtbot.waitUntil(lambda: world.condition() == "paper_out")


def test_what_is_known_of_a_device_is_forgotten_when_it_is_another(world, qtbot):
    world.equip()
    qtbot.waitUntil(lambda: world.condition() == "ready")
    world.sending = True
    world.equip((printer("tcp:10.0.0.9:9100"),))
    assert world.condition() == ""
    world.tending.equip((), ())
    assert not world.tending._timer.isActive()
