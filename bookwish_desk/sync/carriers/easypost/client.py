"""The one place that calls EasyPost's client: a call out, its answer in, or how it failed. Knows no meaning.

What counts is the answer as it came over the wire (its status, its body), not what the client makes of it:
the client raises the same for a lost connection and for one that never was, and for an answer whose body it
cannot read it forgets the status. No text of its exceptions is shown or logged: they can hold a whole body.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.text import clean
from bookwish_desk.sync.carriers.easypost.address import file_address
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.wire import date_of, read_json, redirected

if TYPE_CHECKING:
    from easypost.easypost_client import EasyPostClient

    from bookwish_desk.sync.carriers.easypost.transport import Stretch

log = logging.getLogger(__name__)

LARGEST_ANSWER = 4 * 1024 * 1024
LARGEST_FILE = 5 * 1024 * 1024

_MOST_REDIRECTS = 3
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
"""What can stand in a header. The client would raise with the key in its words for anything else."""


class Patience(msgspec.Struct, frozen=True):
    """How long the kinds of calls may take as a whole, seconds.

    `read` includes that it is repeated once; `money` is beyond the 90 seconds that EasyPost itself allows an
    operation, so that its answer is heard where there is one.
    """

    connect: float = 5.0
    read: float = 20.0
    write: float = 60.0
    money: float = 95.0
    file: float = 30.0


class Answer(msgspec.Struct, frozen=True):
    """What EasyPost answered: `told` is its JSON, None where it is none (`readable` tells it from null)."""

    status: int
    headers: Mapping[str, str]
    told: Any
    readable: bool
    server_at: int

    @property
    def well(self) -> bool:
        """Say whether it did what it was asked."""
        return 200 <= self.status < 300


class Client:
    """Calls to the EasyPost at one address. Serves several threads at once; never raises for them."""

    def __init__(self, base: str, key: Secret, patience: Patience) -> None:
        self._base = base
        self._key = key
        self._patience = patience
        self._host = clean(urlsplit(base).netloc, 100)
        self._lock = threading.Lock()
        self._idle: list[_Line] = []
        self._busy: set[_Line] = set()
        self._closed = threading.Event()

    @property
    def key(self) -> Secret:
        """Return the key."""
        return self._key

    def read(self, ask: Callable[[EasyPostClient], object]) -> Answer | Reply[Any]:
        """Ask for something; once more where the connection broke."""
        return self._call(ask, self._patience.read, repeats=True)

    def write(self, ask: Callable[[EasyPostClient], object]) -> Answer | Reply[Any]:
        """Ask for something that costs nothing but changes something there. Sent once."""
        return self._call(ask, self._patience.write)

    def spend(self, ask: Callable[[EasyPostClient], object]) -> Answer | Reply[Any]:
        """Ask for something that moves money. Sent once."""
        return self._call(ask, self._patience.money)

    def fetch(self, url: str) -> bytes | Reply[Any]:
        """Return a file that an answer names: without the key, from where it may be, of a bounded size."""
        if self._closed.is_set():
            return _closed()
        line = self._take()
        if isinstance(line, Reply):
            return line
        try:
            line.stretch.begin(self._patience.file, self._patience.connect, LARGEST_FILE)
            return self._fetched(line, url)
        except Exception as fault:
            return self._lost(line.stretch, type(fault).__name__)
        finally:
            line.stretch.end()
            self._give_back(line)

    def pause(self, seconds: float) -> bool:
        """Wait; return whether it may go on, False once it is closed."""
        return not self._closed.wait(seconds)

    def close(self) -> None:
        """Break off what is under way and close every connection."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
            busy = tuple(self._busy)
        for line in busy:
            line.stretch.hang_up()
        for line in idle:
            line.close()

    def _call(
        self, ask: Callable[[EasyPostClient], object], seconds: float, repeats: bool = False
    ) -> Answer | Reply[Any]:
        if self._closed.is_set():
            return _closed()
        if not _KEY.fullmatch(self._key.reveal()):
            again = " again: this cannot be one" if self._key else ""
            return Reply("signed_out", words=f"Type the key of the EasyPost account{again}.")
        line = self._take()
        if isinstance(line, Reply):
            return line
        began = time.monotonic()
        try:
            end = self._once(line, ask, seconds)
            left = seconds - (time.monotonic() - began)
            if repeats and isinstance(end, Reply) and end.code == "broken" and left > 0:
                end = self._once(line, ask, left)
        finally:
            self._give_back(line)
        took = int((time.monotonic() - began) * 1000)
        if isinstance(end, Answer):
            log.debug("event=carrier_call status=%d took_ms=%d", end.status, took)
        else:
            log.info("event=carrier_call result=%s code=%s took_ms=%d", end.result, end.code, took)
        return end

    def _once(
        self, line: _Line, ask: Callable[[EasyPostClient], object], seconds: float
    ) -> Answer | Reply[Any]:
        line.heard()
        fault = ""
        try:
            line.stretch.begin(seconds, self._patience.connect, LARGEST_ANSWER)
            ask(line.easypost)
        except Exception as raised:  # the client raises for most of what it does not like in an answer
            fault = type(raised).__name__
        finally:
            line.stretch.end()
        heard = line.heard()
        if heard is None:
            return self._lost(line.stretch, fault)
        status, headers, body = heard
        server_at = date_of(headers.get("date", ""))
        if 300 <= status < 400:
            return redirected(self._host, status, line.stretch.location, server_at, "the address of EasyPost")
        told, readable = read_json(body)
        return Answer(status, headers, told, readable, server_at)

    def _fetched(self, line: _Line, url: str) -> bytes | Reply[Any]:
        where = file_address(url, self._base)
        for _ in range(_MOST_REDIRECTS + 1):
            if not where:
                words = "The file is at an address from which nothing is fetched."
                return Reply("unknown", words=words, code="address")
            answer = line.session.get(where)
            status = answer.status_code
            if status // 100 != 3:
                break
            where = file_address(line.stretch.location, self._base, where)
        if status == 200:
            return bytes(answer.content)
        return Reply(
            "unknown", words=f"The file could not be fetched ({status}).", status=status, code="file"
        )

    def _lost(self, stretch: Stretch, fault: str) -> Reply[Any]:
        """Say how a call ended whose answer did not come, or not as a whole."""
        if not stretch.sent:
            return self._not_sent(stretch, fault)
        if self._closed.is_set():
            return Reply("unknown", words="The connection to EasyPost was closed meanwhile.", code="closed")
        if stretch.fault == "too_large":
            words = f"What EasyPost sent is larger than {stretch.largest >> 20} MB: it was not taken."
            return Reply("unknown", words=words, code="too_large")
        if stretch.late:
            return Reply("unknown", words="EasyPost did not answer in time.", code="late")
        words = "The connection to EasyPost broke before its answer had come."
        return Reply("unknown", words=words, code="broken")

    def _not_sent(self, stretch: Stretch, fault: str) -> Reply[Any]:
        if self._closed.is_set():
            return _closed()
        if stretch.fault == "name":
            words = f"{self._host} is not found. Check the network and the address of EasyPost."
        elif stretch.fault == "certificate":
            why = clean(stretch.detail, 120)
            words = f"{self._host} cannot prove who it is{f' ({why})' if why else ''}: nothing was sent."
        elif stretch.fault == "encryption":
            words = f"{self._host} offers no encrypted connection that can be trusted: nothing was sent."
        elif stretch.fault == "connect" or stretch.late:
            words = f"EasyPost cannot be reached at {self._host}."
        else:
            log.warning("event=carrier_fault kind=%s", fault)
            return Reply("refused", words="This could not be sent to EasyPost.", code="unsendable")
        return Reply("not_sent", words=words, code=stretch.fault or "connect")

    def _take(self) -> _Line | Reply[Any]:
        with self._lock:
            line = self._idle.pop() if self._idle else None
        if line is None:
            line = _Line(self._base, self._key)
        with self._lock:
            if not self._closed.is_set():
                self._busy.add(line)
                return line
        line.close()
        return _closed()

    def _give_back(self, line: _Line) -> None:
        with self._lock:
            self._busy.discard(line)
            if not self._closed.is_set():
                self._idle.append(line)
                return
        line.close()


class _Line:
    """One client of EasyPost's with its connections: it serves one thread at a time."""

    def __init__(self, base: str, key: Secret) -> None:
        from http.cookiejar import DefaultCookiePolicy

        from easypost.easypost_client import EasyPostClient

        from bookwish_desk.sync.carriers.easypost.transport import Stretch, Wire

        self.stretch = Stretch()
        self._heard: tuple[int, Mapping[str, str], bytes] | None = None
        self.easypost = EasyPostClient(key.reveal(), api_base=base)
        # The session repeats reads four times, takes a proxy from the environment and another key from a
        # file .netrc: not this one.
        self.session = self.easypost._requests_session
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.adapters.clear()
        wire = Wire(self.stretch)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, wire)
        self.easypost.subscribe_to_response_hook(self._hear)  # type: ignore[no-untyped-call]

    def _hear(self, **what: Any) -> None:
        headers = {str(k).lower(): str(v) for k, v in what["headers"].items()}
        self._heard = (what["http_status"], headers, what["response_body"].encode("utf-8", "replace"))

    def heard(self) -> tuple[int, Mapping[str, str], bytes] | None:
        """Return status, headers and body of the answer since this was asked last."""
        heard, self._heard = self._heard, None
        return heard

    def close(self) -> None:
        self.session.close()


def _closed() -> Reply[Any]:
    return Reply("not_sent", words="The connection to EasyPost is closed.", code="closed")
