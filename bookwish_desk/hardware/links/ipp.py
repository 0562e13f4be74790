"""How CUPS is asked for its queues and jobs, by IPP: the few words of it that this needs.

Only reading: jobs go in and out through CUPS' own commands, which know how to sign in. The state of a queue
and the titles of jobs are in no command of CUPS' client package. RFC 8010 is the encoding, RFC 8011 has the
words.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import socket
import struct
from urllib.parse import quote

Value = int | bool | str
Group = dict[str, list[Value]]

GET_PRINTER, GET_JOB, GET_JOBS, GET_PRINTERS = 0x000B, 0x0009, 0x000A, 0x4002

_OPERATION, _JOB, _PRINTER, _END = 0x01, 0x02, 0x04, 0x03
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_NAME, _KEYWORD, _URI, _CHARSET, _LANGUAGE = 0x42, 0x44, 0x45, 0x47, 0x48
_OUT_OF_BAND = range(0x10, 0x20)
_MOST = 4_000_000
_numbers = itertools.count(1)


class CannotAsk(Exception):
    """CUPS could not be asked; `answered` tells that somebody was there who does not talk to us."""

    def __init__(self, why: str, answered: bool) -> None:
        super().__init__(why)
        self.answered = answered


class Refusal(Exception):
    """CUPS answered no; `status` is RFC 8011's status code."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:#06x}")
        self.status = status


def ask(
    server: str, operation: int, seconds: float, queue: str = "", job: int = 0, wanted: tuple[str, ...] = ()
) -> list[Group]:
    """Ask CUPS at `server`, which is `HOST:PORT` or the path of its socket; return the printers or jobs.

    Raises CannotAsk and Refusal.
    """
    request = _request(operation, queue, job, wanted)
    try:
        with contextlib.closing(_Connection(server, seconds)) as connection:
            connection.request("POST", "/", request, {"Content-Type": "application/ipp"})
            reply = connection.getresponse()
            if reply.status != 200:
                raise CannotAsk(f"HTTP {reply.status}", answered=True)
            return _read(reply.read(_MOST))
    except (OSError, http.client.HTTPException, struct.error, IndexError) as fault:
        raise CannotAsk(type(fault).__name__, answered=not isinstance(fault, OSError)) from fault


def words(group: Group, name: str) -> list[str]:
    """Return the texts of an attribute."""
    return [value for value in group.get(name, []) if isinstance(value, str)]


def number(group: Group, name: str) -> int:
    """Return the number of an attribute, 0 where it has none."""
    return next((value for value in group.get(name, []) if isinstance(value, int)), 0)


class _Connection(http.client.HTTPConnection):
    """HTTP to a host, or through a socket of this computer."""

    def __init__(self, server: str, seconds: float) -> None:
        self._path = server if server.startswith("/") else ""
        super().__init__("localhost" if self._path else server, timeout=seconds)

    def connect(self) -> None:
        """Connect."""
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _request(operation: int, queue: str, job: int, wanted: tuple[str, ...]) -> bytes:
    parts = [struct.pack(">BBHIB", 2, 0, operation, next(_numbers), _OPERATION)]
    parts.append(_attribute(_CHARSET, "attributes-charset", b"utf-8"))
    parts.append(_attribute(_LANGUAGE, "attributes-natural-language", b"en"))
    if queue:
        uri = f"ipp://localhost/printers/{quote(queue, safe='')}"
        parts.append(_attribute(_URI, "printer-uri", uri.encode()))
    if job:
        parts.append(_attribute(_INTEGER, "job-id", struct.pack(">i", job)))
    parts.append(_attribute(_NAME, "requesting-user-name", _user().encode()))
    if operation == GET_JOBS:
        parts.append(_attribute(_KEYWORD, "which-jobs", b"all"))
    for index, name in enumerate(wanted):
        parts.append(_attribute(_KEYWORD, "requested-attributes" if index == 0 else "", name.encode()))
    return b"".join(parts) + bytes([_END])


def _user() -> str:
    """Return who CUPS' own commands say they are: the titles of others' jobs are none of our business."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _attribute(tag: int, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(value)) + value


def _read(answer: bytes) -> list[Group]:
    status = struct.unpack_from(">H", answer, 2)[0]
    if status >= 0x0400:
        raise Refusal(status)
    groups: list[Group] = []
    kept: Group | None = None
    values: list[Value] = []
    at = 8
    while (tag := answer[at]) != _END:
        at += 1
        if tag < 0x10:
            kept = {} if tag in (_JOB, _PRINTER) else None
            if kept is not None:
                groups.append(kept)
            continue
        name, at = _text(answer, at)
        value, at = _bytes(answer, at)
        if name:
            values = []
            if kept is not None:
                kept[name] = values
        if tag not in _OUT_OF_BAND:
            values.append(_value(tag, value))
    return groups


def _value(tag: int, value: bytes) -> Value:
    if tag in (_INTEGER, _ENUM):
        return int(struct.unpack(">i", value)[0])
    if tag == _BOOLEAN:
        return value == b"\1"
    return value.decode("utf-8", "replace")


def _bytes(answer: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + int(struct.unpack_from(">H", answer, at)[0])
    if end > len(answer):
        raise IndexError(end)
    return answer[at + 2 : end], end


def _text(answer: bytes, at: int) -> tuple[str, int]:
    value, end = _bytes(answer, at)
    return value.decode("utf-8", "replace"), end
