"""Connections to the two databases: the driver, its pragmas and how a transaction begins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookwish_desk.db.link import Links
from bookwish_desk.shop.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

OLDEST_SQLITE = (3, 51, 3)
"""The first SQLite whose WAL reset cannot lose a commit (sqlite.org, WAL page)."""

LARGEST_LOG = 64 << 20
"""A write-ahead log that grew beyond this many bytes is cut back when it starts anew."""

SHOP_FILE = "shop.db"
CATALOGUE_FILE = "catalogue.db"


def driver() -> Any:
    """Return the SQLite driver. Raises StorageError when its SQLite has the WAL-reset fault."""
    import sqlcipher3.dbapi2 as module

    if tuple(int(x) for x in module.sqlite_version.split(".")) < OLDEST_SQLITE:
        raise StorageError(
            "old_sqlite",
            f"SQLite {module.sqlite_version} can lose data. Version 3.51.3 or newer is needed.",
        )
    return module


def connect(path: Path, key: str | None = None, *, catalogue: Path | None = None, writes: bool = True) -> Any:
    """Open one connection with every pragma this product relies on.

    `key` is 64 hexadecimal digits for an encrypted file. `catalogue` is attached under that name. The
    file must exist unless `writes`. Raises StorageError when the key does not fit or it is no database.
    """
    module = driver()
    mode = "rwc" if writes else "rw"
    raw = module.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=10.0,
        cached_statements=256,
    )
    try:
        unlock(raw, key)
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA trusted_schema = OFF")
        raw.execute("PRAGMA temp_store = MEMORY")
        raw.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
        if catalogue is not None:
            raw.execute("ATTACH DATABASE ? AS catalogue KEY ''", (str(catalogue),))
            raw.execute("PRAGMA catalogue.synchronous = FULL")
        if not writes:
            raw.execute("PRAGMA query_only = ON")
    except module.DatabaseError as fault:
        raw.close()
        if "not a database" in str(fault):
            raise StorageError(
                "wrong_key", f"{path.name} cannot be read: it is encrypted with another key, or damaged."
            ) from fault
        raise
    return raw


def unlock(raw: Any, key: str | None) -> None:
    """Hand a raw key over to a fresh connection, where there is one. Raises StorageError when it is none."""
    if key is None:
        return
    if len(key) != 64 or any(c not in "0123456789abcdef" for c in key):
        raise StorageError("wrong_key", "The database key is not 64 hexadecimal digits.")
    # A wrong key is said in words; the driver would write its own to the terminal.
    raw.execute("PRAGMA cipher_log_level = NONE").fetchall()
    raw.execute(f"PRAGMA key = \"x'{key}'\"").fetchall()


def writing(path: Path, key: str | None = None, *, checkpoint_pages: int = 1000) -> Links:
    """Return the one writer of `path`: a single connection, BEGIN IMMEDIATE.

    `checkpoint_pages` 0 leaves checkpoints to the caller, so that no sale waits for one.
    """

    def opened() -> Any:
        raw = connect(path, key)
        raw.execute(f"PRAGMA wal_autocheckpoint = {int(checkpoint_pages)}")
        return raw

    return Links(opened, "BEGIN IMMEDIATE", size=1)


def reading(path: Path, key: str | None, catalogue: Path | None) -> Links:
    """Return what reads over both databases, the catalogue attached (or the shop's alone)."""
    return Links(lambda: connect(path, key, catalogue=catalogue, writes=False), "BEGIN", size=8)


def of_catalogue(path: Path) -> Links:
    """Return what the search index is written with: the catalogue alone, under its schema name."""
    return Links(lambda: connect_catalogue(path), "BEGIN IMMEDIATE", size=1)


def connect_catalogue(path: Path) -> Any:
    """Open one connection that writes the catalogue alone, under its schema name."""
    connect(path).close()
    module = driver()
    raw = module.connect(":memory:", isolation_level=None, check_same_thread=False, timeout=10.0)
    raw.execute("ATTACH DATABASE ? AS catalogue", (str(path),))
    raw.execute("PRAGMA catalogue.synchronous = FULL")
    raw.execute("PRAGMA temp_store = MEMORY")
    return raw


def core_engine(path: Path, key: str | None = None) -> Engine:
    """Return an engine of SQLAlchemy for one writer of `path`: for migrations, which know nothing else."""
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import QueuePool

    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver(),
        creator=lambda: connect(path, key),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE")

    return engine
