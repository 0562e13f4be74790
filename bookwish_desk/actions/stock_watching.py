"""The online store's stock as observed: which of our books each line is, and where the two counts differ.

What the store says never changes our count. A difference that nothing on its way explains is for a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bookwish_desk.actions.action import action
from bookwish_desk.actions.arriving import same_condition
from bookwish_desk.db import conflicts, online
from bookwish_desk.db.link import query
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.far_order import condition_words, ean_of, is_new
from bookwish_desk.shop.online import OnlineItem

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_COPIES = 10**9
"""A number of copies that no store has: more is kept as this."""


class Observed(msgspec.Struct, frozen=True):
    """How many lines were seen, how many were new or changed, how many fit no book here."""

    seen: int = 0
    changed: int = 0
    unmapped: int = 0


@action
def observe_stock(
    tx: Tx,
    items: Sequence[OnlineItem],
    removed: Sequence[str] = (),
    mark: tuple[str, str] | None = None,
) -> Observed:
    """Note lines of the store's stock, those it said it has no more, and how far was read with them."""
    kept = online.known_items(tx.conn, [one.id for one in items])
    news: list[OnlineItem] = []
    for one in items:
        before = kept.get(one.id)
        if before is None or before[1] or not before[0] or before[2] != online.body_of(one):
            news.append(_bounded(one))
    skus = skus_for(tx.conn, news)
    online.keep_items(tx, ((one, skus.get(one.id, "")) for one in news))
    online.seen_items(tx, [one.id for one in items])
    online.remove_items(tx, removed)
    if mark is not None:
        online.set_mark(tx, *mark)
    lost = sum(1 for one in news if one.id not in skus)
    return Observed(len(items), len(news), lost)


def _bounded(one: OnlineItem) -> OnlineItem:
    copies = max(-MOST_COPIES, min(MOST_COPIES, one.quantity))
    return one if copies == one.quantity else msgspec.structs.replace(one, quantity=copies)


_BY_SKU = "SELECT sku, coalesce(ean, of_ean) FROM items WHERE sku IN (SELECT value FROM json_each(?))"
_BY_EAN = "SELECT ean, sku FROM items WHERE ean IN (SELECT value FROM json_each(?))"
_USED = (
    "SELECT of_ean, sku, condition FROM items WHERE kind = 'used'"
    " AND of_ean IN (SELECT value FROM json_each(?))"
)


def skus_for(conn: Connection, items: Sequence[OnlineItem]) -> dict[str, str]:
    """Return by the store's id which SKU here each line is, as far as that is certain.

    By our own SKU where the store has it and it is of the same title; new copies by their ISBN; used ones by
    ISBN and condition, where exactly one of ours fits. Everything is looked up at once.
    """
    eans = {one.id: ean_of(one.isbn) for one in items}
    own: dict[str, int | None] = dict(_rows(conn, _BY_SKU, {one.sku for one in items if one.sku}))
    new: dict[int, str] = dict(_rows(conn, _BY_EAN, {ean for ean in eans.values() if ean is not None}))
    old = [one for one in items if eans[one.id] is not None and not is_new(one.condition)]
    used: dict[int, list[tuple[str, str]]] = {}
    for ean, sku, condition in _rows(conn, _USED, {eans[one.id] for one in old}):
        used.setdefault(ean, []).append((sku, condition))
    found: dict[str, str] = {}
    for one in items:
        ean = eans[one.id]
        if one.sku in own and ean in (None, own[one.sku]):
            found[one.id] = one.sku
        elif ean is None:
            continue
        elif is_new(one.condition):
            if ean in new:
                found[one.id] = new[ean]
        else:
            words = condition_words(one.condition)
            fits = [sku for sku, condition in used.get(ean, ()) if same_condition(condition, words)]
            if len(fits) == 1:
                found[one.id] = fits[0]
    return found


def _rows(conn: Connection, sql: str, wanted: Iterable[object]) -> list[Any]:
    asked = list(wanted)
    return query(conn, sql, (json.dumps(asked),)).fetchall() if asked else []


SETTLES_MS = 30_000
"""What was sent or heard so shortly before a line was noted may not be in it: it was read before that."""

_DAY_MS = 26 * 3_600_000
"""Every line is seen once each night: an order heard of longer ago, such as a cancelled one, is in it."""

_WAITING = "('new', 'sending', 'uncertain', 'refused', 'dead')"
_COUNTS = f"""
WITH offered AS (
    SELECT sku, sum(quantity) AS there, min(seen_at) AS seen_at FROM online_items
    WHERE sku <> '' AND gone = 0 AND (:sku = '' OR sku = :sku) GROUP BY sku
), ordered AS (
    SELECT a.sku, sum(a.copies + a.wanted) AS copies,
        sum(CASE WHEN o.state IN ('pending', 'in_checkout') THEN a.copies + a.wanted ELSE 0 END) AS unsure,
        max(coalesce(l.seen_at, 0)) AS heard_at
    FROM allocations AS a JOIN orders AS o ON o.id = a.order_id
    LEFT JOIN online_orders AS l ON l.order_id = o.id
    WHERE o.source = (SELECT json_extract(value, '$.source') FROM settings WHERE key = 'online')
        AND coalesce(json_extract(o.body, '$.special'), 0) = 0 GROUP BY a.sku
), heard AS (
    SELECT json_extract(s.value, '$.sku') AS sku, max(l.seen_at) AS heard_at FROM online_orders AS l
    JOIN orders AS o ON o.id = l.order_id, json_each(o.body, '$.lines') AS s
    WHERE l.seen_at > :since GROUP BY 1
), moving AS (
    SELECT ref AS sku, max(state IN {_WAITING}) AS waits, max(sent_at) AS sent_at FROM outbox
    WHERE channel = 'net' AND kind = 'stock' AND state <> 'dropped' GROUP BY ref
    UNION ALL
    SELECT s.sku, max(b.state IN {_WAITING}), max(b.sent_at) FROM outbox AS b
    JOIN sale_lines AS s ON s.sale = b.ref
    WHERE b.channel = 'net' AND b.kind IN ('sale', 'refund') AND b.state <> 'dropped' GROUP BY s.sku
    UNION ALL
    SELECT json_extract(s.value, '$.sku'), b.state IN {_WAITING}, b.sent_at FROM outbox AS b
    JOIN orders AS o ON o.id = b.ref, json_each(o.body, '$.lines') AS s
    WHERE b.channel = 'net' AND b.kind = 'cancel' AND b.state <> 'dropped'
    UNION ALL
    SELECT json_extract(s.value, '$.sku'), 1, 0 FROM conflicts AS c
    JOIN orders AS o ON o.id = c.subject, json_each(o.body, '$.lines') AS s
    WHERE c.kind = 'cancel_there' AND c.closed_at IS NULL
), moved AS (
    SELECT sku, max(waits) AS waits, max(sent_at) AS sent_at FROM moving GROUP BY sku
)
SELECT f.sku, i.title, i.on_hand, coalesce(r.copies, 0), coalesce(r.unsure, 0), f.there
FROM offered AS f JOIN items AS i ON i.sku = f.sku
LEFT JOIN ordered AS r ON r.sku = f.sku LEFT JOIN moved AS m ON m.sku = f.sku
LEFT JOIN heard AS h ON h.sku = f.sku
WHERE i.stocked AND coalesce(m.waits, 0) = 0
    AND {SETTLES_MS} + max(
        coalesce(m.sent_at, 0), coalesce(r.heard_at, 0), coalesce(h.heard_at, 0)
    ) < f.seen_at
"""


class Count(msgspec.Struct, frozen=True):
    """A SKU on both sides: copies on hand, those of them that the store's orders get, and what it offers.

    `unsure` are those of unpaid orders: nobody says whether the store holds them back.
    """

    sku: str
    title: str
    on_hand: int
    ordered: int
    unsure: int
    there: int

    @property
    def here(self) -> int:
        """Return how many copies the store may sell."""
        return self.on_hand - self.ordered

    @property
    def differ(self) -> int:
        """Return how many copies more are here than the store offers; it cannot offer less than none."""
        low, high, there = max(0, self.here), max(0, self.here + self.unsure), max(0, self.there)
        return 0 if low <= there <= high else (low if there < low else high) - there


def _counts(conn: Connection, sku: str = "") -> tuple[Count, ...]:
    (last,) = query(conn, "SELECT coalesce(max(seen_at), 0) FROM online_orders").fetchone()
    return tuple(Count(*row) for row in query(conn, _COUNTS, {"sku": sku, "since": last - _DAY_MS}))


def stock_counts(store: Store) -> tuple[Count, ...]:
    """Return what `compare_stock` has to do with: what differs, and what was a difference until now.

    After weeks of sales counting takes longer than a clerk should wait: it writes nothing.
    """
    with store.read() as conn:
        held = frozenset(conflicts.open_subjects(conn, "stock"))
        return tuple(one for one in _counts(conn) if one.differ or one.sku in held)


_ON_HAND = "SELECT sku, on_hand FROM items WHERE sku IN (SELECT value FROM json_each(?))"


@action
def compare_stock(tx: Tx, counts: Sequence[Count] | None = None) -> int:
    """Hold the store's stock against ours; return in how many SKUs they differ.

    Copies here are those on hand less those that the store's own orders shall get. A SKU of which something
    is still on its way is not judged, nor one of an order that is cancelled here and, until somebody decides,
    not there: the store puts its copies back with the cancellation. What was a difference and is none any
    more is closed. Without `counts` all are taken now; what moved here since they were is left to the next
    time.
    """
    settings = tx.settings.online
    held = {c.subject: c for c in conflicts.of_kind(tx.conn, "stock")}
    if settings.stock_from_elsewhere or not settings.connected:
        for sku in held:
            conflicts.close_conflict(tx, "stock", sku)
        return 0
    left = conflicts.noted(tx.conn, "stock")
    found = 0
    for one in _counts(tx.conn) if counts is None else _unmoved(tx.conn, counts):
        if one.differ:
            found += 1
            _open(tx, one, held.get(one.sku) or left.get(one.sku))
        elif one.sku in held:
            conflicts.close_conflict(tx, "stock", one.sku)
    return found


def _unmoved(conn: Connection, counts: Sequence[Count]) -> list[Count]:
    on_hand = dict(_rows(conn, _ON_HAND, [one.sku for one in counts]))
    return [one for one in counts if on_hand.get(one.sku) == one.on_hand]


def _open(tx: Tx, one: Count, known: Conflict | None) -> None:
    here = max(0, one.here)
    if known is not None and (known.ours, known.theirs) == (str(here), str(one.there)):
        return
    made = Conflict(
        id="", kind="stock", subject=one.sku,
        sentence=f"{one.title}: {here} here can be sold, the store offers {one.there}.",
        ours=str(here), theirs=str(one.there), ours_at=tx.at, theirs_at=tx.at,
        rule="The shop's count holds here: the store's is an observation.", field="quantity",
    )  # fmt: skip
    conflicts.open_conflict(tx, made)


def stock_difference(conn: Connection, sku: str) -> int | None:
    """Return by how many copies the store's count of a SKU, as last seen, is below ours; negative is above.

    None while nobody can say: something of it is on its way, or was sent since the store was looked at.
    """
    found = _counts(conn, sku)
    return found[0].differ if found else None
