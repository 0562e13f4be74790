"""The database of the online store: SQLite or PostgreSQL, transactions, numbers in the order of commits."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from bookwish_desk.db.engine import driver
from bookwish_desk.demo.online_store import tables as t
from bookwish_desk.demo.online_store.refusal import Collision

T = TypeVar("T")

ATTEMPTS = 8
"""How often a transaction that met another is done anew."""
_AGAIN = ("40001", "40P01")
"""SQLSTATE of a serialisation failure and a deadlock (PostgreSQL, appendix A)."""
# Statements of every sale are built once: building one takes longer than carrying it out.
_RAISE = (
    sa.update(t.counters)
    .where(t.counters.c.name == sa.bindparam("which"))
    .values(value=t.counters.c.value + sa.bindparam("by", type_=sa.BigInteger))
    .returning(t.counters.c.value)
)
_NUMBER = {
    table: sa.update(table).where(table.c.id == sa.bindparam("which")).values(seq=sa.bindparam("last"))
    for table in (t.orders, t.items)
}
_LETTERS = string.ascii_lowercase + string.digits


class Tx:
    """One transaction: its connection, its moment and whether it changed anything in a feed."""

    def __init__(self, conn: sa.Connection, at: int) -> None:
        self.conn = conn
        self.at = at
        self._changed: list[tuple[sa.Table, str]] = []

    def changed(self, table: sa.Table, row_id: str) -> None:
        """Note a row of a feed: it gets its number last, just before the commit."""
        if (table, row_id) not in self._changed:
            self._changed.append((table, row_id))

    def number(self) -> bool:
        """Give every changed row its number, in the order in which transactions commit.

        Whoever raises the counter holds its row until the commit, so that a higher number is never seen
        before a lower one. A sequence of PostgreSQL does not wait: its reader would miss rows.
        """
        if not self._changed:
            return False
        last = self.count("feed", len(self._changed))
        for seq, (table, row_id) in enumerate(self._changed, last - len(self._changed) + 1):
            self.conn.execute(_NUMBER[table], {"which": row_id, "last": seq})
        return True

    def count(self, name: str, by: int = 1) -> int:
        """Raise a counter and return it. Its row is held until the commit."""
        raised = self.conn.execute(_RAISE, {"which": name, "by": by}).scalar()
        if raised is None:
            self.conn.execute(sa.insert(t.counters).values(name=name, value=by))
            return by
        return int(raised)

    def fact(self, name: str) -> str:
        """Return what the server keeps under a name, "" for nothing."""
        return str(self.conn.execute(sa.select(t.facts.c.value).where(t.facts.c.name == name)).scalar() or "")

    def keep(self, name: str, value: str) -> None:
        """Keep something under a name."""
        if not self.conn.execute(
            sa.update(t.facts).where(t.facts.c.name == name).values(value=value)
        ).rowcount:
            self.conn.execute(sa.insert(t.facts).values(name=name, value=value))

    def one(self, query: sa.Select[Any], values: dict[str, Any] | None = None) -> Any:
        """Return the first row of a query, None where there is none."""
        return self.conn.execute(query, values).first()


class Records:
    """The database, reached. `inline` says that work is done where it is asked for (SQLite: one writer)."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int], tick_ms: int) -> None:
        self._engine = engine
        self._clock = clock
        self._tick_ms = tick_ms
        self.inline = engine.dialect.name == "sqlite"

    def now(self) -> int:
        """Return the server's time in whole ticks of its clock (ms UTC)."""
        now = self._clock()
        return now - now % self._tick_ms

    def read(self, work: Callable[[Tx], T]) -> T:
        """Return what `work` reads in one transaction."""
        with self._engine.connect() as conn:
            return work(Tx(conn, self.now()))

    def write(self, work: Callable[[Tx], T]) -> tuple[T, bool]:
        """Do `work` in one transaction, and say whether it changed a feed.

        What met another transaction is done anew from its start.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self._engine.connect() as conn:
                    tx = Tx(conn.execution_options(writes=True), self.now())
                    value = work(tx)
                    told = tx.number()
                    conn.commit()
                    return value, told
            except (Collision, IntegrityError, DBAPIError) as fault:
                if attempt == ATTEMPTS - 1 or not _to_be_done_again(fault):
                    raise
                time.sleep(0.002 * attempt)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _to_be_done_again(fault: Exception) -> bool:
    """Say whether a transaction may succeed when it is done anew: another one may have made the row."""
    if isinstance(fault, (Collision, IntegrityError)):
        return True
    return getattr(getattr(fault, "orig", None), "sqlstate", "") in _AGAIN


def open_records(
    where: str, clock: Callable[[], int], *, tick_ms: int = 1, synchronous: str = "NORMAL"
) -> Records:
    """Open the database of a file or of an SQLAlchemy URL, with its tables.

    `synchronous` is SQLite's: NORMAL survives every kill, and a power cut loses the last moments only.
    """
    if "://" in where:
        engine = sa.create_engine(_with_driver(where), pool_size=8, hide_parameters=True)
    else:
        engine = _sqlite(Path(where), synchronous)
    with engine.begin() as conn:
        t.metadata.create_all(conn.execution_options(writes=True))
    return Records(engine, clock, tick_ms)


def _with_driver(url: str) -> sa.URL:
    made = sa.make_url(url)
    return (
        made.set(drivername="postgresql+psycopg") if made.drivername in ("postgres", "postgresql") else made
    )


def _sqlite(path: Path, synchronous: str) -> sa.Engine:
    def connect() -> Any:
        raw = driver().connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=20.0, cached_statements=256
        )
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute(f"PRAGMA synchronous = {synchronous}")
        return raw

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        module=driver(),
        creator=connect,
        poolclass=sa.QueuePool,
        pool_size=2,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        writes = conn.get_execution_options().get("writes")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def fresh(prefix: str) -> str:
    """Return an id that is nobody's yet, as in "or-k3j9d8q1x0zs"."""
    return f"{prefix}-{''.join(secrets.choice(_LETTERS) for _ in range(12))}"
