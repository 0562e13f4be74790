"""What the demonstration's servers share: a clock that can be moved, how they are begun, rough ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Coroutine, Mapping
from typing import IO, Any, TypeVar

import msgspec
import uvicorn

W = TypeVar("W")
Begun = Callable[[uvicorn.Server], None]


class Clock:
    """A server's clock: this computer's, moved by some ms."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def __call__(self) -> int:
        """Return the time (ms UTC)."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def move(self, offset_ms: int) -> None:
        """Set how far it is ahead."""
        self.offset_ms = offset_ms


async def serve(application: Any, listening: socket.socket, begun: Begun) -> None:
    """Serve until the server that `begun` was given is told to exit."""
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            lifespan="off",
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.005)
    begun(server)
    await serving


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Only of one that says TCP does asyncio send answers without delay."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(256)
    except OSError:
        made.close()
        raise
    return made


def add_ways(parser: ArgumentParser, what: str) -> None:
    """Add what every server is told: where it listens, who drives it, with whom it ends."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen at; only this computer's by default")
    add("--port", type=int, default=0, help="0 takes one that is free")
    add("--control", action="store_true", help=f"serve /control, with which tests drive the {what}")
    add("--with-parent", action="store_true", help="read secrets from standard input, and end when it closes")


def secret_words(kind: type[W], with_parent: bool, names: Mapping[str, str]) -> W:
    """Return what only whoever started the server may know, never on the command line, where all can read it.

    It comes on standard input from a parent, else from the environment: `names` has the name of each field.
    """
    if with_parent:
        return msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)
    return kind(**{field: os.environ.pop(name, "") for field, name in names.items()})


def run(
    serves: Callable[[socket.socket, Begun], Coroutine[Any, Any, None]],
    listening: socket.socket,
    hello: Mapping[str, object],
    *,
    with_parent: bool,
) -> None:
    """Serve until asked to end; write `hello` as a line of JSON to standard output once it listens."""

    def begun(_server: uvicorn.Server) -> None:
        sys.stdout.write(f"{msgspec.json.encode(hello).decode()}\n")
        sys.stdout.flush()

    if with_parent:
        end_with_parent()
    asyncio.run(serves(listening, begun))


def end_with_parent() -> None:
    """End at once when whoever started this is gone: their end of standard input closes by itself."""

    def watch(stdin: IO[bytes]) -> None:
        while stdin.read(1):
            pass
        os._exit(0)

    threading.Thread(target=watch, args=(sys.stdin.buffer,), daemon=True).start()


def die() -> None:
    """End as if killed."""
    if hasattr(signal, "SIGKILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)


def drop(send: Any) -> None:
    """Close a connection of uvicorn at once: nothing in ASGI says so."""
    send.__self__.transport.abort()
