"""Drafts kept as documents: each is one row whose body is the frozen value, replaced as a whole."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bookwish_desk.db import tables
from bookwish_desk.db.prepared import Prepared
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.sale import Draft

_d = tables.drafts.c
_decoder = msgspec.json.Decoder(Draft)
_encoder = msgspec.json.Encoder()

_ADD = Prepared(insert(tables.drafts))
_SAVE = Prepared(update(tables.drafts).where(_d.id == bindparam("wanted")))
_DROP = Prepared(delete(tables.drafts).where(_d.id == bindparam("wanted")))
_ONE = Prepared(select(_d.body).where(_d.id == bindparam("wanted")))
_OPEN_HERE = select(_d.body).where(_d.register == bindparam("on_register"), _d.state == "open")
_OPEN = Prepared(_OPEN_HERE)
_WORKS = select(tables.staff.c.id).where(tables.staff.c.id == bindparam("staff"), tables.staff.c.active)
_OPEN_FOR = Prepared(select(_OPEN_HERE.scalar_subquery(), _WORKS.scalar_subquery()))


def load(conn: Connection, draft_id: str) -> Draft:
    """Return a draft. Raises Refused when it was completed or voided meanwhile."""
    row = _ONE.run(conn, {"wanted": draft_id}).fetchone()
    if row is None:
        raise Refused("no_draft", "This sale was already completed or voided.", draft=draft_id)
    return _decoder.decode(row[0])


def open_on(conn: Connection, register: int) -> Draft | None:
    """Return the draft being rung up on a register, if there is one."""
    row = _OPEN.run(conn, {"on_register": register}).fetchone()
    return None if row is None else _decoder.decode(row[0])


def open_for(conn: Connection, register: int, staff: str) -> tuple[Draft | None, bool]:
    """Return the draft being rung up on a register, and whether `staff` works here: one statement a scan."""
    body, works = _OPEN_FOR.run(conn, {"on_register": register, "staff": staff}).fetchone()
    return None if body is None else _decoder.decode(body), works is not None


def held(conn: Connection) -> tuple[Draft, ...]:
    """Return the held sales, oldest first."""
    rows = conn.execute(select(_d.body).where(_d.state == "held").order_by(_d.updated_at))
    return tuple(_decoder.decode(r.body) for r in rows)


def held_as(conn: Connection, code: str) -> Draft | None:
    """Return the held sale whose slip carries `code`."""
    row = conn.execute(select(_d.body).where(_d.held_as == code)).first()
    return None if row is None else _decoder.decode(row.body)


def begin(tx: Tx, draft: Draft) -> Draft:
    """Keep a new open draft."""
    _ADD.run(
        tx.conn,
        {
            "id": draft.id,
            "register": draft.register,
            "state": "open",
            "updated_at": tx.at,
            "body": _encoder.encode(draft).decode(),
        },
    )
    tx.touch("draft")
    return draft


def save(tx: Tx, draft: Draft) -> Draft:
    """Replace a draft; held when it has a held code, else open."""
    _SAVE.run(
        tx.conn,
        {
            "wanted": draft.id,
            "state": "held" if draft.held_as else "open",
            "held_as": draft.held_as or None,
            "register": draft.register,
            "updated_at": tx.at,
            "body": _encoder.encode(draft).decode(),
        },
    )
    tx.touch("draft")
    return draft


def drop(tx: Tx, draft_id: str) -> None:
    """Take a draft away: it was completed, or voided."""
    _DROP.run(tx.conn, {"wanted": draft_id})
    tx.touch("draft")
