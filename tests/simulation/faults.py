"""What goes wrong in the simulation, and when: drawn from the episode's one source of chance.

Faults of the wire are drawn for each call to the store, faults of this machine for each step of the world:
a crash before one of its SQL statements, a full disk at one of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlcipher3.dbapi2

from bookwish_desk.db import engine

WIRE = (
    "request lost",
    "reply lost",
    "doubled",
    "late",
    "500 after commit",
    "401",
    "429",
    "cut JSON",
)
"""What can become of a request. "late" arrives after others that were sent after it: it is reordered."""


class Crash(BaseException):
    """The program ends here, in the middle of whatever it does."""


class Wire:
    """Draws what becomes of each request; `rate` is how many of them meet one of `kinds`."""

    def __init__(self, chance: random.Random, rate: float, kinds: tuple[str, ...] = WIRE) -> None:
        self.chance = chance
        self.rate = rate
        self.kinds = kinds
        self.met: dict[str, int] = {}

    def draw(self) -> str:
        """Return a fault's name, or an empty text for none."""
        if not self.rate or self.chance.random() >= self.rate:
            return ""
        fault = self.chance.choice(self.kinds)
        self.met[fault] = self.met.get(fault, 0) + 1
        return fault


class Machine:
    """This machine, whose next statements are counted: at one of them it may crash or find the disk full."""

    def __init__(self) -> None:
        self.left = 0
        self.what = ""

    def doom(self, what: str, statements: int) -> None:
        """Let it happen before the statement after so many others."""
        self.what, self.left = what, statements

    def spare(self) -> None:
        """Let nothing happen."""
        self.what = ""

    def pulse(self, sql: str) -> None:
        """Count a statement, and let happen before it what is due."""
        if not self.what:
            return
        if self.left > 0:
            self.left -= 1
            return
        what = self.what
        if what == "disk full":
            if sql.lstrip()[:6].upper() not in ("INSERT", "UPDATE", "COMMIT"):
                return
            self.what = ""
            raise sqlcipher3.dbapi2.OperationalError("database or disk is full")
        self.what = ""
        raise Crash(sql)


MACHINE = Machine()


class _Cursor(sqlcipher3.dbapi2.Cursor):
    def execute(self, sql: str, *values: Any) -> Any:
        MACHINE.pulse(sql)
        return super().execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> Any:
        MACHINE.pulse(sql)
        return super().executemany(sql, *values)


class _Connection(sqlcipher3.dbapi2.Connection):
    def cursor(self, *arguments: Any, **named: Any) -> Any:
        return super().cursor(_Cursor)

    def execute(self, sql: str, *values: Any) -> Any:
        MACHINE.pulse(sql)
        return super().execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> Any:
        MACHINE.pulse(sql)
        return super().executemany(sql, *values)

    def commit(self) -> None:
        MACHINE.pulse("COMMIT")
        super().commit()
        # A program can also end after its commit and before anybody hears of it.
        MACHINE.pulse("")


class _Driver:
    """The driver, with connections that count their statements and leave syncing the disk to nobody."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlcipher3.dbapi2, name)

    def connect(self, *arguments: Any, **named: Any) -> Any:
        return sqlcipher3.dbapi2.connect(*arguments, factory=_Connection, **named)


@contextmanager
def doomed_connections() -> Iterator[None]:
    """Open every database with connections that MACHINE can stop, without syncs of the disk.

    What a sync is for is proven by the tests with cut power; here the same process goes on reading.
    """
    driver, connect = _Driver(), engine.connect

    def unsynced(*arguments: Any, **named: Any) -> Any:
        raw = connect(*arguments, **named)
        raw.execute("PRAGMA synchronous = OFF")
        if named.get("catalogue") is not None:
            raw.execute("PRAGMA catalogue.synchronous = OFF")
        return raw

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "driver", lambda: driver)
        patched.setattr(engine, "connect", unsynced)
        yield
