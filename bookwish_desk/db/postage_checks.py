"""What must be true of labels, manifests and visits of carriers: sentences on faults.

Like `db.checks` it only reads; an empty list is sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import msgspec
from sqlalchemy import Connection

from bookwish_desk.db.checks import MOST, Rule, broken, rows_of
from bookwish_desk.db.postages import columns_of
from bookwish_desk.shop.handover import CollectionState, DayManifest, ManifestState, Visit
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.postage import PAID, Postage, PostageState

_COLUMNS = (
    "id", "purpose", "state", "box", "order_id", "shipment", "tracking", "wanted_at", "batch", "place",
    "next_try_at", "track_next_at", "bought_at", "label_at", "cents", "created_at",
)  # fmt: skip

_RULES = (
    Rule(
        "The parcel of order {0} has two labels that are paid.",
        "SELECT orders.number FROM postages JOIN orders ON orders.id = postages.order_id"
        " WHERE postages.state = 'bought' AND purpose = 'out' GROUP BY box HAVING count(*) > 1",
    ),
    Rule(
        "Two labels have the tracking number {0}.",
        "SELECT tracking FROM postages WHERE tracking <> '' GROUP BY tracking HAVING count(*) > 1",
    ),
    Rule(
        "A label was paid on a shipment that is not in the books ({0}).",
        "SELECT id FROM postages WHERE shipment IS NULL"
        " AND state IN ('created', 'buying', 'uncertain', 'bought', 'voiding', 'voided')",
    ),
    Rule(
        "A label is being bought, and nobody noted when that began ({0}).",
        "SELECT id FROM postages WHERE state IN ('buying', 'uncertain')"
        " AND json_extract(body, '$.asked_at') = 0",
    ),
    Rule(
        "The bytes of a label are gone ({0}).",
        "SELECT id FROM postages WHERE label_at > 0 AND NOT EXISTS"
        " (SELECT 1 FROM postage_labels WHERE postage = postages.id)",
    ),
    Rule(
        "A label stands in a list for its carrier that does not name it ({0}).",
        "SELECT postages.id FROM postages JOIN manifests"
        " ON manifests.id = json_extract(postages.body, '$.manifest') WHERE NOT EXISTS"
        " (SELECT 1 FROM json_each(manifests.body, '$.postages') WHERE value = postages.id)"
        " AND json_valid(manifests.body) AND json_valid(postages.body)",
    ),
    Rule(
        "A label stands in two lists for its carrier ({0}).",
        "SELECT value FROM manifests, json_each(manifests.body, '$.postages') WHERE state <> 'refused'"
        " GROUP BY value HAVING count(*) > 1",
    ),
    Rule(
        "A form counts as made, and nobody knows which it is ({0}).",
        "SELECT id FROM manifests WHERE state = 'created' AND form IS NULL",
    ),
    Rule(
        "A label has bytes that nobody fetched ({0}).",
        "SELECT id FROM postages WHERE label_at = 0 AND EXISTS"
        " (SELECT 1 FROM postage_labels WHERE postage = postages.id)",
    ),
)
_LOOK = (
    ("Labels of which nobody knows whether they were bought: {0}.", "state = 'uncertain'"),
    ("Labels being bought, or begun when the desk stopped: {0}.", "state = 'buying'"),
    (
        "Labels that are bought and were not fetched yet: {0}.",
        "state = 'bought' AND label_at = 0",
    ),
)

_DOUBTFUL = (
    ("Forms of carriers of which nobody knows whether they were made: {0}.", "manifests"),
    ("Visits of carriers of which nobody knows whether they were booked: {0}.", "collections"),
)


def everything(conn: Connection) -> tuple[list[str], list[str]]:
    """Return the faults of what belongs to carriers, and what a person should look at."""
    faults = [*broken(conn, _RULES), *_labels(conn), *_handovers(conn)]
    return faults[:MOST], _waiting(conn)


def _labels(conn: Connection) -> Iterator[str]:
    """Yield labels that cannot be read, or whose columns say something else than they do."""
    decode = msgspec.json.Decoder(Postage).decode
    for body, *columns in rows_of(conn, f"SELECT body, {', '.join(_COLUMNS)} FROM postages"):
        row = dict(zip(_COLUMNS, columns, strict=True))
        if row["state"] not in get_args(PostageState):
            yield f"A label is in the unknown state {row['state']} ({row['id']})."
        try:
            postage = decode(body)
        except msgspec.DecodeError:
            yield f"A label cannot be read ({row['id']})."
            continue
        paid = postage.bought is not None
        if paid != (postage.bought_at > 0) or (postage.state in PAID and not paid):
            yield f"A label counts as bought, and nobody kept what was ({row['id']})."
        elif columns_of(postage) != row:
            yield f"A label is kept as another one ({row['id']})."


def _handovers(conn: Connection) -> Iterator[str]:
    manifests, visits = msgspec.json.Decoder(DayManifest).decode, msgspec.json.Decoder(Visit).decode
    for table, states, decode, what in (
        ("manifests", get_args(ManifestState), manifests, "A list for a carrier"),
        ("collections", get_args(CollectionState), visits, "A carrier's visit"),
    ):
        for key, state, body in rows_of(conn, f"SELECT id, state, body FROM {table}"):
            try:
                found = decode(body)
            except msgspec.DecodeError:
                yield f"{what} cannot be read ({key})."
            else:
                if (found.id, found.state) != (key, state) or state not in states:
                    yield f"{what} is kept as another one ({key})."


def _waiting(conn: Connection) -> list[str]:
    look = []
    for words, which in _LOOK:
        ((count,),) = rows_of(conn, f"SELECT count(*) FROM postages WHERE {which}")
        if count:
            look.append(words.format(count))
    for words, table in _DOUBTFUL:
        ((count,),) = rows_of(conn, f"SELECT count(*) FROM {table} WHERE state = 'uncertain'")
        if count:
            look.append(words.format(count))
    return [*look, *_untracked(conn)][:MOST]


def _untracked(conn: Connection) -> Iterator[str]:
    """Yield the bought labels whose number does not stand on the parcel of each of their orders."""
    decode, order_of = msgspec.json.Decoder(Postage).decode, msgspec.json.Decoder(Order).decode
    rows = rows_of(
        conn,
        "SELECT postages.body, orders.body FROM postages JOIN orders ON orders.id IN"
        " (SELECT value FROM json_each(postages.body, '$.orders'))"
        " WHERE postages.state = 'bought' AND purpose = 'out' AND tracking <> ''"
        " AND instr(orders.body, postages.tracking) = 0",
    )
    for label, body in rows:
        postage, order = decode(label), order_of(body)
        yield (
            f"The label of order {order.number} is bought, and its parcel has not the number"
            f" {postage.tracking}."
        )
