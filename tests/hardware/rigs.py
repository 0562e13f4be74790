"""Printers to hold drivers to their contract: each driver as the shop opens it, and its far side.

Every rig is a printer that was just set up, in good order. What a driver cannot do by nature is said here as
a value, so that no test has to look which one it has.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from bookwish_desk.hardware.labels import open_label_printer
from bookwish_desk.hardware.model import Attempt, Outcome, Printer
from bookwish_desk.hardware.receipts import open_drawer, open_receipt_printer
from bookwish_desk.hardware.receipts.simulated import SimulatedDrawer, SimulatedPrinter
from bookwish_desk.hardware.simulation import Trouble
from bookwish_desk.shop.device import Device, DeviceState, LabelPrinterSetup, ReceiptPrinterSetup
from tests.hardware.cups_bed import cups_bed
from tests.hardware.engine import Engine
from tests.hardware.hands import UsbBed, usb_bed
from tests.hardware.label_insides import LabelInsides
from tests.hardware.pty_printer import PtyPrinter, pty_printer
from tests.hardware.tcp_printer import TcpPrinter, tcp_printer

_SECONDS = 30


class Rig:
    """A driver and its printer.

    `best` is what it can say of a job that went well. `asked`: it tells how the printer is, so that a job for
    one that is not ready is refused. `has_roll`: its paper ends in the middle of a job. `holdable`: another
    program can take it. `notices`: it hears of a connection that breaks in a job. `packet` is how finely it
    can be cut off, `returns` how often it is worth trying that it comes back.
    """

    best: Literal["printed", "sent"] = "printed"
    asked = True
    has_roll = True
    holdable = False
    notices = True
    has_drawer = True
    returns = 3
    packet = 16

    insides: Callable[[], Engine] = Engine
    """What its printer is like within."""

    def device(self, address: str) -> Device:
        """Return the device as the shop keeps it."""
        return Device("receipts", "Receipts", address, ReceiptPrinterSetup(asks=self.asked))

    def send(self, data: bytes, seconds: float = 10.0, patience: float = 0.0) -> Outcome:
        """Send a job."""
        raise NotImplementedError

    def state(self) -> DeviceState:
        """Ask how it is."""
        raise NotImplementedError

    def kick(self) -> Outcome:
        """Open the drawer."""
        raise NotImplementedError

    def begin(self, data: bytes, seconds: float = 10.0, patience: float = 0.0) -> Future[Outcome]:
        """Send a job meanwhile."""
        future: Future[Outcome] = Future()

        def run() -> None:
            try:
                future.set_result(self.send(data, seconds, patience))
            except BaseException as fault:
                future.set_exception(fault)

        threading.Thread(target=run).start()
        return future

    def order(self, words: str) -> None:
        """Do what a person at the printer does, in the words of `Engine.order`."""
        raise NotImplementedError

    def paper(self) -> bytes:
        """Return what is on paper."""
        raise NotImplementedError

    def pulses(self) -> int:
        """Return how often the drawer was told to open."""
        raise NotImplementedError

    def wait(self, until: Callable[[bytes, int], bool]) -> None:
        """Wait until what is on paper, and how much the printer has not printed, is so."""
        raise NotImplementedError

    def leave(self) -> None:
        """Take the printer away: pulled out, switched off, or its queue paused."""
        raise NotImplementedError

    def come_back(self) -> None:
        """Bring it back, at another place where it has one, and able to take a job whole."""
        raise NotImplementedError

    def hold(self, on: bool) -> None:
        """Let another program take it, or give it back."""
        raise NotImplementedError


class LocalRig(Rig):
    """A driver in this process."""

    def __init__(self, device: Device, folder: Path) -> None:
        self.printer: Printer
        self.drawer = None
        if device.role == "label_printer":
            self.printer = open_label_printer(device, folder)
        else:
            self.printer = printer = open_receipt_printer(device, folder)
            self.drawer = open_drawer(device, printer, folder)

    def send(self, data: bytes, seconds: float = 10.0, patience: float = 0.0) -> Outcome:
        now = time.monotonic()
        return self.printer.send(
            data, Attempt(now + seconds, now + patience if patience else 0.0, title="job")
        )

    def state(self) -> DeviceState:
        return self.printer.state(time.monotonic() + _SECONDS)

    def kick(self) -> Outcome:
        assert self.drawer is not None
        return self.drawer.kick(time.monotonic() + 5)


class SimulatedRig(LocalRig):
    """The printer of the demonstration shop."""

    has_roll = False
    packet = 1

    def __init__(self, folder: Path) -> None:
        super().__init__(self.device("sim:"), folder)
        assert isinstance(self.printer, SimulatedPrinter)
        assert isinstance(self.drawer, SimulatedDrawer)
        self._far = self.printer
        self._folder = folder / "devices"

    def order(self, words: str) -> None:
        what, _, how = words.partition(" ")
        orders: dict[str, dict[str, Any]] = {
            "paper": {"paper_out": how == "out"},
            "cover": {"cover_open": how == "open"},
            "deaf": {"mute": how == "on"},
            "cut": {"gone_after": int(how) if how.isdigit() else None},
        }
        changes = orders[what]
        self._far.trouble = msgspec.structs.replace(self._far.trouble, **changes)

    def paper(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self._folder.glob("receipts/*.bin")))

    def pulses(self) -> int:
        return len(list(self._folder.glob("receipts-drawer/*.bin")))

    def wait(self, until: Callable[[bytes, int], bool]) -> None:
        assert until(self.paper(), 0)

    def leave(self) -> None:
        self._far.trouble = Trouble(offline=True)

    def come_back(self) -> None:
        self._far.trouble = Trouble()


class TcpRig(LocalRig):
    """A printer in the network."""

    def __init__(self, folder: Path, far: TcpPrinter, queue: str = "") -> None:
        super().__init__(self.device(f"queue:{queue}" if queue else f"tcp:127.0.0.1:{far.port}"), folder)
        self.far = far

    def order(self, words: str) -> None:
        self.far.order(words)

    def paper(self) -> bytes:
        return bytes(self.far.engine.paper)

    def pulses(self) -> int:
        return len(self.far.engine.pulses)

    def wait(self, until: Callable[[bytes, int], bool]) -> None:
        self.far.wait(lambda engine: until(bytes(engine.paper), engine.waiting()))

    def leave(self) -> None:
        self.far.order("power off")
        _wait_for_port(self.far.port, open_=False)

    def come_back(self) -> None:
        self.far.engine.cut_off_after = None
        self.far.order("power on")
        _wait_for_port(self.far.port, open_=True)
        self.far.wait_free()


class QueueRig(TcpRig):
    """A printer of the system: CUPS in between says that it took a job, and nothing else."""

    best = "sent"
    asked = False
    notices = False

    def __init__(self, folder: Path, far: TcpPrinter, run: Callable[..., str]) -> None:
        super().__init__(folder, far, "receipts")
        self._run = run

    def leave(self) -> None:
        self._run("cupsdisable", "receipts")

    def come_back(self) -> None:
        super().come_back()
        self._run("cupsenable", "receipts")


class SerialRig(LocalRig):
    """A printer on a serial line."""

    holdable = True

    def __init__(self, folder: Path, far: PtyPrinter) -> None:
        super().__init__(self.device(f"serial:{far.port}"), folder)
        self._far = far
        self._holder: Any = None

    def order(self, words: str) -> None:
        self._far.order(words)

    def paper(self) -> bytes:
        return bytes(self._far.engine.paper)

    def pulses(self) -> int:
        return len(self._far.engine.pulses)

    def wait(self, until: Callable[[bytes, int], bool]) -> None:
        self._far.wait(lambda engine: until(bytes(engine.paper), engine.waiting()))

    def leave(self) -> None:
        self._far.pull_out()

    def come_back(self) -> None:
        self._far.plug_in()

    def hold(self, on: bool) -> None:
        if on:
            self._holder = self._far.port.open("rb")
            fcntl.flock(self._holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            self._holder.close()


class UsbRig(Rig):
    """A printer on a USB cable, driven by a hand that sees it through umockdev."""

    holdable = True
    packet = 64
    returns = 20
    protocol = 2

    def __init__(self, bed: UsbBed, folder: Path) -> None:
        self.bed = bed
        self._port = 1
        self._plug()
        device = self.device("usb:04b8:0e28:X3XX012345")
        bed.hand.call("open_printer", device=msgspec.to_builtins(device), folder=str(folder))

    def send(self, data: bytes, seconds: float = 10.0, patience: float = 0.0) -> Outcome:
        return self.begin(data, seconds, patience).result(_SECONDS * 2)

    def begin(self, data: bytes, seconds: float = 10.0, patience: float = 0.0) -> Future[Outcome]:
        answer = self.bed.hand.begin(
            "send", name="receipts", data=data.hex(), seconds=seconds, patience=patience
        )
        future: Future[Outcome] = Future()

        def came(answer: Future[Any]) -> None:
            try:
                future.set_result(msgspec.convert(answer.result(), Outcome))
            except BaseException as fault:
                future.set_exception(fault)

        answer.add_done_callback(came)
        return future

    def state(self) -> DeviceState:
        return msgspec.convert(self.bed.hand.call("state", name="receipts", seconds=_SECONDS), DeviceState)

    def kick(self) -> Outcome:
        return msgspec.convert(self.bed.hand.call("kick", name="receipts", seconds=5), Outcome)

    def order(self, words: str) -> None:
        self.bed.order("tell", name="printer", words=words)

    def look(self) -> dict[str, Any]:
        """Return what the bed knows of the printer."""
        return self.bed.order("look", name="printer")

    def paper(self) -> bytes:
        return bytes.fromhex(self.look()["paper"])

    def pulses(self) -> int:
        return int(self.look()["pulses"])

    def wait(self, until: Callable[[bytes, int], bool]) -> None:
        end = time.monotonic() + _SECONDS
        while not until(bytes.fromhex((now := self.look())["paper"]), now["waiting"]):
            assert time.monotonic() < end, now

    def leave(self) -> None:
        self.bed.order("unplug", name="printer")

    def come_back(self) -> None:
        self._port = self._port % 4 + 1
        self.bed.order("set", name="printer", cut_off_after=None)
        self._plug()

    def _plug(self) -> None:
        insides = "receipt" if self.has_drawer else "label"
        port = f"1-{self._port}"
        self.bed.order("plug", kind="printer", port=port, protocol=self.protocol, insides=insides)

    def hold(self, on: bool) -> None:
        self.bed.order("hold", name="printer", on=on)


class OneWayUsbRig(UsbRig):
    """A simple printer on a USB cable, without a way back, set up as one that is never asked."""

    best = "sent"
    asked = False
    protocol = 1


class _Labels(Rig):
    """A label printer, set up in one of its languages."""

    has_drawer = False
    insides = LabelInsides

    def device(self, address: str) -> Device:
        """Return the device as the shop keeps it."""
        return Device("receipts", "Labels", address, LabelPrinterSetup())


class LabelTcpRig(_Labels, TcpRig):
    """A label printer in the network."""


class LabelSerialRig(_Labels, SerialRig):
    """A label printer on a serial line."""


class LabelUsbRig(_Labels, UsbRig):
    """A label printer on a USB cable."""


class LabelQueueRig(_Labels, QueueRig):
    """A label printer of the system that takes raw jobs."""


RIGS: dict[str, type[Rig]] = {
    "simulated": SimulatedRig,
    "network": TcpRig,
    "serial": SerialRig,
    "usb": UsbRig,
    "usb-one-way": OneWayUsbRig,
    "queue": QueueRig,
    "label-network": LabelTcpRig,
    "label-serial": LabelSerialRig,
    "label-usb": LabelUsbRig,
    "label-queue": LabelQueueRig,
}


@contextlib.contextmanager
def open_rig(which: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Set a printer up until the end of the block."""
    kind = RIGS[which]
    with contextlib.ExitStack() as stack:
        if issubclass(kind, SimulatedRig):
            yield kind(folder)
        elif issubclass(kind, SerialRig):
            yield kind(folder, stack.enter_context(pty_printer(kind.insides(), folder / "ttyPRINTER")))
        elif issubclass(kind, UsbRig):
            yield kind(stack.enter_context(usb_bed()), folder)
        else:
            far = stack.enter_context(tcp_printer(kind.insides()))
            if issubclass(kind, QueueRig):
                cups = stack.enter_context(cups_bed())
                monkeypatch.setenv("CUPS_SERVER", cups.server)
                cups.add_to_port("receipts", far.port)
                yield kind(folder, far, cups.run)
            else:
                assert issubclass(kind, TcpRig)
                yield kind(folder, far)


def _wait_for_port(port: int, open_: bool) -> None:
    end = time.monotonic() + _SECONDS
    while _is_open(port) != open_:
        assert time.monotonic() < end


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=_SECONDS).close()
    except OSError:
        return False
    return True
