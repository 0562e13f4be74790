"""Reads the online store: what changed, what is open, its stock, and every night everything.

Each way of reading is a generator that does a page or a few orders at a time, so that whoever runs it can do
other things in between. A page and how far it goes are kept in one transaction; absence deletes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from bookwish_desk.actions import downloading
from bookwish_desk.db import online
from bookwish_desk.db.store import Store
from bookwish_desk.shop import far_order, far_status
from bookwish_desk.shop.online import (
    FeedPage,
    OnlineItem,
    OnlineOrder,
    OrderRow,
    StockFeedPage,
)
from bookwish_desk.shop.sync_state import Progress
from bookwish_desk.sync.port import Reply
from bookwish_desk.sync.sending import said
from bookwish_desk.sync.taking_in import NO_ANSWER, BrokenOff, Intake, Mark, Tally
from bookwish_desk.sync.taking_in import moment as read_moment

T = TypeVar("T")

OVERLAP_MS = 120_000
"""What changed so long before the last change that was read is read again: it may have come out late."""
PAGE = 100
AT_ONCE = 64
"""So many orders are read before anything else has its turn."""
ITEMS = 25
AGAIN = 3
"""A list that moves while it is read is begun anew so many times."""
ON_THEIR_WAY_DAYS = 60
"""What was shipped longer ago is not read each quarter of an hour: the nightly comparison is enough."""
MOST_PAGES = 5_000
LOOKED_INTO = 20
"""So many orders are looked into before a list is held to be somebody's own purchases."""
REPEATED = "The store repeats the same page of its list."
FEED, SINCE, STOCK = "orders.feed", "orders.since", "stock.feed"

ONLY_OWN = (
    "The online store shows only what the signed-in account has ordered itself, not the orders of the shop."
    " No orders are taken from it. Type them in with New order on the Orders screen, by their number."
)
NO_ORDERS = (
    "The store lists no orders. If the shop has some there, this account is not shown them: type them in"
    " with New order on the Orders screen, by their number."
)
"""Said once, of the first reading: an account that has ordered nothing may see no more than that."""


class Pulling:
    """Reads with what orders are taken in with: through its port, for the store that its settings name."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._port, self._books, self._lines = intake.port, intake.books, intake.lines
        self._reach, self._settings = intake.reach, intake.settings
        self._unjudged = False
        self.only_own = ""
        """Why no orders are read, where the store gives only the purchases of whoever is signed in."""

    def begin_anew(self) -> None:
        """Forget what was found out of the account that was signed in."""
        self.only_own = ""
        self._intake.begin_anew()

    # ---- orders ----

    def orders(self, tally: Tally, wait_s: int = 0) -> Iterator[None]:
        """Read what changed, the best way that the store offers; `wait_s` is for a feed that can wait."""
        able = self._port.abilities
        if able.feed:
            yield from self._feed(tally, wait_s)
        elif able.changed_since:
            yield from self._since(tally)
        else:
            yield from self._changed_of_list(tally)
        self._judge_stock()

    def _feed(self, tally: Tally, wait_s: int) -> Iterator[None]:
        name = self._name(FEED)
        cursor = self._mark(name)
        reply = self._port.order_feed(cursor, PAGE, wait_s)
        for _ in range(MOST_PAGES):
            if reply.result == "gone" and cursor:
                tally.say("The store has forgotten how far was read: it is read from the start.")
                cursor = ""
                reply = self._port.order_feed(cursor, PAGE)
                continue
            page: FeedPage = self._got(reply)
            following = self._ahead_of(page) if _goes_on(page, cursor, tally) else None
            self._leave_out(page, tally)
            mine = self._intake.ours(page.orders, tally, scoped=True)
            moved = (name, page.cursor) if page.cursor != cursor else None
            self._count(tally, len(page.orders))
            self._intake.take_in(mine, tally, moved)
            if following is None:
                return
            yield
            cursor, reply = page.cursor, following()

    def _leave_out(self, page: FeedPage, tally: Tally) -> None:
        """Count what cannot be read, and show which orders that are."""
        tally.left_out += page.skipped
        self._intake.note_unreadable(page.unread, tally)

    def _ahead_of(self, page: FeedPage) -> Callable[[], Reply[FeedPage]]:
        """Ask for the page after this one while this one is taken in."""
        return self._lines.ahead(partial(self._port.order_feed, page.cursor, PAGE))

    def _since(self, tally: Tally) -> Iterator[None]:
        name = self._name(SINCE)
        reached = _watermark(self._mark(name))
        able = self._port.abilities
        moment, after = earlier(reached[0], max(OVERLAP_MS, 2 * able.clock_tick_ms)), ""
        for _ in range(MOST_PAGES):
            page = self._got(self._port.orders_since(moment, after, PAGE))
            tally.left_out += page.skipped
            self._count(tally, len(page.rows))
            if page.rows:
                last = page.rows[-1]
                reached = max(reached, (last.updated, last.id))
                moved = (last.updated, last.id) != (moment, after)
                moment, after = last.updated, last.id
                self._intake.read(page.rows, tally, (name, " ".join(reached)), scoped=True)
                if page.more and not moved:
                    raise BrokenOff(REPEATED)
            if not page.more or not page.rows:
                return
            yield

    def _changed_of_list(self, tally: Tally) -> Iterator[None]:
        rows = yield from self._list(tally)
        if not rows and tally.progress is not None:
            tally.say(NO_ORDERS)
        yield from self._differing(rows, tally)

    def compare(self, tally: Tally) -> Iterator[None]:
        """Hold all that the store has against what is here, and note which open orders it does not have."""
        self._intake.look_anew()
        if self._port.abilities.feed:
            ids = yield from self._whole_feed(tally)
        else:
            rows = yield from self._list(tally)
            yield from self._differing(rows, tally)
            ids = {row.id for row in rows}
        if tally.complete and not self.only_own:
            tally.missing = self._books.read(lambda s: _open_but_not(s, self._settings().source, ids))

    def _whole_feed(self, tally: Tally) -> Generator[None, None, set[str]]:
        """Walk a feed from its start without moving the mark; return the ids that are in it."""
        ids: set[str] = set()
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._got(self._port.order_feed(cursor, PAGE))
            self._leave_out(page, tally)
            mine = self._intake.ours(page.orders, tally, scoped=True)
            ids.update(order.id for order in mine)
            ids.update(row.id for row in page.unread)
            self._count(tally, len(page.orders))
            known = self._intake.known(mine)
            # A page may hold older states of an order as well: only the latest is held against ours.
            latest = {order.id: order for order in mine}
            differing = [o for o in latest.values() if known.get(o.id) != (o.updated, o.status)]
            self._intake.read([_row(o) for o in differing], tally, None, scoped=True)
            if not _goes_on(page, cursor, tally):
                return ids
            cursor = page.cursor
            yield
        return ids

    def open_orders(self, tally: Tally) -> Iterator[None]:
        """Read every order again that is open here or there: stores forget to say that one has changed."""
        source = self._settings().source
        far_ids = self._books.read(lambda s: _open(s, source))
        self._count(tally, len(far_ids))
        for start in range(0, len(far_ids), AT_ONCE):
            rows = [OrderRow(far_id, "", "") for far_id in far_ids[start : start + AT_ONCE]]
            self._intake.read(rows, tally, None, scoped=True, whatever=True)
            yield

    def _list(self, tally: Tally) -> Generator[None, None, tuple[OrderRow, ...]]:
        """Read every page of the order list (API.md 7.1) and return its rows; begin anew where it moves."""
        rows: dict[str, OrderRow] = {}
        for _ in range(1 + AGAIN):
            rows, offset = {}, 0
            page = self._got(self._port.order_list(0, PAGE))
            head, total = page.rows[:1], page.total
            moved = False
            for _ in range(MOST_PAGES):
                rows.update((row.id, row) for row in page.rows)
                offset += len(page.rows) + page.skipped
                if _ended(offset, page.total, page.more, len(page.rows) + page.skipped):
                    break
                yield
                page = self._got(self._port.order_list(offset, PAGE))
                if page.total != total:
                    moved = True
                    break
            if not moved and offset > PAGE:
                first = self._got(self._port.order_list(0, PAGE))
                moved = first.rows[:1] != head or first.total != total
            if not moved:
                break
        else:
            tally.complete = False
            tally.say("The list moved each time it was read: some of it may be missing.")
        tally.seen += len(rows)
        return tuple(rows.values())

    def _differing(self, rows: Sequence[OrderRow], tally: Tally) -> Iterator[None]:
        """Read the orders of a list that are new or changed, of the configured store only."""
        store_id = self._settings().store_id
        named = [row for row in rows if row.store_id in ("", store_id)]
        tally.left_out += len(rows) - len(named) + sum(map(self._intake.is_left_out, named))
        known = self._intake.known(named)
        if self._looks_own(rows, bool(known)):
            names_us = yield from self._look_into(named[:LOOKED_INTO], store_id)
            if not names_us:
                self.only_own = ONLY_OWN
                tally.left_out += len(named)
                tally.say(ONLY_OWN)
                return
        self.only_own = ""
        new = [row for row in named if self._intake.is_new(row, known)]
        for start in range(0, len(new), AT_ONCE):
            tally.progress = tally.progress and Progress(start, len(new), "orders")
            self._intake.read(new[start : start + AT_ONCE], tally, None, scoped=False, whatever=True)
            yield

    def _looks_own(self, rows: Sequence[OrderRow], any_known: bool) -> bool:
        account, store_id = self._settings().account, self._settings().store_id
        if not rows or any_known or not account:
            return False
        return all(row.user_id == account and row.store_id != store_id for row in rows)

    def _look_into(self, rows: Sequence[OrderRow], store_id: str) -> Generator[None, None, bool]:
        """Say whether one of these orders names the store."""
        for row in rows:
            reply = self._port.order(row.id)
            self._reach.hear(row.id, reply)
            if reply.value is not None and far_order.is_of(reply.value, store_id):
                return True
            yield
        return False

    # ---- stock ----

    def stock(self, tally: Tally, *, whole: bool = False) -> Iterator[None]:
        """Observe the store's stock, by its feed where it has one; the next orders read judge it."""
        name = self._name(STOCK)
        if self._port.abilities.stock_feed:
            if whole or not self._mark(name):
                yield from self._stock_list(tally)
            yield from self._stock_feed(tally, name)
        else:
            yield from self._stock_list(tally)
        self._unjudged = True

    def _judge_stock(self) -> None:
        """Hold the store's stock as it was observed against ours.

        Only once the orders were read that it was observed with: their copies would be missing else.
        """
        if self._unjudged:
            counts = self._books.read(downloading.stock_counts)
            for start in range(0, max(1, len(counts)), ITEMS):
                part = counts[start : start + ITEMS]
                self._books.act(partial(downloading.compare_stock, counts=part))
            self._unjudged = False

    def _stock_list(self, tally: Tally) -> Iterator[None]:
        offset = 0
        reply = self._port.stock_list(0, PAGE)
        for _ in range(MOST_PAGES):
            page = self._got(reply)
            offset += len(page.items) + page.skipped
            tally.left_out += page.skipped
            ended = _ended(offset, page.total, page.more, len(page.items) + page.skipped)
            following = None if ended else self._lines.ahead(partial(self._port.stock_list, offset, PAGE))
            self._count(tally, len(page.items))
            tally.progress = tally.progress and Progress(offset, page.total or 0, "stock")
            self._observe(page.items, (), tally, None)
            if following is None:
                return
            yield
            reply = following()

    def _stock_feed(self, tally: Tally, name: str) -> Iterator[None]:
        cursor = self._mark(name)
        for _ in range(MOST_PAGES):
            reply = self._port.stock_feed(cursor, PAGE)
            if reply.result == "gone" and cursor:
                cursor = ""
                yield from self._stock_list(tally)
                continue
            page: StockFeedPage = self._got(reply)
            tally.left_out += page.skipped
            self._count(tally, len(page.items) + len(page.removed))
            moved = (name, page.cursor) if page.cursor != cursor else None
            self._observe(page.items, page.removed, tally, moved)
            if not _goes_on(page, cursor, tally):
                return
            cursor = page.cursor
            yield

    def _observe(
        self, items: Sequence[OnlineItem], removed: Sequence[str], tally: Tally, mark: Mark | None
    ) -> None:
        chunks = [items[start : start + ITEMS] for start in range(0, len(items), ITEMS)] or [()]
        for chunk in chunks:
            last = chunk is chunks[-1]
            if not (chunk or (last and (removed or mark))):
                continue
            gone, moved = (removed, mark) if last else ((), None)
            self._books.act(partial(downloading.observe_stock, items=chunk, removed=gone, mark=moved))

    # ---- what all share ----

    def _got(self, reply: Reply[T]) -> T:
        """Return what a reply brought. Raises BrokenOff where it brought nothing."""
        self._reach.hear("", reply)
        if reply.result != "done" or reply.value is None:
            raise BrokenOff(said(reply) or NO_ANSWER)
        return reply.value

    def _count(self, tally: Tally, rows: int) -> None:
        tally.seen += rows
        if tally.progress is not None and tally.progress.what == "orders" and not tally.progress.total:
            tally.progress = Progress(tally.progress.done + rows, 0, "orders")

    def _name(self, mark: str) -> str:
        """Return the name of a mark: each store has its own."""
        return f"{mark}@{self._settings().store_id}"

    def _mark(self, name: str) -> str:
        return self._books.read(lambda s: _mark(s, name))


def earlier(moment: str, ms: int) -> str:
    """Return a moment as the store writes it, so much earlier; "" (the beginning) for what cannot be read."""
    read = read_moment(moment)
    if read is None:
        return ""
    try:
        then = (read - timedelta(milliseconds=ms)).astimezone(UTC)
    except OverflowError:  # the year 1, which some systems write for never
        return ""
    _, dot, rest = moment.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789")) if dot else 0
    fraction = f".{then.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{then:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _watermark(mark: str) -> tuple[str, str]:
    moment, _, far_id = mark.partition(" ")
    return moment, far_id


def _ended(offset: int, total: int | None, more: bool, rows: int) -> bool:
    """Say whether a list ends here; a page without rows ends it, whatever the server says."""
    if not rows:
        return True
    return offset >= total if total is not None else not more


def _goes_on(page: FeedPage | StockFeedPage, cursor: str, tally: Tally) -> bool:
    """Say whether more of a feed follows; one that stays where it is would go on for ever."""
    if page.more and page.cursor == cursor:
        tally.say(REPEATED)
        tally.complete = False
        return False
    return page.more


def _row(order: OnlineOrder) -> OrderRow:
    return OrderRow(order.id, order.number, order.status, order.updated, order.store_id, order.user_id)


def _mark(store: Store, name: str) -> str:
    with store.read() as conn:
        return online.mark(conn, name)


def _open(store: Store, source: str) -> tuple[str, ...]:
    with store.read() as conn:
        since = datetime.fromtimestamp(store.clock() / 1_000, UTC) - timedelta(days=ON_THEIR_WAY_DAYS)
        return online.open_far_ids(conn, source, far_status.ENDED, f"{since:%Y-%m-%d}")


def _open_but_not(store: Store, source: str, far_ids: set[str]) -> tuple[str, ...]:
    """Return the numbers of the open orders that are not among these ids of the store."""
    with store.read() as conn:
        missing = [x for x in online.open_far_ids(conn, source, far_status.ENDED) if x not in far_ids]
        links = [online.order_link(conn, source, far_id) for far_id in missing]
    return tuple(found.far.number or found.far_id for found in links if found is not None)
