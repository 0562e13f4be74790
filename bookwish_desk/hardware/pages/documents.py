"""Printers for pages: a PDF of the desk's own to a queue of the system, or to a file of a simulated one.

CUPS takes a PDF as it is; elsewhere `os_queue` paints it. What a queue took is sent, never printed.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from bookwish_desk.hardware.job_files import NOT_WRITTEN, write_job
from bookwish_desk.hardware.links.spooler import queue_state
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.hardware.simulation import DeviceJob, OnJob, Trouble, nobody
from bookwish_desk.shop.address import Queue, Simulated, read_address
from bookwish_desk.shop.device import Condition, Device, DeviceState, DocumentPrinterSetup
from bookwish_desk.shop.device_words import sentence
from bookwish_desk.shop.errors import DeviceError, Refused, StorageError
from bookwish_desk.shop.pages import Pages

_MEDIA = {"letter": "Letter", "a4": "A4"}


def open_document_printer(
    device: Device, folder: Path, on_job: OnJob = nobody
) -> DocumentPrinter | SimulatedDocumentPrinter:
    """Return the driver of a document printer, connected to nothing yet; `folder` is the data folder.

    Raises Refused for an address that no such printer has.
    """
    setup = device.setup
    if not isinstance(setup, DocumentPrinterSetup):
        raise Refused("device.role", "This device is no document printer.")
    match read_address(device.address):
        case Queue(name):
            return DocumentPrinter(device.id, setup, name)
        case Simulated():
            return SimulatedDocumentPrinter(device.id, folder / "devices" / device.id, on_job)
    raise Refused(
        "device.address", "A document printer is one of this computer's own printers. Choose it there."
    )


class DocumentPrinter:
    """A printer for pages behind a queue of the system."""

    def __init__(self, name: str, setup: DocumentPrinterSetup, queue: str) -> None:
        self.name = name
        self._setup = setup
        self._queue = queue
        self._lock = threading.Lock()

    def render(self, pages: Pages) -> bytes:
        """Return the job for this printer: the PDF as it is."""
        return pages.pdf

    def state(self, deadline: float) -> DeviceState:
        """Return what the system says of the queue."""
        return queue_state(self._queue, deadline)

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Print one document; see `Printer.send`."""
        if not self._lock.acquire(timeout=max(0.0, attempt.deadline - time.monotonic())):
            return Outcome("failed", 0, "The printer is still busy with another job.")
        try:
            if sys.platform == "win32":
                from bookwish_desk.hardware.os_queue import print_pdf

                return print_pdf(self._queue, data, attempt, self._setup.paper)
            else:
                return self._send_to_cups(data, attempt)
        except DeviceError as fault:
            return Outcome("failed", 0, fault.message)
        finally:
            self._lock.release()

    def _send_to_cups(self, data: bytes, attempt: Attempt) -> Outcome:
        """Hand the PDF to `lp`. Raises DeviceError, accepted 0, when CUPS took nothing."""
        from bookwish_desk.hardware.links.cups import CupsTransport

        options = (f"media={_MEDIA[self._setup.paper]}", "print-scaling=none")
        link = CupsTransport(self._queue, options).open(attempt.deadline, attempt.title)
        try:
            sent = link.write(data, attempt.deadline)
            lacking = link.settle(attempt.deadline)
        finally:
            link.close(attempt.deadline)
        if sent < len(data) or lacking:
            taken = max(0, sent - lacking)
            words = f"The system printer {self._queue} did not get through with it. Look at that printer."
            return Outcome("unknown" if taken else "failed", taken, words)
        return Outcome(
            "sent", len(data), f"The system printer {self._queue} took it. It does not confirm printing."
        )


class SimulatedDocumentPrinter:
    """A printer for pages that writes each PDF into `folder`. Set `trouble` at any time, from any thread."""

    def __init__(self, name: str, folder: Path, on_job: OnJob = nobody) -> None:
        self.name = name
        self.trouble = Trouble()
        self._folder = folder
        self._on_job = on_job

    def render(self, pages: Pages) -> bytes:
        """Return the job for this printer: the PDF as it is."""
        return pages.pdf

    def state(self, deadline: float) -> DeviceState:
        """Return how it is."""
        trouble = self.trouble
        if trouble.offline:
            return _in_words("unplugged")
        return _in_words(
            "cover_open" if trouble.cover_open else "paper_out" if trouble.paper_out else "ready"
        )

    def send(self, data: bytes, attempt: Attempt) -> Outcome:
        """Write the document into a file, then tell who listens."""
        state = self.state(attempt.deadline)
        path = None
        if not state.good:
            outcome = Outcome("failed", 0, state.message)
        else:
            try:
                path = write_job(self._folder, "page", data)
                outcome = Outcome("sent", len(data), "The simulated printer took it.")
            except (OSError, StorageError):
                outcome = NOT_WRITTEN
        self._on_job(DeviceJob(self.name, "page", outcome, data if path else b"", path))
        return outcome


def _in_words(condition: Condition) -> DeviceState:
    return DeviceState(condition, sentence("document_printer", condition))
