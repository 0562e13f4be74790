"""Importing lists of goods: streams a file into the catalogue, and then into the shop's items.

A list is staged first; one transaction makes the new catalogue of the old one and the list; then the
shop's items follow in small transactions, and the search index is brought up to date. Killed or cancelled
before that one transaction is through, nothing was changed; afterwards all titles are in, and
`finish_import` goes on with what is left: items that have yet to follow, and the index. Importing a list
again changes nothing.
"""

from __future__ import annotations

import csv
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO

import msgspec
from msgspec.structs import replace
from sqlalchemy import select

from bookwish_desk.actions import following, listing, lists
from bookwish_desk.actions.following import Act, Debt, Following
from bookwish_desk.actions.listing import Listed, Source
from bookwish_desk.actions.lists import ListFile, Look, Plan, Reading, look
from bookwish_desk.db import engine, filling, indexing, owed, tables
from bookwish_desk.db import folder as place
from bookwish_desk.db.filling import Fill
from bookwish_desk.db.merging import Merge
from bookwish_desk.db.passing import Passing
from bookwish_desk.db.staging import Stage, staged
from bookwish_desk.db.store import Store
from bookwish_desk.shop.catalogue import Batch
from bookwish_desk.shop.csv_text import guarded
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.import_words import LEFT
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import ImportReport, RejectedRow, TitleRow, refused_row

__all__ = ["Look", "Phase", "Plan", "Progress", "finish_import", "look", "run_import"]

log = logging.getLogger(__name__)

Phase = Literal["reading", "merging", "items", "indexing"]

CHUNK = 5_000
"""Rows that are staged at once."""

_PROBLEMS = 20
_OPS = 200_000  # steps of the database between two questions whether to go on


class Progress(msgspec.Struct, frozen=True):
    """How far an import is: its phase, rows done in it, per cent of it, and how fast it goes."""

    phase: Phase
    rows: int
    per_cent: int
    rows_per_second: int = 0
    seconds_left: int | None = None


Tell = Callable[[Progress], None]
Asks = Callable[[], bool]


class Sieve(Protocol):
    """What takes rows of a list of the trade without their being staged, as far as it can."""

    added: int
    repaired: int

    def take(self, batch: Batch) -> list[TitleRow | RejectedRow]:
        """Take what it can of a batch and return the other rows."""

    def settle(self) -> None:
        """Stage after all what another row of the list is about too."""


@contextmanager
def _the_rest() -> Iterator[None]:
    """Say of what cannot be written, now that the new catalogue is in, that only the rest is missing."""
    try:
        yield
    except StorageError as fault:
        room = " Free some space first." if fault.code == "disk_full" else ""
        raise StorageError(fault.code, f"Not everything could be written. {LEFT}{room}") from fault


class _Cancelled(Exception):
    """Somebody wants the import to end, and nothing was changed yet."""


def run_import(
    store: Store,
    plan: Plan,
    *,
    actor: Actor | None = None,
    progress: Tell | None = None,
    cancelled: Asks | None = None,
    act: Act | None = None,
) -> ImportReport:
    """Import a list: new titles are added, what the list says replaces what was known.

    Its stock is the opening stock of items that have never moved, and leaves all others alone. A list that
    `counts` sets what stands on the shelf now and the shop's own prices: the difference to what is on hand
    is moved, with the cause "count", and a code that the catalogue does not know needs a title in its row.
    Without `actor` (the command line) nobody is asked for permission; `act` is `lanes.write_now` where
    there are lanes. `cancelled` before the new catalogue is in leaves the old one; afterwards it leaves the
    rest to `finish_import`. What an earlier import has left is done first. Raises Refused when it is no list
    or another one is being imported, NeedsApproval, StorageError; then nothing was changed. But where the
    new catalogue is in, and a full disk or a cancel (Refused with the code "left") keeps items from
    following it, they follow with the next import or start of the desk.
    """
    do = act or following.at_once(store)
    if actor is not None:
        do(lambda s: listing.allow(s, actor, plan.counts))
    source = Source(
        id=new_id(),
        file=clean(plan.path.name, 100),
        staff=actor.staff if actor else "",
        register=actor.register if actor else 1,
        counts=plan.counts,
    )
    trims = True
    try:
        with _Refusals(store, plan.path) as refusals:
            run = _Run(store, source, do, refusals, _Pace(progress), cancelled or (lambda: False))
            try:
                report = run.whole(plan)
            except BaseException as fault:
                refusals.drop()
                if isinstance(fault, _Cancelled):
                    return ImportReport(read=run.read, complete=False)
                raise
        with _the_rest():
            finish_import(store, act=do, progress=progress, cancelled=cancelled)
        return report
    except Refused as refused:
        # Whoever imports just now trims in the end: waiting for that here took a minute and a half.
        trims = refused.code != "busy"
        raise
    finally:
        if trims:
            store.trim_catalogue()


def finish_import(
    store: Store, *, act: Act | None = None, progress: Tell | None = None, cancelled: Asks | None = None
) -> int:
    """Go on with what an import has left: the shop's items, and then the search index.

    Returns how many titles the index took in. May be broken off at any time: it goes on where it stopped.
    Raises StorageError.
    """
    stopped = cancelled or (lambda: False)
    with store.read() as conn:
        waiting, owes = indexing.left(conn), owed.owing(conn) is not None
    if not waiting and not owes:
        return 0
    try:
        with place.claim_import(store.folder):
            if not following.settle(store, act or following.at_once(store), stopped):
                return 0
            return _write_index(store, waiting, _Pace(progress), stopped) if waiting else 0
    except Refused as busy:
        log.info("event=import_left code=%s", busy.code)  # whoever imports just now finishes it
        return 0


def _write_index(store: Store, waiting: int, pace: _Pace, cancelled: Asks) -> int:
    done = 0
    pace.begin("indexing")
    while not cancelled():
        with store.write_catalogue() as conn:
            written = indexing.write_words(conn)
        if not written:
            break
        done += written
        pace.tell(done, min(99, 100 * done // waiting))
    else:
        return done
    unordered = True
    while unordered and not cancelled():
        with store.write_catalogue() as conn:
            unordered = indexing.close_build(conn)
    pace.tell(done, 100)
    return done


class _Pace:
    """Tells how far an import is, how fast it goes and how long it takes at that rate."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._phase: Phase = "reading"
        self._since = time.monotonic()

    def begin(self, phase: Phase) -> None:
        """Come to another phase."""
        self._phase, self._since = phase, time.monotonic()
        self.tell(0, 0)

    def tell(self, rows: int, per_cent: int) -> None:
        """Say how far the phase is."""
        if self._tell is not None:
            spent = time.monotonic() - self._since
            rate = round(rows / spent) if spent and self._phase != "merging" else 0
            left = round(spent * (100 - per_cent) / per_cent) if per_cent else None
            self._tell(Progress(self._phase, rows, per_cent, rate, left))


class _Run:
    """One import on its way: where it is written, what became of its rows, and how far it is."""

    def __init__(
        self, store: Store, source: Source, do: Act, refusals: _Refusals, pace: _Pace, cancelled: Asks
    ) -> None:
        self._store = store
        self._source = source
        self._do = do
        self._refusals = refusals
        self._pace = pace
        self._cancelled = cancelled
        self._counts: Counter[str] = Counter()
        self.read = 0

    def whole(self, plan: Plan) -> ImportReport:
        """Stage the list, merge it into the catalogue, let the shop's items follow; return what was done."""
        with place.claim_import(self._store.folder):
            if not following.settle(self._store, self._do, self._cancelled):
                raise _Cancelled
            items, report = self._import(plan)
            with _the_rest():
                items.finish(report)
        return report

    def _import(self, plan: Plan) -> tuple[Following, ImportReport]:
        settings = self._store.settings
        classes = following.classes(settings)
        with (
            ListFile(plan.path, self._go_on) as file,
            self._store.import_catalogue() as driver,
            staged(driver, self._store.folder) as stage,
        ):
            reading = lists.read(plan, file, settings)
            sieve: Sieve | None = None
            if reading.batches and not plan.counts and filling.OF_SHOP.isdisjoint(reading.fields):
                fills = filling.fits(driver, reading.fields)
                sieve = Fill(stage, reading.fields, classes) if fills else Passing(stage, reading.fields)
            self._take(plan, reading, file, stage, sieve)
            with _Stoppable(driver, self._cancelled):
                self._settle(stage, sieve, reading.later_counts)
                merge = Merge(stage, classes, counts=plan.counts, owned=self._owned())
                debt = self._merge(merge, stage, file.sha256)
            items = Following(self._store, self._do, debt, lambda rows: self._refuse_late(stage, rows))
            with _the_rest():
                self._follow(items)
                self._refusals.finish(stage.refused())
            found = self._refusals
            return items, replace(items.report, report_path=found.path, problems=tuple(found.first))

    def _owned(self) -> list[int]:
        with self._store.read() as conn:
            owned = conn.execute(select(tables.items.c.ean).where(tables.items.c.ean.is_not(None))).scalars()
            return [ean for ean in owned if ean is not None]

    # Reading

    def _go_on(self) -> None:
        if self._cancelled():
            raise _Cancelled

    def _take(self, plan: Plan, reading: Reading, file: ListFile, stage: Stage, sieve: Sieve | None) -> None:
        self._pace.begin("reading")
        for read, chunk in _sifted(reading, sieve):
            self._go_on()
            self.read += read
            good = [row for row in chunk if isinstance(row, TitleRow)]
            if len(good) < len(chunk):
                self._refuse(stage, [row for row in chunk if isinstance(row, RejectedRow)])
            if plan.counts:
                empty = [row for row in good if row.stock is None and row.stocked]
                self._refuse(stage, [refused_row(r.line, r.raw, "There is no count.") for r in empty])
                good = [row for row in good if row.stock is not None or not row.stocked]
            if good:
                stage.add(good, reading.fields)
            self._pace.tell(self.read, file.per_cent)

    def _settle(self, stage: Stage, sieve: Sieve | None, later_counts: bool) -> None:
        if sieve is not None:
            sieve.settle()
            self._counts.update(added=sieve.added, repaired=sieve.repaired)
        refused = stage.settle(later_counts=later_counts)
        while some := list(islice(refused, CHUNK)):
            self._refuse(stage, some)
            self._counts["superseded"] += len(some) * later_counts

    def _refuse(self, stage: Stage, rows: Sequence[RejectedRow]) -> None:
        if rows:
            self._refusals.begin()
            stage.refuse(rows)
            self._counts["rejected"] += len(rows)

    # The catalogue

    def _merge(self, merge: Merge, stage: Stage, digest: str) -> Debt:
        self._pace.begin("merging")
        merge.work_out(lambda per_cent: self._pace.tell(self.read, per_cent))
        debt = Debt(self._source, digest, self._report(merge, stage))
        merge.owe(msgspec.json.encode(debt))
        self._go_on()
        # What is kept here only costs an item its dependence on a price that is about to go.
        ending = merge.ending()
        for start in range(0, len(ending), following.CHUNK):
            some = ending[start : start + following.CHUNK]
            self._do(lambda store, some=some: listing.keep_prices(store, some))  # type: ignore[misc]
        merge.commit()
        return debt

    def _report(self, merge: Merge, stage: Stage) -> ImportReport:
        counts = self._counts
        added, updated = counts["added"] + merge.added, merge.updated
        return ImportReport(
            read=self.read,
            added=added,
            updated=updated,
            unchanged=self.read - added - updated - counts["rejected"],
            repaired=counts["repaired"] + stage.repaired(),
            rejected=counts["rejected"],
            removed=merge.removed,
            superseded=counts["superseded"],
        )

    # The shop's items

    def _follow(self, items: Following) -> None:
        self._pace.begin("items")
        if not items.go_on(self._cancelled, self._pace.tell):
            raise Refused("left", LEFT)

    def _refuse_late(self, stage: Stage, rows: Sequence[Listed]) -> None:
        if rows:
            self._refusals.begin()
            reasons = {row.line: row.reason for row in rows}
            stage.refuse([refused_row(row.line, row.raw, reasons[row.line]) for row in stage.rows(reasons)])


def _sifted(reading: Reading, sieve: Sieve | None) -> Iterator[tuple[int, list[TitleRow | RejectedRow]]]:
    """Yield how many rows were read, and those of them that are left to be staged or refused."""
    if sieve is None or reading.batches is None:
        while chunk := list(islice(reading.rows, CHUNK)):
            yield len(chunk), chunk
        return
    read, left = 0, []
    for batch in reading.batches:
        read += batch.size
        left += sieve.take(batch)
        if read >= CHUNK:
            yield read, left
            read, left = 0, []
    yield read, left


class _Stoppable:
    """Lets somebody cancel while the database works; its way of saying so becomes ours."""

    def __init__(self, driver: Any, cancelled: Asks) -> None:
        self._driver = driver
        self._cancelled = cancelled
        self._stopped = False

    def __enter__(self) -> None:
        def ask() -> bool:
            self._stopped = self._stopped or self._cancelled()
            return self._stopped

        self._driver.set_progress_handler(ask, _OPS)

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        self._driver.set_progress_handler(None, 0)
        if self._stopped and isinstance(fault, engine.driver().Error):
            raise _Cancelled from fault


class _Refusals:
    """The report of refused rows, a CSV under <data>/reports; there is none until there is a refusal."""

    def __init__(self, store: Store, source: Path) -> None:
        self._store = store
        self._source = source
        self._file: TextIO | None = None
        self.path = ""
        self.first: list[str] = []

    def __enter__(self) -> _Refusals:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def drop(self) -> None:
        """Take the report away: the import it is about did not happen."""
        if self._file is not None:
            self._file.close()
            self._file = None
            Path(self.path).unlink(missing_ok=True)

    def begin(self) -> None:
        """Make the file, so that a full disk is known before anything is changed. Raises StorageError."""
        if self._file is None:
            try:
                self._file = self._open()
            except OSError as fault:
                raise _unwritten() from fault

    def finish(self, rows: Iterable[RejectedRow]) -> None:
        """Write the refused rows. Raises StorageError when the disk is full."""
        if self._file is None:
            return
        out = csv.writer(self._file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        try:
            for row in rows:
                reason = _safe(row.reason)
                out.writerow([row.line, reason, _safe(row.raw)])
                if len(self.first) < _PROBLEMS:
                    self.first.append(f"{row.line}: {reason}")
            self._file.flush()
        except OSError as fault:
            raise _unwritten() from fault

    def _open(self) -> TextIO:
        folder = self._store.folder / "reports"
        folder.mkdir(mode=0o700, exist_ok=True)
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self._source.stem)[:40].strip(".-") or "list"
        at = datetime.fromtimestamp(self._store.clock() / 1000, UTC)
        path = folder / f"rejected-{stem}-{at:%Y%m%d-%H%M%S-%f}.csv"
        path.touch(mode=0o600, exist_ok=False)
        self.path = str(path)
        # The mark tells spreadsheets that it is UTF-8.
        file = path.open("w", encoding="utf-8-sig", newline="")
        file.write('"line","reason","row"\r\n')
        return file


def _unwritten() -> StorageError:
    return StorageError("disk_full", "The report of rejected rows cannot be written.")


def _safe(text: str) -> str:
    """Return text as one line that no spreadsheet takes for a formula (OWASP ASVS 1.2.10)."""
    return guarded(clean(text.replace("\n", " \N{PILCROW SIGN} "), 1_200))
