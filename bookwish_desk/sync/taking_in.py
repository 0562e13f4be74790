"""Reads orders of the online store one by one and takes them into the books, a few with each commit.

Which orders are read is `sync.pulling`. What could not be read or taken in keeps no other waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from bookwish_desk.actions import downloading
from bookwish_desk.db import online
from bookwish_desk.db.store import Store
from bookwish_desk.shop import far_order
from bookwish_desk.shop.online import OnlineOrder, OnlineSettings, OrderRow
from bookwish_desk.shop.sync_state import Progress
from bookwish_desk.sync.books import Books
from bookwish_desk.sync.lines import Lines
from bookwish_desk.sync.port import UNREADABLE, OnlineStore, Reply
from bookwish_desk.sync.reach import Reach
from bookwish_desk.sync.sending import said

CHUNK = 8
"""So many orders are taken in with one commit, fewer where somebody waits for the books meanwhile."""
IN_VAIN = 3
"""An order that cannot be read so many times is left out, so that it holds nothing up."""
NO_ANSWER = "The store did not answer."
NOBODYS = "Orders that do not say of which shop they are are left out: the list may hold those of others."

Mark = tuple[str, str]
Rows = Sequence[OrderRow] | Sequence[OnlineOrder]


class BrokenOff(Exception):
    """A pass cannot go on now; the words say why."""


class Tally(msgspec.Struct):
    """What a pass has come to so far; see `shop.sync_state.Pass`."""

    seen: int = 0
    changed: int = 0
    left_out: int = 0
    missing: tuple[str, ...] = ()
    words: str = ""
    complete: bool = True
    progress: Progress | None = None

    def say(self, words: str) -> None:
        """Keep why it is not all that it should be; the first reason stays."""
        self.words = self.words or words


class Intake:
    """Reads and takes in, for the store that the settings name; remembers what is not worth reading again."""

    def __init__(
        self,
        port: OnlineStore,
        books: Books,
        lines: Lines,
        reach: Reach,
        settings: Callable[[], OnlineSettings],
    ) -> None:
        self.port = port
        self.books = books
        self.lines = lines
        self.reach = reach
        self.settings = settings
        self._foreign: dict[str, tuple[str, str]] = {}
        self._unsettled: set[str] = set()
        self._vain: dict[str, int] = {}

    def begin_anew(self) -> None:
        """Forget what was found out of the account that was signed in."""
        self._foreign.clear()
        self._vain.clear()

    def look_anew(self) -> None:
        """Read once more what was left out: an order may be ours, or fit to be read, after all."""
        self._foreign.clear()

    def known(self, rows: Rows) -> dict[str, tuple[str, str]]:
        """Return by the store's id how each of these orders was when it was last heard of."""
        return self.books.read(partial(_seen, source=self.settings().source, rows=rows))

    def is_new(self, row: OrderRow, known: dict[str, tuple[str, str]]) -> bool:
        """Say whether an order is to be read: it is new or changed, or was read in the tick of its change."""
        now = (row.updated, row.status)
        return not self.is_left_out(row) and (known.get(row.id) != now or row.id in self._unsettled)

    def is_left_out(self, row: OrderRow) -> bool:
        """Say whether an order was read as it is now and is none for us."""
        return self._foreign.get(row.id) == (row.updated, row.status)

    def read(
        self,
        rows: Sequence[OrderRow],
        tally: Tally,
        mark: Mark | None,
        *,
        scoped: bool,
        whatever: bool = False,
    ) -> None:
        """Read orders over several lines and take them in a few at a time; move the mark with the last.

        `whatever` reads each of them; else those that are known as they are in the row are left.
        """
        if not whatever:
            known = self.known(rows)
            rows = [row for row in rows if self.is_new(row, known)]
        jobs = [partial(self._read_one, row.id) for row in rows]
        wanted = {row.id: row for row in rows}
        group: list[OnlineOrder] = []
        broken: Reply[OnlineOrder] | None = None
        for far_id, reply in self.lines.each(jobs, self.lines.count):
            if reply.value is not None and reply.result == "done":
                self._vain.pop(far_id, None)
                self._note_settled(reply.value, reply.server_at)
                group.extend(self.ours((reply.value,), tally, scoped=scoped))
            elif self._left_out(wanted[far_id], reply, tally):
                continue
            else:
                broken = broken or reply
            if len(group) >= CHUNK:
                self.take_in(group, tally)
                group = []
        self.take_in(group, tally, None if broken else mark)
        if broken is not None:
            raise BrokenOff(said(broken) or NO_ANSWER)

    def _read_one(self, far_id: str) -> tuple[str, Reply[OnlineOrder]]:
        if self.reach.holds:
            return far_id, Reply("not_sent", words=self.reach.words)
        return far_id, self.reach.hear(far_id, self.port.order(far_id))

    def _left_out(self, row: OrderRow, reply: Reply[OnlineOrder], tally: Tally) -> bool:
        """Say whether to go on without an order that could not be read.

        One that the store does not give is asked for again once it changes, or at night: a list is read
        each minute, and would use up what requests there are.
        """
        far_id = row.id
        if reply.result in ("refused", "gone", "not_offered"):
            tally.say(f"Order {row.number or far_id} could not be read: {said(reply)}")
            if row.updated or row.status:
                self._foreign[far_id] = (row.updated, row.status)
            return True
        if reply.result != "unknown":
            return False
        self._vain[far_id] = tries = self._vain.get(far_id, 0) + 1
        if tries < IN_VAIN:
            return False
        tally.say(f"Order {far_id} cannot be read: {said(reply)}")
        tally.complete = False
        if tries == IN_VAIN and reply.code == UNREADABLE:
            self.note_unreadable((row,), tally)
        return True

    def note_unreadable(self, rows: Sequence[OrderRow], tally: Tally) -> None:
        """Show orders that the store has and that cannot be read."""
        if rows:
            self.books.act(partial(downloading.note_unreadable, rows=rows))
            tally.left_out += len(rows)
            tally.say(f"Order {rows[0].number or rows[0].id} cannot be read: see the differences.")

    def _note_settled(self, order: OnlineOrder, server_at: int) -> None:
        """Remember orders that were read in the moment of their change: the next may have the same time."""
        changed = moment(order.updated)
        tick = 2 * self.port.abilities.clock_tick_ms
        if changed is None or not server_at or server_at - int(changed.timestamp() * 1000) > tick:
            self._unsettled.discard(order.id)
        else:
            self._unsettled.add(order.id)

    def ours(self, orders: Sequence[OnlineOrder], tally: Tally, *, scoped: bool) -> list[OnlineOrder]:
        """Leave out orders of other stores; one that names none is ours in a list of the shop (`scoped`)."""
        store_id = self.settings().store_id
        mine: list[OnlineOrder] = []
        for order in orders:
            named = far_order.is_of(order, store_id) or (scoped and far_order.names_no_store(order))
            if named and not order.direct:
                mine.append(order)
            else:
                self._foreign[order.id] = (order.updated, order.status)
                tally.left_out += 1
                if far_order.names_no_store(order) and not order.direct:
                    tally.say(NOBODYS)
        return mine

    def take_in(self, orders: Sequence[OnlineOrder], tally: Tally, mark: Mark | None = None) -> None:
        """Take orders in, a few with each commit; the mark moves with the last of them."""
        apply = partial(downloading.apply_orders, abilities=self.port.abilities, wanted=self.books.wanted)
        rest = tuple(orders)
        while rest or mark is not None:
            chunk = rest[:CHUNK]
            last = mark if len(chunk) == len(rest) else None
            taken = self.books.act(partial(apply, orders=chunk, mark=last))
            chunk, rest = chunk[: taken.orders], rest[taken.orders :]
            tally.changed += taken.new + taken.changed + taken.history
            tally.left_out += taken.left_out
            if taken.failed:
                self._note_failed(chunk, tally)
            if not rest:
                return

    def _note_failed(self, orders: Sequence[OnlineOrder], tally: Tally) -> None:
        """Remember orders that could not be taken over: only once they change, or at night, again."""
        known = self.known(orders)
        for order in orders:
            now = (order.updated, order.status)
            if known.get(order.id) != now:
                self._foreign[order.id] = now
                tally.say(f"Order {order.number or order.id} could not be taken over: see the differences.")


def moment(text: str) -> datetime | None:
    """Return a time as a store writes it, None for what is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _seen(store: Store, source: str, rows: Rows) -> dict[str, tuple[str, str]]:
    with store.read() as conn:
        return online.seen(conn, source, [row.id for row in rows])
