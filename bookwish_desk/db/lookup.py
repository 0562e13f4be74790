"""What is sold under a code: the reads that every scan does, as text for the driver itself (`db.link`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookwish_desk.db.link import Link, query
from bookwish_desk.shop.item import Item

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The shop's own item goes before the trade's title and takes from it what it does not say itself: a used or
# signed copy its title's words, but never a price. What waits to be described has its name from the trade
# as soon as that knows one; a title that only a stock file names waits too.
FIELDS = {
    "sku": "coalesce(items.sku, CAST(titles.ean AS TEXT))",
    "title": (
        "coalesce(CASE WHEN items.to_catalogue AND items.ean = titles.ean THEN nullif(titles.title, '') END, "
        "items.title, nullif(titles.title, ''), 'ISBN ' || titles.ean)"
    ),
    "ean": "CASE WHEN items.id IS NULL THEN titles.ean ELSE items.ean END",
    "authors": "coalesce(items.authors, titles.authors)",
    "publisher": "coalesce(nullif(items.publisher, ''), titles.publisher, '')",
    "year": "coalesce(items.year, titles.year)",
    "price_cents": "coalesce(items.price_cents, CASE WHEN items.of_ean IS NULL THEN titles.price_cents END)",
    "tax_class": "coalesce(items.tax_class, titles.tax_class)",
    "on_hand": "coalesce(items.on_hand, 0)",
    "shelf": "coalesce(items.shelf, '')",
    "stocked": "coalesce(items.stocked, 1)",
    "low_at": "items.low_at",
    "to_catalogue": "coalesce(items.to_catalogue, titles.title = '', 0)",
    "series": "coalesce(nullif(items.series, ''), titles.series, '')",
    "format": "coalesce(nullif(items.format, ''), titles.format, '')",
    "street_date": "coalesce(nullif(items.street_date, ''), titles.street_date, '')",
    "kind": "coalesce(items.kind, 'new')",
    "of_ean": "items.of_ean",
    "condition": "coalesce(items.condition, '')",
    "on_order": "coalesce(items.on_order, 0)",
    "sold": "coalesce(items.sold, 0)",
}
"""How each field of Item, in their order, is made of a row of the shop's items and one of the trade's."""

_SELECT = f"SELECT {', '.join(FIELDS.values())} FROM"
_FIND = (
    f"{_SELECT} (SELECT ?1 AS code, ?2 AS ean) AS asked"
    " LEFT JOIN items ON items.id = coalesce("
    "(SELECT id FROM items WHERE sku = asked.code), (SELECT id FROM items WHERE ean = asked.ean))"
    " LEFT JOIN catalogue.titles ON titles.ean = coalesce(items.ean, items.of_ean, asked.ean)"
    " WHERE items.id IS NOT NULL OR titles.id IS NOT NULL"
)
_OWN = f"{_SELECT} items LEFT JOIN catalogue.titles ON titles.ean = coalesce(items.ean, items.of_ean)"
_BY_SKUS = f"{_OWN} WHERE items.sku IN (SELECT value FROM json_each(?))"
_COPIES = (
    f"{_OWN} WHERE items.of_ean = ?"
    " ORDER BY CASE WHEN items.kind = 'signed' THEN 0 ELSE 1 END, items.price_cents, items.sku"
)
_BY_EANS = (
    f"{_SELECT} (SELECT value AS ean FROM json_each(?)) AS asked"
    " LEFT JOIN items ON items.ean = asked.ean LEFT JOIN catalogue.titles ON titles.ean = asked.ean"
    " WHERE items.id IS NOT NULL OR titles.id IS NOT NULL"
    " ORDER BY coalesce(items.on_hand, 0) DESC, coalesce(items.sold, 0) DESC, titles.id"
)
_STOCKED, _TO_CATALOGUE = (Item.__struct_fields__.index(name) for name in ("stocked", "to_catalogue"))


def as_item(row: Sequence[Any]) -> Item:
    """Return the item of a row of FIELDS."""
    values = list(row)
    # The driver alone has 0 and 1 for no and yes.
    values[_STOCKED], values[_TO_CATALOGUE] = bool(values[_STOCKED]), bool(values[_TO_CATALOGUE])
    return Item(*values)


def find(conn: Any, code: str, ean: int | None) -> Item | None:
    """Return what is sold under a code (SKU) or an EAN-13: one statement over both databases.

    `conn` is a connection of `Store.glance`, or of `Store.read`.
    """
    driver: Any = conn.driver if isinstance(conn, Link) else conn
    row = driver.execute(_FIND, (code, ean)).fetchone()
    return None if row is None else as_item(row)


def by_skus(conn: Connection, skus: Sequence[str]) -> tuple[Item, ...]:
    """Return the items with these SKUs, in that order; unknown ones are left out."""
    rows = {row[0]: as_item(row) for row in query(conn, _BY_SKUS, (json.dumps(list(skus)),))}
    return tuple(rows[s] for s in skus if s in rows)


def copies(conn: Connection, ean: int) -> tuple[Item, ...]:
    """Return everything that is sold of a title: the new one, then signed and used copies, each by price.

    The new one is there where the shop or the trade knows it, whether or not there is a copy of it.
    """
    new = find(conn, str(ean), ean)
    others = tuple(as_item(row) for row in query(conn, _COPIES, (ean,)))
    return others if new is None else (new, *others)


def by_eans(conn: Connection, eans: Sequence[int]) -> tuple[Item, ...]:
    """Return what the shop or the trade knows of these EANs, most on hand first; the others are left out."""
    return tuple(as_item(row) for row in query(conn, _BY_EANS, (json.dumps(list(eans)),)))
