"""A TCP proxy before a web server: it cuts after so many bytes, delays, doubles and holds up requests.

It knows just enough of HTTP/1.1 to tell one request from the next. Inside a test it runs on a thread of its
own; as a program (`python -m tests.support.tcp_proxy --to PORT --delay-ms 60`) it says its port as one JSON
line, and how many requests went through it when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Literal

import msgspec

What = Literal["pass", "cut request", "cut reply", "double", "hold"]
LARGEST = 64 << 20


class Fate(msgspec.Struct, frozen=True):
    """What becomes of one request. `after` is the bytes that pass before a cut.

    double: the server gets it once more, on a second connection, before. hold: the client's connection ends
    at once, and the server gets the request `seconds` later.
    """

    what: What = "pass"
    after: int = 0
    seconds: float = 0.0


PASS = Fate()


class TcpProxy:
    """A proxy to a port of this machine. `fate` is asked for each request, with its method and path.

    `delay_ms` is added to each round trip; `requests` counts those that reached the server.
    """

    def __init__(
        self, to_port: int, fate: Callable[[str], Fate] = lambda _line: PASS, delay_ms: float = 0
    ) -> None:
        self.to_port = to_port
        self.fate = fate
        self.delay_ms = delay_ms
        self.requests = 0
        self.connections = 0
        self.met: dict[str, int] = {}
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tcp-proxy", daemon=True)
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._held: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> TcpProxy:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ask_to_stop)
        self._thread.join()

    def _ask_to_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=LARGEST)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # A task that is cancelled before its first step closes nothing.
        for writer in self._open:
            writer.transport.abort()

    # ---- one client ----

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = self._loop.create_task(self._client(reader, writer))
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while request := await _message(reader):
                if server is not None and server[0].at_eof():
                    server[1].transport.abort()
                    server = None
                if server is None:
                    server = await asyncio.open_connection("127.0.0.1", self.to_port, limit=LARGEST)
                if not await self._pass_on(request, writer, *server):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            pass
        finally:
            for end in (writer, server[1] if server else None):
                if end is not None:
                    end.transport.abort()
            self._open.discard(writer)

    async def _pass_on(
        self,
        request: bytes,
        client: asyncio.StreamWriter,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Pass one request on by its fate; say whether the connection goes on."""
        line = request.split(b"\r\n", 1)[0].decode("latin-1")
        fate = self.fate(line)
        self.met[fate.what] = self.met.get(fate.what, 0) + 1
        if fate.what == "hold":
            self._later(request, fate.seconds)
            return False
        if fate.what == "double":
            await self._alone(request)
        if self.delay_ms:
            await asyncio.sleep(self.delay_ms / 1000)
        whole = fate.what != "cut request"
        writer.write(request if whole else request[: fate.after])
        await writer.drain()
        if not whole:
            return False
        self.requests += 1
        reply = await _message(reader, to_head=line.startswith("HEAD "))
        if not reply:
            return False
        client.write(reply if fate.what != "cut reply" else reply[: fate.after])
        await client.drain()
        if fate.what == "cut reply":
            # Let what was written go out before the connection breaks.
            await asyncio.sleep(0.01)
            return False
        return b"connection: close" not in reply.split(b"\r\n\r\n", 1)[0].lower()

    def _later(self, request: bytes, seconds: float) -> None:
        async def send() -> None:
            await asyncio.sleep(seconds)
            await self._alone(request)

        task = self._loop.create_task(send())
        self._held.add(task)
        task.add_done_callback(self._held.discard)

    async def _alone(self, request: bytes) -> None:
        """Send a request on a connection of its own; nobody hears the reply."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.to_port, limit=LARGEST)
            try:
                writer.write(request)
                await writer.drain()
                self.requests += 1
                await _message(reader)
            finally:
                writer.close()


async def _message(reader: asyncio.StreamReader, *, to_head: bool = False) -> bytes:
    """Read one whole request or reply; b"" where the other end has closed before one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    fields = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    status = head.split(b" ", 2)[1] if head.startswith(b"HTTP/") else b""
    if to_head or status in (b"204", b"304"):
        return head
    if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
        return head + await _chunks(reader)
    if b"content-length" in fields:
        return head + await reader.readexactly(int(fields[b"content-length"]))
    return head + (await reader.read() if status else b"")


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        found += size + chunk
        if chunk == b"\r\n":
            return found


def main() -> int:
    """Run as a program until standard input ends."""
    parser = argparse.ArgumentParser(prog="tcp_proxy")
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    asked = parser.parse_args()
    with TcpProxy(asked.to, delay_ms=asked.delay_ms) as proxy:
        _tell({"port": proxy.port})
        for _ in sys.stdin:
            # Each line asks how many there were so far.
            _tell({"requests": proxy.requests, "connections": proxy.connections})
    return 0


def _tell(words: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
