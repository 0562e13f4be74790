"""Names of staff and registers, as other actions print them."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from bookwish_desk.db import tables
from bookwish_desk.db.prepared import Prepared

_s, _r = tables.staff.c, tables.registers.c
_STAFF_NAME = Prepared(select(_s.name).where(_s.id == bindparam("wanted")))
_REGISTER_NAME = Prepared(select(_r.name).where(_r.id == bindparam("wanted")))


def name_of(conn: Connection, staff_id: str) -> str:
    """Return a staff member's name, or an empty text for nobody."""
    found = _STAFF_NAME.run(conn, {"wanted": staff_id}).fetchone()
    return found[0] if found else ""


def register_name(conn: Connection, register: int) -> str:
    """Return a register's name."""
    found = _REGISTER_NAME.run(conn, {"wanted": register}).fetchone()
    return found[0] if found else f"Register {register}"
