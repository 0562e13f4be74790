"""The connections below EasyPost's client: each exchange has a deadline, and it is known if anything left.

The client brings `requests`, which waits for each byte anew, repeats reads by itself, follows redirects with
the key, and cannot tell whether anything of a request has left. Here is what it sends through instead. No
proxy and no other setting is taken from the environment. Heavy: imported with the first call, on a lane.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from bookwish_desk.hardware.links.tcp import addresses

IDLE_SECONDS = 4.0
"""How long an unused connection is kept: a write that meets one on its way out may have been carried out."""

_PIECE = 65_536
_LATE_SECONDS = 0.005
"""A socket may give up that much before the deadline: it counts whole milliseconds."""


class Stretch:
    """The exchange that a line is in: its deadline, whether anything has left, what went wrong.

    A line serves one thread at a time; `hang_up` may come from any.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self.connect_seconds = 5.0
        self.largest = 0
        self.sent = False
        self.late = False
        self.fault = ""
        self.detail = ""
        self.location = ""
        self._lock = threading.Lock()
        self._closed = False
        self._number = 0
        self._handles: set[socket.socket] = set()
        self._watch: threading.Timer | None = None

    def begin(self, seconds: float, connect_seconds: float, largest: int) -> None:
        """Begin an exchange of at most `seconds`, with an answer of at most `largest` bytes."""
        self.until = time.monotonic() + seconds
        self.connect_seconds, self.largest = connect_seconds, largest
        self.sent, self.late, self.fault, self.detail, self.location = False, False, "", "", ""
        with self._lock:
            self._number += 1
            watch = threading.Timer(seconds, self._end_it, (self._number,))
            watch.daemon = True
            watch.name = "carrier-deadline"
            self._watch = watch
        watch.start()

    def end(self) -> None:
        """End the exchange: its deadline does not count any more."""
        with self._lock:
            self._number += 1
            self.late = self.late or time.monotonic() >= self.until - _LATE_SECONDS
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()

    def left(self) -> float:
        """Return how many seconds are left."""
        return max(0.001, self.until - time.monotonic())

    def opened(self, sock: socket.socket) -> socket.socket:
        """Watch over a connection; return the handle by which it is hung up, whatever is laid over it."""
        with self._lock:
            self._go_on()
            handle = sock.dup()
            self._handles.add(handle)
            return handle

    def send(self) -> None:
        """Say that bytes of a request are about to leave. Raises OSError where it is too late for that.

        What was hung up is no encrypted connection any more, even if it was about to become one.
        """
        with self._lock:
            if not self.sent:
                self._go_on()
            self.sent = True

    def closed(self, handle: socket.socket) -> None:
        """Let go of a connection that is closed."""
        with self._lock:
            self._handles.discard(handle)
            handle.close()

    def hang_up(self) -> None:
        """Break off what is under way, for good. Closing alone would not wake up who is reading."""
        with self._lock:
            self._closed = True
            self._hang_up()

    def _go_on(self) -> None:
        if self.late or self._closed:
            raise OSError("hung up")

    def _end_it(self, number: int) -> None:
        with self._lock:
            if number == self._number:
                self.late = True
                self._hang_up()

    def _hang_up(self) -> None:
        for handle in self._handles:
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection that says when the first byte leaves."""

    stretch: Stretch
    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        stretch = self.stretch
        until = min(stretch.until, time.monotonic() + stretch.connect_seconds)
        found = list(addresses(self.host, self.port or self.default_port, until))
        fault: OSError | None = None
        for place, (family, address) in enumerate(found):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                # An address that swallows everything leaves time for those after it.
                sock.settimeout(max(0.001, (until - time.monotonic()) / (len(found) - place)))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(stretch.left())
                self._handle = stretch.opened(sock)
                return sock
            except OSError as error:
                sock.close()
                fault = error
        if fault is None:
            stretch.fault = "name" if time.monotonic() < until else "connect"
            raise NameResolutionError(self.host, self, socket.gaierror())
        stretch.fault = "connect"
        raise NewConnectionError(self, "no address answers")

    def connect(self) -> None:
        try:
            super().connect()
        except ssl.SSLCertVerificationError as fault:
            self.stretch.fault, self.stretch.detail = "certificate", str(fault.verify_message or "")
            raise
        except (OSError, ValueError) as fault:
            slow = isinstance(fault, TimeoutError) or self.stretch.late
            self.stretch.fault = self.stretch.fault or ("connect" if slow else "encryption")
            raise

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.stretch.send()
        super().send(data)

    def close(self) -> None:
        super().close()
        if self._handle is not None:
            self.stretch.closed(self._handle)
            self._handle = None


class _Secured(_Watched, HTTPSConnection):
    """The same, encrypted."""

    def connect(self) -> None:
        super().connect()
        # Python wraps what was hung up before without a word, and would send on it as it is.
        if not isinstance(self.sock, ssl.SSLSocket) or self.sock.version() is None:
            self.stretch.fault = "connect"
            raise OSError("not encrypted")


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Watched
    stretch: Stretch

    def _new_conn(self) -> Any:
        made = super()._new_conn()
        made.stretch = self.stretch  # type: ignore[attr-defined]
        return made


class _SecuredPool(HTTPSConnectionPool):
    ConnectionCls = _Secured
    stretch: Stretch

    def _new_conn(self) -> Any:
        made = super()._new_conn()
        made.stretch = self.stretch  # type: ignore[attr-defined]
        return made


class _Pools(PoolManager):
    def __init__(self, stretch: Stretch, **how: Any) -> None:
        super().__init__(**how)
        self.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecuredPool}
        self._stretch = stretch

    def _new_pool(self, scheme: str, host: str, port: int, request_context: Any = None) -> Any:
        how = dict(self.connection_pool_kw if request_context is None else request_context)
        if scheme == "https":
            how["ssl_context"] = ssl.create_default_context()  # beside what `requests` brings
        pool: Any = super()._new_pool(scheme, host, port, how)
        pool.stretch = self._stretch
        return pool


class Wire(HTTPAdapter):
    """What a session of `requests` sends through: nothing is repeated, no redirect is followed."""

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self._last = 0.0
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **how: Any) -> None:
        """Make the pools of connections."""
        self.poolmanager = _Pools(self.stretch, num_pools=4, maxsize=1, block=block, **how)

    def drop(self) -> None:
        """Close every connection. A pool that is only forgotten closes its own whenever it is collected."""
        for key in list(self.poolmanager.pools.keys()):
            pool = self.poolmanager.pools.get(key)
            if pool is not None:
                pool.close()
        self.poolmanager.clear()

    def close(self) -> None:
        """Close every connection."""
        self.drop()
        super().close()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and return its whole answer, read until the deadline at the longest."""
        if time.monotonic() - self._last > IDLE_SECONDS:
            self.drop()
        request.headers["Accept-Encoding"] = "identity"
        left = self.stretch.left()
        answer = super().send(request, stream=True, timeout=(left, left), verify=verify, cert=cert)
        # What is beyond is neither followed nor guessed at: the encoding is what JSON has.
        self.stretch.location = answer.headers.pop("Location", "") if answer.status_code // 100 == 3 else ""
        answer.encoding = "utf-8"
        answer._content = self._body(answer)
        answer._content_consumed = True
        self._last = time.monotonic()
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(_PIECE):
            size += len(part)
            if size > self.stretch.largest:
                self.stretch.fault = "too_large"
                answer.close()
                raise requests.RequestException("an answer is too large")
            parts.append(part)
        return b"".join(parts)
