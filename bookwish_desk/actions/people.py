"""Names of staff and registers, as other actions print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.db.link import query

if TYPE_CHECKING:
    from sqlalchemy import Connection


def name_of(conn: Connection, staff_id: str) -> str:
    """Return a staff member's name, or an empty text for nobody."""
    found = query(conn, "SELECT name FROM staff WHERE id = ?", (staff_id,)).fetchone()
    return found[0] if found else ""


def register_name(conn: Connection, register: int) -> str:
    """Return a register's name."""
    found = query(conn, "SELECT name FROM registers WHERE id = ?", (register,)).fetchone()
    return found[0] if found else f"Register {register}"
