"""The feeds of the demonstration's online store: nothing is passed over, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bookwish_desk.demo.online_store import seed, stock
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.records import Records, Tx, open_records
from tests.demo.test_online_store import sale
from tests.support.online_store import STORE, Reached, online_store

FEED = f"/ext/v1/stores/{STORE}/order-feed"
STOCK = f"/ext/v1/stores/{STORE}/inventory-feed"


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Run a PostgreSQL of its own, reached through a socket in its folder; give its URL."""
    where = _binaries()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            pytest.skip("PostgreSQL does not run as root, and there is no runuser")
        try:
            shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        user = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*user, str(where / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd="/")

    run("initdb", "--no-sync", "-A", "trust", "-U", "postgres")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(cluster: str) -> Iterator[str]:
    """Give an empty database of the cluster."""
    admin = sa.create_engine(
        cluster.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    name = f"shop{time.monotonic_ns()}"
    with admin.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    yield cluster.replace("/postgres?", f"/{name}?")


def _records(where: str) -> tuple[Records, list[str]]:
    records = open_records(where, lambda: 1_790_000_000_000)
    records.write(lambda tx: seed.plant(tx, seed.invented(4), "correct-horse-77"))
    i = t.items.c
    ids = records.read(lambda tx: tx.conn.execute(sa.select(i.id).where(i.store_id == STORE)).scalars().all())
    return records, list(ids)


def _after(records: Records, seq: int) -> list[tuple[int, str, int]]:
    i = t.items.c
    asked = sa.select(i.seq, i.id, i.version).where(i.seq > seq).order_by(i.seq).limit(3)
    return records.read(lambda tx: [(row.seq, row.id, row.version) for row in tx.conn.execute(asked)])


def test_on_postgresql_no_number_is_seen_before_a_lower_one(database: str) -> None:
    """A sequence would show the second change first, and its reader would never see the first."""
    records, ids = _records(database)
    seen = max(row[0] for row in [*_after(records, 0), *_after(records, 3)])
    numbered, let_go, second_done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with records._engine.connect() as conn:
            tx = Tx(conn, 1)
            stock.move(tx, {ids[0]: 1}, "adjustment")
            tx.number()
            numbered.set()
            assert let_go.wait(20)
            conn.commit()

    def second() -> None:
        assert numbered.wait(20)
        records.write(lambda tx: stock.move(tx, {ids[1]: 1}, "adjustment"))
        second_done.set()

    with ThreadPoolExecutor(2) as pool:
        doing = [pool.submit(first), pool.submit(second)]
        assert numbered.wait(20)
        assert not second_done.wait(0.2) and _after(records, seen) == []
        let_go.set()
        for one in doing:
            one.result(20)
    assert [(row[1]) for row in _after(records, seen)] == [ids[0], ids[1]]
    records.close()


def test_on_postgresql_a_reader_beside_many_writers_misses_nothing(database: str) -> None:
    records, ids = _records(database)
    end = threading.Event()
    last: dict[str, int] = {}

    def write(no: int) -> None:
        for turn in range(20):
            pair = {ids[(no + turn) % 4]: 1, ids[(no + turn + 1) % 4]: 1}
            records.write(partial(stock.move, deltas=pair, cause="adjustment"))

    def read() -> int:
        seq = 0
        while True:
            over = end.is_set()
            rows = _after(records, seq)
            for number, item_id, version in rows:
                seq, last[item_id] = number, version
            if over and not rows:
                return seq

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read)
        for one in [pool.submit(write, no) for no in range(4)]:
            one.result(60)
        end.set()
        reading.result(60)
    now = records.read(lambda tx: dict(tx.conn.execute(sa.select(t.items.c.id, t.items.c.version)).all()))
    assert {x: last[x] for x in ids} == {x: now[x] for x in ids}
    assert sum(now[x] - 1 for x in ids) == 160
    records.close()


def test_on_postgresql_one_key_sells_once(database: str) -> None:
    with online_store(database) as store:
        item = store.item(quantity=50)
        with ThreadPoolExecutor(6) as pool:
            done = list(pool.map(lambda _: store.post("/api/pos/sales", sale(item), "k" * 20), range(12)))
        assert {x.status_code for x in done} <= {201, 409}
        assert len({x.content for x in done if x.status_code == 201}) == 1
        assert store.state()["items"][item["id"]]["quantity"] == 49
        order = store.order(item, kind="ship")
        feed = store.get(FEED).json()
        assert [x["order"]["id"] for x in feed["data"]] == [order]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    with online_store(tmp_path_factory.mktemp("store") / "store.db") as reached:
        yield reached


def _all(store: Reached, path: str, after: str = "", limit: int = 2) -> tuple[list[Any], str]:
    found: list[Any] = []
    while True:
        page = store.get(path, limit=limit, **({"after": after} if after else {})).json()
        found += page["data"]
        after = page["nextCursor"]
        if not page["hasMore"]:
            return found, after


def test_the_feed_brings_every_change_once_more_and_the_last_state(store: Reached) -> None:
    item = store.item(quantity=20)
    ids = [store.order(item) for _ in range(5)]
    found, cursor = _all(store, FEED)
    assert [x["order"]["id"] for x in found][-5:] == ids
    assert [x["seq"] for x in found] == sorted({x["seq"] for x in found})
    store.put(f"/orders/{ids[1]}/status", {"status": "processing"})
    store.tell(f"orders/{ids[0]}", event="cancel")
    news, later = _all(store, FEED, cursor)
    assert [(x["order"]["id"], x["order"]["status"]) for x in news] == [
        (ids[1], "processing"), (ids[0], "cancelled"),
    ]  # fmt: skip
    assert _all(store, FEED, later)[0] == []


def test_a_feed_without_a_cursor_begins_at_the_oldest_open_order(tmp_path: Path) -> None:
    with online_store(tmp_path / "store.db") as store:
        item = store.item()
        done, left = store.order(item), store.order(item)
        store.tell(f"orders/{done}", event="cancel")
        ended = store.order(item)
        store.tell(f"orders/{ended}", event="cancel")
        assert [x["order"]["id"] for x in _all(store, FEED)[0]] == [left, done, ended]
        store.tell(f"orders/{left}", event="cancel")
        assert _all(store, FEED)[0] == []


def test_who_waits_at_the_feed_is_woken_by_a_commit(store: Reached) -> None:
    item = store.item()
    cursor = _all(store, FEED)[1]
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        waiting = pool.submit(store.get, FEED, after=cursor, waitSeconds=30)
        with contextlib.suppress(TimeoutError):
            waiting.result(0.1)
        order = store.order(item)
        assert [x["order"]["id"] for x in waiting.result(20).json()["data"]] == [order]
        assert time.monotonic() - began < 25
    empty = store.get(FEED, after=_all(store, FEED)[1], waitSeconds=0)
    assert empty.json()["data"] == []


def test_a_cursor_that_is_too_old_or_of_another_store_is_gone(tmp_path: Path) -> None:
    cursors = []
    for name in "ab":
        with online_store(tmp_path / f"{name}.db") as store:
            cursors.append(_all(store, STOCK)[1])
            if name == "b":
                assert store.get(STOCK, after=cursors[0]).status_code == 410
                assert store.get(STOCK, after=cursors[1]).status_code == 200
                store.tell("feed")
                store.item()
                assert store.get(STOCK, after=cursors[1]).status_code == 410
                assert store.get(FEED, after=cursors[1]).status_code == 410
                fresh = _all(store, STOCK)[1]
                assert store.get(STOCK, after=fresh).status_code == 200


@pytest.mark.capability("BW-05")
def test_the_stock_feed_says_why_and_has_tombstones(store: Reached) -> None:
    item = store.item(quantity=9)
    cursor = _all(store, STOCK)[1]
    assert store.post("/api/pos/sales", sale(item, clientReference="ours")).status_code == 201
    (sold,), cursor = _all(store, STOCK, cursor)
    assert (sold["cause"], sold["clientReference"], sold["item"]["quantity"]) == ("sale", "ours", 8)
    store.order(item)
    (ordered,), cursor = _all(store, STOCK, cursor)
    assert (ordered["cause"], ordered["deleted"]) == ("online_order", False)
    store.tell(f"items/{item['id']}", removed=True)
    (gone,), _ = _all(store, STOCK, cursor)
    assert gone["deleted"] and "item" not in gone
    assert store.get(f"/inventory/{item['id']}", storeId=STORE).status_code == 404
