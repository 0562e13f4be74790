"""Finds out what became of rows of which nobody knows: by the same key again, or by reading the store.

Money, stock and credit are never sent a second time by what happens in here, except under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import uploading
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db import netbox, online
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.online import OnlineSale
from bookwish_desk.shop.upload import (
    CancelUpload,
    RefundUpload,
    SaleUpload,
    StatusUpload,
    StockUpload,
    reference,
)
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.port import OnlineStore
from bookwish_desk.sync.reach import Reach
from bookwish_desk.sync.sending import NOT_ASKED, StockBody, key_holds, said

log = logging.getLogger(__name__)

AGAIN_MS = 150_000
"""Looks in vain are so far apart: three of them are spread over five minutes."""
SOON_MS = 3_000
"""A clock that could not be asked for is asked for again after this long, unless the way is down."""
AROUND_MS = 10 * 60_000
"""A sale is looked for from so long before it was sent to so long after, by the server's clock."""
FAR_AROUND_MS = 26 * 3_600_000
"""Before a look is the last, a sale is looked for in so much more: a clock may have been a day off."""
PAGE = 50
MOST_PAGES = 40
NO_WAY = "The store has no way to look it up. Somebody has to decide."
SAME_KEY = "It is sent again under the same key."
NOT_FOUND = "It was looked for and is not there."


class Looking:
    """Looks up rows through the port, one after the other."""

    def __init__(self, port: OnlineStore, books: Books, reach: Reach, clock: Callable[[], int]) -> None:
        self._port = port
        self._books = books
        self._reach = reach
        self._clock = clock
        self._tried: dict[str, int] = {}

    def look(self, account: str = "", most: int = 20) -> int:
        """Look up rows whose look is due; return for how many it could be done.

        `account` is who sends from here: a sale of somebody else is not ours.
        """
        count = 0
        for job in self._books.read(uploading.uncertain)[:most]:
            if self._reach.holds:
                break
            if self._waits(job.id):
                continue
            count += self.look_up(job, account)
        return count

    def _waits(self, job_id: str) -> bool:
        """Say whether looking failed a moment ago: the row itself counts only looks that told something."""
        return 0 <= self._clock() - self._tried.get(job_id, -AGAIN_MS) < AGAIN_MS // 5

    def look_up(self, job: Job, account: str = "") -> bool:
        """Look up one row now; False: the store could not be asked. Raises ShopError of the books."""
        try:
            told = self._look(job, account)
        except ShopError:
            raise
        except Exception:
            log.exception("event=bug look job=%s", job.id)
            self._park(job, "It cannot be looked up: a fault of this program. Somebody has to decide.")
            return True
        if told:
            self._tried.pop(job.id, None)
        else:
            self._tried[job.id] = self._clock()
        return told

    def _look(self, job: Job, account: str) -> bool:
        upload = uploading.upload_of(job)
        if isinstance(upload, StatusUpload | CancelUpload):
            # Sending a status begins with a fresh read, and goes on only from there.
            return self._end(job, Ended(job.id, "new", "It is read again before anything is written."))
        holds = key_holds(self._port, self._reach, job)
        if holds is None:
            return self._end(job, Ended(job.id, "uncertain", NOT_ASKED, wait_ms=SOON_MS))
        if holds:
            return self._end(job, Ended(job.id, "new", SAME_KEY))
        match upload:
            case StockUpload():
                return self._stock(job, guarded=self._port.abilities.stock == "cas")
            case SaleUpload():
                return self._sale(job, upload, account)
            case RefundUpload():
                return self._park(job, NO_WAY)

    def _end(self, job: Job, ended: Ended) -> bool:
        told = replace(ended, attempt=job.attempts)
        self._books.act(lambda s: uploading.finish(s, (told,)))
        return True

    def _vain(self, job: Job, words: str) -> bool:
        self._books.act(lambda s: uploading.looked(s, job.id, words, AGAIN_MS))
        return True

    def _park(self, job: Job, words: str) -> bool:
        """Leave a row to a person: looking further is of no use."""
        self._books.act(lambda s: uploading.looked(s, job.id, words, AGAIN_MS, last=True))
        return True

    # ---- counter sales (API.md 7.3) ----

    def _sale(self, job: Job, upload: SaleUpload, account: str) -> bool:
        if self._port.abilities.reference:
            reply = self._reach.hear(job.id, self._port.sale_by_reference(reference(upload.sale)))
            if reply.result == "not_offered":
                return self._park(job, NO_WAY)
            if reply.value is None or reply.result != "done":
                return False
            found = reply.value
        else:
            around = self._fitting(job, upload, account, AROUND_MS)
            if around is None:
                return False
            found = around
        free = self._unlinked(found)
        if len(free) == 1:
            words = f"It was found: {free[0].number or free[0].id}."
            return self._end(job, Ended(job.id, "done", words, value=free[0]))
        if free:
            return self._park(job, f"{len(free)} sales like it are there. Somebody has to see which is it.")
        if job.looks + 1 >= netbox.LOOKS:
            # The clock may have been put since it was sent, or our number was none that the store took then.
            # Before anybody sends it again it is looked for all around, but what is found there is only
            # shown: another sale may be just the same.
            wide = self._fitting(job, upload, account, FAR_AROUND_MS)
            if wide is None:
                return False
            ours = ("", reference(upload.sale))
            if self._unlinked(tuple(x for x in wide if x.reference in ours)):
                return self._park(
                    job, "A sale like it is there, at another time. Somebody has to see if it is it."
                )
        return self._vain(job, NOT_FOUND)

    def _fitting(
        self, job: Job, upload: SaleUpload, account: str, around_ms: int
    ) -> tuple[OnlineSale, ...] | None:
        """Return the sales of an account there that are just what was sent; None: they cannot be read.

        Where just what was sent is not known (a backup was put back) it is put together anew.
        """
        around = self._sales_around(job, around_ms)
        if around is None:
            return None
        body = job.body or self._body(upload)
        fitting = (sale for sale in around if self._port.sale_fits(body, sale))
        return tuple(s for s in fitting if not account or not s.staff or s.staff == account)

    def _body(self, upload: SaleUpload) -> bytes:
        skus = sorted({line.sku for line in upload.sale.lines})
        items = self._books.read(lambda s: uploading.items_for(s, skus))
        return self._port.sale_body(upload, items.get) or b""

    def _unlinked(self, found: tuple[OnlineSale, ...]) -> list[OnlineSale]:
        """Return those of the store's sales that are none of ours yet."""
        taken = self._books.read(lambda s: _linked(s, [sale.id for sale in found]))
        return [sale for sale in found if sale.id not in taken]

    def _sales_around(self, job: Job, around_ms: int) -> tuple[OnlineSale, ...] | None:
        """Return the store's sales around the moment at which a row was sent; None where it cannot be asked.

        A clock that was put since makes the window wider: the row was sent before it was looked for. Where
        it is not known when it was sent, that was between when it was made and now.
        """
        far_now = self._clock() + self._reach.off_ms
        sent = job.sent_at + self._reach.off_ms if job.sent_at else far_now
        made = sent if job.sent_at else job.created_at + self._reach.off_ms
        if self._port.abilities.key and job.maybe_at > netbox.SOME_TIME:
            made = min(made, job.maybe_at)  # it was sent several times under its key
        first = min(made, sent, far_now) - around_ms
        found: list[OnlineSale] = []
        offset = 0
        for _ in range(MOST_PAGES):
            reply = self._reach.hear(job.id, self._port.sales_between(first, sent + around_ms, offset, PAGE))
            if reply.result == "not_offered":
                self._park(job, NO_WAY)
                return None
            if reply.value is None or reply.result != "done":
                return None
            page = reply.value
            found.extend(page.sales)
            offset += len(page.sales) + page.skipped
            if not page.more or not (page.sales or page.skipped):
                break
        return tuple(found)

    # ---- stock ----

    def _stock(self, job: Job, *, guarded: bool) -> bool:
        try:
            kept = msgspec.json.decode(job.body, type=StockBody)
        except msgspec.MsgspecError:
            return self._park(job, NO_WAY)
        if kept.had is None:
            return self._park(job, NO_WAY)
        reply = self._reach.hear(job.id, self._port.stock_item(kept.item))
        if reply.result in ("refused", "gone", "not_offered"):
            return self._park(job, f"{NO_WAY} {said(reply)}".strip())
        if reply.value is None or reply.result != "done":
            return False
        now = reply.value
        moved = bool(now.updated) and now.updated != kept.updated
        before = now.quantity == kept.had and not moved
        if now.quantity == kept.target and not before:
            words = f"It was found: {kept.had} became {now.quantity}."
            return self._end(job, Ended(job.id, "done", words, value=now))
        if before and guarded:
            words = "The store has what it had; it is sent again."
            return self._end(job, Ended(job.id, "new", words, maybe_at=0))
        if before:
            return self._vain(job, f"The store still has {now.quantity}.")
        words = f"The store had {kept.had} before and has {now.quantity} now: it may have arrived."
        return self._park(job, words)


def _linked(store: Store, far_ids: list[str]) -> dict[str, str]:
    with store.read() as conn:
        return online.linked_sales(conn, far_ids)


def row(store: Store, job_id: str) -> Job | None:
    """Return a row of which nobody knows, None where it is no such one."""
    with store.read() as conn:
        found = netbox.by_id(conn, job_id)
    return found if found is not None and found.state == "uncertain" else None
