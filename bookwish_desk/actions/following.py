"""The shop's items follow an import: rows that are owed with the new catalogue, some in each transaction.

The shop's own database remembers how far they came. So an import that was killed, or that found no room,
goes on from there: nothing is done, moved or journalled twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions import listing
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.listing import Listed, Listing, Source
from bookwish_desk.db import owed, titles
from bookwish_desk.db.owed import Owed
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.title import ImportReport, Title

CHUNK = 200
"""Rows a transaction of the shop's database: a sale waits for at most one of them."""

T = TypeVar("T")


class Act(Protocol):
    """How an action on the shop's database is done: at once, or on the lane of its one writer."""

    def __call__(self, action: Callable[[Store], Outcome[T]], /) -> T:
        """Do the action and return its value."""


class Debt(msgspec.Struct, frozen=True):
    """An import whose catalogue is in: where it came from, its file's hash, and what it did so far."""

    source: Source
    sha256: str
    report: ImportReport


_debt = msgspec.json.Decoder(Debt)


def at_once(store: Store) -> Act:
    """Return how an action is done where there are no lanes."""

    def do(action: Callable[[Store], Outcome[T]], /) -> T:
        return action(store).value

    return do


def classes(settings: Settings) -> tuple[str, str]:
    """Return the tax classes of books and of other goods."""
    codes = [c.code for c in settings.tax.classes]
    book, other = (code if code in codes or not codes else codes[0] for code in ("book", "general"))
    return book, other


def settle(store: Store, do: Act, stopped: Callable[[], bool]) -> bool:
    """Go on with an import that came to its catalogue and no further; say whether nothing is owed now.

    Whoever asks for it holds the claim on imports (`folder.claim_import`). Raises StorageError; what is
    left then, or once it is `stopped`, is owed until the next time.
    """
    with store.read() as conn:
        body = owed.owing(conn)
    if body is None:
        return True
    following = Following(store, do, _debt.decode(body))
    if not following.go_on(stopped):
        return False
    following.finish(following.report)
    return True


class Following:
    """The shop's items on their way to where a list is. `report` is what the import did so far.

    `refused` hears of rows that are refused here: their line, and why in words.
    """

    def __init__(
        self, store: Store, do: Act, debt: Debt, refused: Callable[[list[Listed]], None] = lambda _rows: None
    ) -> None:
        self._store = store
        self._do = do
        self._debt = debt
        self._refused = refused
        self._classes = classes(store.settings)
        self._lines: dict[str, int] = {}
        self._changes: Counter[str] = Counter()

    @property
    def report(self) -> ImportReport:
        """Return what the import did so far."""
        said = self._debt.report
        names = ("added", "updated", "repaired", "rejected")
        now = replace(said, **{name: getattr(said, name) + self._changes[name] for name in names})
        return replace(now, unchanged=now.read - now.added - now.updated - now.rejected)

    def go_on(self, stopped: Callable[[], bool], tell: Callable[[int, int], None] | None = None) -> bool:
        """Follow all rows that are left, or until it is `stopped`; say whether none is left.

        `tell` gets how many are done, and the per cent of the list.
        """
        with self._store.read() as conn:
            line = listing.followed(conn, self._debt.source)
        done = 0
        while line is not None and (some := self._after(line)):
            if stopped():
                return False
            self._follow(some)
            line = some[-1].row.line
            done += len(some)
            if tell is not None:
                tell(done, min(99, 100 * line // max(1, self._debt.report.read)))
        return True

    def _after(self, line: int) -> list[Owed]:
        with self._store.read() as conn:
            return owed.after(conn, line, CHUNK)

    def _follow(self, some: list[Owed]) -> None:
        with self._store.read() as conn:
            known = titles.by_eans(conn, [o.row.ean for o in some if o.row.is_trade and o.row.ean])
        listings = [self._listing(one, known) for one in some]
        kept = self._do(lambda store: listing.keep(store, listings, self._debt.source, self._lines))
        self._lines.update((one.sku, one.line) for one in kept if one.sku)
        for done, one, entry in zip(kept, some, listings, strict=True):
            if done.reason:
                self._changes[one.became] -= 1
                self._changes["repaired"] -= one.row.repaired
                self._changes["rejected"] += 1
            elif one.became == "unchanged" and done.outcome != "unchanged":
                own = entry.title is None or self._debt.source.counts
                self._changes[done.outcome if own else "updated"] += 1
        self._refused([done for done in kept if done.reason])

    def _listing(self, one: Owed, known: dict[int, Title]) -> Listing:
        row = one.row
        title = known.get(row.ean) if row.is_trade and row.ean is not None else None
        old = title.price_cents if title is not None and one.became == "unchanged" else one.old_price_cents
        book, other = self._classes
        return Listing(row, title, old, book if row.is_book else other, one.adds)

    def finish(self, report: ImportReport) -> None:
        """Journal the import with its report, and owe nothing any more."""
        debt = self._debt
        with self._store.read() as conn:
            journalled = listing.followed(conn, debt.source) is None
        if not journalled:
            self._do(lambda store: listing.finish(store, debt.source, debt.sha256, report))
        with self._store.write_catalogue() as conn:
            owed.forget(conn)
