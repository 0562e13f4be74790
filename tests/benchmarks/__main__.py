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
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bookwish_desk.db import engine
from tests.benchmarks.measure import Row

_HEAD = (
    "row",
    "what",
    "n",
    "clock",
    *("ours ms", "floor ms", "ratio", "p99 ms", "worst ms"),
    "gate",
    "aim",
    "",
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
    from tests.benchmarks import catalogue, rows, screens, starting

    made = catalogue.made(asked.data or scratch, asked.titles)
    bench = rows.Bench(made, scratch, quick=asked.quick)
    try:
        wanted = {
            "lookup": lambda: [rows.lookup(bench)],
            "scan": lambda: [rows.scan(bench)],
            "line": lambda: [screens.scan_to_line(bench)],
            "search": lambda: rows.search(bench),
            "pay": lambda: [rows.pay(bench)],
            "receipt": lambda: [rows.receipt(bench)],
            "start": lambda: [starting.start(bench, scratch)],
            "busy": lambda: [screens.busy(bench, scratch)],
        }
        for name, measured in wanted.items():
            if not asked.only or name in asked.only:
                yield from measured()
    finally:
        bench.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="desk bench", description="Measure speed as ratios to floors.")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer calls: for a look, not for publishing")
    parser.add_argument("--titles", type=int, default=100_000, metavar="N", help="titles in the catalogue")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the made-up shop here for the next run"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="ROW",
        choices=("lookup", "scan", "line", "search", "pay", "receipt", "start", "busy"),
        help="only these: lookup scan line search pay receipt start busy",
    )
    return parser


def _machine() -> str:
    sqlite = engine.driver().sqlite_version
    return f"Python {platform.python_version()}, SQLite {sqlite}, {platform.system()} {platform.machine()}"


def _cells(row: Row) -> tuple[str, ...]:
    figures = (row.ours_ms, row.floor_ms, row.ratio, row.p99_ms, row.worst_ms)
    return (
        row.key,
        row.name,
        str(row.n),
        row.clock,
        *(f"{figure:.2f}" for figure in figures),
        _limit(row.gate, row.held, "held", "BROKEN"),
        _limit(row.aim, row.reached, "reached", "missed"),
        row.note,
    )


def _limit(words: str, kept: bool | None, yes: str, no: str) -> str:
    if not words:
        return ""
    return f"{words} {'void' if kept is None else yes if kept else no}"


def _line(cells: tuple[str, ...]) -> str:
    key, what, n, clock, *figures, gate, aim, note = cells
    numbers = " ".join(f"{figure:>8}" for figure in figures)
    return f"{key:<8} {what:<30} {n:>5} {clock:<9} {numbers}  {gate:<24} {aim:<24} {note}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
