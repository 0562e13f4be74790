"""The printer in software on a port of the loopback network, with a small window like a real one's."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from tests.hardware.engine import Engine

_STEP_SECONDS = 0.005
_WINDOW = 2048


class TcpPrinter:
    """Runs an engine behind one port: one connection at a time, others wait; none while it is off."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.jobs: list[bytes] = []
        self._ended = threading.Semaphore(0)
        self._changed = threading.Condition()
        self._leave = False
        self._wake, self._woken = socket.socketpair()
        self._listener: socket.socket | None = _listen(0)
        self._connection: socket.socket | None = None
        self.port = int(self._listener.getsockname()[1])

    def order(self, *words: str) -> None:
        """Do what a person at the printer does."""
        with self._changed:
            for order in words:
                self.engine.order(order)
            self._wake.send(b"x")

    def wait(self, until: Callable[[Engine], object]) -> None:
        """Wait until the printer is as the test wants it."""
        with self._changed:
            assert self._changed.wait_for(lambda: until(self.engine), timeout=10), self.engine

    def wait_free(self) -> None:
        """Wait until nobody is connected any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._connection is None, timeout=10), "still connected"

    def wait_job(self) -> bytes:
        """Return what the next connection brought, once it has ended."""
        assert self._ended.acquire(timeout=10), "no job came"
        return self.jobs[-1]

    def serve(self) -> None:
        """Run until `leave`."""
        with self._wake, self._woken:
            while not self._leave:
                ready = self._select()
                with self._changed:
                    self._turn(ready)
                    self._changed.notify_all()
            with self._changed:
                self._hang_up(reset=False)
                if self._listener:
                    self._listener.close()

    def leave(self) -> None:
        """End `serve`."""
        self._leave = True
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _select(self) -> set[object]:
        with self._changed:
            wanted = [self._woken]
            if self._connection and self.engine.free():
                wanted.append(self._connection)
            elif self._listener and not self._connection:
                wanted.append(self._listener)
            pause = None if self.engine.slow is None else _STEP_SECONDS
        with selectors.DefaultSelector() as selector:
            for line in wanted:
                selector.register(line, selectors.EVENT_READ)
            return {key.fileobj for key, _ in selector.select(pause)}

    def _turn(self, ready: set[object]) -> None:
        if self._woken in ready:
            self._woken.recv(4096)
        if self._listener and self._listener in ready:
            self._connection, _ = self._listener.accept()
            self.jobs.append(b"")
        elif self._connection and self._connection in ready:
            self._read(self._connection)
        if self.engine.slow is not None:
            self.engine.step()
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.sendall(self.engine.take_replies())
        if self.engine.gone or not self.engine.powered:
            self._hang_up(reset=True)
        self._switch_listener()

    def _read(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(max(1, self.engine.free()))
        except OSError:
            data = b""
        if data:
            self.jobs[-1] += data
            self.engine.feed(data)
        else:
            self._hang_up(reset=False)

    def _switch_listener(self) -> None:
        if self._listener and not self.engine.powered:
            self._listener.close()
            self._listener = None
        elif not self._listener and self.engine.powered:
            self._listener = _listen(self.port)

    def _hang_up(self, reset: bool) -> None:
        if self._connection:
            if reset:
                linger = struct.pack("ii", 1, 0)
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._connection.close()
            self._connection = None
            self._ended.release()
        self.engine.hang_up()


@contextlib.contextmanager
def tcp_printer(engine: Engine | None = None) -> Iterator[TcpPrinter]:
    """Run a printer on a free port of 127.0.0.1 until the end of the block."""
    printer = TcpPrinter(engine or Engine())
    thread = threading.Thread(target=printer.serve, daemon=True)
    thread.start()
    try:
        yield printer
    finally:
        printer.leave()
        thread.join(timeout=10)
        assert not thread.is_alive()


def closed_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
    listener.bind(("127.0.0.1", port))
    listener.listen(8)
    return listener
