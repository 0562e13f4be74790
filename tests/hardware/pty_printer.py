"""The printer in software on a serial line: a pseudo-terminal, whose name is a link that follows it."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hardware.engine import Engine


class PtyPrinter:
    """Runs an engine behind `port`, which is a new line each time it is plugged in."""

    def __init__(self, engine: Engine, port: Path) -> None:
        self.engine = engine
        self.port = port
        self._changed = threading.Condition()
        self._wake, self._woken = socket.socketpair()
        self._ends: tuple[int, int] | None = None
        self._leave = False

    def order(self, words: str) -> None:
        """Do what a person at the printer does."""
        with self._changed:
            self.engine.order(words)
            self._wake.send(b"x")

    def wait(self, until: Callable[[Engine], object]) -> None:
        """Wait until the printer is as the test wants it."""
        with self._changed:
            assert self._changed.wait_for(lambda: until(self.engine), timeout=30), self.engine

    def pull_out(self) -> None:
        """Take the line away; who has it open is hung up on."""
        with self._changed:
            self._pull_out()

    def plug_in(self) -> None:
        """Give it another line, and let it take a job whole."""
        with self._changed:
            self._pull_out()
            self.engine.cut_off_after = None
            self.engine.hang_up()
            self._ends = os.openpty()
            os.set_blocking(self._ends[0], False)
            self.port.symlink_to(os.ttyname(self._ends[1]))
            self._wake.send(b"x")

    def serve(self) -> None:
        """Run until `leave`."""
        with self._wake, self._woken:
            while not self._leave:
                with selectors.DefaultSelector() as selector, self._changed:
                    selector.register(self._woken, selectors.EVENT_READ)
                    end = self._ends[0] if self._ends and self.engine.free() else None
                    if end is not None:
                        selector.register(end, selectors.EVENT_READ)
                    self._changed.release()
                    try:
                        ready: set[object] = {key.fileobj for key, _ in selector.select()}
                    finally:
                        self._changed.acquire()
                    self._turn(ready)
                    self._changed.notify_all()

    def leave(self) -> None:
        """End `serve`."""
        with self._changed:
            self._pull_out()
            self._leave = True
            self._wake.send(b"x")

    def _turn(self, ready: set[object]) -> None:
        if self._woken in ready:
            self._woken.recv(4096)
        if self._ends and self._ends[0] in ready and self.engine.free():
            with contextlib.suppress(BlockingIOError):  # it was said of the line before
                self.engine.feed(os.read(self._ends[0], self.engine.free()))
        if self.engine.gone:
            self._pull_out()
        if self._ends:
            os.write(self._ends[0], self.engine.take_replies())

    def _pull_out(self) -> None:
        self.port.unlink(missing_ok=True)
        for end in self._ends or ():
            os.close(end)
        self._ends = None
        self._wake.send(b"x")


@contextlib.contextmanager
def pty_printer(engine: Engine, port: Path) -> Iterator[PtyPrinter]:
    """Run a printer at `port` until the end of the block."""
    printer = PtyPrinter(engine, port)
    thread = threading.Thread(target=printer.serve)
    thread.start()
    printer.plug_in()
    try:
        yield printer
    finally:
        printer.leave()
        thread.join(timeout=10)
        assert not thread.is_alive()
