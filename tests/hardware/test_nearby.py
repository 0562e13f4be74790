"""Printers that tell of themselves by mDNS are read, and nothing that comes back breaks anything."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.finding.nearby import Nearby, nearby, read_answer

SERVICE = b"\x0f_pdl-datastream\x04_tcp\x05local\0"
TO_SERVICE = b"\xc0\x0c"  # the name that the first record begins with
PTR, TXT, SRV, A = 12, 16, 33, 1


def label(text: str) -> bytes:
    return bytes([len(text.encode())]) + text.encode()


def record(name: bytes, kind: int, data: bytes, kind_class: int = 0x8001) -> bytes:
    return name + struct.pack(">HHIH", kind, kind_class, 120, len(data)) + data


def answer(
    instance: str = "EPSON TM-m30",
    port: int = 9100,
    words: tuple[str, ...] = ("txtvers=1",),
    a: bytes = b"\x0a\0\0\x05",
) -> bytes:
    """Return an answer as printers send it: the pointer, and all that belongs to it as additional records."""
    mine = label(instance) + TO_SERVICE
    host = label("TM-M30-123") + b"\x05local\0"
    records = [
        record(SERVICE, PTR, mine, 1),
        record(mine, SRV, struct.pack(">3H", 0, 0, port) + host),
        record(mine, TXT, b"".join(map(label, words))),
        record(host, A, a) if a else b"",
    ]
    header = struct.pack(">6H", 0, 0x8400, 0, 1, 0, len([r for r in records if r]) - 1)
    return header + b"".join(records)


def test_an_answer_tells_host_port_name_and_words() -> None:
    words = ("usb_MFG=EPSON", "usb_MDL=TM-m30", "note=", "alone")
    assert read_answer(answer(words=words), "10.0.0.9") == (
        Nearby(
            "10.0.0.5", 9100, "EPSON TM-m30",
            {"usb_mfg": "EPSON", "usb_mdl": "TM-m30", "note": "", "alone": ""},
        ),
    )  # fmt: skip


def test_one_without_an_address_is_where_the_answer_came_from() -> None:
    (found,) = read_answer(answer(a=b""), "10.0.0.9")
    assert found.host == "10.0.0.9"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0" * 12,
        answer()[:40],
        answer().replace(struct.pack(">H", 0x8400), b"\0\0", 1),  # a question
        answer(port=0),
        answer().replace(b"_pdl-datastream", b"_pdl-datastrean"),  # another service
        struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c",  # a name that means itself
        struct.pack(">6H", 0, 0x8400, 0xFFFF, 0xFFFF, 0, 0) + b"\0" * 40,
    ],
)
def test_what_is_no_answer_tells_nothing(packet: bytes) -> None:
    assert read_answer(packet, "10.0.0.9") == ()


@given(st.binary(max_size=300))
def test_no_packet_breaks_it(packet: bytes) -> None:
    read_answer(packet, "10.0.0.9")
    read_answer(struct.pack(">6H", 0, 0x8400, 0, 3, 3, 3) + packet, "10.0.0.9")


@given(st.integers(0, len(answer()) - 1), st.integers(0, 255))
def test_no_changed_byte_breaks_it(place: int, byte: int) -> None:
    packet = bytearray(answer())
    packet[place] = byte
    read_answer(bytes(packet), "10.0.0.9")


@contextlib.contextmanager
def responder(*answers: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """Answer the first question on a port of 127.0.0.1; give its address and the questions."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(20)

        def run() -> None:
            packet, sender = sock.recvfrom(9000)
            asked.append(packet)
            for each in answers:
                sock.sendto(each, sender)

        thread = threading.Thread(target=run)
        thread.start()
        yield sock.getsockname(), asked
        thread.join(20)
        assert not thread.is_alive()


def test_one_question_goes_out_and_each_printer_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwish_desk.hardware.finding.nearby._MOST_ANSWERS", 4)
    packets = (answer(), b"rubbish", answer(), answer("Other", 9101))
    with responder(*packets) as (group, asked):
        found = nearby(time.monotonic() + 20, group)
    assert [(p.name, p.port) for p in found] == [("EPSON TM-m30", 9100), ("Other", 9101)]
    assert asked == [struct.pack(">6H", 0, 0, 1, 0, 0, 0) + SERVICE + struct.pack(">2H", PTR, 1)]


def test_nobody_answers_and_the_deadline_ends_it() -> None:
    with responder() as (group, _):
        assert nearby(time.monotonic() + 0.05, group) == ()


def test_without_a_network_there_is_nobody() -> None:
    assert nearby(time.monotonic() + 5, ("127.0.0.1", 0)) == ()
