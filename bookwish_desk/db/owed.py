"""Rows of a list that the shop's items have yet to follow, kept in the catalogue's own file.

They come in with the new catalogue, in one transaction (`db.merging`), and are forgotten when the shop's
database has followed all of them: an import that is killed in between goes on from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bookwish_desk.db.link import driver_of, query
from bookwish_desk.shop.title import TitleRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

SAID = (
    *("line", "ean", "sku", "title", "authors", "publisher", "series", "format", "year", "street_date"),
    *("price_cents", "tax_class", "stock", "stocked", "shelf", "on_order", "repaired"),
)
"""What an item takes over from a row; the rest is the catalogue's own."""


class Owed(msgspec.Struct, frozen=True):
    """A row that the shop's items follow: what became of its title, what that cost before a change.

    `row` has the facts of `SAID` only. Without `adds` only an item that the shop has already is touched.
    """

    row: TitleRow
    became: Literal["added", "updated", "unchanged"]
    old_price_cents: int | None
    adds: bool


# SQLite has no truth values: they come back as numbers.
_decoder = msgspec.json.Decoder(TitleRow, strict=False)


def owe(driver: Any, body: bytes, rows: str) -> None:
    """Note an import and its rows, in a transaction that is open on the catalogue.

    `rows` is a SELECT of line, became, old_price_cents, adds and said, the last as JSON.
    """
    driver.execute("INSERT INTO catalogue.owing(body) VALUES (?)", (body.decode(),))
    driver.execute(f"INSERT INTO catalogue.owed {rows}")


def owing(conn: Connection) -> bytes | None:
    """Return what `owe` noted of an import whose rows the shop has not followed to the end, or None."""
    row = query(conn, "SELECT body FROM catalogue.owing").fetchone()
    return None if row is None else str(row[0]).encode()


def after(conn: Connection, line: int, most: int) -> list[Owed]:
    """Return up to `most` rows that come after a line, in the order of the list."""
    found = query(
        conn,
        "SELECT said, became, old_price_cents, adds FROM catalogue.owed WHERE line > ? ORDER BY line LIMIT ?",
        (line, most),
    )
    return [Owed(_decoder.decode(said), became, price, bool(adds)) for said, became, price, adds in found]


def forget(conn: Connection) -> None:
    """Owe nothing any more."""
    driver = driver_of(conn)
    driver.execute("DELETE FROM catalogue.owed")
    driver.execute("DELETE FROM catalogue.owing")
