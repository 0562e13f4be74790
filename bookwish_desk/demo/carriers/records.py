"""What the broker keeps, in one SQLite file: things as the documents it answers with, a ledger of every cent.

Of a document what begins with "_" is the broker's own and never leaves it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from bookwish_desk.db.engine import driver
from bookwish_desk.demo.carriers.refusal import Json, not_found

T = TypeVar("T")
MEMORY = ":memory:"

_TABLES = (
    """CREATE TABLE IF NOT EXISTS things (
        no INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, alias TEXT NOT NULL,
        body BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS things_alias ON things (kind, alias)",
    """CREATE TABLE IF NOT EXISTS entries (
        no INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, cents INTEGER NOT NULL,
        shipment TEXT NOT NULL, reference TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


class Entry(msgspec.Struct, frozen=True):
    """One movement of money, negative for what was paid: opening, postage, insurance, pickup, refund."""

    at: int
    kind: str
    cents: int
    shipment: str = ""
    reference: str = ""


class Tx:
    """One transaction of the records."""

    def __init__(self, conn: Any, at: int) -> None:
        self._run = conn.execute
        self.at = at

    def find(self, kind: str, thing_id: str) -> Json | None:
        """Return a thing by its id or by its other name, the newest of several."""
        row = self._run(
            "SELECT body FROM things WHERE kind = ? AND (id = ? OR (alias = ? AND alias <> ''))"
            " ORDER BY id = ? DESC, no DESC LIMIT 1",
            (kind, thing_id, thing_id, thing_id),
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Json)

    def need(self, kind: str, thing_id: str) -> Json:
        """Return a thing. Raises Refusal (404) where there is none."""
        found = self.find(kind, thing_id)
        if found is None:
            raise not_found()
        return found

    def keep(self, kind: str, thing: Json, alias: str = "") -> Json:
        """Keep a thing, a new one or one that has changed, and return it."""
        self._run(
            "INSERT INTO things (id, kind, alias, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], kind, alias, msgspec.json.encode(thing)),
        )
        return thing

    def listed(self, kind: str, most: int, before: str = "") -> list[Json]:
        """Return things of a kind, the newest first."""
        rows = self._run(
            "SELECT body FROM things WHERE kind = ?"
            " AND (? = '' OR no < (SELECT no FROM things WHERE id = ?)) ORDER BY no DESC LIMIT ?",
            (kind, before, before, most),
        ).fetchall()
        return [msgspec.json.decode(row[0], type=Json) for row in rows]

    # ---- money ----

    def enter(self, kind: str, cents: int, shipment: str = "", reference: str = "") -> None:
        """Write a movement of money into the ledger."""
        self._run(
            "INSERT INTO entries (at, kind, cents, shipment, reference) VALUES (?, ?, ?, ?, ?)",
            (self.at, kind, cents, shipment, reference),
        )

    def entries(self) -> list[Entry]:
        """Return every movement of money, the oldest first."""
        rows = self._run("SELECT at, kind, cents, shipment, reference FROM entries ORDER BY no").fetchall()
        return [Entry(*row) for row in rows]

    def balance(self) -> int:
        """Return what is in the wallet (cents)."""
        return int(self._run("SELECT coalesce(sum(cents), 0) FROM entries").fetchone()[0])

    # ---- facts ----

    def fact(self, name: str) -> str:
        """Return what is kept under a name, "" for nothing."""
        row = self._run("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Keep something under a name."""
        self._run(
            "INSERT INTO facts (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def count(self, name: str) -> int:
        """Raise a counter and return it."""
        number = int(self.fact(name) or 0) + 1
        self.note(name, str(number))
        return number


class Records:
    """The broker's database. `where` is a file or `MEMORY`. Any thread may ask; one at a time is served."""

    def __init__(self, where: str, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._conn = driver().connect(where, isolation_level=None, check_same_thread=False, timeout=20.0)
        self._conn.execute("PRAGMA journal_mode = WAL")
        self._conn.execute("PRAGMA synchronous = NORMAL")
        for table in _TABLES:
            self._conn.execute(table)

    def do(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in one transaction: all of it is kept, or nothing."""
        with self._lock:
            self._conn.execute("BEGIN IMMEDIATE")
            try:
                value = work(Tx(self._conn, self._clock()))
            except BaseException:
                self._conn.execute("ROLLBACK")
                raise
            self._conn.execute("COMMIT")
            return value

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._conn.close()
