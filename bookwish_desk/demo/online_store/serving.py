"""Puts an online store together and serves it on a socket until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

import msgspec
import uvicorn

from bookwish_desk.demo.loopback import Clock, serve
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
        routes = control.routes() if self._options.control else []
        walking = asyncio.create_task(shoppers.walk())
        try:
            await serve(Application(self.service, routes), listening, begun)
        finally:
            walking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await walking
            self.records.close()
