"""Listening to scanners: scans come home in order, an unplugged one comes back, no thread is left."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from bookwish_desk import listening
from bookwish_desk.listening import Listening
from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup, ScannerSetup
from bookwish_desk.shop.errors import DeviceError, Refused

SOON = 20.0

Step = str | Exception


class Wire:
    """Scanners as the test wants them: each reads what is put into its queue; a fault there is raised."""

    def __init__(self) -> None:
        self.sent: dict[str, queue.Queue[Step]] = {}
        self.tries: queue.Queue[str] = queue.Queue()
        self.refuse: dict[str, Exception] = {}
        self.open: set[str] = set()

    def opened(self, device: Device) -> WiredScanner:
        self.sent.setdefault(device.address, queue.Queue())
        return WiredScanner(self, device.address)

    def send(self, address: str, step: Step) -> None:
        self.sent[address].put(step)

    def tried(self) -> str:
        """Wait until somebody tries to open a scanner; return which."""
        return self.tries.get(timeout=SOON)


class WiredScanner:
    def __init__(self, wire: Wire, address: str) -> None:
        self._wire = wire
        self._address = address

    def open(self, deadline: float) -> None:
        self._wire.tries.put(self._address)
        if self._address in self._wire.refuse:
            raise self._wire.refuse[self._address]
        assert self._address not in self._wire.open, "two have hold of one scanner"
        self._wire.open.add(self._address)

    def read(self, deadline: float) -> str | None:
        step = self._wire.sent[self._address].get(timeout=SOON)
        if isinstance(step, Exception):
            raise step
        return step or None

    def close(self) -> None:
        self._wire.open.discard(self._address)
        self._wire.sent[self._address].put("")  # as a read under way ends


class Station:
    """What came home, in order; `wait` runs it here until something is so."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.scans: list[str] = []
        self.told: list[tuple[str, DeviceState]] = []

    def home(self, call: Callable[[], None]) -> None:
        self._calls.put(call)

    def hear(self, scan: str) -> None:
        self.scans.append(scan)

    def tell(self, id: str, state: DeviceState) -> None:
        self.told.append((id, state))

    def wait(self, until: Callable[[], bool]) -> None:
        while not until():
            self._calls.get(timeout=SOON)()

    def conditions(self, id: str = "a") -> list[str]:
        return [state.condition for told, state in self.told if told == id]


GONE = DeviceError("scanner.unplugged", "It is not there.", accepted=0)
DENIED = DeviceError("scanner.denied", "Not allowed.", accepted=0)


def scanner(id: str = "a", address: str = "") -> Device:
    return Device(id, id.upper(), address or f"serial:{id}", ScannerSetup())


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
def ears(wire: Wire, station: Station, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    monkeypatch.setattr(listening, "PAUSES_S", (600.0,))  # only `wake` ends a pause here
    before = set(threading.enumerate())
    made = Listening(station, station.hear, station.tell, wire.opened)
    yield made
    made.close()
    assert set(threading.enumerate()) <= before
    assert not wire.open


@pytest.mark.capability("BW+01")
def test_two_scanners_at_once(ears: Listening, wire: Wire, station: Station) -> None:
    ears.equip([scanner("a"), scanner("b")])
    assert {wire.tried(), wire.tried()} == {"serial:a", "serial:b"}
    for n in range(100):
        wire.send("serial:a", f"978{n:010}")
        wire.send("serial:b", f"979{n:010}")
    station.wait(lambda: len(station.scans) == 200)
    assert [s for s in station.scans if s.startswith("978")] == [f"978{n:010}" for n in range(100)]
    assert [s for s in station.scans if s.startswith("979")] == [f"979{n:010}" for n in range(100)]
    assert station.conditions("a") == station.conditions("b") == ["ready"]


def test_other_devices_are_left_alone(ears: Listening, wire: Wire) -> None:
    ears.equip(
        [
            Device("p", "P", "serial:p", ReceiptPrinterSetup()),
            Device("s", "S", "sim:", ScannerSetup()),
            scanner("a"),
        ]
    )
    assert wire.tried() == "serial:a"
    assert wire.tries.empty()


def test_pulling_out_and_plugging_in_is_told_once_and_lived_through(
    ears: Listening, wire: Wire, station: Station
) -> None:
    ears.equip([scanner()])
    wire.tried()

    def reached(condition: str, count: int) -> None:
        station.wait(lambda: station.conditions().count(condition) == count)

    for turn in range(20):
        wire.send("serial:a", f"before {turn}")
        wire.refuse["serial:a"] = GONE
        wire.send("serial:a", GONE)
        reached("unplugged", turn + 1)
        ears.wake()
        wire.tried()
        del wire.refuse["serial:a"]
        ears.wake()
        wire.tried()
        reached("ready", turn + 2)
        wire.send("serial:a", f"after {turn}")
    station.wait(lambda: len(station.scans) == 40)
    assert station.conditions() == ["ready", *["unplugged", "ready"] * 20]
    assert station.told[1][1].message == "It is not there."


def test_a_scanner_that_is_not_there_is_tried_again_after_a_pause(
    wire: Wire, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    class Woken(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0.0)
            return super().wait(0 if len(pauses) < 6 else timeout)

    wire.refuse["serial:a"] = GONE
    ears = Listening(station, station.hear, station.tell, wire.opened)
    ear = listening._Ear(ears, scanner(), ())
    ear._woken = Woken()
    ear.start()
    for _ in range(6):
        wire.tried()
    ear.stop()
    ear.join()
    assert pauses[:5] == [1.0, 2.0, 5.0, 5.0, 5.0]


def test_a_right_that_comes_a_moment_late_is_not_told(ears: Listening, wire: Wire, station: Station) -> None:
    wire.refuse["serial:a"] = DENIED
    ears.equip([scanner()])
    wire.tried()
    del wire.refuse["serial:a"]
    wait_and_wake(ears, wire)
    station.wait(lambda: station.conditions() == ["ready"])


def test_a_right_that_is_lacking_is_told(ears: Listening, wire: Wire, station: Station) -> None:
    wire.refuse["serial:a"] = DENIED
    ears.equip([scanner()])
    wire.tried()
    wait_and_wake(ears, wire)
    station.wait(lambda: station.conditions() == ["denied"])
    assert station.told[0][1].message == "Not allowed."


def wait_and_wake(ears: Listening, wire: Wire) -> None:
    """Wake until the scanner is tried again: the pause may not have begun at the first."""
    while True:
        ears.wake()
        try:
            wire.tries.get(timeout=0.05)
        except queue.Empty:
            continue
        return


@pytest.mark.parametrize("fault", [Refused("device.address", "No address."), ZeroDivisionError()])
def test_a_wrong_address_or_a_bug_is_told_and_silences_nobody_else(
    ears: Listening, wire: Wire, station: Station, fault: Exception
) -> None:
    wire.refuse["serial:a"] = fault
    ears.equip([scanner("a"), scanner("b")])
    wire.sent.setdefault("serial:b", queue.Queue())
    station.wait(lambda: station.conditions("a") == ["error"] and station.conditions("b") == ["ready"])
    wire.send("serial:b", "978")
    station.wait(lambda: station.scans == ["978"])


def test_equipping_again_changes_only_what_changed(ears: Listening, wire: Wire, station: Station) -> None:
    ears.equip([scanner("a"), scanner("b")])
    wire.tried(), wire.tried()
    station.wait(lambda: len(station.told) == 2)
    ears.equip([scanner("a"), scanner("b", "serial:c")])
    assert wire.tried() == "serial:c"
    station.wait(lambda: len(station.told) == 3)
    assert wire.open == {"serial:a", "serial:c"}
    ears.equip([])
    assert wire.tries.empty()


def test_another_name_interrupts_nothing(ears: Listening, wire: Wire, station: Station) -> None:
    ears.equip([scanner()])
    wire.tried()
    ears.equip([replace(scanner(), name="At the counter")])
    wire.send("serial:a", "978")
    station.wait(lambda: station.scans == ["978"])
    assert wire.tries.empty()


def test_a_scanner_that_is_listed_twice_is_heard_once(ears: Listening, wire: Wire, station: Station) -> None:
    ears.equip([scanner("a", "serial:x"), scanner("b", "serial:x")])
    wire.tried()
    station.wait(lambda: station.conditions("a") == ["ready"] and station.conditions("b") == ["held"])
    wire.send("serial:x", "978")
    station.wait(lambda: station.scans == ["978"])
    assert wire.tries.empty()
    ears.equip([scanner("b", "serial:x")])
    wire.tried()
    station.wait(lambda: station.conditions("b") == ["held", "ready"])


def test_a_port_goes_from_one_to_the_next(ears: Listening, wire: Wire, station: Station) -> None:
    # The scanner beneath fails if two hold it at once.
    ears.equip([scanner("a", "serial:x")])
    wire.tried()
    station.wait(lambda: station.conditions("a") == ["ready"])
    ears.equip([scanner("b", "serial:x")])
    station.wait(lambda: station.conditions("b") == ["ready"])


def test_a_scan_that_was_read_comes_home_though_its_scanner_is_removed(
    ears: Listening, wire: Wire, station: Station
) -> None:
    ears.equip([scanner()])
    wire.tried()
    wire.send("serial:a", "978")
    while not wire.sent["serial:a"].empty():
        threading.Event().wait(0.001)
    ears.equip([])
    station.wait(lambda: station.scans == ["978"])
