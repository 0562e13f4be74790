"""Carriers' manifests and visits as rows: the values of `shop.handover`, and the bytes of the forms.

Which state follows which is `actions.handing_over` and `actions.handed`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import add, query
from bookwish_desk.db.postages import NOUN
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.handover import CollectionState, DayManifest, ManifestState, Visit

if TYPE_CHECKING:
    from sqlalchemy import Connection

_encoder = msgspec.json.Encoder()
_manifest = msgspec.json.Decoder(DayManifest)
_visit = msgspec.json.Decoder(Visit)

_SAVE_MANIFEST = (
    "UPDATE manifests SET state = ?, form = ?, next_try_at = ?, body = ? WHERE id = ? AND state = ?"
)
_SAVE_VISIT = (
    "UPDATE collections SET state = ?, pickup = ?, next_try_at = ?, body = ? WHERE id = ? AND state = ?"
)


# ---- manifests ----


def manifest(conn: Connection, manifest_id: str) -> DayManifest:
    """Return a manifest. Raises Refused where there is none of this id."""
    row = query(conn, "SELECT body FROM manifests WHERE id = ?", (manifest_id,)).fetchone()
    if row is None:
        raise Refused("no_manifest", "This list is not in the books.", id=manifest_id)
    return _manifest.decode(row[0])


def save_manifest(tx: Tx, before: DayManifest | None, after: DayManifest) -> bool:
    """Replace a manifest's row, or keep a new one; False: somebody else changed its state."""
    body, form = _encoder.encode(after).decode(), after.form.id or None if after.form is not None else None
    tx.touch(NOUN)
    if before is None:
        add(
            tx.conn,
            "manifests",
            {
                "id": after.id, "state": after.state, "form": form, "created_at": after.created_at,
                "next_try_at": after.next_try_at, "body": body,
            },
        )  # fmt: skip
        return True
    values = (after.state, form, after.next_try_at, body, after.id, before.state)
    return bool(query(tx.conn, _SAVE_MANIFEST, values).rowcount == 1)


def manifests_in(
    conn: Connection, states: Sequence[ManifestState], most: int = 100
) -> tuple[DayManifest, ...]:
    """Return the manifests in these states, oldest first."""
    sql = "SELECT body FROM manifests WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
    rows = query(conn, sql, (json.dumps(list(states)), most))
    return tuple(_manifest.decode(body) for (body,) in rows)


def manifests_between(conn: Connection, first_at: int, last_at: int) -> tuple[DayManifest, ...]:
    """Return the manifests made from one moment up to another (ms UTC, without it), oldest first."""
    rows = query(
        conn, "SELECT body FROM manifests WHERE created_at >= ? AND created_at < ? ORDER BY id",
        (first_at, last_at),
    )  # fmt: skip
    return tuple(_manifest.decode(body) for (body,) in rows)


def manifests_to_fetch(conn: Connection, most: int = 20) -> tuple[DayManifest, ...]:
    """Return the manifests that carriers have made and whose form is not here yet."""
    rows = query(
        conn,
        "SELECT body FROM manifests WHERE state = 'created' AND data IS NULL ORDER BY id LIMIT ?",
        (most,),
    )
    return tuple(_manifest.decode(body) for (body,) in rows)


def keep_form(tx: Tx, manifest_id: str, data: bytes) -> None:
    """Keep the bytes of a manifest's form; those that are here already stay."""
    query(tx.conn, "UPDATE manifests SET data = ? WHERE id = ? AND data IS NULL", (data, manifest_id))
    tx.touch(NOUN)


def form(conn: Connection, manifest_id: str) -> LabelFile | None:
    """Return the form of a manifest as the carrier drew it, None while it is not here."""
    row = query(conn, "SELECT data FROM manifests WHERE id = ?", (manifest_id,)).fetchone()
    if row is None or row[0] is None:
        return None
    data = bytes(row[0])
    return LabelFile(data, "png" if data.startswith(b"\x89PNG") else "pdf" if data[:5] == b"%PDF-" else "zpl")


# ---- visits ----


def visit(conn: Connection, visit_id: str) -> Visit:
    """Return a visit. Raises Refused where there is none of this id."""
    row = query(conn, "SELECT body FROM collections WHERE id = ?", (visit_id,)).fetchone()
    if row is None:
        raise Refused("no_visit", "This visit is not in the books.", id=visit_id)
    return _visit.decode(row[0])


def save_visit(tx: Tx, before: Visit | None, after: Visit) -> bool:
    """Replace a visit's row, or keep a new one; False: somebody else changed its state."""
    body = _encoder.encode(after).decode()
    pickup = after.collection.id or None if after.collection is not None else None
    tx.touch(NOUN)
    if before is None:
        add(
            tx.conn,
            "collections",
            {
                "id": after.id, "state": after.state, "pickup": pickup, "created_at": after.created_at,
                "next_try_at": after.next_try_at, "body": body,
            },
        )  # fmt: skip
        return True
    values = (after.state, pickup, after.next_try_at, body, after.id, before.state)
    return bool(query(tx.conn, _SAVE_VISIT, values).rowcount == 1)


def visits_in(conn: Connection, states: Sequence[CollectionState], most: int = 100) -> tuple[Visit, ...]:
    """Return the visits in these states, oldest first."""
    sql = "SELECT body FROM collections WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
    rows = query(conn, sql, (json.dumps(list(states)), most))
    return tuple(_visit.decode(body) for (body,) in rows)


def visits_between(conn: Connection, first_at: int, last_at: int) -> tuple[Visit, ...]:
    """Return the visits whose time begins from one moment up to another (ms UTC), or that were asked then."""
    rows = query(
        conn, "SELECT body FROM collections WHERE created_at >= ? AND created_at < ? OR"
        " json_extract(body, '$.first_at') >= ? AND json_extract(body, '$.first_at') < ? ORDER BY id",
        (first_at, last_at, first_at, last_at),
    )  # fmt: skip
    return tuple(_visit.decode(body) for (body,) in rows)
