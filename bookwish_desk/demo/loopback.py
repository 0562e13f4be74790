"""What the demonstration's servers share: a clock that can be moved, a socket that listens, rough ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import uvicorn


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


async def serve(application: Any, listening: socket.socket, begun: Callable[[uvicorn.Server], None]) -> None:
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
