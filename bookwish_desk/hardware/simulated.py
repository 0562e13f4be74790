"""Devices that exist only as files: they get the bytes a real one gets and can be told to fail.

The driver above them is the one that drives real printers. Each job becomes one file; who shows the
devices hears of each job by a plain callback, on the device's lane.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from bookwish_desk.hardware.job_files import write_job
from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.model import Attempt, Outcome, PrinterProfile
from bookwish_desk.hardware.printer import EscPosPrinter
from bookwish_desk.hardware.status import STATUS_QUERIES
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.errors import DeviceError, StorageError
from bookwish_desk.shop.label import LabelJob
from bookwish_desk.shop.slip import Slip

_BUFFER = 4096  # bytes a printer without paper still takes


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a simulated device.

    `mute` takes everything and answers nothing. `slow_seconds` pass before it confirms. The link
    breaks after `gone_after` bytes of a job.
    """

    paper_out: bool = False
    cover_open: bool = False
    offline: bool = False
    mute: bool = False
    slow_seconds: float = 0.0
    gone_after: int | None = None


class DeviceJob(msgspec.Struct, frozen=True):
    """One job that came to a simulated device: `data` is what reached it, `path` the file that holds it.

    `slip` is what it shows, where the sender knew; `path` is None when nothing reached the device.
    """

    device: str
    kind: Literal["slip", "kick", "label"]
    outcome: Outcome
    data: bytes
    path: Path | None
    slip: Slip | LabelJob | None = None


OnJob = Callable[[DeviceJob], None]


def nobody(job: DeviceJob) -> None:
    """Hear of a job and do nothing."""


class SimulatedPrinter:
    """A receipt printer that prints into `folder`. Set `trouble` at any time, from any thread."""

    def __init__(self, name: str, profile: PrinterProfile, folder: Path, on_job: OnJob = nobody) -> None:
        self.trouble = Trouble()
        self._on_job = on_job
        self._transport = FileTransport(folder, lambda: self.trouble)
        self._printer = EscPosPrinter(name, profile, self._transport)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the device."""
        return self._printer.name

    @property
    def profile(self) -> PrinterProfile:
        """What it can do."""
        return self._printer.profile

    def render(self, slip: Slip) -> bytes:
        """Return the job for this printer."""
        return self._printer.render(slip)

    def state(self, deadline: float) -> DeviceState:
        """Return how it is."""
        return self._printer.state(deadline)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Print into a file named after the slip, then tell who listens."""
        slip = attempt.slip if isinstance(attempt.slip, Slip) else None
        with self._lock:
            self._transport.ref = (slip.ref or slip.kind) if slip else "job"
            outcome = self._printer.send(data, attempt)
            taken, path = self._transport.take()
        if taken and path is None:
            outcome = Outcome(
                "failed", 0, "The simulated printer could not write its file. Is the disk full?"
            )
        self._on_job(DeviceJob(self.name, "slip", outcome, taken, path, slip))
        return outcome


class SimulatedDrawer:
    """A drawer that opens by writing the pulse into `folder`. Set `trouble` at any time."""

    def __init__(self, name: str, profile: PrinterProfile, folder: Path, on_job: OnJob = nobody) -> None:
        self.name = name
        self.trouble = Trouble()
        self._on_job = on_job
        self._transport = FileTransport(folder, lambda: self.trouble)
        self._transport.ref = "kick"
        self._behind = EscPosPrinter(name, msgspec.structs.replace(profile, answers=False), self._transport)
        self._lock = threading.Lock()

    def kick(self, deadline: float) -> Outcome:
        """Open, then tell who listens."""
        with self._lock:
            outcome = self._behind.kick(deadline)
            taken, path = self._transport.take()
        self._on_job(DeviceJob(self.name, "kick", outcome, taken, path))
        return outcome


class FileTransport:
    """A printer made of files: one a job, `NNNNNN-<ref>.bin` in `folder`, only for its owner to read."""

    def __init__(self, folder: Path, trouble: Callable[[], Trouble] = Trouble) -> None:
        self.ref = "job"
        self._folder = folder
        self._trouble = trouble
        self._taken = b""
        self._path: Path | None = None

    def open(self, deadline: float, title: str = "") -> Link:
        """Return a link to the device as it is now."""
        trouble = self._trouble()
        if trouble.offline or time.monotonic() >= deadline:
            raise DeviceError(
                "printer.unreachable",
                "The device does not answer. Check that it is on and connected.",
                accepted=0,
            )
        return _FileLink(trouble, self._keep)

    def take(self) -> tuple[bytes, Path | None]:
        """Return what reached the device since the last call, and the file that holds it."""
        taken = self._taken, self._path
        self._taken, self._path = b"", None
        return taken

    def _keep(self, data: bytes) -> None:
        self._taken = data
        try:
            self._path = write_job(self._folder, self.ref, data)
        except (OSError, StorageError):
            self._path = None


class _FileLink:
    def __init__(self, trouble: Trouble, keep: Callable[[bytes], None]) -> None:
        self._trouble = trouble
        self._keep = keep
        self._taken = b""
        self._answers = b""
        self._open = True

    def write(self, data: bytes, deadline: float) -> int:
        if data in STATUS_QUERIES:  # real-time commands pass by the paper
            self._answers += self._status(STATUS_QUERIES.index(data))
            return len(data)
        part = data[: max(0, self._room() - len(self._taken))]
        self._taken += part
        return len(part)

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        if not self._answers and not self._trouble.mute:
            left = deadline - time.monotonic()
            threading.Event().wait(max(0.0, min(left, self._trouble.slow_seconds)))
            self._answers = b"\0" if self._trouble.slow_seconds < left else b""
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def close(self, deadline: float) -> None:
        if self._open and self._taken:
            self._keep(self._taken)
        self._open = False

    def abort(self) -> None:
        self.close(0.0)

    def _room(self) -> int:
        if self._trouble.gone_after is not None:
            return self._trouble.gone_after
        if self._trouble.paper_out or self._trouble.cover_open:
            return _BUFFER
        return sys.maxsize

    def _status(self, which: int) -> bytes:
        trouble = self._trouble
        if trouble.mute:
            return b""
        stopped = trouble.paper_out or trouble.cover_open
        bits = (
            0x08 * stopped,
            0x04 * trouble.cover_open | 0x20 * trouble.paper_out,
            0x60 * trouble.paper_out,
        )
        return bytes([0x12 | bits[which]])
