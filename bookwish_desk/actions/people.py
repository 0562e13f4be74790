"""Names of staff and registers, as other actions print them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bookwish_desk.db import tables


def name_of(conn: Connection, staff_id: str) -> str:
    """Return a staff member's name, or an empty text for nobody."""
    found = conn.execute(select(tables.staff.c.name).where(tables.staff.c.id == staff_id)).scalar()
    return found or ""


def register_name(conn: Connection, register: int) -> str:
    """Return a register's name."""
    found = conn.execute(select(tables.registers.c.name).where(tables.registers.c.id == register)).scalar()
    return found or f"Register {register}"
