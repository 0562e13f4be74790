"""Carriers' labels as rows: what was asked, agreed to and bought, the labels' bytes, what was spent.

A row is the frozen value `shop.postage.Postage`; its columns follow from it. Rows are never deleted. Which
state follows which is `actions.buying` and `actions.bought`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.db.link import add, query
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.postage import Postage, PostageState

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOUN = "postage"
"""The noun of a commit that changed a label's row."""
MOST = 500
UNLOOKED = "labels_unlooked_since"
"""The key among the settings by which books that were put back say since when they know of no label."""
NO_BOX = "found:"
"""What the box of a label is called that was found at the broker and belongs to no parcel in the books."""
GIVEN_BACK_MS = 31 * 86_400_000
"""Labels bought so long before a backup may have been given back after it: USPS takes them for 30 days."""
PROVEN_MS = 3_600_000
"""So long after money was asked for it is read a last time whether a label was bought after all."""
BESIDE_HOUR_MS = 3_600_000
"""No row is put off for longer than this: one that is was put off before the clock was put back."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Postage)

_BODY = "SELECT body FROM postages"
_SHARED = (
    f"{_BODY} WHERE order_id <> :id AND box IN (SELECT json_extract(value, '$.id')"
    " FROM orders, json_each(orders.body, '$.parcels') WHERE orders.id = :id)"
)
_UNPLACED = (
    f"{_BODY} WHERE order_id IS NULL AND EXISTS (SELECT 1 FROM json_each(body, '$.numbers')"
    " WHERE value = (SELECT number FROM orders WHERE id = ?))"
)
_SAVE = (
    "UPDATE postages SET state = :state, purpose = :purpose, shipment = :shipment, tracking = :tracking,"
    " wanted_at = :wanted_at, batch = :batch, place = :place, next_try_at = :next_try_at,"
    " track_next_at = :track_next_at, bought_at = :bought_at, label_at = :label_at, cents = :cents,"
    " body = :body"
    " WHERE id = :id AND state = :was"
)
_SPENT = (
    "SELECT coalesce(sum(cents), 0) FROM postages WHERE state IN ('bought', 'voiding') AND bought_at >= ?"
)
_AGREED = (
    "SELECT coalesce(sum(cents), 0) FROM postages"
    " WHERE state IN ('buying', 'uncertain') OR state = 'created' AND wanted_at > 0"
)
_DUE = "(next_try_at <= :at OR next_try_at > :at + :hour)"


def cents_of(postage: Postage) -> int:
    """Return what a label costs: what was paid for it with every fee, or what was agreed to."""
    if postage.bought is not None:
        return postage.bought.cents + postage.bought.fees_cents
    return postage.rate.cents if postage.rate is not None else 0


def columns_of(postage: Postage) -> dict[str, Any]:
    """Return a row without its body: everything in it follows from the value."""
    return {
        "id": postage.id,
        "purpose": postage.purpose,
        "state": postage.state,
        "box": postage.box,
        "order_id": postage.orders[0] if postage.orders else None,
        "shipment": postage.shipment or None,
        "tracking": postage.tracking,
        "wanted_at": postage.wanted_at,
        "batch": postage.batch,
        "place": postage.place,
        "next_try_at": postage.next_try_at,
        "track_next_at": postage.track_next_at,
        "bought_at": postage.bought_at,
        "label_at": postage.label_at,
        "cents": cents_of(postage),
        "created_at": postage.created_at,
    }


def load(conn: Connection, postage_id: str) -> Postage:
    """Return a label's row. Raises Refused where there is none of this id."""
    row = query(conn, f"{_BODY} WHERE id = ?", (postage_id,)).fetchone()
    if row is None:
        raise Refused("no_postage", "This label is not in the books.", postage=postage_id)
    return _decoder.decode(row[0])


def by_ids(conn: Connection, ids: Iterable[str]) -> tuple[Postage, ...]:
    """Return these labels in this order; those that are not in the books are left out."""
    wanted = list(ids)
    rows = query(
        conn, "SELECT id, body FROM postages WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted),),
    )  # fmt: skip
    found = {str(key): _decoder.decode(body) for key, body in rows}
    return tuple(found[key] for key in wanted if key in found)


def of_order(conn: Connection, order_id: str) -> tuple[Postage, ...]:
    """Return every label of an order's parcels, newest first; also of boxes that it shares with others.

    Also those that were found with its number before the order was in these books.
    """
    own = query(conn, f"{_BODY} WHERE order_id = ?", (order_id,)).fetchall()
    shared = query(conn, _SHARED, {"id": order_id}).fetchall()
    before = query(conn, _UNPLACED, (order_id,)).fetchall()
    found = [_decoder.decode(body) for (body,) in (*own, *shared, *before)]
    named = (p for p in found if order_id in p.orders or not p.orders)
    return tuple(sorted(named, key=lambda p: p.id, reverse=True))


def of_box(conn: Connection, box: str) -> Postage | None:
    """Return the label that stands for a box now, None where there is none: no second one is made."""
    row = query(
        conn,
        f"{_BODY} WHERE box = ? AND purpose = 'out'"
        " AND state IN ('new', 'created', 'buying', 'uncertain', 'refused', 'bought')",
        (box,),
    ).fetchone()
    return None if row is None else _decoder.decode(row[0])


def of_boxes(conn: Connection, boxes: Iterable[str]) -> tuple[Postage, ...]:
    """Return the labels that stand for these boxes now, oldest first."""
    rows = query(
        conn,
        # Box by box: by their state all that were ever bought would be looked through.
        "SELECT body FROM json_each(?) AS wanted CROSS JOIN postages ON box = wanted.value"
        " WHERE purpose = 'out'"
        " AND state IN ('new', 'created', 'buying', 'uncertain', 'refused', 'bought') ORDER BY postages.id",
        (json.dumps(list(boxes)),),
    )
    return tuple(_decoder.decode(body) for (body,) in rows)


def by_shipment(conn: Connection, shipment: str) -> Postage | None:
    """Return the label of a shipment of the broker."""
    row = query(conn, f"{_BODY} WHERE shipment = ?", (shipment,)).fetchone()
    return None if row is None else _decoder.decode(row[0])


def insert(tx: Tx, postage: Postage) -> None:
    """Keep a new label's row. Raises Refused where another one stands for its box."""
    if postage.purpose == "out" and postage.live and (other := of_box(tx.conn, postage.box)) is not None:
        raise Refused("live_postage", "This parcel has a label already, or one is being made.", id=other.id)
    add(tx.conn, "postages", {**columns_of(postage), "body": _encoder.encode(postage).decode()})
    tx.touch(NOUN)


def save(tx: Tx, before: Postage | None, after: Postage) -> bool:
    """Replace a label's row, or keep a new one (`before` None); False: somebody else changed its state."""
    if before is None:
        insert(tx, after)
        return True
    values = {**columns_of(after), "body": _encoder.encode(after).decode(), "was": before.state}
    tx.touch(NOUN)
    return bool(query(tx.conn, _SAVE, values).rowcount == 1)


def in_state(conn: Connection, states: Sequence[PostageState], most: int = MOST) -> tuple[Postage, ...]:
    """Return the labels in these states, oldest first."""
    rows = query(
        conn, f"{_BODY} WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?",
        (json.dumps(list(states)), most),
    )  # fmt: skip
    return tuple(_decoder.decode(body) for (body,) in rows)


def of_batch(conn: Connection, batch: str) -> tuple[Postage, ...]:
    """Return the labels of a batch in their order."""
    rows = query(conn, f"{_BODY} WHERE batch = ? ORDER BY place, id", (batch,))
    return tuple(_decoder.decode(body) for (body,) in rows)


def bought_between(conn: Connection, first_at: int, last_at: int) -> tuple[Postage, ...]:
    """Return the labels bought from one moment up to another (ms UTC, without it), in that order."""
    rows = query(
        conn, f"{_BODY} WHERE bought_at >= ? AND bought_at < ? AND bought_at > 0 ORDER BY bought_at, id",
        (first_at, last_at),
    )  # fmt: skip
    return tuple(_decoder.decode(body) for (body,) in rows)


def spent_cents(conn: Connection, since: int) -> int:
    """Return what was paid for labels since a moment and not given back."""
    return int(query(conn, _SPENT, (since,)).fetchone()[0])


def agreed_cents(conn: Connection) -> int:
    """Return what labels will cost that somebody wants and that are not bought yet, or perhaps are."""
    return int(query(conn, _AGREED).fetchone()[0])


# ---- what the work with carriers takes up ----


def next_unpriced(conn: Connection, at: int) -> Postage | None:
    """Return the oldest label that has to be priced, for the first time or anew."""
    return _due(conn, "(state = 'new' OR state = 'created' AND wanted_at = 0 AND"
                " json_extract(body, '$.quoted.at') = 0)", "id", at)  # fmt: skip


def next_wanted(conn: Connection, at: int) -> Postage | None:
    """Return the label to be bought next: as they were wanted, within a batch in its order."""
    return _due(conn, "state = 'created' AND wanted_at > 0", "wanted_at, place, id", at)


def next_uncertain(conn: Connection, at: int) -> Postage | None:
    """Return the label of which it is to be read next whether it was bought."""
    return _due(conn, "state = 'uncertain'", "next_try_at, id", at)


def next_unfetched(conn: Connection, at: int) -> Postage | None:
    """Return the next bought label whose bytes are not here."""
    return _due(conn, "state = 'bought' AND label_at = 0", "wanted_at, place, id", at)


_UNPROVEN = (
    "state IN ('created', 'refused', 'dropped') AND wanted_at = 0 AND id > :since AND shipment IS NOT NULL"
    " AND json_extract(body, '$.asked_at') > 0 AND coalesce(json_extract(body, '$.proven_at'), 0) = 0"
)


def next_unproven(conn: Connection, at: int) -> Postage | None:
    """Return a label that was asked for an hour ago or more and counts as not bought: it is read once more.

    A broker that was slower than any should be would else be paid unseen.
    """
    row = query(
        conn,
        f"{_BODY} WHERE {_UNPROVEN} AND json_extract(body, '$.asked_at') <= :until AND {_DUE}"
        " ORDER BY id LIMIT 1",
        {"at": at, "hour": BESIDE_HOUR_MS, "until": at - PROVEN_MS, "since": _since(at)},
    ).fetchone()
    return None if row is None else _decoder.decode(row[0])


def _since(at: int) -> str:
    """Return what ids of the last month begin with at least: they begin with when they were made."""
    return f"{max(0, at - 30 * 86_400_000):012x}"


def unproven_moment(conn: Connection, at: int) -> int | None:
    """Return when the next label is to be read once more that counts as not bought."""
    row = query(
        conn,
        f"SELECT min(max(next_try_at, json_extract(body, '$.asked_at') + {PROVEN_MS})) FROM postages"
        f" WHERE {_UNPROVEN}",
        {"since": _since(at)},
    ).fetchone()
    found: int | None = row[0]
    return found


def _due(conn: Connection, which: str, order: str, at: int) -> Postage | None:
    row = query(
        conn,
        f"{_BODY} WHERE {which} AND {_DUE} ORDER BY {order} LIMIT 1",
        {"at": at, "hour": BESIDE_HOUR_MS},
    ).fetchone()
    return None if row is None else _decoder.decode(row[0])


_WAITING = (
    "SELECT min(next_try_at) FROM (SELECT next_try_at FROM postages WHERE state IN ('new', 'uncertain')"
    " UNION ALL SELECT next_try_at FROM postages WHERE state = 'created'"
    " AND (wanted_at > 0 OR json_extract(body, '$.quoted.at') = 0)"
    " UNION ALL SELECT next_try_at FROM postages WHERE state = 'bought' AND label_at = 0)"
    " WHERE next_try_at > 0"
)
_PUT_OFF = (
    f"{_BODY} WHERE next_try_at > :at AND state IN ('new', 'created', 'uncertain')"
    f" UNION ALL {_BODY} WHERE next_try_at > :at AND state = 'bought' AND label_at = 0"
)


def put_off(conn: Connection, at: int) -> tuple[Postage, ...]:
    """Return what waits for a moment after this one."""
    return tuple(_decoder.decode(body) for (body,) in query(conn, _PUT_OFF, {"at": at}))


def next_moment(conn: Connection) -> int | None:
    """Return when the next of these rows is due, None where none waits."""
    found: int | None = query(conn, _WAITING).fetchone()[0]
    return found


def counts(conn: Connection) -> tuple[int, int]:
    """Return how many labels are being bought or perhaps are, and how many wait to be bought."""
    row = query(
        conn,
        "SELECT coalesce(sum(state IN ('buying', 'uncertain')), 0),"
        " coalesce(sum(state = 'created' AND wanted_at > 0), 0) FROM postages"
        " WHERE state IN ('buying', 'uncertain', 'created')",
    ).fetchone()
    return int(row[0]), int(row[1])


# ---- books that were put back ----


def unlooked_since(conn: Connection) -> int:
    """Return since when labels may have been bought that these books do not know (ms UTC), 0 for never."""
    row = query(conn, "SELECT value FROM settings WHERE key = ?", (UNLOOKED,)).fetchone()
    return 0 if row is None else int(row[0])


def looked_up(tx: Tx) -> None:
    """Note that it was looked up which labels were bought that these books did not know."""
    query(tx.conn, "DELETE FROM settings WHERE key = ?", (UNLOOKED,))


def unplaced(conn: Connection) -> tuple[Postage, ...]:
    """Return the bought labels of which nobody knows on which parcel they are."""
    rows = query(
        conn, f"{_BODY} WHERE box >= ? AND box < ? AND purpose = 'out' AND state = 'bought'",
        (NO_BOX, NO_BOX + "~"),
    )  # fmt: skip
    return tuple(_decoder.decode(body) for (body,) in rows)


# ---- the labels' bytes ----


def label(conn: Connection, postage_id: str, fmt: str = "") -> LabelFile | None:
    """Return a label's bytes, of one format where it is named; the first that were kept otherwise."""
    row = query(
        conn,
        "SELECT data, format FROM postage_labels WHERE postage = ?"
        " AND format = coalesce(nullif(?, ''), format) ORDER BY at, format LIMIT 1",
        (postage_id, fmt),
    ).fetchone()
    return None if row is None else LabelFile(bytes(row[0]), row[1])


def keep_label(tx: Tx, postage_id: str, file: LabelFile) -> None:
    """Keep a label's bytes for ever; those of a format that is here already stay."""
    query(
        tx.conn,
        "INSERT INTO postage_labels (postage, format, data, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (postage, format) DO NOTHING",
        (postage_id, file.format, file.data, tx.at),
    )
    tx.touch(NOUN)
