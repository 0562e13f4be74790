"""The way to a device on a serial line: a port, or an adapter on USB wherever it is plugged in.

A full printer says stop with XOFF or by taking CTS away; both are heeded. The system's buffer is part of this
side: what waits in it counts as not sent, and is thrown away when the line is let go in a hurry.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
import time
from typing import Any

from bookwish_desk.hardware.links.model import Link
from bookwish_desk.hardware.links.ports import port_named
from bookwish_desk.shop.device import Condition
from bookwish_desk.shop.errors import DeviceError

_PIECE = 4096
_PIECE_WHERE_COUNTS_ARE_LOST = 64
_LOOK_SECONDS = 0.01


class SerialTransport:
    """A serial line of eight bits without parity; `port` as `shop.address.Serial` has it."""

    def __init__(self, port: str, baud: int = 9600) -> None:
        self._port = port
        self._baud = baud
        self._has_cts = False

    def open(self, deadline: float, title: str = "") -> Link:
        """Take the line for ourselves.

        Raises `DeviceError`, accepted 0: serial.unplugged, serial.held, serial.denied, serial.error.
        """
        import serial

        try:
            name = port_named(self._port)
            port = serial.Serial(name, self._baud, timeout=0, write_timeout=0, xonxoff=True, exclusive=True)
        except DeviceError as fault:
            if fault.code == "serial.unplugged":
                raise _refusal("unplugged", _UNPLUGGED) from fault
            raise _refusal("error", fault.message) from fault
        except (OSError, ValueError) as fault:  # SerialException is an OSError
            raise _fault_in_words(fault) from fault
        try:
            self._has_cts = self._has_cts or _clear_to_send(port)
            port.rtscts = self._has_cts
        except (OSError, _termios_error()) as fault:
            port.close()
            raise _refusal("unplugged", _UNPLUGGED) from fault
        return _SerialLink(port)


class _SerialLink:
    def __init__(self, port: Any) -> None:
        self._port = port
        self._lost = False

    def write(self, data: bytes, deadline: float) -> int:
        sent = 0
        put = _put_counted if sys.platform != "win32" else _put_piece
        while sent < len(data) and not self._lost and time.monotonic() < deadline:
            try:
                sent += put(self._port, data[sent : sent + _PIECE], deadline)
            except OSError:
                self._lost = True
        return sent

    def settle(self, deadline: float) -> int:
        """Wait until the system's buffer is empty; a line that is gone lacks at least something."""
        lacking = 0
        try:
            while (lacking := self._port.out_waiting) and time.monotonic() < deadline:
                time.sleep(min(_LOOK_SECONDS, _left(deadline)))
        except OSError:
            self._lost = True
        return 1 if self._lost else int(lacking)

    def read(self, size: int, deadline: float) -> bytes:
        answer, late = b"", False
        while len(answer) < size and not self._lost and not late:
            late = time.monotonic() >= deadline  # what lies here already is taken all the same
            try:
                self._port.timeout = _left(deadline)
                answer += self._port.read(size - len(answer))
            except OSError:
                self._lost = True
        return answer

    def close(self, deadline: float) -> None:
        if not self._port.is_open:
            return
        if not self._lost and self.settle(deadline) == 0:
            self._port.close()
        else:
            self.abort()

    def abort(self) -> None:
        """Throw away what waits, or the system would go on sending it, and wait for that."""
        if self._port.is_open:
            with contextlib.suppress(OSError, _termios_error()):
                self._port.reset_output_buffer()
            self._port.close()


def _put_counted(port: Any, piece: bytes, deadline: float) -> int:
    """Write what the line takes now, or wait until it takes something.

    Not through pyserial: its write forgets its count when the time runs out, and without a time it does not
    stop trying (pyserial 3.5, `serialposix.write`).
    """
    if not select.select([], [port.fileno()], [], _left(deadline))[1]:
        return 0
    try:
        return os.write(port.fileno(), piece)
    except BlockingIOError:
        return 0


def _put_piece(port: Any, piece: bytes, deadline: float) -> int:
    """Write a little on Windows, where only whole writes are counted.

    A little that did not go out whole in time counts for one byte, so that a count of 0 means none.
    """
    import serial

    port.write_timeout = _left(deadline)
    try:
        return int(port.write(piece[:_PIECE_WHERE_COUNTS_ARE_LOST]))
    except serial.SerialTimeoutException:
        return 1


def _clear_to_send(port: Any) -> bool:
    """Say whether the other side holds CTS up: then the line has that wire, and it can be heeded."""
    try:
        return bool(port.cts)
    except OSError as fault:
        if fault.errno in (errno.ENOTTY, errno.EINVAL):  # a line without such wires
            return False
        raise


_UNPLUGGED = "The serial cable is not plugged in, or its adapter is not. Plug it in."


def _fault_in_words(fault: Exception) -> DeviceError:
    number = getattr(fault, "errno", None)
    words = str(fault)
    if number in (errno.EBUSY, errno.EAGAIN) or "PermissionError" in words:  # Windows has no number for it
        return _refusal("held", "Another program is using the serial port. Close it.")
    if number in (errno.EACCES, errno.EPERM):
        return _refusal(
            "denied",
            "You are not allowed to use the serial port. Run bookwish-desk doctor, which says what is "
            "missing.",
        )
    if isinstance(fault, ValueError):
        return _refusal("error", "The serial port cannot be set to this speed. Choose another one.")
    return _refusal("unplugged", _UNPLUGGED)


def _refusal(condition: Condition, message: str) -> DeviceError:
    return DeviceError(f"serial.{condition}", message, accepted=0, condition=condition)


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


def _termios_error() -> type[Exception]:
    """Return what a line that is gone raises, which is no OSError."""
    if sys.platform == "win32":
        return OSError
    import termios

    return termios.error
