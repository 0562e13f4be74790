"""Where doomed processes hatch: one program that has everything imported and forks a fresh child on demand.

A child opens the books itself, works, and is really killed; forking it takes milliseconds instead of
the second that a new Python needs. Run as a program it is the nest, imported it is how tests use it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

Ack = list[Any]
TILL_WORK = "tests.crash.till_work"
AHEAD = (
    "alembic.command",
    "alembic.config",
    "sqlcipher3.dbapi2",
    "bookwish_desk.actions.importing",
    "bookwish_desk.actions.following",
    "bookwish_desk.actions.listing",
    "bookwish_desk.shop.import_words",
)
"""What a desk imports late: a child that did so would spend more time on it than on its work."""
PATIENCE_S = 60.0


class Child:
    """A process at work on the books. `acks` are what it said so far, each a list of words."""

    def __init__(self, nest: Nest, pid: int, pipe: int) -> None:
        self.pid = pid
        self.acks: list[Ack] = []
        self._nest = nest
        self._pipe: int | None = pipe
        self._rest = b""

    def read(self, seconds: float) -> bool:
        """Read what it says for up to `seconds`; False once it has said its last."""
        if self._pipe is None:
            return False
        until = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self._pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return True
            data = os.read(self._pipe, 65_536)
            if not data:
                os.close(self._pipe)
                self._pipe = None
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.acks += [json.loads(line) for line in lines]

    def read_first(self, word: str = "", seconds: float = PATIENCE_S) -> None:
        """Wait for the first thing it says, or the first of a word: there the clock of a round starts."""

        def silent() -> bool:
            return not (self.said(word) if word else self.acks)

        until = time.monotonic() + seconds
        while silent():
            alive = self.read(0.05)
            if silent() and (not alive or time.monotonic() > until):
                raise AssertionError(f"the process never said {word or 'a word'}, ended with {self.kill()}")

    def kill(self) -> int:
        """Kill it, wait for its end, and read what it had said before. Return its exit status."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end and read the last of what it said."""
        status = self._nest.wait(self.pid)
        while self.read(1.0):
            pass
        return status

    def said(self, word: str) -> list[Ack]:
        """Return everything it said that begins with a word."""
        return [ack[1:] for ack in self.acks if ack[0] == word]


class Nest:
    """The running nest: its children do the jobs of the module `work`."""

    def __init__(self, work: str = TILL_WORK) -> None:
        self._socket, theirs = socket.socketpair()
        root = Path(__file__).parent.parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nest", str(theirs.fileno()), work],
            pass_fds=[theirs.fileno()],
            cwd=root,
        )
        theirs.close()

    def __enter__(self) -> Nest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.wait(30)

    def start(self, job: str, **named: Any) -> Child:
        """Start a job in a fresh process."""
        reading, writing = os.pipe()
        order = json.dumps({"job": job, "named": named}).encode()
        socket.send_fds(self._socket, [order], [writing])
        os.close(writing)
        return Child(self, int(self._answer()), reading)

    def run(self, job: str, **named: Any) -> Child:
        """Run a job to its end and return it; `status` 0 is asserted."""
        child = self.start(job, **named)
        status = child.wait()
        assert os.waitstatus_to_exitcode(status) == 0, f"{job} ended with {status}"
        return child

    def wait(self, pid: int) -> int:
        """Wait until a child is gone and return its wait status."""
        self._socket.sendall(json.dumps({"wait": pid}).encode())
        return int(self._answer())

    def _answer(self) -> bytes:
        answer = self._socket.recv(100)
        assert answer, "the nest is gone"
        return answer


def _hatch(jobs: dict[str, Any], job: str, named: dict[str, Any], pipe: int) -> None:
    """Be the child: do the job and end."""
    from tests.crash.till_work import teller

    code = 70
    try:
        jobs[job](teller(pipe), **named)
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(code)


def main(handle: int, work: str) -> None:
    """Be the nest: fork a child for each order until the other end is closed."""
    for name in AHEAD:
        importlib.import_module(name)
    jobs = importlib.import_module(work).JOBS
    assert work != TILL_WORK or "PySide6" not in sys.modules, "a doomed till needs no Qt"
    orders = socket.socket(fileno=handle)
    while True:
        data, fds, _, _ = socket.recv_fds(orders, 65_536, 1)
        if not data:
            return
        order = json.loads(data)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            orders.sendall(str(status).encode())
            continue
        pid = os.fork()
        if pid == 0:
            orders.close()
            _hatch(jobs, order["job"], order["named"], fds[0])
        os.close(fds[0])
        orders.sendall(str(pid).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
