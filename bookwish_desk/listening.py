"""Listens to the scanners with a line of their own: one thread each, from plugging in to pulling out.

What a scan means is for whoever hears it; scanners that type are `ui.wedge`'s.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bookwish_desk.shop.device import Condition, Device, DeviceState
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import ShopError

if TYPE_CHECKING:
    from bookwish_desk.hardware.model import Scanner

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 2.0, 5.0)
"""Waits before trying a scanner again; the last one from then on."""
_TURN_S = 1.0
_CLOSE_S = 5.0
_SAME = DeviceState("held", "Another scanner in this list is the same one. Remove one of them.")


class Home(Protocol):
    """The way to the GUI thread; see `lanes.Lanes`."""

    def home(self, call: Callable[[], None]) -> None:
        """Run `call` there, after what was brought home before."""


Open = Callable[[Device], "Scanner"]


def _open_scanner(device: Device) -> Scanner:
    from bookwish_desk.hardware.scanning.scanners import open_scanner

    return open_scanner(device)


class Listening:
    """The ears of a register. `heard` gets each scan, `told` each change of a scanner's state, by its id.

    Both are called on the GUI thread, in order. Nothing here makes it wait but `close`.
    """

    def __init__(
        self,
        lanes: Home,
        heard: Callable[[str], None],
        told: Callable[[str, DeviceState], None],
        opened: Open = _open_scanner,
    ) -> None:
        self._lanes = lanes
        self._heard = heard
        self._told = told
        self._opened = opened
        self._ears: dict[str, _Ear] = {}
        self._leaving: list[_Ear] = []

    def equip(self, devices: Sequence[Device]) -> None:
        """Listen to the scanners among `devices` and to no others; those that stay as they are go on."""
        wanted: dict[str, Device] = {}
        for device in devices:
            if device.role == "scanner" and device.scheme in ("hid", "serial"):
                if any(device.address == other.address for other in wanted.values()):
                    # Listened to twice, each of its scans would sell two copies.
                    self._lanes.home(partial(self._told, device.id, _SAME))
                else:
                    wanted[device.id] = device
        for id, ear in tuple(self._ears.items()):
            if id not in wanted or not ear.reads_as(wanted[id]):
                ear.stop()
                self._leaving.append(self._ears.pop(id))
        self._leaving = [ear for ear in self._leaving if ear.alive]
        for id, device in wanted.items():
            if id not in self._ears:
                self._ears[id] = _Ear(self, device, tuple(self._leaving))
                self._ears[id].start()

    def wake(self) -> None:
        """Try the scanners that are not there at once: something was plugged in."""
        for ear in self._ears.values():
            ear.wake()

    def close(self) -> None:
        """Let go of every scanner; no thread is left."""
        ears = [*self._ears.values(), *self._leaving]
        for ear in ears:
            ear.stop()
        for ear in ears:
            ear.join()
        self._ears.clear()
        self._leaving.clear()

    # ---- for the ears, on their threads ----

    def open(self, device: Device) -> Scanner:
        """Return the driver of a scanner."""
        return self._opened(device)

    def hear(self, scan: str) -> None:
        """Bring a scan home."""
        self._lanes.home(lambda: self._heard(scan))

    def tell(self, ear: _Ear, state: DeviceState) -> None:
        """Bring a scanner's state home, unless it is no longer listened to by then."""

        def arrive() -> None:
            if self._ears.get(ear.device.id) is ear:
                self._told(ear.device.id, state)

        self._lanes.home(arrive)


class _Ear:
    """One scanner and the thread that reads it. `before` are those whose port this one may need."""

    def __init__(self, listening: Listening, device: Device, before: Sequence[_Ear]) -> None:
        self.device = device
        self._listening = listening
        self._before = before
        self._scanner: Scanner | None = None
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._state: DeviceState | None = None
        self._denied = False
        self._thread = threading.Thread(target=self._run, name=f"scanner-{device.id}", daemon=True)

    @property
    def alive(self) -> bool:
        """Say whether its thread still runs."""
        return self._thread.is_alive()

    def reads_as(self, device: Device) -> bool:
        """Say whether it goes on as `device` says: another name is no reason to let go."""
        return (self.device.address, self.device.setup) == (device.address, device.setup)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Have the thread end soon; nobody waits for it here."""
        self._stopped.set()
        self._woken.set()
        scanner = self._scanner
        if scanner is not None:
            scanner.close()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join(_CLOSE_S)
        if self.alive:
            log.warning("event=scanner_busy device=%s", self.device.id)

    def wake(self) -> None:
        """Try at once, if it waits before another try."""
        self._woken.set()

    def _run(self) -> None:
        for ear in self._before:
            ear.join()
        tries = 0
        while not self._stopped.is_set():
            self._woken.clear()
            if self._listen():
                tries = 0
            if self._stopped.is_set():
                return
            # What was just plugged in may not be ready for anybody yet: begin with the short pauses again.
            tries = 0 if self._woken.wait(PAUSES_S[min(tries, len(PAUSES_S) - 1)]) else tries + 1

    def _listen(self) -> bool:
        """Hand on what the scanner reads until it is gone; say whether it was there."""
        there = False
        try:
            self._scanner = self._listening.open(self.device)
            self._scanner.open(time.monotonic() + _TURN_S)
            there = True
            self._tell("ready")
            while not self._stopped.is_set():
                scan = self._scanner.read(time.monotonic() + _TURN_S)
                if scan:
                    self._listening.hear(scan)
        except ShopError as refused:
            self._refused(refused)
        except Exception as bug:  # one broken driver must not silence its scanner for good
            log.error("event=bug device=%s", self.device.id, exc_info=bug)
            self._tell("error")
        finally:
            if self._scanner is not None:
                self._scanner.close()
        return there

    def _refused(self, refused: ShopError) -> None:
        condition = _CONDITIONS.get(refused.code.rpartition(".")[2], "error")
        # The system gives the right to a device a moment after it shows it (signal11/hidapi#217).
        early = condition == "denied" and not self._denied
        self._denied = condition == "denied"
        if not early:
            self._tell(condition, refused.message)

    def _tell(self, condition: Condition, words: str = "") -> None:
        state = DeviceState(condition, words or sentence("scanner", condition))
        if state != self._state and not self._stopped.is_set():
            self._state = state
            self._listening.tell(self, state)


_CONDITIONS: dict[str, Condition] = {"unplugged": "unplugged", "held": "held", "denied": "denied"}
