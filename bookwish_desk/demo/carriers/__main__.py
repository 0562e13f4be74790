"""Runs a broker of carriers: `python -m bookwish_desk.demo.carriers --port 0 --data carriers.db`.

When it listens it writes one line of JSON with its address to standard output. The key of its account comes
on standard input with `--with-parent`, or in the environment; where none comes it is made and told.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import signal
import sys

import msgspec

from bookwish_desk.demo.carriers.routes import BASE
from bookwish_desk.demo.carriers.serving import WALLET_CENTS, Brokerage, Options
from bookwish_desk.demo.carriers.wire import House
from bookwish_desk.demo.loopback import add_ways, listen, run, secret_words

KEY = "BOOKWISH_CARRIERS_KEY"
CONTROL = "BOOKWISH_CARRIERS_CONTROL"
"""Names in the environment: the key of the account, the word that the control path asks for."""


class Words(msgspec.Struct, frozen=True):
    """What only whoever started the server may know."""

    key: str = ""
    control: str = ""


def main() -> int:
    """Serve until asked to end; return the exit code."""
    os.umask(0o077)
    given = _parser().parse_args()
    try:
        listening = listen(given.host, given.port)
    except OSError as fault:
        print(f"The port cannot be had: {fault}", file=sys.stderr)
        return 1
    words = secret_words(Words, given.with_parent, {"key": KEY, "control": CONTROL})
    key = words.key or f"EZSIM{secrets.token_hex(16)}"
    house = House(
        day_ms=given.day_ms, idle_ms=given.idle_ms, refund_ms=given.refund_ms, form_ms=given.form_ms
    )
    options = Options(
        data=given.data,
        keys=(key,),
        wallet_cents=given.wallet_cents,
        house=house,
        control=given.control,
        control_word=words.control,
    )
    try:
        made = Brokerage(options)
    except ModuleNotFoundError as fault:
        print(f"This database needs the Python package {fault.name}.", file=sys.stderr)
        return 1
    port = listening.getsockname()[1]
    hello = {"port": port, "address": f"http://{given.host}:{port}{BASE}"}
    if not words.key:
        hello["key"] = key
    run(made.serve, listening, hello, with_parent=given.with_parent)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bookwish_desk.demo.carriers",
        description="A simulated broker of carriers for trying things. No parcel moves, no label is valid.",
    )
    add, usual = parser.add_argument, House()
    add_ways(parser, "broker")
    add("--data", default="carriers.db", metavar="FILE", help="a file for SQLite")
    add("--wallet-cents", type=int, default=WALLET_CENTS, help="what is in the wallet of a new account")
    add("--day-ms", type=int, default=usual.day_ms, help="how long a day of a parcel's travel takes")
    add("--idle-ms", type=int, default=usual.idle_ms, help="when a parcel moves that nobody handed over")
    add("--refund-ms", type=int, default=usual.refund_ms, help="how long a refund takes to be decided")
    add("--form-ms", type=int, default=usual.form_ms, help="how long a scan form takes to be made")
    return parser


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(128 + signal.SIGINT)
