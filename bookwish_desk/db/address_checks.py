"""What carriers said of addresses, by a digest of each: asking costs money, so it is kept for half a year."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db.link import query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import CheckedAddress
from bookwish_desk.shop.order import PostalAddress

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIVES_MS = 180 * 86_400_000

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(CheckedAddress)

_KEEP = (
    "INSERT INTO address_checks (address, at, body) VALUES (?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET at = excluded.at, body = excluded.body"
)


def digest_of(address: PostalAddress) -> str:
    """Return what stands for an address: the same one however it is spaced and capitalised.

    Name and telephone are no part of it.
    """
    parts = (address.line1, address.line2, address.city, address.state, address.postal_code, address.country)
    told = "\n".join(" ".join(part.split()).casefold() for part in parts)
    return hashlib.sha256(told.encode()).hexdigest()


def find(conn: Connection, address: PostalAddress, at: int) -> CheckedAddress | None:
    """Return what is known of an address at a moment (ms UTC), None where that is nothing or too old."""
    row = query(
        conn,
        "SELECT body FROM address_checks WHERE address = ? AND at BETWEEN ? AND ?",
        (digest_of(address), at - LIVES_MS, at + LIVES_MS),
    ).fetchone()
    return None if row is None else _decoder.decode(row[0])


def keep(tx: Tx, address: PostalAddress, checked: CheckedAddress) -> None:
    """Keep what was said of an address; which spelling was chosen before stays."""
    query(tx.conn, _KEEP, (digest_of(address), tx.at, _encoder.encode(checked).decode()))


def choice(conn: Connection, address: PostalAddress) -> str:
    """Return which spelling of an address staff chose: "own", "suggested", or "" for none yet."""
    row = query(conn, "SELECT choice FROM address_checks WHERE address = ?", (digest_of(address),)).fetchone()
    return "" if row is None else str(row[0])


def choose(tx: Tx, address: PostalAddress, chosen: str) -> bool:
    """Note which spelling of a checked address is used; False for an address that nobody checked."""
    values = (chosen, digest_of(address))
    return bool(query(tx.conn, "UPDATE address_checks SET choice = ? WHERE address = ?", values).rowcount)
