"""A printer on the loopback network that reads jobs as told: whole, in part, not at all, or with a reset."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_QUERIES = {b"\x10\x04\x01": 0, b"\x10\x04\x02": 1, b"\x10\x04\x04": 2}


@dataclass
class TcpPrinter:
    """What to do with the next connections; `jobs` holds what each of them brought."""

    answers: bool = False
    status: bytes = b"\x12\x12\x12"
    confirms: bool = True
    mute: bool = False
    reset_after: int | None = None
    jobs: list[bytes] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)
    finished: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    leave: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def wait_job(self, count: int = 1) -> bytes:
        """Return the last job once `count` more connections have ended."""
        for _ in range(count):
            assert self.finished.acquire(timeout=10), "no job came"
        return self.jobs[-1]


@contextlib.contextmanager
def tcp_printer(**behaviour: object) -> Iterator[TcpPrinter]:
    """Run a printer on a free port of 127.0.0.1 until the end of the block."""
    printer = TcpPrinter(**behaviour)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as server:
        printer.port = server.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(server, printer), daemon=True)
        thread.start()
        try:
            yield printer
        finally:
            printer.leave.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)
            assert not thread.is_alive()


def closed_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _serve(server: socket.socket, printer: TcpPrinter) -> None:
    while not printer.leave.is_set():
        try:
            connection, _ = server.accept()
        except OSError:
            return
        printer.called.set()
        with connection:
            if printer.mute:
                printer.leave.wait(20)
            else:
                _take(connection, printer)
        printer.finished.release()


def _take(connection: socket.socket, printer: TcpPrinter) -> None:
    job = b""
    connection.settimeout(20)
    with contextlib.suppress(OSError):
        while True:
            room = 65536 if printer.reset_after is None else printer.reset_after - len(job)
            if room <= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            part = connection.recv(min(room, 65536))
            if not part:
                break
            if printer.answers and part in _QUERIES:
                connection.sendall(printer.status[_QUERIES[part] :][:1])
                continue
            job += part
            if printer.answers and printer.confirms and job.endswith(b"\x1dr\x01"):
                connection.sendall(b"\x00")
    printer.jobs.append(job)
