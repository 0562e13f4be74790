"""A label printer on a real socket of this machine: takes jobs, answers what it is asked, and can fail."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_QUESTIONS = re.compile(rb"~HS|~HQES|\x1b!\?|\r\n\^ee\r\n")


class LabelEngine:
    """What a label printer does with what comes in; set the switches at any time, from any thread.

    `labels` are still to be printed, as ~HS tells. After `reset_after` bytes of jobs the connection is reset.
    """

    def __init__(self) -> None:
        self.paper_out = self.head_open = self.mute = self.silent_in_trouble = False
        self.labels = 0
        self.reset_after: int | None = None
        self.taken = b""
        self.asked: list[bytes] = []
        self.changed = threading.Condition()
        self.port = 0

    def wait_asked(self, times: int) -> None:
        """Wait until so many more questions came."""
        with self.changed:
            goal = len(self.asked) + times
            assert self.changed.wait_for(lambda: len(self.asked) >= goal, timeout=10)

    def wait_taken(self, size: int) -> bytes:
        """Wait until so many bytes of jobs came, and return them."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= size, timeout=10)
            return self.taken

    def take(self, data: bytes) -> bytes:
        """Take in what came and return the answers to the questions in it."""
        answers = b""
        with self.changed:
            for question in _QUESTIONS.findall(data):
                self.asked.append(question)
                answers += self._answer(question)
            self.taken += _QUESTIONS.sub(b"", data)
            self.changed.notify_all()
        return answers

    def _answer(self, question: bytes) -> bytes:
        trouble = self.paper_out or self.head_open
        if self.mute or (trouble and self.silent_in_trouble):
            return b""
        if question == b"~HS":  # a Zebra says nothing when it is out of labels or open
            first = f"\x02030,0,0,1218,{self.labels:03d},0,0,0,000,0,0,0\x03\r\n"
            second = f"\x02000,0,0,0,0,2,4,0,{self.labels:08d},1,000\x03\r\n\x021234,0\x03\r\n"
            return b"" if trouble else (first + second).encode()
        bits = 4 * self.head_open + self.paper_out
        if question == b"~HQES":
            return (
                f"\x02\r\n  PRINTER STATUS\r\n  ERRORS:  {int(trouble)} 00000000 {bits:08X}\r\n"
                "  WARNINGS:  0 00000000 00000000\r\n\x03"
            ).encode()
        if question == b"\x1b!?":
            return bytes([self.head_open | 4 * self.paper_out | 0x20 * bool(self.labels)])
        return b"11\r\n" if self.head_open else b"07\r\n" if self.paper_out else b"00\r\n"


@contextmanager
def label_engine() -> Iterator[LabelEngine]:
    """Run an engine on a free port of this machine, one connection after the other."""
    engine = LabelEngine()
    with socket.create_server(("127.0.0.1", 0)) as server:
        engine.port = server.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(server, engine))
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def _serve(server: socket.socket, engine: LabelEngine) -> None:
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        with link:
            _talk(link, engine)


def _talk(link: socket.socket, engine: LabelEngine) -> None:
    before = len(engine.taken)
    try:
        while data := link.recv(65536):
            room = None if engine.reset_after is None else engine.reset_after - (len(engine.taken) - before)
            job = len(_QUESTIONS.sub(b"", data))
            if room is not None and job >= room:
                engine.take(data[:room])
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if answers := engine.take(data):
                link.sendall(answers)
    except OSError:
        pass
