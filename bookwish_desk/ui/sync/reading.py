"""What the Sync screen reads on a lane: one part with no more rows than are shown, and the counts of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bookwish_desk.settings import Settings
from bookwish_desk.shop.conflict import Kind
from bookwish_desk.shop.upload import CancelUpload, RefundUpload, StatusUpload, StockUpload, Upload
from bookwish_desk.ui.sync import differences, uploads
from bookwish_desk.ui.sync.state import MOST_ROWS, Card, Part, SyncRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bookwish_desk.db.outbox import Job, State
    from bookwish_desk.db.store import Store
    from bookwish_desk.db.sync_board import WaitingKind

STUCK: dict[Part, tuple[State, ...]] = {"uncertain": ("uncertain",), "refused": ("refused", "dead")}

EMPTY: dict[Part, str] = {
    "differences": "The shop and the store agree.",
    "uncertain": "Of everything that was sent it is known what became of it.",
    "refused": "The store refused nothing.",
    "waiting": "Nothing waits: everything is at the store.",
    "kept": "The store took every return.",
    "passes": "The store was not read yet.",
    "store": "",
}


ABOUT: dict[Part, str] = {
    "differences": "Where the shop and the store have something another way and no rule says who is right, it"
    " stands here with both values, and you decide.",
    "uncertain": "What was sent while the connection broke, so that nobody knows whether it arrived."
    " The store is looked at by itself; what is still not clear then is yours to decide.",
    "refused": "What the store did not take, with its own words. Nothing of it was done there.",
    "waiting": "What is on its way. It goes by itself, and is kept until it has arrived, however long that"
    " takes.",
    "kept": "Returns that this store cannot be told of: they are for the bookkeeper, to be entered there by"
    " hand.",
    "passes": "What was read of the store, and when.",
    "store": "What is known of the store.",
}
"""What stands in a part, for people who find it empty."""


class Ask(msgspec.Struct, frozen=True):
    """What to read: a part, or the one kind of differences gone into; why nothing can be looked up now."""

    part: Part = "differences"
    inside: Kind | None = None
    why_no_look: str = ""


class Board(NamedTuple):
    """A part as read: its rows and their cards by key, what lies beyond, and the counts of all parts."""

    rows: tuple[SyncRow, ...]
    cards: Mapping[str, Card]
    foot: str
    counts: Mapping[Part, int]
    waiting: Mapping[str, int]
    differing: Mapping[str, int]


def board(store: Store, ask: Ask, settings: Settings) -> Board:
    """Read a part. Rows of the parts "passes" and "store" are not in the books: they have none."""
    from bookwish_desk.db import netbox, sync_board

    now = store.clock()
    with store.read() as conn:
        count, waits = netbox.count(conn), sync_board.waiting(conn)
        differing = sync_board.difference_counts(conn)
        rows, cards, total = _part(store, conn, ask, settings, now, differing, waits)
    counts: dict[Part, int] = {
        "differences": sum(differing.values()),
        "uncertain": count.uncertain,
        "refused": count.refused,
        "waiting": count.waiting,
    }
    number = {**counts, "differences": total}.get(ask.part, 0)
    foot = f"The oldest {len(rows):,} of {number:,} are listed." if 0 < len(rows) < number else ""
    if ask.part == "waiting":
        foot = ""
    return Board(rows, cards, foot, counts, {w.kind: w.number for w in waits}, differing)


_Listed = tuple[tuple[SyncRow, ...], dict[str, Card], int]


def _part(
    store: Store,
    conn: Connection,
    ask: Ask,
    settings: Settings,
    now: int,
    differing: Mapping[str, int],
    waits: tuple[WaitingKind, ...],
) -> _Listed:
    if ask.part == "differences":
        return _differences(conn, ask.inside, settings, now, differing)
    if ask.part in STUCK or ask.part == "kept":
        return _stuck(store, conn, ask, settings, now)
    if ask.part == "waiting":
        oldest = {w.kind: uploads_of(w.oldest) for w in waits}
        names = names_of(conn, oldest.values(), now)
        rows = tuple(uploads.waiting_row(w, names, settings) for w in waits)
        return rows, {w.kind: uploads.waiting_card(w, oldest[w.kind], names, settings) for w in waits}, 0
    return (), {}, 0


def _differences(
    conn: Connection, inside: Kind | None, settings: Settings, now: int, differing: Mapping[str, int]
) -> _Listed:
    from bookwish_desk.db import people, sync_board

    staff = {p.id: p.name for p in people.staff(conn, left=True)}
    seen = differences.Seen(staff, now, differing, inside is not None)
    groups: list[Kind] = [] if inside else [
        k for k in differences.GROUPED if differing.get(k, 0) > differences.MOST_SINGLE
    ]  # fmt: skip
    kinds = [inside] if inside else [k for k in differences.KINDS if k not in groups and differing.get(k)]
    urgency = list(differences.KINDS)
    found = sorted(sync_board.differences(conn, kinds, MOST_ROWS), key=lambda c: urgency.index(c.kind))
    rows = [differences.row(c, seen, settings) for c in found]
    cards = {c.id: differences.card(c, seen, settings) for c in found}
    for kind in groups:
        made = differences.group_row(kind, differing[kind])
        rows.append(made)
        cards[made.key] = differences.group_card(kind, differing[kind])
    return tuple(rows), cards, sum(differing.get(k, 0) for k in kinds) + len(groups)


def _stuck(store: Store, conn: Connection, ask: Ask, settings: Settings, now: int) -> _Listed:
    from bookwish_desk.actions import uploading
    from bookwish_desk.db import sync_board

    if ask.part == "kept":
        jobs = uploading.kept_here(store, MOST_ROWS)
    else:
        jobs = sync_board.uploads(conn, STUCK[ask.part], MOST_ROWS)
    made = {job.id: uploads_of(job) for job in jobs}
    names = msgspec.structs.replace(names_of(conn, made.values(), now), why_no_look=ask.why_no_look)
    rows = tuple(uploads.row(job, made[job.id], names, settings) for job in jobs)
    return rows, {j.id: uploads.card(j, made[j.id], names, settings) for j in jobs}, len(jobs)


def uploads_of(job: Job) -> Upload | None:
    """Return what a row sends, None for one that cannot be read."""
    from bookwish_desk.actions.uploading import upload_of

    try:
        return upload_of(job)
    except msgspec.DecodeError:
        return None


def names_of(conn: Connection, sent: Iterable[Upload | None], now: int) -> uploads.Names:
    """Return what people call the things that are sent."""
    from bookwish_desk.db import lookup, orders, sales

    numbers: set[str] = set()
    skus: set[str] = set()
    earlier: set[str] = set()
    for upload in sent:
        match upload:
            case StatusUpload(order_id=order_id) | CancelUpload(order_id=order_id):
                numbers.add(order_id)
            case StockUpload(sku=sku):
                skus.add(sku)
            case RefundUpload(of_sale=of_sale) if of_sale:
                earlier.add(of_sale)
    receipts = {}
    for sale_id in sorted(earlier):
        sale = sales.by_id(conn, sale_id)
        if sale is not None:
            receipts[sale_id] = sale.receipt
    return uploads.Names(
        {o.id: o.number for o in orders.by_ids(conn, sorted(numbers))},
        {i.sku: i.title for i in lookup.by_skus(conn, sorted(skus))},
        receipts,
        now,
    )
