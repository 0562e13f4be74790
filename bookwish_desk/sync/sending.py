"""What each kind of row needs to be sent to the online store, how it is sent, and what the reply means.

Getting ready reads the books on the thread of whoever sends; what is sent then knows only the port. Which
rows are sent, and that `sending` is committed before, is `sync.pushing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import uploading
from bookwish_desk.actions.uploading import Ended, tracked
from bookwish_desk.db import netbox, online, orders, sales
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.shop import far_status
from bookwish_desk.shop.online import OnlineItem, OnlineOrder, OnlineSale
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import (
    CancelUpload,
    RefundUpload,
    SaleUpload,
    StatusUpload,
    StockUpload,
    Upload,
)
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.port import OnlineStore, Reply
from bookwish_desk.sync.reach import Reach, jittered

FIRST_LOOK_MS = 20_000
"""A request of which nobody knows may still arrive: it is looked for after this long."""
MOST_SAID = 400
LONG_AGO = "It may have arrived, and so long ago that the store may not know its key any more."
NOT_ASKED = "It may have arrived. The store could not be asked."
MOVED = "The store's number moved meanwhile; it is read again."


class Landed(msgspec.Struct, frozen=True):
    """How a row ended, and an order of the store that was seen on the way: it is taken in first."""

    ended: Ended
    seen: OnlineOrder | None = None


class StockBody(msgspec.Struct, frozen=True):
    """What is kept of a change of stock: what the store had before, to tell later whether it arrived.

    `had` is None where that was not read: the change has a key.
    """

    item: str
    delta: int
    had: int | None
    target: int
    updated: str = ""


class Flight(msgspec.Struct, frozen=True):
    """A row that is ready to leave: what is kept of it, and what sends it (on any thread)."""

    job: Job
    body: bytes
    go: Callable[[], Landed]


class Known(msgspec.Struct, frozen=True):
    """What the books know that a group of rows needs: items of the store by SKU, sales that are there."""

    items: dict[str, tuple[str, str]]
    sales: dict[str, OnlineSale]


_body = msgspec.json.Encoder()


class Sending:
    """Makes rows ready to leave, each by its kind."""

    def __init__(self, port: OnlineStore, books: Books, reach: Reach, chance: Callable[[], float]) -> None:
        self._port = port
        self._books = books
        self._reach = reach
        self._chance = chance

    def prepare(self, job: Job, upload: Upload, known: Known) -> Flight | Landed:
        """Return what sends a row, or how it ends without being sent."""
        if job.maybe_at and not isinstance(upload, StatusUpload | CancelUpload):
            holds = key_holds(self._port, self._reach, job)
            if holds is None:
                return Landed(self._later(job, NOT_ASKED))
            if not holds:
                return Landed(Ended(job.id, "uncertain", LONG_AGO))
        match upload:
            case SaleUpload():
                return self._sale(job, upload, known)
            case RefundUpload():
                return self._refund(job, upload, known)
            case StockUpload():
                return self._stock(job, upload, known)
            case StatusUpload() | CancelUpload():
                return self._status(job, upload)

    def _sale(self, job: Job, upload: SaleUpload, known: Known) -> Flight | Landed:
        there = known.sales.get(upload.sale.id)
        if there is not None:
            return Landed(Ended(job.id, "done", "The store has it already."))
        body = job.body or self._port.sale_body(upload, known.items.get)
        if not body:
            return Landed(Ended(job.id, "done", "Nothing in it is for the store."))
        sent = body

        def go() -> Landed:
            reply = self._reach.hear(job.id, self._port.send_sale(sent, job.id))
            return Landed(self._end(job, reply, self._port.abilities.key))

        return Flight(job, sent, go)

    def _refund(self, job: Job, upload: RefundUpload, known: Known) -> Flight | Landed:
        if not self._port.abilities.refunds:
            words = "This store takes no returns of counter sales: it stays here, for the bookkeeper."
            return Landed(Ended(job.id, "refused", words))
        sold = known.sales.get(upload.of_sale)
        original = self._books.read(lambda s: _sold_here(s, upload.of_sale))
        if sold is None or original is None:
            words = "The store does not have the sale that this return is of."
            return Landed(Ended(job.id, "refused", words))
        earlier = self._books.read(lambda s: _taken_back(s, upload.of_sale, job.id))
        body = job.body or self._port.refund_body(upload, original, sold, earlier)
        if not body:
            words = "This return cannot be told to the store: its lines are others, or it was free."
            return Landed(Ended(job.id, "refused", words))
        sent, sale_id = body, sold.id

        def go() -> Landed:
            reply = self._reach.hear(job.id, self._port.send_refund(sale_id, sent, job.id))
            return Landed(self._end(job, reply, self._port.abilities.key))

        return Flight(job, sent, go)

    def _stock(self, job: Job, upload: StockUpload, known: Known) -> Flight | Landed:
        able = self._port.abilities
        found = known.items.get(upload.sku)
        # A key holds for the line that it was sent for, whichever of several is offered first now.
        item_id = _item_sent(job) or (found[0] if found else "")
        if not item_id:
            return Landed(Ended(job.id, "done", "The store does not offer it."))
        if able.stock == "none":
            return Landed(Ended(job.id, "done", "The stock of this store is not changed from here."))
        if able.stock == "delta" and able.key:
            kept = _body.encode(StockBody(item_id, upload.delta, None, 0))
            return Flight(job, kept, lambda: self._adjusted(job, upload, item_id))
        # What the store has before is kept: only so can be told later whether the change arrived.
        reply = self._reach.hear(job.id, self._port.stock_item(item_id))
        if reply.value is None or reply.result != "done":
            return Landed(self._unread(job, reply))
        had = reply.value
        target = max(0, had.quantity + upload.delta)
        kept = _body.encode(StockBody(had.id, upload.delta, had.quantity, target, had.updated))
        if able.stock == "delta":
            return Flight(job, kept, lambda: self._adjusted(job, upload, had.id))
        if target == had.quantity:
            return Landed(Ended(job.id, "done", f"The store has {had.quantity} already.", value=had))
        return Flight(job, kept, lambda: self._replaced(job, had, target))

    def _replaced(self, job: Job, had: OnlineItem, target: int) -> Landed:
        """Read, write, read: a store that only takes numbers shows in between what others did."""
        before = had
        if self._port.abilities.stock == "absolute":
            again = self._reach.hear(job.id, self._port.stock_item(had.id))
            if again.value is None or again.result != "done":
                return Landed(self._unread(job, again))
            before = again.value
            if (before.quantity, before.updated) != (had.quantity, had.updated):
                return Landed(self._not_done(job, MOVED))
        reply = self._reach.hear(job.id, self._port.set_stock(before, target))
        if reply.result == "stale":
            return Landed(self._not_done(job, MOVED))
        ended = self._end(job, reply, False)
        after = self._reach.hear(job.id, self._port.stock_item(had.id)) if ended.state == "done" else None
        if after is None or after.value is None:
            return Landed(ended)
        words = f"{had.quantity} became {target}."
        if after.value.quantity != target:
            words += f" Right after that the store had {after.value.quantity}."
        return Landed(replace(ended, words=words, value=after.value))

    def _adjusted(self, job: Job, upload: StockUpload, item_id: str) -> Landed:
        reply = self._reach.hear(
            job.id,
            self._port.adjust_stock(
                item_id, upload.delta, upload.cause, key=job.id, reference=upload.reference or job.id
            ),
        )
        if reply.result == "not_offered" and self._port.abilities.stock != "delta":
            # It was found out just now: the next try goes the other way.
            return Landed(Ended(job.id, "new", said(reply), maybe_at=job.maybe_at))
        return Landed(self._end(job, reply, self._port.abilities.key))

    # ---- the status of orders ----

    def _status(self, job: Job, upload: StatusUpload | CancelUpload) -> Flight | Landed:
        found = self._books.read(lambda s: _far(s, upload.order_id))
        if found is None:
            return Landed(Ended(job.id, "done", "The store does not know this order."))
        far_id, shown, order = found
        kind = order.kind
        if isinstance(upload, StatusUpload) and not upload.tracking:
            # It may have been told since, and a person wants this sent again.
            upload = replace(upload, **dict(zip(("tracking", "carrier"), tracked(order), strict=True)))
        body = _body.encode(upload)
        return Flight(job, body, lambda: self._moved(job, upload, far_id, shown, kind))

    def _moved(
        self, job: Job, upload: StatusUpload | CancelUpload, far_id: str, shown: OnlineOrder, kind: str
    ) -> Landed:
        """Read, check, take the steps one by one, read again (API.md 7.4 where there is no precondition)."""
        word = upload.word if isinstance(upload, StatusUpload) else "cancelled"
        first = self._reach.hear(job.id, self._port.order(far_id))
        if first.value is None or first.result != "done":
            return Landed(self._unread(job, first))
        order, was = first.value, first.value.status
        if far_status.is_past(order.status, word, kind):
            return Landed(Ended(job.id, "done", f"The store has it as {order.status}.", value=order), order)
        if far_status.known(order.status) in far_status.FINAL:
            words = f"The store has it as {order.status}, which is final. Nothing was written."
            return Landed(Ended(job.id, "done", words, value=order), order)
        if order.status != shown.status:
            words = f"The store has it as {order.status} now: that is taken in first."
            return Landed(self._later(job, words), order)
        steps = far_status.path(order.status, word, kind)
        if not steps:
            words = f"The store has no way from {order.status} to {word}."
            return Landed(Ended(job.id, "refused", words))
        if "shipped" in steps and isinstance(upload, StatusUpload) and not upload.tracking:
            words = f"{uploading.NO_TRACKING}. Say so in the store, then discard this."
            return Landed(Ended(job.id, "refused", words), order)
        for step in steps:
            last = step == steps[-1]
            sent = self._step(job, upload, order, step, last=last)
            if sent.result != "done":
                return self._stopped_at(job, sent, word, kind, far_id)
            after = self._reach.hear(job.id, self._port.order(far_id))
            order = after.value or sent.value or order
            if far_status.is_past(order.status, word, kind):
                break
            if after.value is not None and far_status.known(order.status) != step:
                # Somebody else moved it, or the store only says that it did.
                return Landed(self._later(job, f"After {step} the store has {order.status}."), order)
        return Landed(Ended(job.id, "done", f"{was}, then {order.status}.", value=order), order)

    def _step(
        self, job: Job, upload: StatusUpload | CancelUpload, order: OnlineOrder, step: str, *, last: bool
    ) -> Reply[OnlineOrder]:
        # The number goes with the step that ships, which need not be the last one.
        ships = isinstance(upload, StatusUpload) and step == "shipped"
        return self._reach.hear(
            job.id,
            self._port.change_status(
                order,
                step,
                tracking=upload.tracking if isinstance(upload, StatusUpload) and ships else "",
                carrier=upload.carrier if isinstance(upload, StatusUpload) and ships else "",
                key=job.id if last else f"{job.id}-{step}",
            ),
        )

    def _stopped_at(self, job: Job, reply: Reply[OnlineOrder], word: str, kind: str, far_id: str) -> Landed:
        """Return how a row ends of which one step did not go through."""
        if reply.result in ("stale", "refused"):
            now = reply.value
            if now is None:
                now = self._reach.hear(job.id, self._port.order(far_id)).value
            if now is not None and far_status.is_past(now.status, word, kind):
                return Landed(Ended(job.id, "done", f"The store has it as {now.status}.", value=now), now)
            if reply.result == "stale":
                return Landed(self._later(job, "The order moved meanwhile; it is read again."), now)
            return Landed(Ended(job.id, "refused", said(reply)), now)
        # A step is only repeated after a fresh read, so that with or without a key it does nothing twice.
        return Landed(self._end(job, reply, self._port.abilities.key))

    # ---- what a reply means ----

    def _end(self, job: Job, reply: Reply[Any], key: bool) -> Ended:
        """Return how a row ends by the reply to it; with a `key` it can be repeated harmlessly."""
        match reply.result:
            case "done":
                return Ended(job.id, "done", said(reply), value=reply.value)
            case "not_sent" | "signed_out":
                return Ended(job.id, "new", said(reply), maybe_at=job.maybe_at)
            case "limited":
                return Ended(job.id, "new", said(reply), wait_ms=reply.wait_ms, maybe_at=job.maybe_at)
            case "stale":
                return self._not_done(job, said(reply))
            case "unknown" if key:
                return self._later(job, said(reply))
            case "unknown":
                return Ended(job.id, "uncertain", said(reply), wait_ms=FIRST_LOOK_MS)
            case "not_offered" | "refused" | "gone":
                words = said(reply) or "The store has no such thing."
                return Ended(job.id, "refused", words, maybe_at=job.maybe_at)

    def _unread(self, job: Job, reply: Reply[Any]) -> Ended:
        """Return how a row ends of which only a read failed: nothing was written."""
        if reply.result in ("not_sent", "signed_out", "limited"):
            return self._end(job, reply, True)
        if reply.result in ("refused", "gone", "not_offered"):
            return Ended(job.id, "refused", said(reply), maybe_at=job.maybe_at)
        return self._not_done(job, said(reply))

    def _not_done(self, job: Job, words: str) -> Ended:
        """Return how a row ends whose try certainly did nothing there: it is no more there than before."""
        return replace(self._later(job, words), maybe_at=job.maybe_at)

    def _later(self, job: Job, words: str) -> Ended:
        return Ended(job.id, "new", words, wait_ms=jittered(job.attempts, self._chance))


def key_holds(port: OnlineStore, reach: Reach, job: Job) -> bool | None:
    """Say whether what may be there does nothing twice when it is sent again under its key.

    The store keeps a key only for a time, so its clock is heard first. None: it could not be asked.
    """
    able = port.abilities
    if not able.key or (job.kind == "stock" and able.stock != "delta"):
        return False
    if job.maybe_at > netbox.SOME_TIME and not reach.knows_far_clock:
        reply = reach.hear(job.id, port.hear_clock())
        if reply.result in ("not_sent", "limited", "signed_out", "unknown"):
            return None
    return reach.certain(job.maybe_at, able.key_kept_ms)


def _item_sent(job: Job) -> str:
    """Return which line of the store's stock a change may have been sent for already."""
    if not job.maybe_at or not job.body:
        return ""
    try:
        return msgspec.json.decode(job.body, type=StockBody).item
    except msgspec.MsgspecError:
        return ""


def said(reply: Reply[Any]) -> str:
    """Return what is kept of a reply: its words, shortened."""
    return reply.words[:MOST_SAID]


def known_of(store: Store, uploads: Sequence[Upload]) -> Known:
    """Read what a group of rows needs."""
    skus = {line.sku for u in uploads if isinstance(u, SaleUpload) for line in u.sale.lines}
    skus |= {u.sku for u in uploads if isinstance(u, StockUpload)}
    sold = {u.sale.id for u in uploads if isinstance(u, SaleUpload)}
    sold |= {u.of_sale for u in uploads if isinstance(u, RefundUpload)}
    items = uploading.items_for(store, sorted(skus)) if skus else {}
    with store.read() as conn:
        sales = {sale_id: there for sale_id in sold if (there := online.sale_link(conn, sale_id)) is not None}
    return Known(items, sales)


def _far(store: Store, order_id: str) -> tuple[str, OnlineOrder, Order] | None:
    """Return the store's id of an order, how it was last shown, and the order here."""
    with store.read() as conn:
        found = online.far_of(conn, order_id)
        return None if found is None else (*found, orders.load(conn, order_id))


def _taken_back(store: Store, sale_id: str, but: str) -> tuple[RefundUpload, ...]:
    """Return the returns of a sale that the store has taken, in the order in which it did."""
    with store.read() as conn:
        found = [x for x in netbox.about(conn, sale_id, "refund") if x.state == "done" and x.id != but]
    uploads = (uploading.upload_of(job) for job in sorted(found, key=lambda x: (x.sent_at, x.id)))
    return tuple(x for x in uploads if isinstance(x, RefundUpload))


def _sold_here(store: Store, sale_id: str) -> Sale | None:
    with store.read() as conn:
        return sales.by_id(conn, sale_id)
