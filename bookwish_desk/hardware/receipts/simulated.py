"""A receipt printer and a drawer that exist only as files: they get real bytes and can be told to fail.

The driver above them is the one that drives real printers. Each job becomes one file, without what only makes
a printer report; who shows the devices hears of each job by a plain callback, on the device's lane.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bookwish_desk.hardware.job_files import NOT_WRITTEN, FileTransport, Keep
from bookwish_desk.hardware.model import Attempt, Outcome, PrinterProfile
from bookwish_desk.hardware.receipts.escpos import CONFIRM, DROP, RESET, TELL, TELL_NO_MORE, process_id
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.hardware.simulation import DeviceJob, OnJob, Trouble, nobody
from bookwish_desk.shop.device import Confirms, DeviceState
from bookwish_desk.shop.slip import Slip

_BUFFER = 4096  # bytes a printer without paper still takes
_LOOK_SECONDS = 0.02

_ID = re.escape(process_id(b"")) + rb"([ -~]{4})"
_IDS = re.compile(_ID)
_QUESTION = re.compile(re.escape(RESET) + _ID + re.escape(RESET + CONFIRM))
_HEAD = re.compile(rb"\A(\x1b@)?%b(?:%b)?" % (re.escape(TELL), _ID))
_TAIL = re.compile(rb"(?:%b|%b)%b\Z" % (_ID, re.escape(CONFIRM), re.escape(TELL_NO_MORE)))


class SimulatedPrinter:
    """A receipt printer that prints into `folder`. Set `trouble` at any time, from any thread."""

    def __init__(
        self,
        name: str,
        profile: PrinterProfile,
        folder: Path,
        on_job: OnJob = nobody,
        confirms: Confirms = "",
    ) -> None:
        self.trouble = Trouble()
        self._on_job = on_job
        self._transport = FileTransport(folder, lambda: self.trouble, _FileLink)
        self._printer = EscPosPrinter(name, profile, self._transport, confirms=confirms)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The id of the device."""
        return self._printer.name

    @property
    def profile(self) -> PrinterProfile:
        """What it can do."""
        return self._printer.profile

    @property
    def learned(self) -> Confirms:
        """How it confirms, once that was found out."""
        return self._printer.learned

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer."""
        return self._printer.render(slip)

    def state(self, deadline: float) -> DeviceState:
        """Return how it is."""
        return self._printer.state(deadline)

    def probe(self, deadline: float) -> Confirms:
        """Find out how it confirms."""
        return self._printer.probe(deadline)

    def pass_on(self, data: bytes, deadline: float) -> DeviceState:
        """Say how it is: a display behind it is simulated by itself and needs nothing of it."""
        return self._printer.state(deadline)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Print into a file named after the slip, then tell who listens."""
        slip = attempt.slip if isinstance(attempt.slip, Slip) else None
        with self._lock:
            self._transport.ref = (slip.ref or slip.kind) if slip else "job"
            outcome = self._printer.send(data, attempt)
            taken, path = self._transport.take()
        if taken and path is None:
            outcome = NOT_WRITTEN
        self._on_job(DeviceJob(self.name, "slip", outcome, taken, path, slip))
        return outcome


class SimulatedDrawer:
    """A drawer that opens by writing the pulse into `folder`. Set `trouble` at any time."""

    def __init__(
        self,
        name: str,
        profile: PrinterProfile,
        folder: Path,
        on_job: OnJob = nobody,
        sensor: bool = False,
    ) -> None:
        self.name = name
        self.trouble = Trouble()
        self._on_job = on_job
        self._transport = FileTransport(folder, lambda: self.trouble, _FileLink, "kick")
        self._behind = EscPosPrinter(name, profile, self._transport, sensor=sensor)
        self._lock = threading.Lock()

    def kick(self, deadline: float) -> Outcome:
        """Open, then tell who listens."""
        with self._lock:
            outcome = self._behind.kick(deadline)
            taken, path = self._transport.take()
        self._on_job(DeviceJob(self.name, "kick", outcome, taken, path))
        return outcome


class _FileLink:
    """One conversation with a printer of files: it prints what it took once nothing is wrong with it."""

    def __init__(self, trouble: Callable[[], Trouble], keep: Keep) -> None:
        self._trouble = trouble
        self._keep = keep
        self._came = 0
        self._waiting = b""
        self._job = b""
        self._answers = b""
        self._print_at = 0.0
        self._drawer_open = False
        self._open = True

    def write(self, data: bytes, deadline: float) -> int:
        if self._is_gone():
            return 0
        if data.startswith(b"\x10"):  # real-time commands pass by the paper
            self._act_at_once(data)
            return len(data)
        part = data[: self._room()]
        self._came += len(part)
        self._waiting += part
        self._job += _without_reports(part)
        self._print_at = time.monotonic() + self._trouble().slow_seconds
        return len(part)

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        self._print()
        while not self._answers and not self._is_gone() and (left := deadline - time.monotonic()) > 0:
            threading.Event().wait(min(left, _LOOK_SECONDS))
            self._print()
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def close(self, deadline: float) -> None:
        if self._open and self._job:
            self._keep(self._job)
        self._open = False

    def abort(self) -> None:
        self.close(0.0)

    def _room(self) -> int:
        trouble = self._trouble()
        if trouble.gone_after is not None:
            return max(0, trouble.gone_after - self._came)
        if trouble.paper_out or trouble.cover_open:
            return max(0, _BUFFER - len(self._waiting))
        return sys.maxsize

    def _is_gone(self) -> bool:
        trouble = self._trouble()
        broken = trouble.gone_after is not None and self._came >= trouble.gone_after
        return broken or trouble.offline or not self._open

    def _print(self) -> None:
        """Print what waits and answer what stands in it."""
        trouble = self._trouble()
        stopped = trouble.paper_out or trouble.cover_open or time.monotonic() < self._print_at
        if stopped or not self._waiting:
            return
        said = b"".join(b"\x37\x22" + mark + b"\0" for mark in _IDS.findall(self._waiting))
        if self._waiting.removesuffix(TELL_NO_MORE).endswith(CONFIRM):
            said += b"\0"
        if self._waiting.startswith(b"\x1bp"):
            self._pulse()
        self._waiting = b""
        self._say(said)

    def _act_at_once(self, command: bytes) -> None:
        if command[1] == 0x04:
            self._say(self._status(command[2]))
        elif command == DROP:
            self._waiting = b""
            self._say(b"\x37\x25\0")
        elif command[1:3] == b"\x14\x01":
            self._job += command
            self._pulse()

    def _pulse(self) -> None:
        self._drawer_open = self._drawer_open or not self._trouble().drawer_stuck

    def _say(self, answer: bytes) -> None:
        if not self._trouble().mute:
            self._answers += answer

    def _status(self, which: int) -> bytes:
        trouble = self._trouble()
        bits = {
            1: 0x08 * (trouble.paper_out or trouble.cover_open) | 0x04 * self._drawer_open,
            2: 0x04 * trouble.cover_open | 0x20 * trouble.paper_out,
            4: 0x60 * trouble.paper_out,
        }
        return bytes([0x12 | bits.get(which, 0)])


def _without_reports(data: bytes) -> bytes:
    """Return what of a write belongs to the job, and not only makes a printer report."""
    if not data.strip(b"\0") or _QUESTION.fullmatch(data):
        return b""
    return _TAIL.sub(b"", _HEAD.sub(rb"\1", data))
