"""Names of staff and registers, as other actions print them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from bookwish_desk.db import tables

_STAFF_NAME = select(tables.staff.c.name).where(tables.staff.c.id == bindparam("wanted"))
_REGISTER_NAME = select(tables.registers.c.name).where(tables.registers.c.id == bindparam("wanted"))


def name_of(conn: Connection, staff_id: str) -> str:
    """Return a staff member's name, or an empty text for nobody."""
    found = conn.execute(_STAFF_NAME, {"wanted": staff_id}).scalar()
    return found or ""


def register_name(conn: Connection, register: int) -> str:
    """Return a register's name."""
    found = conn.execute(_REGISTER_NAME, {"wanted": register}).scalar()
    return found or f"Register {register}"
