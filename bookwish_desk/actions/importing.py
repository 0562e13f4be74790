"""Importing lists of goods: streams a file into the catalogue and the shop, in small transactions.

Every transaction is whole by itself: killed or cancelled, what is there is right, and importing the
same file again goes on where it stopped and changes nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Protocol, TextIO, TypeVar

import msgspec
from sqlalchemy import select

from bookwish_desk.actions import listing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.listing import Listed, Listing, Source
from bookwish_desk.db import indexing, tables, titles
from bookwish_desk.db.store import Store
from bookwish_desk.shop.catalogue import read_catalogue
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tabular import text_lines
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import ImportReport, RejectedRow, Title, TitleRow, over, refused_row

T = TypeVar("T")

CHUNK = 2_000
"""Rows a transaction of the catalogue."""

SHOP_CHUNK = 200
"""Rows a transaction of the shop's database: a sale waits for at most one of them."""

_PIECE = 65_536
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


class Act(Protocol):
    """How an action on the shop's database is done: at once, or on the lane of its one writer."""

    def __call__(self, action: Callable[[Store], Outcome[T]], /) -> T:
        """Do the action and return its value."""


def import_catalogue(
    store: Store,
    path: Path,
    *,
    actor: Actor | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    act: Act | None = None,
) -> ImportReport:
    """Import a list of titles and goods: new ones are added, what the list says replaces what was there.

    Its stock is the opening stock of items that have never moved, and leaves all others alone.
    Without `actor` (the command line) nobody is asked for permission. `progress` gets the rows read and
    the per cent of the file; `cancelled` is asked between transactions; `act` is `lanes.write_now`
    where there are lanes. Raises Refused when it is no such list, NeedsApproval, StorageError.
    """
    return _import(store, path, False, actor, progress, cancelled, act)


def import_opening_stock(
    store: Store,
    path: Path,
    *,
    actor: Actor | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    act: Act | None = None,
) -> ImportReport:
    """Import a count of the shelves: ISBN, count, shelf and the shop's price, as `import_catalogue` does.

    The count is what stands there now: the difference to what is on hand is moved, with the cause
    "count". A code that the catalogue does not know needs a title in its row.
    """
    return _import(store, path, True, actor, progress, cancelled, act)


def _import(
    store: Store,
    path: Path,
    counts: bool,
    actor: Actor | None,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
    act: Act | None,
) -> ImportReport:
    do = act or _at_once(store)
    if actor is not None:
        do(lambda s: listing.allow(s, actor, counts))
    source = Source(
        id=new_id(),
        file=clean(path.name, 100),
        staff=actor.staff if actor else "",
        register=actor.register if actor else 1,
        counts=counts,
    )
    settings = store.settings
    classes = tuple(c.code for c in settings.tax.classes)
    complete = True
    with _Pieces(path) as pieces, _Refusals(store, path) as refusals:
        run = _Run(store, source, classes, do, refusals)
        rows = read_catalogue(text_lines(pieces), currency=settings.money, tax_classes=classes)
        while chunk := list(islice(rows, CHUNK)):
            if cancelled is not None and cancelled():
                complete = False
                break
            run.take(chunk)
            if progress is not None:
                progress(run.read, pieces.per_cent)
        report = run.report(complete)
        digest = pieces.sha256
    do(lambda s: listing.finish(s, source, digest, report))
    return report


def _at_once(store: Store) -> Act:
    def do(action: Callable[[Store], Outcome[T]], /) -> T:
        return action(store).value

    return do


class _Run:
    """One import on its way: what was seen, what became of it, and where it is written."""

    def __init__(
        self, store: Store, source: Source, classes: Sequence[str], do: Act, refusals: _Refusals
    ) -> None:
        self._store = store
        self._source = source
        self._classes = classes
        self._do = do
        self._refusals = refusals
        self._seen: dict[str, tuple[int, int]] = {}
        self._items: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self.read = 0

    def take(self, chunk: Sequence[TitleRow | RejectedRow]) -> None:
        """Write a chunk: the catalogue in one transaction, then the shop in small ones."""
        self.read += len(chunk)
        refused = [row for row in chunk if isinstance(row, RejectedRow)]
        good: list[TitleRow] = []
        for row in chunk:
            if isinstance(row, TitleRow):
                why = self._refusal(row)
                if why is None:
                    good.append(row)
                elif why:
                    refused.append(refused_row(row.line, row.raw, why))
                else:
                    self._count("unchanged", row)
        became: dict[int, str] = {}
        listings = self._for_shop(self._write_titles(good, became))
        refused += self._write_items(listings, became)
        reasons = {row.line for row in refused}
        for row in good:
            if row.line not in reasons:
                self._count(became[row.line], row)
        self._counts["rejected"] += len(refused)
        self._refusals.write(sorted(refused, key=lambda row: row.line))

    def report(self, complete: bool) -> ImportReport:
        """Return what was done so far."""
        kinds = ("added", "updated", "unchanged", "repaired", "rejected")
        return ImportReport(
            read=self.read,
            **{kind: self._counts[kind] for kind in kinds},
            report_path=self._refusals.path,
            complete=complete,
        )

    def _count(self, outcome: str, row: TitleRow) -> None:
        self._counts[outcome] += 1
        self._counts["repaired"] += row.repaired

    def _refusal(self, row: TitleRow) -> str | None:
        """Return why a row cannot be taken; None when it can, an empty text when it was there already."""
        if self._source.counts and row.stock is None and row.stocked:
            return "There is no count."
        said = hash(msgspec.structs.replace(row, line=0, raw="", repaired=False))
        keys = [key for key in (row.sku, "" if row.ean is None else str(row.ean)) if key]
        for key in keys:
            if key in self._seen:
                line, before = self._seen[key]
                return "" if said == before else f"{key} is in line {line} too, and there it says otherwise."
        self._seen.update((key, (row.line, said)) for key in keys)
        return None

    def _write_titles(self, rows: Sequence[TitleRow], became: dict[int, str]) -> list[Listing]:
        """Write the trade's titles; return what is left to do in the shop."""
        made: list[Title] = []
        changed: list[Title] = []
        left: list[Listing] = []
        with self._store.write_catalogue() as conn:
            known = titles.by_eans(conn, [row.ean for row in rows if row.is_trade and row.ean is not None])
            for row in rows:
                tax_class = self._tax_class(row)
                before = known.get(row.ean) if row.is_trade and row.ean is not None else None
                title: Title | None = before
                became[row.line] = "unchanged"
                if row.is_trade and (row.title if before is None else not self._source.counts):
                    title = over(before, row, tax_class)
                    if before is None:
                        made.append(title)
                        became[row.line] = "added"
                    elif title != before:
                        changed.append(title)
                        became[row.line] = "updated"
                price = before.price_cents if before else None
                adds = title is None or self._is_for_shop(row)
                if adds or (before and title and title.price_cents != price):
                    left.append(Listing(row, title, price, tax_class, adds))
            titles.add(conn, made)
            titles.change(conn, changed)
            indexing.write_words(conn)
        return left

    def _is_for_shop(self, row: TitleRow) -> bool:
        says = row.stock is not None or row.shelf or not row.stocked
        return self._source.counts or not row.is_trade or bool(says)

    def _for_shop(self, listings: Sequence[Listing]) -> list[Listing]:
        """Leave out repriced titles that the shop does not keep: a price list has millions of those."""
        asked = [entry.row.ean for entry in listings if not entry.adds]
        kept: set[int | None] = set()
        if asked:
            with self._store.read() as conn:
                ean = tables.items.c.ean
                kept.update(conn.execute(select(ean).where(ean.in_(asked))).scalars())
        return [entry for entry in listings if entry.adds or entry.row.ean in kept]

    def _tax_class(self, row: TitleRow) -> str:
        wanted = "book" if row.is_book else "general"
        return wanted if wanted in self._classes or not self._classes else self._classes[0]

    def _write_items(self, listings: Sequence[Listing], became: dict[int, str]) -> list[RejectedRow]:
        rows = {entry.row.line: entry for entry in listings}
        refused: list[RejectedRow] = []
        for start in range(0, len(listings), SHOP_CHUNK):
            for done in self._keep(listings[start : start + SHOP_CHUNK]):
                entry = rows[done.line]
                if done.reason:
                    refused.append(refused_row(done.line, entry.row.raw, done.reason))
                elif became[done.line] == "unchanged" and done.outcome != "unchanged":
                    own = entry.title is None or self._source.counts
                    became[done.line] = done.outcome if own else "updated"
        return refused

    def _keep(self, listings: Sequence[Listing]) -> Sequence[Listed]:
        done = self._do(lambda store: listing.keep(store, listings, self._source, self._items))
        self._items.update((one.sku, one.line) for one in done if one.sku)
        return done


class _Pieces:
    """The bytes of a file, piece by piece, with how far it is and the hash of what was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hash = hashlib.sha256()
        self._done = 0

    def __enter__(self) -> _Pieces:
        try:
            self._file = self._path.open("rb")
            self._size = self._path.stat().st_size
        except OSError as fault:
            raise _unreadable(self._path) from fault
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._next():
            yield piece

    def _next(self) -> bytes:
        try:
            piece = self._file.read(_PIECE)
        except OSError as fault:
            raise _unreadable(self._path) from fault
        self._hash.update(piece)
        self._done += len(piece)
        return piece

    @property
    def per_cent(self) -> int:
        """Return how much of the file was read, 0 to 100."""
        return min(100, 100 * self._done // max(1, self._size))

    @property
    def sha256(self) -> str:
        """Return the hash of what was read."""
        return self._hash.hexdigest()


def _unreadable(path: Path) -> StorageError:
    return StorageError(
        "unreadable", f"{clean(path.name, 100)} cannot be read. Check that the file is there."
    )


class _Refusals:
    """The report of refused rows, a CSV under <data>/reports; there is none until there is a refusal."""

    def __init__(self, store: Store, source: Path) -> None:
        self._store = store
        self._source = source
        self._file: TextIO | None = None
        self.path = ""

    def __enter__(self) -> _Refusals:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: Sequence[RejectedRow]) -> None:
        """Append rows. Raises StorageError when the disk is full or cannot be written."""
        if not rows:
            return
        try:
            file = self._file or self._open()
            out = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            out.writerows([row.line, _safe(row.reason), _safe(row.raw)] for row in rows)
            file.flush()
        except OSError as fault:
            raise StorageError("disk_full", "The report of rejected rows cannot be written.") from fault

    def _open(self) -> TextIO:
        folder = self._store.folder / "reports"
        folder.mkdir(mode=0o700, exist_ok=True)
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self._source.stem)[:40].strip(".-") or "list"
        at = datetime.fromtimestamp(self._store.clock() / 1000, UTC)
        path = folder / f"rejected-{stem}-{at:%Y%m%d-%H%M%S-%f}.csv"
        path.touch(mode=0o600, exist_ok=False)
        # The mark tells spreadsheets that it is UTF-8.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self.path = str(path)
        self._file.write('"line","reason","row"\r\n')
        return self._file


def _safe(text: str) -> str:
    """Return text as one line that no spreadsheet takes for a formula (OWASP ASVS 1.2.10)."""
    plain = clean(text.replace("\n", " \N{PILCROW SIGN} "), 1_200)
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
