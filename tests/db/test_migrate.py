"""Schemas: tables and migrations agree, and a database that does not fit is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, text
from sqlalchemy.exc import DBAPIError

from bookwish_desk.db import engine as engines
from bookwish_desk.db import migrate, orders, postages, tables
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.carriage import Box, Consignment, LabelFile
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.postage import Postage
from tests.db.revisions import NAME, add_revision
from tests.support import days
from tests.support.orders import HOME, made, received
from tests.support.shops import found_shop

KEY = "c0" * 32
HEAD = migrate.HEADS["shop"]


def schema_of(engine: Engine) -> dict[str, object]:
    """Return what a database says of its tables: columns, defaults, keys, foreign keys and indexes."""
    found: dict[str, object] = {}
    with engine.connect() as conn:
        names = conn.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%search%'"
        ).scalars()
        for name in set(names) - {"alembic_version"}:
            indexes = conn.exec_driver_sql(f"PRAGMA index_list({name})").all()
            found[name] = (
                sorted(tuple(r)[1:] for r in conn.exec_driver_sql(f"PRAGMA table_info({name})")),
                sorted(tuple(r)[2:] for r in conn.exec_driver_sql(f"PRAGMA foreign_key_list({name})")),
                sorted(
                    (
                        "" if i[1].startswith("sqlite_autoindex") else i[1],
                        *i[2:],
                        tuple(c[2] for c in conn.exec_driver_sql(f"PRAGMA index_info({i[1]})")),
                    )
                    for i in indexes
                ),
            )
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("file", "metadata"),
    [(engines.SHOP_FILE, tables.shop), (engines.CATALOGUE_FILE, tables.catalogue)],
    ids=["shop", "catalogue"],
)
def test_tables_and_migrations_agree(tmp_path: Path, file: str, metadata: MetaData) -> None:
    open_store(tmp_path).close()
    declared = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(declared, schema=None)  # type: ignore[arg-type]
    fresh = engines.core_engine(tmp_path / "fresh.db")
    with fresh.begin() as conn:
        declared.create_all(conn)
    made = schema_of(engines.core_engine(tmp_path / file))
    assert made
    assert made == schema_of(fresh)


def test_the_heads_are_those_of_the_scripts() -> None:
    from alembic.script import ScriptDirectory

    for which, head in migrate.HEADS.items():
        assert ScriptDirectory(str(migrate.SCRIPTS / which)).get_current_head() == head


@pytest.mark.parametrize("table", tables.FACTS)
def test_facts_cannot_be_changed_or_deleted(tmp_path: Path, table: str) -> None:
    store, actor = found_shop(tmp_path, days.settings())
    days.open_till(store, actor)
    days.sell(store, actor, (days.item(), 1))
    days.close_till(store, actor, 16_000)
    order = received(store, actor, made())
    with store.write() as tx:
        orders.keep_file(tx, order.id, staff=actor.staff, note="A torn cover", picture=b"jpeg")
        label = Postage(
            id="p1", box="b1", orders=(order.id,), numbers=(order.number,), created_at=tx.at, register=1,
            staff=actor.staff, consignment=Consignment(reference="p1", to=HOME, sender=HOME, box=Box(500)),
        )  # fmt: skip
        postages.insert(tx, label)
        postages.keep_label(tx, "p1", LabelFile(b"png", "png"))
    with store.read() as conn:
        columns = [r[1] for r in conn.exec_driver_sql(f"PRAGMA table_info({table})")]
        assert conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() > 0
    for sql in (f"UPDATE {table} SET {columns[-1]} = {columns[-1]}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), store.write() as tx:
            tx.conn.exec_driver_sql(sql)
    store.close()


def test_every_table_of_facts_is_guarded_and_no_other(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.read() as conn:
        rows = conn.execute(text("SELECT name FROM main.sqlite_master WHERE type = 'trigger'"))
        names = sorted(r[0] for r in rows)
    store.close()
    # What differed from the online store is a fact once it is closed.
    facts = (*tables.FACTS, "conflicts")
    kept = {f"{table}_keep_{verb}" for table in facts for verb in ("update", "delete")}
    # A label's row goes through its states, but what was asked of a carrier stays.
    assert names == sorted(kept | {"postages_keep_delete"})


def set_version(folder: Path, file: str, version: str) -> None:
    raw = engines.connect(folder / file)
    raw.execute("UPDATE alembic_version SET version_num = ?", (version,))
    raw.close()


@pytest.mark.parametrize("file", [engines.SHOP_FILE, engines.CATALOGUE_FILE])
@pytest.mark.parametrize("upgrade", [True, False])
def test_a_database_of_a_newer_program_is_refused_and_left_alone(
    tmp_path: Path, file: str, upgrade: bool
) -> None:
    open_store(tmp_path).close()
    set_version(tmp_path, file, "9999")
    with pytest.raises(StorageError, match="newer version") as refused:
        open_store(tmp_path, upgrade=upgrade)
    assert refused.value.code == "newer"
    assert migrate.version_of(tmp_path / file, None) == "9999"


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    raw = engines.connect(tmp_path / engines.SHOP_FILE)
    raw.execute("CREATE TABLE letters (x)")
    raw.close()
    with pytest.raises(StorageError, match="another program") as refused:
        open_store(tmp_path)
    assert refused.value.code == "foreign"


def test_looking_only_neither_makes_nor_upgrades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match="no books") as refused:
        open_store(tmp_path, upgrade=False)
    assert refused.value.code == "no_shop"
    assert not list(tmp_path.iterdir())
    open_store(tmp_path).close()
    monkeypatch.setitem(migrate.HEADS, "shop", "9999")
    with pytest.raises(StorageError, match="older version") as refused:
        open_store(tmp_path, upgrade=False)
    assert refused.value.code == "older"
    assert migrate.version_of(tmp_path / engines.SHOP_FILE, None) == HEAD


@pytest.mark.parametrize("key", [None, KEY])
def test_an_upgrade_keeps_a_copy_of_the_books_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    folder = tmp_path / "shop"
    store = open_store(folder, key=key)
    with store.write() as tx:
        tx.record("test", staff="", register=1, ref="", body={})
    store.close()
    newer = add_revision(monkeypatch, tmp_path / "scripts")
    store = open_store(folder, key=key)
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT extra FROM journal").scalar_one() == "none"
        assert conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == newer
    store.close()
    copy = folder / "backups" / f"shop-before-{newer}.db"
    assert migrate.version_of(copy, key) == HEAD


def test_an_upgrade_that_would_leave_rows_of_nothing_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    store, actor = found_shop(folder, days.settings())
    days.open_till(store, actor)
    days.sell(store, actor, (days.item(), 1))
    store.close()
    add_revision(monkeypatch, tmp_path / "scripts")
    script = tmp_path / "scripts" / "shop" / "versions" / NAME
    script.write_text(script.read_text() + "    op.execute('DROP TABLE tills')\n")
    with pytest.raises(RuntimeError, match="belong to nothing"):
        open_store(folder)
    assert migrate.version_of(folder / engines.SHOP_FILE, None) == HEAD
    raw = engines.connect(folder / engines.SHOP_FILE)
    assert raw.execute("SELECT count(*) FROM tills").fetchone() == (1,)
    raw.close()


# ---- damaged, lost ----


def test_a_damaged_database_is_said_to_be_so_with_its_newest_backup(tmp_path: Path) -> None:
    store, _ = found_shop(tmp_path)
    from bookwish_desk.actions.backing_up import daily

    kept = daily(store)
    store.close()
    (tmp_path / engines.SHOP_FILE).write_bytes(b"\0" * 4096 + b"noise" * 999)
    with pytest.raises(StorageError) as refused:
        open_store(tmp_path)
    assert refused.value.code in ("damaged", "wrong_key")
    assert str(kept) in refused.value.message
    assert refused.value.facts["backup"] == str(kept)


def test_books_that_are_gone_are_never_begun_anew_over_a_backup(tmp_path: Path) -> None:
    from bookwish_desk.actions.backing_up import daily

    store, _ = found_shop(tmp_path)
    kept = daily(store)
    store.close()
    (tmp_path / engines.SHOP_FILE).unlink()
    with pytest.raises(StorageError, match="no longer in") as refused:
        open_store(tmp_path)
    assert refused.value.code == "lost"
    assert str(kept) in refused.value.message
    assert not (tmp_path / engines.SHOP_FILE).exists()


def test_a_damaged_catalogue_is_set_aside_so_that_the_shop_can_sell(tmp_path: Path) -> None:
    store, actor = found_shop(tmp_path, days.settings())
    store.close()
    (tmp_path / engines.CATALOGUE_FILE).write_bytes(b"noise" * 4096)
    with pytest.raises(StorageError, match="Starting the desk sets it aside"):
        open_store(tmp_path, upgrade=False)
    store = open_store(tmp_path)
    days.open_till(store, actor)
    assert days.sell(store, actor, (days.item(), 1)).number == 1
    store.close()
    aside = list(tmp_path.glob("catalogue-damaged-*.db"))
    assert [p.read_bytes()[:5] for p in aside] == [b"noise"]
