"""Printers in the network that only tell what they are, and what of it would have come out on paper.

Each reads bytes as its kind does, by its maker's manual: what it would print is in `printed`.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Protocol


class Kind(Protocol):
    """How one kind of printer reads."""

    printed: bytearray

    def greet(self) -> bytes:
        """Return what it says by itself when somebody connects."""

    def take(self, data: bytes) -> bytes:
        """Take bytes and return the answer."""

    def end(self) -> None:
        """Hear that the connection was closed."""


class Receipts:
    """An ESC/POS printer: text waits in its line buffer until a line feed; ESC @ and CAN throw it away."""

    def __init__(
        self, *, answers: bool = True, model: bytes | None = b"TM-T20III", maker: bytes = b"EPSON"
    ) -> None:
        self.printed = bytearray()
        self.seen = bytearray()
        self._line = bytearray()
        self._answers, self._model, self._maker = answers, model, maker

    def greet(self) -> bytes:
        return b""

    def take(self, data: bytes) -> bytes:
        answer = b""
        self.seen += data
        for part in re.findall(rb"\x10\x04.|\x1dI.|\x1d.|\x1b!.|\x1b.|.", data, re.DOTALL):
            if part == b"\x10\x04\x01":
                answer += b"\x16" if self._answers else b""
            elif part[:2] == b"\x1dI":
                answer += self._named(part[2:])
            elif part in (b"\x1b@", b"\x18"):
                self._line.clear()
            elif part == b"\n":
                self.printed += self._line + part
                self._line.clear()
            elif len(part) == 1 and part >= b" ":
                self._line += part
        return answer

    def _named(self, what: bytes) -> bytes:
        """Answer GS I; a clone knows it no more than a name, and takes its last letter for text."""
        if self._model is None:
            self._line += what
            return b""
        return b"_%b\0" % (self._model if what == b"C" else self._maker)

    def end(self) -> None:
        """Print what is left in the line buffer: some do when the job ends."""
        self.printed += self._line
        self._line.clear()


class Zebra:
    """A ZPL printer: outside of a format it passes over everything but what begins with ~ or ^."""

    def __init__(self, answer: bytes = b"\x02ZD421-203dpi,V92.21.39Z,8,8192KB,X\x03\r\n") -> None:
        self.printed = bytearray()
        self._answer = answer

    def greet(self) -> bytes:
        return b""

    def take(self, data: bytes) -> bytes:
        if b"^XA" in data:
            self.printed += data
        return self._answer if b"~HI" in data else b""

    def end(self) -> None:
        pass


class Lines:
    """A label printer that reads lines: one it does not know makes it print an error.

    With `status` it answers ESC ! ? as TSPL printers do.
    """

    def __init__(self, *, status: bytes = b"") -> None:
        self.printed = bytearray()
        self._status = status

    def greet(self) -> bytes:
        return b""

    def take(self, data: bytes) -> bytes:
        if b"\n" in data or b"\r" in data:
            self.printed += b"ERR01"
        return self._status if b"\x1b!?" in data else b""

    def end(self) -> None:
        pass


class Pages:
    """A page printer: all text that it gets comes out when the job ends."""

    def __init__(self) -> None:
        self.printed = bytearray()

    def greet(self) -> bytes:
        return b""

    def take(self, data: bytes) -> bytes:
        self.printed += bytes(byte for byte in data if byte >= 0x20)
        return b""

    def end(self) -> None:
        pass


class Banner(Pages):
    """Some other service, which greets whoever comes."""

    def greet(self) -> bytes:
        return b"SSH-2.0-OpenSSH_9.2\r\n"


@contextlib.contextmanager
def at_port(kind: Kind) -> Iterator[str]:
    """Have a printer of a kind answer on a port of 127.0.0.1, and give its address as people type it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, kind))
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            assert not thread.is_alive()


def _serve(server: socket.socket, kind: Kind) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(kind.greet())
                while data := connection.recv(4096):
                    connection.sendall(kind.take(data))
                kind.end()


@contextlib.contextmanager
def snmp_agent(told: dict[bytes, bytes]) -> Iterator[int]:
    """Answer SNMP on a port of 127.0.0.1: `told` holds an answer for the end of each object's name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        thread = threading.Thread(target=_answer, args=(sock, told))
        thread.start()
        try:
            yield port
        finally:
            sock.sendto(b"", ("127.0.0.1", port))
            thread.join(10)
            assert not thread.is_alive()


def _answer(sock: socket.socket, told: dict[bytes, bytes]) -> None:
    while question := sock.recvfrom(4096):
        message, sender = question
        if not message:
            return
        head, name, request = _question(message)
        text = next((text for end, text in told.items() if name.endswith(end)), None)
        error = b"\x02\x01\x02" if text is None else b"\x02\x01\x00"
        value = b"\x05\x00" if text is None else b"\x04" + _sized(text)
        bound = b"\x30" + _sized(b"\x30" + _sized(b"\x06" + _sized(name) + value))
        answer = b"\xa2" + _sized(request + error + b"\x02\x01\x00" + bound)
        sock.sendto(b"\x30" + _sized(head + answer), sender)


def _question(message: bytes) -> tuple[bytes, bytes, bytes]:
    """Return version and community, the object's name and the request's number of a GET."""
    found = re.fullmatch(
        rb"\x30.(\x02\x01.\x04\x06public)\xa0.(\x02\x01.)\x02\x01\0\x02\x01\0\x30.\x30.\x06(.)(.*)\x05\0",
        message,
        re.DOTALL,
    )
    assert found is not None, message
    assert found[3][0] == len(found[4])
    return found[1], found[4], found[2]


def _sized(body: bytes) -> bytes:
    if len(body) < 0x80:
        return bytes([len(body)]) + body
    return b"\x82" + len(body).to_bytes(2, "big") + body
