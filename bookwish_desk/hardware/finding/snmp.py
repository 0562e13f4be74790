"""Asks a printer in the network what it is through SNMP: nothing of it reaches the paper.

Version 1 with the community `public`, read only, as CUPS asks (`backend/snmp.c`). Printers without SNMP do
not answer; what they are is then asked at their printing port.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from itertools import islice

import msgspec

from bookwish_desk.hardware.links.tcp import addresses

PORT = 161
_DEVICE_ID = "1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1"  # PWG 5107.1, ppmPrinterIEEE1284DeviceId
_DESCRIPTION = "1.3.6.1.2.1.25.3.2.1.3.1"  # RFC 2790, hrDeviceDescr
_QUESTIONS = (_DEVICE_ID, _DESCRIPTION)
_INTEGER, _TEXT, _OBJECT, _SEQUENCE, _GET, _ANSWER = 0x02, 0x04, 0x06, 0x30, 0xA0, 0xA2
_MOST = 4096


class Told(msgspec.Struct, frozen=True):
    """What a printer tells: its IEEE 1284 device id and its description; empty where it has none."""

    device_id: str = ""
    description: str = ""


def ask(host: str, deadline: float, port: int = PORT) -> Told:
    """Return what the printer at the first of a host's addresses tells before `deadline`; never raises."""
    told: dict[int, str] = {}
    for family, address in islice(addresses(host, port, deadline), 1):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(address)  # answers of others are not heard
            for number, question in enumerate(_QUESTIONS):
                sock.send(_question(number, question))
            while len(told) < len(_QUESTIONS) and (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                number, text = _answer(sock.recv(_MOST))
                if 0 <= number < len(_QUESTIONS):
                    told[number] = text
    return Told(told.get(0, ""), told.get(1, ""))


def _question(number: int, name: str) -> bytes:
    """Return a GET request of one value (RFC 1157, 4.1.2)."""
    wanted = _part(_SEQUENCE, _part(_OBJECT, _object(name)) + b"\x05\x00")
    numbers = b"".join(_part(_INTEGER, bytes([value])) for value in (number, 0, 0))
    request = _part(_GET, numbers + _part(_SEQUENCE, wanted))
    return _part(_SEQUENCE, _part(_INTEGER, b"\0") + _part(_TEXT, b"public") + request)


def _answer(message: bytes) -> tuple[int, str]:
    """Return the number of the question and the text told; (-1, "") for what is no such answer."""
    try:
        _version, _community, (kind, answer) = _parts(_only(message, _SEQUENCE))
        (_, number), (_, error), _index, (_, bound) = _parts(answer)
        if kind != _ANSWER:
            return -1, ""
        if int.from_bytes(error, "big"):
            return int.from_bytes(number, "big"), ""
        _name, (value_kind, value) = _parts(_only(bound, _SEQUENCE))
    except ValueError:
        return -1, ""
    return int.from_bytes(number, "big"), value.decode("utf-8", "replace") if value_kind == _TEXT else ""


def _object(name: str) -> bytes:
    """Return an object identifier: the first two numbers in one byte, the others in groups of seven bits."""
    first, second, *others = (int(part) for part in name.split("."))
    body = bytes([first * 40 + second])
    for number in others:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        body += bytes(reversed(groups))
    return body


def _part(kind: int, body: bytes) -> bytes:
    """Return one part with its kind and length before it (BER, definite form)."""
    size = len(body)
    if size < 0x80:
        return bytes([kind, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([kind, 0x80 | len(length)]) + length + body


def _parts(body: bytes) -> list[tuple[int, bytes]]:
    return list(_each(body))


def _each(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of each part. Raises ValueError for what is cut off or of another form."""
    while body:
        if len(body) < 2:
            raise ValueError("cut off")
        kind, size, start = body[0], body[1], 2
        if size >= 0x80:
            start += size & 0x7F
            if not 3 <= start <= 6:
                raise ValueError("length")
            size = int.from_bytes(body[2:start], "big")
        if len(body) < start + size:
            raise ValueError("cut off")
        yield kind, body[start : start + size]
        body = body[start + size :]


def _only(body: bytes, kind: int) -> bytes:
    """Return the body of the first part, which must be of a kind."""
    found = _parts(body)
    if not found or found[0][0] != kind:
        raise ValueError("kind")
    return found[0][1]
