"""Which printers in the local network say of themselves that they take raw jobs: one question by mDNS.

One packet goes out and what comes back within a second is read (RFC 6762, 5.1 and 6.7: a one-shot query from
a port of its own is answered to that port). No address is tried and nothing is printed. Text is untrusted.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import time
from collections.abc import Iterator

import msgspec

GROUP = ("224.0.0.251", 5353)
_SERVICE = "_pdl-datastream._tcp.local"
_A, _PTR, _TXT, _SRV = 1, 12, 16, 33
_CLASS_IN, _CLASS_MASK = 1, 0x7FFF
_MOST_ANSWERS, _MOST_BYTES, _MOST_RECORDS, _MOST_LABELS = 100, 9000, 200, 64


class Nearby(msgspec.Struct, frozen=True):
    """A printer that told of itself: where it takes raw jobs, and the words of its TXT record."""

    host: str
    port: int
    name: str
    words: dict[str, str]


class _Record(msgspec.Struct, frozen=True):
    name: str
    kind: int
    start: int
    end: int

    @property
    def key(self) -> str:
        """Return the name as names are compared."""
        return self.name.lower()


def nearby(deadline: float, group: tuple[str, int] = GROUP) -> tuple[Nearby, ...]:
    """Return the printers that answer before `deadline`, each once. Never raises; without a network: none."""
    found: dict[tuple[str, int], Nearby] = {}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sock.sendto(_question(), group)
        for _ in range(_MOST_ANSWERS):
            if (left := deadline - time.monotonic()) <= 0:
                break
            sock.settimeout(left)
            packet, (sender, _port) = sock.recvfrom(_MOST_BYTES)
            for printer in read_answer(packet, sender):
                found.setdefault((printer.host, printer.port), printer)
    return tuple(found.values())


def read_answer(packet: bytes, sender: str) -> tuple[Nearby, ...]:
    """Return the printers of one answer; none of what is no answer or is cut off."""
    try:
        return tuple(_printers(packet, sender))
    except (ValueError, IndexError, struct.error):
        return ()


def _question() -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in _SERVICE.split("."))
    return struct.pack(">6H", 0, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", _PTR, _CLASS_IN)


def _printers(packet: bytes, sender: str) -> Iterator[Nearby]:
    records = list(_records(packet))
    hosts = {
        r.key: str(ipaddress.IPv4Address(packet[r.start : r.end]))
        for r in records
        if r.kind == _A and r.end - r.start == 4
    }
    texts = {r.key: _words(packet[r.start : r.end]) for r in records if r.kind == _TXT}
    mine = {_name(packet, r.start)[0].lower() for r in records if r.kind == _PTR and r.key == _SERVICE}
    for record in records:
        if record.kind == _SRV and record.key in mine:
            port = struct.unpack_from(">H", packet, record.start + 4)[0]
            target = _name(packet, record.start + 6)[0].lower()
            if port:
                called = record.name[: -len("." + _SERVICE)]
                yield Nearby(hosts.get(target, sender), port, called, texts.get(record.key, {}))


def _records(packet: bytes) -> Iterator[_Record]:
    """Yield all records of an answer (RFC 1035, 4.1)."""
    _, flags, questions, *counts = struct.unpack_from(">6H", packet)
    if not flags & 0x8000:
        return
    at = 12
    for _ in range(questions):
        at = _name(packet, at)[1] + 4
    for _ in range(min(sum(counts), _MOST_RECORDS)):
        name, at = _name(packet, at)
        kind, kind_class, _, size = struct.unpack_from(">HHIH", packet, at)
        at += 10
        if at + size > len(packet):
            raise ValueError("cut off")
        if kind_class & _CLASS_MASK == _CLASS_IN:
            yield _Record(name, kind, at, at + size)
        at += size


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """Return a name and where what follows it begins. Raises ValueError for one without an end."""
    labels: list[str] = []
    end = 0
    for _ in range(_MOST_LABELS):
        size = packet[at]
        if size >= 0xC0:  # the rest stands elsewhere in the packet
            end = end or at + 2
            at = struct.unpack_from(">H", packet, at)[0] & 0x3FFF
        elif size:
            labels.append(packet[at + 1 : at + 1 + size].decode("utf-8", "replace"))
            at += 1 + size
        else:
            return ".".join(labels), end or at + 1
    raise ValueError("no end")


def _words(data: bytes) -> dict[str, str]:
    """Return a TXT record (RFC 6763, 6): key=value, each with its length before it."""
    words: dict[str, str] = {}
    at = 0
    while at < len(data):
        key, _, value = data[at + 1 : at + 1 + data[at]].decode("utf-8", "replace").partition("=")
        words.setdefault(key.lower(), value)
        at += 1 + data[at]
    return words
