"""Scanners with a line of their own: HID-POS and serial. They need no focus and know no keyboard layout.

What they send is cut into scans by `scan_reports`; who listens and what is done after an unplug is not here.
Scanners that type are `ui.wedge`'s.
"""

from __future__ import annotations

import contextlib
import errno
import sys
import threading
import time
from typing import TYPE_CHECKING

from bookwish_desk.hardware.links.ports import port_named
from bookwish_desk.hardware.model import Scanner
from bookwish_desk.hardware.scanning.hid import SCANNER_PAGE, OpenHid, fault, left_ms, open_hid
from bookwish_desk.hardware.scanning.scan_reports import Joining, Line
from bookwish_desk.shop.address import Hid, Serial, read_address
from bookwish_desk.shop.device import Device, ScannerSetup
from bookwish_desk.shop.errors import DeviceError, Refused

if TYPE_CHECKING:
    import serial

SILENCE_S = 0.05
"""A serial scanner without CR or LF: this much silence ends its scan."""
_PART_S = 1.0
"""The next part of a long HID scan comes within milliseconds; after this long it was lost."""
_SLICE_MS = 200
"""hidapi cannot be woken: a read waits this long at a time, so that `close` is heard."""
_PIECE = 256


def open_scanner(device: Device) -> Scanner:
    """Return the driver of a scanner; nothing is opened yet. Raises Refused for an address that is none."""
    address = read_address(device.address)
    match address, device.setup:
        case Hid(), ScannerSetup():
            return HidScanner(address)
        case Serial(), ScannerSetup(baud=baud):
            return SerialScanner(address, baud)
    raise Refused("device.address", "This is no address of a scanner.", address=device.address)


class HidScanner:
    """A scanner in HID-POS mode. Several programs may read it at once on Linux: each gets every scan."""

    def __init__(self, address: Hid) -> None:
        self._address = address
        self._door = threading.Lock()
        self._device: OpenHid | None = None
        self._leaving = False
        self._joining = Joining()
        self._part_at = 0.0

    def open(self, deadline: float) -> None:
        """Take hold of it."""
        with self._door:
            self._leaving = False
            self._joining.drop()
            self._device = open_hid(self._address, SCANNER_PAGE, "scanner")

    def read(self, deadline: float) -> str | None:
        """Return the next scan with its AIM prefix, or None at the deadline."""
        with self._door:
            try:
                while not self._leaving and time.monotonic() < deadline:
                    scan = self._piece(deadline)
                    if scan is not None:
                        return scan
                return None
            finally:
                if self._leaving:
                    self._let_go()

    def _piece(self, deadline: float) -> str | None:
        if self._device is None:
            raise _gone()
        try:
            report = bytes(self._device.read(64, left_ms(deadline, _SLICE_MS)))
        except (OSError, ValueError):
            raise _gone() from None
        now = time.monotonic()
        if self._joining.waiting and now - self._part_at > _PART_S:
            self._joining.drop()
        if not report:
            return None
        self._part_at = now
        return self._joining.add(report)

    def close(self) -> None:
        """Let go; a `read` under way on another thread ends soon and lets go itself."""
        self._leaving = True
        if self._door.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._door.release()

    def _let_go(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            device.close()


class SerialScanner:
    """A scanner on a serial line, or on a USB cable that shows as one (CDC)."""

    def __init__(self, address: Serial, baud: int = 9600) -> None:
        self._address = address
        self._baud = baud
        self._door = threading.Lock()
        self._port: serial.Serial | None = None
        self._leaving = False
        self._line = Line()
        self._scans: list[str] = []

    def open(self, deadline: float) -> None:
        """Take hold of its port, for this program alone."""
        with self._door:
            self._leaving = False
            self._line.end()
            self._scans.clear()
            self._port = _opened(self._address.port, self._baud)

    def read(self, deadline: float) -> str | None:
        """Return the next scan with the AIM prefix where the scanner sends one, or None at the deadline."""
        with self._door:
            try:
                while not self._leaving and not self._scans and time.monotonic() < deadline:
                    self._piece(deadline)
                return self._scans.pop(0) if self._scans and not self._leaving else None
            finally:
                if self._leaving:
                    self._let_go()

    def _piece(self, deadline: float) -> None:
        port = self._port
        if port is None:
            raise _gone()
        wait = max(0.0, deadline - time.monotonic())
        try:
            port.timeout = min(wait, SILENCE_S) if self._line.waiting else wait
            data = port.read(1)
            data += port.read(min(port.in_waiting, _PIECE)) if data else b""
        except (OSError, TypeError, ValueError):
            # pyserial's own error is an OSError; its port that another thread took away raises TypeError.
            raise _gone() from None
        if data:
            self._scans += self._line.add(data)
        elif self._line.waiting and not self._leaving and wait >= SILENCE_S:
            self._scans += [scan for scan in [self._line.end()] if scan]

    def close(self) -> None:
        """Let go; a `read` under way on another thread ends at once and lets go itself."""
        self._leaving = True
        port = self._port
        if port is not None:
            with contextlib.suppress(OSError, TypeError, AttributeError):
                port.cancel_read()
        if self._door.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._door.release()

    def _let_go(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError):
                port.close()


def _opened(name: str, baud: int) -> serial.Serial:
    import serial

    try:
        return serial.Serial(port_named(name), baud, timeout=0, exclusive=True)
    except DeviceError as refused:
        raise (
            _gone() if refused.code == "serial.unplugged" else fault("scanner", "error", refused.message)
        ) from None
    except ValueError:
        raise Refused("device.baud", "This scanner's port does not know that speed.", baud=baud) from None
    except OSError as refused:
        raise _why_not(refused) from None


def _why_not(refused: OSError) -> DeviceError:
    """Say why a port cannot be opened. Windows says "access denied" of a port that is in use."""
    number = refused.errno
    in_use = number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK)
    if in_use or (sys.platform == "win32" and "PermissionError" in str(refused)):
        return fault("scanner", "held")
    return fault("scanner", "denied") if number in (errno.EACCES, errno.EPERM) else _gone()


def _gone() -> DeviceError:
    return fault("scanner", "unplugged")
