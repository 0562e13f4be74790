"""Exact counts: what a scan and a completed sale cost, measured at the driver and at the system's door.

Automatic checkpoints are off on the connection that sells, so what is counted is the sale alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bookwish_desk.actions import backing_up, paying, selling, tilling
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count
from tests.support import days
from tests.support.shops import found_shop, put_titles

EAN = 9780141439518

Traced = dict[str, list[str]]


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Traced:
    """Return every statement that connections opened from now on run: those that write, those that read."""
    statements: Traced = {"writing": [], "reading": []}
    real = engines.connect

    def connect(*args: object, **named: object) -> object:
        raw = real(*args, **named)  # type: ignore[arg-type]
        kind = "writing" if named.get("writes", True) else "reading"
        raw.set_trace_callback(statements[kind].append)
        return raw

    monkeypatch.setattr(engines, "connect", connect)
    return statements


@pytest.fixture
def shop(tmp_path: Path, traced: Traced) -> Iterator[tuple[Store, Actor]]:
    """Return a shop with an open till that has sold before, so that every statement has been prepared."""
    store, actor = found_shop(tmp_path, days.settings())
    put_titles(store, [(EAN, "Pride and Prejudice", "Jane Austen", 799)])
    days.open_till(store, actor)
    selling.scan(store, actor, str(EAN))
    days.pay(store, actor, days.ring(store, actor, ((days.item(), 1),)))
    yield store, actor
    store.close()


@contextmanager
def counting(traced: Traced) -> Iterator[Traced]:
    """Collect only what runs inside."""
    for statements in traced.values():
        statements.clear()
    found: Traced = {}
    yield found
    found.update({kind: list(statements) for kind, statements in traced.items()})


def verbs(statements: list[str]) -> list[str]:
    return [s.split()[0].upper() for s in statements if not s.startswith("--")]


@pytest.mark.capability("BW+01")
def test_a_scan_is_one_lookup_and_one_draft_commit(shop: tuple[Store, Actor], traced: Traced) -> None:
    store, actor = shop
    selling.scan(store, actor, str(EAN))
    with counting(traced) as found:
        selling.scan(store, actor, str(EAN))
    looked_up = [v for v in verbs(found["reading"]) if v not in ("BEGIN", "ROLLBACK")]
    assert looked_up == ["SELECT"], "one lookup finds item and title"
    assert verbs(found["writing"]) == ["BEGIN", "SELECT", "UPDATE", "COMMIT"]
    assert found["writing"][2].startswith("UPDATE drafts")


@pytest.mark.capability("BW+01")
def test_the_sale_is_completed_in_one_transaction(shop: tuple[Store, Actor], traced: Traced) -> None:
    store, actor = shop
    draft = selling.scan(store, actor, str(EAN)).value.draft
    assert draft is not None
    with counting(traced) as found:
        paying.pay_cash(store, actor, draft.id, 5_000)
    said = verbs(found["writing"])
    assert (said[0], said[-1]) == ("BEGIN", "COMMIT")
    assert (said.count("BEGIN"), said.count("COMMIT"), said.count("ROLLBACK")) == (1, 1, 0)
    written = {s.split()[2] for s in found["writing"] if s.startswith("INSERT INTO")}
    assert written >= {
        "sales",
        "sale_lines",
        "sale_taxes",
        "tenders",
        "till_entries",
        "stock_moves",
        "journal",
        "outbox",
    }


@pytest.mark.parametrize("lines", [1, 20])
def test_the_statements_of_a_sale_do_not_grow_with_what_was_sold_before(
    shop: tuple[Store, Actor], traced: Traced, lines: int
) -> None:
    store, actor = shop

    def statements() -> int:
        draft = days.ring(store, actor, [(days.item(f"S{n}", 100 + n), 1) for n in range(lines)])
        with counting(traced) as found:
            paying.pay_cash(store, actor, draft.id, 50_000)
        return len(found["writing"])

    statements()
    early = statements()
    for _ in range(10):
        statements()
    assert statements() == early


# ---- at the system's door ----

SCRIPT = """
import os, sys
from pathlib import Path
from bookwish_desk.actions import paying, selling, tilling
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.staff import Actor

store = open_store(Path(sys.argv[1]))
actor = Actor(sys.argv[2], 1)

def mark(word):
    os.write(1, b"mark " + word.encode() + b"\\n")

for number in range(3):
    mark("scan")
    draft = selling.scan(store, actor, "9780141439518").value.draft
    mark("pay")
    paying.pay_cash(store, actor, draft.id, 5_000)
    mark("end")
os._exit(0)
"""


def strace(folder: Path, actor: Actor, log: Path) -> list[str]:
    """Return the system calls of three sales, as strace writes them down."""
    command = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=fsync,fdatasync,write,pwrite64",
        "-s",
        "40",
        "-o",
        str(log),
    ]
    subprocess.run(
        [*command, sys.executable, "-c", SCRIPT, str(folder), actor.staff],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )
    return log.read_text().splitlines()


def between(calls: list[str], start: str, end: str) -> list[list[str]]:
    """Return the calls between each pair of marks."""
    found: list[list[str]] = []
    inside: list[str] | None = None
    for call in calls:
        if f"mark {start}" in call:
            inside = []
        elif f"mark {end}" in call and inside is not None:
            found.append(inside)
            inside = None
        elif inside is not None:
            inside.append(call)
    return found


@pytest.mark.capability("BW+01")
@pytest.mark.slow
def test_a_scan_and_a_sale_are_each_one_sync_of_the_disk(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    store, actor = found_shop(tmp_path / "shop", days.settings())
    put_titles(store, [(EAN, "Pride and Prejudice", "Jane Austen", 799)])
    days.open_till(store, actor)
    days.sell(store, actor, (Item(sku=str(EAN), ean=EAN, title="Pride and Prejudice", price_cents=799), 1))
    store.close()
    calls = strace(tmp_path / "shop", actor, tmp_path / "calls")
    syncs = re.compile(r"\b(fsync|fdatasync)\(")
    for start, end in (("scan", "pay"), ("pay", "end")):
        counts = [sum(bool(syncs.search(call)) for call in part) for part in between(calls, start, end)]
        assert len(counts) == 3
        # The first one also begins the log; from then on a commit is its own sync and nothing else.
        assert counts[1:] == [1, 1], (start, counts)
        assert counts[0] <= 3


# ---- upkeep in idle moments ----


def grow_log(store: Store, bytes_: int) -> None:
    while backing_up.log_size(store.folder) <= bytes_:
        with store.write() as tx:
            tx.record("filler", staff="", register=1, ref="", body={"text": "x" * 200_000})


def test_a_long_log_is_taken_in_when_nobody_sells_and_used_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    before = backing_up.maintain(store)
    assert (before.checkpointed, before.reserve, before.warnings) == (False, True, ())
    grow_log(store, backing_up.CHECKPOINT_BYTES)
    done = backing_up.maintain(store)
    assert done.checkpointed
    assert done.log_bytes > backing_up.CHECKPOINT_BYTES
    for _ in range(50):
        with store.write() as tx:
            tx.count("sale-1")
    assert backing_up.log_size(tmp_path) == done.log_bytes, "the log began anew and did not grow"
    store.close()


def test_a_log_that_somebody_keeps_open_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    monkeypatch.setattr(engines, "LARGEST_LOG", 1 << 20)
    with store.read() as conn:
        conn.exec_driver_sql("SELECT count(*) FROM main.counters").all()
        grow_log(store, 1 << 20)
        assert backing_up.maintain(store).warnings == (
            "Something keeps the books from being tidied. Restart the desk tonight.",
        )
    store.close()


def test_a_day_of_sales_is_closed_without_a_checkpoint_in_its_way(tmp_path: Path, traced: Traced) -> None:
    store, actor = found_shop(tmp_path, days.settings())
    days.open_till(store, actor)
    for _ in range(60):
        days.sell(store, actor, (days.item(), 1))
    with counting(traced) as found:
        tilling.close_till(store, actor, Count(other_cents=80_000), 0)
    store.close()
    assert "PRAGMA" not in verbs(found["writing"])
