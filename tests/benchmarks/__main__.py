"""Measure speed: `./desk bench`. Prints each thing beside its floor; exit 1 when a gate breaks.

Read ratios, not milliseconds: machines differ and so do hours. Processor time is compared for what does
not wait for the disk, the wall's for what does.
"""

from __future__ import annotations

import argparse
import logging
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bookwish_desk.db import engine
from tests.benchmarks.measure import Row

NUMBERS = {
    "line": 1,
    "lookup": 2,
    "scan": 2,
    "search": 3,
    "pay": 4,
    "beside": 5,
    "paint": 6,
    "start": 6,
    "import": 7,
    "searchable": 8,
    "refresh": 9,
    "slips": 10,
    "labels": 10,
    "orders": 10,
    "receipt": 11,
    "kick": 11,
    "printed": 11,
    "busy": 13,
    "shift": 13,
    "installed": 14,
    "memory": 14,
    "flat": 14,
    "catalogue": 15,
    "sync": 16,
}
"""What can be asked for with --only, and which of the aims in CONTRIBUTING.md it is."""

_HEAD = (
    *("no", "row", "what", "n", "measured"),
    *("ours", "floor", "ratio", "p99", "worst"),
    *("gate", "aim", ""),
)


def main() -> int:
    """Run the rows that were asked for and return the exit code."""
    parser = _parser()
    asked = parser.parse_args()
    if asked.titles < 1_000:
        parser.error("a catalogue has at least 1000 titles")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="bookwish-bench-") as scratch:
        rows = []
        if not asked.json:
            print(f"{asked.titles} titles; {_machine()}\n{_line(_HEAD)}", flush=True)
        for row in _rows(asked, Path(scratch)):
            rows.append(row)
            if not asked.json:
                print(_line(_cells(row)), flush=True)
    broken = [row for row in rows if row.held is False]
    if asked.json:
        answer = {"titles": asked.titles, "machine": _machine(), "held": not broken, "rows": rows}
        print(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    elif broken:
        print("Gates broken: " + "; ".join(f"{row.name} ({row.gate})" for row in broken))
    else:
        print("All gates held.")
    return 1 if broken else 0


def _rows(asked: argparse.Namespace, scratch: Path) -> Iterator[Row]:
    from tests.benchmarks import (
        catalogue,
        devices,
        imports,
        orders,
        papers,
        rows,
        screens,
        shift,
        sizes,
        starting,
        syncing,
    )

    data = asked.data or scratch
    made = catalogue.made(data, asked.titles)
    bench = rows.Bench(made, scratch, quick=asked.quick)
    parts: tuple[tuple[tuple[str, ...], Callable[[], Iterable[Row]]], ...] = (
        (("lookup",), lambda: [rows.lookup(bench)]),
        (("scan",), lambda: [rows.scan(bench)]),
        (("line",), lambda: [screens.scan_to_line(bench)]),
        (("search",), lambda: rows.search(bench)),
        (("pay",), lambda: [rows.pay(bench)]),
        (("slips",), lambda: [papers.slips(bench)]),
        (("labels",), lambda: [papers.labels(bench)]),
        (("receipt",), lambda: rows.receipt(bench)),
        (("orders",), lambda: orders.desk(bench)),
        (("kick", "printed"), lambda: devices.tender(bench, scratch)),
        (("paint",), lambda: [starting.paint(bench, scratch)]),
        (("start",), lambda: [starting.start(bench, scratch)]),
        (("installed",), lambda: [sizes.installed()]),
        (("catalogue",), lambda: [sizes.catalogue(bench, scratch)]),
        (("memory",), lambda: [sizes.memory(bench, scratch)]),
        (("import", "searchable", "refresh", "flat"), lambda: imports.loads(bench, data, scratch)),
        (("beside",), lambda: [imports.beside(bench, data, scratch)]),
        (("sync",), lambda: syncing.backlog(bench, scratch)),
        (("busy", "shift"), lambda: shift.busy(bench, data, scratch)),
    )
    try:
        for keys, measured in parts:
            if asked.only and not set(keys) & set(asked.only):
                continue
            began = time.monotonic()
            for row in measured():
                if not asked.only or row.key in asked.only:
                    yield replace(row, number=NUMBERS[row.key])
            if not asked.json:
                print(f"{time.monotonic() - began:.0f} s for {', '.join(keys)}", file=sys.stderr, flush=True)
    finally:
        bench.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="desk bench", description="Measure speed as ratios to floors.")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer calls: for a look, not for publishing")
    parser.add_argument(
        "--titles",
        type=int,
        default=1_000_000,
        metavar="N",
        help="titles in the catalogue and in the lists that are imported (default: a million)",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the made-up shop and lists here for the next run"
    )
    names = " ".join(NUMBERS)
    parser.add_argument(
        "--only", nargs="+", metavar="ROW", choices=tuple(NUMBERS), help=f"only these: {names}"
    )
    return parser


def _machine() -> str:
    sqlite = engine.driver().sqlite_version
    return f"Python {platform.python_version()}, SQLite {sqlite}, {platform.system()} {platform.machine()}"


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row.ours, row.floor, row.ratio, row.p99, row.worst)
    return (
        str(row.number),
        row.key,
        row.name,
        str(row.n),
        row.measured,
        *(
            "" if not figure else f"{figure:.2f}" if figure < 10_000 else f"{figure:.0f}"
            for figure in figures
        ),
        _limit(row.gate, row.held, "held", "BROKEN"),
        _limit(row.aim, row.reached, "reached", "missed"),
        row.note,
    )


def _limit(words: str, kept: bool | None, yes: str, no: str) -> str:
    if not words:
        return ""
    return f"{words} {'void' if kept is None else yes if kept else no}"


def _line(cells: tuple[str, ...]) -> str:
    number, key, what, n, measured, *figures, gate, aim, note = cells
    numbers = " ".join(f"{figure:>8}" for figure in figures)
    begins = f"{number:>2} {key:<10} {what:<36} {n:>5} {measured:<12}"
    return f"{begins} {numbers}  {gate:<24} {aim:<42} {note}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
