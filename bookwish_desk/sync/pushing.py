"""Sends the rows of the outbox to the online store: what each needs beforehand, and what its reply means.

`sending` is committed, with the very bytes of a sale, before the first byte leaves. No threads in here: who
carries the requests is `sync.lines`. What became of a row of which nobody knows is `sync.looking`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from bookwish_desk.actions import downloading, uploading
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop.errors import ShopError, StorageError
from bookwish_desk.shop.online import OnlineOrder
from bookwish_desk.shop.upload import Upload
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.lines import Lines
from bookwish_desk.sync.port import OnlineStore
from bookwish_desk.sync.reach import Reach
from bookwish_desk.sync.sending import FIRST_LOOK_MS, Flight, Known, Landed, Sending, known_of

log = logging.getLogger(__name__)

GROUP = 8
"""So many rows are begun, or ended, in one commit; fewer end where somebody waits for the books meanwhile."""
CHUNK = 64
"""So many rows are read from the outbox at once."""
NO_BYTE = "Nothing was sent."


class Pushing:
    """Sends rows through the port. One at work at a time; `stopped` ends it between two rows."""

    def __init__(
        self,
        port: OnlineStore,
        books: Books,
        lines: Lines,
        reach: Reach,
        register: int,
        chance: Callable[[], float],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._port = port
        self._books = books
        self._lines = lines
        self._reach = reach
        self._register = register
        self._sending = Sending(port, books, reach, chance)
        self._stopped = stopped
        self._landed: list[Landed] = []
        self._fault: ShopError | None = None

    def push(self, most: int) -> int:
        """Send up to `most` rows that are due; return how many ended. Raises ShopError of the books.

        What could not be written down is written before anything else is sent.
        """
        self._fault = None
        count = 0
        self._write_down()
        key = self._port.abilities.key
        if self._fault is None:
            for landed in self._lines.each(self._flights(most), GROUP if key else 0):
                self._landed.append(landed)
                count += 1
                if len(self._landed) >= GROUP:
                    self._write_down()
            self._write_down()
        if self._fault is not None:
            raise self._fault
        return count

    def _write_down(self) -> None:
        """Write down how rows ended; what cannot be written is kept for the next time."""
        while self._landed and self._fault is None:
            group = self._landed[:GROUP]
            try:
                self._take_in([landed.seen for landed in group if landed.seen is not None])
                self._end([landed.ended for landed in group])
            except ShopError as fault:
                self._fault = fault
                return
            del self._landed[: len(group)]

    def _end(self, ends: Sequence[Ended]) -> None:
        """Write down how rows ended; what cannot be said of one is no reason to forget the others."""
        rest = tuple(ends)
        try:
            while rest:
                ended = self._books.act(partial(uploading.finish, ends=rest, wanted=self._books.wanted))
                rest = rest[ended:]
            return
        except ShopError:
            raise
        except Exception:
            log.exception("event=bug ends=%d", len(rest))
        for one in rest:
            for tried in (one, replace(one, value=None)):
                try:
                    self._books.act(partial(uploading.finish, ends=(tried,)))
                    break
                except ShopError:
                    raise
                except Exception:
                    log.exception("event=bug end job=%s", one.job_id)

    def _take_in(self, seen: Sequence[OnlineOrder]) -> None:
        """Take in orders that were seen on the way. What cannot be merged is left to the next pass."""
        for order in seen:
            try:
                self._books.act(partial(downloading.apply_orders, orders=(order,)))
            except ShopError:
                raise
            except Exception:
                log.exception("event=bug order_seen")

    def _flights(self, most: int) -> Iterator[Callable[[], Landed]]:
        left = most
        while left > 0 and not self._ends_here():
            room = min(CHUNK, left)
            jobs = self._books.read(partial(uploading.due, most=room))
            if not jobs:
                return
            left -= len(jobs)
            yield from self._ready(jobs)
            # What ended without leaving must not be found due again.
            self._write_down()

    def _ends_here(self) -> bool:
        return self._fault is not None or self._stopped() or self._reach.holds

    def _ready(self, jobs: Sequence[Job]) -> Iterator[Callable[[], Landed]]:
        uploads = {job.id: upload for job in jobs if (upload := self._upload(job)) is not None}
        known = self._known(tuple(uploads.values()))
        size = GROUP if self._port.abilities.key else 1
        group: list[Flight] = []
        for job in jobs:
            if job.id not in uploads or self._ends_here():
                continue
            prepared = self._prepared(job, uploads[job.id], known)
            if isinstance(prepared, Flight):
                group.append(prepared)
            else:
                self._landed.append(_of_try(prepared, job.attempts))
            if len(group) >= size:
                yield from self._begun(group)
                group = []
        if group:
            yield from self._begun(group)

    def _begun(self, group: Sequence[Flight]) -> Iterator[Callable[[], Landed]]:
        """Commit that these leave, then let them; what does not leave after all is new again."""
        if self._ends_here():
            return
        bodies = [(flight.job.id, flight.body) for flight in group]
        if self._port.abilities.key and not self._reach.far_at:
            # Of what is sent under a key it is noted since when, by the store's clock, it may be there.
            self._reach.hear("", self._port.hear_clock())
            if self._ends_here():
                return
        far_at = self._reach.far_at
        moved = self._books.act(lambda s: uploading.begin(s, self._register, bodies, far_at))
        for flight in group:
            if flight.job.id not in moved:
                continue
            if self._ends_here():
                self._landed.append(_not_sent(flight.job))
            else:
                yield partial(self._carried, flight)

    def _carried(self, flight: Flight) -> Landed:
        """Send a row; where that breaks nobody knows what the store has. On any thread."""
        if self._ends_here():
            # The way broke while it waited for a line.
            return _not_sent(flight.job)
        try:
            landed = flight.go()
        except Exception:
            log.exception("event=bug push job=%s", flight.job.id)
            words = "Something went wrong while it was sent. The store may have it."
            landed = Landed(Ended(flight.job.id, "uncertain", words, wait_ms=FIRST_LOOK_MS))
        return _of_try(landed, flight.job.attempts + 1)

    # ---- getting ready: on the engine's thread, with the books ----

    def _known(self, uploads: Sequence[Upload]) -> Known | None:
        """Read what a group of rows needs; None where that fails: then each is asked about by itself."""
        try:
            return self._books.read(lambda s: known_of(s, uploads))
        except ShopError:
            raise
        except Exception:
            log.exception("event=bug known rows=%d", len(uploads))
            return None

    def _upload(self, job: Job) -> Upload | None:
        try:
            return uploading.upload_of(job)
        except Exception:
            log.exception("event=unreadable job=%s", job.id)
            dead = Landed(Ended(job.id, "dead", "It cannot be read any more."))
            self._landed.append(_of_try(dead, job.attempts))
            return None

    def _prepared(self, job: Job, upload: Upload, known: Known | None) -> Flight | Landed:
        try:
            found = known or self._books.read(lambda s: known_of(s, (upload,)))
            return self._sending.prepare(job, upload, found)
        except StorageError:
            raise
        except ShopError as fault:
            return Landed(Ended(job.id, "dead", fault.message))
        except Exception:
            log.exception("event=bug prepare job=%s", job.id)
            return Landed(Ended(job.id, "dead", "It could not be made ready: a fault of this program."))


def _of_try(landed: Landed, attempt: int) -> Landed:
    """Say of which try of its row an end is: somebody else may have gone on with it meanwhile."""
    return replace(landed, ended=replace(landed.ended, attempt=attempt))


def _not_sent(job: Job) -> Landed:
    """Return how a row ends that was begun and did not leave."""
    return _of_try(Landed(Ended(job.id, "new", NO_BYTE, maybe_at=job.maybe_at)), job.attempts + 1)
