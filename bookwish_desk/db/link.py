"""The connections to one database file: opened when they are needed, lent to one user at a time.

SQL as text goes to the driver itself. A statement of Core goes through SQLAlchemy, which is imported at
the first one: importing it takes longer than opening the books, signing in and selling the first book
together, and what those need is text. Both ways share one connection and so one transaction.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bookwish_desk.shop.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LENT_SECONDS = 60.0
"""A connection that nobody gives back for this long is not waited for any more."""


class Link:
    """One connection for the length of a transaction; it is lent as if it were SQLAlchemy's Connection."""

    def __init__(self, raw: Any, begin: str, core: Callable[[Any], Connection]) -> None:
        self.raw = raw
        self._begin = begin
        self._make_core = core
        self._made: Connection | None = None
        self.sound = True
        """Whether it can be lent again."""

    @property
    def driver(self) -> Any:
        """Return the driver's own connection, in a transaction."""
        self.start()
        return self.raw

    def start(self) -> None:
        """Begin a transaction where there is none."""
        if not self.raw.in_transaction:
            self.raw.execute(self._begin)

    @property
    def core(self) -> Connection:
        """Return SQLAlchemy's connection over this one."""
        if self._made is None:
            self._made = self._make_core(self.raw)
        return self._made

    def execute(self, *arguments: Any, **options: Any) -> Any:
        """Execute a statement of Core, as `sqlalchemy.Connection.execute` does."""
        return self.core.execute(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.core, name)

    def commit(self) -> None:
        """Make what was done durable."""
        if self._made is not None and self._made.in_transaction():
            self._made.commit()
        else:
            self.raw.commit()

    def rollback(self) -> None:
        """End the transaction; what was done in it never happened. A connection that cannot is not sound."""
        self.sound = False
        if self._made is not None:
            # Also one whose COMMIT has failed: SQLAlchemy says that it is in none, and yet waits for this.
            self._made.rollback()
        # Also what was begun by text behind SQLAlchemy's back.
        self.raw.rollback()
        self.sound = True

    def close(self) -> None:
        """Close the connection."""
        if self._made is not None:
            self._made.close()
        self.raw.close()


class Links:
    """Up to `size` connections to one file. `opened` opens one; `begin` is how its transactions begin."""

    def __init__(self, opened: Callable[[], Any], begin: str, size: int) -> None:
        self._opened = opened
        self._begin = begin
        self._free: list[Link] = []
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._wrapped: _Kept | None = None
        self._disposed = 0

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Lend a connection for reading: what was not committed by then is rolled back."""
        with self._lent() as link:
            try:
                yield cast("Connection", link)
            finally:
                link.rollback()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Lend a connection in a transaction that is committed at the end, or rolled back by a fault."""
        with self._lent() as link:
            try:
                link.start()
                yield cast("Connection", link)
                link.commit()
            except BaseException:
                link.rollback()
                raise

    @contextmanager
    def bare(self) -> Iterator[Any]:
        """Lend the driver's own connection, in no transaction."""
        with self._lent() as link:
            yield link.raw

    @contextmanager
    def _lent(self) -> Iterator[Link]:
        if not self._places.acquire(timeout=LENT_SECONDS):
            raise StorageError("busy", "The database is busy with something else. Try again.")
        try:
            with self._lock:
                link, era = self._free.pop() if self._free else None, self._disposed
            if link is None:
                link = Link(self._opened(), self._begin, self._core)
            try:
                yield link
            finally:
                with self._lock:
                    kept = link.sound and era == self._disposed
                    if kept:
                        self._free.append(link)
                if not kept:
                    link.close()
        finally:
            self._places.release()

    def dispose(self) -> None:
        """Close every connection; one that is lent just now is closed when it is given back."""
        with self._lock:
            free, self._free = self._free, []
            self._disposed += 1
        for link in free:
            link.close()

    def _core(self, raw: Any) -> Connection:
        with self._lock:
            if self._engine is None:
                self._engine = self._make_engine()
            self._wrapped = _Kept(raw)
            try:
                return self._engine.connect()
            finally:
                self._wrapped.introduced = True
                self._wrapped = None

    def _make_engine(self) -> Engine:
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import NullPool

        from bookwish_desk.db.engine import driver

        # SQLAlchemy keeps hold of whoever opens connections as long as one is open: not of us.
        me = weakref.ref(self)
        engine = create_engine(
            "sqlite+pysqlite://",
            module=driver(),
            creator=lambda: (links := me()) and links._wrapped,
            poolclass=NullPool,
            # A fault's text goes into the log: never with the names and codes that were being written.
            hide_parameters=True,
        )
        begin = self._begin

        @event.listens_for(engine, "begin")
        def _begun(connection: Any) -> None:
            raw = connection.connection.dbapi_connection
            if not raw.in_transaction:
                raw.execute(begin)

        return engine


class _Kept:
    """The driver's connection as SQLAlchemy gets it: it is not SQLAlchemy's to close.

    While it is introduced SQLAlchemy tries things out and rolls them back; a transaction that was
    begun by text before must not be lost by that.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.introduced = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def rollback(self) -> None:
        """Roll back, once it is introduced."""
        if self.introduced:
            self._raw.rollback()

    def close(self) -> None:
        """Do nothing: `Links` closes it."""


def driver_of(conn: Any) -> Any:
    """Return the driver's connection, in a transaction, of a connection lent by `Links`."""
    if isinstance(conn, Link):
        return conn.driver
    # SQLAlchemy's own, as migrations have it.
    if not conn.in_transaction():
        conn.begin()
    return conn.connection.dbapi_connection


@contextmanager
def stopped_by(conn: Connection, stop: Callable[[], bool] | None) -> Iterator[None]:
    """Break off what is read meanwhile once `stop` says yes: the driver's fault is "interrupted"."""
    if stop is None:
        yield
        return
    raw = driver_of(conn)
    raw.set_progress_handler(stop, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, _STEPS)


_STEPS = 20_000
"""Steps of the database between two questions whether to go on: about a millisecond."""


def query(conn: Connection, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Any:
    """Do one statement of text and return the driver's cursor: rows are plain tuples.

    Faults are the driver's own; a `Store` tells them in words as it does SQLAlchemy's.
    """
    return driver_of(conn).execute(sql, values)


def add(conn: Connection, table: str, *rows: Mapping[str, Any]) -> None:
    """Insert rows that all name the same columns; no rows is nothing to do."""
    if rows:
        names = tuple(rows[0])
        driver_of(conn).executemany(_insertion(table, names), [[row[n] for n in names] for row in rows])


@cache
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    named = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({named}) VALUES ({', '.join('?' * len(columns))})"


def core_faults() -> tuple[type[Exception], ...]:
    """Return SQLAlchemy's faults of a database, or nothing while it was never imported."""
    module = sys.modules.get("sqlalchemy.exc")
    fault = getattr(module, "DBAPIError", None)
    return () if fault is None else (fault,)
