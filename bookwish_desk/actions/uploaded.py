"""How sending to the online store ended: states of rows, and what the store's answers say about our facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.db import conflicts, netbox, online, sales
from bookwish_desk.db.netbox import upload_of
from bookwish_desk.db.outbox import Job, State
from bookwish_desk.db.store import Tx
from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.online import OnlineItem, OnlineOrder, OnlineRefund, OnlineSale
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import CancelUpload, RefundUpload, SaleUpload, StatusUpload, untaxed_cents

EndState = Literal["done", "uncertain", "refused", "dead", "new"]

_OPEN: tuple[State, ...] = ("new", "sending", "uncertain")
_NOT_DONE: tuple[State, ...] = (*_OPEN, "refused", "dead", "dropped")
"""What the store was heard to have done is done, whatever a person decided meanwhile."""


class Ended(msgspec.Struct, frozen=True):
    """How sending a row ended, or looking for it: `words` for people, `wait_ms` until the next try or look.

    `value` is what the store has now. `attempt` is which try of the row it is about (`Job.attempts`), None
    for whichever; `maybe_at` is since when it may be there after all (`Job.maybe_at`), None for no news.
    """

    job_id: str
    state: EndState
    words: str = ""
    wait_ms: int = 0
    value: OnlineSale | OnlineRefund | OnlineOrder | OnlineItem | None = None
    attempt: int | None = None
    maybe_at: int | None = None


@action
def finish(tx: Tx, ends: Sequence[Ended], wanted: Callable[[], bool] = lambda: False) -> int:
    """Record how sending ended, all rows in one commit, with what the store's answers bring.

    A sale there is linked with ours, once; totals that differ open a conflict; our own change of an order
    is no news any more when it is read back. A try that ends late, after somebody else went on with the row,
    only counts where the store did it. Once somebody waits (`wanted`) it ends after the row at hand; return
    how many were recorded.
    """
    for count, ended in enumerate(ends, 1):
        job = netbox.by_id(tx.conn, ended.job_id)
        if job is not None:
            _end(tx, job, ended)
        if wanted():
            return count
    return len(ends)


def _end(tx: Tx, job: Job, ended: Ended) -> None:
    if ended.state != "done":
        if ended.attempt in (None, job.attempts):
            wait = min(max(0, ended.wait_ms), netbox.MOST_WAIT_MS)
            netbox.move(
                tx, job.id, ended.state, ended.words, was=_OPEN, next_try_at=tx.at + wait,
                maybe_at=ended.maybe_at,
            )  # fmt: skip
        return
    value, doubt = ended.value, ""
    if isinstance(value, OnlineSale) and job.kind == "sale":
        doubt = _link(tx, job, value)
    if doubt:
        netbox.move(tx, job.id, "uncertain", doubt, was=(*_NOT_DONE, "done"))
        netbox.looked(tx, job.id, doubt, tx.at, last=True)
        return
    if not netbox.move(tx, job.id, "done", ended.words, was=_NOT_DONE):
        return
    match value:
        case OnlineRefund():
            _compare_refund(tx, job, value)
        case OnlineOrder():
            _hear_echo(tx, job, value)
        case OnlineItem():
            online.keep_items(tx, [(value, online.skus_of(tx.conn, [value.id]).get(value.id, job.ref))])


# ---- sales ----


def _link(tx: Tx, job: Job, far: OnlineSale) -> str:
    """Link a sale with the store's, and return why that cannot be, or an empty text."""
    taken, mine = online.sale_of(tx.conn, far.id), online.sale_link(tx.conn, job.ref)
    name = far.number or far.id
    if taken and taken != job.ref:
        other = sales.by_id(tx.conn, taken)
        return f"The store's sale {name} is our sale {other.receipt if other else taken} already."
    if mine is not None and mine.id != far.id:
        return f"The store has this sale twice, as {mine.number or mine.id} and {name}. Remove one there."
    if not sales.is_sold(tx.conn, job.ref):
        return "This sale is not in the books any more."
    if mine is None:
        online.keep_sale(tx, job.ref, far)
        if (sale := _sale_of(tx, job)) is not None:
            _compare(tx, sale, far)
    return ""


def _sale_of(tx: Tx, job: Job) -> Sale | None:
    """Return the sale that a row sends, from the row itself where it can be read: it never changes."""
    try:
        upload = upload_of(job)
    except msgspec.DecodeError:
        return sales.by_id(tx.conn, job.ref)
    return upload.sale if isinstance(upload, SaleUpload) else None


def sold_cents(sale: Sale) -> int:
    """Return what was taken for what was sold in a sale: of an exchange without what came back."""
    if sale.kind == "sale":
        return sale.paid_cents
    return sum(x.total_cents for x in sale.lines if x.quantity > 0)


def _compare(tx: Tx, sale: Sale, far: OnlineSale) -> None:
    """Open a conflict where the store's total is not what was taken, or its goods cost something else."""
    ours, theirs, what = sold_cents(sale), far.total_cents, "total"
    prices = [x.price_cents for x in far.lines]
    if (theirs is None or theirs == ours) and far.lines and None not in prices:
        what = "price of the goods"
        ours = sum(untaxed_cents(sale, x) for x in sale.lines if x.quantity > 0)
        theirs = sum((x.price_cents or 0) * x.quantity for x in far.lines)
    if theirs is not None and theirs != ours:
        _variance(tx, sale, sale.id, f"sale {sale.receipt}", what, ours, theirs)


def _compare_refund(tx: Tx, job: Job, far: OnlineRefund) -> None:
    upload = upload_of(job)
    if isinstance(upload, RefundUpload):
        lines = [x for x in upload.sale.lines if x.quantity < 0 and x.of_sale == upload.of_sale]
        ours = -sum(x.total_cents for x in lines)
        if far.amount_cents != ours:
            name = f"return {upload.sale.receipt}"
            _variance(tx, upload.sale, job.id, name, "amount given back", ours, far.amount_cents)


def _variance(tx: Tx, sale: Sale, subject: str, name: str, what: str, ours: int, theirs: int) -> None:
    show = tx.settings.money.show
    conflicts.open_conflict(
        tx,
        Conflict(
            id="",
            kind="variance",
            subject=subject,
            sentence=f"The store has another {what} of {name}.",
            ours=show(ours),
            theirs=show(theirs),
            ours_by=sale.staff,
            ours_at=sale.completed_at,
            theirs_at=tx.at,
            rule="The receipt is what holds. Nothing is changed here or there.",
            field=what,
            body=f"{ours} {theirs}",
            choices=("noted",),
        ),
    )


# ---- orders ----


def _hear_echo(tx: Tx, job: Job, far: OnlineOrder) -> None:
    """Note that the store took our word for an order, and only that: other changes are still to be read."""
    found, upload = online.link_of(tx.conn, job.ref), upload_of(job)
    if found is None or found.far_id != far.id or not isinstance(upload, StatusUpload | CancelUpload):
        return
    word = upload.word if isinstance(upload, StatusUpload) else "cancelled"
    if far.status != word:
        return  # it is further already, or the store has another spelling: that is still to be read
    if _rest(far) == _rest(found.far):
        now = far
    else:
        now = replace(found.far, status=far.status, tracking=far.tracking, carrier=far.carrier, etag=far.etag)
    online.link(tx, tx.settings.online.source, job.ref, now)
    if word == "cancelled":
        conflicts.close_conflict(tx, "cancel_there", job.ref)


def _rest(far: OnlineOrder) -> OnlineOrder:
    """Return an order without what a change of its status changes."""
    return replace(far, status="", updated="", tracking="", carrier="", etag="")
