"""What is known of SKUs that says what they weigh and how they may travel. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bookwish_desk.db.link import query
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.parcel_weight import Weighed

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The SKU of a plain new book is its EAN as text, whether or not the shop has a row of its own for it.
_WEIGHED = (
    "SELECT asked.sku, coalesce(items.title, nullif(titles.title, ''), ''),"
    " coalesce(titles.ean, items.ean, items.of_ean, asked.ean),"
    " titles.grams, titles.media_mail, coalesce(nullif(items.format, ''), titles.format, ''),"
    " titles.pages, coalesce(titles.subjects, ''), coalesce(items.tax_class, titles.tax_class, ''),"
    " coalesce(items.stocked, 1), coalesce(titles.title, '') != ''"
    " FROM (SELECT value ->> 0 AS sku, value ->> 1 AS ean FROM json_each(?)) AS asked"
    " LEFT JOIN items ON items.sku = asked.sku"
    " LEFT JOIN catalogue.titles ON titles.ean = coalesce(items.ean, items.of_ean, asked.ean,"
    " CASE WHEN length(asked.sku) BETWEEN 8 AND 14 AND asked.sku NOT GLOB '*[^0-9]*'"
    " THEN CAST(asked.sku AS INTEGER) END)"
    " WHERE items.id IS NOT NULL OR titles.id IS NOT NULL"
)


def of_lines(conn: Connection, lines: Iterable[OrderLine]) -> dict[str, Weighed]:
    """Return what is known of the SKUs of lines, by SKU; where that says nothing, by the line's EAN.

    One statement over both databases; unknown ones are left out. A used or signed copy weighs what its title
    does. `conn` is one of `Store.read`.
    """
    asked = {line.sku: line.ean for line in lines}
    if not asked:
        return {}
    found: dict[str, Weighed] = {}
    for row in query(conn, _WEIGHED, (json.dumps(list(asked.items())),)):
        sku, title, ean, grams, media, fmt, pages, subjects, tax_class, stocked, of_trade = row
        found[sku] = Weighed(
            sku=sku,
            title=title,
            ean=ean,
            grams=grams,
            media_mail=None if media is None else bool(media),
            format=fmt,
            pages=pages,
            subjects=subjects,
            tax_class=tax_class,
            stocked=bool(stocked),
            of_trade=bool(of_trade),
        )
    return found
