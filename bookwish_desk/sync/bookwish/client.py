"""One exchange with an online store: a request out, its answer in, or how it failed. Knows no path's meaning.

There are no redirects, cookies or proxies, and an answer has a largest size. What matters most is whether a
write that failed can have been carried out: it can as soon as one byte of the request has left.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore2
import httpx2
import msgspec

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean
from bookwish_desk.sync.bookwish.allowance import Allowance
from bookwish_desk.sync.bookwish.transport import Stretch, Transport
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.wire import date_of, read_json, redirected

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
STEP_SECONDS = 20.0
POOL_SECONDS = 10.0
EXCHANGE_SECONDS = 60.0
"""What an exchange may take as a whole, however slowly a server goes on answering; a long poll has more."""

LARGEST_ANSWER = 8 * 1024 * 1024


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request: `path` is made of parts that are quoted one by one, `family` names them for limits and log.

    `writes` says that it changes something there. `wait_s` is how long the server may hold its answer back.
    """

    method: str
    path: tuple[str, ...]
    family: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    writes: bool = False
    wait_s: int = 0
    background: bool = True


class Answer(msgspec.Struct, frozen=True):
    """What a server answered: `told` is its JSON, None where it is none (`readable` tells it from null).

    `proven` says that the server is known to have this path: it went well before.
    """

    status: int
    headers: Mapping[str, str]
    told: Any
    readable: bool
    server_at: int
    proven: bool = False

    @property
    def well(self) -> bool:
        """Say whether the server did what it was asked."""
        return 200 <= self.status < 300


class Client:
    """Exchanges with the store at one address. Serves several threads at once; never raises for them."""

    def __init__(
        self,
        address: str,
        connections: int = 4,
        *,
        trust: ssl.SSLContext | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._base = address
        self._host = clean(urlsplit(address).netloc, 100)
        self._transport = transport or Transport(connections, trust)
        found = getattr(self._transport, "stretch", None)
        self._stretch = found if isinstance(found, Stretch) else Stretch()
        self._closed = threading.Event()
        self.allowance = Allowance()

    def exchange(self, call: Call, access: Secret | None = None) -> Answer | Reply[Any]:
        """Send a request and return its answer, whatever its status; a Reply says why there is none.

        A read whose kept connection turns out to be gone is sent once more. `access` signs the request.
        """
        if self._closed.is_set():
            return Reply("not_sent", words="The connection to the online store is closed.", code="closed")
        wait_ms = self.allowance.wait_ms(call.family, call.background)
        if wait_ms:
            words = "The online store takes only so many requests: the rest of them are left to people."
            return Reply("limited", words=words, code="budget", wait_ms=wait_ms)
        end = self._once(call, access)
        if isinstance(end, Reply) and end.code == "broken" and not call.writes and not self._closed.is_set():
            end = self._once(call, access)
        return end

    def close(self) -> None:
        """Break off what is under way and close every connection."""
        self._closed.set()
        self._transport.close()

    def _once(self, call: Call, access: Secret | None) -> Answer | Reply[Any]:
        began = time.monotonic()
        self._stretch.begin(EXCHANGE_SECONDS + call.wait_s)
        try:
            response = self._transport.handle_request(self._request(call, access))
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpx2.ConnectError, httpx2.ConnectTimeout):
            end: Answer | Reply[Any] = self._not_connected()
        except (httpcore2.PoolTimeout, httpx2.PoolTimeout):
            words = "Every connection to the online store is busy."
            end = Reply("not_sent", words=words, code="busy")
        except Exception as fault:  # whatever a server makes the library stumble over
            end = self._lost(fault)
        else:
            try:
                end = self._answered(call, response)
            except Exception as fault:
                end = self._lost(fault, response.status_code)
            finally:
                with contextlib.suppress(Exception):
                    response.close()
        took = int((time.monotonic() - began) * 1000)
        if isinstance(end, Answer):
            log.debug("event=far_call family=%s status=%d took_ms=%d", call.family, end.status, took)
        else:
            told = (call.family, end.result, end.code, end.status, took)
            log.info("event=far_call family=%s result=%s code=%s status=%d took_ms=%d", *told)
        return end

    def _request(self, call: Call, access: Secret | None) -> httpx2.Request:
        url = self._base + "".join(f"/{quote(part, safe='')}" for part in call.path)
        if call.query:
            url += "?" + urlencode(call.query)
        headers = [
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "bookwish-desk"),
        ]
        if call.body is not None:
            headers.append(("Content-Type", "application/json"))
        if access is not None:
            headers.append(("Authorization", f"Bearer {access.reveal()}"))
        read = STEP_SECONDS if not call.wait_s else call.wait_s + 10.0
        times = {"connect": CONNECT_SECONDS, "read": read, "write": STEP_SECONDS, "pool": POOL_SECONDS}
        return httpx2.Request(
            call.method,
            url,
            headers=[*headers, *call.headers],
            content=call.body,
            extensions={"timeout": times},
        )

    def _answered(self, call: Call, response: httpx2.Response) -> Answer | Reply[Any]:
        headers = {k.lower(): v for k, v in response.headers.items()}
        server_at = date_of(headers.get("date", ""))
        self.allowance.hear(call.family, headers, server_at)
        status = response.status_code
        if 300 <= status < 400:
            return redirected(
                self._host, status, headers.get("location", ""), server_at, "the address of the store"
            )
        try:
            body = _body(response, headers.get("content-encoding", ""))
        except Exception:
            if status < 400:
                raise
            body = b""  # what a refusal means is in its status
        if body is None and status >= 400:
            body = b""
        if body is None:
            words = (
                f"The answer of the online store is larger than {LARGEST_ANSWER >> 20} MB: it was not taken."
            )
            return Reply("unknown", None, words, status, "too_large", 0, server_at)
        told, readable = read_json(body)
        return Answer(status, headers, told, readable, server_at)

    def _not_connected(self) -> Reply[Any]:
        fault = self._stretch.fault
        if self._closed.is_set():
            return Reply("not_sent", words="The connection to the online store is closed.", code="closed")
        if fault == "name":
            words = f"The online store {self._host} is not found. Check the network and the store's address."
        elif fault == "certificate":
            why = clean(self._stretch.detail, 120)
            words = f"{self._host} cannot prove who it is{f' ({why})' if why else ''}: nothing was sent."
        elif fault == "encryption":
            words = f"{self._host} offers no encrypted connection that can be trusted: nothing was sent."
        else:
            words = f"The online store {self._host} cannot be reached."
        return Reply("not_sent", words=words, code=fault or "connect")

    def _lost(self, fault: Exception, status: int = 0) -> Reply[Any]:
        """Say how an exchange ended whose answer did not come, or not as a whole."""
        late = isinstance(fault, (httpcore2.TimeoutException, httpx2.TimeoutException))
        known = (httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.TransportError, OSError)
        if not late and not isinstance(fault, known):
            log.warning("event=far_fault kind=%s", type(fault).__name__)
        real = isinstance(self._transport, Transport)
        if real and not self._stretch.written:
            if self._closed.is_set():
                return Reply("not_sent", words="The connection to the online store is closed.", code="closed")
            words = "The connection to the online store broke before anything was sent."
            return Reply("not_sent", None, words, status, "broken")
        if late:
            return Reply("unknown", None, "The online store did not answer in time.", status, "late")
        words = "The connection to the online store broke before its answer had come."
        return Reply("unknown", None, words, status, "broken")


def _body(response: httpx2.Response, encoding: str) -> bytes | None:
    """Return the body, unpacked; None when it is larger than is taken. Raises ValueError when it is damaged.

    Nothing is asked for packed. What comes so all the same is unpacked no further than the largest size.
    """
    how = encoding.strip().lower()
    if how not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise ValueError("an encoding that was not asked for")
    unpack = None if how in ("", "identity") else zlib.decompressobj(wbits=47)
    parts: list[bytes] = []
    size = 0
    stream = response.stream
    assert isinstance(stream, httpx2.SyncByteStream)
    for part in stream:
        piece = part
        if unpack is not None:
            try:
                piece = unpack.decompress(part, LARGEST_ANSWER + 1 - size)
            except zlib.error as fault:
                raise ValueError("damaged") from fault
        size += len(piece)
        if size > LARGEST_ANSWER:
            return None
        parts.append(piece)
    return b"".join(parts)
