"""Bytes to and from one host: connections that are kept for a while, and a deadline for every exchange.

httpcore keeps HTTP and the pool; here is what it leaves open: a server that answers one byte at a time ends
at the deadline, names are looked up within it, and it is known whether any byte of a request has left.
No proxy and no other setting is taken from the environment.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from bookwish_desk.hardware.links.tcp import addresses

IDLE_SECONDS = 4.0
"""How long an unused connection is kept. Usual servers hang up after 5 seconds: a write that meets a
connection on its way out cannot be told from one that was carried out."""


class Stretch(threading.local):
    """The exchange that a thread is in: its deadline, what has left of its request, what went wrong."""

    until: float = float("inf")
    written: int = 0
    fault: str = ""
    detail: str = ""

    def begin(self, seconds: float) -> None:
        """Begin an exchange of at most `seconds`."""
        self.until = time.monotonic() + seconds
        self.written, self.fault, self.detail = 0, "", ""

    def left(self, seconds: float | None) -> float:
        """Return how long a step may take."""
        left = self.until - time.monotonic()
        return left if seconds is None else min(left, seconds)


class Transport(httpx2.BaseTransport):
    """Connections to stores: at most `connections` at once. `trust` is for tests; else the system's."""

    def __init__(self, connections: int, trust: ssl.SSLContext | None = None) -> None:
        self._net = _Net()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trust or httpcore2.default_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._net,
        )

    @property
    def stretch(self) -> Stretch:
        """Return the exchange of this thread."""
        return self._net.stretch

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its answer comes without its body, which is read from `stream`."""
        url = request.url
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(asked)
        assert isinstance(answer.stream, Iterable)
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Break off what is under way and let no new connection be made."""
        self._net.close()
        with contextlib.suppress(Exception):
            self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._answer.stream, Iterable)
        yield from self._answer.stream

    def close(self) -> None:
        self._answer.close()


class _Net(httpcore2.NetworkBackend):
    """Opens connections, within the deadline of the thread's exchange."""

    def __init__(self) -> None:
        self.stretch = Stretch()
        self._lock = threading.Lock()
        self._open: set[_Stream] = set()
        self._closed = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        until = time.monotonic() + self.stretch.left(timeout)
        fault: OSError | None = None
        found = list(addresses(host, port, until))
        for place, (family, address) in enumerate(found):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                # An address that swallows everything leaves time for those after it.
                share = (until - time.monotonic()) / (len(found) - place)
                sock.settimeout(max(0.001, share))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._kept(_Stream(sock, self))
            except OSError as error:
                sock.close()
                fault = error
        self.stretch.fault = "name" if fault is None else "connect"
        raise httpcore2.ConnectError("no address of the store answers")

    def _kept(self, stream: _Stream) -> _Stream:
        with self._lock:
            if not self._closed:
                self._open.add(stream)
                return stream
        stream.close()
        raise httpcore2.ConnectError("closed")

    def replace(self, old: _Stream, new: _Stream) -> _Stream:
        """Keep the encrypted connection in place of the bare one."""
        self.forget(old)
        return self._kept(new)

    def forget(self, stream: _Stream) -> None:
        """Let go of a connection that is closed."""
        with self._lock:
            self._open.discard(stream)

    def close(self) -> None:
        """Break off every connection. Closing alone would not wake up who is reading."""
        with self._lock:
            self._closed = True
            streams = tuple(self._open)
        for stream in streams:
            stream.hang_up()


class _Stream(httpcore2.NetworkStream):
    def __init__(self, sock: socket.socket, net: _Net) -> None:
        self._sock = sock
        self._net = net

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._net.stretch.left(timeout)
        if left <= 0:
            raise httpcore2.ReadTimeout("the deadline is over")
        try:
            self._sock.settimeout(left)
            return self._sock.recv(max_bytes)
        except TimeoutError as fault:
            raise httpcore2.ReadTimeout("no answer in time") from fault
        except OSError as fault:
            raise httpcore2.ReadError("the connection broke") from fault

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view, stretch = memoryview(buffer), self._net.stretch
        while view:
            left = stretch.left(timeout)
            if left <= 0:
                raise httpcore2.WriteTimeout("the deadline is over")
            try:
                self._sock.settimeout(left)
                sent = self._sock.send(view)
            except TimeoutError as fault:
                stretch.written += 1  # part of an encrypted record may have left
                raise httpcore2.WriteTimeout("could not be sent in time") from fault
            except OSError as fault:
                raise httpcore2.WriteError("the connection broke") from fault
            stretch.written += sent
            view = view[sent:]

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stretch = self._net.stretch
        try:
            self._sock.settimeout(max(0.001, stretch.left(timeout)))
            secured = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except (OSError, ValueError) as fault:
            self.close()
            if isinstance(fault, ssl.SSLCertVerificationError):
                stretch.fault, stretch.detail = "certificate", str(fault.verify_message or "")
            else:
                stretch.fault = "connect" if isinstance(fault, TimeoutError) else "encryption"
            raise httpcore2.ConnectError("no encrypted connection") from fault
        return self._net.replace(self, _Stream(secured, self._net))

    def close(self) -> None:
        self._net.forget(self)
        self._sock.close()

    def hang_up(self) -> None:
        """End both directions, so that whoever reads or writes notices at once."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return getattr(self._sock, "_sslobj", None)
        if info == "is_readable":
            return _readable(self._sock)
        return self._sock if info == "socket" else None


def _readable(sock: socket.socket) -> bool:
    """Say whether something lies there to be read: on an idle connection, that the server has hung up."""
    if sock.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))
