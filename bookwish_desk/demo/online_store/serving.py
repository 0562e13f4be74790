"""Puts an online store together and serves it on a socket until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable

import msgspec
import uvicorn

from bookwish_desk.demo.online_store import seed as seeds
from bookwish_desk.demo.online_store.control import Control
from bookwish_desk.demo.online_store.limits import Limits
from bookwish_desk.demo.online_store.records import Tx, open_records
from bookwish_desk.demo.online_store.routes import Application
from bookwish_desk.demo.online_store.seed import Seed
from bookwish_desk.demo.online_store.service import Service, forget_old_keys
from bookwish_desk.demo.online_store.sessions import Tokens
from bookwish_desk.demo.online_store.variants import Variants
from bookwish_desk.demo.shoppers import Shoppers

MINUTE_MS = 60_000
_WRONG_PASSWORDS = 10


class Clock:
    """The server's clock: this computer's, moved by some ms."""

    def __init__(self) -> None:
        self.offset_ms = 0

    def __call__(self) -> int:
        """Return the time (ms UTC)."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def move(self, offset_ms: int) -> None:
        """Set how far it is ahead."""
        self.offset_ms = offset_ms


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What one store is: where its data are, what it serves, how strict it is.

    `control` says that the control path is served, to whoever knows `control_word`. `safe` is for power cuts.
    """

    data: str
    password: str
    seed: Seed = Seed()
    variants: Variants = Variants()
    rate_limit: int = 0
    rate_window_ms: int = MINUTE_MS
    clock_tick_ms: int = 1
    accept_below_zero: bool = True
    safe: bool = False
    shoppers_s: float = 0
    control: bool = False
    control_word: str = ""


class OnlineShop:
    """One store, ready to be served."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.clock = Clock()
        synchronous = "FULL" if options.safe else "NORMAL"
        self.records = open_records(
            options.data, self.clock, tick_ms=options.clock_tick_ms, synchronous=synchronous
        )
        self.records.write(self._plant)
        secret = self.records.read(lambda tx: tx.fact(seeds.TOKEN_SECRET))
        self.service = Service(
            self.records,
            options.variants,
            Tokens(secret),
            Limits(options.rate_limit, options.rate_window_ms),
            Limits(_WRONG_PASSWORDS, MINUTE_MS),
            options.accept_below_zero,
        )

    def _plant(self, tx: Tx) -> None:
        seeds.plant(tx, self._options.seed, self._options.password)
        forget_old_keys(tx)

    async def serve(self, listening: socket.socket, begun: Callable[[uvicorn.Server], None]) -> None:
        """Serve until the server that `begun` was given is told to exit."""
        shoppers = Shoppers(self.service, self._options.shoppers_s)
        control = Control(self.service, self._options.control_word, self.clock.move, shoppers.order)
        server = uvicorn.Server(
            uvicorn.Config(
                Application(self.service, control.routes() if self._options.control else []),
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
        walking = asyncio.create_task(shoppers.walk())
        try:
            await serving
        finally:
            walking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await walking
            self.records.close()


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
