"""Windows' spooler: its printers, and jobs of raw bytes through them.

Written from Microsoft's documentation of winspool.drv and never run where this program is built and tested: a
person has to, by the list in docs/. It is kept thin for that. A printer opens also with its cable out, so it
is asked for its state first; a job vanishes from the list once it went out, so "gone" is not "printed".
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from bookwish_desk.hardware.links.model import Link, SystemQueue
from bookwish_desk.shop.device import Condition, DeviceState
from bookwish_desk.shop.errors import DeviceError

_LOCAL_AND_CONNECTED = 0x2 | 0x4  # PRINTER_ENUM_LOCAL, PRINTER_ENUM_CONNECTIONS
_WORK_OFFLINE = 0x400  # PRINTER_ATTRIBUTE_WORK_OFFLINE
_ACCESS_DENIED = 5  # ERROR_ACCESS_DENIED
_PIECE = 65536
_MOST_JOBS = 1000

_STATUS: tuple[tuple[int, Condition, str], ...] = (
    (0x10, "paper_out", "is out of paper. Put some in"),  # PRINTER_STATUS_PAPER_OUT
    (0x40 | 0x8, "error", "has trouble with its paper. Look at the printer"),  # PAPER_PROBLEM, PAPER_JAM
    (0x400000, "cover_open", "has its cover open. Close it"),  # DOOR_OPEN
    (0x40000, "ribbon_out", "is out of ink, ribbon or toner. Put some in"),  # NO_TONER
    (0x1, "paused", "is paused. Resume it in the printer settings of this computer"),  # PAUSED
    # OFFLINE, NOT_AVAILABLE, SERVER_OFFLINE
    (0x80 | 0x1000 | 0x2000000, "offline", "is off line. Check that it is on and connected"),
    (0x2 | 0x100000, "error", "needs attention. Look at the printer"),  # ERROR, USER_INTERVENTION
    (0x4, "paused", "is being deleted. Choose another printer"),  # PENDING_DELETION
)


class _DocInfo1(ctypes.Structure):
    _fields_ = (
        ("pDocName", ctypes.c_wchar_p),
        ("pOutputFile", ctypes.c_wchar_p),
        ("pDatatype", ctypes.c_wchar_p),
    )


class _PrinterInfo2(ctypes.Structure):
    _fields_ = (
        ("pServerName", ctypes.c_wchar_p),
        ("pPrinterName", ctypes.c_wchar_p),
        ("pShareName", ctypes.c_wchar_p),
        ("pPortName", ctypes.c_wchar_p),
        ("pDriverName", ctypes.c_wchar_p),
        ("pComment", ctypes.c_wchar_p),
        ("pLocation", ctypes.c_wchar_p),
        ("pDevMode", ctypes.c_void_p),
        ("pSepFile", ctypes.c_wchar_p),
        ("pPrintProcessor", ctypes.c_wchar_p),
        ("pDatatype", ctypes.c_wchar_p),
        ("pParameters", ctypes.c_wchar_p),
        ("pSecurityDescriptor", ctypes.c_void_p),
        ("Attributes", ctypes.c_uint32),
        ("Priority", ctypes.c_uint32),
        ("DefaultPriority", ctypes.c_uint32),
        ("StartTime", ctypes.c_uint32),
        ("UntilTime", ctypes.c_uint32),
        ("Status", ctypes.c_uint32),
        ("cJobs", ctypes.c_uint32),
        ("AveragePPM", ctypes.c_uint32),
    )


class _JobInfo1(ctypes.Structure):
    _fields_ = (
        ("JobId", ctypes.c_uint32),
        ("pPrinterName", ctypes.c_wchar_p),
        ("pMachineName", ctypes.c_wchar_p),
        ("pUserName", ctypes.c_wchar_p),
        ("pDocument", ctypes.c_wchar_p),
        ("pDatatype", ctypes.c_wchar_p),
        ("pStatus", ctypes.c_wchar_p),
        ("Status", ctypes.c_uint32),
        ("Priority", ctypes.c_uint32),
        ("Position", ctypes.c_uint32),
        ("TotalPages", ctypes.c_uint32),
        ("PagesPrinted", ctypes.c_uint32),
        ("Submitted", ctypes.c_uint16 * 8),
    )


def queues() -> tuple[SystemQueue, ...]:
    """Return the printers of this computer; none where the spooler does not run."""
    try:
        found, _keep = _listed(
            _PrinterInfo2, lambda *room: _spooler().EnumPrintersW(_LOCAL_AND_CONNECTED, None, 2, *room)
        )
    except OSError:
        return ()
    return tuple(
        SystemQueue(info.pPrinterName, description=info.pComment or "", model=info.pDriverName or "")
        for info in found
        if info.pPrinterName
    )


def state(queue: str) -> DeviceState:
    """Return what the spooler knows of a printer."""
    try:
        with _opened(queue) as printer:
            return _state(printer, queue)
    except DeviceError as fault:
        return DeviceState(_condition(fault), fault.message)


def find_job(queue: str, title: str) -> Literal["gone", "waiting", "done"] | None:
    """Return what became of the job with this title; None when the spooler cannot be asked."""
    try:
        with _opened(queue) as printer:
            jobs, _keep = _listed(
                _JobInfo1, lambda *room: _spooler().EnumJobsW(printer, 0, _MOST_JOBS, 1, *room)
            )
            return "waiting" if any(job.pDocument == title for job in jobs) else "gone"
    except (DeviceError, OSError):
        return None


class WindowsTransport:
    """A printer of Windows."""

    def __init__(self, queue: str) -> None:
        self._queue = queue

    def open(self, deadline: float, title: str = "") -> Link:
        """Return a link for one job. Raises `DeviceError`, accepted 0, when the printer is not ready."""
        now = state(self._queue)
        if not now.good:
            raise _refusal(now.condition, now.message)
        return _WindowsLink(self._queue, title or "bookwish-desk")


class _WindowsLink:
    """Collects one job and hands it to the spooler when it settles."""

    def __init__(self, queue: str, title: str) -> None:
        self._queue = queue
        self._title = title
        self._data = b""

    def write(self, data: bytes, deadline: float) -> int:
        self._data += data
        return len(data)

    def settle(self, deadline: float) -> int:
        """Give the job to the spooler; 1 says that it is not known whether all of it went out."""
        data, self._data = self._data, b""
        return int(bool(data) and not _print_raw(self._queue, self._title, data, deadline))

    def read(self, size: int, deadline: float) -> bytes:
        """Nothing comes back from the spooler."""
        return b""

    def close(self, deadline: float) -> None:
        if self._data:
            self.settle(deadline)

    def abort(self) -> None:
        self._data = b""


def _print_raw(queue: str, title: str, data: bytes, deadline: float) -> bool:
    """Write one document of the type RAW; say whether the spooler took it whole.

    Windows may begin to print before it has all. Raises DeviceError, accepted 0, when it took nothing.
    """
    spooler, written, taken = _spooler(), ctypes.c_uint32(), 0
    with _opened(queue) as printer:
        document = _DocInfo1(title, None, "RAW")
        if not spooler.StartDocPrinterW(printer, 1, ctypes.byref(document)):
            raise _fault(queue)
        while taken < len(data) and time.monotonic() < deadline:
            piece = data[taken : taken + _PIECE]
            if not spooler.WritePrinter(printer, piece, len(piece), ctypes.byref(written)):
                break
            if not written.value:
                break
            taken += written.value
        if taken == len(data):
            return bool(spooler.EndDocPrinter(printer))
        fault = _fault(queue)
        spooler.AbortPrinter(printer)
        if not taken:
            raise fault
    return False


def _state(printer: Any, queue: str) -> DeviceState:
    needed = ctypes.c_uint32()
    _spooler().GetPrinterW(printer, 2, None, 0, ctypes.byref(needed))
    room = ctypes.create_string_buffer(needed.value)
    if not needed.value or not _spooler().GetPrinterW(printer, 2, room, needed, ctypes.byref(needed)):
        return DeviceState("unknown", "Windows does not say how the printer is.")
    info = _PrinterInfo2.from_buffer(room)
    for bits, condition, sentence in _STATUS:
        if info.Status & bits:
            return DeviceState(condition, f"The printer {queue} {sentence}.")
    if info.Attributes & _WORK_OFFLINE:
        return DeviceState("offline", f"The printer {queue} is off line. Check that it is on and connected.")
    return DeviceState("unknown", "Windows takes jobs for this printer. It does not say if it has paper.")


@contextmanager
def _opened(queue: str) -> Iterator[Any]:
    printer = ctypes.c_void_p()
    if not _spooler().OpenPrinterW(queue, ctypes.byref(printer), None):
        raise _fault(queue)
    try:
        yield printer
    finally:
        _spooler().ClosePrinter(printer)


def _listed(kind: type[Any], ask: Any) -> tuple[Any, Any]:
    """Return an array of what the spooler lists, and the memory it lies in. Raises OSError."""
    needed, count = ctypes.c_uint32(), ctypes.c_uint32()
    ask(None, 0, ctypes.byref(needed), ctypes.byref(count))
    room = ctypes.create_string_buffer(max(1, needed.value))
    if needed.value and not ask(room, needed, ctypes.byref(needed), ctypes.byref(count)):
        raise OSError(_last_error(), "the spooler does not list")
    return (kind * count.value).from_buffer(room) if count.value else (), room


def _spooler() -> Any:
    if sys.platform == "win32":
        library = ctypes.WinDLL("winspool.drv", use_last_error=True)
        handle, pointer, text, number = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_uint32
        library.OpenPrinterW.argtypes = [text, pointer, pointer]
        library.ClosePrinter.argtypes = [handle]
        library.GetPrinterW.argtypes = [handle, number, pointer, number, pointer]
        library.StartDocPrinterW.argtypes = [handle, number, pointer]
        library.WritePrinter.argtypes = [handle, ctypes.c_char_p, number, pointer]
        library.EndDocPrinter.argtypes = [handle]
        library.AbortPrinter.argtypes = [handle]
        library.EnumJobsW.argtypes = [handle, number, number, number, pointer, number, pointer, pointer]
        library.EnumPrintersW.argtypes = [number, text, number, pointer, number, pointer, pointer]
        return library
    else:
        raise _refusal("error", "This is no Windows.")


def _last_error() -> int:
    if sys.platform == "win32":
        return ctypes.get_last_error()
    else:
        return 0


def _fault(queue: str) -> DeviceError:
    if _last_error() == _ACCESS_DENIED:
        return _refusal("denied", f"You are not allowed to use the printer {queue}. Ask who set it up.")
    return _refusal("error", f"Windows cannot use the printer {queue}. Look at it in the printer settings.")


def _condition(fault: DeviceError) -> Condition:
    condition: Condition = fault.facts["condition"]  # type: ignore[assignment]
    return condition


def _refusal(condition: Condition, message: str) -> DeviceError:
    return DeviceError(f"printer.{condition}", message, accepted=0, condition=condition)
