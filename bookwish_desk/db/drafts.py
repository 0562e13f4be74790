"""Drafts kept as documents: each is one row whose body is the frozen value, replaced as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import add, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.sale import Draft

if TYPE_CHECKING:
    from sqlalchemy import Connection

_decoder = msgspec.json.Decoder(Draft)
_encoder = msgspec.json.Encoder()

_SAVE = (
    "UPDATE drafts SET state = :state, held_as = :held_as, register = :register, updated_at = :at,"
    " body = :body WHERE id = :id"
)
_ONE = "SELECT body FROM drafts WHERE id = ?"
_OPEN = "SELECT body FROM drafts WHERE register = ? AND state = 'open'"
_OPEN_FOR = f"SELECT ({_OPEN}), (SELECT 1 FROM staff WHERE id = ? AND active)"
_HELD = "SELECT body FROM drafts WHERE state = 'held' ORDER BY updated_at"
_COLLECTING = "SELECT body FROM drafts WHERE instr(body, ?)"
_HELD_AS = "SELECT body FROM drafts WHERE held_as = ?"


def load(conn: Connection, draft_id: str) -> Draft:
    """Return a draft. Raises Refused when it was completed or voided meanwhile."""
    row = query(conn, _ONE, (draft_id,)).fetchone()
    if row is None:
        raise Refused("no_draft", "This sale was already completed or voided.", draft=draft_id)
    return _decoder.decode(row[0])


def open_on(conn: Connection, register: int) -> Draft | None:
    """Return the draft being rung up on a register, if there is one."""
    row = query(conn, _OPEN, (register,)).fetchone()
    return None if row is None else _decoder.decode(row[0])


def open_for(conn: Connection, register: int, staff: str) -> tuple[Draft | None, bool]:
    """Return the draft being rung up on a register, and whether `staff` works here: one statement a scan."""
    body, works = query(conn, _OPEN_FOR, (register, staff)).fetchone()
    return None if body is None else _decoder.decode(body), works is not None


def held(conn: Connection) -> tuple[Draft, ...]:
    """Return the held sales, oldest first."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _HELD))


def held_as(conn: Connection, code: str) -> Draft | None:
    """Return the held sale whose slip carries `code`."""
    row = query(conn, _HELD_AS, (code,)).fetchone()
    return None if row is None else _decoder.decode(row[0])


def collecting(conn: Connection, order_id: str) -> Draft | None:
    """Return the sale, open or held on any register, in which an order is collected."""
    for (body,) in query(conn, _COLLECTING, (order_id,)):
        draft = _decoder.decode(body)
        if any(c.order == order_id for c in draft.collects):
            return draft
    return None


def begin(tx: Tx, draft: Draft) -> Draft:
    """Keep a new open draft."""
    add(
        tx.conn,
        "drafts",
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
    query(
        tx.conn,
        _SAVE,
        {
            "id": draft.id,
            "state": "held" if draft.held_as else "open",
            "held_as": draft.held_as or None,
            "register": draft.register,
            "at": tx.at,
            "body": _encoder.encode(draft).decode(),
        },
    )
    tx.touch("draft")
    return draft


def drop(tx: Tx, draft_id: str) -> None:
    """Take a draft away: it was completed, or voided."""
    query(tx.conn, "DELETE FROM drafts WHERE id = ?", (draft_id,))
    tx.touch("draft")
