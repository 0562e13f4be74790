"""The way to a device in the network: raw bytes to a port.

Bytes handed to the operating system may never arrive, so `settle` waits until the far side has
acknowledged them.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from bookwish_desk.hardware.links.model import Link
from bookwish_desk.shop.errors import DeviceError

_CONNECT_SECONDS = 2.0
_LET_GO_SECONDS = 0.2
_PIECE = 4096
_LOOK_SECONDS = 0.01
_DARWIN_SO_NWRITE = 0x1024


class TcpTransport:
    """A printer with an address in the network: raw bytes to a port, 9100 by custom."""

    def __init__(self, host: str, port: int = 9100, connect_seconds: float = _CONNECT_SECONDS) -> None:
        self._host = host
        self._port = port
        self._connect_seconds = connect_seconds

    def open(self, deadline: float, title: str = "") -> Link:
        """Connect to the first of the host's addresses that answers."""
        until = min(deadline, time.monotonic() + self._connect_seconds)
        fault = f"The printer at {self._host} does not answer. Check that it is on and connected."
        for family, address in addresses(self._host, self._port, until):
            try:
                return _TcpLink(_connected(family, address, until))
            except ConnectionRefusedError:
                fault = f"The device at {self._host} takes no print jobs on port {self._port}."
            except OSError:
                continue
        raise DeviceError("printer.unreachable", fault, accepted=0, condition="unreachable")


class _TcpLink:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lost = False

    def write(self, data: bytes, deadline: float) -> int:
        view, sent = memoryview(data), 0
        while sent < len(data) and not self._lost and time.monotonic() < deadline:
            self._sock.settimeout(_left(deadline))
            try:
                sent += self._sock.send(view[sent : sent + _PIECE])
            except TimeoutError:
                break
            except OSError:
                self._lost = True
        return sent

    def settle(self, deadline: float) -> int:
        while (lacking := _unacknowledged(self._sock)) and not self._lost and time.monotonic() < deadline:
            self._look_for_the_end(min(deadline, time.monotonic() + _LOOK_SECONDS))
        # A reset throws away what was on its way, and then nothing counts as lacking any more.
        return lacking or int(self._was_reset())

    def read(self, size: int, deadline: float) -> bytes:
        answer, late = b"", False
        while len(answer) < size and not self._lost and not late:
            late = time.monotonic() >= deadline  # what lies here already is taken all the same
            self._sock.settimeout(_left(deadline))
            try:
                part = self._sock.recv(size - len(answer))
            except TimeoutError:
                break
            except OSError:
                part = b""
            self._lost = not part
            answer += part
        return answer

    def close(self, deadline: float) -> None:
        """End our side, wait shortly for the printer's end, let go.

        Closing with an answer unread would reset the connection, and a printer may then forget what
        it has not printed yet.
        """
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
            until = min(deadline, time.monotonic() + _LET_GO_SECONDS)
            while time.monotonic() < until and self.read(1, until):
                pass
        self._sock.close()

    def abort(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def _was_reset(self) -> bool:
        try:
            self._sock.getpeername()
        except OSError:
            return True
        return False

    def _look_for_the_end(self, until: float) -> None:
        if self._was_reset():  # behind an answer that nobody has read it would not show
            self._lost = True
            return
        self._sock.settimeout(_left(until))
        try:
            if self._sock.recv(1, socket.MSG_PEEK):
                time.sleep(max(0.0, until - time.monotonic()))  # an answer, for `read` to take
            else:
                self._lost = True
        except TimeoutError:
            pass
        except OSError:
            self._lost = True


def _connected(family: int, address: Any, until: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(_left(until))
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        sock.close()
        raise
    return sock


def _left(until: float) -> float:
    return max(0.001, until - time.monotonic())


def _unacknowledged(sock: socket.socket) -> int:
    """Return how many bytes the far side has not acknowledged; 0 where the system cannot tell."""
    try:
        if sys.platform == "linux":
            import fcntl
            import termios

            return int.from_bytes(fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0\0\0\0"), sys.byteorder)
        elif sys.platform == "darwin":
            return sock.getsockopt(socket.SOL_SOCKET, _DARWIN_SO_NWRITE)
    except OSError:
        pass
    return 0


def addresses(host: str, port: int, until: float) -> Iterator[tuple[int, Any]]:
    """Yield the socket addresses of `host` while there is time left.

    The system's look-up of names knows no time limit: it runs on a thread that is left behind when
    it takes too long.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        found = _look_up(host, port, until)
    for family, _, _, _, address in found:
        if time.monotonic() < until:
            yield family, address


def _look_up(host: str, port: int, until: float) -> list[Any]:
    answers: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=ask, name="printer-name", daemon=True).start()
    try:
        return answers.get(timeout=_left(until))
    except queue.Empty:
        return []
