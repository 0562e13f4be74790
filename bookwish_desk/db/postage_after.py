"""Which bought labels something is due for: asked where they are, given back, insured. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.shop.postage import Postage

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAY = 24 * 3_600_000
MOST_AHEAD_MS = 25 * 3_600_000
"""Nothing is put off for longer: what is was put off before the clock was put back."""

_decoder = msgspec.json.Decoder(Postage)

_FOLLOWED = "track_next_at > 0 AND (track_next_at <= :at OR track_next_at > :at + :ahead)"
_INSURED = "state = 'bought' AND json_extract(body, '$.insure_cents') > 0"


def due_tracks(conn: Connection, at: int, most: int) -> tuple[Postage, ...]:
    """Return the labels of which it is to be asked where their parcels are, the longest due first."""
    rows = query(
        conn, f"SELECT body FROM postages WHERE {_FOLLOWED} ORDER BY track_next_at LIMIT :most",
        {"at": at, "ahead": MOST_AHEAD_MS, "most": most},
    )  # fmt: skip
    return tuple(_decoder.decode(body) for (body,) in rows)


def later_tracks(conn: Connection, at: int) -> tuple[Postage, ...]:
    """Return the labels of which it is to be asked only later where their parcels are."""
    rows = query(conn, "SELECT body FROM postages WHERE track_next_at > :at", {"at": at})
    return tuple(_decoder.decode(body) for (body,) in rows)


def next_track(conn: Connection) -> int | None:
    """Return when the next label is to be asked about, None where none is followed."""
    found: int | None = query(
        conn, "SELECT min(track_next_at) FROM postages WHERE track_next_at > 0"
    ).fetchone()[0]
    return found


def due_void(conn: Connection, at: int) -> Postage | None:
    """Return the label whose refund is to be asked for, or looked after, next."""
    return next((p for p in _voiding(conn) if _open(p) and _is_due(p.next_try_at, at)), None)


def due_insurance(conn: Connection, at: int) -> Postage | None:
    """Return the label whose parcel is to be insured next."""
    return next((p for p in _insured(conn) if _is_due(p.insure_next_at, at)), None)


def next_moment(conn: Connection) -> int | None:
    """Return when the next of these is due (0: now), None where nothing waits."""
    waits = [p.next_try_at for p in _voiding(conn) if _open(p)]
    waits += [p.insure_next_at for p in _insured(conn)]
    return min(waits, default=None)


def _open(postage: Postage) -> bool:
    """Say whether a refund has still to be asked for, or may still come."""
    return not postage.refund or (postage.refund == "submitted" and postage.next_try_at > 0)


def _is_due(when: int, at: int) -> bool:
    return when <= at or when > at + MOST_AHEAD_MS


def _voiding(conn: Connection) -> tuple[Postage, ...]:
    """Return the labels that are being given back; they are few, and by the index of states."""
    rows = query(conn, "SELECT body FROM postages WHERE state = 'voiding' ORDER BY next_try_at, id")
    return tuple(_decoder.decode(body) for (body,) in rows)


def _insured(conn: Connection) -> tuple[Postage, ...]:
    rows = query(conn, f"SELECT body FROM postages WHERE {_INSURED} ORDER BY id")
    return tuple(_decoder.decode(body) for (body,) in rows)
