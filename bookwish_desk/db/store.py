"""The opened data folder: both databases, the clock and the transaction that every action runs in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookwish_desk.db import ballast, migrate
from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.faults import in_words
from bookwish_desk.db.link import Links, add, core_faults, query, stopped_by
from bookwish_desk.settings import Settings, from_rows
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import Stopped, StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

Clock = Callable[[], int]


def system_clock() -> int:
    """Return the time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Tx:
    """One write transaction on the shop's database: the connection, its moment and what it touched."""

    def __init__(self, conn: Connection, store: Store) -> None:
        self.conn = conn
        self.store = store
        self.at = store.clock()
        self.touched: set[str] = set()
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """Return the settings in force, or those that this transaction has just written."""
        return self._settings or self.store.settings

    def adopt(self, settings: Settings) -> None:
        """Go by these settings for the rest of the transaction that writes them."""
        self._settings = settings

    def touch(self, *nouns: str) -> None:
        """Note which nouns this commit changes: screens that show one of them reload."""
        self.touched.update(nouns)

    def count(self, name: str) -> int:
        """Draw the next number of a counter, gapless because it is drawn in the transaction that uses it."""
        row = query(self.conn, _RAISE_COUNTER, (name,)).fetchone()
        if row is None:
            add(self.conn, "counters", {"name": name, "value": 1})
            return 1
        return int(row[0])

    def record(self, kind: str, *, staff: str, register: int, ref: str, body: Any) -> None:
        """Append an entry to the journal, chained to the one before it."""
        last = query(self.conn, _LAST_ENTRY).fetchone()
        seq, previous = (last[0] + 1, last[1]) if last else (1, journal.GENESIS)
        text, key = journal.canonical(body), self.store.journal_key
        made = journal.digest(previous, seq, self.at, kind, staff, register, ref, text, key)
        add(
            self.conn,
            "journal",
            {
                "seq": seq,
                "at": self.at,
                "kind": kind,
                "staff": staff,
                "register": register,
                "ref": ref,
                "body": text,
                "previous": previous,
                "keyed": key is not None,
                "hash": made,
            },
        )
        self.touch("journal")

    def post(
        self,
        row_id: str,
        channel: str,
        kind: str,
        *,
        ref: str,
        register: int,
        payload: bytes,
        lives_ms: int | None,
        device: str = "",
        copy: int = 0,
    ) -> None:
        """Put a job into the outbox; it is sent after the commit.

        `device` is the id of the one that gets it. `copy` counts the copies made before: 0 is the original.
        `lives_ms` None never expires.
        """
        add(
            self.conn,
            "outbox",
            {
                "id": row_id,
                "channel": channel,
                "kind": kind,
                "ref": ref,
                "register": register,
                "device": device,
                "copy": copy,
                "payload": payload,
                "state": "queued",
                "created_at": self.at,
                "next_try_at": self.at,
                "expires_at": None if lives_ms is None else self.at + lives_ms,
            },
        )
        self.touch("outbox")


_RAISE_COUNTER = "UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value"
_LAST_ENTRY = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"


class Store:
    """The two databases of one data folder, open. Made by `open_store`; `close` it."""

    def __init__(self, folder: Path, key: str | None, journal_key: bytes | None, clock: Clock) -> None:
        self.folder = folder
        self.key = key
        self.journal_key = journal_key
        self.clock = clock
        shop_file, catalogue_file = folder / engines.SHOP_FILE, folder / engines.CATALOGUE_FILE
        self.writer: Links = engines.writing(shop_file, key, checkpoint_pages=0)
        self.reader: Links = engines.reading(shop_file, key, catalogue_file)
        self.catalogue: Links = engines.of_catalogue(catalogue_file)
        self._settings: Settings | None = None
        self._settings_changes = 0
        self._settings_lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """Return the settings in force; read once and again after each commit that touched them."""
        kept, changes = self._settings, self._settings_changes
        if kept is None:
            with self.read() as conn:
                rows = query(conn, "SELECT key, value FROM settings").fetchall()
            kept = from_rows(dict(rows))
            with self._settings_lock:
                # What was read before a commit of another lane must not be kept after it.
                if changes == self._settings_changes:
                    self._settings = kept
        return kept

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Run one transaction: BEGIN IMMEDIATE, then COMMIT with a sync, or nothing at all happened.

        Raises StorageError in plain words when the disk is full or cannot be written; its fact `freed`
        says that the ballast was given up, so that doing it once more may work (`action` does).
        """
        try:
            with self.writer.begin() as conn:
                tx = Tx(conn, self)
                yield tx
        except (engines.driver().Error, *core_faults()) as fault:
            raise self._told(fault) from fault
        if "settings" in tx.touched:
            with self._settings_lock:
                self._settings, self._settings_changes = None, self._settings_changes + 1

    @contextmanager
    def write_catalogue(self) -> Iterator[Connection]:
        """Run one transaction on the catalogue alone; no sale waits for it. Raises as `write` does."""
        try:
            with self.catalogue.begin() as conn:
                yield conn
        except (engines.driver().Error, *core_faults()) as fault:
            raise self._told(fault) from fault

    @contextmanager
    def import_catalogue(self) -> Iterator[Any]:
        """Open a connection of the driver for one import, and close it with whatever hangs on it.

        Raises as `write` does.
        """
        try:
            raw = engines.connect_catalogue(self.folder / engines.CATALOGUE_FILE)
            try:
                yield raw
            finally:
                raw.close()
        except engines.driver().Error as fault:
            raise self._told(fault) from fault

    @contextmanager
    def read(self, stop: Callable[[], bool] | None = None) -> Iterator[Connection]:
        """Read both databases (the catalogue as `catalogue`); short, and never held by a window.

        A read that may take long hands over `stop`: once it says yes, Stopped is raised. It is asked on the
        reading thread, about once a millisecond, but not within one look into a search index.
        """
        try:
            with self.reader.connect() as conn, stopped_by(conn, stop):
                yield conn
        except (engines.driver().Error, *core_faults()) as fault:
            if stop is not None and stop():
                raise Stopped from fault
            raise self._told(fault) from fault

    @contextmanager
    def glance(self) -> Iterator[Any]:
        """Lend the driver's own connection for one statement over both databases, without a transaction.

        For what happens at every scan: `read` takes five times as long. Raises as `read` does.
        """
        try:
            with self.reader.bare() as raw:
                yield raw
        except engines.driver().Error as fault:
            raise self._told(fault) from fault

    def _told(self, fault: Exception) -> Exception:
        told = in_words(fault)
        if isinstance(told, StorageError) and told.code == "disk_full":
            told.facts["freed"] = ballast.give_up(self.folder)
        return told

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database file, when nobody sells just now.

        On a connection of its own: a sale that comes meanwhile does not wait for it.
        """
        with self.reader.bare() as raw:
            raw.execute("PRAGMA main.wal_checkpoint(PASSIVE)").fetchall()

    def trim_catalogue(self) -> None:
        """Give back the room of the catalogue's write-ahead log, which an import makes as large as itself.

        Where that cannot be done just now the log stays as it is.
        """
        with suppress(engines.driver().Error), self.catalogue.bare() as raw:
            raw.execute("PRAGMA catalogue.wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection."""
        for one in (self.reader, self.catalogue, self.writer):
            one.dispose()


def open_store(
    folder: Path,
    *,
    key: str | None = None,
    journal_key: bytes | None = None,
    clock: Clock = system_clock,
    upgrade: bool = True,
) -> Store:
    """Open a data folder, creating its databases or bringing them to this program's schema.

    With `upgrade` False nothing is created or upgraded: for a command beside a running desk. Raises
    StorageError when the folder is no place for the books, or a database is newer than this program
    (or older, without `upgrade`), damaged, or the key does not fit. A full disk costs the ballast first.
    """
    if upgrade:
        place.prepare(folder)
    try:
        migrate.bring_up(folder, key, upgrade=upgrade)
    except StorageError as fault:
        if fault.code != "disk_full" or not ballast.give_up(folder):
            raise
        migrate.bring_up(folder, key, upgrade=upgrade)
    return Store(folder, key, journal_key, clock)
