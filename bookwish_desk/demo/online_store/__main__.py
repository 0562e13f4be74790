"""Runs an online store: `python -m bookwish_desk.demo.online_store --port 0 --data store.db`.

When it listens it writes one line of JSON with its address to standard output. The password of its account
comes on standard input with `--with-parent`, or in the environment; where none comes it is made and told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import msgspec
import uvicorn
from starlette.routing import BaseRoute

from bookwish_desk.demo.online_store import seed as seeds
from bookwish_desk.demo.online_store.control import Control
from bookwish_desk.demo.online_store.limits import Limits
from bookwish_desk.demo.online_store.records import Tx, open_records
from bookwish_desk.demo.online_store.routes import Application
from bookwish_desk.demo.online_store.seed import Seed
from bookwish_desk.demo.online_store.service import Service, forget_old_keys
from bookwish_desk.demo.online_store.sessions import Tokens
from bookwish_desk.demo.online_store.variants import variants
from bookwish_desk.demo.shoppers import Shoppers

PASSWORD = "BOOKWISH_STORE_PASSWORD"
CONTROL = "BOOKWISH_STORE_CONTROL"
"""Names in the environment: the password of the account, the word that the control path asks for."""
_WRONG_PASSWORDS = 10
_MINUTE_MS = 60_000


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


class Words(msgspec.Struct, frozen=True):
    """What only whoever started the server may know: never on the command line, where all can read it."""

    password: str = ""
    control: str = ""


def main() -> int:
    """Serve until asked to end; return the exit code."""
    os.umask(0o077)
    given = _parser().parse_args()
    try:
        served = variants([*given.variant, f"orders-scope={given.orders_scope}"], given.extensions)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    words = _words(given.with_parent)
    password = words.password or secrets.token_urlsafe(18)
    clock = Clock()
    records = open_records(
        given.data, clock, tick_ms=given.clock_tick_ms, synchronous="FULL" if given.safe else "NORMAL"
    )
    told = (
        msgspec.json.decode(given.seed.read_bytes(), type=Seed) if given.seed else seeds.invented(given.items)
    )
    records.write(lambda tx: _plant(tx, told, password))
    secret = records.read(lambda tx: tx.fact(seeds.TOKEN_SECRET))
    service = Service(
        records,
        served,
        Tokens(secret),
        Limits(given.rate_limit, given.rate_window_ms),
        Limits(_WRONG_PASSWORDS, _MINUTE_MS),
        accept_below_zero=not given.refuse_below_zero,
    )
    try:
        listening = _listening(given.host, given.port)
    except OSError as fault:
        print(f"The port cannot be had: {fault}", file=sys.stderr)
        return 1
    hello = {
        "port": listening.getsockname()[1],
        "address": f"http://{given.host}:{listening.getsockname()[1]}{served.base}",
        "email": seeds.EMAIL,
        "storeId": seeds.STORE_ID,
    }
    if not words.password:
        hello["password"] = password
    if given.with_parent:
        _end_with_parent()
    asyncio.run(_serve(given, service, words, clock, listening, hello))
    records.close()
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Only of one that says TCP does asyncio send answers without delay."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(256)
    return made


def _plant(tx: Tx, told: Seed, password: str) -> None:
    seeds.plant(tx, told, password)
    forget_old_keys(tx)


async def _serve(
    given: argparse.Namespace,
    service: Service,
    words: Words,
    clock: Clock,
    listening: socket.socket,
    hello: dict[str, Any],
) -> None:
    shoppers = Shoppers(service, given.shoppers)
    control = Control(service, words.control, clock.move, shoppers.order)
    more: list[BaseRoute] = control.routes() if given.control else []
    server = uvicorn.Server(
        uvicorn.Config(
            Application(service, more),
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
    print(msgspec.json.encode(hello).decode(), flush=True)
    walking = asyncio.create_task(shoppers.walk())
    await serving
    walking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await walking


def _words(with_parent: bool) -> Words:
    if with_parent:
        return msgspec.json.decode(sys.stdin.buffer.readline(), type=Words)
    return Words(os.environ.pop(PASSWORD, ""), os.environ.pop(CONTROL, ""))


def _end_with_parent() -> None:
    """End at once when whoever started this is gone: their end of standard input closes by itself."""

    def watch(stdin: IO[bytes]) -> None:
        while stdin.read(1):
            pass
        os._exit(0)

    threading.Thread(target=watch, args=(sys.stdin.buffer,), daemon=True).start()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bookwish_desk.demo.online_store",
        description="A small online store for trying things.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen at; only this computer's by default")
    add("--port", type=int, default=0, help="0 takes one that is free")
    add(
        "--data", default="online-store.db", metavar="FILE|URL", help="a file for SQLite, or postgresql://..."
    )
    add("--seed", type=Path, metavar="FILE", help="JSON with what a new store has")
    add("--items", type=int, default=50, help="without a seed, how many invented books a new store has")
    add(
        "--variant", action="append", default=[], metavar="NAME=VALUE", help="a wire detail, as in x-variants"
    )
    add("--extensions", default="all", metavar="none|all|LIST", help="which extensions are offered")
    add("--orders-scope", choices=("store", "caller"), default="store", help="whose orders the list shows")
    add("--rate-limit", type=int, default=0, help="requests in a window, 0 for no limit")
    add("--rate-window-ms", type=int, default=_MINUTE_MS)
    add("--clock-tick-ms", type=int, default=1, help="times are in whole ticks")
    add("--refuse-below-zero", action="store_true", help="refuse what would bring stock below zero")
    add("--safe", action="store_true", help="survive power cuts too (SQLite synchronous=FULL)")
    add("--shoppers", type=float, default=0, metavar="SECONDS", help="let customers order, about so often")
    add("--control", action="store_true", help="serve /control, with which tests drive the store")
    add("--with-parent", action="store_true", help="read secrets from standard input, and end when it closes")
    return parser


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(128 + signal.SIGINT)
