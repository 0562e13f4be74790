"""A far side of the demonstration, served by a thread of its own while a test runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from bookwish_desk.demo.loopback import listen

if TYPE_CHECKING:
    import uvicorn


@contextlib.contextmanager
def served(
    serve: Callable[[socket.socket, Callable[[uvicorn.Server], None]], Coroutine[Any, Any, None]],
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Serve on a free port; yield its root and what waits until it listens."""
    listening = listen("127.0.0.1", 0)
    servers: list[uvicorn.Server] = []
    begun = threading.Event()

    def began(server: uvicorn.Server) -> None:
        servers.append(server)
        begun.set()

    def wait() -> None:
        assert begun.wait(20)

    thread = threading.Thread(target=lambda: asyncio.run(serve(listening, began)), name="far side")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", wait
    finally:
        if servers:
            servers[0].should_exit = True
        thread.join(20)
        assert not thread.is_alive()
