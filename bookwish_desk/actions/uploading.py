"""What goes up to the online store: rows posted with the fact they tell of, moved on by whoever sends them.

Posting is part of the action that makes the fact, so that neither is there without the other. Sending is
`sync.pushing`; what a person decides about a row is `actions.upload_deciding`, what the rows did in the end
`actions.uploaded`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from bookwish_desk.actions.action import action
from bookwish_desk.actions.upload_deciding import Verdict, decide
from bookwish_desk.actions.uploaded import Ended, finish
from bookwish_desk.db import conflicts, netbox, online
from bookwish_desk.db.link import query
from bookwish_desk.db.netbox import UploadCount, upload_of
from bookwish_desk.db.online import OrderLink
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import StockMove
from bookwish_desk.shop.online import Abilities, OnlineSale
from bookwish_desk.shop.order import Order, source_of
from bookwish_desk.shop.order_words import WORDS, Word, find_word, word
from bookwish_desk.shop.sold import Sale, SoldLine
from bookwish_desk.shop.upload import RefundUpload, SaleUpload, StatusUpload, StockUpload, Upload

__all__ = [
    "Ended", "UploadCount", "Verdict", "begin", "counted", "decide", "due", "finish", "items_for",
    "kept_here", "looked", "order_heard", "order_linked", "order_moved", "recover", "sale_link", "sale_made",
    "stock_moved", "tracked", "uncertain", "unfinished", "upload_of", "waiting_until",
]  # fmt: skip

TOLD = frozenset(("processing", "ready_for_pickup", "shipped", "delivered"))
"""The words that are sent. The others are the store's own, or a person's to send (a cancellation)."""

STOPPED = "The desk stopped while this was being sent. It may have arrived."
LATER = "A later one says it."
CANCELLED = "The order was cancelled here."
NO_REFUNDS = "The store takes no returns of counter sales. It stays here, for the bookkeeper."
NO_TRACKING = "The store wants a tracking number, and no parcel has one"

_abilities = msgspec.json.Decoder(Abilities)


# ---- sales and stock ----


def sale_made(tx: Tx, sale: Sale) -> None:
    """Post what the store is to hear of a completed sale, return or exchange, which names no customer.

    What was sold is one row. Returns are one a sale that they undo, where the store takes them; else the
    copies that came back go up as stock and the return stays here.
    """
    if not tx.settings.online.connected:
        return
    uploads: list[tuple[str, Upload]] = []
    if any(x.quantity > 0 for x in sale.lines):
        uploads.append((sale.id, SaleUpload(sale)))
    back = [x for x in sale.lines if x.quantity < 0]
    kept = back and _returned(tx, sale, back, uploads)
    netbox.post(tx, uploads, register=sale.register)
    if kept:
        netbox.post(tx, kept, register=sale.register, state="dropped", status=NO_REFUNDS)


def _returned(
    tx: Tx, sale: Sale, back: Sequence[SoldLine], uploads: list[tuple[str, Upload]]
) -> list[tuple[str, Upload]]:
    """Add what goes up of a return; return what stays here because the store cannot take it."""
    refunds = known_abilities(tx).refunds
    kept: list[tuple[str, Upload]] = []
    restocked: set[tuple[str, int]] = set()
    """Lines of earlier sales whose copies the store puts back by itself."""
    for of_sale in dict.fromkeys(x.of_sale for x in back):
        if of_sale and not _is_there(tx, of_sale):
            continue  # made before the store was connected: it never heard of the money
        if of_sale and refunds:
            uploads.append((of_sale, RefundUpload(sale, of_sale)))
            restocked |= _subtracted(tx, of_sale)
        else:
            kept.append((of_sale or sale.id, RefundUpload(sale, of_sale)))
    if not tx.settings.online.stock_from_elsewhere:
        # Damaged copies come and go at once.
        came: dict[str, int] = {}
        for x in back:
            if x.stocked and x.disposition != "damaged" and (x.of_sale, x.of_line) not in restocked:
                came[x.sku] = came.get(x.sku, 0) - x.quantity
        uploads += [(sku, StockUpload(sku, n, "return", sale.receipt)) for sku, n in came.items()]
    return kept


def _is_there(tx: Tx, sale_id: str) -> bool:
    """Say whether the store has a sale, or shall get it."""
    if online.has_sale(tx.conn, sale_id):
        return True
    # One that is done and unknown there was for an earlier store, or nothing in it was for this one.
    return any(job.state not in ("dropped", "done") for job in netbox.about(tx.conn, sale_id, "sale"))


def _subtracted(tx: Tx, sale_id: str) -> set[tuple[str, int]]:
    """Return the lines whose copies the store took off its stock by the sale: not those of orders."""
    rows = query(tx.conn, "SELECT no FROM sale_lines WHERE sale = ? AND of_order = ''", (sale_id,))
    return {(sale_id, int(no)) for (no,) in rows}


def known_abilities(tx: Tx) -> Abilities:
    """Return what the store could do when it was last asked, nothing while it never was."""
    text = online.mark(tx.conn, "abilities")
    try:
        return _abilities.decode(text) if text else Abilities()
    except msgspec.DecodeError:
        return Abilities()


def stock_moved(tx: Tx, moves: Iterable[StockMove]) -> None:
    """Post stock moves that the store does not learn otherwise: not those of sales or of its own orders.

    Which SKUs the store offers is seen when they are sent.
    """
    settings = tx.settings.online
    if settings.connected and not settings.stock_from_elsewhere:
        netbox.post(
            tx, ((m.sku, StockUpload(m.sku, m.quantity, m.cause, m.ref)) for m in moves if m.quantity)
        )


# ---- orders ----


def order_moved(tx: Tx, before: Order, after: Order, by: str, staff: str = "") -> None:
    """Post the store's word for an order of its own that has come further here.

    `by` is who moved it (`Step.by`): what the store said itself is no news to it. A step back cannot be
    told and a cancellation is a person's to send: either opens a conflict, ours set by `staff`.
    """
    found = _link(tx, after)
    if found is None:
        return
    if _word(before) != _word(after):
        _tell(tx, found, after, by, staff)
    elif tracked(before) != tracked(after) and by != "source":
        _renumbered(tx, found, after)


def _renumbered(tx: Tx, found: OrderLink, order: Order) -> None:
    """Let a word that has not gone up yet go with the number that a parcel has now."""
    ours = _word(order)
    unsent = {"new", "refused", "dead"}
    if ours is not None and any(j.state in unsent for j in netbox.about(tx.conn, order.id, "status")):
        netbox.supersede(tx, order.id, LATER)
        _post_word(tx, found, order, ours)


def order_linked(tx: Tx, order: Order, *, anew: bool = False) -> None:
    """Post what the store does not know yet of an order of its own, as it was heard of last.

    What was said once is not said again unless it is `anew`: a person wants ours to hold.
    """
    found = _link(tx, order)
    if found is not None:
        _tell(tx, found, order, order.cancelled_by or "store", "", anew=anew, moved=False)


def order_heard(tx: Tx, order: Order) -> None:
    """Close what is no difference any more now that the store was heard of; nothing is posted.

    Where it was said that an order is cancelled there, and it is not, people are asked again.
    """
    found, ours = _link(tx, order), _word(order)
    if found is None or ours is None:
        return
    if ours.key == "cancelled":
        _cancelled(tx, found, order, order.cancelled_by, "", heard_at=tx.at)
    elif _rank(order, ours.key) >= _rank(order, found.far.status):
        conflicts.close_conflict(tx, "back", order.id)


def _link(tx: Tx, order: Order) -> OrderLink | None:
    settings = tx.settings.online
    if not settings.connected or order.source != settings.source:
        return None
    try:
        return online.link_of(tx.conn, order.id)
    except msgspec.DecodeError:
        return None  # no reason to stop whoever works on it; the doctor tells


def _tell(
    tx: Tx, found: OrderLink, order: Order, by: str, staff: str, *, anew: bool = True, moved: bool = True
) -> None:
    """Post an order's word, or open or close what it contradicts; only a step that was `moved` goes back."""
    ours, far = _word(order), _known(order, found.far.status)
    if ours is None:
        return
    if ours.key == "cancelled":
        _cancelled(tx, found, order, by, staff)
        return
    said = netbox.about(tx.conn, order.id, "status")
    told_already = not anew and bool(said) and _told(said[-1]) == ours.key
    if not told_already:
        netbox.supersede(tx, order.id, LATER)
    under_way = [_rank(order, _told(job)) for job in said if job.state in ("sending", "uncertain")]
    there, here = max((_rank(order, found.far.status), *under_way)), _rank(order, ours.key)
    if here >= there:
        conflicts.close_conflict(tx, "back", order.id)
    elif moved and by != "source":
        _went_back(tx, found, order, ours, staff)
    cancelled_there = far is not None and far.key == "cancelled"
    if here > there and by != "source" and ours.key in TOLD and not (told_already or cancelled_there):
        _post_word(tx, found, order, ours)


def tracked(order: Order) -> tuple[str, str]:
    """Return tracking number and carrier of the first parcel that was shipped with one, else empty texts."""
    found = next((p for p in order.parcels if p.shipped_at and p.tracking), None)
    return (found.tracking, found.carrier) if found else ("", "")


def _post_word(tx: Tx, found: OrderLink, order: Order, ours: Word) -> None:
    tracking, carrier = tracked(order)
    upload = StatusUpload(order.id, ours.key, tracking, carrier)
    shipped = _rank(order, "shipped")
    passes = order.kind == "ship" and _rank(order, found.far.status) < shipped <= _rank(order, ours.key)
    if passes and not tracking:
        why = next((p.untracked for p in order.parcels if p.untracked), "")
        words = f"{NO_TRACKING}{f': {why}' if why else ''}. Say so in the store, then discard this."
        netbox.post(tx, [(order.id, upload)], state="refused", status=words)
    else:
        netbox.post(tx, [(order.id, upload)])


def _cancelled(
    tx: Tx, found: OrderLink, order: Order, by: str, staff: str, *, heard_at: int | None = None
) -> None:
    netbox.supersede(tx, order.id, CANCELLED)
    conflicts.close_conflict(tx, "back", order.id)
    there = _known(order, found.far.status)
    if there is not None and there.key == "cancelled":
        conflicts.close_conflict(tx, "cancel_there", order.id)
        return
    if by == "source" or netbox.about(tx.conn, order.id, "cancel"):
        return  # told by the store, or decided already
    decided = conflicts.last_decided(tx.conn, "cancel_there", order.id)
    if decided is not None and decided.closed_at >= (found.seen_at if heard_at is None else heard_at):
        return  # the store was not heard of since
    left = there is not None and there.key in ("shipped", "delivered")
    conflicts.open_conflict(
        tx,
        Conflict(
            id="",
            kind="cancel_there",
            subject=order.id,
            order_id=order.id,
            sentence=f"Order {order.number} was cancelled here. The store still has it.",
            ours="Cancelled" + (f": {order.cancel_reason}" if order.cancel_reason else ""),
            theirs=there.label if there else found.far.status,
            ours_by=staff,
            ours_at=order.cancelled_at,
            theirs_at=found.seen_at,
            rule="A cancellation is never sent by itself: the store gives the money back with it.",
            choices=("done_there",) if left else ("send", "done_there"),
        ),
    )


def _went_back(tx: Tx, found: OrderLink, order: Order, ours: Word, staff: str) -> None:
    there = _known(order, found.far.status)
    conflicts.open_conflict(
        tx,
        Conflict(
            id="",
            kind="back",
            subject=order.id,
            order_id=order.id,
            sentence=f"Order {order.number} went a step back here. The store cannot be told of that.",
            ours=ours.label,
            theirs=there.label if there else found.far.status,
            ours_by=staff,
            ours_at=tx.at,
            theirs_at=found.seen_at,
            rule="A step back is never sent to the store.",
            choices=("noted",),
        ),
    )


def _word(order: Order) -> Word | None:
    return word(order, source_of(order).vocabulary)


def _known(order: Order, text: str) -> Word | None:
    try:
        return find_word(source_of(order).vocabulary, text)
    except Refused:
        return None


def _rank(order: Order, text: str) -> int:
    """Return how far a word says that an order is; one that is not known says nothing."""
    words = WORDS[source_of(order).vocabulary]
    found = _known(order, text)
    return len(words) - words.index(found) if found is not None and found.key != "cancelled" else -1


def _told(job: Job) -> str:
    """Return the word that a row tells; one that cannot be read tells nothing, and holds no order up."""
    try:
        upload = upload_of(job)
    except msgspec.DecodeError:
        return ""
    return upload.word if isinstance(upload, StatusUpload) else ""


# ---- for whoever sends ----


def due(store: Store, most: int) -> tuple[Job, ...]:
    """Return rows whose time has come, in the order to send them; see `netbox.due`."""
    with store.read() as conn:
        return netbox.due(conn, store.clock(), most)


def waiting_until(store: Store) -> int | None:
    """Return when something is to be sent or looked up next, None for nothing."""
    with store.read() as conn:
        return netbox.next_moment(conn, store.clock())


def uncertain(store: Store) -> tuple[Job, ...]:
    """Return the rows of which nobody knows, and whose next look is due: see `looked`."""
    with store.read() as conn:
        return netbox.to_look_up(conn, store.clock())


def counted(store: Store) -> UploadCount:
    """Return how many rows wait, of how many nobody knows, how many wait for a person."""
    with store.read() as conn:
        return netbox.count(conn)


def unfinished(store: Store, most: int = 200) -> tuple[Job, ...]:
    """Return the rows that are stuck, then those that wait."""
    with store.read() as conn:
        return netbox.unfinished(conn, most)


def kept_here(store: Store, most: int = 200) -> tuple[Job, ...]:
    """Return the returns that the store could not take, the latest first: for the bookkeeper."""
    with store.read() as conn:
        return netbox.dropped(conn, "refund", NO_REFUNDS, most)


def items_for(store: Store, skus: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return by SKU the store's (inventory id, book id); SKUs that it does not offer are left out."""
    with store.read() as conn:
        return {sku: (item.id, item.book_id) for sku, item in online.items_by_sku(conn, skus).items()}


def sale_link(store: Store, sale_id: str) -> OnlineSale | None:
    """Return a sale as the store has it, None while it is not known to be there."""
    with store.read() as conn:
        return online.sale_link(conn, sale_id)


@action
def begin(tx: Tx, register: int, bodies: Sequence[tuple[str, bytes]], far_at: int = 0) -> frozenset[str]:
    """Commit `sending` with what is sent, before a byte leaves; return the ids that may be sent now.

    Left out is what somebody else took meanwhile. Of a row that was begun before, send `Job.body` again.
    `far_at` is what the store's clock showed last, 0 where it was never heard.
    """
    return frozenset(job_id for job_id, body in bodies if netbox.begin(tx, job_id, body, register, far_at))


@action
def recover(tx: Tx, register: int | None = None) -> int:
    """After a crash: of what a register (None: any) was sending nobody knows; say how many rows these are."""
    return netbox.stop(tx, register, STOPPED)


@action
def looked(tx: Tx, job_id: str, words: str, wait_ms: int, last: bool = False) -> None:
    """Count a look for an uncertain row that did not settle it, and look again after `wait_ms`.

    After `netbox.LOOKS` of them, or with `last`, a person decides.
    """
    wait = min(max(0, wait_ms), netbox.MOST_WAIT_MS)
    netbox.looked(tx, job_id, words, tx.at + wait, last=last)
