"""A label printer that exists only as files: it gets the bytes a real one gets and can be told to fail.

The driver above it is the one of real printers. One that only the system could drive is simulated as a
Zebra.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bookwish_desk.hardware.job_files import NOT_WRITTEN, FileTransport, Keep
from bookwish_desk.hardware.labels import epl, tspl, zpl
from bookwish_desk.hardware.labels.printer import RawLabelPrinter
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.hardware.simulation import DeviceJob, OnJob, Trouble, nobody
from bookwish_desk.shop.device import DeviceState, LabelPrinterSetup
from bookwish_desk.shop.label import LabelJob

_QUESTIONS = (zpl.ASK, zpl.ASK_ERRORS, tspl.ASK, epl.ASK)
_BUFFER = 4096  # bytes a printer without labels still takes


class SimulatedLabelPrinter:
    """A label printer that prints into `folder`. Set `trouble` at any time, from any thread."""

    def __init__(self, name: str, setup: LabelPrinterSetup, folder: Path, on_job: OnJob = nobody) -> None:
        self.trouble = Trouble()
        self.setup = msgspec.structs.replace(setup, language="zpl") if setup.language == "system" else setup
        self._on_job = on_job
        self._door = FileTransport(folder, lambda: self.trouble, _FileLink)
        self._printer = RawLabelPrinter(name, self.setup, self._door)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The id of the device."""
        return self._printer.name

    def render(self, job: LabelJob) -> bytes:
        """Return the job for this printer; see `LabelPrinter.render`."""
        return self._printer.render(job)

    def state(self, deadline: float) -> DeviceState:
        """Return how it is."""
        return self._printer.state(deadline)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Print into a file named after the job, then tell who listens."""
        job = attempt.slip if isinstance(attempt.slip, LabelJob) else None
        with self._lock:
            self._door.ref = job.ref if job and job.ref else "label"
            outcome = self._printer.send(data, attempt)
            taken, path = self._door.take()
        if taken and path is None:
            outcome = NOT_WRITTEN
        self._on_job(DeviceJob(self.name, "label", outcome, taken, path, job))
        return outcome


class _FileLink:
    """A link that looks at the trouble each time: labels may run out, and be put in, under way."""

    def __init__(self, trouble: Callable[[], Trouble], keep: Keep) -> None:
        self._trouble = trouble
        self._keep = keep
        self._taken = b""
        self._answers = b""
        self._done_at = 0.0
        self._open = True

    def write(self, data: bytes, deadline: float) -> int:
        if data in _QUESTIONS:
            self._answers += self._answer(data)
            return len(data)
        part = data[: max(0, self._room() - len(self._taken))]
        self._taken += part
        self._done_at = time.monotonic() + self._trouble().slow_seconds
        return len(part)

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        if not self._answers:  # a printer that is on stays silent; only the end of a link comes at once
            threading.Event().wait(max(0.0, deadline - time.monotonic()))
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def close(self, deadline: float) -> None:
        if self._open and self._taken:
            self._keep(self._taken)
        self._open = False

    def abort(self) -> None:
        self.close(0.0)

    def _room(self) -> int:
        trouble = self._trouble()
        if trouble.gone_after is not None:
            return trouble.gone_after
        return _BUFFER if trouble.paper_out or trouble.cover_open else sys.maxsize

    def _answer(self, question: bytes) -> bytes:
        trouble = self._trouble()
        if trouble.mute:
            return b""
        stopped = trouble.paper_out or trouble.cover_open
        busy = time.monotonic() < self._done_at
        if question == tspl.ASK:
            return bytes([0x01 * trouble.cover_open | 0x04 * trouble.paper_out | 0x20 * busy])
        if question == epl.ASK:
            return b"11\r\n" if trouble.cover_open else b"07\r\n" if trouble.paper_out else b"00\r\n"
        if question == zpl.ASK_ERRORS:
            bits = 0x4 * trouble.cover_open | 0x1 * trouble.paper_out
            return b"\x02\r\n  PRINTER STATUS\r\n ERRORS: %d 00000000 %08X\r\n\x03" % (bool(bits), bits)
        if stopped:
            return b""  # as a Zebra does
        return (
            b"\x02030,0,0,1218,%03d,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,%08d,1,000\x03\r\n"
            b"\x021234,0\x03\r\n" % (busy, busy)
        )
