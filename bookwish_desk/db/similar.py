"""What can be offered in the place of a title: other copies of it, and titles of its author, series, subject.

Reads only; what of it is offered is for whoever asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bookwish_desk.db import lookup, search
from bookwish_desk.db.link import query
from bookwish_desk.shop.item import Item

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SUBJECTS = "SELECT subjects FROM catalogue.titles WHERE ean = ?"
# Along the places: the best-selling of a subject come first, and a common one is found after few titles.
_OF_SUBJECT = "SELECT ean FROM catalogue.titles WHERE instr(subjects, ?) AND ean <> ? ORDER BY id LIMIT ?"
_NAME = re.compile(r"\s*(?:;|,| and | & )\s*")


def near(conn: Connection, item: Item, limit: int = 12) -> tuple[Item, ...]:
    """Return other copies of the same title that are here, then titles of its author and its series."""
    found = [copy for copy in _copies(conn, item) if copy.on_hand > 0]
    author = _NAME.split(item.authors)[0]
    series = item.series.partition("#")[0].strip()
    for words in (author, series):
        if words:
            found += search.search(conn, words, limit)
    return _others(item, found)[:limit]


def of_subject(conn: Connection, item: Item, limit: int = 6) -> tuple[Item, ...]:
    """Return the best-selling titles of the same main subject; may look through the whole catalogue."""
    ean = item.title_ean
    row = query(conn, _SUBJECTS, (ean,)).fetchone() if ean is not None else None
    subject = re.split(r"[\s,;]+", row[0].strip())[0] if row and row[0].strip() else ""
    if len(subject) < 3:
        return ()
    eans = [int(found[0]) for found in query(conn, _OF_SUBJECT, (subject, ean, limit))]
    return _others(item, lookup.by_eans(conn, eans))


def _copies(conn: Connection, item: Item) -> tuple[Item, ...]:
    return lookup.copies(conn, item.title_ean) if item.title_ean is not None else ()


def _others(item: Item, found: list[Item] | tuple[Item, ...]) -> tuple[Item, ...]:
    """Return what was found, each once, without the title itself; what is on the shelf goes first."""
    once = {one.sku: one for one in found if one.sku != item.sku}
    return tuple(sorted(once.values(), key=lambda one: one.on_hand <= 0))
