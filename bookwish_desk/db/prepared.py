"""Statements of Core put into SQL once and handed to the driver itself: for what every sale does.

SQLAlchemy takes several times as long to hand a small statement over as the database takes to do it, and
a sale has twenty of them. Anything that a person does less often goes the ordinary way; what the first
scan of the day needs is text (`db.link`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bookwish_desk.db.link import driver_of

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.elements import CompilerElement


class Prepared:
    """A statement with named parameters. Rows come as plain tuples, yes and no as the driver has them.

    Faults are the driver's own; a `Store` tells them in words as it does SQLAlchemy's.
    """

    def __init__(self, statement: CompilerElement) -> None:
        self._statement = statement
        self._made: dict[tuple[str, ...], tuple[str, list[str], dict[str, Any]]] = {}

    def run(self, conn: Connection, values: Mapping[str, Any]) -> Any:
        """Do it once and return the driver's cursor. An insert writes the columns that `values` names."""
        sql, names, fixed = self._sql(values)
        return driver_of(conn).execute(sql, [values[n] if n in values else fixed[n] for n in names])

    def run_many(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Do it for each of `rows`, which all name the same; no rows is nothing to do."""
        if rows:
            sql, names, fixed = self._sql(rows[0])
            driver_of(conn).executemany(sql, [[r[n] if n in r else fixed[n] for n in names] for r in rows])

    def _sql(self, values: Mapping[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
        keys = tuple(values)
        made = self._made.get(keys)
        if made is None:
            from sqlalchemy.dialects import sqlite

            compiled: Any = self._statement.compile(dialect=sqlite.dialect(), column_keys=list(keys))
            made = self._made[keys] = str(compiled), list(compiled.positiontup), dict(compiled.params)
        return made
