"""Reads of the registers: what they are called, and the till session that is open on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookwish_desk.db.link import query

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.shop.till import Till

TILL = (
    "SELECT tills.id, register, number, business_date, opened_at, coalesce(staff.name, ''), float_cents,"
    " previous FROM tills LEFT JOIN staff ON staff.id = tills.opened_by"
)
"""Till sessions, in the order of the fields of Till."""


def till_of(row: Sequence[Any]) -> Till:
    """Return the session in a row of TILL."""
    from bookwish_desk.shop.till import Till

    return Till(*row)


def name(conn: Connection, register: int) -> str:
    """Return a register's name."""
    found = query(conn, "SELECT name FROM registers WHERE id = ?", (register,)).fetchone()
    return found[0] if found else f"Register {register}"


def open_till(conn: Connection, register: int) -> Till | None:
    """Return the session that is open on a register."""
    open_here = f"{TILL} WHERE tills.id = (SELECT open_till FROM registers WHERE id = ?)"
    row = query(conn, open_here, (register,)).fetchone()
    return None if row is None else till_of(row)


def is_open(conn: Connection, register: int) -> bool:
    """Say whether a session is open on a register."""
    row = query(conn, "SELECT open_till FROM registers WHERE id = ?", (register,)).fetchone()
    return row is not None and row[0] is not None
