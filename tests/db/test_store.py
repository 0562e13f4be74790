"""The opened books: how connections are set up, what happens when many write, and faults in words."""

from __future__ import annotations

import gc
import threading
import traceback
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from bookwish_desk.actions import configuring
from bookwish_desk.actions.action import action
from bookwish_desk.db import ballast, items, migrate, tables
from bookwish_desk.db import engine as engines
from bookwish_desk.db import store as store_module
from bookwish_desk.db.faults import in_words
from bookwish_desk.db.store import Store, Tx, open_store
from bookwish_desk.settings import Settings, from_rows
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.item import Item
from tests.support.shops import found_shop

KEY = "5a" * 32


def pragma(store: Store, name: str) -> object:
    with store.write() as tx:
        return tx.conn.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("wal_autocheckpoint", 0),
        ("trusted_schema", 0),
        ("journal_size_limit", engines.LARGEST_LOG),
    ],
)
@pytest.mark.parametrize("key", [None, KEY])
def test_sales_are_written_with_every_pragma_they_rely_on(
    tmp_path: Path, key: str | None, name: str, value: object
) -> None:
    store = open_store(tmp_path, key=key)
    found = pragma(store, name)
    store.close()
    assert type(value)(found) == value  # type: ignore[call-arg]


def test_a_sqlite_that_can_lose_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tuple(int(x) for x in engines.driver().sqlite_version.split(".")) >= (3, 51, 3)
    monkeypatch.setattr(engines.driver(), "sqlite_version", "3.51.2")
    with pytest.raises(StorageError, match="can lose data") as refused:
        engines.driver()
    assert refused.value.code == "old_sqlite"


def test_an_encrypted_shop_holds_no_readable_word_and_opens_with_its_key_only(tmp_path: Path) -> None:
    store = open_store(tmp_path, key=KEY)
    with store.write() as tx:
        items.keep(tx, Item(sku="1", title="Readable Title", price_cents=1))
    log = (tmp_path / "shop.db-wal").read_bytes()
    store.close()
    whole = (tmp_path / "shop.db").read_bytes() + log
    assert b"Readable" not in whole
    assert b"SQLite format" not in whole[:16]
    for wrong in (None, "5b" * 32):
        with pytest.raises(StorageError) as refused:
            open_store(tmp_path, key=wrong)
        assert refused.value.code == "wrong_key"
    with pytest.raises(StorageError, match="64 hexadecimal"):
        open_store(tmp_path, key="short")
    open_store(tmp_path, key=KEY).close()


def test_a_sale_that_fails_leaves_nothing_and_draws_no_number(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.count("sale-1")
        tx.record("test", staff="", register=1, ref="", body={})
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.count("sale-1") == 1
        assert tx.conn.execute(select(tables.journal.c.seq)).first() is None
    store.close()


def run_together(jobs: list[Callable[[], None]]) -> None:
    """Run jobs on threads that start at once; a fault in one of them is raised here."""
    faults: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            gate.wait(10)
            job()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if faults:
        raise faults[0]


@action
def take_one(tx: Tx, sku: str) -> int:
    """Take a copy by reading and then writing: what a deferred transaction would lose."""
    on_hand = tx.conn.execute(select(tables.items.c.on_hand).where(tables.items.c.sku == sku)).scalar_one()
    left = items.move(tx, sku, -1, "sale", staff="")
    assert left == on_hand - 1
    tx.record("test", staff="", register=1, ref=sku, body={"left": left})
    return left


@pytest.mark.parametrize("stores_open", [1, 2])
def test_of_two_hundred_copies_taken_at_once_none_is_lost(tmp_path: Path, stores_open: int) -> None:
    opened = [open_store(tmp_path) for _ in range(stores_open)]
    with opened[0].write() as tx:
        items.keep(tx, Item(sku="BOOK", title="Book"))
        items.move(tx, "BOOK", 200, "receive", staff="")
    left: list[int] = []

    def sell_fifty(store: Store) -> Callable[[], None]:
        return lambda: left.extend(take_one(store, "BOOK").value for _ in range(50))

    run_together([sell_fifty(opened[n % stores_open]) for n in range(4)])
    assert sorted(left) == list(range(200))
    with opened[-1].read() as conn:
        assert conn.execute(select(tables.items.c.on_hand)).scalar_one() == 0
        assert len(conn.execute(select(tables.journal.c.seq)).all()) == 200
    for store in opened:
        store.close()


def test_a_reader_sees_one_moment_while_others_write(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    count = "SELECT count(*) FROM counters"
    with store.read() as conn:
        before = conn.exec_driver_sql(count).scalar_one()
        with store.write() as tx:
            tx.count("sale-1")
        assert conn.exec_driver_sql(count).scalar_one() == before
    with store.read() as conn:
        assert conn.exec_driver_sql(count).scalar_one() == before + 1
    store.close()


def test_a_checkpoint_takes_the_log_in_while_a_sale_is_being_written(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for _ in range(30):
        with store.write() as tx:
            tx.count("sale-1")
    with store.write() as tx:
        tx.count("sale-1")
        store.checkpoint()
    # What the log held is in the file now: it can be read without its log.
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "shop.db").write_bytes((tmp_path / "shop.db").read_bytes())
    raw = engines.connect(tmp_path / "copy" / "shop.db")
    assert raw.execute("SELECT value FROM counters").fetchone()[0] >= 30
    raw.close()
    store.close()


# ---- faults ----


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("database or disk is full", "disk_full"),
        ("disk I/O error", "disk_full"),
        ("database is locked", "busy"),
        ("database disk image is malformed", "damaged"),
        ("file is not a database", "damaged"),
        ("attempt to write a readonly database", "no_access"),
        ("unable to open database file", "no_access"),
    ],
)
def test_what_the_database_says_is_put_in_words(said: str, code: str) -> None:
    told = in_words(OperationalError("SELECT 1", {}, Exception(said)))
    assert isinstance(told, StorageError)
    assert told.code == code
    assert told.message.endswith(".")


def test_a_fault_that_nobody_knows_stays_what_it_is() -> None:
    fault = OperationalError("SELECT 1", {}, Exception("no such table: sails"))
    assert in_words(fault) is fault


@action
def fill(tx: Tx, tries: list[int]) -> int:
    """Fail as a full disk does, as often as `tries` says."""
    tx.count("sale-1")
    tries.append(1)
    if len(tries) == 1:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))
    return len(tries)


def test_on_a_full_disk_the_reserve_is_given_up_and_the_action_done_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    ballast.keep(tmp_path, 1 << 20)
    assert fill(store, []).value == 2
    assert not (tmp_path / ballast.FILE).exists()
    with store.write() as tx:
        assert tx.count("sale-1") == 2
    with pytest.raises(StorageError, match="disk is full") as refused:
        fill(store, [])
    assert refused.value.code == "disk_full"
    store.close()


def test_books_that_a_full_disk_keeps_shut_open_after_the_reserve_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path).close()
    ballast.keep(tmp_path, 1 << 20)
    real = migrate.bring_up

    def stuck(folder: Path, key: str | None, *, upgrade: bool) -> None:
        if (folder / ballast.FILE).exists():
            raise StorageError("disk_full", "The disk is full.")
        real(folder, key, upgrade=upgrade)

    monkeypatch.setattr(migrate, "bring_up", stuck)
    store = open_store(tmp_path)
    assert not (tmp_path / ballast.FILE).exists()
    store.close()


def test_a_fault_of_the_database_says_nothing_of_whom_it_was_about(tmp_path: Path) -> None:
    """Faults that nobody thought of are logged with their whole text."""
    store = open_store(tmp_path)
    row = {"id": "c1", "name": "Clarissa Dalloway", "folded": "clarissa", "created_at": 1}
    with pytest.raises(IntegrityError) as fault, store.write() as tx:
        tx.conn.execute(insert(tables.customers), [row])
        tx.conn.execute(insert(tables.customers), [row])
    store.close()
    assert "Clarissa" not in "".join(traceback.format_exception(fault.value))


def test_settings_read_while_they_change_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = found_shop(tmp_path)
    real = from_rows

    def slowly(rows: dict[str, str]) -> Settings:
        monkeypatch.setattr(store_module, "from_rows", real)
        configuring.change_settings(store, owner, shop_name="Changed meanwhile")
        return real(rows)

    with store.write() as tx:
        tx.touch("settings")
    monkeypatch.setattr(store_module, "from_rows", slowly)
    assert store.settings.shop_name == "Test Books"
    assert store.settings.shop_name == "Changed meanwhile"
    store.close()


def test_a_store_that_nobody_closed_lets_its_files_go(tmp_path: Path) -> None:
    store, _ = found_shop(tmp_path)
    with store.read() as conn:
        conn.execute(select(tables.staff.c.id)).all()
    seen = [weakref.ref(links) for links in (store.reader, store.writer, store.catalogue)]
    del store, conn
    gc.collect()
    assert [links() for links in seen] == [None, None, None]
