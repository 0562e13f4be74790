"""Runs an online store: `python -m bookwish_desk.demo.online_store --port 0 --data store.db`.

When it listens it writes one line of JSON with its address to standard output. The password of its account
comes on standard input with `--with-parent`, or in the environment; where none comes it is made and told.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import sys
from pathlib import Path

import msgspec

from bookwish_desk.demo.loopback import add_ways, listen, run, secret_words
from bookwish_desk.demo.online_store import seed as seeds
from bookwish_desk.demo.online_store.seed import Seed
from bookwish_desk.demo.online_store.serving import MINUTE_MS, OnlineShop, Options
from bookwish_desk.demo.online_store.variants import variants

PASSWORD = "BOOKWISH_STORE_PASSWORD"
CONTROL = "BOOKWISH_STORE_CONTROL"
"""Names in the environment: the password of the account, the word that the control path asks for."""


class Words(msgspec.Struct, frozen=True):
    """What only whoever started the server may know."""

    password: str = ""
    control: str = ""


def main() -> int:
    """Serve until asked to end; return the exit code."""
    os.umask(0o077)
    given = _parser().parse_args()
    try:
        served = variants([*given.variant, f"orders-scope={given.orders_scope}"], given.extensions)
        listening = listen(given.host, given.port)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"The port cannot be had: {fault}", file=sys.stderr)
        return 1
    words = secret_words(Words, given.with_parent, {"password": PASSWORD, "control": CONTROL})
    options = Options(
        data=given.data,
        password=words.password or secrets.token_urlsafe(18),
        seed=_seed(given),
        variants=served,
        rate_limit=given.rate_limit,
        rate_window_ms=given.rate_window_ms,
        clock_tick_ms=given.clock_tick_ms,
        accept_below_zero=not given.refuse_below_zero,
        safe=given.safe,
        shoppers_s=given.shoppers,
        control=given.control,
        control_word=words.control,
    )
    try:
        shop = OnlineShop(options)
    except ModuleNotFoundError as fault:
        print(f"This database needs the Python package {fault.name}.", file=sys.stderr)
        return 1
    port = listening.getsockname()[1]
    hello = {"port": port, "address": f"http://{given.host}:{port}{served.base}"}
    hello |= {"email": seeds.EMAIL, "storeId": seeds.STORE_ID}
    if not words.password:
        hello["password"] = options.password
    run(shop.serve, listening, hello, with_parent=given.with_parent)
    return 0


def _seed(given: argparse.Namespace) -> Seed:
    if given.seed is None:
        return seeds.invented(given.items)
    return msgspec.json.decode(given.seed.read_bytes(), type=Seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bookwish_desk.demo.online_store",
        description="A small online store for trying things.",
    )
    add = parser.add_argument
    add_ways(parser, "store")
    add(
        "--data", default="online-store.db", metavar="FILE|URL", help="a file for SQLite, or postgresql://..."
    )
    add("--seed", type=Path, metavar="FILE", help="JSON with what a new store has")
    add("--items", type=int, default=50, help="without a seed, how many invented books a new store has")
    add(
        "--variant",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as in x-variants, such as pos-prefix=/pos",
    )
    add("--extensions", default="all", metavar="none|all|LIST", help="which extensions are offered")
    add("--orders-scope", choices=("store", "caller"), default="store", help="whose orders the list shows")
    add("--rate-limit", type=int, default=0, help="requests in a window, 0 for no limit")
    add("--rate-window-ms", type=int, default=MINUTE_MS)
    add("--clock-tick-ms", type=int, default=1, help="times are in whole ticks")
    add("--refuse-below-zero", action="store_true", help="refuse what would bring stock below zero")
    add("--safe", action="store_true", help="survive power cuts too (SQLite synchronous=FULL)")
    add("--shoppers", type=float, default=0, metavar="SECONDS", help="let customers order, about so often")
    return parser


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(128 + signal.SIGINT)
